"""Which registered things an observation is weighed against: those within radius and three sigma, in metres."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pyproj import Geod

from enforcement import attribution
from enforcement import policy as law
from enforcement.place import point
from enforcement.registry import BuildingSite, Outfall
from pipelines.engine.nearby_sources import Sources, day_of
from pipelines.store import Store
from tests.store import making
from tests.store.making import NOW, enterprise_of, tell

LEARNT = {"received_at": NOW, "source_sha256": making.sha("f"), "source_row": "1"}


@pytest.fixture()
def observation(home: Path):
    """A dust plume, and the reach within which sources are asked for."""
    with Store.open(home) as store:
        making.start_run(store)
        flight_id, frames = making.add_flight(store)
        seen = making.add_results(store, flight_id, frames, label="dust_plume")[0]
    on = day_of(seen, NOW)
    return seen, attribution.search_radius_m("dust_plume", policy=law.load(), on=on) + 3 * seen.ground.sigma_major_m


def test_what_is_within_reach_counts_and_what_is_a_metre_beyond_does_not(home, observation):
    seen, reach_m = observation

    def at(azimuth_deg, metres):
        lon, lat, _ = Geod(ellps="WGS84").fwd(seen.ground.lon, seen.ground.lat, azimuth_deg, metres)
        return point(lon, lat)

    with Store.open(home) as store:
        tell(
            store,
            [
                BuildingSite(site_id="in", name="近", place=at(45, reach_m - 1), **LEARNT),
                BuildingSite(site_id="out", name="远", place=at(45, reach_m + 1), **LEARNT),
                enterprise_of(name="厂", place=at(200, 1)),
                Outfall(code="no", place=at(0, 1), **LEARNT),  # an outfall raises no dust
                BuildingSite(site_id="nowhere", name="无", **LEARNT),
            ],
        )
        sources = Sources.of(store, NOW)
        near = sources.near(seen, NOW)
        assert [(one.kind, one.name, one.enterprise) for one in near] == [
            ("enterprise", "厂", making.FIRM),
            ("site", "近", None),
        ]
        assert sources.near(replace(seen, ground=None), NOW) == ()


def test_the_share_without_a_place_is_of_what_can_be_the_source(home, observation):
    seen, _ = observation
    with Store.open(home) as store:
        tell(store, [BuildingSite(site_id="a", name="甲", place=point(121.4, 31.25), **LEARNT),
                     BuildingSite(site_id="b", name="乙", **LEARNT), BuildingSite(site_id="c", name="丙", **LEARNT),
                     Outfall(code="o", **LEARNT)])  # fmt: skip
        sources = Sources.of(store, NOW)
        assert sources.unplaced(seen, NOW) == 0.67  # two of three sites
        assert sources.unplaced(replace(seen, label="discharge"), NOW) == 1.0
        assert sources.unplaced(replace(seen, label="vehicle"), NOW) == 0.0
        assert Sources.of(store, NOW.replace(year=2000)).unplaced(seen, NOW) == 0.0
