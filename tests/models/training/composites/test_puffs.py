"""Puffs in the wind, and what a camera sees of them, against integrals and vectors worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from models.vision.training.composites.noise import fractal_tiles
from models.vision.training.composites.puffs import Puffs, drawn_source, released
from models.vision.training.composites.seen import Placed, View, axes, phase, seen, to_sun

TILES = fractal_tiles(3, 4, 11 / 6)
SIDE = 96
LEVEL = View(0.0, 90.0, 45.0, 90.0)


def shown(puffs: Puffs, view: View, *, deepest: float, px_per_m: float = 8.0, roughness: float = 0.0):
    random = np.random.default_rng(5)
    return seen(puffs, view, Placed(px_per_m, SIDE / 2, SIDE / 2), random, TILES, height=SIDE, width=SIDE,
                deepest=deepest, roughness=roughness)  # fmt: skip


def puff(*centre: float, sigma: float = 1.0, mass: float = 1.0) -> Puffs:
    return Puffs(np.array([centre]), np.array([sigma]), np.array([mass]))


@pytest.mark.parametrize("kind", ["point", "moving", "area", "hot"])
def test_puffs_lie_above_ground_and_grow_and_thin_with_age(kind):
    random = np.random.default_rng(2)
    for _ in range(20):
        made = released(drawn_source(random, kind), random, 60)
        assert (made.centre[:, 2] > 0).all() and (made.sigma > 0).all() and (made.mass > 0).all()
        assert made.sigma[-20:].mean() > made.sigma[:20].mean()


def test_dust_drifts_with_the_wind_and_hot_smoke_climbs_higher():
    random = np.random.default_rng(4)
    cool = [released(drawn_source(random, "point"), random, 60) for _ in range(40)]
    hot = [released(drawn_source(random, "hot"), random, 60) for _ in range(40)]
    assert np.mean([p.centre[-10:, 0].mean() - p.centre[:10, 0].mean() for p in cool]) > 3
    assert np.mean([p.centre[:, 2].max() for p in hot]) > 2 * np.mean([p.centre[:, 2].max() for p in cool])


def test_the_column_through_a_gaussian_puff_is_its_mass_over_two_pi_sigma_squared():
    sigma, mass = 1.3, 2.0
    z = np.linspace(-12, 12, 20001)
    density = mass / ((2 * np.pi) ** 1.5 * sigma**3) * np.exp(-(z**2) / (2 * sigma**2))
    assert np.trapezoid(density, z) == pytest.approx(mass / (2 * np.pi * sigma**2), rel=1e-6)


def test_a_still_puff_is_as_opaque_as_asked_at_its_middle_and_gaussian_around_it():
    plume = shown(puff(0, 0, 0, sigma=2.0), LEVEL, deepest=1.2)
    tau = -np.log(1 - plume.opacity)
    at = np.unravel_index(tau.argmax(), tau.shape)
    assert tau.max() == pytest.approx(1.2, rel=0.05)
    far = tau[at[0] - 16 : at[0] + 17, at[1] - 16 : at[1] + 17].sum()
    assert far == pytest.approx(1.2 * 2 * np.pi * 16**2 * 0.68**2, rel=0.15)  # ± one sigma of 16 px holds 0.68²


@pytest.mark.parametrize("down", [0.0, 30.0, 60.0, 90.0])
@pytest.mark.parametrize("azimuth", [0.0, 77.0, 200.0])
def test_the_cameras_axes_are_a_right_handed_frame_and_up_is_up(down, azimuth):
    right, up, forth = axes(View(down, azimuth, 45, 0))
    assert np.array([right, up, forth]) @ np.array([right, up, forth]).T == pytest.approx(np.eye(3), abs=1e-12)
    assert np.cross(right, up) == pytest.approx(-forth, abs=1e-12)
    assert up[2] >= -1e-12 and right[2] == 0
    assert forth[2] == pytest.approx(-np.sin(np.radians(down)))


def test_the_phase_function_scatters_all_light_once():
    cosine = np.linspace(-1, 1, 200001)
    values = (1 - 0.55**2) / (1 + 0.55**2 - 2 * 0.55 * cosine) ** 1.5
    assert phase(0.3) == pytest.approx(np.interp(0.3, cosine, values), rel=1e-6)
    assert np.trapezoid(values, cosine) / 2 == pytest.approx(1.0, abs=1e-6)
    assert phase(1.0) > phase(0.0) > phase(-1.0)


def test_what_lies_behind_other_dust_from_the_sun_is_darker():
    sun_from_front = View(0.0, 90.0, 30.0, 270.0)
    many = Puffs(np.array([[x, 0.0, 5.0] for x in np.linspace(-4, 4, 30)]), np.full(30, 0.8), np.full(30, 1.0))
    along = to_sun(View(0.0, 90.0, 1.0, 0.0))
    assert along == pytest.approx([1, 0, 0], abs=0.02)
    side_lit = shown(many, View(0.0, 90.0, 1.0, 0.0), deepest=4.0)  # the sun stands where x grows
    row = side_lit.light[side_lit.opacity.sum(axis=1).argmax()]
    opaque = side_lit.opacity[side_lit.opacity.sum(axis=1).argmax()] > 0.5
    right = axes(View(0.0, 90.0, 1.0, 0.0))[0]
    lit = row[opaque] if right[0] > 0 else row[opaque][::-1]
    assert lit[-5:].mean() > 1.3 * lit[:5].mean()
    assert shown(many, sun_from_front, deepest=4.0).light.max() > 0


def test_the_shadow_falls_away_from_the_sun():
    view = View(90.0, 0.0, 45.0, 0.0)  # straight down, the sun where the wind blows to
    high = puff(0, 0, 4.0, sigma=0.8)
    plume = shown(high, view, deepest=2.0)
    _, up, _ = axes(view)
    cloud = np.argwhere(plume.opacity > 0.5).mean(axis=0)
    shadow = np.argwhere(plume.shadow > 0.5).mean(axis=0)
    moved = -(shadow[0] - cloud[0]) / 8.0 * up[0]  # metres along x, rows go down
    assert moved == pytest.approx(-4.0, abs=0.6)
    assert not shown(high, LEVEL, deepest=2.0).shadow.any()
