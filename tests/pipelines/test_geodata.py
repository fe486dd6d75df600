"""GeoPackage and zipped Shapefile: the same rows as from a GeoJSON, in the CRS that the file declares."""

from __future__ import annotations

import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import geopandas
import pytest
import shapely

from geo.crs import convert
from pipelines.errors import Refusal
from pipelines.registry_import import read_outline, read_registry
from tests.pipelines.registry_files import CODES, write_geojson

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
LONLAT = [(121.40, 31.24), (121.41, 31.24), (121.41, 31.25), (121.40, 31.24)]
SITES = {
    "工地编号": ["G1", "G2"],
    "工地名称": ["一号工地", "二号工地"],
    "开工日期": [datetime(2026, 1, 5), None],  # noqa: DTZ001 - a field has no zone
    "施工阶段": ["土方", None],
}


def in_crs(crs: str) -> shapely.Polygon:
    return shapely.Polygon(convert(LONLAT, "EPSG:4326", crs))


def sites(crs: str = "EPSG:4549") -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame(SITES, geometry=[in_crs(crs), None], crs=crs)


def write_shapefile(path: Path, frame: geopandas.GeoDataFrame, *, encoding: str, without: tuple[str, ...] = ()) -> Path:
    folder = path.with_suffix("")
    folder.mkdir()
    frame.to_file(folder / "工地.shp", engine="pyogrio", encoding=encoding)
    with zipfile.ZipFile(path, "w") as archive:
        for part in sorted(folder.iterdir()):
            if part.suffix not in without:
                archive.write(part, f"数据/{part.name}")
    return path


def read(path: Path, **options):
    return read_registry(path, received_at=NOW, **options)


def said(found):
    return [(s.site_id, s.name, s.started_on, s.phase) for s in found.rows]


def assert_sites(found) -> None:
    assert (found.kind, found.crs, found.crs_evidence) == ("site", "EPSG:4549", {"method": "declared_in_file"})
    assert said(found) == [("G1", "一号工地", date(2026, 1, 5), "土方"), ("G2", "二号工地", None, "")]
    assert found.warnings == (("row 2", "row_without_place", "G2"),)
    corners = found.rows[0].place.polygons[0][0]
    same = shapely.Polygon(corners).symmetric_difference(shapely.Polygon(LONLAT)).area
    assert same < 1e-6 * shapely.Polygon(LONLAT).area


def test_a_geopackage_gives_what_its_layer_holds(tmp_path):
    path = tmp_path / "工地.gpkg"
    sites().to_file(path, layer="工地", engine="pyogrio")
    before = path.read_bytes()
    found = read(path)
    assert found.encoding == "gpkg"
    assert_sites(found)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize(
    ("encoding", "without", "told"),
    [
        ("utf-8", (), "shapefile"),
        ("gb18030", (".cpg",), "gb18030"),
        ("utf-8", (".cpg",), "utf-8"),
    ],
)
def test_a_zipped_shapefile_is_read_in_its_encoding_from_any_folder_of_the_zip(tmp_path, encoding, without, told):
    frame = sites().rename(
        columns={"工地编号": "site_id", "工地名称": "name", "开工日期": "start date", "施工阶段": "phase"}
    )
    frame["start date"] = ["2026-01-05", None]
    found = read(write_shapefile(tmp_path / "a.zip", frame, encoding=encoding, without=without))
    assert found.encoding == told
    assert_sites(found)


def test_a_shapefiles_encoding_can_be_said_and_a_wrong_one_is_refused(tmp_path):
    frame = sites()[["工地编号", "工地名称", "施工阶段", "geometry"]]
    frame = frame.rename(columns={"工地编号": "site_id", "工地名称": "name", "施工阶段": "phase"})
    path = write_shapefile(tmp_path / "a.zip", frame, encoding="gb18030", without=(".cpg",))
    assert read(path, encoding="gbk").rows[0].name == "一号工地"
    with pytest.raises(Refusal) as refused:
        read(path, encoding="utf-8")
    assert refused.value.reason == "encoding_unknown"


def test_degrees_that_a_geopackage_declares_are_tested_like_those_of_a_geojson(tmp_path):
    sites("EPSG:4326").to_file(tmp_path / "a.gpkg", engine="pyogrio")
    found = read(tmp_path / "a.gpkg")
    assert (found.crs, found.crs_evidence) == ("cannot_tell", {"method": "no_district_set"})


