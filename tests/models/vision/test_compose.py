"""Whole and windowed detection give the same boxes, in the picture's own pixels."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import pytest

from models.errors import BadShape
from models.vision.compose import detect_image
from models.vision.detections import Detections


@dataclass(frozen=True)
class Squares:
    """Finds white connected parts: a detector whose right answer is known."""

    name: str = "squares"
    sha256: str = "0" * 64
    labels: tuple[str, ...] = ("vehicle",)
    window_px: int | None = 100

    def detect(self, images: Sequence[np.ndarray]) -> list[Detections]:
        return [self._one(image) for image in images]

    def _one(self, image):
        count, _, stats, _ = cv2.connectedComponentsWithStats((image[:, :, 0] > 128).astype(np.uint8))
        box = np.array([[u, v, u + w, v + h] for u, v, w, h, _ in stats[1:]], float).reshape(-1, 4)
        area = stats[1:, cv2.CC_STAT_AREA].astype(float)
        return Detections.of(box, ["vehicle"] * (count - 1), np.minimum(area / 1000, 1), self.name)


def field(seed):
    random = np.random.default_rng(seed)
    image = np.zeros((333, 517, 3), np.uint8)
    for v in range(10, 300, 40):
        for u in range(10, 480, 40):
            w, h = random.integers(6, 20, 2)
            image[v : v + h, u : u + w] = 255
    return image


@pytest.mark.parametrize("seed", range(4))
def test_windows_find_what_the_whole_picture_shows_each_thing_once(seed):
    image = field(seed)
    whole = detect_image(image, [Squares(window_px=None)])
    windowed = detect_image(image, [Squares()], overlap_fraction=0.25)
    as_set = lambda d: {tuple(b) for b in d.box.astype(int).tolist()}  # noqa: E731
    assert as_set(windowed) == as_set(whole) and len(windowed) == len(whole) > 90


def test_window_size_can_be_overruled_and_never_for_a_detector_of_whole_pictures():
    image = field(9)
    sizes = []

    @dataclass(frozen=True)
    class Spy(Squares):
        def detect(self, images):
            sizes.extend(i.shape[:2] for i in images)
            return super().detect(images)

    detect_image(image, [Spy()], window_px=200)
    assert set(sizes) == {(200, 200)}
    sizes.clear()
    detect_image(image, [Spy(window_px=None)], window_px=200)
    assert sizes == [(333, 517)]


def test_detectors_keep_their_names_and_order_and_the_threshold_applies():
    image = field(2)
    both = detect_image(image, [Squares(name="a", window_px=None), Squares(name="b", window_px=None)])
    half = len(both) // 2
    assert list(both.model) == ["a"] * half + ["b"] * half
    some = detect_image(image, [Squares()], confidence=0.2)
    assert 0 < len(some) < half and some.confidence.min() >= np.float32(0.2)


def test_no_detector_finds_nothing_and_no_picture_is_refused():
    assert len(detect_image(field(0), [])) == 0
    with pytest.raises(BadShape):
        detect_image(np.zeros((4, 4)), [Squares()])
