"""Registry facts: dated twice over, and the same again after JSON."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, date, datetime, timedelta

import pytest

from enforcement import registry
from enforcement.errors import NoRuleInForce, PlaceImpossible
from enforcement.place import area, from_geojson, point
from enforcement.policy import load
from enforcement.registry import KINDS, listed_until
from enforcement.registry_json import from_plain, said_by, to_plain

T = datetime(2026, 11, 24, 8, tzinfo=UTC)
SOURCE = {"received_at": T, "source_sha256": "ab" * 32, "source_row": "8"}
SQUARE = [[[121.40, 31.24], [121.41, 31.24], [121.41, 31.25], [121.40, 31.25], [121.40, 31.24]]]
FACTS = [
    registry.Enterprise(
        **SOURCE,
        uscc="91310107JH8KKJ0MY0",
        name="某厂",
        former_names=("旧厂",),
        key_unit=True,
        place=point(121.4, 31.25),
        place_given="121.4, 31.25",
        crs_given="EPSG:4326",
        registered_on=date(2001, 2, 3),
    ),
    registry.BuildingSite(
        **SOURCE,
        site_id="G1",
        name="工地",
        place=area([SQUARE]),
        valid_from=date(2026, 1, 1),
        valid_to=date(2026, 12, 31),
    ),
    registry.Outfall(**SOURCE, code="P1", outfall_class="industrial"),
    registry.MonitorPoint(**SOURCE, code="M1", name="点", mn="310107A1000001", interval_s=60.0),
    registry.Permit(
        **SOURCE,
        permit_number="91310107JH8KKJ0MY0001P",
        enterprise="91310107JH8KKJ0MY0",
        outlets=("DW001",),
        pollutants=("COD", "NH3-N"),
    ),
    registry.PositiveListing(**SOURCE, enterprise="91310107JH8KKJ0MY0", listed_on=date(2026, 3, 1)),
    registry.Inspection(**SOURCE, inspection_id="I1", enterprise=None, on=date(2026, 4, 1), found=True),
    registry.Complaint(**SOURCE, complaint_id="C1", on=date(2026, 5, 1), topic="扬尘"),
    registry.Receptor(**SOURCE, code="R1", name="小学", receptor_kind="school"),
]


def test_there_is_a_sample_of_every_kind():
    assert {fact.KIND for fact in FACTS} == set(KINDS)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.KIND)
def test_a_fact_comes_back_from_json_as_it_was(fact):
    text = json.dumps(to_plain(fact), ensure_ascii=False)
    again = from_plain(fact.KIND, json.loads(text))
    assert again == fact
    assert type(again) is type(fact)
    assert again.key == fact.key


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.KIND)
def test_what_a_fact_says_does_not_depend_on_when_and_where_it_was_learnt(fact):
    later = replace(fact, received_at=T + timedelta(days=1), source_sha256="cd" * 32, source_row="9")
    assert said_by(later) == said_by(fact)
    assert said_by(replace(fact, valid_to=date(2030, 1, 1))) != said_by(fact)


def test_a_fact_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        FACTS[0].name = "another"


def test_a_listing_ends_by_its_own_day_or_by_the_row():
    listing = FACTS[5]
    assert listed_until(listing, load()) == date(2029, 3, 1)
    assert listed_until(replace(listing, until=date(2027, 3, 1)), load()) == date(2027, 3, 1)
    assert listed_until(replace(listing, listed_on=date(2024, 2, 29)), load()) == date(2027, 2, 28)
    with pytest.raises(NoRuleInForce):
        listed_until(replace(listing, listed_on=date(2020, 1, 1)), load())


def test_an_area_stands_for_itself_and_its_centroid():
    place = area([SQUARE])
    assert (place.lon, place.lat) == pytest.approx((121.405, 31.245))
    assert place.is_area
    assert place.to_geojson() == {"type": "Polygon", "coordinates": SQUARE}


def test_the_centroid_of_an_l_shape_agrees_with_a_second_implementation():
    from shapely.geometry import shape

    ring = [[0, 0], [4, 0], [4, 1], [1, 1], [1, 3], [0, 3], [0, 0]]
    for polygons in ([[ring]], [[ring[::-1]]], [[ring], [[[9, 9], [9.5, 9], [9.5, 9.5], [9, 9]]]]):
        place = area(polygons)
        centre = shape({"type": "Polygon", "coordinates": [ring]}).centroid
        assert (place.lon, place.lat) == pytest.approx((centre.x, centre.y))
        assert from_geojson(place.to_geojson()) == place


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Point", "coordinates": [181, 0]},
        {"type": "Point", "coordinates": [0, 90.5]},
        {"type": "Point", "coordinates": [float("nan"), 0]},
        {"type": "Point", "coordinates": []},
        {"type": "Point"},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[]]},
        {"type": "Polygon", "coordinates": [SQUARE[0][:-1]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [2, 2], [0, 0]]]},
        {"type": "LineString", "coordinates": [[0, 0], [1, 1]]},
        {},
    ],
)
def test_what_is_no_place_is_refused(geometry):
    with pytest.raises(PlaceImpossible):
        from_geojson(geometry)
