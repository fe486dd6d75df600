"""Where a table is within its sheet: titles, two rows of headings, headings again, totals, notes, "as above"."""

from __future__ import annotations

import openpyxl
import pytest

from enforcement.firm_keys import firm_key
from pipelines.errors import Refusal
from tests.pipelines.registry_files import CODES, ENTERPRISE, enterprise, read, read_rows, write_xlsx

PERMIT_HEADINGS = ("排污许可证编号", "企业名称", "有效期起", "有效期止")


def permits(*rows):
    return [(f"{CODES[n]}001P", f"第{n}厂", start, end) for n, (start, end) in enumerate(rows)]


def numbers(found):
    return [fact.source_row for fact in found.rows]


def test_titles_above_are_passed_over_even_those_of_several_cells(tmp_path):
    rows = [
        ("普陀区重点排污单位台账",),
        ("填报单位：生态环境局", "", "", "填报日期：2026年11月"),
        (),
        ENTERPRISE,
        enterprise(0),
    ]
    found = read(write_xlsx(tmp_path / "a.xlsx", rows))
    assert (numbers(found), found.refused) == (["1"], ())


def merged_headings(path, *, regions):
    book = openpyxl.Workbook()
    for row in (
        ("排污许可证编号", "企业名称", "有效期", None, "备注"),
        (None, None, "起", "止", None),
        (f"{CODES[0]}001P", "第0厂", "2024-01-01", "2028-12-31", "x"),
    ):
        book.active.append(list(row))
    for region in regions:
        book.active.merge_cells(region)
    book.save(path)
    return path


@pytest.mark.parametrize("regions", [("A1:A2", "B1:B2", "C1:D1", "E1:E2"), ("C1:D1",), ()])
def test_two_rows_of_headings_are_read_together_merged_or_not(tmp_path, regions):
    found = read(merged_headings(tmp_path / "a.xlsx", regions=regions))
    (permit,) = found.rows
    assert (found.kind, str(permit.valid_from), str(permit.valid_to)) == ("permit", "2024-01-01", "2028-12-31")
    assert (permit.source_row, found.row_count) == ("1", 1)


def test_a_lower_row_of_headings_that_nobody_knows_is_no_data_where_merged_cells_tie_it_to_the_upper(tmp_path):
    book = openpyxl.Workbook()
    for row in ((*ENTERPRISE, "用能", None), (*[None] * 7, "电(kWh)", "煤(t)"), (*enterprise(0), 5, 6)):
        book.active.append(list(row))
    for column in "ABCDEFG":
        book.active.merge_cells(f"{column}1:{column}2")
    book.active.merge_cells("H1:I1")
    book.save(tmp_path / "a.xlsx")
    found = read(tmp_path / "a.xlsx")
    assert (numbers(found), found.row_count) == (["1"], 1)


def test_headings_and_title_on_every_printed_page_are_no_data(tmp_path):
    title = ("企业台账",)
    rows = [
        title,
        ENTERPRISE,
        enterprise(0),
        ("第 1 页 共 2 页",),
        title,
        ENTERPRISE,
        enterprise(1),
        ("第 2 页 共 2 页",),
    ]
    found = read(write_xlsx(tmp_path / "a.xlsx", rows))
    assert numbers(found) == ["1", "5"]
    assert {item[:2] for item in found.refused} == {(f"row {n}", "row_is_no_data") for n in (2, 3, 4, 6)}
    assert found.to_correct == ()


@pytest.mark.parametrize(
    "row",
    [
        ("合计", "", "3 家"),
        ("", "合 计", "3"),
        ("小计：", "2"),
        ("总计（家）", "", "2"),
        ("共 3 家",),
        ("合计3家",),
        ("TOTAL", "3"),
        ("注：以上数据截至2026年10月底",),
        ("备注：1.本表一式两份",),
        ("说明",),
        ("填表人：张三", "", "审核人：李四", "", "日期：2026.11.24"),
        ("填表人(签字)：", "审核人(签字)："),
        ("制表：张三",),
        ("（盖章）",),
        ("第1页/共3页",),
        ("- 2 -",),
        ("Page 1 of 3",),
        ("单位负责人：", "王五"),
        ("注1：甲",),
    ],
)
def test_totals_notes_signatures_and_page_numbers_are_no_data(tmp_path, row):
    found = read_rows(tmp_path, ENTERPRISE, [enterprise(0), row])
    assert [item[:2] for item in found.refused] == [("row 2", "row_is_no_data")]
    assert (len(found.rows), found.to_correct) == (1, ())


@pytest.mark.parametrize(
    "name", ["合计科技有限公司", "上海注释文化有限公司", "共和新材料厂", "总计算机厂", "说明书印刷厂"]
)
def test_a_firm_whose_name_begins_like_a_total_or_a_note_is_a_firm(tmp_path, name):
    headings = ("企业名称", "统一社会信用代码", "行业类别", "地址")
    found = read_rows(tmp_path, headings, [(name, CODES[0], "", "")])
    assert [firm.name for firm in found.rows] == [name]


