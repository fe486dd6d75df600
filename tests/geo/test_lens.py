"""The lens against OpenCV, a second implementation."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from geo.camera import Camera, picture_centre
from geo.lens import fold_radius2, normalised_to_pixels, pixels_to_normalised

ISFM = (-0.42275, 0.369101, 0.0040638, 0.0040638, -0.264306)  # the dewarp data of a given picture
LENSES = [(), (0.01, -0.02, 0.001, -0.0005), (-0.1, 0.02, 0.0003, 0.0002, -0.001), ISFM]


def camera(distortion):
    return Camera(1600, 1300, 1973.1, 1955.7, 780.9, 638.6, distortion)


def some_pixels(n=500):
    return np.random.default_rng(3).uniform((0, 0), (1600, 1300), (n, 2))


@pytest.mark.parametrize("distortion", LENSES)
def test_undistorted_pixels_agree_with_opencv_to_1e_6(distortion):
    c, uv = camera(distortion), some_pixels()
    terms = np.array(distortion) if distortion else np.zeros(4)
    criteria = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 500, 1e-14)
    matrix = np.array([[c.fx_px, 0, c.cx_px - 0.5], [0, c.fy_px, c.cy_px - 0.5], [0, 0, 1]])
    undistort = getattr(cv2, "undistortPointsIter", cv2.undistortPoints)  # OpenCV 4, OpenCV 5
    theirs = undistort((uv - 0.5)[:, None, :], matrix, terms, R=np.eye(3), P=np.eye(3), criteria=criteria)[:, 0]
    assert np.abs(pixels_to_normalised(uv, c) - theirs).max() < 1e-6


@pytest.mark.parametrize("distortion", LENSES)
def test_distorted_points_agree_with_opencv_to_1e_6(distortion):
    c = camera(distortion)
    xy = np.random.default_rng(4).uniform(-0.35, 0.35, (500, 2))
    terms = np.array(distortion) if distortion else np.zeros(4)
    matrix = np.array([[c.fx_px, 0, c.cx_px - 0.5], [0, c.fy_px, c.cy_px - 0.5], [0, 0, 1]])
    theirs, _ = cv2.projectPoints(np.column_stack([xy, np.ones(500)]), np.zeros(3), np.zeros(3), matrix, terms)
    assert np.abs(normalised_to_pixels(xy, c) - (theirs[:, 0] + 0.5)).max() < 1e-6


@pytest.mark.parametrize("distortion", LENSES)
def test_pixels_come_back(distortion):
    c, uv = camera(distortion), some_pixels()
    assert np.abs(normalised_to_pixels(pixels_to_normalised(uv, c), c) - uv).max() < 1e-8


def test_brown_without_terms_equals_pinhole():
    uv = some_pixels()
    bent, straight = camera((0.0,) * 5), camera(())
    assert (pixels_to_normalised(uv, bent) == pixels_to_normalised(uv, straight)).all()


def test_beyond_the_fold_there_is_no_pixel():
    c = camera((-0.3, 0.0, 0.0, 0.0))
    fold = fold_radius2(c) ** 0.5
    assert fold == pytest.approx((1 / 0.9) ** 0.5)  # 1 − 3·0.3·r² = 0
    inside, outside = normalised_to_pixels(np.array([(fold * 0.99, 0.0), (fold * 1.01, 0.0)]), c)
    assert np.isfinite(inside).all()
    assert np.isnan(outside).all()


def test_the_middle_of_a_picture_is_half_its_size_and_looks_straight_ahead():
    middle = picture_centre(4000, 2250)
    assert middle == (2000.0, 1125.0)
    c = Camera(4000, 2250, 2344.0, 2344.0, middle.u, middle.v)
    assert pixels_to_normalised(np.array([[2000.0, 1125.0]]), c).tolist() == [[0.0, 0.0]]
    assert c.opencv_matrix()[:2, 2].tolist() == [1999.5, 1124.5]
