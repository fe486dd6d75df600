"""A made-up district of firms, and the books that five offices keep of them: who is who is known.

Imports nothing of what it tests. The names are drawn from common characters; any likeness to a firm is chance.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
BRAND_CHARS = (
    "华东海申沪普真曹长宁安泰康健鑫盛达利丰宏伟嘉美佳优创新科锦绣天地恒久永信诚德仁义和平光明晨曦星辰云山川江河湖源清"
    "绿青蓝金银铜铁木林森松柏梅兰竹菊春夏秋冬南北中正元亨贞祥瑞福禄寿喜庆欣荣昌隆兴旺发展腾飞跃龙凤麒麟鹏程万里百千亿"
)
TRADES = (
    "建设工程 建筑安装 市政工程 环保科技 环境工程 汽车维修 汽车销售 物业管理 餐饮管理 食品 印刷 包装材料 "
    "家具 装饰工程 混凝土 化工 涂料 金属制品 机械制造 电子科技 纺织 服装 洗涤 医药 医疗器械 物流 仓储 "
    "园林绿化 电镀 塑料制品 玻璃 木业 文化传播 信息技术"
).split()
STREETS = (
    "真北路 曹杨路 金沙江路 武宁路 长寿路 中山北路 大渡河路 怒江北路 铜川路 桃浦路 祁连山路 真光路 梅川路 "
    "兰溪路 枣阳路 光复西路 西康路 常德路 江宁路 澳门路 交通路 新村路 "
    "岚皋路 华池路 宜川路 石泉路 管弄路 白玉路 东新路 普雄路"
).split()
FORMS = (
    "有限公司",
    "有限公司",
    "有限公司",
    "有限责任公司",
    "股份有限公司",
    "集团有限公司",
    "厂",
    "合伙企业（有限合伙）",
)
LIKE = {"华": "化", "源": "原", "申": "伸", "诚": "城", "佳": "嘉", "明": "铭", "鑫": "金", "辰": "晨", "康": "慷"}


@dataclass(frozen=True)
class Firm:
    number: int
    code: str
    name: str
    former: tuple[str, ...]
    short: str
    street: str
    house: int
    room: str
    x: float
    y: float
    old_number: str


@dataclass(frozen=True)
class Line:
    """What one office wrote about one firm; `firm` is the truth."""

    firm: int
    kind: str
    key: str
    name: str
    address: str
    code: str  # as written; may be wrong
    old_number: str = ""
    org_code: str = ""
    former: tuple[str, ...] = ()
    x: float | None = None
    y: float | None = None


@dataclass
class World:
    firms: list[Firm] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)


def check(body: str) -> str:
    total = sum(ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(body))
    return ALPHABET[-total % 31]


def credit_code(rng: random.Random) -> str:
    body = "91310107MA1" + "".join(rng.choice(ALPHABET) for _ in range(6))
    return body + check(body)


def make(seed: int, firms: int = 1000, *, harder: bool = False) -> World:
    """`harder`: more typos, fewer addresses and places, more sisters and branches."""
    rng = random.Random(seed)
    world = World()
    streets = {street: (rng.uniform(0, 6000), rng.uniform(0, 8000), rng.uniform(0, 3.14)) for street in STREETS}
    while len(world.firms) < firms:
        _family(world, rng, streets, harder)
    del world.firms[firms:]
    for firm in world.firms:
        _write(world, firm, rng, harder)
    rng.shuffle(world.lines)
    return world


def _family(world: World, rng: random.Random, streets: dict, harder: bool) -> None:
    brand = "".join(rng.choice(BRAND_CHARS) for _ in range(rng.choice((2, 2, 2, 3, 3, 4))))
    size = rng.choices((1, 2, 3, 5), (70, 14, 9, 7) if not harder else (50, 22, 15, 13))[0]
    mother = None
    for i in range(size):
        trade = rng.choice(TRADES)
        region = rng.choice(("上海", "上海", "上海市", "上海普陀", "上海市普陀区", ""))
        form = rng.choice(FORMS)
        name = f"{region}{brand}{trade}{form}"
        if i and rng.random() < 0.35 and mother is not None:
            which = rng.choice(("普陀", "第一", "第二", "第三", "曹杨", "真北", "长寿路", "桃浦"))
            name = f"{mother.name}{which}分公司"
            trade = mother.short[len(brand) :]
        street = mother.street if mother is not None and rng.random() < 0.5 else rng.choice(STREETS)
        house = mother.house if mother is not None and street == mother.street else rng.randint(1, 1999)
        x0, y0, turn = streets[street]
        x, y = x0 + house * 1.5 * (1 if turn < 1.57 else -0.6), y0 + house * (0.4 if turn < 1.57 else 1.4)
        former = ()
        if rng.random() < 0.12:
            former = (f"上海{''.join(rng.choice(BRAND_CHARS) for _ in range(2))}{trade}有限公司",)
        room = rng.choice(("", "", f"{rng.randint(1, 9)}幢", f"{rng.randint(101, 2205)}室", f"{rng.randint(1, 6)}楼"))
        firm = Firm(
            len(world.firms), credit_code(rng), name, former, brand + trade, street, house, room, x, y,
            f"310107{rng.randint(0, 999999999):09d}",
        )  # fmt: skip
        world.firms.append(firm)
        mother = mother or firm


def _write(world: World, firm: Firm, rng: random.Random, harder: bool) -> None:
    number = 0

    def line(kind: str, name: str, code: str, **more) -> None:
        nonlocal number
        number += 1
        place = {}
        if rng.random() < (0.4 if harder else 0.7):
            place = {"x": firm.x + rng.gauss(0, 40), "y": firm.y + rng.gauss(0, 40)}
        address = _address(firm, rng) if rng.random() < (0.6 if harder else 0.85) else ""
        world.lines.append(
            Line(firm.number, kind, f"{kind}-{firm.number}-{number}", name, address, code, **place, **more)
        )

    if rng.random() < 0.92:  # the rest are registered nowhere with a code
        line("enterprise", firm.name, firm.code, former=firm.former)
    if rng.random() < 0.5:
        line("permit", _typed(firm.name, rng, harder), _code(firm.code, rng, 0.06))
    for _ in range(rng.choice((0, 0, 1, 1, 2))):
        old = firm.former[0] if firm.former and rng.random() < 0.5 else firm.name
        line("inspection", _typed(old, rng, harder), firm.code if rng.random() < 0.2 else "")
    if rng.random() < 0.25:
        said = firm.short if rng.random() < 0.5 and "分公司" not in firm.name else firm.name
        line("complaint", _typed(said, rng, harder), "")
    if rng.random() < 0.2:
        old = {"old_number": firm.old_number} if rng.random() < 0.5 else {"org_code": firm.code[8:17]}
        line("enterprise", _typed(firm.former[0] if firm.former else firm.name, rng, harder), "", **old)


def _address(firm: Firm, rng: random.Random) -> str:
    front = rng.choice(("上海市普陀区", "普陀区", "上海市", "", "上海普陀"))
    blank = rng.choice(("", "", " "))
    sign = rng.choice(("号", "号", "号", " "))
    room = firm.room if rng.random() < 0.7 else ""
    return f"{front}{firm.street}{blank}{firm.house}{sign}{room}".strip()


def _code(code: str, rng: random.Random, share: float) -> str:
    if rng.random() >= share:
        return code
    at = rng.randrange(8, 17)
    if rng.random() < 0.3:
        return code[:at] + code[at + 1] + code[at] + code[at + 2 :]
    return code[:at] + rng.choice(ALPHABET) + code[at + 1 :]


def _typed(name: str, rng: random.Random, harder: bool) -> str:
    if rng.random() < 0.3:
        name = (
            name.replace("有限公司", "有限责任公司") if "有限公司" in name else name.replace("有限责任公司", "有限公司")
        )
    if rng.random() < 0.2 and name.startswith("上海"):
        name = name.replace("上海市", "上海") if name.startswith("上海市") else name.replace("上海", "上海市", 1)
    if rng.random() < 0.1 and "上海" in name:
        name = name.removeprefix("上海市").removeprefix("上海") + "（上海）" if rng.random() < 0.3 else name
    if rng.random() < (0.16 if harder else 0.08):
        at = rng.randrange(2, len(name) - 2) if len(name) > 5 else 1
        kind = rng.random()
        if kind < 0.4 and name[at] in LIKE:
            name = name[:at] + LIKE[name[at]] + name[at + 1 :]
        elif kind < 0.7:
            name = name[:at] + name[at + 1 :]
        else:
            name = name[:at] + rng.choice(BRAND_CHARS) + name[at + 1 :]
    return name
