"""The bad rows as a file of their own: corrected and given again, it is read like the file it came from."""

from __future__ import annotations

import csv
import io

import numpy as np
import openpyxl
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.crs import convert
from pipelines.errors import Refusal
from pipelines.registry_import import refused_suffix, refused_table
from tests.pipelines.registry_files import CODES, ENTERPRISE, enterprise, read, read_rows, write_csv, write_xlsx

OURS = ["行号", "原因", "说明"]


def cells_of(data):
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def corrected(tmp_path, data, changes):
    rows = cells_of(data)
    for (row, column), cell in changes.items():
        rows[row][rows[0].index(column)] = cell
    return write_csv(tmp_path / "corrected.csv", tuple(rows[0]), rows[1:], encoding="utf-8-sig")


def test_what_was_refused_is_corrected_and_read_again_with_the_same_mapping(tmp_path):
    headings = ("代号", "全称", "行业类别", "东", "北")
    mapping = {"encoding": "gb18030", "crs": "EPSG:4326", "header_row": 3, "kind": "enterprise",
               "columns": {"uscc": "代号", "name": "全称", "lon": "东", "lat": "北"}}  # fmt: skip
    rows = [
        (CODES[0], "甲", "化工", "121.4078", "31.2587"),
        (CODES[1][:-1] + "1", "乙", "同上", "121.4178", "31.2587"),
        (CODES[2], "", "", "121.4278", "31.2587"),
        ("合计", "3", "", "", ""),
        (CODES[3], "=丁", "", "31.25", "121.42"),
    ]
    path = write_csv(tmp_path / "a.csv", ("企业台账",), [("", ""), headings, *rows], encoding="gb18030")
    found = read(path, mapping=mapping)
    data = refused_table(found.to_correct)
    table = cells_of(data)
    assert data.startswith(b"\xef\xbb\xbf")
    assert table[0] == [*headings, *OURS]
    assert [row[-3] for row in table[1:]] == ["2", "3", "5"]
    assert [row[-2] for row in table[1:]] == ["invalid_uscc", "registry_field_empty", "axes_swapped"]
    assert table[1][2] == "化工"  # "as above" is spelled out, for the row above is not here
    assert "统一社会信用代码" in table[1][-1]
    again = read(
        corrected(tmp_path, data, {(1, "代号"): CODES[1], (2, "全称"): "丙", (3, "东"): "121.43", (3, "北"): "31.25"}),
        mapping=mapping,
    )
    assert (again.kind, again.refused) == ("enterprise", ())
    assert [(f.uscc, f.name) for f in again.rows] == [(CODES[1], "乙"), (CODES[2], "丙"), (CODES[3], "=丁")]


def test_the_crs_that_the_whole_file_told_goes_along_with_the_few_rows(tmp_path):
    turns = np.linspace(0, 2 * np.pi, 60)
    district = shapely.Polygon(np.column_stack([121.40 + 0.030 * np.cos(turns), 31.25 + 0.026 * np.sin(turns)]))
    ring = district.buffer(-0.0003).exterior
    places = np.array([ring.interpolate(share, normalized=True).coords[0] for share in np.linspace(0, 1, 60)[:-1]])
    headings = ("排污口编码", "排污口类型", "设置日期", "经度", "纬度")
    there = [(f"{x:.6f}", f"{y:.6f}") for x, y in convert(places, "EPSG:4326", "GCJ-02")]
    rows = [(f"P{n}", "其他", "2021-06-01" if n else "21/6/1", *pair) for n, pair in enumerate(there)]
    found = read_rows(tmp_path, headings, rows, outline=district)
    assert (found.crs, [item[:2] for item in found.refused]) == ("GCJ-02", [("row 1", "registry_date_ambiguous")])
    data = refused_table(found.to_correct)
    assert cells_of(data)[0] == [*headings, "坐标系", *OURS]
    again = read(corrected(tmp_path, data, {(1, "设置日期"): "2021-06-01"}), outline=district)
    assert again.crs == "GCJ-02"
    assert (again.rows[0].place.lon, again.rows[0].place.lat) == pytest.approx(tuple(places[0]), abs=1e-6)


