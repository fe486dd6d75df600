"""What a camera sees of puffs: opacity, light scattered towards it, and the shadow on the ground.

Orthographic (a plume is small beside its distance). Optical depth of Gaussian puffs along a line of sight is exact;
turbulence between them is noise that warps and thins them in four layers of depth. Light is scattered once: the sun's
way through the other puffs dims it (Beer–Lambert), the phase function is Henyey and Greenstein's (1941), and the sky
lights from everywhere.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from models.vision.detections import FloatArray
from models.vision.training.composites.noise import cut
from models.vision.training.composites.puffs import Puffs

LAYERS = 4
GRID_PX = 160
FORWARD = 0.55  # mean cosine of scattering: mineral dust, 0.5–0.7


class View(NamedTuple):
    """Where camera and sun stand, in degrees.

    Attributes:
        down: how far the camera looks down: 0 along the ground, 90 straight down.
        azimuth: of the look, against the wind.
        sun_height: above the horizon.
        sun_azimuth: against the wind, of the direction to the sun.
    """

    down: float
    azimuth: float
    sun_height: float
    sun_azimuth: float


class Plume(NamedTuple):
    """A plume on a picture's grid, every field (h, w) float32.

    Attributes:
        opacity: 1 − transmittance.
        light: radiance of the dust, as a share of a white sheet's in sun and sky, where it is opaque.
        shadow: 0–1, of the sun's light that misses the ground behind.
    """

    opacity: FloatArray
    light: FloatArray
    shadow: FloatArray


class Placed(NamedTuple):
    """How metres become pixels of the grid: pixels a metre, and where the source stands."""

    px_per_m: float
    u: float
    v: float


def seen(
    puffs: Puffs, view: View, placed: Placed, random: np.random.Generator, tiles: FloatArray,
    *, height: int, width: int, deepest: float, roughness: float,
) -> Plume:  # fmt: skip
    """Render.

    Args:
        puffs: which.
        view: camera and sun.
        placed: scale and place, in pixels of the grid that is returned.
        random: for the turbulence within.
        tiles: of `fractal_tiles`.
        height: of the grid.
        width: of the grid.
        deepest: optical depth at the thickest place.
        roughness: standard deviation of the logarithm of the turbulent density; 0 is still air.
    """
    right, up, forth = axes(view)
    u = placed.u + placed.px_per_m * (puffs.centre @ right)
    v = placed.v - placed.px_per_m * (puffs.centre @ up)
    sigma = np.maximum(puffs.sigma * placed.px_per_m, 0.7)
    weight = puffs.mass / (2 * np.pi * sigma**2)
    across, down = _bells(u, sigma, width), _bells(v, sigma, height)
    scale = deepest / max(float(((down * weight[:, None]).T @ across).max()), 1e-12)
    lit = _lit(puffs, view, scale / placed.px_per_m**2)
    depth = puffs.centre @ forth
    order = np.array_split(np.argsort(depth), LAYERS)  # nearest first
    through = np.ones((height, width), np.float32)
    light: FloatArray = np.zeros((height, width), np.float32)
    for rows in (some for some in order if len(some)):
        tau = (down[rows] * weight[rows, None]).T @ across[rows] * scale
        bright = (down[rows] * (weight * lit)[rows, None]).T @ across[rows] * scale
        own = bright / np.maximum(tau, 1e-9)
        tau = tau.astype(np.float32)
        if roughness > 0:
            tau = _turbulent(tau, float(sigma[rows].mean()), random, tiles, roughness)
        passes = np.exp(-tau)
        light += through * (1 - passes) * own.astype(np.float32)
        through *= passes
    opacity = 1 - through
    light = light / np.maximum(opacity, 1e-3)
    return Plume(opacity, light, _shadow(puffs, view, placed, right, up, scale, height, width))


def axes(view: View) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Right, up and forward of the camera as unit vectors (x with the wind, z up)."""
    a, e = np.radians(view.azimuth), np.radians(view.down)
    forth = np.array([np.cos(e) * np.cos(a), np.cos(e) * np.sin(a), -np.sin(e)])
    right = np.array([np.sin(a), -np.cos(a), 0.0])
    return right, np.cross(right, forth), forth


