"""Heights of different datums: what the table says, and that PROJ alone would say nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyproj
import pytest

from geo.errors import NoGeoid
from geo.pose import pose_of
from geo.positioning import Positioning
from geo.terrain import flat
from geo.types import LonLat
from geo.vertical import Datum, converted, undulation
from tests.geo.test_pose import PUTUO, TAGS


@pytest.mark.parametrize(
    ("lon", "lat", "metres"),
    [(119.999, 35.0, 4.386), (120.0, 20.0, 21.269)],
)
def test_the_table_agrees_with_published_values(lon, lat, metres):
    """EGM96 by NGA's own program, as the tests of RTKLIB hold it (t_geoid.c)."""
    assert undulation(LonLat(lon, lat)).height_m == pytest.approx(metres, abs=0.02)


def test_the_geoid_lies_eleven_metres_above_the_ellipsoid_in_putuo():
    geoid = undulation(PUTUO)
    assert geoid.height_m == pytest.approx(10.85, abs=0.2)  # NGA's 15-minute grid, read linearly: 10.854
    assert geoid.sigma_m == 1.0
    assert undulation(LonLat(88.0, 30.0)).sigma_m == 3.0


def test_between_its_points_the_table_is_linear_and_steady():
    row = [undulation(LonLat(121.0 + step / 100, 31.2)).height_m for step in range(100)]
    assert np.abs(np.diff(row)).max() < 0.06


@pytest.mark.parametrize(
    ("lat", "lon", "metres"),
    [
        (38.628155, -90.220845, -31.628), (-14.621217, -54.978886, -2.969), (46.874319, 102.448729, -43.575),
        (-23.617446, 133.874712, 15.871), (38.625473, -0.0005, 50.066), (-0.466744, 0.0023, 17.329),
    ],
)  # fmt: skip
def test_the_rest_of_the_earth_is_within_its_doubt_of_ngas_test_vectors(lat, lon, metres):
    """The six test points that NGA publishes with its program F477 (OUTPUT.DAT)."""
    geoid = undulation(LonLat(lon, lat))
    assert abs(geoid.height_m - metres) < min(0.5, geoid.sigma_m)
    assert 1.0 <= geoid.sigma_m <= 3.0


def test_a_rough_geoid_is_less_sure_and_no_place_has_none():
    assert undulation(LonLat(-68.0, -24.0)).sigma_m > 1.25 > undulation(LonLat(10.0, 53.0)).sigma_m  # Andes, Hamburg
    with pytest.raises(NoGeoid):
        converted(100.0, LonLat(10.0, 95.0), Datum.ELLIPSOID, Datum.EGM96)


def test_there_and_back_is_where_it_began():
    for source in (Datum.ELLIPSOID, Datum.EGM96, Datum.NATIONAL_1985):
        for target in (Datum.ELLIPSOID, Datum.EGM96, Datum.NATIONAL_1985):
            there = converted(50.0, PUTUO, source, target).height_m
            assert converted(there, PUTUO, target, source).height_m == pytest.approx(50.0)
    assert converted(50.0, PUTUO, Datum.EGM96, Datum.EGM96) == (50.0, 0.0)
    assert converted(50.0, PUTUO, Datum.ELLIPSOID, Datum.EGM96).height_m == pytest.approx(39.15, abs=0.2)


@pytest.mark.parametrize("known", [Datum.ELLIPSOID, Datum.EGM96])
def test_an_undeclared_datum_is_not_changed(known):
    for pair in ((Datum.UNDECLARED, known), (known, Datum.UNDECLARED)):
        with pytest.raises(NoGeoid):
            converted(50.0, PUTUO, *pair)


def test_proj_says_nothing_where_it_has_no_grid_and_we_do_not_follow_it():
    """If PROJ ever brings a grid it must agree with the table; without one it hands the height back unchanged."""
    transformer = pyproj.Transformer.from_crs("EPSG:4979", "EPSG:4326+5773", always_xy=True)
    height = transformer.transform(PUTUO.lon, PUTUO.lat, 100.0)[2]
    ours = converted(100.0, PUTUO, Datum.ELLIPSOID, Datum.EGM96).height_m
    if height == 100.0:
        assert "ballpark" in transformer.description.lower()
        assert abs(ours - height) > 10.0
    else:
        assert height == pytest.approx(ours, abs=1.0)


def test_absolute_altitudes_reach_the_terrains_datum_or_are_refused():
    tags = replace(TAGS, absolute_altitude_m=112.0)
    declared = Positioning(
        height_from="absolute", absolute_datum=Datum.ELLIPSOID, terrain_datum=Datum.NATIONAL_1985
    )  # fmt: skip
    pose = pose_of(tags, flat(), declared)
    assert pose.height_m == pytest.approx(112.0 - 10.85 - 0.3, abs=0.25)
    assert pose.sigma_height_m > 4.0
    with pytest.raises(NoGeoid):
        pose_of(tags, flat(), replace(declared, terrain_datum=Datum.UNDECLARED))
    alps = pose_of(replace(tags, lon=7.6, lat=45.0), flat(), declared)
    assert alps.height_m == pytest.approx(112.0 - 48.46 - 0.3, abs=1.0)  # 48.46 m by NGA's 15-minute grid
    assert alps.sigma_height_m > pose.sigma_height_m
    assert pose_of(tags, flat(), Positioning(height_from="absolute")).height_m == 112.0
