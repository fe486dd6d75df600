"""Registry files as offices send them: what can be used is in, what cannot is refused by row and reason."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enforcement.registry import KINDS
from geo.crs import convert
from geo.errors import UnknownCrs
from pipelines.errors import Refusal
from pipelines.registry_import import read_outline, read_registry
from pipelines.registry_import.headings import plain, table
from tests.pipelines.registry_files import CODES, ENTERPRISE, enterprise, write_csv, write_geojson, write_xlsx

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
PLACE = ("121.40", "31.25")


def read(path, **options):
    return read_registry(path, received_at=NOW, **options)


def read_rows(tmp_path, headings, rows, **options):
    return read(write_csv(tmp_path / "file.csv", headings, rows), **options)


# ---- files and encodings


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


# ---- headings


FIRST = {
    "uscc": CODES[0],
    "name": "名",
    "code": "K1",
    "mn": "M1",
    "on": "2026-01-02",
    "listed_on": "2026-01-02",
    "found": "是",
    "valid_from": "2026-01-02",
    "valid_to": "2027-01-01",
    "permit_number": f"{CODES[0]}001P",
    "receptor_kind": "学校",
    "site_id": "G1",
    "complaint_id": "T1",
}


@pytest.mark.parametrize("language", [0, -1])
@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_is_recognised_by_its_chinese_and_its_english_headings(tmp_path, kind, language):
    spellings = {
        field: words[language]
        for field, words in table()[kind]["fields"].items()
        if field in FIRST or field in table()[kind]["marks"]
    }
    found = read_rows(tmp_path, tuple(spellings.values()), [[FIRST.get(field, "") for field in spellings]])
    assert found.kind == kind
    assert type(found.rows[0]) is KINDS[kind]


def test_no_spelling_means_two_fields_of_one_kind():
    for kind in KINDS:
        words = [plain(word) for spellings in table()[kind]["fields"].values() for word in spellings]
        assert len(set(words)) == len(words), kind


@pytest.mark.parametrize(
    "heading", ["经度(度)", "经度（WGS84）", " 经 度 ", "*经度", "经度：", "LON", "Longitude", "ｌｏｎ"]
)
def test_a_heading_is_known_whatever_is_around_it(heading):
    assert plain(heading) in {plain(word) for word in table()["enterprise"]["fields"]["lon"]}


def test_headings_that_nobody_knows_are_mapped(tmp_path):
    headings = ("代号", "全称", "行业类别", "东", "北")
    rows = [(CODES[0], "某厂", "C26", *PLACE)]
    with pytest.raises(Refusal):
        read_rows(tmp_path, headings, rows)
    mapping = {"uscc": "代号", "name": "全称", "lon": "东", "lat": "北"}
    firm = read_rows(tmp_path, headings, rows, mapping=mapping, crs="EPSG:4326").rows[0]
    assert (firm.uscc, firm.name, firm.place.lat) == (CODES[0], "某厂", 31.25)


@pytest.mark.parametrize("mapping", [{"name": "没有"}, {"nonsense": "企业名称"}])
def test_a_mapping_that_leads_nowhere_is_refused(tmp_path, mapping):
    with pytest.raises(Refusal) as refused:
        read_rows(tmp_path, ENTERPRISE, [enterprise()], mapping=mapping)
    assert refused.value.reason in ("registry_mapping_bad", "registry_kind_unknown")


def test_two_kinds_that_fit_alike_are_asked_for(tmp_path):
    headings, row = ("统一社会信用代码", "企业名称", "行业类别", "列入日期"), (CODES[0], "某厂", "C26", "2026-03-01")
    with pytest.raises(Refusal) as refused:
        read_rows(tmp_path, headings, [row])
    assert refused.value.reason == "registry_kind_ambiguous"
    assert read_rows(tmp_path, headings, [row], kind="positive_listing").rows[0].listed_on == date(2026, 3, 1)
    with pytest.raises(Refusal, match="registry_kind_unknown"):
        read_rows(tmp_path, headings, [row], kind="outfall")


# ---- rows


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
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
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


# ---- the coordinate system


@pytest.fixture(scope="module")
def district():
    """A made-up district: a rough circle of 3 km around a place in Putuo."""
    turns = np.linspace(0, 2 * np.pi, 60)
    return shapely.Polygon(np.column_stack([121.40 + 0.030 * np.cos(turns), 31.25 + 0.026 * np.sin(turns)]))


def firms_within(outline, count, *, crs, edge=True):
    """Firms in the district, as a file in `crs` would write them; along the edge, or in its middle only."""
    chance = np.random.default_rng(7)
    reach = outline.buffer(-0.0003) if edge else outline.centroid.buffer(0.004)
    ring = reach.exterior
    places = [ring.interpolate(share, normalized=True).coords[0] for share in chance.random(count)]
    return [
        enterprise(0, code=f"{n}", x=x, y=y) for n, (x, y) in enumerate(convert(np.array(places), "EPSG:4326", crs))
    ]


HEADINGS = ("排污口编码", "排污口名称", "排污口类型", "受纳水体", "排污许可证编号", "经度", "纬度")


def as_outfalls(rows):
    return [(row[0], row[1], "", "", "", row[-2], row[-1]) for row in rows]


@pytest.mark.parametrize("crs", ["EPSG:4326", "GCJ-02", "BD-09", "EPSG:4549"])
def test_a_file_that_does_not_say_its_crs_is_told_by_the_district(tmp_path, district, crs):
    rows = as_outfalls(firms_within(district, 40, crs=crs))
    found = read_rows(tmp_path, HEADINGS, rows, outline=district)
    assert found.crs == crs
    assert found.crs_evidence["method"] == "share_inside_district"
    assert found.crs_evidence["inside"][crs] == 40
    assert all(district.buffer(1e-6).contains(shapely.Point(o.place.lon, o.place.lat)) for o in found.rows)


def test_a_file_whose_places_lie_in_the_middle_cannot_be_told(tmp_path, district):
    rows = as_outfalls(firms_within(district, 40, crs="GCJ-02", edge=False))
    found = read_rows(tmp_path, HEADINGS, rows, outline=district)
    assert found.crs == "cannot_tell"
    assert all(o.place is None and o.place_given and o.crs_given == "cannot_tell" for o in found.rows)
    assert found.warnings[-1][:2] == ("places", "registry_crs_cannot_tell")


def test_a_file_of_another_district_cannot_be_told(tmp_path, district):
    rows = as_outfalls(firms_within(district, 40, crs="EPSG:4326"))
    far = [(*row[:-2], row[-2] + 0.5, row[-1]) for row in rows]
    assert read_rows(tmp_path, HEADINGS, far, outline=district).crs == "cannot_tell"


def test_a_file_most_of_which_lies_elsewhere_cannot_be_told(tmp_path, district):
    rows = as_outfalls(firms_within(district, 20, crs="GCJ-02"))
    strays = [(f"S{n}", "", "", "", "", 121.6, 31.1) for n in range(20)]
    found = read_rows(tmp_path, HEADINGS, rows + strays, outline=district)
    assert found.crs_evidence["inside"]["GCJ-02"] == 20
    assert found.crs == "cannot_tell"


def test_few_strays_do_not_hide_the_crs(tmp_path, district):
    rows = as_outfalls(firms_within(district, 40, crs="GCJ-02"))
    strays = [(f"S{n}", "", "", "", "", 121.6, 31.1) for n in range(3)]
    found = read_rows(tmp_path, HEADINGS, rows + strays, outline=district)
    assert found.crs == "GCJ-02"
    assert [item[:2] for item in found.warnings] == [(f"row {n}", "place_outside_district") for n in (41, 42, 43)]


def test_what_is_said_wins_and_what_is_no_crs_is_refused(tmp_path, district):
    rows = as_outfalls(firms_within(district, 40, crs="GCJ-02"))
    found = read_rows(tmp_path, HEADINGS, rows, outline=district, crs="EPSG:4326")
    assert (found.crs, found.crs_evidence) == ("EPSG:4326", {"method": "given"})
    with pytest.raises(UnknownCrs):
        read_rows(tmp_path, HEADINGS, rows, crs="EPSG:1")


def test_the_local_grid_of_the_city_is_refused_row_by_row_and_metres_of_a_named_crs_are_not(tmp_path):
    rows = [("P1", "", "", "", "", "-8542.31", "4210.7"), ("P2", "", "", "", "", "633048.373", "3459478.156")]
    found = read_rows(tmp_path, HEADINGS, rows, crs="EPSG:4549")
    assert [item[:2] for item in found.refused] == [("row 1", "city_local_grid")]
    place = found.rows[0].place
    assert (place.lon, place.lat) == pytest.approx((121.3967, 31.2495), abs=1e-7)


def test_a_projected_crs_that_a_geojson_declares_is_believed_and_its_degrees_are_not(tmp_path):
    features = [
        ({"排污口编码": "P1", "排污口类型": "其他"}, {"type": "Point", "coordinates": [633048.373, 3459478.156]})
    ]
    declared = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4549"}}
    found = read(write_geojson(tmp_path / "a.geojson", features, crs=declared))
    assert (found.crs, found.crs_evidence["method"]) == ("EPSG:4549", "declared_in_file")
    features[0][1]["coordinates"] = [121.4, 31.25]
    declared["properties"]["name"] = "urn:ogc:def:crs:OGC:1.3:CRS84"
    assert read(write_geojson(tmp_path / "b.geojson", features, crs=declared)).crs == "cannot_tell"


# ---- the real files


@pytest.mark.given
def test_the_national_station_list_is_read_with_its_stop_notes(shared):
    found = read(shared / "data" / "stations" / "china_air_stations_excerpt_gb18030.csv")
    points = {one.code: one for one in found.rows}
    assert (found.kind, found.encoding, found.crs, len(points), found.refused) == (
        "monitor_point",
        "gb18030",
        "cannot_tell",
        47,
        (),
    )
    assert [detail for _, reason, detail in found.warnings if reason == "row_without_place"] == [
        "1045A",
        "1202A",
        "1254A",
        "1347A",
    ]
    assert (points["1141A"].name, points["1141A"].city) == ("普陀", "上海")
    assert (points["1002A"].name, points["1002A"].control) == ("定陵", True)
    assert points["1013A"].valid_to == date(2015, 7, 2)
    assert points["1475A"].valid_to == date(2018, 11, 15)
    assert (points["1436A"].name, points["1436A"].valid_to) == ("草堂寺（已停运）", None)


@pytest.mark.given
def test_measured_values_and_outlines_are_refused_as_what_they_are(shared):
    with pytest.raises(Refusal) as refused:
        read(shared / "data" / "stations" / "PRSA_Data_Dongsi_20130301-20170228.csv")
    assert refused.value.reason == "measured_values_not_registry"
    with pytest.raises(Refusal) as refused:
        read(shared / "data" / "boundary" / "putuo_310107_amap.geojson")
    assert refused.value.reason == "outline_not_registry"


@pytest.mark.given
def test_the_given_outline_is_amaps_and_has_the_districts_area(shared):
    outline = read_outline(shared / "data" / "boundary" / "putuo_310107_amap.geojson")
    assert (outline.name, outline.adcode, outline.crs) == ("普陀区", "310107", "GCJ-02")
    assert outline.area_km2 == pytest.approx(55.5, abs=0.3)  # 55.53 km2 by the district's own account
    assert outline.polygon.contains(shapely.Point(121.3967, 31.2495))
    as_said = read_outline(shared / "data" / "boundary" / "putuo_310107_amap.geojson", crs="EPSG:4326")
    assert as_said.polygon.centroid.distance(outline.polygon.centroid) == pytest.approx(0.005, abs=0.001)


@pytest.mark.given
def test_a_file_of_sixteen_districts_needs_a_name(shared):
    path = shared / "data" / "boundary" / "shanghai_districts_amap.geojson"
    with pytest.raises(Refusal) as refused:
        read_outline(path)
    assert refused.value.reason == "outline_ambiguous"
    assert read_outline(path, name="普陀区").area_km2 == pytest.approx(55.5, abs=0.3)


METRES = [[[633048, 3459478], [633049, 3459478], [633048, 3459479], [633048, 3459478]]]


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {"type": "FeatureCollection", "features": []},
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [121, 31]}},
        {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": "x"}},
        {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": METRES}},
    ],
)
def test_what_is_no_outline_is_refused(tmp_path, document):
    (tmp_path / "a.geojson").write_text("" if document is None else json.dumps(document), encoding="utf-8")
    with pytest.raises(Refusal) as refused:
        read_outline(tmp_path / "a.geojson")
    assert refused.value.reason == "outline_unreadable"


@given(
    st.lists(
        st.lists(
            st.text(max_size=12) | st.sampled_from([*CODES, "121.4", "31.25", "2026-01-01", "是", "-", "合计"]),
            min_size=7,
            max_size=7,
        ),
        max_size=6,
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_cells_are_taken_or_refused_and_every_row_is_accounted_for(tmp_path, rows):
    try:
        found = read_rows(tmp_path, ENTERPRISE, rows)
    except Refusal as refusal:
        assert refusal.reason in ("registry_empty", "registry_file_unreadable", "encoding_unknown")
        return
    assert len(found.rows) + len(found.refused) == found.row_count
    assert json.dumps([*found.refused, *found.warnings])


# ---- the sample registry

SAMPLE = Path(__file__).parents[2] / "data_samples"


@pytest.mark.parametrize(
    "truth", json.loads((SAMPLE / "registry" / "files.json").read_text("utf-8")), ids=lambda t: t["file"]
)
def test_the_sample_registry_is_read_as_its_truth_says_and_its_crs_is_never_told_wrong(truth):
    path, outline = SAMPLE / "registry" / truth["file"], read_outline(SAMPLE / "district.geojson")
    found = read(path, outline=outline.polygon)
    assert (found.kind, found.row_count, len(found.rows)) == (truth["kind"], truth["rows"], truth["imported"])
    assert [item for item, _, _ in found.refused] == [row["item"] for row in truth["must_refuse"]]
    assert found.crs in (truth.get("crs"), "cannot_tell")
    if "crs" in truth:
        said = read(path, outline=outline.polygon, crs=truth["crs"])
        assert all(
            fact.place is not None and outline.polygon.contains(shapely.Point(fact.place.lon, fact.place.lat))
            for fact in said.rows
        )


def test_the_samples_firms_are_told_to_be_in_the_web_maps_datum():
    outline = read_outline(SAMPLE / "district.geojson")
    assert read(SAMPLE / "registry" / "enterprises.csv", outline=outline.polygon).crs == "GCJ-02"
