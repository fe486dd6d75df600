"""Registry files as offices send them: headings in Chinese, one in GB18030 and GCJ-02, with the usual dirt.

Every name is invented and says 示例. What an import must refuse is listed in `files.json`, row by row, counted from the
first data row.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from data_samples.district import history
from data_samples.district.credit_code import company
from data_samples.district.csv_files import Row, degrees, entry, line, polygon, save
from data_samples.district.drains import drains
from data_samples.district.monitors import monitors
from data_samples.district.office_permits import write_permits
from data_samples.district.plan import Plan, district

Entry = dict[str, Any]
FULL_WIDTH = str.maketrans(
    "0123456789ABCDEFGHJKLMNPQRTUWXY", "０１２３４５６７８９ＡＢＣＤＥＦＧＨＪＫＬＭＮＰＱＲＴＵＷＸＹ"
)
LISTED = (
    ("pharma", "2026-01-15", "2027-01-14", "两年内无违法记录，自动监测联网稳定"),
    ("food", "2026-04-01", "", "环境信用评价绿牌"), ("dairy", "2026-03-10", "2027-03-09", "环境信用评价绿牌"),
    ("hotel", "2026-05-06", "", "民生保障"), ("boiler", "2025-12-01", "2026-11-30", "自动监测联网稳定"),
)  # fmt: skip


def write(folder: Path, seed: int) -> None:
    """Write all files and `files.json`, which says what each holds and what an import must refuse."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng([seed, 3])
    plan = district()
    entries = [
        _enterprises(folder, plan), _sites(folder, plan), _outfalls(folder, plan), _monitors(folder, plan),
        *write_permits(folder, plan), _inspections(folder, plan, rng), _complaints(folder, plan, rng),
        _positive_list(folder, plan), _receptors(folder, plan), _drains(folder, plan),
    ]  # fmt: skip
    text = json.dumps(entries, ensure_ascii=False, indent=1)
    (folder / "files.json").write_text(text + "\n", encoding="utf-8")


def _enterprises(folder: Path, plan: Plan) -> Entry:
    heading = "序号 统一社会信用代码 企业名称 行业类别 企业规模 环境信用等级 重点排污单位 成立日期 地址 经度 纬度"
    rows: list[Row] = []
    for number, firm in enumerate(plan.firms, start=1):
        code = {"laundry": firm.uscc.translate(FULL_WIDTH), "paint": firm.uscc.lower()}.get(firm.key, firm.uscc)
        founded = f"{2003 + 2 * number % 17}年{1 + number % 12}月{3 + number % 25}日"
        name = {"glass": firm.name + "　", "timber": " " + firm.name}.get(firm.key, firm.name)
        size = "同上" if firm.key in ("dairy", "metal") and rows[-1][4] == firm.size else firm.size
        rows.append(
            [str(number), code, name, firm.industry, size, firm.credit, "是" if firm.key_unit else "否", founded,
             "普陀区" + firm.address, *degrees(firm.xy, gcj=True)]
        )  # fmt: skip
    refused = _dirty_enterprises(rows, plan)
    save(folder / "enterprises.csv", heading, rows, "gb18030")
    return {**entry("enterprises.csv", "enterprise", rows, refused, "GCJ-02"), "encoding": "gb18030"}


def _dirty_enterprises(rows: list[Row], plan: Plan) -> list[tuple[int, str]]:
    """Put wrong rows among the good ones, and say where they stand now."""
    wrong = plan.firm("printing").uscc
    wrong = wrong[:-1] + ("0" if wrong[-1] != "0" else "1")
    here, there = degrees((-200, -200), gcj=True), degrees((640, 505), gcj=True)
    plain = ["纸和纸板容器制造", "小型", "蓝牌", "否"]
    added = (
        (8, ["", wrong, "上海示例纸制品有限公司", *plain, "2011-05-06", "普陀区示例南路 9 号", *here],
         "check character of the credit code is wrong"),
        (19, ["", company("MA1H2K05"), "上海示例文具店", *plain, "2014-03-02", "普陀区示例桥路 5 号", "0", "0"],
         "the place is zero"),
        (27, ["", company("MA1H3L16"), "上海示例箱包厂", *plain, "2016/7/9", "普陀区示例科技路 2 号", *there[::-1]],
         "longitude and latitude are swapped"),
        (33, ["", company("MA1H4M27"), "上海示例制鞋厂", *plain, "26/11/24", "普陀区示例大道 30 号", *there],
         "which figure of the day is the year"),
        (41, [*rows[2][:8], "普陀区示例南路 75 号甲", *rows[2][9:]], "the same firm a second time, otherwise"),
    )  # fmt: skip
    for number, row, _ in added:
        rows.insert(number - 1, row)
    keys = sum(row[6] == "是" for row in rows)
    rows.append(["合计", "", f"{len(rows)} 家", "", "", "", str(keys), "", "", "", ""])
    return [*((number, why) for number, _, why in added), (len(rows), "a line of totals, no enterprise")]


def _sites(folder: Path, plan: Plan) -> Entry:
    heading = (
        "工地编号 工地名称 施工单位 施工单位统一社会信用代码 施工阶段 开工日期 计划竣工日期 工地地址 经度 纬度 工地边界"
    )
    rows: list[Row] = []
    for site in plan.sites:
        firm = plan.firm(site.builder)
        address = f"普陀区{site.street}"
        address = "〃" if rows and rows[-1][7] == address and len(rows) % 2 else address
        rows.append(
            [site.code, site.name, firm.name, firm.uscc, site.phase, site.begun, site.ends, address,
             *degrees(site.outline.mean(axis=0)), polygon(site.outline)]
        )  # fmt: skip
    save(folder / "sites.csv", heading, rows)
    return entry("sites.csv", "site", rows, crs="EPSG:4326")


