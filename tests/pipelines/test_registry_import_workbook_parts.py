"""What calamine leaves out of a workbook: merged regions of ODS and XLSB, far cells, errors, passwords."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from pipelines.errors import Refusal
from tests.pipelines.registry_files import CODES, read
from tests.pipelines.written_workbooks import write_ods, write_xlsb

HERE = Path(__file__).parent
FIRMS = ("统一社会信用代码", "企业名称", "行业类别", "成立日期")
TABLE = [
    ("普陀区企业台账", None, None, None),
    FIRMS,
    (CODES[0], "甲", "纺织业", "2011-05-06"),
    (CODES[1], "乙", None, "二〇一一年五月七日"),
    (CODES[2], "丙", None, "2011.5.8"),
    ("合计", 3, None, None),
]
REGIONS = ((0, 0, 0, 3), (2, 2, 4, 2))
LIMITS = [
    ("排污许可证编号", "排放口编号", "污染物", "许可排放浓度限值(mg/L)"),
    (f"{CODES[0]}001P", "DW001", "化学需氧量", 50),
    (None, None, "氨氮", 5),
]
SITE = ("工地编号", "工地名称", "施工阶段", "开工日期")


def write(path: Path, rows, merged) -> Path:
    if path.suffix == ".ods":
        return write_ods(path, rows, merged)
    cells = [(i, j, cell) for i, row in enumerate(rows) for j, cell in enumerate(row) if cell is not None]
    return write_xlsb(path, cells, merged)


def refusal(path: Path) -> str:
    with pytest.raises(Refusal) as refused:
        read(path)
    return refused.value.reason


@pytest.mark.parametrize("kind", ["ods", "xlsb"])
def test_merged_cells_hold_for_all_their_rows_in_ods_and_xlsb(tmp_path, kind):
    found = read(write(tmp_path / f"a.{kind}", TABLE, REGIONS))
    assert found.encoding == kind
    assert [(firm.uscc, firm.industry, firm.registered_on) for firm in found.rows] == [
        (CODES[n], "纺织业", date(2011, 5, 6 + n)) for n in range(3)
    ]
    assert found.refused == (("row 4", "row_is_no_data", "合计"),)
    limits = read(write(tmp_path / f"b.{kind}", LIMITS, ((1, 0, 2, 0), (1, 1, 2, 1))))
    assert [(one.outlet, one.pollutant, one.value) for one in limits.rows] == [
        ("DW001", "化学需氧量", 50.0),
        ("DW001", "氨氮", 5.0),
    ]


@pytest.mark.parametrize("kind", ["xlsx", "xlsb"])
def test_a_lone_cell_far_out_is_refused_wherever_it_stands_in_the_part(tmp_path, kind):
    """In a process of its own: the reader would not raise but end it."""
    path = tmp_path / f"a.{kind}"
    if kind == "xlsb":
        write_xlsb(path, [(0, 0, "企业名称"), (1_048_575, 16_383, "x")])
    else:
        book = openpyxl.Workbook()
        book.active["A1"], book.active["XFD1048576"] = "企业名称", "x"
        for column in range(2, 302):
            book.active.cell(1, column).hyperlink = f"http://example.com/{column}"
        book.save(path)
    look = f"from tests.pipelines.test_registry_import_workbook_parts import *; print(refusal(Path({str(path)!r})))"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout.split() == ["registry_file_too_large"]


@pytest.mark.parametrize("cell", [b'r = "ZZ1048576"', b"r='XFD1048576'", b'r="XFD1048576"', b'r="A4000000000"'])
def test_a_far_cell_is_seen_however_its_place_is_written(tmp_path, cell):
    path = rewritten(tmp_path, b'r="A2"', cell)
    assert refusal(path) == "registry_file_too_large"
    assert refusal(rewritten(tmp_path, b'r="A2"', b'r="&#88;FD1048576"')) == "registry_file_unreadable"


def rewritten(tmp_path: Path, what: bytes, by: bytes) -> Path:
    """A workbook of two rows, in whose only sheet something is written anew."""
    book = openpyxl.Workbook()
    book.active.append([*range(30)])
    book.active.append(["甲"])
    book.save(tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as old, zipfile.ZipFile(tmp_path / "b.xlsx", "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, data.replace(what, by) if "sheet1" in name else data)
    return tmp_path / "b.xlsx"


def test_errors_and_formulas_that_were_never_worked_out_cost_their_row_and_are_no_empty_cells(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        [*SITE, "备注"],
        ["G1", "甲", "土方", "=DATE(2026,1,1)", ""],
        ["G2", "乙", "土方", "2026-01-02", "=1+1"],
        ["#REF!", "丙", "土方", "2026-01-03", ""],
        ["G4", "丁", "土方", "#N/A", ""],
    ):
        sheet.append(row)
    sheet["A4"].data_type = sheet["D5"].data_type = "e"
    book.save(tmp_path / "a.xlsx")
    found = read(tmp_path / "a.xlsx")
    assert found.refused == (
        ("row 1", "registry_cell_error", "#FORMULA! =DATE(2026,1,1)"),
        ("row 3", "registry_cell_error", "#REF!"),
    )
    assert [(site.site_id, site.started_on) for site in found.rows] == [("G2", date(2026, 1, 2)), ("G4", None)]


def test_an_error_in_xlsb_costs_its_row(tmp_path):
    cells = [
        (i, j, cell) for i, row in enumerate([SITE, ("G1", "甲", "土方"), ("G2", "乙")]) for j, cell in enumerate(row)
    ]
    found = read(write_xlsb(tmp_path / "a.xlsb", cells, errors=[(2, 2, 0x17)]))
    assert found.refused == (("row 2", "registry_cell_error", "#REF!"),)
    assert [site.site_id for site in found.rows] == ["G1"]


def test_a_formula_that_gives_no_text_is_an_empty_cell(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(list(SITE))
    book.active.append(["G1", "甲", "土方", "=IF(1,1)"])
    book.save(tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as old, zipfile.ZipFile(tmp_path / "b.xlsx", "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'<c r="D2">', b'<c r="D2" t="str">'))
    assert [site.started_on for site in read(tmp_path / "b.xlsx").rows] == [None]
    assert read(tmp_path / "a.xlsx").refused[0][1] == "registry_cell_error"


def test_a_workbook_with_a_password_is_said_to_have_one(tmp_path):
    assert refusal(HERE / "locked_workbook.xlsx") == "registry_file_locked"
    assert refusal(write_ods(tmp_path / "a.ods", TABLE, locked=True)) == "registry_file_locked"
    old = (HERE / "old_workbook.xls").read_bytes()
    begins = old.index(b"\x09\x08\x10\x00\x00\x06\x05\x00") + 20
    (tmp_path / "a.xls").write_bytes(old[:begins] + b"\x2f\x00" + old[begins + 2 :])  # a record FILEPASS
    assert refusal(tmp_path / "a.xls") == "registry_file_locked"


def test_an_ods_without_a_table_is_no_workbook(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "garbage")
    assert refusal(tmp_path / "a.ods") == "registry_file_unreadable"
