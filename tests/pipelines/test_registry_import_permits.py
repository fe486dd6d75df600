"""Permits with outlets and limits, in long tables and wide ones; filings, drains, cameras, and the later fields."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pytest

from geo.crs import convert
from tests.pipelines.registry_files import CODES, read, read_rows, write_geojson, write_xlsx

PERMIT = f"{CODES[0]}001P"
FIGURES = ("许可排放浓度限值(mg/m³)", "许可排放速率限值(kg/h)", "许可年排放量限值(t/a)")
LONG = ("排污许可证编号", "排放口编号", "污染物种类", "许可排放浓度限值", "单位", "限值周期", "执行标准")


def limits(found):
    return [(one.outlet, one.pollutant, one.value_low, one.value, one.unit, one.period, one.what) for one in found.rows]


def test_limits_in_a_long_table_have_value_bounds_unit_and_period(tmp_path):
    rows = [
        (PERMIT, "DW001", "化学需氧量", "50", "mg/L", "日均", "DB31/199-2018"),
        (PERMIT, "DW001", "pH值", "6～9", "无量纲", "", ""),
        (PERMIT, "DA001", "颗粒物", "≤20mg/Nm3", "", "小时均值", ""),
        (PERMIT, "", "氮氧化物", "1,200", "吨/年", "年", ""),
        (PERMIT, "DW001", "悬浮物", "", "", "", ""),
    ]
    found = read_rows(tmp_path, LONG, rows)
    assert found.refused == ()
    assert limits(found) == [
        ("DW001", "化学需氧量", None, 50.0, "mg/L", "day", "concentration"),
        ("DW001", "pH值", 6.0, 9.0, "", "", ""),
        ("DA001", "颗粒物", None, 20.0, "mg/m3", "hour", "concentration"),
        ("", "氮氧化物", None, 1200.0, "t/a", "year", "amount"),
        ("DW001", "悬浮物", None, None, "", "", ""),
    ]
    assert {(one.enterprise, one.permit_number) for one in found.rows} == {(CODES[0], PERMIT)}
    assert found.rows[0].basis == "DB31/199-2018"


def test_concentration_rate_and_yearly_amount_of_one_row_are_three_limits(tmp_path):
    headings = ("许可证编号", "排放口编号", "污染物", *FIGURES)
    rows = [(PERMIT, "DA001", "二氧化硫", "35", "0.8", "3.6"), (PERMIT, "DA002", "二氧化硫", "35", "/", "/")]
    found = read_rows(tmp_path, headings, rows)
    assert limits(found) == [
        ("DA001", "二氧化硫", None, 35.0, "mg/m3", "", "concentration"),
        ("DA001", "二氧化硫", None, 0.8, "kg/h", "", "rate"),
        ("DA001", "二氧化硫", None, 3.6, "t/a", "year", "amount"),
        ("DA002", "二氧化硫", None, 35.0, "mg/m3", "", "concentration"),
    ]
    assert (found.row_count, {one.source_row for one in found.rows}) == (2, {"1", "2"})


def test_a_wide_table_has_a_column_a_pollutant_and_a_limit_a_cell(tmp_path):
    rows = [
        ("排污许可证编号", "排放口编号", "许可排放浓度限值（mg/L）", None, None, "pH"),
        (None, None, "化学需氧量", "氨氮", "总磷(mg/L)", None),
        (PERMIT, "DW001", 50, "5", "0.5", "6-9"),
        (PERMIT, "DW002", 500, "/", "—", "6-9"),
        (PERMIT, "DW003", "/", "/", "/", "/"),
        (PERMIT, "DW004", "五十", "5", "", ""),
    ]
    found = read(write_xlsx(tmp_path / "a.xlsx", rows))
    assert found.kind == "permit_limit"
    assert limits(found) == [
        ("DW001", "化学需氧量", None, 50.0, "mg/L", "", "concentration"),
        ("DW001", "氨氮", None, 5.0, "mg/L", "", "concentration"),
        ("DW001", "总磷", None, 0.5, "mg/L", "", "concentration"),
        ("DW001", "pH", 6.0, 9.0, "", "", ""),
        ("DW002", "化学需氧量", None, 500.0, "mg/L", "", "concentration"),
        ("DW002", "pH", 6.0, 9.0, "", "", ""),
    ]
    assert [item[:2] for item in found.refused] == [
        ("row 3", "registry_field_empty"),
        ("row 4", "registry_number_unreadable"),
    ]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({3: "50", 4: "斤"}, "registry_unit_unknown"),
        ({3: "50斤"}, "registry_unit_unknown"),
        ({3: "1,5"}, "registry_number_unreadable"),
        ({5: "有时"}, "registry_word_unknown"),
        ({2: ""}, "registry_field_empty"),
        ({0: ""}, "registry_field_empty"),
        ({0: f"{CODES[0]}1"}, "invalid_permit_number"),
    ],
)
def test_a_limit_that_cannot_be_used_is_refused(tmp_path, change, reason):
    row = [PERMIT, "DW001", "化学需氧量", "50", "mg/L", "日均", ""]
    for column, cell in change.items():
        row[column] = cell
    assert [item[:2] for item in read_rows(tmp_path, LONG, [row]).refused] == [("row 1", reason)]


def test_the_same_limit_twice_is_taken_once_and_another_period_is_another(tmp_path):
    row = (PERMIT, "DW001", "化学需氧量", "50", "mg/L", "日均", "")
    found = read_rows(tmp_path, LONG, [row, (*row[:5], "小时均值", ""), row])
    assert [item[:2] for item in found.refused] == [("row 3", "registry_key_twice")]
    assert [one.period for one in found.rows] == ["day", "hour"]


def test_outlets_of_a_permit_know_their_medium_by_word_or_by_code(tmp_path):
    headings = (
        "排污许可证编号",
        "排放口编号",
        "排放口名称",
        "排放口类别",
        "排放去向",
        "入河排污口编码",
        "经度",
        "纬度",
    )
    rows = [
        (PERMIT, "DW001", "总排口", "废水", "苏州河", "PK-1", "121.4012", "31.2512"),
        (PERMIT, "DA002", "锅炉", "", "", "", "121.4022", "31.2522"),
    ]
    found = read_rows(tmp_path, headings, rows, crs="EPSG:4326")
    assert [(o.KIND, o.outlet, o.medium, o.receiving, o.outfall_code) for o in found.rows] == [
        ("permit_outlet", "DW001", "water", "苏州河", "PK-1"),
        ("permit_outlet", "DA002", "air", "", None),
    ]
    assert found.rows[0].place.lon == 121.4012


def test_a_permit_may_have_no_end_may_be_suspended_and_months_are_whole(tmp_path):
    headings = ("排污许可证编号", "有效期起", "有效期止", "许可证状态")
    rows = [
        (PERMIT, "2024-01", "2028-12", "有效"),
        (f"{CODES[1]}001P", "2024年3月1日", "长期", "暂扣"),
        (f"{CODES[2]}001P", "长期", "2028-12-31", ""),
    ]
    found = read_rows(tmp_path, headings, rows)
    assert [(p.valid_from, p.valid_to, p.state) for p in found.rows] == [
        (date(2024, 1, 1), date(2028, 12, 31), ""),
        (date(2024, 3, 1), None, "suspended"),
    ]
    assert [item[:2] for item in found.refused] == [("row 3", "registry_date_unreadable")]


def test_filings_hold_instants_in_beijing_time_and_need_a_firm_or_a_site(tmp_path):
    headings = ("备案编号", "统一社会信用代码", "工地编号", "备案类型", "开始时间", "结束时间", "是否受理")
    rows = [
        ("B1", CODES[0], "", "检修", "2026-11-24 08:00", "2026-11-25", "已受理"),
        ("", "", "G1", "夜间施工", "2026-11-24 22:00", "2026-11-25 06:00", ""),
        ("B3", "", "", "检修", "2026-11-24", "", "否"),
        ("B4", CODES[0], "", "搬家", "2026-11-24", "", ""),
        ("B5", CODES[0], "", "停产", "2026-11-24", "2026-11-01", "否"),
    ]
    found = read_rows(tmp_path, headings, rows)
    first, second = found.rows
    assert (first.filing_kind, first.starts_at, first.ends_at, first.accepted) == (
        "maintenance",
        datetime(2026, 11, 24, tzinfo=UTC),
        datetime(2026, 11, 25, 16, tzinfo=UTC),
        True,
    )
    assert second.filing_id == "G1 night_work 2026-11-24T22:00:00+08:00"
    assert (second.site_id, second.accepted) == ("G1", None)
    assert [item[:2] for item in found.refused] == [
        ("row 3", "registry_field_empty"),
        ("row 4", "registry_word_unknown"),
        ("row 5", "registry_ends_before_it_begins"),
    ]


def test_drains_and_cameras_are_read_with_their_measures(tmp_path):
    drains = read_rows(
        tmp_path,
        ("管段编号", "管线类型", "下游管段编号", "管径(mm)", "经度", "纬度"),
        [("YS-1", "雨水", "YS-2", "DN300", "121.4012", "31.2512"), ("YS-2", "合流", "", "1200", "121.4022", "31.2522")],
        crs="EPSG:4326",
    )
    assert [(d.drain_kind, d.flows_to, d.diameter_m) for d in drains.rows] == [
        ("storm", "YS-2", 0.3),
        ("combined", "", 1.2),
    ]
    headings = ("摄像头编号", "监控对象", "安装高度", "方位角(°)")
    (camera,) = read_rows(tmp_path, headings, [("C1", "工地大门", "12米", "270")]).rows
    assert (camera.watches, camera.height_m, camera.azimuth_deg) == ("工地大门", 12.0, 270.0)


def test_a_drain_is_a_line_from_text_or_geojson_moved_point_by_point(tmp_path):
    points = [[121.4012, 31.2512], [121.4022, 31.2512], [121.4022, 31.2532]]
    text = "LINESTRING (121.4012 31.2512, 121.4022 31.2512, 121.4022 31.2532)"
    found = read_rows(tmp_path, ("管线编号", "管线类型", "管线走向"), [("W1", "污水", text)], crs="GCJ-02")
    moved = convert(np.array(points), "GCJ-02", "EPSG:4326")
    assert np.allclose(found.rows[0].place.lines[0], moved, atol=1e-12)
    geometry = {"type": "MultiLineString", "coordinates": [points, points[:2]]}
    path = write_geojson(tmp_path / "a.geojson", [({"管线编号": "W1", "管线类型": "污水"}, geometry)])
    assert read(path, crs="EPSG:4326").rows[0].place.to_geojson() == geometry


def test_firms_keep_older_numbers_industry_codes_and_the_lists_they_are_on(tmp_path):
    headings = ("统一社会信用代码", "企业名称", "行业类别", "工商注册号", "重点排污单位")
    rows = [
        (CODES[0], "甲", "C2614 有机化学原料制造", "", "水环境、大气环境重点排污单位"),
        ("", "乙", "纺织业", "310107000123456", "否"),
        ("310107000123457", "丙", "", "", "是"),
        ("", "丁", "", "12345", ""),
    ]
    found = read_rows(tmp_path, headings, rows)
    assert [(f.uscc, f.industry_code, f.key_unit, f.key_unit_lists) for f in found.rows] == [
        (CODES[0], "C2614", True, ("water", "air")),
        ("reg-310107000123456", "", False, ()),
        ("reg-310107000123457", "", True, ()),
    ]
    assert [item[:2] for item in found.refused] == [("row 4", "registry_field_empty")]


def test_inspections_and_monitor_points_keep_their_later_fields(tmp_path):
    headings = ("检查日期", "检查结果", "统一社会信用代码", "检查类型", "处理结果", "整改要求")
    row = ("2026-11-24", "发现问题", CODES[0], "双随机", "责令改正", "修复围挡；覆盖裸土")
    (visit,) = read_rows(tmp_path, headings, [row]).rows
    assert (visit.inspection_kind, visit.outcome, visit.measures) == ("random", "责令改正", ("修复围挡", "覆盖裸土"))
    headings = ("点位名称", "MN号", "监测因子", "上报间隔", "运维单位", "设备型号")
    (point,) = read_rows(tmp_path, headings, [("东门", "MN1", "PM10、TSP", "1分钟", "某运维", "X-1")]).rows
    assert (point.pollutants, point.interval_s, point.agency, point.device) == (("PM10", "TSP"), 60.0, "某运维", "X-1")


@pytest.mark.parametrize(
    ("headings", "rest"),
    [
        (("排污许可证编号", "统一社会信用代码", "有效期起", "有效期止"), ("2024-01-01", "2028-12-31")),
        (("排污许可证编号", "统一社会信用代码", "排放口编号", "排放口类别"), ("DW001", "废水")),
        (("排污许可证编号", "统一社会信用代码", "污染物", "许可排放浓度限值(mg/L)"), ("化学需氧量", "50")),
    ],
)
def test_a_permit_whose_number_is_of_another_firm_than_its_row_is_nobodys(tmp_path, headings, rest):
    numbers = (f"{CODES[1]}001P", f"{CODES[0]}001P", f"{CODES[2]}001P")
    rows = [(number, code, *rest) for number, code in zip(numbers, (CODES[0], CODES[0], ""), strict=True)]
    found = read_rows(tmp_path, headings, rows)
    assert found.refused == (("row 1", "permit_of_another_firm", f"{numbers[0]}: {CODES[0]}"),)
    assert [fact.enterprise for fact in found.rows] == [CODES[0], CODES[2]]


def test_filings_for_two_outlets_are_two_without_a_number_of_their_own(tmp_path):
    headings = ("备案类型", "统一社会信用代码", "开始时间", "结束时间", "排放口编号")
    rows = [("停产", CODES[0], "2026-11-01", "2026-11-05", outlet) for outlet in ("DW001", "DW002", "")]
    found = read_rows(tmp_path, headings, rows)
    assert found.refused == ()
    assert len({one.filing_id for one in found.rows}) == 3
