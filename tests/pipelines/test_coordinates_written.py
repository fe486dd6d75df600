"""Coordinates as offices write them: each spelling is read, each mistake has its name, the file settles what it can."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import Refusal
from pipelines.registry_import.cells import Row
from pipelines.registry_import.notation import settled
from pipelines.registry_import.places import raw_place
from pipelines.registry_import.placing import located
from pipelines.registry_import.written import read_written

COLUMNS = {"lon": 0, "lat": 1, "name": 2}
TOWN = shapely.Point(121.40, 31.25).buffer(0.04)


def row(x, y, number=1):
    return Row(number, (str(x), str(y), f"第{number}厂"), COLUMNS, kind="enterprise")


def rows(pairs):
    return [row(x, y, number) for number, (x, y) in enumerate(pairs, start=1)]


def found(pairs, *, crs="EPSG:4326", outline=TOWN):
    return located(rows(pairs), said=crs, declared=None, outline=outline)


def reasons(done):
    return [reason for _, reason, _ in done.refused], [reason for _, reason, _ in done.warnings]


@pytest.mark.parametrize(
    "text",
    [
        "121°24′00″", "121°24'0\"", "121º24´00˝", "121度24分00秒", "121° 24' 00''", "121.24.00", "121-24-00",
        "121:24:00", "121 24 00", "121d24m00s", "E121°24′00″", "121°24′00″E", "东经121°24′00″", "121°24′00.0″",
        "121°24.0′", "121 24.00", "121°24′", "121°23′60″", "１２１°２４′００″", "121.4", "121.4°", "+121.4000",
        "121.4E", "东经121.4度", "1.214e2",
    ],
)  # fmt: skip
def test_every_spelling_of_one_longitude_is_that_longitude(text):
    assert read_written(text).value == pytest.approx(121.4, abs=1e-12)


@pytest.mark.parametrize(
    "text", ["", "E", "-", "东", "121,4", "121°70′0″", "121°24′70″", "121°24.5′30″", "1 213 967", "1e999", "nan", "inf"]
)
def test_what_is_no_coordinate_is_none(text):
    assert read_written(text) is None


@given(st.text(max_size=24))
def test_any_text_is_read_or_not(text):
    read = read_written(text)
    assert read is None or np.isfinite(read.value)


@given(st.integers(73, 135), st.integers(0, 59), st.floats(0, 59.99), st.sampled_from(["°'\"", "---", "...", ":::"]))
def test_degrees_minutes_and_seconds_are_added_up(d, m, s, marks):
    text = f"{d}{marks[0]}{m:02}{marks[1]}{s:05.2f}" + ('"' if marks[2] == '"' else "")
    read = read_written(text)
    assert read.value == pytest.approx(d + m / 60 + round(s, 2) / 3600, abs=1e-9)
    assert read.step == pytest.approx(1 / 3600 / 100)


def test_metres_with_thousands_and_a_unit_are_numbers():
    assert [read_written(t).value for t in ("3,459,478.12", "633048.37m", "633048.37米")] == [
        3459478.12,
        633048.37,
        633048.37,
    ]


@pytest.mark.parametrize(
    ("x", "y", "reason"),
    [
        ("0", "0", "place_zero"),
        ("0.0001", "0.0002", "place_zero"),
        ("121.4", "0", "place_zero"),
        ("121.4", "121.4", "place_axes_equal"),
        ("31.25", "121.4", "axes_swapped"),
        ("N31°15′", "E121°24′", "axes_swapped"),
        ("-121.4", "31.25", "place_sign_lost"),
        ("121.4W", "31.25", "place_sign_lost"),
        ("121.4", "31.25S", "place_sign_lost"),
        ("-31.25", "121.4", "place_sign_lost"),
        ("12.5", "41.9", "place_outside_china"),
        ("-8542.31", "4210.7", "city_local_grid"),
        ("121.4", "", "place_half_given"),
        ("121.4", "三十一", "place_unreadable"),
    ],
)
def test_each_mistake_of_a_row_has_its_name(x, y, reason):
    with pytest.raises(Refusal) as refused:
        raw_place(row(x, y), crs=None)
    assert refused.value.reason == reason


def test_places_abroad_are_taken_where_the_district_is_abroad_and_refused_where_it_is_here():
    duluth = shapely.Point(-92.0, 46.8).buffer(0.1)
    assert reasons(found([("-92.01", "46.81")], outline=duluth))[0] == []
    assert reasons(found([("2.35", "48.86")]))[0] == ["place_outside_china"]


def spread(count, seed=1):
    return np.random.default_rng(seed).uniform([121.37, 31.22], [121.43, 31.28], (count, 2))


def hidden(value):
    minutes = value % 1 * 60
    return f"{int(value)}.{int(minutes):02}{int(minutes % 1 * 60):02}"


def packed(value):
    return f"{int(value)}{int(value % 1 * 60):02}{int(value * 60 % 1 * 60):02}"


def test_minutes_and_seconds_behind_the_point_are_told_by_the_file():
    there = spread(25)
    done = found([(hidden(x), hidden(y)) for x, y in there])
    assert reasons(done)[0] == []
    assert "place_minutes_behind_point" in reasons(done)[1]
    assert np.abs([(p.x, p.y) for _, p in done.rows] - there).max() < 1 / 3600
    assert done.told.evidence["minutes_behind_the_point_log_odds"] > 6.9


def test_decimals_are_decimals():
    there = spread(25)
    done = found([(f"{x:.4f}", f"{y:.4f}") for x, y in there])
    assert reasons(done) == ([], [])
    assert np.abs([(p.x, p.y) for _, p in done.rows] - there).max() < 1e-4


def test_what_may_be_either_is_refused():
    """Six rows whose digits fit both, and nothing that says where the file is from."""
    pairs = [(f"121.{20 + n}{n:02}", f"31.1{n}5{n}") for n in range(6)]
    done = found(pairs, outline=None)
    assert reasons(done)[0] == ["place_degrees_ambiguous"] * 6
    assert done.rows == ()
    one = found([("121.4012", "31.2534")], outline=None)
    assert reasons(one)[0] == []


@given(st.integers(0, 10_000), st.integers(1, 40))
def test_decimals_within_the_district_are_never_taken_for_minutes(seed, count):
    there = spread(count, seed)
    done = settled([raw_place(one, crs=None) for one in rows((f"{x:.4f}", f"{y:.4f}") for x, y in there)], TOWN)
    values = [(p.x, p.y) for p in done.places if p is not None]
    kept = [n for n, p in enumerate(done.places) if p is not None]
    assert np.abs(np.array(values).reshape(-1, 2) - there[kept]).max(initial=0) < 1e-4


def test_degrees_minutes_and_seconds_in_one_number_are_read():
    there = spread(8)
    done = found([(packed(x), packed(y)) for x, y in there])
    assert reasons(done)[0] == []
    assert "place_degrees_packed" in reasons(done)[1]
    assert np.abs([(p.x, p.y) for _, p in done.rows] - there).max() < 1 / 3600


def test_a_few_packed_rows_among_metres_are_asked_for():
    metres = [(f"6330{n:02}.5", f"34594{n:02}.5") for n in range(9)]
    done = found([*metres, ("1212400", "311500")], crs="EPSG:4549")
    assert reasons(done)[0] == ["place_degrees_ambiguous"]
    assert len(done.rows) == 9


def test_a_row_in_metres_among_degrees_is_refused_and_the_other_way_round():
    there = [(f"{x:.5f}", f"{y:.5f}") for x, y in spread(5)]
    assert reasons(found([*there, ("633048.3", "3459478.1")]))[0] == ["place_other_units"]
    metres = [(f"6330{n:02}.5", f"34594{n:02}.5") for n in range(5)]
    assert reasons(found([*metres, there[0]], crs="EPSG:4549"))[0] == ["place_other_units"]


def test_places_rounded_to_a_kilometre_are_kept_with_how_far_they_may_be_off():
    done = found([("121.40", "31.25"), ("121.412345", "31.254321"), ("121°24′", "31°15′")])
    assert [(item, reason) for item, reason, _ in done.warnings] == [
        ("row 1", "place_coarse"),
        ("row 3", "place_coarse"),
    ]
    assert [detail.rsplit(": ", 1)[1] for _, _, detail in done.warnings] == ["±556 m", "±927 m"]
    metres = found([("633000", "3459000")], crs="EPSG:4549")
    assert metres.warnings[0][2].endswith("±500 m")


def test_three_rows_with_one_place_are_doubted():
    done = found([("121.402222", "31.251111")] * 3 + [("121.403333", "31.252222")] * 2)
    assert [(item, reason) for item, reason, _ in done.warnings] == [(f"row {n}", "place_repeated") for n in (1, 2, 3)]
    assert done.warnings[0][2].endswith("3 rows")


def test_coarse_places_say_nothing_of_the_crs():
    done = found([("121.40", "31.25")] * 8, crs=None)
    assert (done.told.crs, done.told.evidence["reason"]) == ("cannot_tell", "all_places_coarse")


def test_a_sign_of_degrees_settles_that_decimals_are_decimals():
    """Digits that may all be minutes and seconds are asked for; as the answer to that, a ° is enough."""
    places = [(f"121.{m}0000", f"31.{m - 10}0000") for m in (36, 37, 38, 39, 40, 41)]
    assert set(reasons(found(places, outline=None))[0]) == {"place_degrees_ambiguous"}
    assert reasons(found([(f"{x}°", f"{y}°") for x, y in places], outline=None))[0] == []
