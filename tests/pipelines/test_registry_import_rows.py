"""Rows: what can be used is in, what cannot is refused by row and reason."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.registry_import.headings import table
from tests.pipelines.registry_files import (
    CODES,
    ENTERPRISE,
    PLACE,
    enterprise,
    read_rows,
)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"code": ""}, "registry_field_empty"),
        ({"code": CODES[0][:-1] + "1"}, "invalid_uscc"),
        ({"name": " - "}, "registry_field_empty"),
        ({"key": "也许"}, "registry_word_unknown"),
        ({"x": "", "y": "31.25"}, "place_half_given"),
        ({"x": "东", "y": "北"}, "place_unreadable"),
        ({"x": "0", "y": "0"}, "place_zero"),
        ({"x": "121.4", "y": "0.0"}, "place_zero"),
        ({"x": "31.25", "y": "121.4"}, "axes_swapped"),
        ({"x": "-8542.31", "y": "4210.7"}, "city_local_grid"),
        ({"x": "12.5", "y": "31.2"}, "place_outside_china"),
        ({"x": "121°70′0″", "y": "31°15′0″"}, "place_unreadable"),
    ],
)
def test_a_bad_row_is_refused_by_number_and_reason_and_the_good_ones_are_in(tmp_path, change, reason):
    rows = [enterprise(1), enterprise(0, **change), enterprise(2)]
    found = read_rows(tmp_path, ENTERPRISE, rows)
    assert [(item, word) for item, word, _ in found.refused] == [("row 2", reason)]
    assert [firm.uscc for firm in found.rows] == [CODES[1], CODES[2]]
    assert found.row_count == 3


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ("121°24′0″", "31°15′0″"),
        ("121°24'00\"E", "31°15'00\"N"),
        ("121度24分0秒", "31度15分0秒"),
        ("１２１．４", "３１．２５"),
        ("121.4000", "+31.25"),
        ("121° 24' 0''", "31° 15' 0''"),
    ],
)
def test_degrees_minutes_seconds_and_full_width_digits_are_read(tmp_path, x, y):
    place = read_rows(tmp_path, ENTERPRISE, [enterprise(x=x, y=y)], crs="EPSG:4326").rows[0].place
    assert (place.lon, place.lat) == pytest.approx((121.4, 31.25), abs=1e-9)


@given(st.floats(73.5, 135), st.floats(4, 53.5))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_place_written_in_degrees_minutes_seconds_is_the_place(tmp_path, lon, lat):
    def dms(value):
        minutes = value % 1 * 60
        return f"{int(value)}°{int(minutes)}′{min(59.9999, minutes % 1 * 60):.4f}″"

    place = read_rows(tmp_path, ENTERPRISE, [enterprise(x=dms(lon), y=dms(lat))], crs="EPSG:4326").rows[0].place
    assert (place.lon, place.lat) == pytest.approx((lon, lat), abs=1e-6)


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-24",
        "2026/11/24",
        "2026.11.24",
        "2026年11月24日",
        "20261124",
        "２０２６年１１月２４日",
        "2026-11-24 08:15:00",
        "2026-11-24T08:15:00",
    ],
)
def test_days_are_read_in_every_usual_spelling(tmp_path, written):
    found = read_rows(tmp_path, ("检查日期", "检查结果", "企业名称"), [(written, "未发现问题", "某厂")])
    assert (found.rows[0].on, found.rows[0].found) == (date(2026, 11, 24), False)


@pytest.mark.parametrize("kind", ["yes", "no"])
def test_every_word_for_yes_and_no_is_an_inspections_result(tmp_path, kind):
    spellings = table()["words"]["yes"][kind]
    assert ("无" in spellings) == (kind == "no")
    rows = [("2026-11-24", word, f"{number}厂") for number, word in enumerate(spellings)]
    found = read_rows(tmp_path, ("检查日期", "检查结果", "企业名称"), rows)
    assert found.refused == ()
    assert [one.found for one in found.rows] == [kind == "yes"] * len(spellings)


@pytest.mark.parametrize(
    ("written", "reason"),
    [("", "registry_field_empty"), ("-", "registry_field_empty"), ("existing", "registry_word_unknown")],
)
def test_an_inspection_without_a_result_is_refused(tmp_path, written, reason):
    found = read_rows(tmp_path, ("检查日期", "检查结果", "企业名称"), [("2026-11-24", written, "某厂")])
    assert [item[:2] for item in found.refused] == [("row 1", reason)]


def test_none_written_out_is_an_empty_cell_where_no_yes_or_no_is_asked(tmp_path):
    headings = ("统一社会信用代码", "企业名称", "曾用名", "环境信用等级", "重点排污单位")
    firm = read_rows(tmp_path, headings, [(CODES[0], "某厂", "无", "无", "无")]).rows[0]
    assert (firm.former_names, firm.credit_class, firm.key_unit) == ((), None, False)


@pytest.mark.parametrize("written", ["2026-13-01", "2026-02-30", "昨天", "24.11.2026", "2026"])
def test_what_is_no_day_is_refused(tmp_path, written):
    found = read_rows(tmp_path, ("检查日期", "检查结果", "企业名称"), [(written, "是", "某厂")])
    assert [item[:2] for item in found.refused] == [("row 1", "registry_date_unreadable")]


def test_a_permit_is_checked_and_names_its_firm(tmp_path):
    headings = ("排污许可证编号", "有效期起", "有效期止", "污染物")
    found = read_rows(
        tmp_path,
        headings,
        [
            (f"{CODES[0]}001P", "2024-01-01", "2028-12-31", "COD、氨氮"),
            (f"{CODES[0]}01P", "2024-01-01", "2028-12-31", ""),
            (f"{CODES[1]}001P", "2028-01-01", "2024-12-31", ""),
        ],
    )
    (permit,) = found.rows
    assert (permit.enterprise, permit.pollutants, permit.valid_to) == (CODES[0], ("COD", "氨氮"), date(2028, 12, 31))
    assert [item[:2] for item in found.refused] == [
        ("row 2", "invalid_permit_number"),
        ("row 3", "registry_ends_before_it_begins"),
    ]


def test_an_outfall_without_a_responsible_firm_is_municipal(tmp_path):
    headings = ("排污口编码", "排污口名称", "排污口类型", "受纳水体", "责任主体统一社会信用代码", "经度", "纬度")
    found = read_rows(
        tmp_path,
        headings,
        [("P1", "一号", "工业排污口", "苏州河", CODES[0], *PLACE), ("P2", "二号", "雨水排口", "苏州河", "", *PLACE)],
        crs="EPSG:4326",
    )
    assert [(o.outfall_class, o.enterprise, o.receiving_water) for o in found.rows] == [
        ("industrial", CODES[0], "苏州河"),
        ("other", None, "苏州河"),
    ]


def test_the_same_thing_twice_in_a_file_is_taken_once(tmp_path):
    found = read_rows(tmp_path, ENTERPRISE, [enterprise(), enterprise(1), enterprise(name="另一名")])
    assert [item[:2] for item in found.refused] == [("row 3", "registry_key_twice")]
    assert len(found.rows) == 2


def test_progress_is_told_by_thousands_and_at_the_end(tmp_path):
    told = []
    headings = ("排污口编码", "排污口类型")
    rows = [(f"P{n}", "其他") for n in range(2500)]
    read_rows(tmp_path, headings, rows, progress=lambda stage, done, total: told.append((stage, done, total)))
    assert told == [("reading rows", 1000, 2500), ("reading rows", 2000, 2500), ("reading rows", 2500, 2500)]
