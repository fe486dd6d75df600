"""Each reason fires on what it is for, and no given plain picture is refused."""

import cv2
import numpy as np
import pytest

from models.vision.pictures import read_picture
from models.vision.quality import REASONS, JudgeLimits, judge


def scene(seed=0):
    random = np.random.default_rng(seed)
    coarse = random.uniform(30, 220, (30, 40, 3)).astype(np.float32)
    image = cv2.resize(coarse, (800, 600), interpolation=cv2.INTER_NEAREST)
    return np.clip(image + random.normal(0, 6, image.shape), 0, 255).astype(np.uint8)


def grey_of(image):
    return np.repeat(image.mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8)


def out_of_focus(seed=0):
    """Large shapes of strong contrast, and no detail at all."""
    coarse = np.random.default_rng(seed).uniform(0, 255, (5, 7, 3)).astype(np.float32)
    image = cv2.resize(coarse, (800, 600), interpolation=cv2.INTER_NEAREST)
    return cv2.GaussianBlur(image, (0, 0), 25).astype(np.uint8)


def patches():
    """Squares of flat colours, as no photograph has them."""
    colours = np.random.default_rng(5).integers(0, 255, (24, 32, 3))
    return np.kron(colours, np.ones((20, 20, 1))).astype(np.uint8)


CASES = {
    "thermal_false_colour": (scene(), {"thermal": True}),
    "no_colour": (grey_of(scene()), {}),
    "night": ((scene() * 0.15).astype(np.uint8), {}),
    "overexposed": (np.clip(scene().astype(int) * 4, 0, 255).astype(np.uint8), {}),
    "fog": ((scene() * 0.1 + np.array([170, 175, 180])).astype(np.uint8), {}),
    "blurred": (out_of_focus(), {}),
    "out_of_distribution": (patches(), {}),
}


def test_a_plain_scene_may_be_judged():
    assert judge(scene()) is None


@pytest.mark.parametrize("reason", REASONS)
def test_each_reason_is_given_for_its_own_case(reason):
    image, options = CASES[reason]
    assert judge(image, **options) == reason


def test_one_sharp_corner_saves_a_calm_picture():
    image = out_of_focus()
    image[:150, :200] = scene()[:150, :200]
    assert judge(image, limits=JudgeLimits(unlike=np.inf)) is None  # a made-up scene may well be like no photograph


@pytest.mark.given
def test_no_given_plain_picture_is_refused_and_thermal_greys_are(shared):
    data = shared / "data"
    plain = [
        *sorted((data / "detection/backgrounds/free").glob("*/*.jpg"))[::9],
        *sorted((data / "detection/vehicles/images").glob("*/*"))[::12],
        *sorted((data / "detection/real_eval/images").glob("*")),
        data / "flights/brighton/DJI_0020.JPG",
        data / "flights/caliterra/IMG_9384.jpg",
    ]
    refused = {f.name: judge(read_picture(f)) for f in plain}
    assert {name: why for name, why in refused.items() if why} == {}
    assert judge(read_picture(data / "thermal/DJI_XT2.jpg")) == "no_colour"
