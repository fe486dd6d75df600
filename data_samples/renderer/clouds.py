"""Dust and steam: Gaussian puffs that drift, grow and thin, seen along rays and along the sunlight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data_samples.renderer.noise import Tile, field
from data_samples.renderer.things import Colour, Puffs

FloatArray = NDArray[np.float64]
Float32Array = NDArray[Any]  # float32; OpenCV's stubs only say numbers

BILLOW = Tile.of(field(41, 1.5, 0.22, 4.0), 52.0)
WISP = Tile.of(field(42, 1.35, 0.10, 6.0), 30.0)
CUT_SIGMAS = 3.0


def blown(
    name: str,
    label: str | None,
    source: tuple[float, float, float],
    wind_m_s: tuple[float, float],
    colour: Colour,
    rng: np.random.Generator,
    *,
    count: int = 420,
    age_s: float = 14.0,
    rise_m_s: float = 0.45,
    depth: float = 0.5,
    width_m: float = 2.0,
    growth: float = 0.55,
) -> Puffs:
    """Puffs let go at a source over the last `age_s` seconds in a turbulent wind.

    Args:
        name: of the cloud.
        label: detection label, None for what only resembles one.
        source: where it rises.
        wind_m_s: east, north.
        colour: sRGB.
        rng: random numbers.
        count: puffs.
        age_s: age of the oldest.
        rise_m_s: mean rise.
        depth: optical depth of a fresh puff through its middle.
        width_m: size of the source.
        growth: growth of a puff's sigma in metres a second.

    Returns:
        The cloud.
    """
    age = age_s * rng.uniform(0, 1, count) ** 0.8
    meander = np.cumsum(rng.normal(size=64)) * 0.12
    phase = np.interp(age, np.linspace(0, age_s, 64), meander - meander.mean())
    speed = np.hypot(*wind_m_s)
    along = np.array(wind_m_s) / speed
    side = np.array([-along[1], along[0]])
    spread = 0.35 * width_m + 0.30 * age**0.95
    gust = 1 + 0.18 * rng.normal(size=count)
    across = rng.normal(size=count) * spread + phase * age * 0.5
    downwind = age * speed * gust + rng.normal(size=count) * width_m * 0.4
    height = source[2] + rise_m_s * age * rng.uniform(0.2, 1.9, count) + np.abs(rng.normal(size=count)) * 0.25 * spread
    centres = np.column_stack(
        [source[0] + downwind * along[0] + across * side[0], source[1] + downwind * along[1] + across * side[1], height]
    )
    sigmas = (0.45 + growth * age**0.85) * rng.uniform(0.55, 1.3, count)
    depths = depth * (0.7 / (0.55 + 0.16 * age)) ** 1.25 * rng.uniform(0.4, 1.5, count)
    return Puffs(name, label, centres, sigmas, depths, colour, source)


@dataclass(frozen=True)
class Veil:
    """A cloud in front of a picture: optical depth (rows, columns) and how bright it is lit (0 to 1)."""

    depth: Float32Array
    light: Float32Array


def lit_share(puffs: Puffs, to_sun: FloatArray) -> FloatArray:
    """Share of sunlight that reaches each puff through the others, (n,)."""
    offset = puffs.centres[None, :, :] - puffs.centres[:, None, :]
    towards = offset @ to_sun
    aside2 = np.einsum("ijk,ijk->ij", offset, offset) - towards**2
    depth = puffs.depths[None, :] * np.exp(-aside2 / (2 * puffs.sigmas_m[None, :] ** 2)) * (towards > 0)
    return 0.25 + 0.75 * np.exp(-0.30 * depth.sum(axis=1))


def veil(
    puffs: Puffs,
    origin: FloatArray,
    ray: Float32Array,
    surface_depth: Float32Array,
    windows: list[tuple[slice, slice] | None],
    to_sun: FloatArray,
) -> Veil:
    """Optical depth of a cloud along rays, up to the surface behind it.

    Args:
        puffs: the cloud.
        origin: (3,) where the rays start.
        ray: (rows, columns, 3), of depth one.
        surface_depth: (rows, columns), in units of `ray`.
        windows: rows and columns that each puff can touch.
        to_sun: unit vector to the sun.

    Returns:
        The veil.
    """
    depth = np.zeros(ray.shape[:2], np.float32)
    light = np.zeros(ray.shape[:2], np.float32)
    lit = lit_share(puffs, to_sun)
    for index, window in enumerate(windows):
        if window is None:
            continue
        d = ray[window]
        sigma = np.float32(puffs.sigmas_m[index])
        to_centre = (puffs.centres[index] - origin).astype(np.float32)
        along2 = np.einsum("ijk,ijk->ij", d, d)
        dot = d @ to_centre
        aside2 = np.float32(to_centre @ to_centre) - dot * dot / along2
        nearest = dot / along2
        seen = 1 / (1 + np.exp(np.clip(-1.7 * (surface_depth[window] - nearest) * np.sqrt(along2) / sigma, -30, 30)))
        x = origin[0].astype(np.float32) + d[..., 0] * nearest
        y = origin[1].astype(np.float32) + d[..., 1] * nearest
        z = origin[2].astype(np.float32) + d[..., 2] * nearest
        rough = np.exp(0.50 * _in_space(BILLOW, x, y, z / 6.0) + 0.42 * _in_space(WISP, x, y, z / 2.5) - 0.22)
        part = np.float32(puffs.depths[index]) * np.exp(-aside2 / (2 * sigma * sigma)) * seen * rough
        depth[window] += part
        light[window] += part * np.float32(lit[index])
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(depth > 1e-6, light / depth, 1).astype(np.float32)
    return Veil(depth, share)


def _in_space(tile: Tile, x: Float32Array, y: Float32Array, layer: Float32Array) -> Float32Array:
    """Noise in three dimensions: unrelated cuts of a tile, one a layer of height, blended between neighbours."""
    below = np.floor(layer)
    share = (layer - below).astype(np.float32)
    value = np.zeros_like(share)
    for step, weight in ((0, 1 - share), (1, share)):
        level = below + step
        value += weight * tile.at(x + 37.7 * level, y + 91.3 * level)
    return value / np.sqrt(share**2 + (1 - share) ** 2)


def shadow_depth(
    clouds: list[Puffs], half_x_m: float, half_y_m: float, cell_m: float, to_sun: FloatArray
) -> Float32Array:
    """Optical depth of all clouds towards the sun from the plane z = 0, (rows, columns), row 0 south."""
    rows, columns = round(2 * half_y_m / cell_m), round(2 * half_x_m / cell_m)
    depth = np.zeros((rows, columns), np.float32)
    for puffs in clouds:
        for centre, sigma, peak in zip(puffs.centres, puffs.sigmas_m, puffs.depths, strict=True):
            ground = centre[:2] - centre[2] * to_sun[:2] / to_sun[2]
            reach = CUT_SIGMAS * sigma / to_sun[2]
            c0, c1 = (int((ground[0] + half_x_m + k * reach) / cell_m) for k in (-1, 1))
            r0, r1 = (int((ground[1] + half_y_m + k * reach) / cell_m) for k in (-1, 1))
            c0, r0, c1, r1 = max(c0, 0), max(r0, 0), min(c1 + 1, columns), min(r1 + 1, rows)
            if c0 >= c1 or r0 >= r1:
                continue
            x = (np.arange(c0, c1) + 0.5) * cell_m - half_x_m - centre[0]
            y = (np.arange(r0, r1) + 0.5) * cell_m - half_y_m - centre[1]
            gx, gy = np.meshgrid(x, y)
            towards = gx * to_sun[0] + gy * to_sun[1] - centre[2] * to_sun[2]
            aside2 = gx**2 + gy**2 + centre[2] ** 2 - towards**2
            depth[r0:r1, c0:c1] += (peak * np.exp(-aside2 / (2 * sigma**2))).astype(np.float32)
    return depth
