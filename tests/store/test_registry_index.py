"""Where registered things are: against brute force by a second implementation, and current after every import."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
import shapely
from pyproj import Geod
from shapely.geometry import Point, shape

from enforcement.place import area, line, point
from enforcement.registry import BuildingSite, Drain, Enterprise, Outfall, Receptor
from geo.errors import ShapeError
from geo.types import LonLat
from pipelines.records import StoredFile
from pipelines.store import journal
from pipelines.store.read.registry_index import LiveIndex, RegistryIndex
from pipelines.store.records import RegistryImport, Undone
from pipelines.store.write import flights
from pipelines.store.write import registry as write
from pipelines.store.write import registry_imports as imports
from tests.store import making
from tests.store.making import NOW, enterprise_of, tell

LEARNT = {"received_at": NOW, "source_sha256": making.sha("registry"), "source_row": "1"}
LATER = NOW + timedelta(days=1)
GEOD = Geod(ellps="WGS84")
SQUARE = [[121.39, 31.24], [121.40, 31.24], [121.40, 31.25], [121.39, 31.25], [121.39, 31.24]]


def things(count=300, seed=5):
    """Points, squares and lines strewn over the district."""
    random = np.random.default_rng(seed)
    found = []
    for number, (lon, lat) in enumerate(random.uniform((121.35, 31.21), (121.45, 31.30), (count, 2))):
        size = random.uniform(0.0002, 0.004)
        if number % 3 == 0:
            ring = [(lon, lat), (lon + size, lat), (lon + size, lat + size), (lon, lat + size), (lon, lat)]
            found.append(BuildingSite(site_id=f"S{number}", name="", place=area([[ring]]), **LEARNT))
        elif number % 3 == 1:
            found.append(
                Drain(
                    code=f"D{number}",
                    place=line([[(lon, lat), (lon + size, lat + size), (lon, lat + 2 * size)]]),
                    **LEARNT,
                )
            )
        else:
            found.append(Outfall(code=f"O{number}", place=point(lon, lat), **LEARNT))
    return found


def geodesic_m(lonlat, place):
    """Metres on the ellipsoid to the nearest point of a shape: found in scaled degrees, measured in Karney's way."""
    lon, lat = lonlat
    narrow = np.cos(np.radians(lat))
    flat = shape(place.to_geojson())
    scaled = shapely.transform(flat, lambda c: np.column_stack([(c[:, 0] - lon) * narrow, c[:, 1] - lat]))
    nearest = scaled.boundary if scaled.geom_type == "Polygon" and not scaled.covers(Point(0, 0)) else scaled
    if scaled.covers(Point(0, 0)):
        return 0.0
    at = nearest.interpolate(nearest.project(Point(0, 0))) if nearest.geom_type != "Point" else nearest
    return GEOD.inv(lon, lat, at.x / narrow + lon, at.y + lat)[2]


@pytest.mark.parametrize("kinds", [None, ("outfall",), ("site", "drain")])
def test_nearest_agrees_with_brute_force_on_the_ellipsoid(kinds):
    held = RegistryIndex.of(things())
    lonlat = np.random.default_rng(8).uniform((121.34, 31.20), (121.46, 31.31), (60, 2))
    index, distance = held.nearest(lonlat, kinds)
    for place, number, apart in zip(lonlat, index, distance, strict=True):
        by_hand = {
            i: geodesic_m(place, fact.place) for i, fact in enumerate(held.facts) if not kinds or fact.KIND in kinds
        }
        assert apart == pytest.approx(min(by_hand.values()), rel=1e-3, abs=0.02)
        assert by_hand[number] == pytest.approx(min(by_hand.values()), rel=2e-3, abs=0.05)


def test_containing_names_every_area_over_a_place_and_no_point_or_line():
    facts = things()
    held = RegistryIndex.of(facts)
    lonlat = np.random.default_rng(9).uniform((121.36, 31.22), (121.44, 31.29), (300, 2))
    places, areas = held.containing(lonlat)
    by_hand = [
        (i, j)
        for i, at in enumerate(lonlat)
        for j, fact in enumerate(facts)
        if fact.KIND == "site" and shape(fact.place.to_geojson()).covers(Point(at))
    ]
    assert list(zip(places.tolist(), areas.tolist(), strict=True)) == by_hand
    assert len(by_hand) > 10
    assert not len(held.containing(lonlat, ("outfall",))[0])


