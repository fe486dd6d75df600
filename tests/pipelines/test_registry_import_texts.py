"""Text files as they circulate: encodings, lines of another encoding, separators, quotes, HTML called a spreadsheet."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.errors import Refusal
from pipelines.registry_import.encodings import decoded, is_foreign, readable
from pipelines.registry_import.html_table import read_html
from pipelines.registry_import.separated import separated_rows
from pipelines.registry_import.table import book_of
from tests.pipelines.registry_files import CODES, ENTERPRISE, enterprise, read, read_rows, write_csv

LINES = [",".join(map(str, row)) for row in (ENTERPRISE, enterprise(0), enterprise(1), enterprise(2))]
HAN = [bytes((high, low)).decode("gb2312") for high in range(0xB0, 0xD7) for low in range(0xA1, 0xFF)]  # level 1
LETTERS = st.text(st.sampled_from(HAN), min_size=3, max_size=20)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_told_by_its_line_ends(tmp_path, encoding):
    path = write_csv(tmp_path / "a.csv", ENTERPRISE, [enterprise()], encoding=encoding)
    found = read(path)
    assert (found.encoding, found.rows[0].name) == (encoding, "第0厂")


@pytest.mark.parametrize(("own", "other"), [("utf-8", "gb18030"), ("gb18030", "utf-8")])
def test_a_line_in_another_encoding_is_refused_by_its_row_and_shown_as_it_was_meant(tmp_path, own, other):
    data = [line.encode(own) for line in LINES]
    data[2] = LINES[2].encode(other)
    (tmp_path / "a.csv").write_bytes(b"\r\n".join(data))
    found = read(tmp_path / "a.csv")
    assert found.encoding == own
    assert found.refused == (("row 2", "row_in_other_encoding", "第1厂"),)
    assert [firm.uscc for firm in found.rows] == [CODES[0], CODES[2]]
    assert found.to_correct[0].rows[0].cells[1] == "第1厂"


def test_a_line_in_no_encoding_refuses_the_file_and_is_named(tmp_path):
    data = [line.encode() for line in LINES]
    data[3] = b"\xff\xff\xff\x81"
    (tmp_path / "a.csv").write_bytes(b"\n".join(data))
    with pytest.raises(Refusal, match="line 4"):
        read(tmp_path / "a.csv")


def test_an_encoding_that_is_said_and_breaks_names_the_line(tmp_path):
    path = write_csv(tmp_path / "a.csv", ("uscc", "name"), [(CODES[0], "厂")], encoding="gb18030")
    with pytest.raises(Refusal, match="line 2 is not readable as utf-8"):
        read(path, encoding="utf-8")


@example("一一一", "gb18030")  # in UTF-8 three Cyrillic letters
@example("小小小", "gb18030")  # the same, of those that GB 2312 has, too
@example("监测", "utf-8")  # in GB18030 three rare characters
@given(LETTERS, st.sampled_from(["utf-8", "gb18030"]))
def test_chinese_text_of_some_length_is_never_read_in_the_wrong_encoding(text, encoding):
    assert decoded("a", f"{text}\n{text}".encode(encoding), None) == (f"{text}\n{text}", encoding)


@given(LETTERS, LETTERS)
def test_a_foreign_line_is_marked_and_can_be_read_back(mine, other):
    foreign = f"上海{other}"  # 一一一 alone in GB18030 is Cyrillic in UTF-8; 上海 is nothing
    text, encoding = decoded("a", f"{mine}\n{mine}\n".encode() + foreign.encode("gb18030"), None)
    lines = text.split("\n")
    assert (encoding, lines[:2], is_foreign(lines[2]), readable(lines[2], encoding)) == (
        "utf-8",
        [mine, mine],
        True,
        foreign,
    )


def test_a_line_that_fits_both_encodings_is_taken_to_be_chinese_once_the_file_is_known_to_be_mixed():
    text, encoding = decoded("a", "企业名称\n".encode() + "一一一\n上海".encode("gb18030"), None)
    assert (encoding, [readable(line, encoding) for line in text.split("\n")]) == (
        "utf-8",
        ["企业名称", "一一一", "上海"],
    )


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "，", "|"])
def test_whatever_parts_the_cells_is_found(delimiter):
    wanted = (("a", "b", "c"), ("甲、乙", "2", "3"), ("x", "", "z"))
    text = "\n".join(["企业台账", *map(delimiter.join, wanted)])
    assert separated_rows("a", text)[1:] == wanted


def test_a_separator_within_many_cells_is_not_taken_for_the_one_between_them():
    rows = [("code;name;address",), *[(f"{n};某厂;一路,{n}号,甲区",) for n in range(5)]]
    assert {len(row) for row in separated_rows("a", "\n".join(row[0] for row in rows))} == {3}


def test_quotes_hold_line_ends_separators_and_quotes():
    text = 'a,b\r\n"一\r\n二","x, ""y"""\r\n'
    assert separated_rows("a", text) == (("a", "b"), ("一\r\n二", 'x, "y"'))
    assert separated_rows("a", 'sep=;\r\na;b,c\r\n="007";2') == (("a", "b,c"), ("007", "2"))
    assert separated_rows("a", "a,b\r1,2\r") == (("a", "b"), ("1", "2"))


