"""How well a picture was taken: blur of known length, clipping of known share."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image

from models.errors import UnreadablePicture
from models.vision.health import edge_detail_of, health_of, read_reduced, sharpness_of


def scene(seed: int = 1, strength: float = 1.0) -> np.ndarray:
    """Noise at all scales, (720, 960, 3)."""
    random = np.random.default_rng(seed)
    image = np.full((720, 960, 3), 118.0, np.float32)
    for scale, amount in ((1, 6), (2, 8), (4, 10), (16, 14), (120, 20)):
        noise = random.normal(0, amount * strength, (-(-720 // scale), 960 // scale, 3)).astype(np.float32)
        image += cv2.resize(noise, (960, 720), interpolation=cv2.INTER_CUBIC)
    return np.clip(image, 0, 255).astype(np.uint8)


def grey(image: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)


def test_sharpness_falls_with_motion_and_hardly_with_contrast():
    sharp = sharpness_of(grey(scene()))
    moved = [sharpness_of(grey(cv2.blur(scene(), (length, 1)))) for length in (3, 5, 9)]
    assert sharp > 1.25 * moved[0]
    assert moved == sorted(moved, reverse=True)
    assert sharpness_of(grey(scene(2, strength=0.6))) == pytest.approx(sharp, rel=0.1)


@pytest.mark.given
def test_on_the_given_flight_five_pixels_of_motion_fall_below_the_threshold(shared):
    """The default of `sharpness_fraction` is 0.8: sharp pictures of a flight stay above, moved ones fall below."""
    paths = sorted((shared / "data" / "flights" / "brighton").glob("*.JPG"))[::3]
    halves = [cv2.imread(str(path), cv2.IMREAD_REDUCED_GRAYSCALE_2) for path in paths]
    sharp = np.array([sharpness_of(half) for half in halves])
    assert (sharp > 0.8 * np.median(sharp)).all()
    for path in paths:
        whole = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        kernel = np.eye(5, dtype=np.float32) / 5
        good, moved = cv2.imencode(".jpg", cv2.filter2D(whole, -1, kernel), [cv2.IMWRITE_JPEG_QUALITY, 92])
        assert good
        assert sharpness_of(cv2.imdecode(moved, cv2.IMREAD_REDUCED_GRAYSCALE_2)) < 0.8 * np.median(sharp)


def test_detail_along_the_worst_direction_falls_whichever_way_the_motion_went():
    sharp = edge_detail_of(grey(scene()))
    for kernel in (np.ones((1, 7)), np.ones((7, 1)), np.eye(7), np.eye(7)[::-1]):
        assert edge_detail_of(cv2.filter2D(grey(scene()), -1, kernel / kernel.sum())) < 0.75 * sharp
    assert edge_detail_of(grey(scene(2, strength=0.6))) == pytest.approx(sharp, rel=0.1)
    assert edge_detail_of(np.zeros((300, 400), np.uint8)) == 0.0


@pytest.mark.given
@pytest.mark.parametrize(
    ("name", "one"),
    [("brighton", 0), ("weedon", 1), ("jwcate", 1), ("isfm", 2), ("isfm", 5), ("caliterra", 0)],
)
def test_no_given_flight_is_blurred_as_a_whole_and_each_is_once_it_was_blurred(shared, name, one):
    """The default of `edge_detail_least` is 0.7: above it as delivered, below it out of focus by two pixels."""
    folder = shared / "data" / "flights" / name
    path = sorted(p for p in folder.iterdir() if p.suffix.lower() in (".jpg", ".tif"))[one]
    assert edge_detail_of(cv2.imread(str(path), cv2.IMREAD_REDUCED_GRAYSCALE_2)) > 0.8
    whole = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    for blurred in (cv2.GaussianBlur(whole, (0, 0), 2.0), cv2.GaussianBlur(whole, (0, 0), 5.0)):
        good, packed = cv2.imencode(".jpg", blurred, [cv2.IMWRITE_JPEG_QUALITY, 92])
        assert good
        assert edge_detail_of(cv2.imdecode(packed, cv2.IMREAD_REDUCED_GRAYSCALE_2)) < 0.7


def test_clipped_shares_are_those_that_were_painted():
    image = scene()
    image[:180] = 0
    image[-72:] = 255
    found = health_of(image)
    assert found.dark_fraction == pytest.approx(0.25, abs=0.005)
    assert found.white_fraction == pytest.approx(0.1, abs=0.005)
    assert found.forbidden is None
    assert health_of(np.zeros((40, 50, 3), np.uint8)).forbidden is not None


def test_reduced_pictures_are_those_that_pillow_reduces(tmp_path):
    smooth = cv2.GaussianBlur(scene(), (0, 0), 6)
    Image.fromarray(smooth).save(tmp_path / "a.jpg", quality=95)
    Image.fromarray(smooth).save(tmp_path / "a.png")
    for name in ("a.jpg", "a.png"):
        for reduction in (1, 2, 4, 8):
            got = read_reduced(tmp_path / name, reduction)
            wanted = np.asarray(Image.fromarray(smooth).reduce(reduction))
            assert got.shape == wanted.shape
            assert np.abs(got.astype(int) - wanted).mean() < 1.5


def test_what_is_no_picture_is_refused(tmp_path):
    (tmp_path / "x.jpg").write_bytes(b"\xff\xd8 not much")
    for name in ("x.jpg", "none.jpg"):
        with pytest.raises(UnreadablePicture):
            read_reduced(tmp_path / name, 2)
