"""The online monitors of the district: where they stand, whose they are, and how each of them speaks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from data_samples.district.plan import Plan, district

DUST_CODES = ("a34001", "a34002", "a34004")
WATER_CODES = ("w01001", "w01018", "w21003", "w21011", "w00000")
GAS_CODES = ("a34013", "a21026", "a21002")
SECOND_POINT = {"310107-GD-2026-001": (-142.0, 92.0)}
"""Sites with a second point, and where it stands."""
FIRST_POINT = {"310107-GD-2026-001": (-2.0, 9.0), "310107-GD-2026-002": (270.0, 64.0)}
WATER_FIRMS = ("dyeing", "plating", "brewery", "paper", "circuit", "tannery", "dairy", "pump", "galvanic", "food")
GAS_FIRMS = ("boiler", "asphalt", "foundry", "paper", "galvanic", "rubber")
IN_UG = frozenset({3, 9, 14})
"""Numbers of dust points whose device counts in micrograms, and of those that are special in other ways."""
DIALECTS = {7: "modbus", 12: "hj212_swapped"}
LABEL_END = frozenset({6, 13})
EVERY_MINUTE = frozenset({1, 2})
"""Dust points that report every minute; the others give means of five minutes."""
AGENCIES = ("示例环境监测运维有限公司", "示例在线监测技术服务部", "示例绿源运维有限公司")


@dataclass(frozen=True)
class Monitor:
    """A monitor point and its logger.

    `site`, `firm` (key), `outfall` say what it belongs to; one at least is set, but for control points.
    """

    code: str
    name: str
    mn: str
    kind: str
    control: bool
    site: str | None
    firm: str | None
    outfall: str | None
    unit: str
    interval_s: int
    dialect: str
    label_end: bool
    agency: str
    codes: tuple[str, ...]
    xy: tuple[float, float]
    since: str


@cache
def monitors() -> tuple[Monitor, ...]:
    """All of them: dust, water, gas, and one in the creek where it leaves the district."""
    plan = district()
    return (*_dust(plan), *_water(plan), *_gas(plan), *_river(plan))


def _dust(plan: Plan) -> Iterator[Monitor]:
    number = 0
    for site in plan.sites:
        corner = site.outline[0] + 0.06 * (site.outline.mean(axis=0) - site.outline[0])
        first = FIRST_POINT.get(site.code, (float(corner[0]), float(corner[1])))
        places = [first, *(xy for code, xy in SECOND_POINT.items() if code == site.code)]
        for which, xy in enumerate(places, 1):
            number += 1
            name = f"{site.name.removesuffix('工地')} {which} 号扬尘点"
            yield _dust_point(number, name, site.code, site.builder, xy, max(site.begun, "2025-12-01"))
    for code in ("MG-11", "MG-07"):
        number += 1
        place = next(one for one in plan.receptors if one.code == code)
        yield _dust_point(number, f"{place.name}扬尘对照点", None, None, place.xy, "2025-06-01")


def _dust_point(
    number: int, name: str, site: str | None, firm: str | None, xy: tuple[float, float], since: str
) -> Monitor:
    return Monitor(
        f"YC-{number:03d}", name, f"SLGD3101070000000000{number:03d}A", "扬尘", site is None, site, firm, None,
        "ug/m3" if number in IN_UG else "mg/m3", 60 if number in EVERY_MINUTE else 300,
        DIALECTS.get(number, "hj212"), number in LABEL_END,
        AGENCIES[number % len(AGENCIES)], DUST_CODES, (round(xy[0], 1), round(xy[1], 1)), since,
    )  # fmt: skip


def _water(plan: Plan) -> Iterator[Monitor]:
    mouths = {mouth.firm: mouth for mouth in plan.mouths if mouth.firm}
    for number, key in enumerate(WATER_FIRMS, 1):
        x, y = mouths[key].xy
        inland = plan.firm(key).xy
        xy = (round(x + 0.3 * (inland[0] - x), 1), round(y + 0.3 * (inland[1] - y), 1))
        yield Monitor(
            f"FS-{number:03d}", f"{plan.firm(key).name}废水总排口", f"SLFS3101070000000000{number:03d}B", "废水", False,
            None, key, mouths[key].code, "mg/L", 3600, "hj212", False, AGENCIES[number % len(AGENCIES)], WATER_CODES,
            xy, "2022-01-01",
        )  # fmt: skip


def _gas(plan: Plan) -> Iterator[Monitor]:
    for number, key in enumerate(GAS_FIRMS, 1):
        firm = plan.firm(key)
        yield Monitor(
            f"FQ-{number:03d}", f"{firm.name}废气排放口", f"SLFQ3101070000000000{number:03d}C", "废气", False, None,
            key, None, "mg/m3", 900, "hj212", False, AGENCIES[number % len(AGENCIES)], GAS_CODES,
            (firm.xy[0] + 12.0, firm.xy[1] + 9.0), "2023-05-01",
        )  # fmt: skip


def _river(plan: Plan) -> Iterator[Monitor]:
    x, y = plan.waters[0].line[-14]
    yield Monitor(
        "DB-001", "示例浜出境断面自动站", "SLDB3101070000000000001D", "地表水", True, None, None, None, "mg/L", 3600,
        "hj212", False, AGENCIES[0], WATER_CODES[1:4], (round(float(x), 1), round(float(y), 1)), "2024-01-01",
    )  # fmt: skip