def test_rows_of_several_sheets_come_back_in_a_workbook_and_are_read_again(tmp_path):
    book = openpyxl.Workbook()
    firms = [ENTERPRISE, enterprise(0), enterprise(1, code="x")]
    sites = [("工地编号", "工地名称", "开工日期"), ("G1", "", "2026-01-01")]
    for name, rows in {"企业": firms, "工地": sites}.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(tmp_path / "a.xlsx")
    found = read(tmp_path / "a.xlsx", crs="EPSG:4326")
    assert refused_suffix(found.to_correct) == ".xlsx"
    (tmp_path / "again.xlsx").write_bytes(refused_table(found.to_correct, "en"))
    mended = openpyxl.load_workbook(tmp_path / "again.xlsx")
    mended["企业"]["A2"], mended["工地"]["B2"] = CODES[1], "一号工地"
    mended.save(tmp_path / "again.xlsx")
    again = read(tmp_path / "again.xlsx", crs="EPSG:4326")
    assert ([fact.key for fact in again.rows], again.refused) == ([CODES[1], "G1"], ())


def test_the_headings_of_two_rows_come_back_as_one_that_is_known(tmp_path):
    rows = [
        ("排污许可证编号", "有效期", "", "许可排放浓度限值(mg/L)", ""),
        ("", "起", "止", "氨氮", "总磷"),
        (f"{CODES[0]}001P", "2024-01-01", "2028-12-31", "五", "0.5"),
    ]
    found = read(write_xlsx(tmp_path / "a.xlsx", rows))
    assert found.kind == "permit_limit"
    again = read(corrected(tmp_path, refused_table(found.to_correct), {(1, "氨氮(mg/L)"): "5"}))
    assert [(one.pollutant, one.value, one.unit, str(one.valid_to)) for one in again.rows] == [
        ("氨氮", 5.0, "mg/L", "2028-12-31"),
        ("总磷", 0.5, "mg/L", "2028-12-31"),
    ]


def test_nothing_refused_is_no_file_and_no_cell_is_run_or_rounded_by_a_spreadsheet(tmp_path):
    assert refused_table(read_rows(tmp_path, ENTERPRISE, [enterprise()]).to_correct) == b""
    row = enterprise(0, code="913101071234567890", name="=cmd|' /C calc'!A0", industry="0012")
    table = cells_of(refused_table(read_rows(tmp_path, ENTERPRISE, [row]).to_correct))
    assert table[1][:3] == ['="913101071234567890"', "'=cmd|' /C calc'!A0", '="0012"']
    again = read(write_csv(tmp_path / "again.csv", tuple(table[0]), table[1:]))
    assert again.to_correct[0].rows[0].cells[:1] == ("913101071234567890",)


SOME = [*CODES, "121.4", "31.25", "2026-01-01", "是", "-", "合计", "同上", '"', "='1'"]
CELLS = st.text(max_size=12) | st.sampled_from(SOME)


@given(st.lists(st.lists(CELLS, min_size=7, max_size=9), min_size=1, max_size=6))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_row_is_in_refused_or_no_data_and_the_refused_ones_are_all_in_their_file(tmp_path, rows):
    try:
        found = read_rows(tmp_path, ENTERPRISE, rows)
    except Refusal:
        return
    assert len(found.rows) + len(found.refused) == found.row_count
    labels = [row.label for bad in found.to_correct for row in bad.rows]
    bad = [item for item, reason, _ in found.refused if reason != "row_is_no_data"]
    assert [f"row {label}" for label in labels] == bad
    written = cells_of(refused_table(found.to_correct)) if labels else []
    assert [row[-3] for row in written[1:]] == labels
