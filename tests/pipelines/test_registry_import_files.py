"""Registry files as offices send them: each form is read, what cannot be used is refused as a whole."""

from __future__ import annotations

import hashlib
from datetime import date, datetime

import numpy as np
import pytest

from geo.crs import convert
from pipelines.errors import Refusal
from tests.pipelines.registry_files import (
    CODES,
    ENTERPRISE,
    NOW,
    enterprise,
    read,
    read_rows,
    write_csv,
    write_geojson,
    write_xlsx,
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("newline", ["\r\n", "\n"])
def test_a_csv_is_read_in_any_usual_encoding(tmp_path, encoding, newline):
    path = write_csv(tmp_path / "企业.csv", ENTERPRISE, [enterprise()], encoding=encoding, newline=newline)
    found = read(path, crs="EPSG:4326")
    assert found.encoding == encoding.removesuffix("-sig")
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    (firm,) = found.rows
    assert (firm.uscc, firm.name, firm.credit_class, firm.key_unit) == (CODES[0], "第0厂", "green", True)
    assert (firm.place.lon, firm.place.lat, firm.crs_given, firm.place_given) == (
        121.4,
        31.25,
        "EPSG:4326",
        "121.4, 31.25",
    )
    assert (firm.received_at, firm.source_sha256, firm.source_row) == (NOW, found.sha256, "1")


def test_an_encoding_that_is_said_is_used_and_a_wrong_one_refused(tmp_path):
    path = write_csv(tmp_path / "a.csv", ENTERPRISE, [enterprise()], encoding="gb18030")
    assert read(path, encoding="gbk").rows[0].name == "第0厂"
    for wrong in ("utf-8", "no-such-encoding"):
        with pytest.raises(Refusal) as refused:
            read(path, encoding=wrong)
        assert refused.value.reason == "encoding_unknown"


def test_a_workbook_with_a_title_date_cells_and_numbers_is_read(tmp_path):
    rows = [
        ("二〇二六年工地清单",),
        (),
        ("工地编号", "工地名称", "开工日期", "计划竣工日期", "经度", "纬度"),
        ("G1", "一号工地", date(2026, 1, 5), datetime(2026, 12, 31), 121.4, 31.25),  # noqa: DTZ001 - a cell has no zone
        (),
        (20260002, "二号工地", "2026年2月3日", None, "121.41", "31.26"),
        ("合计", 2),
    ]
    found = read(write_xlsx(tmp_path / "a.xlsx", rows), crs="EPSG:4326")
    assert (found.kind, found.encoding) == ("site", "xlsx")
    assert [(site.site_id, site.started_on, site.ends_on) for site in found.rows] == [
        ("G1", date(2026, 1, 5), date(2026, 12, 31)),
        ("20260002", date(2026, 2, 3), None),
    ]
    assert found.refused == (("row 4", "row_is_no_data", "合计"),)
    assert [site.source_row for site in found.rows] == ["1", "3"]


def test_a_geojson_with_areas_gives_places_with_an_extent(tmp_path):
    square = {"type": "Polygon", "coordinates": [[[121.40, 31.24], [121.41, 31.24], [121.41, 31.25], [121.40, 31.24]]]}
    found = read(
        write_geojson(
            tmp_path / "a.geojson",
            [({"工地编号": "G1", "工地名称": "工地"}, square), ({"工地编号": "G2", "工地名称": "x"}, None)],
        ),
        crs="EPSG:4326",
    )
    assert found.rows[0].place.to_geojson() == square
    assert found.rows[1].place is None
    assert found.warnings == (("row 2", "row_without_place", "G2"),)


def test_an_area_in_well_known_text_is_moved_corner_by_corner(tmp_path):
    text = "POLYGON ((121.40 31.24, 121.41 31.24, 121.41 31.25, 121.40 31.24))"
    found = read_rows(tmp_path, ("工地名称", "施工阶段", "工地边界"), [("工地", "土方", text)], crs="GCJ-02")
    corners = np.array([[121.40, 31.24], [121.41, 31.24], [121.41, 31.25], [121.40, 31.24]])
    assert np.allclose(found.rows[0].place.polygons[0][0], convert(corners, "GCJ-02", "EPSG:4326"), atol=1e-12)


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.csv", b"", "registry_empty"),
        ("a.csv", b" \r\n ", "registry_empty"),
        ("a.xlsx", b"PK\x03\x04cut", "registry_file_unreadable"),
        ("a.geojson", b"{", "registry_file_unreadable"),
        ("a.geojson", b"[]", "registry_file_unreadable"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": [1]}', "registry_file_unreadable"),
        ("a.csv", b"\x81\xff\xff\xff", "encoding_unknown"),
        ("a.csv", "统一社会信用代码,企业名称,行业\r\n".encode(), "registry_empty"),
        ("a.csv", b"a,b\r\n1,2\r\n", "registry_kind_unknown"),
        ("a.csv", b"one\r\ntwo\r\n", "registry_kind_unknown"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_as_a_whole(tmp_path, name, data, reason):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(Refusal) as refused:
        read(tmp_path / name)
    assert (refused.value.reason, refused.value.where) == (reason, name)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(Refusal) as refused:
        read(tmp_path / "none.csv")
    assert refused.value.reason == "registry_file_unreadable"
