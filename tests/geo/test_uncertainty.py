"""Ellipses against simulated errors: the camera is really turned, moved and stretched, and the truth is found anew."""

from __future__ import annotations

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest

from geo.camera import Camera
from geo.errors import ShapeError
from geo.ground import pixel_to_ground
from geo.pose import CameraPose
from geo.terrain import flat
from geo.uncertainty import ellipse_of, pose_sigmas, scale_to_confidence
from tests.geo.pictures import world_from_camera
from tests.geo.simulated import World, pose_of_view, view_with

CAMERA = Camera(4000, 3000, 2900.0, 2900.0, 2000.0, 1500.0, (), 0.02)
POSE = CameraPose("EPSG:4549", 633000.0, 3459400.0, 120.0, 35.0, -60.0, 0.0, 2.0, 5.0, 2.5, 1.0, 1.0)
UNKNOWN_LENS = replace(CAMERA, focal_sigma_fraction=0.03, source="sensor")
TERRAIN_SIGMA = 2.0
TRIALS = 1500
PIXELS = np.array([[2000.0, 1500.0], [200.0, 200.0], [3900.0, 2900.0], [3700.0, 1500.0]])


def normal(rng, n, k):
    return rng.standard_normal((n, k))


def heavy_tailed(rng, n, k):
    """Student-t with five degrees of freedom, of unit variance."""
    return rng.standard_t(5, (n, k)) / np.sqrt(5 / 3)


def true_places(pixel, pose, draw, rng):
    """Where the pixel really looks, when the stated pose is wrong by drawn errors."""
    e = draw(rng, TRIALS, 10)
    stated = world_from_camera(pose.yaw_grid_deg, pose.pitch_deg, pose.roll_deg)
    yaw = np.radians(pose.yaw_grid_deg)
    sigma = np.radians([pose.sigma_pitch_deg, pose.sigma_roll_deg, pose.sigma_yaw_deg])
    axes = np.array([(np.cos(yaw), -np.sin(yaw), 0), (np.sin(yaw), np.cos(yaw), 0), (0, 0, 1)])  # right, ahead, up
    places = np.empty((TRIALS, 2))
    for k in range(TRIALS):
        turn = cv2.Rodrigues((sigma * e[k, :3]) @ axes)[0] @ stated
        focal = CAMERA.fx_px * (1 + CAMERA.focal_sigma_fraction * e[k, 3])
        u, v = pixel + 0.5 * e[k, 4:6]
        ray = turn @ [(u - 2000.0) / focal, (v - 1500.0) / focal, 1.0]
        camera = pose.position_m + e[k, 6:9] * (pose.sigma_xy_m, pose.sigma_xy_m, pose.sigma_height_m)
        depth = (TERRAIN_SIGMA * e[k, 9] - camera[2]) / ray[2]
        places[k] = camera[:2] + depth * ray[:2] if depth > 0 else 1e9
    return places


@pytest.mark.parametrize("draw", [normal, heavy_tailed])
@pytest.mark.parametrize("pitch", [-90.0, -60.0, -45.0, -30.0])
def test_the_95_percent_ellipse_holds_the_truth_in_90_to_99_percent(pitch, draw):
    pose = replace(POSE, pitch_deg=pitch)
    points = pixel_to_ground(PIXELS, CAMERA, pose, flat(0.0, TERRAIN_SIGMA))
    rng = np.random.default_rng(20261124)
    held = []
    for row in np.flatnonzero(points.ok):
        miss = true_places(PIXELS[row], pose, draw, rng) - points.xy_m[row]
        squared = np.einsum("ni,ij,nj->n", miss, np.linalg.inv(points.covariance_m2[row]), miss)
        held.append(float((squared <= scale_to_confidence(0.95) ** 2).mean()))
    assert len(held) >= 3
    assert 0.90 <= min(held)
    assert max(held) <= 0.99


def test_a_pixel_never_has_less_doubt_than_itself():
    sharp = replace(POSE, sigma_xy_m=0, sigma_height_m=0, sigma_yaw_deg=0, sigma_pitch_deg=0, sigma_roll_deg=0)
    camera = replace(CAMERA, focal_sigma_fraction=0.0)
    points = pixel_to_ground(PIXELS[:1], camera, replace(sharp, pitch_deg=-90.0), flat(0.0, 0.0))
    assert ellipse_of(points.covariance_m2)[0, :2] == pytest.approx([0.5 * 120 / 2900] * 2)


