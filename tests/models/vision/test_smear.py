"""Pictures smeared along one direction, told from sharp ones and from ones out of focus."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from models.errors import BadShape
from models.vision.pictures import read_picture
from models.vision.smear import smear_of, smear_of_flight


def moved(grey, pixels: float, deg: float):
    """The mean of the picture shifted in steps along the way: what an open shutter adds up."""
    total = np.zeros(grey.shape, np.float64)
    steps = np.linspace(-0.5, 0.5, 13) * pixels
    for step in steps:
        shift = np.array([[1, 0, step * np.cos(np.radians(deg))], [0, 1, step * np.sin(np.radians(deg))]])
        total += cv2.warpAffine(grey, shift, grey.shape[::-1], flags=cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REFLECT)
    return np.clip(np.round(total / len(steps)), 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def scene():
    """Detail at all scales, no direction in it."""
    rng, field = np.random.default_rng(2), np.zeros((768, 1024), np.float32)
    for sigma in (0.8, 2.0, 5.0, 12.0):
        part = cv2.GaussianBlur(rng.normal(0, 1, field.shape).astype(np.float32), (0, 0), sigma)
        field += part / part.std()
    return np.clip(120 + 18 * field, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(("pixels", "deg"), [(3.0, 0.0), (4.0, 30.0), (5.0, 90.0), (8.0, 135.0)])
def test_a_motion_is_told_with_its_direction(scene, pixels, deg):
    found = smear_of_flight([smear_of(moved(scene, pixels, deg))])
    assert found.strength > 0.6
    assert abs((found.along_deg - deg + 90.0) % 180.0 - 90.0) < 8.0


def test_sharp_pictures_and_pictures_out_of_focus_are_not_smeared(scene):
    jpeg = cv2.imdecode(cv2.imencode(".jpg", scene, [cv2.IMWRITE_JPEG_QUALITY, 80])[1], cv2.IMREAD_GRAYSCALE)
    for grey in (scene, jpeg, cv2.GaussianBlur(scene, (0, 0), 1.5), scene[::2, ::2]):
        assert smear_of_flight([smear_of(np.ascontiguousarray(grey))]).strength < 0.2


def test_nothing_to_see_and_nothing_at_all_say_nothing():
    assert smear_of(np.full((600, 600), 90, np.uint8)) is None
    assert smear_of(np.zeros((100, 100), np.uint8)) is None
    assert smear_of_flight([]).strength == 0.0
    with pytest.raises(BadShape):
        smear_of(np.zeros((300, 300, 3), np.uint8))


@pytest.mark.given
@pytest.mark.parametrize("flight", ["brighton", "isfm"])
def test_a_given_flight_is_sharp_and_moved_by_three_pixels_it_is_not(shared, flight):
    paths = sorted((shared / "data/flights" / flight).glob("*.JPG"))[:3]
    greys = [cv2.cvtColor(read_picture(path), cv2.COLOR_RGB2GRAY)[:1280, :1280] for path in paths]
    assert smear_of_flight([smear_of(grey) for grey in greys]).strength < 0.35
    assert smear_of_flight([smear_of(moved(grey, 3.0, 60.0)) for grey in greys]).strength > 0.5
