"""Registry files as offices send them: headings in Chinese, one in GB18030 and GCJ-02, with the usual dirt.

Every name is invented and says 示例. What an import must refuse is listed in `files.json`, row by row, counted from the
first data row.
"""

from __future__ import annotations

import csv
import io
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data_samples.renderer.datum import gcj02_of
from data_samples.renderer.invented import BY_KEY, FIRMS, OUTFALLS, SITES, Firm
from data_samples.renderer.place import lonlat_of

FloatArray = NDArray[np.float64]
Row = list[str]

LAST_DAY = date(2026, 11, 23)
FIRST_DAY = date(2024, 11, 25)
HEADINGS = {
    "enterprises": (
        "工地编号 工地名称 施工单位 施工单位统一社会信用代码 施工阶段 开工日期 计划竣工日期 工地地址 经度 纬度 工地边界"
    ),
    "sites": (
        "排污口编码 排污口名称 排污口类型 受纳水体 排污许可证编号 责任主体统一社会信用代码 "
        "责任主体 地址 经度 纬度 设置日期"
    ),
    "outfalls": (
        "监测点编码 监测点名称 设备编号 监测类型 对照点 工地编号 排污口编码 统一社会信用代码 "
        "单位 上报间隔 校验方式 经度 纬度 启用日期"
    ),
    "monitors": "排污许可证编号 统一社会信用代码 企业名称 发证机关 有效期起 有效期止 排放口 污染物",
    "permits": "检查编号 检查日期 统一社会信用代码 企业名称 检查结果 问题描述",
    "inspections": ("投诉编号 投诉日期 投诉类型 投诉内容 被投诉单位统一社会信用代码 被投诉单位 投诉地址 经度 纬度"),
    "complaints": "统一社会信用代码 企业名称 列入日期 有效期至 列入理由",
    "positive_list": "敏感点编号 敏感点名称 敏感点类型 地址 经度 纬度",
}
FULL_WIDTH = str.maketrans(
    "0123456789ABCDEFGHJKLMNPQRTUWXY", "０１２３４５６７８９ＡＢＣＤＥＦＧＨＪＫＬＭＮＰＱＲＴＵＷＸＹ"
)


