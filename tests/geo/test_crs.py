"""Coordinates against published vectors, the geodesic, and their own inverse."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from geo.crs import convergence_deg, convert, grid_yaw_deg, metric_crs_at, project, require_metric, unproject
from geo.errors import GeographicCrs, NotMetricCrs, ShapeError, UnknownCrs
from geo.types import LonLat

PUTUO = LonLat(121.40, 31.25)


@pytest.fixture(scope="module")
def vectors(shared):
    return json.loads((shared / "standards/misc_vectors.json").read_text())["coordinates"]


@pytest.mark.given
def test_chinese_shifts_agree_with_the_independent_vectors(vectors):
    wgs84 = [v["wgs84"] for v in vectors]
    assert np.abs(convert(wgs84, "EPSG:4326", "GCJ-02") - [v["gcj02"] for v in vectors]).max() < 1e-6
    assert np.abs(convert(wgs84, "EPSG:4326", "BD-09") - [v["bd09"] for v in vectors]).max() < 1e-6


@pytest.mark.given
def test_gauss_kruger_agrees_with_the_independent_vectors_to_a_centimetre(vectors):
    found = project([v["wgs84"] for v in vectors], "EPSG:4549")
    assert np.abs(found - [v["epsg4549"] for v in vectors]).max() < 0.01


in_china = st.tuples(st.floats(74, 134), st.floats(19, 53))
in_the_box = st.tuples(st.floats(72.004, 137.8347), st.floats(0.8293, 55.8271))


@given(in_china)
@settings(max_examples=100, deadline=None)
def test_chinese_shifts_are_undone_to_less_than_a_millimetre(place):
    for datum in ("GCJ-02", "BD-09"):
        back = convert(convert([place], "EPSG:4326", datum), datum, "EPSG:4326")
        assert np.abs(back - place).max() * 111_195 < 0.001


@given(in_the_box | st.tuples(st.sampled_from([72.004, 105.0, 137.8347]), st.sampled_from([0.8293, 35.0, 55.8271])))
@settings(max_examples=300, deadline=None)
def test_the_inverse_holds_to_less_than_a_millimetre_up_to_the_edge_of_the_box(place):
    gcj = convert([place], "EPSG:4326", "GCJ-02")
    assert np.abs(convert(gcj, "GCJ-02", "EPSG:4326") - place).max() * 111_195 < 0.001
    bd = convert(gcj, "GCJ-02", "BD-09")
    assert np.abs(convert(bd, "BD-09", "GCJ-02") - gcj).max() * 111_195 < 0.001


def test_many_places_are_undone_like_each_alone_and_nan_stays_nan():
    places = np.random.default_rng(5).uniform([73, 18], [135, 53], (30_000, 2))
    places[7] = np.nan
    shifted = convert(places, "EPSG:4326", "GCJ-02")
    back = convert(shifted, "GCJ-02", "EPSG:4326")
    assert np.isnan(back[7]).all()
    good = np.arange(len(places)) != 7
    assert np.abs(back - places)[good].max() * 111_195 < 0.001
    some = slice(8190, 8200)  # over the seam of two blocks
    assert (np.array([convert([one], "GCJ-02", "EPSG:4326")[0] for one in shifted[some]]) == back[some]).all()


def test_the_shift_is_the_published_polynomial_term_by_term():
    """Independent: the sines one by one, not by multiple angles; on the sample renderer's own writing of it."""
    from data_samples.district.datum import gcj02_of

    places = np.random.default_rng(6).uniform([73, 4], [135, 53], (5000, 2))
    assert np.abs(convert(places, "EPSG:4326", "GCJ-02") - gcj02_of(places)).max() < 1e-12


def test_gcj02_leaves_the_rest_of_the_world_alone():
    assert convert([(2.35, 48.86)], "EPSG:4326", "GCJ-02").tolist() == [[2.35, 48.86]]


@given(in_china)
@settings(max_examples=25, deadline=None)
def test_metres_go_out_and_back(place):
    crs = metric_crs_at(LonLat(*place))
    assert np.abs(unproject(project([place], crs), crs) - place).max() < 1e-9


