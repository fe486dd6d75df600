"""Painted pictures: Koschmieder's equation, no truth for look-alikes, and the same bytes for the same seed."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from models.vision.training.composites import plain
from models.vision.training.composites.noise import cut, fractal_tiles
from models.vision.training.composites.painted import GAMMA, in_front, painted
from models.vision.training.composites.stream import Stream, view_of
from models.vision.training.opacity_recipe import read

TILES = fractal_tiles(3, 6, 11 / 6)


def photograph(seed: int, side: int = 160) -> np.ndarray:
    random = np.random.default_rng(seed)
    base = cut(TILES, random, side, side)[..., None] * 30 + random.uniform(60, 180, 3)
    return np.clip(base + random.normal(0, 12, (side, side, 3)), 0, 255).astype(np.uint8)


def fine(light: np.ndarray) -> np.ndarray:
    return light - np.roll(light, 1, 1)


def rough(scene: np.ndarray) -> np.ndarray:
    return fine(scene).mean(axis=2) / (scene.mean(axis=2) + 0.02)


@pytest.mark.parametrize("above", [True, False])
def test_where_nothing_is_opaque_and_nothing_shades_the_photograph_stays_as_it_was(above):
    untouched = 0
    for seed in range(6):
        image = photograph(seed)
        made = painted(image, above, np.random.default_rng(seed), TILES)
        assert made.opacity.min() >= 0 and made.opacity.max() <= 1
        clear = made.opacity < 1e-4
        same = np.abs(made.image.astype(int) - image).max(axis=2) <= 1
        untouched += int((clear & same).sum())
        assert (made.image[clear].astype(int) <= image[clear].astype(int) + 1).all()  # a shadow darkens, never lightens
    assert untouched > 6 * 2000


def test_texture_fades_as_the_opacity_says():
    ratios = []
    for seed in range(30):
        image = photograph(seed)
        made = painted(image, True, np.random.default_rng(100 + seed), TILES)
        part = (made.opacity > 0.45) & (made.opacity < 0.55)
        if part.sum() > 400:
            before = ((image / 255.0) ** GAMMA).mean(axis=2)
            after = ((made.image / 255.0) ** GAMMA).mean(axis=2)
            ratios.append(fine(after)[part].std() / fine(before)[part].std())
    assert len(ratios) >= 3
    assert 0.25 < np.median(ratios) < 0.62  # half the contrast, less where the plume's own shadow lies


@pytest.mark.parametrize("look", plain.LOOKS)
def test_every_lookalike_changes_the_picture_and_stays_a_picture(look):
    scene = (photograph(1).astype(np.float32) / 255) ** GAMMA
    made = np.clip(look(scene, np.random.default_rng(1), TILES), 0, 1)
    assert made.shape == scene.shape and np.isfinite(made).all()
    assert np.abs(made - scene).mean() > 1e-4


def test_pale_ground_keeps_its_texture_where_a_veil_would_lose_it():
    scene = (photograph(5).astype(np.float32) / 255) ** GAMMA
    kept = []
    for seed in range(30):
        made = plain.pale_ground(scene, np.random.default_rng(seed), TILES)
        paler = made.mean(axis=2) > scene.mean(axis=2) * 1.3
        if paler.sum() > 500:
            kept.append(rough(made)[paler].std() / rough(scene)[paler].std())
    assert np.median(kept) > 0.6


def test_a_thing_in_front_is_connected_and_reaches_down():
    image = np.full((120, 160, 3), 200, np.uint8)
    image[50:, 60:75] = (40, 60, 40)
    found = [in_front(image, np.random.default_rng(seed)) for seed in range(60)]
    poles = [m for m in found if m.any()]
    assert any(m[60:, 62:73].mean() > 0.9 and m[:, :50].mean() < 0.02 for m in poles), "the pole stays in front"
    assert all(m.mean() < 0.31 for m in poles), "the ground itself never does"


def stream(seed: int) -> Stream:
    recipe = read("dust")
    real = [(photograph(9), np.array([[0.2, 0.2, 0.8, 0.7]]))]
    return Stream([photograph(k) for k in range(4)], [True, False, True, False], real, recipe, f"{seed}")


def test_a_sample_is_a_function_of_seed_and_number():
    one, other = stream(1), stream(2)
    for number in range(12):
        a, b = one.sample(number, 96), other.sample(number, 96)
        assert a.image.shape == (96, 96, 3) and a.opacity.shape == a.inside.shape == (96, 96)
        assert (a.image == b.image).all() and (a.opacity == b.opacity).all() and a.smoke == b.smoke


def test_photographs_that_fool_the_network_come_more_often():
    one = stream(1)
    even = np.bincount([one._which(np.random.default_rng(k)) for k in range(2000)], minlength=4)
    one.fooled[2] = 0.5
    fooled = np.bincount([one._which(np.random.default_rng(k)) for k in range(2000)], minlength=4)
    assert even.min() > 400 and fooled[2] > 1500


def test_of_real_smoke_only_the_box_is_known():
    one = stream(1)
    one.recipe = dataclasses.replace(one.recipe, real_share=0.5)
    weak = [s for s in (one.sample(k, 64) for k in range(24)) if s.weak]
    assert 4 < len(weak) < 20
    assert all(not s.opacity.any() for s in weak) and any(s.inside.any() for s in weak)


def test_a_view_from_above_may_be_turned_and_one_from_the_ground_never_is():
    image = np.zeros((64, 64, 3), np.uint8)
    image[:8] = 255  # a sky
    for seed in range(30):
        upright = view_of(image, np.random.default_rng(seed), 32, turned=False).astype(int)
        assert upright[-1].max() == 0
    turned = [view_of(image, np.random.default_rng(seed), 32, turned=True) for seed in range(60)]
    assert any(t[-1].mean() > 100 for t in turned)
