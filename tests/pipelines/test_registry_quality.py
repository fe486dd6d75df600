"""The registry's quality: a made-up dirty registry, of which it is known by hand what is wrong with each row."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import shapely

from enforcement.place import area, point
from enforcement.registry import (
    BuildingSite,
    Enterprise,
    MonitorPoint,
    Outfall,
    Permit,
    PermitLimit,
    Receptor,
    firm_key,
)
from pipelines.registry_quality import CHECKS, Known, review
from pipelines.settings import RegistryQualitySettings
from tests.pipelines.registry_files import CODES

ON = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
DISTRICT = shapely.box(121.3, 31.2, 121.5, 31.3)
INSIDE, OUTSIDE = point(121.4, 31.25), point(121.6, 31.25)
PLANT = area([[[(121.40, 31.24), (121.41, 31.24), (121.41, 31.25), (121.40, 31.25), (121.40, 31.24)]]])
FIRM, OTHER, UNKNOWN = CODES[:3]


def said(row: int = 1) -> dict:
    return {"received_at": NOW, "source_sha256": "a" * 64, "source_row": str(row)}


def firm(code: str = FIRM, row: int = 1, **more) -> Enterprise:
    return Enterprise(**({"name": "一厂", "place": INSIDE} | more), uscc=code, **said(row))


def permit(code: str = FIRM, row: int = 2, number: str = "001P", **more) -> Permit:
    days = {"valid_from": date(2024, 1, 1), "valid_to": date(2028, 12, 31)}
    return Permit(**({"enterprise": code} | days | more), permit_number=code + number, **said(row))


def limit(row: int, pollutant: str, value: float) -> PermitLimit:
    of = {"permit_number": FIRM + "001P", "enterprise": FIRM, "outlet": "DW001", "unit": "mg/L", "period": "day"}
    return PermitLimit(**of, what="concentration", pollutant=pollutant, value=value, **said(row))


def found(facts, *, heard=None, district=DISTRICT) -> dict[str, list[str]]:
    """Check → the numbers of its rows, with what was seen where a kind as a whole is meant."""
    known = Known(facts, ON, district, heard or {}, RegistryQualitySettings())
    return {one.check: [row.source_row or row.detail for row in one.rows] for one in review(known)}


def test_what_is_in_order_is_not_mentioned():
    monitor = MonitorPoint(code="M", name="点", mn="1", units="mg/m3", enterprise=FIRM, place=INSIDE, **said(3))
    receptor = Receptor(code="R", name="小学", receptor_kind="school", place=point(121.42, 31.25), **said(4))
    assert found([firm(key_unit=True), permit(), monitor, receptor], heard={"enterprise": NOW}) == {}


@pytest.mark.parametrize(
    ("facts", "check", "rows"),
    [
        ([firm(firm_key(name="无码厂", address="某路"), 7)], "firm_without_code", ["7"]),
        ([firm(place=None)], "without_place", ["1"]),
        ([firm(key_unit=True), firm(OTHER, 2)], "key_unit_without_permit", ["1"]),
        ([firm(), permit(valid_to=date(2026, 11, 23))], "permit_expired", ["2"]),
        ([firm(), MonitorPoint(code="M", name="点", units="mg", place=INSIDE, **said(5))], "monitor_without_mn", ["5"]),
        ([firm(), MonitorPoint(code="M", name="点", mn="1", place=INSIDE, **said(5))], "monitor_without_units", ["5"]),
        ([firm(), permit(UNKNOWN, 9)], "firm_not_registered", ["9"]),
        (
            [firm(), Outfall(code="O", enterprise=FIRM, place=point(121.45, 31.25), **said(6))],
            "places_far_apart",
            ["6"],
        ),
        (
            [firm(), firm(OTHER, 2), permit(OTHER, 3),
             Outfall(code="O", enterprise=FIRM, permit_number=OTHER + "001P", place=INSIDE, **said(6))],
            "outfall_of_other_firm",
            ["6"],
        ),
        ([firm(), permit(name="别的厂")], "name_differs", ["2"]),
        ([firm(), firm(OTHER, 2), permit(OTHER, 3, enterprise=FIRM)], "permit_names_other_firm", ["3"]),
        ([firm(), permit(), *(limit(*one) for one in ((3, "COD", 50.0), (4, "化学需氧量", 60.0), (5, "氨氮", 5.0)))],
         "limits_differ", ["3", "4"]),
        ([firm(place=OUTSIDE)], "outside_district", ["1"]),
        (
            [firm(place=PLANT), Receptor(code="R", name="学", receptor_kind="school", place=point(121.405, 31.245),
                                         **said(8))],
            "receptor_inside_firm",
            ["8"],
        ),
        ([BuildingSite(site_id="G", name="工地", ends_on=date(2026, 11, 23), place=INSIDE, **said(4))],
         "site_past_its_end", ["4"]),
    ],
)  # fmt: skip
def test_each_fault_is_found_with_its_row_and_nothing_else_is(facts, check, rows):
    assert found(facts) == {check: rows}


def test_every_check_that_has_rows_is_tried_above():
    tried = {mark.args[1][n][1] for mark in test_each_fault_is_found_with_its_row_and_nothing_else_is.pytestmark
             for n in range(len(mark.args[1]))}  # fmt: skip
    assert tried == set(CHECKS) - {"kind_not_heard_of"}


def test_a_kind_is_stale_from_the_day_after_its_days():
    days = RegistryQualitySettings().site_days
    heard = {"site": NOW - timedelta(days=days), "complaint": NOW, "receptor": NOW - timedelta(days=9999)}
    assert found([], heard=heard) == {}
    heard["site"] -= timedelta(days=1)
    assert found([], heard=heard) == {"kind_not_heard_of": [f"2026-10-19, {days + 1:.0f} > {days:g}"]}


@pytest.mark.parametrize(
    "facts",
    [
        [firm(), permit(valid_to=date(2025, 1, 1)), permit(number="002P", row=3)],
        [firm(), permit(valid_to=ON)],
        [firm(former_names=("别的（上海）厂",)), permit(name="别的(上海) 厂")],
        [firm(), BuildingSite(site_id="G", name="工地", enterprise=FIRM, place=point(121.49, 31.29), **said(4))],
        [firm(valid_to=date(2026, 1, 1), place=OUTSIDE), firm(row=2, valid_from=date(2026, 1, 2))],
    ],
    ids=["a later permit", "the last day counts", "a former name", "a builder builds elsewhere", "moved long ago"],
)
def test_what_only_looks_like_a_fault_is_none(facts):
    assert found(facts) == {}


def test_without_a_district_nothing_is_outside_it():
    assert found([firm(place=OUTSIDE)], district=None) == {}


def test_rows_stand_in_the_order_of_the_file():
    facts = [firm(code, row, place=None) for code, row in zip(CODES, (10, 9, 2), strict=False)]
    assert found(facts) == {"without_place": ["2", "9", "10"]}
