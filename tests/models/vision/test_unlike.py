"""What is no photograph of a place lies beyond the reach; photographs do not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from models.vision.pictures import read_picture
from models.vision.unlike import distance, figures_of, fit, known_plain

RANDOM = np.random.default_rng(0)


def _text():
    page = np.full((480, 640, 3), 255, np.uint8)
    for line in range(20):
        cv2.putText(page, "Lorem ipsum dolor sit amet consect", (10, 22 + line * 23), 0, 0.6, (0, 0, 0), 1)
    return page


def _chart():
    chart = np.full((480, 640, 3), 250, np.uint8)
    for bar in range(12):
        cv2.rectangle(chart, (40 + bar * 48, 460 - 30 * bar), (70 + bar * 48, 460), (40, 90, 180), -1)
    return chart


STRANGE = {
    "noise": RANDOM.integers(0, 255, (480, 640, 3)).astype(np.uint8),
    "one colour": np.full((480, 640, 3), 120, np.uint8),
    "gradient": np.repeat(np.tile(np.linspace(0, 255, 640), (480, 1))[:, :, None], 3, axis=2).astype(np.uint8),
    "checkers": np.repeat(np.kron(RANDOM.integers(0, 2, (12, 16)), np.full((40, 40), 255))[..., None], 3, 2).astype(
        np.uint8
    ),
    "text": _text(),
    "chart": _chart(),
}


@pytest.mark.parametrize("kind", STRANGE)
def test_what_is_no_photograph_lies_beyond(kind):
    assert distance(STRANGE[kind]) > 1


def test_the_sample_flight_lies_within(root):
    assert all(distance(read_picture(p)) < 0.8 for p in sorted((root / "data_samples/flight").glob("*.JPG"))[::4])


@pytest.mark.given
def test_photographs_that_were_not_fitted_lie_within(shared):
    """The fit saw `backgrounds/free` alone."""
    data = shared / "data"
    plain = [
        *sorted((data / "detection/backgrounds/bsds").rglob("*.jpg"))[::4],
        *sorted((data / "detection/vehicles/images").glob("*/*"))[::6],
        *sorted((data / "detection/real_eval/images").rglob("*.*"))[:9],
        *sorted((data / "flights").glob("*/*.J*"))[::3],
    ]
    beyond = [p.name for p in plain if p.suffix.lower() in {".jpg", ".png"} and distance(read_picture(p)) > 1]
    assert len(plain) > 50 and beyond == []


def test_distance_is_mahalanobis_by_hand():
    """Two uncorrelated figures with spreads 1 and 2: a picture (3, 8) away lies 5 away."""
    grid = np.array([[a, b] for a in (-1.0, 1.0) for b in (-2.0, 2.0)])
    plain = fit(grid, shrink=0.0)
    away = np.array([3.0, 8.0]) / np.sqrt(4 / 3)  # cov divides by n − 1
    assert np.sqrt(away @ plain.precision @ away) == pytest.approx(5 * np.sqrt(1 / (4 / 3)) / np.sqrt(4 / 3))
    assert len(figures_of(STRANGE["noise"])) == len(known_plain().middle)