def write(folder: Path, seed: int) -> None:
    """Write all files and `files.json`, which says what each holds and what an import must refuse."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng([seed, 3])
    entries = [
        _enterprises(folder),
        _sites(folder),
        _outfalls(folder),
        _monitors(folder),
        _permits(folder),
        _inspections(folder, rng),
        _complaints(folder),
        _positive_list(folder),
        _receptors(folder),
    ]
    text = json.dumps(entries, ensure_ascii=False, indent=1)
    (folder / "files.json").write_text(text + "\n", encoding="utf-8")


def _save(path: Path, heading: Row, rows: list[Row], encoding: str = "utf-8") -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(heading)
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))


def _entry(
    file: str, kind: str, rows: int, refused: list[dict[str, str]] | None = None, crs: str | None = None
) -> dict[str, Any]:
    refused = refused or []
    entry: dict[str, Any] = {
        "file": file,
        "kind": kind,
        "rows": rows,
        "imported": rows - len(refused),
        "must_refuse": refused,
    }
    return {**entry, "crs": crs} if crs else entry


def _degrees(xy: tuple[float, float] | FloatArray, *, gcj: bool = False) -> Row:
    place = lonlat_of(np.array(xy))
    lon, lat = (gcj02_of(place) if gcj else place)[0]
    return [f"{lon:.6f}", f"{lat:.6f}"]


def _enterprises(folder: Path) -> dict[str, Any]:
    heading = (
        "序号,统一社会信用代码,企业名称,行业类别,企业规模,环境信用等级,重点排污单位,成立日期,地址,经度,纬度".split(",")
    )
    rows: list[Row] = []
    for number, firm in enumerate(FIRMS, start=1):
        code = firm.uscc.translate(FULL_WIDTH) if firm.key == "laundry" else firm.uscc
        founded = f"{2003 + 2 * number % 17}年{1 + number % 12}月{3 + number}日"
        yes = "是" if firm.key_unit else "否"
        rows.append(
            [
                str(number),
                code,
                firm.name,
                firm.industry,
                firm.size,
                firm.credit,
                yes,
                founded,
                "普陀区" + firm.address,
                *_degrees(firm.xy, gcj=True),
            ]
        )
    wrong = BY_KEY["printing"].uscc
    wrong = wrong[:-1] + ("0" if wrong[-1] != "0" else "1")
    rows.insert(
        7,
        [
            "",
            wrong,
            "上海示例纸制品有限公司",
            "纸和纸板容器制造",
            "小型",
            "蓝牌",
            "否",
            "2011-05-06",
            "普陀区示例南路 9 号",
            *_degrees((-200, -200), gcj=True),
        ],
    )
    rows.append(["合计", "", f"{len(FIRMS) + 1} 家", "", "", "", "3", "", "", "", ""])
    _save(folder / "enterprises.csv", heading, rows, "gb18030")
    refused = [
        {"item": "row 8", "why": "check character of the credit code is wrong"},
        {"item": f"row {len(rows)}", "why": "a line of totals, no enterprise"},
    ]
    return {**_entry("enterprises.csv", "enterprise", len(rows), refused, "GCJ-02"), "encoding": "gb18030"}


def _sites(folder: Path) -> dict[str, Any]:
    heading = HEADINGS["enterprises"].split()
    rows = []
    for code, name, key, phase, start, end, outline in SITES:
        ring = lonlat_of(np.vstack([outline, outline[:1]]))
        wkt = "POLYGON((" + ",".join(f"{lon:.7f} {lat:.7f}" for lon, lat in ring) + "))"
        firm = BY_KEY[key]
        rows.append(
            [
                code,
                name,
                firm.name,
                firm.uscc,
                phase,
                start,
                end,
                "普陀区示例北路",
                *_degrees(outline.mean(axis=0)),
                wkt,
            ]
        )
    _save(folder / "sites.csv", heading, rows)
    return _entry("sites.csv", "site", len(rows), crs="EPSG:4326")


def _outfalls(folder: Path) -> dict[str, Any]:
    heading = HEADINGS["sites"].split()
    rows = []
    for code, name, kind, key, xy in OUTFALLS:
        firm = BY_KEY[key] if key else None
        who = [firm.uscc + "001P", firm.uscc, firm.name] if firm else ["", "", "普陀区（市政）"]
        rows.append([code, name, kind, "示例浜", *who, "普陀区示例浜", *_degrees(xy), "2021-06-01"])
    rows.append(["小计", f"{len(rows)} 个", "", "", "", "", "", "", "", "", ""])
    _save(folder / "outfalls.csv", heading, rows, "utf-8-sig")
    refused = [{"item": f"row {len(rows)}", "why": "a line of totals, no outfall"}]
    return _entry("outfalls.csv", "outfall", len(rows), refused, "EPSG:4326")


def _monitors(folder: Path) -> dict[str, Any]:
    heading = HEADINGS["outfalls"].split()
    site, second = SITES[0][0], SITES[1][0]
    builder, dyeing = BY_KEY["builder"].uscc, BY_KEY["dyeing"].uscc
    rows = [
        [
            "YC-001",
            "示例里工地 1 号扬尘点",
            "SLGD3101070000000000001A",
            "扬尘",
            "否",
            site,
            "",
            builder,
            "mg/m3",
            "60",
            "hj212",
            *_degrees((-2.0, 9.0)),
            "2026-03-20",
        ],
        [
            "YC-002",
            "示例里工地 2 号扬尘点",
            "SLGD3101070000000000002A",
            "扬尘",
            "否",
            site,
            "",
            builder,
            "mg/m3",
            "60",
            "hj212",
            *_degrees((-142.0, 92.0)),
            "2026-03-20",
        ],
        [
            "YC-003",
            "示例东路工地扬尘点",
            "SLGD3101070000000000003A",
            "扬尘",
            "否",
            second,
            "",
            builder,
            "ug/m3",
            "60",
            "hj212",
            *_degrees((270.0, 64.0)),
            "2026-07-05",
        ],
        [
            "FS-001",
            "示例印染废水总排口",
            "SLFS3101070000000000001B",
            "废水",
            "否",
            "",
            "310107-PWK-001",
            dyeing,
            "mg/L",
            "3600",
            "hj212",
            *_degrees((82.0, 12.0)),
            "2022-01-01",
        ],
    ]
    _save(folder / "monitors.csv", heading, rows)
    return _entry("monitors.csv", "monitor_point", len(rows), crs="EPSG:4326")


def _permits(folder: Path) -> dict[str, Any]:
    heading = HEADINGS["monitors"].split()
    held = (
        ("dyeing", "2023-08-01", "2028-07-31", "DW001", "化学需氧量;氨氮;色度;总氮"),
        ("food", "2024-03-15", "2029-03-14", "DW001", "化学需氧量;氨氮;动植物油"),
        ("plating", "2021-11-10", "2026-11-09", "DW001;DA001", "总铬;六价铬;总镍;氰化物"),
        ("mixing", "2022-05-20", "2027-05-19", "DA001", "颗粒物"),
        ("pharma", "2025-01-08", "2030-01-07", "DW001;DA001", "化学需氧量;氨氮;非甲烷总烃"),
        ("coating", "2023-04-01", "2028-03-31", "DA001", "非甲烷总烃;甲苯;二甲苯"),
    )
    rows = [
        [
            BY_KEY[key].uscc + "001P",
            BY_KEY[key].uscc,
            BY_KEY[key].name,
            "上海市普陀区生态环境局",
            start,
            end,
            outlets,
            what,
        ]
        for key, start, end, outlets, what in held
    ]
    _save(folder / "permits.csv", heading, rows)
    return _entry("permits.csv", "permit", len(rows))


FINDINGS = {
    "dyeing": "废水总排口色度超标",
    "stone": "堆场未覆盖",
    "builder": "裸土未覆盖，雾炮未开启",
    "plating": "废水处理设施不正常运行",
    "mixing": "物料装卸未采取抑尘措施",
    "coating": "喷涂废气收集不全",
}


def _inspections(folder: Path, rng: np.random.Generator) -> dict[str, Any]:
    """Two years of visits: who is risky is visited more often and found out more often."""
    heading = HEADINGS["permits"].split()
    visits: list[tuple[date, Firm, bool]] = []
    span = (LAST_DAY - FIRST_DAY).days
    for firm in FIRMS:
        for _ in range(2 + int(rng.poisson(1.5 + 4 * firm.risk))):
            day = FIRST_DAY + timedelta(days=int(rng.integers(span)))
            day -= timedelta(days=max(0, day.weekday() - 4))
            visits.append((day, firm, bool(rng.uniform() < firm.risk)))
    visits.sort(key=lambda visit: (visit[0], visit[1].uscc))
    rows = [
        [
            f"PT-JC-{day:%Y%m}-{number:03d}", f"{day:%Y/%m/%d}", firm.uscc, firm.name,
            "发现问题" if found else "未发现问题", FINDINGS.get(firm.key, "台账记录不全") if found else "",
        ]
        for number, (day, firm, found) in enumerate(visits, start=1)
    ]  # fmt: skip
    _save(folder / "inspections.csv", heading, rows)
    return _entry("inspections.csv", "inspection", len(rows))


def _complaints(folder: Path) -> dict[str, Any]:
    heading = HEADINGS["inspections"].split()
    told: tuple[tuple[str, str, str, str, tuple[float, float]], ...] = (
        ("2026-09-03", "扬尘", "工地土方作业灰尘大，窗台一层灰", "builder", (-60, -66)),
        ("2026-09-29", "废气", "夜间有油漆味", "coating", (-90, 170)),
        ("2026-10-12", "水污染", "河道水发黄有泡沫", "", (90, -30)),
        ("2026-10-20", "扬尘", "渣土车带泥上路", "builder", (-46, 112)),
        ("2026-11-02", "水污染", "河面出现白色污水", "", (-40, -52)),
        ("2026-11-09", "废气", "印染厂异味", "dyeing", (100, 105)),
        ("2026-11-16", "扬尘", "塔吊旁边挖土没有洒水", "builder", (-88, -66)),
        ("2026-11-20", "噪声", "切石头声音大", "stone", (182, 60)),
    )
    rows = []
    for number, (day, topic, text, key, xy) in enumerate(told, start=1):
        firm = BY_KEY.get(key)
        who = [firm.uscc, firm.name] if firm else ["", ""]
        rows.append([f"PT-TS-2026-{number:04d}", day, topic, text, *who, "普陀区示例街区", *_degrees(xy)])
    _save(folder / "complaints.csv", heading, rows)
    return _entry("complaints.csv", "complaint", len(rows), crs="EPSG:4326")


def _positive_list(folder: Path) -> dict[str, Any]:
    heading = HEADINGS["complaints"].split()
    rows = [
        [
            BY_KEY["pharma"].uscc,
            BY_KEY["pharma"].name,
            "2026-01-15",
            "2027-01-14",
            "两年内无违法记录，自动监测联网稳定",
        ],
        [BY_KEY["food"].uscc, BY_KEY["food"].name, "2026-04-01", "", "环境信用评价绿牌"],
    ]
    _save(folder / "positive_list.csv", heading, rows)
    return _entry("positive_list.csv", "positive_listing", len(rows))


def _receptors(folder: Path) -> dict[str, Any]:
    heading = HEADINGS["positive_list"].split()
    rows = [
        ["MG-01", "示例新村", "居住区", "普陀区示例南路 20 弄", *_degrees((-88, -102))],
        ["MG-02", "示例小学", "学校", "普陀区示例南路 99 号", *_degrees((134, -103))],
    ]
    _save(folder / "receptors.csv", heading, rows)
    return _entry("receptors.csv", "receptor", len(rows), crs="EPSG:4326")
