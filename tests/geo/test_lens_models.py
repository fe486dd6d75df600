"""Every lens model against OpenCV or its own published formula, and against its own inverse over whole pictures."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import fisheye
from geo.camera import Camera
from geo.errors import BadCamera
from geo.ground import ground_to_pixel, pixel_to_ground
from geo.lens import fold_radius2, normalised_to_pixels, pixels_to_normalised, pixels_to_rays, rays_to_pixels
from geo.pose import CameraPose
from geo.terrain import flat

W, H = 1600, 1300
ZERO = np.zeros(3)
RATIONAL = (0.31, -0.12, 0.0006, -0.0004, 0.02, 0.36, -0.09, 0.01)
PRISM = (*RATIONAL, 0.001, -0.0004, 0.0007, 0.0002)
KANNALA = (-0.012, 0.018, -0.012, 0.0021)
POSE = CameraPose("EPSG:4549", 633000.0, 3459400.0, 120.0, 35.0, -60.0, 2.0, 2.0, 3.0, 2.5, 1.0, 1.0)


def camera(distortion=(), model="brown", focal=900.0):
    return Camera(W, H, focal, focal * 0.997, 780.9, 638.6, distortion, 0.01, "file", model)


def matrix_of(c):
    return np.array([[c.fx_px, 0, c.cx_px - 0.5], [0, c.fy_px, c.cy_px - 0.5], [0, 0, 1]])


def some_pixels(n=800, seed=3):
    edge = [(0, 0), (W, 0), (0, H), (W, H)]
    return np.vstack([edge, np.random.default_rng(seed).uniform((0, 0), (W, H), (n, 2))])


@pytest.mark.parametrize("terms", [RATIONAL, PRISM])
def test_rational_and_thin_prism_terms_agree_with_opencv_to_1e_6(terms):
    c = camera(terms)
    xy = np.random.default_rng(4).uniform(-0.8, 0.8, (800, 2))
    theirs, _ = cv2.projectPoints(np.column_stack([xy, np.ones(800)]), ZERO, ZERO, matrix_of(c), np.array(terms))
    assert np.abs(normalised_to_pixels(xy, c) - (theirs[:, 0] + 0.5)).max() < 1e-6
    assert np.abs(pixels_to_normalised(theirs[:, 0] + 0.5, c) - xy).max() < 1e-9


def test_fisheye_agrees_with_opencv_to_1e_6():
    c = camera(KANNALA, "fisheye", 500.0)
    xy = np.random.default_rng(4).uniform(-2.5, 2.5, (800, 2))
    points = np.column_stack([xy, np.ones(800)])[:, None, :]
    theirs, _ = cv2.fisheye.projectPoints(points, ZERO[:, None], ZERO[:, None], matrix_of(c), np.array(KANNALA))
    assert np.abs(normalised_to_pixels(xy, c) - (theirs[:, 0] + 0.5)).max() < 1e-6
    criteria = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 200, 1e-15)
    back = cv2.fisheye.undistortPoints(theirs, matrix_of(c), np.array(KANNALA), criteria=criteria)[:, 0]
    assert np.abs(pixels_to_normalised(theirs[:, 0] + 0.5, c) - back).max() < 1e-6


def test_the_pix4d_fisheye_is_its_published_formula():
    """θ = (2/π)·arctan(√(X² + Y²) / Z), ρ = θ + p2 θ² + p3 θ³, pixel = C·ρ·(X, Y)/√(X² + Y²) + c; written out anew."""
    radius, p2, p3 = 1780.0, -0.03, 0.02
    c = Camera(5472, 3648, 2 * radius / np.pi, 2 * radius / np.pi, 2736.0, 1824.0, (p2, p3), model="pix4d_fisheye")
    rays = np.random.default_rng(6).normal(size=(500, 3))
    rays[:, 2] = np.abs(rays[:, 2])
    across = np.hypot(rays[:, 0], rays[:, 1])
    theta = 2 / np.pi * np.arctan(across / rays[:, 2])
    rho = theta + p2 * theta**2 + p3 * theta**3
    expected = radius * (rho / across)[:, None] * rays[:, :2] + (2736.0, 1824.0)
    assert np.abs(rays_to_pixels(rays, c) - expected).max() < 1e-6


browns = st.tuples(
    st.floats(-0.3, 0.2), st.floats(-0.1, 0.15), st.floats(-0.003, 0.003), st.floats(-0.003, 0.003),
    st.floats(-0.05, 0.05),
)  # fmt: skip
rationals = st.tuples(browns, st.tuples(st.floats(-0.1, 0.4), st.floats(-0.05, 0.1), st.floats(-0.02, 0.05))).map(
    lambda both: both[0] + both[1]
)
kannalas = st.tuples(*(st.floats(-size, size) for size in (0.05, 0.03, 0.02, 0.005)))


@given(st.one_of(browns, rationals), st.floats(700, 3000))
@settings(max_examples=80, deadline=None)
def test_brown_pixels_come_back_over_the_whole_picture(terms, focal):
    c, uv = camera(terms, focal=focal), some_pixels(300)
    there = pixels_to_normalised(uv, c)
    back = normalised_to_pixels(there, c)
    seen = np.isfinite(there).all(axis=1)
    assert np.abs(back - uv)[seen].max(initial=0.0) < 0.01
    # What has no inverse lies beyond the farthest that the radial part reaches, less what the tangential part can do.
    reach = np.sqrt(min(fold_radius2(c), 1e4)) * 0.98
    ring = reach * np.column_stack([np.cos(np.arange(0, 6.3, 0.1)), np.sin(np.arange(0, 6.3, 0.1))])
    nearest = np.hypot(*((normalised_to_pixels(ring, c) - (c.cx_px, c.cy_px)).T)).min()
    assert (np.hypot(*(uv[~seen] - (c.cx_px, c.cy_px)).T) > 0.9 * nearest).all()


@given(kannalas, st.floats(300, 1500))
@settings(max_examples=80, deadline=None)
def test_fisheye_pixels_come_back_over_the_whole_picture(terms, focal):
    c, uv = camera(terms, "fisheye", focal), some_pixels(300)
    rays = pixels_to_rays(uv, c)
    seen = np.isfinite(rays).all(axis=1)
    assert np.abs(rays_to_pixels(rays, c) - uv)[seen].max(initial=0.0) < 0.01
    widest = fisheye.widest_angle("fisheye", terms)
    limit = fisheye.radius_of(np.array([widest * 0.999999]), "fisheye", terms)[0]
    radius = np.hypot((uv[:, 0] - c.cx_px) / c.fx_px, (uv[:, 1] - c.cy_px) / c.fy_px)
    assert (seen == (radius <= limit))[np.abs(radius - limit) > 1e-5].all()


def test_a_fisheye_sees_beside_and_behind_itself():
    c = camera((0.0,) * 4, "fisheye", 300.0)
    (sideways,) = pixels_to_rays(np.array([[c.cx_px + 300.0 * np.radians(100.0), c.cy_px]]), c)
    assert sideways == pytest.approx([np.sin(np.radians(100)), 0.0, np.cos(np.radians(100))])
    assert rays_to_pixels(5.0 * sideways[None], c)[0] == pytest.approx([c.cx_px + 300.0 * np.radians(100.0), c.cy_px])
    assert np.isnan(pixels_to_normalised(np.array([[c.cx_px + 300.0 * np.radians(100.0), c.cy_px]]), c)).all()


def test_beyond_its_fold_a_fisheye_has_no_pixel():
    terms = (-0.1, 0.0, 0.0, 0.0)
    fold = np.sqrt(1 / 0.3)  # 1 − 3·0.1·θ² = 0, θ = 1.826 = 104.6°
    assert fisheye.widest_angle("fisheye", terms) == pytest.approx(fold)
    c = camera(terms, "fisheye", 300.0)
    rays = np.array([[np.sin(a), 0.0, np.cos(a)] for a in (fold * 0.99, fold * 1.01)])
    assert np.isfinite(rays_to_pixels(rays, c)).all(axis=1).tolist() == [True, False]


def test_brown_of_zeros_is_the_pinhole_to_the_last_bit():
    uv = some_pixels()
    plain = pixels_to_rays(uv, camera())
    for length in (4, 5, 8, 12):
        assert (pixels_to_rays(uv, camera((0.0,) * length)) == plain).all()
        assert (rays_to_pixels(plain, camera((0.0,) * length)) == rays_to_pixels(plain, camera())).all()


def test_poles_and_folds_of_rational_terms_bound_the_lens():
    assert fold_radius2(camera((0.0, 0.0, 0.0, 0.0, 0.0, -0.25, 0.0, 0.0))) == pytest.approx(4.0)  # 1 − r²/4 = 0
    # r / (1 + r²) is greatest at 1
    assert fold_radius2(camera((0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0))) == pytest.approx(1.0)


@given(st.tuples(st.floats(0, 360), st.floats(-90, -50), st.floats(-5, 5)))
@settings(max_examples=40, deadline=None)
def test_fisheye_pixels_go_to_the_ground_and_back(view):
    c = camera(KANNALA, "fisheye", 700.0)
    yaw, pitch, roll = view
    pose = replace(POSE, yaw_grid_deg=yaw, pitch_deg=pitch, roll_deg=roll)
    uv = some_pixels(60)
    points = pixel_to_ground(uv, c, pose, flat(2.0))
    back = ground_to_pixel(np.column_stack([points.xy_m, points.height_m]), c, pose)
    assert points.ok.sum() > 20
    assert np.abs(back - uv)[points.ok].max() < 0.01


def test_the_doubt_of_a_fisheye_pixel_is_what_moving_the_pixel_does():
    c = replace(camera(KANNALA, "fisheye", 700.0), focal_sigma_fraction=0.0)
    pose = CameraPose("EPSG:4549", 633000.0, 3459400.0, 120.0, 35.0, -70.0, 2.0)
    uv = np.array([[800.0, 600.0], [1500.0, 700.0], [300.0, 1200.0]])
    step = 0.01
    at = [
        pixel_to_ground(uv + np.array([du, dv]), c, pose, flat(0.0, 0.0)) for du, dv in ((0, 0), (step, 0), (0, step))
    ]
    by_u, by_v = ((moved.xy_m - at[0].xy_m) / step for moved in at[1:])
    expected = 0.25 * (by_u[:, :, None] * by_u[:, None, :] + by_v[:, :, None] * by_v[:, None, :])
    assert np.abs(at[0].covariance_m2 / expected - 1.0).max() < 0.02
    longer = replace(c, fx_px=c.fx_px * 1.001, fy_px=c.fy_px * 1.001)
    moved = pixel_to_ground(uv, longer, pose, flat(0.0, 0.0)).xy_m - at[0].xy_m
    unsure = pixel_to_ground(uv, replace(c, focal_sigma_fraction=0.001), pose, flat(0.0, 0.0))
    added = unsure.covariance_m2 - at[0].covariance_m2
    assert np.abs(added - moved[:, :, None] * moved[:, None, :]).max() < 0.02 * np.abs(added).max()


def test_the_camera_file_names_its_model():
    c = camera(KANNALA, "fisheye")
    assert c.to_json()["model"] == "fisheye"
    assert Camera.from_json(c.to_json()) == c
    assert "model" not in camera().to_json()
    for model, terms in (("fisheye", (0.1, 0.2)), ("pix4d_fisheye", ()), ("brown", (0.1,) * 14), ("omni", ())):
        with pytest.raises(BadCamera):
            camera(terms, model)