def test_a_table_without_places_is_read_and_the_styles_of_qgis_are_passed_over(tmp_path):
    path = tmp_path / "a.gpkg"
    firms = geopandas.GeoDataFrame(
        {
            "统一社会信用代码": [CODES[0]],
            "企业名称": ["某厂"],
            "行业类别": ["C26"],
            "geometry": [shapely.Point(121.4, 31.25)],
        },
        crs="EPSG:4490",
    )
    firms.to_file(path, layer="企业", engine="pyogrio")
    firms[["企业名称", "geometry"]].to_file(path, layer="layer_styles", engine="pyogrio")
    assert [(f.uscc, f.place_given) for f in read(path, crs="EPSG:4490").rows] == [
        (CODES[0], '{"type": "Point", "coordinates": [121.4, 31.25]}')
    ]


def _two_layers(path: Path) -> None:
    sites().to_file(path, layer="a", engine="pyogrio")
    sites().to_file(path, layer="b", engine="pyogrio")


def _two_shapefiles(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("a.shp", "b.shp"):
            archive.writestr(name, b"")


def _no_shapefile(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.shp", b"nothing")


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("a.gpkg", _two_layers),
        ("a.zip", _two_shapefiles),
        ("a.zip", _no_shapefile),
        ("a.gpkg", lambda path: path.write_bytes(b"SQLite format 3\x00" + bytes(100))),
    ],
)
def test_what_is_not_one_layer_is_refused_by_both_readers(tmp_path, name, write):
    write(tmp_path / name)
    with pytest.raises(Refusal) as refused:
        read(tmp_path / name)
    assert (refused.value.reason, refused.value.where) == ("registry_file_unreadable", name)
    with pytest.raises(Refusal) as refused:
        read_outline(tmp_path / name)
    assert refused.value.reason == "outline_unreadable"


@pytest.mark.parametrize("crs", ["EPSG:4549", "EPSG:32651", "EPSG:4326"])
def test_an_outline_is_the_same_from_geopackage_shapefile_and_geojson(tmp_path, crs):
    frame = geopandas.GeoDataFrame({"name": ["甲区"], "adcode": ["310107"]}, geometry=[in_crs(crs)], crs=crs)
    frame.to_file(tmp_path / "a.gpkg", engine="pyogrio")
    write_shapefile(tmp_path / "b.zip", frame, encoding="utf-8")
    ring = {"type": "Polygon", "coordinates": [LONLAT]}
    wanted = read_outline(write_geojson(tmp_path / "c.geojson", [({"name": "甲区", "adcode": "310107"}, ring)]))
    for name in ("a.gpkg", "b.zip"):
        found = read_outline(tmp_path / name)
        assert (found.name, found.adcode, found.crs) == ("甲区", "310107", crs)
        assert found.crs_evidence == {"method": "declared_in_file"}
        assert found.area_km2 == pytest.approx(wanted.area_km2, rel=1e-6)


def test_an_outline_that_declares_no_crs_needs_to_be_told(tmp_path):
    frame = geopandas.GeoDataFrame({"name": ["甲区"]}, geometry=[in_crs("EPSG:4549")], crs="EPSG:4549")
    path = write_shapefile(tmp_path / "a.zip", frame, encoding="utf-8", without=(".prj",))
    with pytest.raises(Refusal, match="--crs"):
        read_outline(path)
    assert read_outline(path, crs="EPSG:4549").area_km2 == pytest.approx(0.528, abs=0.01)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
@pytest.mark.parametrize("kind", ["Point", "Polygon"])
def test_a_number_that_is_not_finite_refuses_its_row_alone(tmp_path, number, kind):
    properties = [{"uscc": code, "name": f"厂{code[-3:]}", "企业规模": "小型"} for code in CODES[:2]]
    here = {"type": "Point", "coordinates": [121.4, 31.25]}
    bad = {
        "type": kind,
        "coordinates": ["X", 31.2] if kind == "Point" else [[[121.4, 31.2], ["X", 31.2], [121.4, 31.2]]],
    }
    path = write_geojson(tmp_path / "a.geojson", [(properties[0], bad), (properties[1], here)])
    path.write_text(path.read_text("utf-8").replace('"X"', number), "utf-8")
    found = read(path)
    assert [(item, reason) for item, reason, _ in found.refused] == [("row 1", "place_unreadable")]
    assert [firm.uscc for firm in found.rows] == [CODES[1]]


def test_a_zip_that_unpacks_beyond_all_measure_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr("pipelines.registry_import.geodata.UNPACKED_AT_MOST", 10_000)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.shp", bytes(20_000))
        archive.writestr("a.dbf", b"")
    with pytest.raises(Refusal) as refused:
        read(tmp_path / "a.zip")
    assert refused.value.reason == "registry_file_too_large"
