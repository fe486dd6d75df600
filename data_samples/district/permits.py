"""Permits of the district: who may let out what, where, and how much; and what was filed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from data_samples.district.plan import Plan, district

TERMS = {
    "dyeing": ("2023-08-01", "2028-07-31"), "food": ("2024-03-15", "2029-03-14"),
    "plating": ("2021-11-10", "2026-11-09"), "mixing": ("2022-05-20", "2027-05-19"),
    "pharma": ("2025-01-08", "2030-01-07"),
    "coating": ("2023-04-01", "2028-03-31"),
}  # fmt: skip
WITHOUT = frozenset({"fish", "recycle", "muck", "repair", "laundry", "printing", "stone", "garage", "canteen", "fuel"})
"""Firms that let something out and hold no permit: some need none, some should."""
INTO_WATER = (
    ("pH值", 9.0, 6.0, "", "小时"), ("化学需氧量", 60.0, None, "mg/L", "日"), ("氨氮", 8.0, None, "mg/L", "日"),
    ("总磷", 0.5, None, "mg/L", "日"), ("悬浮物", 30.0, None, "mg/L", "日"),
)  # fmt: skip
INTO_SEWER = (
    ("pH值", 9.0, 6.0, "", "小时"), ("化学需氧量", 500.0, None, "mg/L", "日"), ("氨氮", 45.0, None, "mg/L", "日"),
)  # fmt: skip
INTO_AIR = (("颗粒物", 20.0, None, "mg/m3", "小时"), ("非甲烷总烃", 50.0, None, "mg/m3", "小时"))
BURNERS = (
    ("颗粒物", 10.0, None, "mg/m3", "小时"), ("二氧化硫", 50.0, None, "mg/m3", "小时"),
    ("氮氧化物", 80.0, None, "mg/m3", "小时"),
)  # fmt: skip
BURNING = frozenset({"boiler", "asphalt", "foundry", "paper", "galvanic", "rubber", "crematory"})
SPECIAL = {
    "plating": (("六价铬", 0.1, None, "mg/L", "日"), ("总镍", 0.1, None, "mg/L", "日")),
    "galvanic": (("总铬", 0.5, None, "mg/L", "日"), ("总铜", 0.3, None, "mg/L", "日")),
    "tannery": (("总铬", 1.0, None, "mg/L", "日"), ("硫化物", 0.5, None, "mg/L", "日")),
    "dyeing": (("色度", 50.0, None, "倍", "日"), ("总氮", 15.0, None, "mg/L", "日")),
}
STANDARDS = {"water": "DB31/199-2018", "sewer": "GB/T 31962-2015", "air": "DB31/933-2015"}


@dataclass(frozen=True)
class Outlet:
    """An outlet of a permit with its limits: (pollutant, at most, at least, unit, period)."""

    firm: str
    outlet: str
    medium: str
    name: str
    receiving: str
    outfall: str | None
    limits: tuple[tuple[str, float, float | None, str, str], ...]
    standard: str


@dataclass(frozen=True)
class Permit:
    """A permit: key of the firm, first and last day, outlets."""

    firm: str
    begins: str
    ends: str
    outlets: tuple[Outlet, ...]


@cache
def permits() -> tuple[Permit, ...]:
    """All permits, in the order of the firms."""
    plan = district()
    held = [firm for firm in plan.firms if firm.media and firm.key not in WITHOUT]
    found = []
    for number, firm in enumerate(held):
        begins, ends = TERMS.get(firm.key, (f"{2022 + number % 4}-{1 + number % 12:02d}-15", ""))
        year, month, day = begins.split("-")
        ends = ends or f"{int(year) + 5}-{month}-{int(day) - 1:02d}"
        found.append(Permit(firm.key, begins, ends, tuple(_outlets(plan, firm.key, firm.media))))
    return tuple(found)


def number_of(uscc: str) -> str:
    """The number of a firm's first permit."""
    return uscc + "001P"


def _outlets(plan: Plan, key: str, media: tuple[str, ...]) -> Iterator[Outlet]:
    mouths = {mouth.firm: mouth for mouth in plan.mouths if mouth.firm}
    if "water" in media:
        mouth = mouths[key]
        limits = (*INTO_WATER, *SPECIAL.get(key, ()))
        yield Outlet(key, "DW001", "废水", "废水总排口", mouth.water, mouth.code, limits, STANDARDS["water"])
    elif "sewer" in media:
        yield Outlet(key, "DW001", "废水", "废水总排口", "城镇污水管网", None, INTO_SEWER, STANDARDS["sewer"])
    if "air" in media:
        limits = BURNERS if key in BURNING else INTO_AIR
        yield Outlet(key, "DA001", "废气", "排气筒", "环境空气", None, limits, STANDARDS["air"])


FILINGS = (
    # number, kind, firm, site, from, to, what
    ("PT-BA-2026-0101", "检修", "paper", "", "2026-11-18 08:00", "2026-11-19 18:00", "在线设备更换光源"),
    ("PT-BA-2026-0102", "校准", "brewery", "", "2026-11-20 09:00", "2026-11-20 11:00", "季度比对"),
    ("PT-BA-2026-0103", "夜间施工", "builder2", "310107-GD-2026-004", "2026-11-17 22:00", "2026-11-18 06:00", "浇筑"),
    ("PT-BA-2026-0104", "停产", "tannery", "", "2026-10-26", "2026-11-08", "设备改造"),
    ("PT-BA-2026-0105", "排水", "builder4", "310107-GD-2026-006", "2026-09-01", "2026-12-31", "基坑降水"),
    ("PT-BA-2026-0106", "检修", "boiler", "", "2026-11-21 00:00", "2026-11-21 12:00", "除尘布袋更换"),
    ("PT-BA-2026-0107", "爆破", "builder5", "310107-GD-2025-015", "2026-11-12 10:00", "2026-11-12 12:00", "烟囱拆除"),
    ("PT-BA-2026-0108", "夜间施工", "builder", "310107-GD-2026-001", "2026-11-22 22:00", "2026-11-23 06:00", "出土"),
)  # fmt: skip
