"""A picture saved again is known, another one is not; a split that leaks is refused."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from models.errors import LeakedSplit
from models.vision.datasets.twins import SAME_BITS, distance, fingerprints, require_no_twins, source_name, twins


def scene(seed):
    """Large and small patches, as a photograph has."""
    random = np.random.default_rng(seed)
    image = np.zeros((240, 320, 3))
    for step in (80, 40, 10):
        rough = random.uniform(0, 255, (240 // step + 1, 320 // step + 1, 3)).astype(np.uint8)
        image += np.asarray(Image.fromarray(rough).resize((320, 240), Image.Resampling.BICUBIC), float) / 3
    return Image.fromarray(image.astype(np.uint8))


def again(image):
    file = io.BytesIO()
    image.save(file, "JPEG", quality=40)
    return Image.open(file)


CHANGES = {
    "saved again": again,
    "smaller": lambda image: image.resize((160, 120)),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.15),
    "mirrored": lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "turned": lambda image: image.transpose(Image.Transpose.ROTATE_90),
    "turned and mirrored": lambda image: image.transpose(Image.Transpose.TRANSVERSE),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("seed", range(5))
def test_a_picture_is_known_after_a_change(seed, change, tmp_path):
    scene(seed).save(tmp_path / "a.png")
    scene(seed + 100).save(tmp_path / "other.png")
    CHANGES[change](scene(seed)).save(tmp_path / "b.png")
    (found,) = twins([tmp_path / "other.png", tmp_path / "a.png"], [tmp_path / "b.png"])
    assert found.other.endswith("a.png") and found.bits <= SAME_BITS


def test_unlike_pictures_lie_far_apart():
    prints = np.array([fingerprints(np.asarray(scene(seed)))[0] for seed in range(60)], np.uint64)
    apart = distance(prints, prints)[np.triu_indices(60, 1)]
    assert apart.min() > SAME_BITS and 28 < apart.mean() < 36  # independent bits differ in 32 of 64


def test_distance_counts_bits():
    one, other = np.array([0b1011, 0], np.uint64), np.array([0b0001, 2**64 - 1], np.uint64)
    assert distance(one, other).tolist() == [[2, 61], [1, 64]]


def test_the_same_source_name_tells_even_where_the_picture_was_changed_beyond_knowing(tmp_path):
    train, test = tmp_path / f"site_jpg.rf.{'0' * 32}.png", tmp_path / f"site_jpg.rf.{'a' * 32}.png"
    scene(1).save(train)
    scene(2).save(test)
    assert source_name(train) == source_name(test) == "site"
    (found,) = twins([train], [test])
    assert found.why == "same source name"


def test_a_leaked_split_is_refused_and_a_clean_one_is_not(tmp_path):
    for name, seed in (("a", 1), ("b", 2), ("c", 1)):
        scene(seed).save(tmp_path / f"{name}.png")
    require_no_twins([tmp_path / "a.png"], [tmp_path / "b.png"])
    require_no_twins([], [tmp_path / "b.png"])
    with pytest.raises(LeakedSplit) as caught:
        require_no_twins([tmp_path / "a.png"], [tmp_path / "b.png", tmp_path / "c.png"])
    assert caught.value.where == "1 of 2 pictures" and "c.png" in caught.value.detail


@pytest.mark.given
def test_the_given_smoke_set_does_not_leak(shared):
    images = shared / "data/detection/smoke/images"
    require_no_twins(sorted((images / "train").iterdir())[::4], sorted((images / "val").iterdir())[::4])