def test_the_lines_of_a_note_are_no_data_and_a_row_after_it_is(tmp_path):
    rows = [enterprise(0), ("说明：",), ("1、本表由各街镇填报。",), ("2、电话 62500000",), enterprise(1)]
    found = read_rows(tmp_path, ENTERPRISE, rows)
    assert numbers(found) == ["1", "5"]
    assert {reason for _, reason, _ in found.refused} == {"row_is_no_data"}


@pytest.mark.parametrize("mark", ["同上", "〃", '"', "“", "″", "々", "同前"])
def test_as_above_is_the_cell_above_also_twice_in_a_row(tmp_path, mark):
    found = read_rows(
        tmp_path, PERMIT_HEADINGS, permits(("2024-01-01", "2028-12-31"), (mark, mark), (mark, "2029-12-31"))
    )
    assert [(str(p.valid_from), str(p.valid_to)) for p in found.rows] == [
        ("2024-01-01", "2028-12-31"),
        ("2024-01-01", "2028-12-31"),
        ("2024-01-01", "2029-12-31"),
    ]


def test_as_above_skips_a_total_between_and_is_refused_where_nothing_is_above(tmp_path):
    first, second, third = permits(("2024-01-01", "2028-12-31"), ("同上", "同上"), ("同上", "同上"))
    found = read_rows(tmp_path, PERMIT_HEADINGS, [first, ("小计", "1"), second, third])
    assert [str(p.valid_to) for p in found.rows] == ["2028-12-31"] * 3
    alone = read_rows(tmp_path, PERMIT_HEADINGS, permits(("同上", "2028-12-31")))
    assert [item[:2] for item in alone.refused] == [("row 1", "registry_ditto_of_nothing")]


def test_a_heading_that_stands_twice_is_read_once_and_said(tmp_path):
    headings = (*ENTERPRISE, "企业名称", "行业类别")
    found = read_rows(tmp_path, headings, [(*enterprise(0), "另一个名称", "C26")])
    assert found.rows[0].name == "第0厂"
    assert [item for item in found.warnings if item[1] == "registry_heading_twice"] == [
        ("column 企业名称", "registry_heading_twice", "columns 2, 8")
    ]


def test_columns_without_a_heading_are_passed_over(tmp_path):
    rows = [(*ENTERPRISE[:2], "", *ENTERPRISE[2:]), (CODES[0], "某厂", "随手写的", *enterprise(0)[2:])]
    assert read(write_xlsx(tmp_path / "a.xlsx", rows)).rows[0].industry == "C26"


def test_an_unknown_file_is_refused_with_the_kinds_that_come_nearest_and_what_they_lack(tmp_path):
    with pytest.raises(Refusal) as refused:
        read_rows(tmp_path, ("企业名称", "行业类别", "法人代表", "联系电话"), [("某厂", "化工", "张三", "1")])
    assert refused.value.reason == "registry_kind_unknown"
    assert "enterprise lacks 统一社会信用代码/工商注册号/组织机构代码" in refused.value.detail


def test_the_row_of_headings_can_be_said_where_two_would_do(tmp_path):
    rows = [ENTERPRISE, enterprise(0), ENTERPRISE, enterprise(1)]
    path = write_xlsx(tmp_path / "a.xlsx", rows)
    assert [firm.uscc for firm in read(path).rows] == [CODES[0], CODES[1]]
    assert [firm.uscc for firm in read(path, mapping={"header_row": 3}).rows] == [CODES[1]]
    with pytest.raises(Refusal, match="no row 9"):
        read(path, mapping={"header_row": 9})


def test_firms_without_any_code_are_taken_by_name_and_address_where_a_person_says_that_they_are_firms(tmp_path):
    headings = ("企业名称", "地址", "法人代表")
    rows = [("上海甲有限公司", "真北路1号", ""), ("上海甲有限公司", "真北路2号", ""), ("", "真北路3号", "")]
    with pytest.raises(Refusal):
        read_rows(tmp_path, headings, rows)
    found = read_rows(tmp_path, headings, rows, kind="enterprise")
    assert [item[:2] for item in found.refused] == [("row 3", "registry_field_empty")]
    assert [firm.uscc for firm in found.rows] == [firm_key("", name=name, address=at) for name, at, _ in rows[:2]]
    assert all(firm.credit_code is None for firm in found.rows)


@pytest.mark.parametrize(
    "row",
    [("注", "本表数据截至2026年10月"), ("填表人", "张三", "审核人", "李四"), ("说明", "一、代码以执照为准", "二、略")],
)
def test_notes_and_signatures_in_several_cells_are_no_data(tmp_path, row):
    found = read_rows(tmp_path, ENTERPRISE, [enterprise(0), row, enterprise(1)], crs="EPSG:4326")
    assert found.refused == (("row 2", "row_is_no_data", row[0]),)
    assert len(found.rows) == 2
