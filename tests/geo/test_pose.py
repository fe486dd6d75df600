"""Where the camera stood: what is refused, how heights are tied to the ground, how sure it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from geo.crs import convergence_deg, project
from geo.errors import NoAttitude, NoHeight, NoPosition, PictureTurned
from geo.pose import pose_of
from geo.positioning import Positioning
from geo.tags import Tags
from geo.terrain import flat
from geo.types import LonLat

PUTUO = LonLat(121.40, 31.25)
TAGS = Tags(
    4000, 3000, lon=PUTUO.lon, lat=PUTUO.lat, relative_altitude_m=100.0, absolute_altitude_m=112.0,
    gimbal_yaw_deg=30.0, gimbal_pitch_deg=-60.0, gimbal_roll_deg=0.0, flight_yaw_deg=31.0, flight_pitch_deg=-4.0,
    flight_roll_deg=1.0, model="FC330",
)  # fmt: skip


class Slope:
    """Ground that rises by a fifth to the north."""

    sigma_m = 1.0

    def heights(self, xy_m, crs):
        return 5.0 + (xy_m[:, 1] - project([PUTUO], crs)[0, 1]) / 5.0

    def surface(self, bounds, crs):
        raise NotImplementedError


def test_yaw_is_turned_from_true_to_grid_north():
    pose = pose_of(TAGS, flat())
    assert pose.crs == "EPSG:4549"
    assert pose.yaw_grid_deg == pytest.approx(30.0 - convergence_deg(PUTUO, "EPSG:4549"))
    assert pose_of(TAGS, flat(), crs="EPSG:32651").yaw_grid_deg > 30.0


def test_without_position_there_is_no_pose():
    with pytest.raises(NoPosition):
        pose_of(replace(TAGS, lon=None), flat())


@pytest.mark.parametrize("name", ["gimbal_yaw_deg", "gimbal_pitch_deg", "gimbal_roll_deg"])
def test_without_a_gimbal_angle_nadir_is_not_assumed_nor_the_aircraft_taken(name):
    with pytest.raises(NoAttitude):
        pose_of(replace(TAGS, **{name: None}), flat())


def test_three_zeros_are_no_attitude():
    with pytest.raises(NoAttitude):
        pose_of(replace(TAGS, gimbal_yaw_deg=0.0, gimbal_pitch_deg=0.0, gimbal_roll_deg=0.0), flat())


@pytest.mark.parametrize(
    "was",
    [{"exif_width_px": 3000, "exif_height_px": 4000}, {"calibrated_cx_px": 1500.0, "calibrated_cy_px": 2000.0}],
)
def test_pixels_turned_after_the_shot_are_refused(was):
    with pytest.raises(PictureTurned):
        pose_of(replace(TAGS, **was), flat())


def test_an_absolute_height_of_unknown_datum_is_not_used_for_a_missing_relative_one():
    with pytest.raises(NoHeight, match="undeclared datum"):
        pose_of(replace(TAGS, relative_altitude_m=None), flat())


def test_an_absolute_height_is_used_where_somebody_says_that_it_is_in_the_terrains_datum():
    pose = pose_of(TAGS, flat(12.0), Positioning(height_from="absolute"))
    assert (pose.height_m, pose.sigma_height_m) == (112.0, 4.0)
    with pytest.raises(NoHeight):
        pose_of(replace(TAGS, absolute_altitude_m=None), flat(), Positioning(height_from="absolute"))


def test_relative_height_stands_on_flat_ground_with_the_barometers_doubt():
    pose = pose_of(TAGS, flat(4.0))
    assert pose.height_m == 104.0
    assert pose.sigma_height_m == pytest.approx(np.sqrt(1.0**2 + 9.0**2 + 2.0**2))


def test_an_unknown_take_off_point_adds_the_relief_around():
    known = pose_of(TAGS, Slope(), Positioning(takeoff_height_m=2.0))
    placed = pose_of(TAGS, Slope(), Positioning(takeoff=LonLat(121.40, 31.251)))
    unknown = pose_of(TAGS, Slope())
    assert known.height_m == 102.0
    assert placed.height_m == pytest.approx(100 + 5 + 110.87 / 5, abs=0.05)
    assert unknown.height_m == pytest.approx(105.0)
    assert unknown.sigma_height_m > known.sigma_height_m + 10


def test_no_ground_under_the_camera_is_no_height():
    class Nowhere(Slope):
        def heights(self, xy_m, crs):
            return np.full(len(xy_m), np.nan)

    with pytest.raises(NoHeight):
        pose_of(TAGS, Nowhere())


def test_rtk_counts_when_fixed_and_its_frame_and_its_base_stay_a_doubt():
    fixed = replace(TAGS, rtk_flag=50, rtk_std_lon_m=0.010, rtk_std_lat_m=0.014)
    nobody = pose_of(fixed, flat())
    assert nobody.sigma_xy_m == pytest.approx(np.hypot(0.014, np.hypot(1.0, 1.5)))
    assert nobody.shared.xy == pytest.approx(1.0, abs=1e-3), "the frames of a flight are off together"
    for vouched in (
        pose_of(fixed, flat(), Positioning(rtk_base_known=True)), pose_of(replace(fixed, rtk_network=True), flat()),
    ):  # fmt: skip
        assert vouched.sigma_xy_m == pytest.approx(np.hypot(0.014, 1.0))
    known = Positioning(rtk_frame_sigma_m=0.0, rtk_base_known=True)
    assert pose_of(fixed, flat(), known).sigma_xy_m == pytest.approx(0.014)
    assert pose_of(replace(fixed, rtk_flag=34), flat()).sigma_xy_m == Positioning().gnss_sigma_m


def test_every_default_is_explained(root):
    text = (root / "docs/ideas/uncertainty.md").read_text(encoding="utf-8")
    missing = [name for name in Positioning.__dataclass_fields__ if f"`{name}`" not in text]
    assert missing == []
