"""A photograph with a plume in it, and the plume's opacity at every pixel.

I = J·s·t + A·(1 − t), in linear light (Koschmieder 1924): J the photograph, s the plume's shadow, t = 1 − opacity, A
the light that the dust scatters. What stands in front stays in front.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from models.vision.detections import BoolArray, FloatArray, UInt8Image
from models.vision.training.composites.puffs import Puffs, drawn_source, released
from models.vision.training.composites.seen import GRID_PX, Placed, Plume, View, axes, seen

GAMMA = 2.2
DUSTS = np.array(
    [
        [0.80, 0.78, 0.74],  # cement
        [0.72, 0.64, 0.52],  # loess
        [0.62, 0.50, 0.36],  # dry clay
        [0.58, 0.38, 0.26],  # laterite
        [0.66, 0.60, 0.54],  # rubble
        [0.50, 0.47, 0.43],  # asphalt and ash
        [0.85, 0.81, 0.72],  # limestone
        [0.30, 0.28, 0.26],  # coal
    ]
)
"""Reflectance of dusts in red, green and blue, linear; read off photographs of the materials and rounded."""
SMOKES = np.array([[0.60, 0.62, 0.66], [0.35, 0.36, 0.38], [0.10, 0.10, 0.11], [0.75, 0.76, 0.78]])
KINDS = ("point", "moving", "area")
SEGMENT_PX = 160
DRAWS = 4
VISIBLE = 0.07
"""Mean change of a picture's values, 0–1, from which on a plume is one to learn: below it lies the camera's noise."""


class Composite(NamedTuple):
    """A picture to learn from.

    Attributes:
        image: (h, w, 3) uint8 RGB.
        opacity: (h, w) float32, of plumes only: whole-picture haze counts as none.
        smoke: the share of smoke among what is opaque: 0 dust, 1 smoke.
    """

    image: UInt8Image
    opacity: FloatArray
    smoke: float


def painted(image: UInt8Image, above: bool, random: np.random.Generator, tiles: FloatArray) -> Composite:
    """A photograph with one or two plumes in it.

    Args:
        image: (h, w, 3) uint8 RGB.
        above: it looks down from a drone; otherwise from the ground or a mast.
        random: for everything that is drawn.
        tiles: of `noise.fractal_tiles`.
    """
    height, width = image.shape[:2]
    scene: FloatArray = (image.astype(np.float32) / 255) ** GAMMA
    hot = random.uniform() < 0.15
    view = _view(above, random)
    opacity: FloatArray = np.zeros((height, width), np.float32)
    for _ in range(1 if hot or random.uniform() < 0.75 else 2):
        puffs, kind = _puffs(hot, random)
        plume = _plume(puffs, kind, view, random, tiles, height, width)
        plume = _behind(plume, image, view, random)
        scene = _visible(scene, plume, hot, random)
        opacity = 1 - (1 - opacity) * (1 - plume.opacity)
    made = np.clip(scene, 0, 1) ** (1 / GAMMA)
    return Composite((made * 255 + 0.5).astype(np.uint8), opacity, float(hot))


def _view(above: bool, random: np.random.Generator) -> View:
    down = random.uniform(35, 90) if above else random.choice([random.uniform(0, 6), random.uniform(3, 25)])
    return View(float(down), random.uniform(0, 360), random.uniform(12, 80), random.uniform(0, 360))


def _puffs(hot: bool, random: np.random.Generator) -> tuple[Puffs, str]:
    kind = "hot" if hot else str(random.choice(KINDS, p=[0.5, 0.32, 0.18]))
    return released(drawn_source(random, kind), random, int(random.integers(24, 90))), kind


def _plume(
    puffs: Puffs, kind: str, view: View, random: np.random.Generator, tiles: FloatArray, height: int, width: int
) -> Plume:
    """Rendered on a small grid and enlarged: a plume has no fine edge. Wide and thin where wheels raised it."""
    factor = GRID_PX / max(height, width)
    rows, columns = max(8, round(height * factor)), max(8, round(width * factor))
    right, up, _ = axes(view)
    spread = max(np.ptp(puffs.centre @ right), np.ptp(puffs.centre @ up)) + 3 * float(puffs.sigma.mean())
    share = np.exp(random.uniform(-1.1, 1.1) if kind == "moving" else random.uniform(-1.5, 0.8))
    px_per_m = share * columns / max(spread, 1e-3)
    low = 0.05 if view.down > 30 else 0.4
    middle = puffs.centre.mean(axis=0)
    u = random.uniform(0.1, 0.9) * columns - px_per_m * float(middle @ right)
    v = random.uniform(low, 0.95) * rows + (px_per_m * float(middle @ up) if view.down > 30 else 0.0)
    thick = np.exp(random.uniform(np.log(0.45), np.log(8.0)))
    plume = seen(puffs, view, Placed(px_per_m, u, v), random, tiles, height=rows, width=columns,
                 deepest=float(thick), roughness=random.uniform(0.3, 1.0))  # fmt: skip
    opacity, light, shadow = (
        cv2.resize(part, (width, height), interpolation=cv2.INTER_CUBIC).clip(0) for part in plume
    )
    return Plume(opacity.clip(0, 1), light, shadow.clip(0, 1))


def _colour(hot: bool, scene: FloatArray, random: np.random.Generator) -> FloatArray:
    """(3,) linear light of opaque dust: its reflectance under the photograph's light."""
    palette = SMOKES if hot else DUSTS
    one, two = palette[random.integers(len(palette), size=2)]
    share = random.uniform()
    reflects = (share * one + (1 - share) * two) * random.uniform(0.85, 1.15, 3)
    bright = scene.reshape(-1, 3)
    white = np.quantile(bright.mean(axis=1), 0.93)
    cast = bright.mean(axis=0) / max(float(bright.mean()), 1e-4)
    light = np.clip(white / 0.7, 0.08, 1.3) * (0.65 + 0.35 * cast)
    return np.asarray(reflects * light * random.uniform(0.75, 1.45))


