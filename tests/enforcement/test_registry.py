"""Registry facts: dated twice over, and the same again after JSON."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from enforcement import registry
from enforcement.errors import NoRuleInForce, PlaceImpossible
from enforcement.place import area, from_geojson, line, point
from enforcement.policy import load
from enforcement.registry import KINDS, listed_until
from enforcement.registry_json import from_plain, said_by, to_plain

T = datetime(2026, 11, 24, 8, tzinfo=UTC)
SOURCE = {"received_at": T, "source_sha256": "ab" * 32, "source_row": "8"}
SQUARE = [[[121.40, 31.24], [121.41, 31.24], [121.41, 31.25], [121.40, 31.25], [121.40, 31.24]]]
LINES = [[[121.40, 31.24], [121.41, 31.24]], [[121.41, 31.24], [121.41, 31.245], [121.42, 31.245]]]
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
    registry.PermitOutlet(
        **SOURCE,
        permit_number="91310107JH8KKJ0MY0001P",
        enterprise="91310107JH8KKJ0MY0",
        outlet="DW001",
        medium="water",
        outfall_code="P1",
        receiving="苏州河",
        place=point(121.4, 31.25),
    ),
    registry.PermitLimit(
        **SOURCE,
        permit_number="91310107JH8KKJ0MY0001P",
        enterprise="91310107JH8KKJ0MY0",
        outlet="DW001",
        pollutant="pH",
        value=9.0,
        value_low=6.0,
        period="instant",
        what="concentration",
    ),
    registry.Filing(
        **SOURCE,
        filing_id="F1",
        site_id="G1",
        filing_kind="night_work",
        starts_at=datetime(2026, 11, 24, 22, tzinfo=timezone(timedelta(hours=8))),
        ends_at=datetime(2026, 11, 25, 5, 30, tzinfo=timezone(timedelta(hours=8))),
        accepted=False,
    ),
    registry.Drain(**SOURCE, code="Y1", drain_kind="storm", flows_to="Y2", diameter_m=0.6, place=line(LINES)),
    registry.WatchCamera(**SOURCE, code="K1", watches="G1", height_m=12.5, azimuth_deg=270.0),
]


KIND_NAMES = [fact.KIND for fact in FACTS]


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


def test_a_field_that_came_later_is_stored_only_where_it_says_something():
    """What a home of the first form stored of an outfall: the same row of the same file must read as unchanged."""
    first_form = (
        '{"address": "", "code": "P1", "crs_given": "", "enterprise": null, "name": "", "outfall_class": "industrial", '
        '"permit_number": null, "place": null, "place_given": "", "receiving_water": "", "responsible": "", '
        '"valid_from": null, "valid_to": null}'
    )
    assert json.dumps(said_by(FACTS[2]), sort_keys=True) == first_form
    later = replace(FACTS[2], outfall_subclass="工矿企业排污口")
    assert said_by(later) == {**json.loads(first_form), "outfall_subclass": "工矿企业排污口"}
    assert from_plain("outfall", to_plain(later)) == later


def test_a_field_that_no_kind_has_is_refused():
    with pytest.raises(TypeError):
        from_plain("outfall", {**to_plain(FACTS[2]), "colour": "red"})


def test_a_firm_without_a_credit_code_says_so_and_a_named_list_makes_a_key_unit():
    firm = FACTS[0]
    assert (firm.credit_code, firm.is_key_unit) == (firm.uscc, True)
    old = replace(firm, uscc="reg-310107000123456", key_unit=False)
    assert (old.credit_code, old.is_key_unit) == (None, False)
    assert replace(old, key_unit_lists=("water",)).is_key_unit


def test_limits_of_one_pollutant_are_told_apart_by_outlet_period_and_what():
    limit = FACTS[KIND_NAMES.index("permit_limit")]
    changes = [{}, {"outlet": "DW002"}, {"period": "day"}, {"what": "amount"}, {"pollutant": "COD"}]
    assert len({replace(limit, **change).key for change in changes}) == len(changes)
    assert replace(limit, value=8.5).key == limit.key


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


def test_a_line_stands_for_itself_its_box_and_its_middle():
    place = line(LINES)
    assert place.is_line
    assert not place.is_area
    assert place.box == (121.40, 31.24, 121.42, 31.245)
    assert place.to_geojson() == {"type": "MultiLineString", "coordinates": LINES}
    assert from_geojson(place.to_geojson()) == place
    one = line(LINES[:1])
    assert one.to_geojson() == {"type": "LineString", "coordinates": LINES[0]}
    assert (one.lon, one.lat) == pytest.approx((121.405, 31.24))


@pytest.mark.parametrize("positions", [[[0, 0], [4, 0], [4, 2]], [[0, 0], [0, 0], [0, 6]], [[0, 0], [1, 0], [2, 0]]])
def test_the_middle_of_a_line_lies_on_it_and_agrees_with_a_second_implementation(positions):
    """At the equator, where a degree is as long east as north."""
    from shapely.geometry import LineString

    small = [[x / 1000, y / 1000] for x, y in positions]
    middle = LineString(small).interpolate(0.5, normalized=True)
    assert (line([small]).lon, line([small]).lat) == pytest.approx((middle.x, middle.y), abs=1e-9)


def test_the_box_of_areas_goes_round_all_of_them():
    assert area([SQUARE]).box == (121.40, 31.24, 121.41, 31.25)
    assert point(1.0, 2.0).box == (1.0, 2.0, 1.0, 2.0)


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
        {"type": "LineString", "coordinates": [[0, 0]]},
        {"type": "LineString", "coordinates": [[1, 1], [1, 1]]},
        {"type": "LineString", "coordinates": [[0, 0], [1, 91]]},
        {"type": "MultiLineString", "coordinates": []},
        {"type": "MultiLineString", "coordinates": [[]]},
        {"type": "GeometryCollection", "geometries": []},
        {},
    ],
)
def test_what_is_no_place_is_refused(geometry):
    with pytest.raises(PlaceImpossible):
        from_geojson(geometry)
