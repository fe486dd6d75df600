"""Cells: days and instants, figures with their units and bounds, codes, lists, and what says nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.datetime import to_excel

from pipelines.errors import Refusal
from pipelines.registry_import.cells import Row, tidy
from pipelines.registry_import.days import BEIJING, Edge, NoDay, read_day, read_instant
from pipelines.registry_import.figures import Figure, in_unit, read_figure
from tests.pipelines.registry_files import CODES

THE_DAY = date(2026, 11, 24)
DIGITS = "〇一二三四五六七八九"


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-24",
        "2026/11/24",
        "2026.11.24",
        "2026年11月24日",
        "2026 年 11 月 24 日",
        "二〇二六年十一月二十四日",
        "二零二六年十一月廿四日",
        "２０２６年１１月２４日",
        "20261124",
        "46350",
        "46350.75",
        "2026-11-24 08:15",
        "2026/11/24 8:15:00",
        "2026年11月24日 8时15分",
        "2026-11-24T08:15:00+08:00",
        "2026-11-24（星期二）",
        "2026年11月24号",
        "2026-11-24 23:59:59.999",
    ],
)
def test_one_day_in_every_usual_spelling(written):
    assert read_day(written) == THE_DAY


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)))
def test_a_day_is_read_back_from_chinese_numerals_and_from_a_serial_number_by_openpyxl(day):
    def numeral(number):
        tens, ones = divmod(number, 10)
        return ("" if tens < 2 else DIGITS[tens]) + ("十" if tens else "") + (DIGITS[ones] if ones else "")

    year = "".join(DIGITS[int(digit)] for digit in f"{day.year}")
    assert read_day(f"{year}年{numeral(day.month)}月{numeral(day.day)}日") == day
    assert read_day(f"{to_excel(day):.0f}") == day
    assert read_day(f"{day:%Y%m%d}") == read_day(f"{day.year}/{day.month}/{day.day}") == day


@pytest.mark.parametrize("written", ["26/11/24", "11/24/26", "24.11.26", "26年11月24日", "261124", "11-24"])
def test_a_year_of_two_digits_is_refused_as_ambiguous(written):
    with pytest.raises(NoDay) as refused:
        read_day(written)
    assert refused.value.ambiguous


@pytest.mark.parametrize(
    "written", ["2026-02-30", "昨天", "2026", "24.11.2026", "2026-13-01", "12345", "99999", "0000-00-00"]
)
def test_what_is_no_day_is_refused(written):
    with pytest.raises(NoDay) as refused:
        read_day(written)
    assert not refused.value.ambiguous


def test_a_month_is_its_first_or_last_day_where_that_is_said_and_else_no_day():
    assert read_day("2024-02", Edge.LAST) == read_day("2024年2月", Edge.LAST) == date(2024, 2, 29)
    assert read_day("二〇二四年二月", Edge.FIRST) == date(2024, 2, 1)
    with pytest.raises(NoDay):
        read_day("2024-02")


@pytest.mark.parametrize("written", ["长期", "永久", "长期有效", "无固定期限"])
def test_no_end_is_no_day(written):
    assert read_day(written) is None


@pytest.mark.parametrize(
    ("written", "edge", "instant"),
    [
        ("2026-11-24 22:00", Edge.FIRST, datetime(2026, 11, 24, 14, tzinfo=UTC)),
        ("2026-11-24 22:00:30+00:00", Edge.FIRST, datetime(2026, 11, 24, 22, 0, 30, tzinfo=UTC)),
        ("2026年11月24日22时", Edge.FIRST, datetime(2026, 11, 24, 14, tzinfo=UTC)),
        ("2026-11-24", Edge.FIRST, datetime(2026, 11, 23, 16, tzinfo=UTC)),
        ("2026-11-24", Edge.LAST, datetime(2026, 11, 24, 16, tzinfo=UTC)),
        ("2026-11-24 24:00", Edge.LAST, datetime(2026, 11, 24, 16, tzinfo=UTC)),
        ("46350.25", Edge.LAST, datetime(2026, 11, 23, 22, tzinfo=UTC)),
    ],
)
def test_an_instant_is_in_beijing_time_unless_it_says_otherwise_and_a_bare_day_has_two_ends(written, edge, instant):
    assert read_instant(written, edge) == instant


def test_the_zone_of_days_is_eight_hours_east():
    assert BEIJING.utcoffset(None) == timedelta(hours=8)


@given(st.text(max_size=20))
def test_any_text_is_a_day_or_refused(text):
    for read in (read_day, read_instant):
        try:
            assert read(text, Edge.LAST) is None or read(text, Edge.LAST).year > 0
        except NoDay:
            continue


@pytest.mark.parametrize(
    ("written", "figure"),
    [
        ("1,234.5", Figure(1234.5, 1234.5)),
        ("１２３４", Figure(1234, 1234)),
        ("50mg/m3", Figure(50, 50, "mg/m3")),
        ("50 mg/m³", Figure(50, 50, "mg/m3")),
        ("≤50", Figure(None, 50)),
        ("<0.5mg/L", Figure(None, 0.5, "mg/l")),
        ("50以下", Figure(None, 50)),
        ("不大于50mg/L", Figure(None, 50, "mg/l")),
        (">=80", Figure(80, None)),
        ("6-9", Figure(6, 9)),
        ("6～9", Figure(6, 9)),
        ("6至9(无量纲)", Figure(6, 9, "(无量纲)")),
        ("1.2万", Figure(12000, 12000)),
        ("-5", Figure(-5, -5)),
        ("1e3", Figure(1000, 1000)),
        ("85%", Figure(85, 85, "%")),
        ("60秒", Figure(60, 60, "秒")),
    ],
)
def test_a_figure_is_read_with_its_bounds_and_unit(written, figure):
    assert read_figure(written) == figure


@pytest.mark.parametrize("written", ["1,5", "12,34", "9-6", "abc", "DN300", "5-", "1.2.3", ""])
def test_what_is_no_figure_or_may_be_two_is_refused(written):
    with pytest.raises(ValueError):
        read_figure(written)


@given(st.floats(-1e9, 1e9, allow_nan=False))
def test_a_number_is_itself_however_its_thousands_are_parted(value):
    assert read_figure(f"{value:,.6f}").exact == float(f"{value:.6f}")


def test_a_figure_is_turned_into_the_unit_kept():
    units = {"": 1.0, "秒": 1.0, "min": 60.0}
    assert in_unit(read_figure("5min"), units) == 300
    assert in_unit(read_figure("5"), units, "min") == 300
    for bad in ("5h", "≤5"):
        with pytest.raises(ValueError):
            in_unit(read_figure(bad), units)


@pytest.mark.parametrize(
    "written",
    ["-", "—", "--", "/", "无", "暂无", "N/A", "#N/A", "NaN", "待定", "待核实", "不详", "？", " - ", "\u200b"],
)
def test_what_says_nothing_is_an_empty_cell(written):
    assert tidy(written.strip()) == ""
    assert Row(1, (written.strip(),), {"name": 0}).text("name") == ""


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("上海\n示例厂", "上海示例厂"),
        ("North \r\n Gate", "North Gate"),
        ("'9131", "9131"),
        ("9131'", "9131"),
        ("31°15'", "31°15'"),
        ("\ufeff某厂\u200b", "某厂"),
        ("无锡厂", "无锡厂"),
    ],
)
def test_a_cell_is_one_line_without_what_a_spreadsheet_leaves(written, said):
    assert tidy(written) == said


def test_codes_are_plain_and_lists_part_at_line_ends_too():
    row = Row(3, ("ＤＷ００１’", "COD\n氨氮、总磷/", f"'{CODES[0]}'"), {"outlet": 0, "pollutants": 1, "uscc": 2})
    assert row.code_text("outlet") == "DW001"
    assert row.words("pollutants") == ("COD", "氨氮", "总磷")
    assert row.code() == CODES[0]


def test_a_refusal_says_what_stood_in_the_place_of_what_was_needed():
    with pytest.raises(Refusal) as refused:
        Row(3, ("待定",), {"uscc": 0}).needed_code()
    assert (refused.value.where, refused.value.reason, refused.value.detail) == (
        "row 3",
        "registry_field_empty",
        "uscc: 待定",
    )
