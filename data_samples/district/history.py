"""Two years of visits and a year of complaints: who is risky is found out and complained of more often."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from data_samples.district.block import Firm
from data_samples.district.plan import Plan

FIRST_DAY, LAST_DAY = date(2024, 11, 25), date(2026, 11, 23)
KINDS = ("日常检查", "双随机", "专项检查", "信访")
FINDINGS = {
    "dyeing": "废水总排口色度超标", "stone": "堆场未覆盖", "plating": "废水处理设施不正常运行",
    "mixing": "物料装卸未采取抑尘措施", "coating": "喷涂废气收集不全",
}  # fmt: skip
BY_MEDIUM = {
    "water": "雨污混排，总排口异常",
    "sewer": "隔油设施未清理",
    "air": "废气收集设施未开启",
    "": "台账记录不全",
}
BUILDERS = "裸土未覆盖，雾炮未开启"
TOLD = (
    ("2026-09-03", "扬尘", "工地土方作业灰尘大，窗台一层灰", "builder", (-60.0, -66.0)),
    ("2026-09-29", "废气", "夜间有油漆味", "coating", (-90.0, 170.0)),
    ("2026-10-12", "水污染", "河道水发黄有泡沫", "", (90.0, -30.0)),
    ("2026-10-20", "扬尘", "渣土车带泥上路", "builder", (-46.0, 112.0)),
    ("2026-11-02", "水污染", "河面出现白色污水", "", (-40.0, -52.0)),
    ("2026-11-09", "废气", "印染厂异味", "dyeing", (100.0, 105.0)),
    ("2026-11-16", "扬尘", "塔吊旁边挖土没有洒水", "builder", (-88.0, -66.0)),
    ("2026-11-20", "噪声", "切石头声音大", "stone", (182.0, 60.0)),
)
TOPICS = {
    "water": ("水污染", ("河面有油花", "排口流出有颜色的水", "河道发臭")),
    "air": ("废气", ("夜间有刺鼻气味", "烟囱冒烟", "车间门口有粉尘")),
    "sewer": ("废气", ("下水道返味", "油烟大")), "": ("扬尘", ("工地尘土大", "渣土车带泥上路", "裸土没有盖网")),
}  # fmt: skip
NAMED_SHARE = 0.7
AWAY_M = 55.0


@dataclass(frozen=True)
class Visit:
    """An inspection: day, kind, key of the firm, whether something was found, what."""

    day: date
    kind: str
    firm: str
    found: bool
    detail: str


@dataclass(frozen=True)
class Report:
    """A complaint: day, topic, words, key of the firm complained of ("" where nobody is named), place."""

    day: str
    topic: str
    text: str
    firm: str
    xy: tuple[float, float]


def visits(plan: Plan, rng: np.random.Generator) -> list[Visit]:
    """Visits on working days of two years, in order."""
    span = (LAST_DAY - FIRST_DAY).days
    found: list[tuple[date, str, Visit]] = []
    for firm in plan.firms:
        for _ in range(2 + int(rng.poisson(1.5 + 4 * firm.risk))):
            day = FIRST_DAY + timedelta(days=int(rng.integers(span)))
            day -= timedelta(days=max(0, day.weekday() - 4))
            bad = bool(rng.uniform() < firm.risk)
            kind = KINDS[int(rng.choice(4, p=(0.5, 0.25, 0.15, 0.1)))]
            found.append((day, firm.uscc, Visit(day, kind, firm.key, bad, _finding(firm) if bad else "")))
    return [visit for *_, visit in sorted(found, key=lambda one: one[:2])]


def reports(plan: Plan, rng: np.random.Generator) -> list[Report]:
    """Complaints of a year in order, the told ones among them."""
    found = [Report(*one) for one in TOLD]
    for firm in plan.firms:
        found += _of_firm(firm, int(rng.poisson(2.2 * firm.risk)), rng)
    return sorted(found, key=lambda one: (one.day, one.text))


def _finding(firm: Firm) -> str:
    if firm.key.startswith("builder"):
        return BUILDERS
    return FINDINGS.get(firm.key, BY_MEDIUM[firm.media[0] if firm.media else ""])


def _of_firm(firm: Firm, count: int, rng: np.random.Generator) -> Iterator[Report]:
    topic, texts = TOPICS[firm.media[0] if firm.media else ""]
    for _ in range(count):
        day = LAST_DAY - timedelta(days=int(rng.integers(1, 365)))
        x, y = np.array(firm.xy) + rng.normal(size=2) * AWAY_M
        xy = (round(float(np.clip(x, -990, 990)), 1), round(float(np.clip(y, -990, 990)), 1))
        named = firm.key if rng.uniform() < NAMED_SHARE else ""
        yield Report(day.isoformat(), topic, texts[int(rng.integers(len(texts)))], named, xy)
