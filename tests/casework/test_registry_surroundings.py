"""A file is held against what the home knows: things registered before, and the basemap. From file to stored place."""

from __future__ import annotations

import json
from datetime import timedelta

import numpy as np
import pytest

from enforcement.registry import Enterprise
from geo.crs import convert
from pipelines.casework.registry import set_basemap
from pipelines.casework.registry_surroundings import surroundings
from pipelines.engine.registry import import_file
from pipelines.store.read import registry
from tests.pipelines.registry_files import CODES, ENTERPRISE, enterprise, write_csv
from tests.store.making import NOW

DAY = timedelta(days=1)
THERE = np.array([121.40, 31.25]) + np.random.default_rng(2).uniform(-0.01, 0.01, (len(CODES), 2))


def firms_file(folder, lonlat, name="企业.csv", codes=None):
    rows = [enterprise(n, x=f"{lonlat[n][0]:.6f}", y=f"{lonlat[n][1]:.6f}") for n in codes or range(len(CODES))]
    return write_csv(folder / name, ENTERPRISE, rows)


def test_a_later_file_is_told_by_the_firms_that_are_registered(store, tmp_path):
    first = import_file(store, firms_file(tmp_path, THERE, codes=range(3)), by=None, at=NOW, crs="EPSG:4326")
    assert first.crs_evidence == {"method": "given"}
    shifted = convert(THERE, "EPSG:4326", "BD-09")
    done = import_file(store, firms_file(tmp_path, shifted, "百度.csv"), by=None, at=NOW + DAY)
    assert (done.crs, done.crs_evidence["kinds"]["anchors"]["anchors"]) == ("BD-09", 3)
    held = {firm.uscc: firm.place for firm in registry.facts(store, Enterprise, NOW + 2 * DAY)}
    assert len(held) == len(CODES)
    for code, there in zip(CODES, THERE, strict=True):
        assert (held[code].lon, held[code].lat) == pytest.approx(tuple(there), abs=2e-6)


def test_the_same_file_again_is_read_as_it_was_and_changes_nothing(store, tmp_path):
    path = firms_file(tmp_path, convert(THERE, "EPSG:4326", "GCJ-02"))
    import_file(store, path, by=None, at=NOW, crs="GCJ-02")
    again = import_file(store, path, by=None, at=NOW + DAY)
    assert (again.crs, again.changed, again.imported, again.unchanged) == ("GCJ-02", 0, 0, len(CODES))


def test_what_was_not_placed_is_no_anchor(store, tmp_path):
    assert import_file(store, firms_file(tmp_path, THERE), by=None, at=NOW).crs == "cannot_tell"
    assert surroundings(store, NOW + DAY).anchors == ()


def test_the_basemaps_river_and_streets_are_taken_from_the_home(store, tmp_path):
    river = {"type": "LineString", "coordinates": [[121.38, 31.25], [121.42, 31.25]]}
    street = {"type": "LineString", "coordinates": [[121.38, 31.26], [121.42, 31.26]]}
    for layer, geometry in (("water", river), ("roads", street)):
        feature = {"type": "Feature", "properties": {"name": "金沙江路"}, "geometry": geometry}
        source = tmp_path / f"{layer}.geojson"
        source.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
        set_basemap(store, layer, source, by=None, at=NOW)
    around = surroundings(store, NOW + DAY)
    assert around.water.area > 0
    assert list(around.streets) == ["金沙江路"]