def _outfalls(folder: Path, plan: Plan) -> Entry:
    heading = (
        "排污口编码 排污口名称 排污口类型 受纳水体 排污许可证编号 责任主体统一社会信用代码 "
        "责任主体 地址 经度 纬度 设置日期"
    )
    rows = []
    for mouth in plan.mouths:
        if mouth.code is None:
            continue
        firm = plan.firm(mouth.firm) if mouth.firm else None
        permit = firm.uscc + "001P" if firm and firm.key != "fish" else ""
        who = [permit, firm.uscc, firm.name] if firm else ["", "", "普陀区（市政）"]
        kind = "城镇污水处理厂排污口" if mouth.firm == "pump" else mouth.kind
        rows.append(
            [mouth.code, mouth.title, kind, mouth.water, *who, f"普陀区{mouth.water}", *degrees(mouth.xy), "2021-06-01"]
        )
    rows.append(["小计", f"{len(rows)} 个", "", "", "", "", "", "", "", "", ""])
    save(folder / "outfalls.csv", heading, rows, "utf-8-sig")
    return entry("outfalls.csv", "outfall", rows, [(len(rows), "a line of totals, no outfall")], "EPSG:4326")


def _monitors(folder: Path, plan: Plan) -> Entry:
    heading = (
        "监测点编码 监测点名称 设备编号 监测类型 对照点 工地编号 排污口编码 统一社会信用代码 "
        "单位 上报间隔 校验方式 特殊约定 监测因子 运维单位 经度 纬度 启用日期"
    )
    rows = [
        [one.code, one.name, one.mn, one.kind, "是" if one.control else "否", one.site or "", one.outfall or "",
         plan.uscc(one.firm) or "", one.unit, str(one.interval_s), one.dialect,
         "时段以结束时刻标记" if one.label_end else "", ";".join(one.codes), one.agency, *degrees(one.xy), one.since]
        for one in monitors()
    ]  # fmt: skip
    rows.append([*rows[4][:2], "SLGD3101070000000000905A", *rows[4][3:]])
    save(folder / "monitors.csv", heading, rows)
    return entry(
        "monitors.csv", "monitor_point", rows, [(len(rows), "the same point with another logger")], "EPSG:4326"
    )


def _inspections(folder: Path, plan: Plan, rng: np.random.Generator) -> Entry:
    heading = "检查编号 检查日期 检查类型 统一社会信用代码 企业名称 检查结果 问题描述"
    rows = [
        [f"PT-JC-{visit.day:%Y%m}-{number:03d}", f"{visit.day:%Y/%m/%d}", visit.kind, plan.firm(visit.firm).uscc,
         plan.firm(visit.firm).name, "发现问题" if visit.found else "未发现问题", visit.detail]
        for number, visit in enumerate(history.visits(plan, rng), start=1)
    ]  # fmt: skip
    rows.insert(30, ["PT-JC-202502-900", "25/02/26", *rows[30][2:]])
    save(folder / "inspections.csv", heading, rows)
    return entry("inspections.csv", "inspection", rows, [(31, "which figure of the day is the year")])


def _complaints(folder: Path, plan: Plan, rng: np.random.Generator) -> Entry:
    heading = "投诉编号 投诉日期 投诉类型 投诉内容 被投诉单位统一社会信用代码 被投诉单位 投诉地址 经度 纬度"
    rows = []
    for number, told in enumerate(history.reports(plan, rng), start=1):
        who = [plan.firm(told.firm).uscc, plan.firm(told.firm).name] if told.firm else ["", ""]
        rows.append([f"PT-TS-2026-{number:04d}", told.day, told.topic, told.text, *who, "普陀区示例街区",
                     *degrees(told.xy)])  # fmt: skip
    save(folder / "complaints.csv", heading, rows)
    return entry("complaints.csv", "complaint", rows, crs="EPSG:4326")


def _positive_list(folder: Path, plan: Plan) -> Entry:
    heading = "统一社会信用代码 企业名称 列入日期 有效期至 列入理由"
    rows = [[plan.firm(key).uscc, plan.firm(key).name, *told] for key, *told in LISTED]
    save(folder / "positive_list.csv", heading, rows)
    return entry("positive_list.csv", "positive_listing", rows)


def _receptors(folder: Path, plan: Plan) -> Entry:
    heading = "敏感点编号 敏感点名称 敏感点类型 地址 经度 纬度"
    rows = [[one.code, one.name, one.kind, one.address, *degrees(one.xy)] for one in plan.receptors]
    save(folder / "receptors.csv", heading, rows)
    return entry("receptors.csv", "receptor", rows, crs="EPSG:4326")


def _drains(folder: Path, plan: Plan) -> Entry:
    heading = "管线编号 管线名称 管线类型 下游编号 管径 管线走向"
    rows = [
        [one.code, one.name, one.kind, one.flows_to, f"DN{one.diameter_mm}", line(one.line)]
        for one in drains(plan)
        if one.registered
    ]
    save(folder / "drains.csv", heading, rows)
    return entry("drains.csv", "drain", rows, crs="EPSG:4326")