@pytest.mark.parametrize(
    "field", ["sigma_xy_m", "sigma_height_m", "sigma_yaw_deg", "sigma_pitch_deg", "sigma_roll_deg"]
)
def test_each_error_widens_the_ellipse(field):
    before = pixel_to_ground(PIXELS, CAMERA, POSE, flat())
    after = pixel_to_ground(PIXELS, CAMERA, replace(POSE, **{field: 3 * getattr(POSE, field)}), flat())
    assert (np.linalg.det(after.covariance_m2[1:]) > np.linalg.det(before.covariance_m2[1:])).all()


def test_at_nadir_a_tilt_moves_the_point_both_ways_alike():
    pose = replace(POSE, pitch_deg=-90.0, sigma_height_m=0.0, sigma_xy_m=0.0)
    major, minor, _ = ellipse_of(pixel_to_ground(PIXELS[:1], CAMERA, pose, flat()).covariance_m2)[0]
    assert major == pytest.approx(120 * np.radians(1.0), rel=0.02)
    assert minor == pytest.approx(major, rel=1e-3)


def test_the_far_ground_has_an_ellipse_along_the_view():
    pose = replace(POSE, pitch_deg=-25.0, sigma_yaw_deg=0.5)
    major, minor, azimuth = ellipse_of(pixel_to_ground(PIXELS[:1], CAMERA, pose, flat()).covariance_m2)[0]
    assert major > 2 * minor
    assert azimuth == pytest.approx(35.0, abs=3)


@pytest.mark.parametrize(
    ("covariance", "expected"),
    [
        ([[9.0, 0.0], [0.0, 4.0]], (3.0, 2.0, 90.0)),
        ([[4.0, 0.0], [0.0, 9.0]], (3.0, 2.0, 0.0)),
        ([[6.5, 2.5], [2.5, 6.5]], (3.0, 2.0, 45.0)),
        ([[6.5, -2.5], [-2.5, 6.5]], (3.0, 2.0, 135.0)),
    ],
)
def test_the_ellipse_of_a_known_covariance(covariance, expected):
    assert ellipse_of(np.array([covariance]))[0] == pytest.approx(expected)


def test_the_azimuth_is_against_true_north():
    along_grid_north = np.array([[[4.0, 0.0], [0.0, 9.0]]])
    assert ellipse_of(along_grid_north, convergence_deg=0.73)[0, 2] == pytest.approx(0.73)
    assert ellipse_of(along_grid_north, convergence_deg=-0.83)[0, 2] == pytest.approx(179.17)


def test_refused_rows_stay_nan_and_other_shapes_are_refused():
    assert np.isnan(ellipse_of(np.full((1, 2, 2), np.nan))).all()
    with pytest.raises(ShapeError):
        ellipse_of(np.eye(2))


def test_95_percent_reach_two_and_a_half_sigmas():
    assert scale_to_confidence(0.95) == pytest.approx(2.4477, abs=1e-4)


# ---- errors that are not the model's own ----------------------------------------------------------------------------

ROUGH = {
    "t, 3 d.f.": {"freedom": 3.0},
    "t, 5 d.f.": {"freedom": 5.0},
    "yaw bias 2°": {"yaw_bias_deg": 2.0, "yaw_deg": 1.5},
    "lens k1 ± 0.05": {"k1": 0.03},
    "rough ground": {"rough_m": 1.8, "takeoff_m": 300.0},
}


def share_held(uv, height, pitch, roll, trials, errors):
    """Of simulated sights of a true place, those whose stated 95 % ellipse holds it; None where geo refuses."""
    view = view_with(uv, height, 35.0, pitch, roll)
    points = pixel_to_ground(np.array([uv]), UNKNOWN_LENS, pose_of_view(view), flat(0.0, TERRAIN_SIGMA))
    if not points.ok[0]:
        return None
    world = World(np.random.default_rng(11), trials, **errors)
    miss = world.located([view], world.ground(), world.camera())[:, 0]
    squared = np.einsum("ni,ij,nj->n", miss, np.linalg.inv(points.covariance_m2[0]), miss)
    return float((squared <= scale_to_confidence(0.95) ** 2).mean())