def _visible(scene: FloatArray, plume: Plume, hot: bool, random: np.random.Generator) -> FloatArray:
    """The plume before the scene, in the colour of up to `DRAWS` that can be told from what lies behind it.

    Grey dust before grey concrete is real, but a picture that shows nothing teaches to see what is not there.
    """
    best, told = scene, -1.0
    for _ in range(DRAWS):
        made = _mixed(scene, plume, _colour(hot, scene, random))
        change = np.abs(np.clip(made, 0, 1) ** (1 / GAMMA) - scene ** (1 / GAMMA)).mean(axis=2)
        weight = np.maximum(plume.opacity, 1e-6)
        seen_as = float((change * weight).sum() / weight.sum())
        if seen_as > told:
            best, told = made, seen_as
        if told >= VISIBLE:
            break
    return best


def _mixed(scene: FloatArray, plume: Plume, colour: FloatArray) -> FloatArray:
    passes = (1 - plume.opacity)[..., None]
    ground = scene * (1 - 0.6 * plume.shadow)[..., None]
    lit = np.clip(plume.light, 0.15, 2.0)[..., None]
    return np.asarray(ground * passes + colour.astype(np.float32) * lit * (1 - passes), dtype=np.float32)


def _behind(plume: Plume, image: UInt8Image, view: View, random: np.random.Generator) -> Plume:
    """The plume without what stands in front of it: of a view from the ground, in every second picture."""
    if view.down > 30 or random.uniform() > 0.5:
        return plume
    front = in_front(image, random)
    return Plume(np.where(front, 0, plume.opacity).astype(np.float32), plume.light, plume.shadow)


def in_front(image: UInt8Image, random: np.random.Generator) -> BoolArray:
    """A connected part of one colour that reaches the lower third: a stand-in for a thing in front, of any outline."""
    height, width = image.shape[:2]
    side = max(height, width)
    size = max(8, SEGMENT_PX * width // side), max(8, SEGMENT_PX * height // side)
    small = cv2.GaussianBlur(cv2.resize(image, size, interpolation=cv2.INTER_AREA), (0, 0), 0.8)
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB).astype(np.float32)
    mask = np.zeros((size[1] + 2, size[0] + 2), np.uint8)
    seed = int(random.integers(size[0])), int(random.integers(size[1] * 2 // 3, size[1]))
    reach = float(random.uniform(4, 14))
    cv2.floodFill(lab, mask, seed, 0, (reach,) * 3, (reach,) * 3, 8 | (1 << 8) | cv2.FLOODFILL_MASK_ONLY)
    part = mask[1:-1, 1:-1]
    if part.mean() > 0.3:  # that is the ground, not a thing
        part = np.zeros_like(part)
    return cv2.resize(part * np.float32(1), (width, height), interpolation=cv2.INTER_LINEAR) > 0.5