def test_x_is_east_and_y_is_north_in_a_crs_whose_axes_are_north_east():
    here, east, north = project([PUTUO, (121.41, 31.25), (121.40, 31.26)], "EPSG:4549")
    assert east[0] - here[0] == pytest.approx(952, abs=2)
    assert north[1] - here[1] == pytest.approx(1109, abs=2)


@pytest.mark.parametrize(("crs", "expected"), [("EPSG:4549", 0.73), ("EPSG:32651", -0.83)])
def test_convergence_has_the_sign_of_its_side_of_the_meridian(crs, expected):
    """Independent: the true azimuth, on the ellipsoid, of a step along grid north."""
    step = unproject(project([PUTUO], crs) + np.array([[0.0, 100.0]]), crs)[0]
    azimuth, _, _ = Geod(ellps="GRS80").inv(PUTUO.lon, PUTUO.lat, step[0], step[1])
    assert convergence_deg(PUTUO, crs) == pytest.approx(azimuth, abs=0.001)
    assert convergence_deg(PUTUO, crs) == pytest.approx(expected, abs=0.01)


def test_due_north_has_a_negative_grid_azimuth_east_of_the_meridian():
    here, north = project([PUTUO, (121.40, 31.26)], "EPSG:4549")
    azimuth = np.degrees(np.arctan2(north[0] - here[0], north[1] - here[1]))
    assert grid_yaw_deg(0.0, convergence_deg(PUTUO, "EPSG:4549")) == pytest.approx(azimuth, abs=0.001)


@pytest.mark.parametrize(
    ("place", "crs"),
    [
        (PUTUO, "EPSG:4549"),
        (LonLat(118.5, 31), "EPSG:4549"),
        (LonLat(118.49, 31), "EPSG:4548"),
        (LonLat(76, 39), "EPSG:4534"),
        (LonLat(126.98, 37.57), "EPSG:32652"),
        (LonLat(-91.99, 46.84), "EPSG:32615"),
        (LonLat(149.0, -20.25), "EPSG:32755"),
        (LonLat(180.0, 10.0), "EPSG:32601"),
        (LonLat(0.0, 85.0), "EPSG:32661"),
        (LonLat(0.0, -85.0), "EPSG:32761"),
    ],
)
def test_a_place_gets_the_metres_of_its_zone(place, crs):
    assert metric_crs_at(place) == crs
    require_metric(crs)


@pytest.mark.parametrize("name", ["EPSG:1", "EPSG:", "4326", "WGS84", "", "EPSG:5773", "EPSG:4979x"])
def test_unknown_names_are_refused(name):
    with pytest.raises(UnknownCrs):
        convert([(1, 2)], name, "GCJ-02")


@pytest.mark.parametrize(
    ("crs", "refusal"),
    [
        ("EPSG:4326", GeographicCrs),
        ("EPSG:4490", GeographicCrs),
        ("EPSG:2263", NotMetricCrs),
        ("EPSG:3857", NotMetricCrs),
        ("EPSG:3395", NotMetricCrs),
        ("EPSG:4087", NotMetricCrs),
        ("EPSG:8857", NotMetricCrs),
        ("EPSG:9707", GeographicCrs),
        ("EPSG:4214", GeographicCrs),
    ],
)
def test_degrees_feet_and_stretched_metres_are_refused_for_measuring(crs, refusal):
    with pytest.raises(refusal):
        project([PUTUO], crs)


def test_names_are_taken_in_the_usual_spellings():
    assert (convert([PUTUO], "epsg:4326", "gcj02") == convert([PUTUO], "EPSG:4326", "GCJ-02")).all()


def test_points_beyond_a_crs_are_nan_and_the_others_are_not():
    found = convert([PUTUO, (500.0, 95.0)], "EPSG:4326", "EPSG:4549")
    assert np.isfinite(found[0]).all()
    assert np.isnan(found[1]).all()


def test_a_single_pair_in_place_of_rows_is_refused():
    with pytest.raises(ShapeError):
        project((121.4, 31.25), "EPSG:4549")
