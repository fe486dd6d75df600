"""The table of control points: good rows are read in any CRS, bad ones are named by their line."""

from __future__ import annotations

import numpy as np
import pytest

from geo.control import DEFAULT_SIGMA_M, read_control
from geo.crs import convert
from geo.errors import BadControl

SIZES = {"DJI_1.JPG": (4000, 3000), "DJI_2.JPG": (4000, 3000)}
HEAD = "image,u,v,lon,lat"


def test_a_plain_row_is_wgs84_on_the_ground_with_the_default_doubt():
    (point,) = read_control(f"{HEAD}\nDJI_1.JPG,2000.5,1500,121.4,31.25\n", SIZES).points
    assert (point.image, point.u, point.v, point.lon, point.lat) == ("DJI_1.JPG", 2000.5, 1500.0, 121.4, 31.25)
    assert (point.elevation_m, point.sigma_m, point.row) == (None, DEFAULT_SIGMA_M, 2)


@pytest.mark.parametrize("crs", ["GCJ-02", "BD-09", "EPSG:4549", "EPSG:4490"])
def test_rows_in_another_system_come_to_wgs84(crs):
    given = convert(np.array([[121.4, 31.25]]), "EPSG:4326", crs)[0]
    text = f"{HEAD},crs\nDJI_1.JPG,1,1,{given[0]:.9f},{given[1]:.9f},{crs}\n"
    (point,) = read_control(text, SIZES).points
    assert (point.lon, point.lat) == pytest.approx((121.4, 31.25), abs=1e-7)


def test_rows_of_one_place_have_one_name_and_a_byte_order_mark_does_not_matter():
    text = f"\ufeff{HEAD}\nDJI_1.JPG,1,1,121.4,31.25\n\nDJI_2.JPG,9,9,121.4,31.25\n"
    a, b = read_control(text, SIZES).points
    assert a.name == b.name


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ("nope.JPG,1,1,121.4,31.25", "no picture nope.JPG"),
        ("DJI_1.JPG,4001,1,121.4,31.25", "outside 4000 x 3000"),
        ("DJI_1.JPG,-1,1,121.4,31.25", "outside"),
        ("DJI_1.JPG,x,1,121.4,31.25", "u is no number"),
        ("DJI_1.JPG,1,1,,31.25", "lon is no number: (blank)"),
        ("DJI_1.JPG,1,1,31.25,121.4", "is no place"),
        ("DJI_1.JPG,1,1,nan,31.25", "not finite"),
        ("DJI_1.JPG,1", "v is no number"),
        ("DJI_2.JPG,5,5,121.4,31.25", "given before"),
    ],
)
def test_a_bad_row_is_refused_by_its_line_and_the_others_stay(row, word):
    table = read_control(f"{HEAD}\nDJI_2.JPG,5,5,121.4,31.25\n{row}\n", SIZES)
    assert [p.row for p in table.points] == [2]
    ((line, said),) = table.refused
    assert line == 3
    assert word in said


@pytest.mark.parametrize(("extra", "value"), [("sigma_m", "0"), ("sigma_m", "1000"), ("crs", "EPSG:0"), ("crs", "x")])
def test_bad_doubt_and_unknown_systems_are_refused_by_row(extra, value):
    table = read_control(f"{HEAD},{extra}\nDJI_1.JPG,1,1,121.4,31.25,{value}\n", SIZES)
    assert not table.points
    assert table.refused[0][0] == 2


@pytest.mark.parametrize(
    "text", ["", HEAD, "image,u,v,lon\na,1,1,1\n", f"{HEAD},colour\na,1,1,1,1,red\n", f"{HEAD},u\n1\n"]
)
def test_what_is_no_table_is_refused_whole(text):
    with pytest.raises(BadControl):
        read_control(text, SIZES)
