"""The files of the permit office: permits, their outlets, their limits, and what was filed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from data_samples.district.csv_files import Row, degrees, entry, save
from data_samples.district.permits import FILINGS, number_of, permits
from data_samples.district.plan import Plan

ISSUER = "上海市普陀区生态环境局"


def write_permits(folder: Path, plan: Plan) -> list[dict[str, Any]]:
    """Write permits.csv, permit_outlets.csv, permit_limits.csv and filings.csv."""
    return [_permits(folder, plan), _outlets(folder, plan), _limits(folder, plan), _filings(folder, plan)]


def _permits(folder: Path, plan: Plan) -> dict[str, Any]:
    heading = "排污许可证编号 统一社会信用代码 企业名称 发证机关 有效期起 有效期止 排放口 污染物"
    rows: list[Row] = []
    for held in permits():
        firm = plan.firm(held.firm)
        names = dict.fromkeys(limit[0] for outlet in held.outlets for limit in outlet.limits)
        outlets = ";".join(outlet.outlet for outlet in held.outlets)
        rows.append([number_of(firm.uscc), firm.uscc, firm.name, ISSUER, held.begins, held.ends, outlets,
                     ";".join(names)])  # fmt: skip
    save(folder / "permits.csv", heading, rows)
    return entry("permits.csv", "permit", rows)


def _outlets(folder: Path, plan: Plan) -> dict[str, Any]:
    heading = "排污许可证编号 统一社会信用代码 排放口编号 排放口类别 排放口名称 排放去向 入河排污口编码 经度 纬度"
    mouths = {mouth.code: mouth.xy for mouth in plan.mouths}
    rows: list[Row] = []
    for held in permits():
        firm = plan.firm(held.firm)
        for outlet in held.outlets:
            xy = mouths.get(outlet.outfall, firm.xy)
            rows.append([number_of(firm.uscc), firm.uscc, outlet.outlet, outlet.medium, outlet.name, outlet.receiving,
                         outlet.outfall or "", *degrees(xy)])  # fmt: skip
    save(folder / "permit_outlets.csv", heading, rows)
    return entry("permit_outlets.csv", "permit_outlet", rows, crs="EPSG:4326")


def _limits(folder: Path, plan: Plan) -> dict[str, Any]:
    heading = "排污许可证编号 统一社会信用代码 排放口编号 污染物 许可排放浓度限值 限值下限 单位 限值周期 执行标准"
    rows: list[Row] = []
    for held in permits():
        uscc = plan.firm(held.firm).uscc
        for outlet in held.outlets:
            for name, most, least, unit, period in outlet.limits:
                low = "" if least is None else f"{least:g}"
                rows.append([number_of(uscc), uscc, outlet.outlet, name, f"{most:g}", low, unit, period,
                             outlet.standard])  # fmt: skip
    save(folder / "permit_limits.csv", heading, rows)
    return entry("permit_limits.csv", "permit_limit", rows)


def _filings(folder: Path, plan: Plan) -> dict[str, Any]:
    heading = "备案编号 备案类型 统一社会信用代码 工地编号 开始时间 结束时间 备案内容 是否受理"
    rows: list[Row] = [
        [number, kind, plan.firm(firm).uscc, site, begins, ends, what, "已受理"]
        for number, kind, firm, site, begins, ends, what in FILINGS
    ]
    save(folder / "filings.csv", heading, rows)
    return entry("filings.csv", "filing", rows)
