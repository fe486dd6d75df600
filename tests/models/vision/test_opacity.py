"""From a field to boxes, on fields drawn by hand."""

from __future__ import annotations

import numpy as np
import pytest

from models.errors import BadShape
from models.vision.opacity import Field, OpacityDetector, opacity_of, taught, veils


def field(height: int = 80, width: int = 104) -> tuple[np.ndarray, np.ndarray]:
    return np.zeros((height, width), np.float32), np.zeros((height, width), np.float32)


def detector(opacity: np.ndarray, smoke: np.ndarray, **said) -> OpacityDetector:
    def forward(pictures: np.ndarray) -> np.ndarray:
        wanted = pictures.shape[2] // 4, pictures.shape[3] // 4
        padded = np.zeros((1, 2, *wanted), np.float32)
        padded[0, 0, : opacity.shape[0], : opacity.shape[1]] = opacity[: wanted[0], : wanted[1]]
        padded[0, 1, : smoke.shape[0], : smoke.shape[1]] = smoke[: wanted[0], : wanted[1]]
        return padded

    said = {"confidence": 0.5, "smoke_from": 0.7} | said
    return OpacityDetector("drawn", "0" * 64, None, 416, forward=forward, **said)


def test_a_veil_is_one_box_with_its_figures():
    opacity, smoke = field()
    opacity[20:40, 30:60] = 0.6
    opacity[25:35, 40:50] = 0.9
    smoke[20:40, 30:60] = 0.25
    (one,) = veils(Field(taught(opacity), smoke))
    assert one.box == pytest.approx((30 / 104, 20 / 80, 60 / 104, 40 / 80))
    assert one.cues["area_fraction"] == pytest.approx(600 / 8320)
    assert one.cues["mean_opacity"] == pytest.approx((100 * 0.9 + 500 * 0.6) / 600, rel=1e-5)
    assert one.cues["peak_opacity"] == pytest.approx((100 * 0.9 + 100 * 0.6) / 200, rel=1e-5)
    assert one.cues["smoke_share"] == pytest.approx(0.25)
    # Its strongest 200 cells: what is said of 0.9 is 1 − 0.1^2.2 = 0.99369, of 0.6 it is 1 − 0.4^2.2 = 0.86679.
    said = (0.99369 + 0.86679) / 2
    assert one.confidence == pytest.approx(said, abs=1e-4)


def test_what_is_taught_of_a_veil_is_told_again():
    opacity = np.linspace(0, 1, 101, dtype=np.float32)
    assert opacity_of(taught(opacity)) == pytest.approx(opacity, abs=1e-3)
    assert taught(np.float32([0.0, 0.3, 1.0])) == pytest.approx([0.0, 0.5437, 1.0], abs=1e-4)  # 1 − 0.7^2.2


def test_specks_are_no_veil_and_a_narrow_gap_parts_none():
    opacity, smoke = field()
    opacity[10:14, 10:14] = 0.9  # 16 of 8,320 cells: under 0.4 %
    opacity[40:60, 20:40] = 0.8
    opacity[40:60, 43:60] = 0.8  # three cells apart
    (one,) = veils(Field(opacity, smoke))
    assert one.box == pytest.approx((20 / 104, 40 / 80, 60 / 104, 60 / 80))


def test_boxes_come_in_the_pictures_own_pixels_dust_or_smoke_by_share():
    opacity, smoke = field(78, 104)
    opacity[10:30, 10:30] = 0.9
    opacity[40:70, 60:100] = 0.8
    smoke[40:70, 60:100] = 0.9
    picture = np.zeros((1200, 1600, 3), np.uint8)
    (found,) = detector(opacity, smoke).detect([picture])
    assert list(found.label) == ["dust_plume", "smoke"]
    assert found.box[0] == pytest.approx([10 / 104 * 1600, 10 / 78 * 1200, 30 / 104 * 1600, 30 / 78 * 1200], rel=1e-5)


def test_a_veil_under_the_threshold_is_left_out():
    opacity, smoke = field()
    opacity[20:40, 30:60] = 0.6
    picture = np.zeros((800, 1040, 3), np.uint8)
    assert len(detector(opacity, smoke, confidence=0.7).detect([picture])[0]) == 0
    assert len(detector(opacity, smoke, confidence=0.5).detect([picture])[0]) == 1


@pytest.mark.parametrize("shape", [(9, 9, 3), (40, 900, 3), (900, 40, 3), (33, 33, 3)])
def test_pictures_of_any_form_have_a_field_of_a_quarter_of_their_size_as_shown(shape):
    opacity, smoke = np.full((200, 200), 0.3, np.float32), np.zeros((200, 200), np.float32)
    seen = detector(opacity, smoke).field(np.zeros(shape, np.uint8))
    assert max(seen.said.shape) == 104
    assert (seen.said == np.float32(0.3)).all()


def test_what_is_no_picture_is_refused():
    with pytest.raises(BadShape):
        detector(*field()).detect([np.zeros((5, 5), np.uint8)])
