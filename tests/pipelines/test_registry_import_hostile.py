"""Cells and files that would end an import, or let it run for minutes, are refused by name and cost no other row."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import Refusal
from pipelines.registry_import.days import Edge, NoDay, read_day
from tests.pipelines.registry_files import read, read_rows, write_geojson

SITE = ("工地编号", "工地名称", "施工阶段", "开工日期")
SCHOOL = ("敏感点名称", "敏感点类型", "geometry")
POINT = "POINT (121.4012 31.2512)"
NUMERALS = "〇零一二三四五六七八九十廿卅0123456789年月日号-.:/ "


@pytest.mark.parametrize(
    "day", ["二〇二六年十十一月三日", "二〇二六年廿廿月三日", "二〇二六年一月三十十日", "1" * 100_000]
)
def test_a_day_of_odd_numerals_costs_its_row_alone(tmp_path, day):
    found = read_rows(tmp_path, SITE, [("G1", "甲", "土方", day), ("G2", "乙", "土方", "2026-11-24")])
    assert [item[:2] for item in found.refused] == [("row 1", "registry_date_unreadable")]
    assert [site.site_id for site in found.rows] == ["G2"]


@given(st.text(NUMERALS, max_size=16))
def test_any_row_of_numerals_is_a_day_or_no_day(text):
    try:
        read_day(f"二〇二六年{text}", Edge.FIRST)
    except NoDay:
        pass


def test_a_year_and_month_that_a_spreadsheet_may_have_shortened_is_asked_for(tmp_path):
    rows = [
        (f"G{n}", "甲", "土方", day) for n, day in enumerate(("2026.1", "2026.10", "2026.2", "2026年1月", "2026-1"))
    ]
    found = read_rows(tmp_path, SITE, rows)
    assert [item[:2] for item in found.refused] == [("row 1", "registry_date_ambiguous")]
    assert [(site.started_on.month, site.started_on.day) for site in found.rows] == [(10, 1), (2, 1), (1, 1), (1, 1)]


@pytest.mark.parametrize(
    "geometry",
    [
        "POLYGON ((121.4 31.2))",
        "POLYGON (())",
        "POLYGON ((121.4 31.2)))",
        "POINT ((121.4 31.2)",
        f"POINT {'(' * 20_000}{')' * 20_000}",
        f"POLYGON ({'1' * 20_000})",
        f"LINESTRING ({' ' * 20_000}",
    ],
)
def test_a_text_that_is_no_geometry_costs_its_row_alone_and_no_minute(tmp_path, geometry):
    started = time.process_time()
    found = read_rows(tmp_path, SCHOOL, [("甲", "学校", geometry), ("乙", "学校", POINT)], crs="EPSG:4326")
    assert [item[:2] for item in found.refused] == [("row 1", "place_unreadable")]
    assert [school.place.lon for school in found.rows] == [121.4012]
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Polygon", "coordinates": [[[121.4, 31.2]]]},
        {"type": "Polygon", "coordinates": [[]]},
        {"type": "Point", "coordinates": [10**400, 31.2]},
        {"type": "LineString", "coordinates": []},
    ],
)
def test_a_geojson_geometry_without_corners_or_bounds_costs_its_row_alone(tmp_path, geometry):
    good = {"type": "Point", "coordinates": [121.4012, 31.2512]}
    features = [({"敏感点名称": name, "敏感点类型": "学校"}, one) for name, one in (("甲", geometry), ("乙", good))]
    found = read(write_geojson(tmp_path / "a.geojson", features), crs="EPSG:4326")
    assert [item[:2] for item in found.refused] == [("row 1", "place_unreadable")]
    assert [school.name for school in found.rows] == ["乙"]


@pytest.mark.parametrize("cell", ["1" * 200_000, "1 " * 100_000, "121°" * 50_000, "1,234," * 30_000])
def test_a_cell_of_any_length_is_read_or_refused_at_once(tmp_path, cell):
    started = time.process_time()
    headings = ("管线编号", "管线类型", "管径", "经度", "纬度")
    found = read_rows(tmp_path, headings, [("W1", "污水", cell, "", ""), ("W2", "污水", "DN300", cell, "31.2512")])
    assert {item[1] for item in found.refused} == {"registry_number_unreadable", "place_unreadable"}
    assert time.process_time() - started < 2


def test_html_whose_cells_span_more_than_a_table_holds_is_refused(tmp_path):
    (tmp_path / "a.xls").write_text(
        f"<html><table><tr>{'<td rowspan=1000 colspan=50>x</td>' * 3000}</tr></table></html>"
    )
    started = time.process_time()
    with pytest.raises(Refusal) as refused:
        read(tmp_path / "a.xls")
    assert refused.value.reason == "registry_file_too_large"
    assert time.process_time() - started < 5