def test_a_row_with_more_cells_than_headings_is_refused_since_its_columns_may_be_shifted(tmp_path):
    broken = (CODES[1], "上海", "示例厂", "C26", "绿牌", "是", "121.4", "31.25")
    found = read_rows(tmp_path, ENTERPRISE, [enterprise(0), broken, enterprise(2)])
    assert [item[:2] for item in found.refused] == [("row 2", "row_too_long")]
    every = read_rows(tmp_path, ENTERPRISE, [(*enterprise(n), "无表头的备注") for n in range(3)])
    assert every.refused == ()


HTML = """<html><head><meta charset="{said}"><style>td {{ color: red }}</style></head><body>
<table><tr><td>登录用户</td></tr></table>
<table border=1><tr><th colspan="7">企业台账</th></tr>
<tr><th rowspan=2>统一社会信用代码</th><th rowspan=2>企业名称</th>
<th rowspan=2>行业类别</th><th colspan=2>坐标</th></tr>
<tr><th>经度</th><th>纬度</th></tr>
<tr><td>{0}</td><td>第0&#21378;<br>&amp;分厂</td><td rowspan=2>化工</td><td>121.4012</td><td>31.2512</td></tr>
<tr><td>{1}<td>第1厂<td>121.4112<td>31.2512</table></body></html>"""


@pytest.mark.parametrize(("encoding", "said"), [("utf-8", "utf-8"), ("gb18030", "gb2312"), ("utf-8", "no-such")])
def test_an_html_table_that_calls_itself_a_spreadsheet_is_read_with_its_spans(tmp_path, encoding, said):
    text = HTML.format(CODES[0], CODES[1], said=said)
    (tmp_path / "企业.xls").write_bytes(text.encode(encoding))
    found = read(tmp_path / "企业.xls", crs="EPSG:4326")
    assert [(firm.uscc, firm.name, firm.industry, firm.place.lon) for firm in found.rows] == [
        (CODES[0], "第0厂&分厂", "化工", 121.4012),
        (CODES[1], "第1厂", "化工", 121.4112),
    ]
    assert found.refused == ()
    assert [item[:2] for item in found.warnings if "sheet" in item[0]] == [("sheet 1", "registry_sheet_passed_over")]


def test_a_page_without_a_table_is_refused():
    with pytest.raises(Refusal, match="without a table"):
        read_html("a.xls", b"<html><body>please log in</body></html>")


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_by_name(data):
    try:
        book = book_of("a.csv", data)
    except Refusal as refusal:
        assert refusal.reason.startswith(("registry_", "encoding_"))
        return
    assert all(isinstance(cell, str) for sheet in book.sheets for row in sheet.rows for cell in row)


@settings(deadline=None)
@given(
    st.sampled_from(
        [b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"<table>", b"SQLite format 3\x00", b'{"type":']
    ),
    st.binary(max_size=200),
)
def test_any_bytes_behind_a_known_beginning_are_read_or_refused_by_name(beginning, rest):
    try:
        book_of("a.xls", beginning + rest)
    except Refusal as refusal:
        assert refusal.reason.startswith(("registry_", "encoding_"))


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_quote_that_nobody_closes_costs_no_row_below_it(tmp_path, at):
    lines = [*LINES]
    cells = lines[at].split(",")
    cells[1] = '"' + cells[1]
    lines[at] = ",".join(cells)
    (tmp_path / "a.csv").write_bytes("\r\n".join([*lines, ""]).encode())
    found = read(tmp_path / "a.csv")
    assert [firm.uscc for firm in found.rows] == [CODES[0], CODES[1], CODES[2]]
    assert not found.refused


@given(st.lists(st.lists(st.text("ab\n,、 ", max_size=8), min_size=3, max_size=3), min_size=2, max_size=12))
def test_cells_with_line_ends_that_are_closed_stay_whole(rows):
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows([["甲", "乙", "丙"], ["a", "b", "c"], *rows])
    expected = [tuple(cell.strip() for cell in row) for row in rows]
    assert list(separated_rows("a", text.getvalue())[2:]) == expected