def to_sun(view: View) -> FloatArray:
    """Unit vector towards the sun."""
    h, a = np.radians(view.sun_height), np.radians(view.sun_azimuth)
    return np.array([np.cos(h) * np.cos(a), np.cos(h) * np.sin(a), np.sin(h)])


def phase(cosine: float, forward: float = FORWARD) -> float:
    """Henyey–Greenstein against equal scattering: 1 where it scatters as if isotropic; cosine 1 is straight on."""
    return float((1 - forward**2) / (1 + forward**2 - 2 * forward * cosine) ** 1.5)


def _lit(puffs: Puffs, view: View, depth_of_mass: float) -> FloatArray:
    """(n,) radiance of each puff: sun that reaches its middle, scattered to the camera, and half as much sky."""
    sun = to_sun(view)
    apart = puffs.centre[None] - puffs.centre[:, None]  # from puff i to puff j
    along = apart @ sun
    aside = np.linalg.norm(apart - along[..., None] * sun, axis=2)
    wide = puffs.sigma[None] ** 2 + 0.25 * puffs.sigma[:, None] ** 2
    met = puffs.mass[None] / (2 * np.pi * wide) * np.exp(-(aside**2) / (2 * wide)) * (along > 0)
    np.fill_diagonal(met, puffs.mass / (4 * np.pi * puffs.sigma**2))
    reaches = np.exp(-np.minimum(met.sum(axis=1) * depth_of_mass, 30.0))
    towards = phase(float(-sun @ -axes(view)[2]))
    return np.asarray(0.65 * min(towards, 2.2) ** 0.5 * reaches + 0.35)


def _bells(middle: FloatArray, sigma: FloatArray, size: int) -> FloatArray:
    """(n, size) Gaussians along one axis: a puff's image is the product of two of them."""
    at = np.arange(size) + 0.5
    return np.asarray(np.exp(-((at[None] - middle[:, None]) ** 2) / (2 * sigma[:, None] ** 2)))


def _turbulent(
    tau: FloatArray, sigma: float, random: np.random.Generator, tiles: FloatArray, roughness: float
) -> FloatArray:
    """Warped and made uneven by eddies up to the size of a puff, its mean kept."""
    height, width = tau.shape
    zoom = float(np.clip(sigma / 12, 0.3, 3.0))
    v, u = np.mgrid[:height, :width].astype(np.float32)
    bend = 0.9 * sigma
    moved = cv2.remap(
        tau, u + bend * cut(tiles, random, height, width, zoom), v + bend * cut(tiles, random, height, width, zoom),
        cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    uneven = np.exp(roughness * cut(tiles, random, height, width, zoom) - 0.5 * roughness**2)
    return np.asarray(moved * uneven, dtype=np.float32)


def _shadow(
    puffs: Puffs, view: View, placed: Placed, right: FloatArray, up: FloatArray, scale: float, height: int, width: int
) -> FloatArray:
    """Sunlight that the puffs keep from the ground; nothing where the camera looks along it."""
    if view.down < 8 or view.sun_height < 8:
        return np.zeros((height, width), np.float32)
    sun = to_sun(view)
    foot = puffs.centre - puffs.centre[:, 2:] / sun[2] * sun
    u = placed.u + placed.px_per_m * (foot @ right)
    v = placed.v - placed.px_per_m * (foot @ up)
    flat = np.sin(np.radians(view.down))
    sigma = np.maximum(puffs.sigma * placed.px_per_m, 0.7)
    weight = puffs.mass / (2 * np.pi * sigma**2) * scale
    tau = (_bells(v, sigma * max(flat, 0.2) / sun[2] ** 0.5, height) * weight[:, None]).T @ _bells(
        u, sigma / sun[2] ** 0.5, width
    )
    return np.asarray(1 - np.exp(-tau), dtype=np.float32)