@pytest.mark.parametrize("errors", ROUGH.values(), ids=ROUGH)
@pytest.mark.parametrize("height", [40.0, 120.0, 300.0])
def test_the_95_percent_ellipse_holds_errors_of_another_kind(height, errors):
    """The barometer always overstates by 3–10 %, the lens is unknown, the ground correlated; pitch × roll × pixels."""
    for pitch in (-90.0, -75.0, -60.0, -45.0, -30.0):
        for roll in (0.0, 15.0):
            shares = [share_held(uv, height, pitch, roll, 3000, errors) for uv in PIXELS]
            found = [share for share in shares if share is not None]
            print(f"h {height:4.0f}  pitch {pitch:4.0f}  roll {roll:3.0f}  {min(found):.3f} … {max(found):.3f}")
            assert 0.90 <= float(np.mean(found)) and min(found) >= 0.88 and max(found) <= 0.99


@pytest.mark.parametrize("height", [40.0, 120.0, 300.0])
def test_a_barometer_that_always_overstates_by_ten_percent_is_covered_at_every_angle(height):
    """The bias is one and a quarter of its σ in every sight, none of them right; Student-t for the rest."""
    high = (2000.0, 600.0)  # 17° above the middle
    for pitch in (-90.0, -75.0, -60.0, -45.0, -30.0, -20.0, -15.0):
        pixels = [(2000.0, 1500.0), (3700.0, 1500.0), (2000.0, 2800.0), *([high] if pitch <= -45.0 else [])]
        for uv in pixels:  # none flatter than 15°
            share = share_held(uv, height, pitch, 0.0, 3000, {"freedom": 5.0, "baro_bias": (0.1, 0.1)})
            assert share is not None and share >= 0.90


@pytest.mark.parametrize("below_deg", [15.0, 12.0, 9.0, 7.0, 5.0, 4.0, 3.2, 2.5, 1.0])
def test_near_the_horizon_the_ellipse_widens_honestly_or_there_is_none(below_deg):
    """A ray so far below the horizon, from 60 m."""
    share = share_held((2000.0, 1500.0), 60.0, -below_deg, 0.0, 3000, {"freedom": 5.0})
    if below_deg <= 3.0:  # three standard deviations of the tilt
        assert share is None
    else:
        assert share is not None and 0.90 <= share <= 0.99


def test_an_adjusted_pose_states_its_joint_covariance_and_a_diagonal_one_is_the_same_as_sigmas():
    joint = np.diag(pose_sigmas(CAMERA, POSE) ** 2)
    adjusted = replace(POSE, joint=tuple(map(tuple, joint.tolist())))
    plain = pixel_to_ground(PIXELS[1:3], CAMERA, POSE, flat()).covariance_m2
    assert pixel_to_ground(PIXELS[1:3], CAMERA, adjusted, flat()).covariance_m2 == pytest.approx(plain, rel=1e-4)


def test_correlated_errors_of_an_adjusted_pose_cancel_as_they_should():
    """Straight down from 120 m, a camera that stands 120·δ farther east looks δ farther west: the place stays."""
    pose = replace(POSE, pitch_deg=-90.0, yaw_grid_deg=0.0, sigma_pitch_deg=0.5, sigma_roll_deg=0.5)
    axis = np.zeros(8)
    axis[[0, 5]] = 120.0 * 0.01, 0.01  # east, and about the axis that points ahead (north)
    joint = np.outer(axis, axis)
    middle = np.array([[2000.0, 1500.0]])
    spreads = []
    for sign in (1.0, -1.0):
        joint[0, 5] = joint[5, 0] = sign * 120.0 * 0.01**2
        cover = pixel_to_ground(middle, CAMERA, replace(pose, joint=tuple(map(tuple, joint.tolist()))), flat(0.0, 0.0))
        spreads.append(float(np.sqrt(cover.covariance_m2[0, 0, 0])))
    assert min(spreads) < 0.1
    assert max(spreads) == pytest.approx(2.4, rel=0.02)


def test_the_pose_survives_json():
    joint = tuple(tuple(float(i == j) for j in range(8)) for i in range(8))
    for pose in (POSE, replace(POSE, joint=joint)):
        assert CameraPose.from_json(json.loads(json.dumps(pose.to_json()))) == pose
