"""Workbooks: several sheets, merged cells, hidden rows, formulas, dates, and what must not be opened."""

from __future__ import annotations

import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from pipelines.errors import Refusal
from pipelines.registry_import.sheets import Merged, spread
from pipelines.registry_import.workbook import read_workbook
from tests.pipelines.registry_files import CODES, ENTERPRISE, enterprise, read

OLD = Path(__file__).with_name("old_workbook.xls")  # made once with xlwt: two rows of headings, merged cells, a formula


def save(path, sheets, *, merged=(), hidden=()):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        if name in hidden:
            sheet.sheet_state = "hidden"
    for region in merged:
        book.worksheets[0].merge_cells(region)
    book.save(path)
    return path


def test_an_old_workbook_is_read_with_its_merged_cells_and_hidden_row():
    found = read(OLD, crs="EPSG:4326")
    assert (found.encoding, found.kind) == ("xls", "enterprise")
    assert [(firm.uscc, firm.industry, firm.registered_on) for firm in found.rows] == [
        (CODES[n], "纺织业", date(2011, 5, 6 + n)) for n in range(3)
    ]
    assert found.refused == (("row 4", "row_is_no_data", "合计"),)
    assert ("sheet 填报说明", "registry_sheet_passed_over") in [item[:2] for item in found.warnings]


def test_merged_cells_in_the_data_are_repeated_and_what_holds_nothing_else_is_blank(tmp_path):
    rows = [
        ("排污许可证编号", "排放口编号", "污染物", "许可排放浓度限值(mg/L)"),
        (f"{CODES[0]}001P", "DW001", "化学需氧量", 50),
        (None, None, "氨氮", 5),
        (None, "DW002", "总磷", 0.5),
        (None, None, None, None),
    ]
    path = save(tmp_path / "a.xlsx", {"限值": rows}, merged=("A2:A5", "B2:B3"))
    found = read(path)
    assert [(one.permit_number[-4:], one.outlet, one.pollutant, one.value) for one in found.rows] == [
        ("001P", "DW001", "化学需氧量", 50.0),
        ("001P", "DW001", "氨氮", 5.0),
        ("001P", "DW002", "总磷", 0.5),
    ]
    assert (found.row_count, found.refused) == (3, ())


def test_the_text_of_a_region_stands_in_all_of_it_and_only_there():
    rows, blank = spread([["a", "b"], ["", "c"], ["", ""]], [Merged(0, 0, 2, 0), Merged(9, 9, 9, 9)])
    assert rows == (("a", "b"), ("a", "c"), ("a", ""))
    assert blank == {2}


def test_every_sheet_whose_headings_are_known_is_read_and_its_rows_named_by_it(tmp_path):
    sheets = {
        "封面": [("普陀区企业台账",), ("二〇二六年",)],
        "工业": [ENTERPRISE, enterprise(0), enterprise(1, code="wrong")],
        "工地": [("工地编号", "工地名称", "施工阶段"), ("G1", "一号工地", "土方")],
        "存档": [ENTERPRISE, enterprise(3)],
    }
    found = read(save(tmp_path / "a.xlsx", sheets, hidden=("存档",)), crs="EPSG:4326")
    assert found.kind == "enterprise+site"
    assert [fact.source_row for fact in found.rows] == ["工业!1", "工地!1"]
    assert [item[:2] for item in found.refused] == [("row 工业!2", "invalid_uscc")]
    assert found.row_count == 3
    assert [item[0] for item in found.warnings if item[1] == "registry_sheet_passed_over"] == ["sheet 封面"]


def test_one_sheet_can_be_asked_for_by_name(tmp_path):
    sheets = {"甲": [ENTERPRISE, enterprise(0)], "乙": [ENTERPRISE, enterprise(1)]}
    path = save(tmp_path / "a.xlsx", sheets)
    assert [firm.uscc for firm in read(path, mapping={"sheet": "乙"}).rows] == [CODES[1]]
    with pytest.raises(Refusal, match="there is 甲, 乙"):
        read(path, mapping={"sheet": "丙"})


def test_dates_numbers_and_codes_are_read_as_they_are_shown(tmp_path):
    rows = [
        ("工地编号", "工地名称", "开工日期", "计划竣工日期", "经度", "纬度"),
        (20260001, "甲", datetime(2026, 1, 5, 8, 30), 46350, "'121.4012", 31.25123),  # noqa: DTZ001 - a cell has no zone
        ("'0002", "乙", "2026.2.3", "长期", 121.4112, 31.25123),
    ]
    found = read(save(tmp_path / "a.xlsx", {"s": rows}), crs="EPSG:4326")
    assert [(s.site_id, s.started_on, s.ends_on, s.place.lon) for s in found.rows] == [
        ("20260001", date(2026, 1, 5), date(2026, 11, 24), 121.4012),
        ("0002", date(2026, 2, 3), None, 121.4112),
    ]


def test_a_code_that_the_spreadsheet_has_rounded_is_refused_as_such(tmp_path):
    rows = [("统一社会信用代码", "企业名称", "行业类别"), (913101071234567891.0, "某厂", "C26")]
    assert [item[:2] for item in read(save(tmp_path / "a.xlsx", {"s": rows})).refused] == [
        ("row 1", "registry_number_rounded")
    ]


def test_a_lone_cell_far_out_is_refused_before_memory_is_allotted(tmp_path):
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "企业名称", "x"
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(Refusal) as refused:
        read(tmp_path / "a.xlsx")
    assert refused.value.reason == "registry_file_too_large"


def test_what_unpacks_to_more_than_a_workbook_can_be_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("pipelines.registry_import.workbook.UNPACKED_AT_MOST", 1000)
    path = save(tmp_path / "a.xlsx", {"s": [ENTERPRISE, enterprise()]})
    with pytest.raises(Refusal) as refused:
        read_workbook("a.xlsx", path.read_bytes())
    assert refused.value.reason == "registry_file_too_large"


XML = b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">'


@pytest.mark.parametrize(("name", "data"), [("a.pdf", b"%PDF-1.7"), ("a.rar", b"Rar!\x1a\x07"), ("a.xls", XML)])
def test_what_is_no_table_is_told_by_what_it_is(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(Refusal) as refused:
        read(tmp_path / name)
    assert refused.value.reason == "registry_file_unreadable"
    assert "it is a" in refused.value.detail or "save it as XLSX" in refused.value.detail


def test_a_zip_that_is_no_workbook_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("readme.txt", "no workbook")
    with pytest.raises(Refusal) as refused:
        read(tmp_path / "a.xlsx")
    assert refused.value.reason == "registry_file_unreadable"