def test_around_is_nearest_first_and_the_radius_counts_in_metres():
    east = [point(121.40 + step / 1000, 31.25) for step in range(5)]  # 95.24 m apart
    held = RegistryIndex.of([Outfall(code=str(i), place=place, **LEARNT) for i, place in enumerate(east[::-1])])
    numbers, apart = held.around(LonLat(121.40, 31.25), 200.0)
    assert [held.facts[i].code for i in numbers] == ["4", "3", "2"]
    assert apart == pytest.approx([GEOD.inv(121.40, 31.25, 121.40 + s / 1000, 31.25)[2] for s in range(3)], abs=0.05)


def test_of_equally_near_things_the_first_is_given_and_areas_that_hold_the_place_have_distance_zero():
    same = [Receptor(code=c, name=c, receptor_kind="school", place=point(121.41, 31.24), **LEARNT) for c in "cab"]
    site = BuildingSite(site_id="S", name="", place=area([[SQUARE]]), **LEARNT)
    held = RegistryIndex.of([*same, site])
    index, distance = held.nearest([(121.411, 31.24), (121.395, 31.245), (121.39, 31.245)])
    assert index.tolist() == [0, 3, 3]
    assert distance[1:] == pytest.approx([0.0, 0.0], abs=1e-3)


def test_what_cannot_be_answered_is_said_and_not_guessed():
    held = RegistryIndex.of([Outfall(code="1", place=point(121.40, 31.25), **LEARNT), enterprise_of(place=None)])
    assert len(held.facts) == 1
    index, distance = held.nearest([(np.nan, 31.25), (121.40, 31.26), (121.40, 31.2501)], within_m=100.0)
    assert index.tolist() == [-1, -1, 0]
    assert np.isnan(distance[:2]).all()
    assert held.nearest([(121.4, 31.25)], ("receptor",))[0].tolist() == [-1]
    nothing = RegistryIndex.of(())
    assert nothing.nearest([(121.4, 31.25)])[0].tolist() == [-1]
    assert not len(nothing.containing([(121.4, 31.25)])[0])
    assert not len(nothing.around(LonLat(121.4, 31.25), 1e4)[0])
    with pytest.raises(ShapeError):
        held.nearest([121.4, 31.25, 3.0])


def test_a_new_import_is_seen_at_once_and_an_unchanged_registry_is_not_built_again(store):
    live = LiveIndex(store)
    assert live.at(NOW).facts == ()
    tell(store, [enterprise_of(place=point(121.40, 31.25))])
    first = live.at(NOW)
    assert first.nearest([(121.41, 31.25)])[1] == pytest.approx(953, abs=1)
    tell(store, [enterprise_of(place=point(121.40, 31.25), at=LATER)], at=LATER)
    making.add_whole(store)  # the journal goes on, the registry does not
    assert live.at(NOW + timedelta(hours=1)) is first
    tell(store, [enterprise_of(place=point(121.41, 31.25), at=LATER)], at=LATER)
    assert live.at(LATER).nearest([(121.41, 31.25)])[1] == pytest.approx(0, abs=1e-6)
    assert live.at(NOW).nearest([(121.41, 31.25)])[1] == pytest.approx(953, abs=1)
    assert live.at(LATER).nearest([(121.41, 31.25)])[1] == pytest.approx(0, abs=1e-6)


def test_another_day_is_another_answer(store):
    live = LiveIndex(store, (Enterprise.KIND,))
    tell(store, [enterprise_of(place=point(121.40, 31.25), valid_to=date(2026, 11, 30))])
    assert len(live.at(NOW).facts) == 1
    assert live.at(NOW + timedelta(days=30)).facts == ()
    assert len(live.at(NOW).facts) == 1


def test_an_undone_import_counts_as_a_change(store):
    live = LiveIndex(store)
    done = RegistryImport(
        "RI-1", "f" * 64, "f.csv", "enterprise", "", None, "EPSG:4326", {}, "utf-8", 1, 1, 0, 0, 0, "li", "owner", NOW
    )
    with store.transaction() as tx:
        flights.insert_files(tx, None, [StoredFile("f" * 64, 1, "f.csv", "text/csv", NOW)])
        imports.insert_import(tx, done)
        write.import_facts(tx, [enterprise_of()], import_id="RI-1")
        journal.append(tx, at=NOW, actor="li", role="owner", kind="k", subject="s", payload={})
    before = live.at(LATER + timedelta(hours=1))
    assert len(before.facts) == 1
    with store.transaction() as tx:
        imports.undo_import(tx, "RI-1", Undone("li", LATER, "wrong file"), role="owner")
        journal.append(tx, at=LATER, actor="li", role="owner", kind="k", subject="s", payload={})
    assert live.at(LATER + timedelta(hours=1)).facts == ()
    assert live.at(LATER - timedelta(hours=1)).facts == before.facts
