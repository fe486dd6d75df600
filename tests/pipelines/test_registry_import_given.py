"""The real files of the shared data, the sample registry, and any cells whatever."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.crs import convert
from pipelines.errors import Refusal
from pipelines.registry_import import read_outline
from tests.pipelines.registry_files import (
    CODES,
    ENTERPRISE,
    read,
    read_rows,
)


@pytest.mark.given
def test_the_national_station_list_is_read_with_its_stop_notes(shared):
    found = read(shared / "data" / "stations" / "china_air_stations_excerpt_gb18030.csv")
    points = {one.code: one for one in found.rows}
    assert (found.kind, found.encoding, found.crs, len(points), found.refused) == (
        "monitor_point",
        "gb18030",
        "cannot_tell",
        47,
        (),
    )
    assert [detail for _, reason, detail in found.warnings if reason == "row_without_place"] == [
        "1045A",
        "1202A",
        "1254A",
        "1347A",
    ]
    assert (points["1141A"].name, points["1141A"].city) == ("普陀", "上海")
    assert (points["1002A"].name, points["1002A"].control) == ("定陵", True)
    assert points["1013A"].valid_to == date(2015, 7, 2)
    assert points["1475A"].valid_to == date(2018, 11, 15)
    assert (points["1436A"].name, points["1436A"].valid_to) == ("草堂寺（已停运）", None)


@pytest.mark.given
def test_measured_values_and_outlines_are_refused_as_what_they_are(shared):
    with pytest.raises(Refusal) as refused:
        read(shared / "data" / "stations" / "PRSA_Data_Dongsi_20130301-20170228.csv")
    assert refused.value.reason == "measured_values_not_registry"
    with pytest.raises(Refusal) as refused:
        read(shared / "data" / "boundary" / "putuo_310107_amap.geojson")
    assert refused.value.reason == "outline_not_registry"


@pytest.mark.given
def test_the_given_outline_is_amaps_and_has_the_districts_area(shared):
    outline = read_outline(shared / "data" / "boundary" / "putuo_310107_amap.geojson")
    assert (outline.name, outline.adcode, outline.crs) == ("普陀区", "310107", "GCJ-02")
    assert outline.area_km2 == pytest.approx(55.5, abs=0.3)  # 55.53 km2 by the district's own account
    assert outline.polygon.contains(shapely.Point(121.3967, 31.2495))
    as_said = read_outline(shared / "data" / "boundary" / "putuo_310107_amap.geojson", crs="EPSG:4326")
    assert as_said.polygon.centroid.distance(outline.polygon.centroid) == pytest.approx(0.005, abs=0.001)


def test_an_outline_with_the_properties_that_amap_gives_a_district_is_amaps(tmp_path):
    """DataV and cnmaps hand Amap's outlines on, as GeoJSON, which is WGS 84 by definition and here is not."""
    ring = [[121.39, 31.24], [121.41, 31.24], [121.41, 31.26], [121.39, 31.24]]
    for properties, crs in (({"adcode": 310107, "level": "district"}, "GCJ-02"), ({"adcode": 310107}, "EPSG:4326")):
        path = tmp_path / "区界.json"
        geometry = {"type": "Polygon", "coordinates": [ring]}
        path.write_text(json.dumps({"type": "Feature", "properties": properties, "geometry": geometry}), "utf-8")
        found = read_outline(path)
        assert found.crs == crs
        assert shapely.get_coordinates(found.polygon)[0] == pytest.approx(
            convert([ring[0]], crs, "EPSG:4326")[0], abs=1e-12
        )


@pytest.mark.given
def test_a_file_of_sixteen_districts_needs_a_name(shared):
    path = shared / "data" / "boundary" / "shanghai_districts_amap.geojson"
    with pytest.raises(Refusal) as refused:
        read_outline(path)
    assert refused.value.reason == "outline_ambiguous"
    assert read_outline(path, name="普陀区").area_km2 == pytest.approx(55.5, abs=0.3)


METRES = [[[633048, 3459478], [633049, 3459478], [633048, 3459479], [633048, 3459478]]]


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {"type": "FeatureCollection", "features": []},
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [121, 31]}},
        {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": "x"}},
        {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": METRES}},
    ],
)
def test_what_is_no_outline_is_refused(tmp_path, document):
    (tmp_path / "a.geojson").write_text("" if document is None else json.dumps(document), encoding="utf-8")
    with pytest.raises(Refusal) as refused:
        read_outline(tmp_path / "a.geojson")
    assert refused.value.reason == "outline_unreadable"


@given(
    st.lists(
        st.lists(
            st.text(max_size=12) | st.sampled_from([*CODES, "121.4", "31.25", "2026-01-01", "是", "-", "合计"]),
            min_size=7,
            max_size=7,
        ),
        max_size=6,
    )
)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_cells_are_taken_or_refused_and_every_row_is_accounted_for(tmp_path, rows):
    try:
        found = read_rows(tmp_path, ENTERPRISE, rows)
    except Refusal as refusal:
        assert refusal.reason in ("registry_empty", "registry_file_unreadable", "encoding_unknown")
        return
    assert len(found.rows) + len(found.refused) == found.row_count
    assert json.dumps([*found.refused, *found.warnings])


SAMPLE = Path(__file__).parents[2] / "data_samples"


@pytest.mark.parametrize(
    "truth", json.loads((SAMPLE / "registry" / "files.json").read_text("utf-8")), ids=lambda t: t["file"]
)
def test_the_sample_registry_is_read_as_its_truth_says_and_its_crs_is_never_told_wrong(truth):
    path, outline = SAMPLE / "registry" / truth["file"], read_outline(SAMPLE / "district.geojson")
    found = read(path, outline=outline.polygon)
    assert (found.kind, found.row_count, len(found.rows)) == (truth["kind"], truth["rows"], truth["imported"])
    assert [item for item, _, _ in found.refused] == [row["item"] for row in truth["must_refuse"]]
    assert found.crs in (truth.get("crs"), "cannot_tell")
    if "crs" in truth:
        said = read(path, outline=outline.polygon, crs=truth["crs"])
        assert all(
            fact.place is not None and outline.polygon.contains(shapely.Point(fact.place.lon, fact.place.lat))
            for fact in said.rows
        )


def test_the_samples_firms_are_told_to_be_in_the_web_maps_datum():
    outline = read_outline(SAMPLE / "district.geojson")
    assert read(SAMPLE / "registry" / "enterprises.csv", outline=outline.polygon).crs == "GCJ-02"
