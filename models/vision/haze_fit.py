"""Fits the weights of `haze.WEIGHTS` on plumes painted over plain pictures, and prints them.

    python -m models.vision.haze_fit FOLDER…

Every second picture of the folders (sorted by path) is used; the others are kept to count false boxes on. Nothing is
stored: a person copies what is printed into `haze.py` and measures anew.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from models.vision.detections import FloatArray, UInt8Image
from models.vision.haze import Candidate, Weight, candidates, term
from models.vision.imaging import fitted as fitted_to
from models.vision.merge import iou
from models.vision.pictures import read_picture

PAINT_PX = 480
IS_PLUME_IOU, NO_PLUME_IOU = 0.35, 0.1
DUST_COLOURS = (
    np.array(
        [
            [205, 190, 165],
            [190, 170, 140],
            [215, 205, 190],
            [180, 165, 145],
            [200, 180, 150],
            [225, 215, 200],
            [170, 150, 125],
        ],
        np.float32,
    )
    / 255
)


def fractal(height: int, width: int, falloff: float, random: np.random.Generator) -> FloatArray:
    """(h, w) noise in 0–1 whose amplitude falls with frequency to the power −`falloff`."""
    frequency = np.hypot(np.fft.fftfreq(height)[:, None] * height, np.fft.rfftfreq(width)[None] * width)
    frequency[0, 0] = 1
    waves = (random.normal(size=frequency.shape) + 1j * random.normal(size=frequency.shape)) / frequency**falloff
    noise = np.fft.irfft2(waves, s=(height, width))
    return (noise - noise.min()) / (noise.max() - noise.min())


def painted(image: UInt8Image, random: np.random.Generator) -> tuple[UInt8Image, FloatArray]:
    """A picture, shrunk, with one plume of drifting puffs over it.

    Returns:
        The picture (h, w, 3) uint8 and the plume's box (4,) in shares of width and height, around opacity over 0.25.

    Source: I = J·t + A·(1 − t) with t = exp(−optical depth), Koschmieder.
    """
    scene = fitted_to(image, PAINT_PX).astype(np.float32) / 255
    height, width = scene.shape[:2]
    through = np.exp(-_optical_depth(height, width, random))[..., None]
    dust = DUST_COLOURS[random.integers(len(DUST_COLOURS))] * np.clip(np.quantile(scene, 0.8) / 0.65, 0.4, 1.1)
    shade = (1 + 0.25 * (fractal(height, width, 1.5, random) - 0.5))[..., None]
    mixed = np.clip(scene * through + dust * shade * (1 - through), 0, 1)
    v, u = np.nonzero(through[..., 0] < 0.75)
    box = np.array([u.min() / width, v.min() / height, (u.max() + 1) / width, (v.max() + 1) / height])
    return (mixed * 255).astype(np.uint8), box


def _optical_depth(height: int, width: int, random: np.random.Generator) -> FloatArray:
    v, u = np.mgrid[:height, :width]
    u0, v0 = random.uniform(0.15, 0.85) * width, random.uniform(0.3, 0.9) * height
    angle = random.uniform(0, 2 * np.pi)
    along_u, along_v = np.cos(angle), -abs(np.sin(angle)) * 0.6
    first_radius, length = random.uniform(0.02, 0.05) * PAINT_PX, random.uniform(0.1, 0.45) * PAINT_PX
    puffs = int(random.integers(6, 30))
    depth = np.zeros((height, width))
    for i in range(puffs):
        way = (i + random.uniform()) / puffs
        radius = first_radius * (1 + 2.5 * way)
        cu = u0 + along_u * length * way + random.normal() * radius * 0.5
        cv = v0 + along_v * length * way + random.normal() * radius * 0.5
        strength = random.uniform(0.5, 1) * (1 - 0.6 * way)
        depth += strength * np.exp(-((u - cu) ** 2 + (v - cv) ** 2) / (2 * radius**2))
    depth *= np.exp((fractal(height, width, 1.7, random) - 0.5) * random.uniform(2, 4))
    return depth * random.uniform(0.8, 2.5) / depth.max()


def labelled(image: UInt8Image, random: np.random.Generator) -> tuple[list[Candidate], list[bool]]:
    """Candidates of a plain picture (all wrong) and of the same picture with a plume (right where they match it)."""
    rows = list(candidates(image))
    right = [False] * len(rows)
    with_plume, box = painted(image, random)
    for candidate in candidates(with_plume):
        overlap = float(iou(np.array([candidate.box]), box[None])[0, 0])
        if overlap >= IS_PLUME_IOU or overlap < NO_PLUME_IOU:
            rows.append(candidate)
            right.append(overlap >= IS_PLUME_IOU)
    return rows, right


def fitted(cues: Sequence[Mapping[str, float]], right: Sequence[bool]) -> tuple[dict[str, Weight], float]:
    """Logistic regression with a small ridge, right and wrong rows weighing the same in sum; Newton's method.

    Returns:
        The weight of each cue, and the offset.
    """
    names = [*cues[0], "colour_cast"]
    table = np.array([[term(n, row) for n in names] for row in cues])
    truth = np.asarray(right, float)
    middle, spread = table.mean(axis=0), table.std(axis=0) + 1e-9
    x = np.c_[(table - middle) / spread, np.ones(len(table))]
    weight = np.where(truth == 1, (truth == 0).sum() / max(truth.sum(), 1), 1.0)
    slope = np.zeros(x.shape[1])
    for _ in range(30):
        said = 1 / (1 + np.exp(-x @ slope))
        gradient = x.T @ (weight * (said - truth)) + 3.0 * slope
        curvature = (x * (weight * said * (1 - said))[:, None]).T @ x + 3.0 * np.eye(len(slope))
        slope -= np.linalg.solve(curvature, gradient)
    weights = {n: Weight(float(middle[i]), float(spread[i]), float(slope[i])) for i, n in enumerate(names)}
    return weights, float(slope[-1])


def main(folders: Sequence[str]) -> None:
    """Fit on every second picture of the folders and print the table."""
    random = np.random.default_rng(20261124)
    files = sorted(
        f for folder in folders for f in Path(folder).rglob("*") if f.suffix.lower() in {".jpg", ".png", ".jpeg"}
    )
    cues: list[Mapping[str, float]] = []
    right: list[bool] = []
    for file in files[::2]:
        for _ in range(2):
            rows, truth = labelled(read_picture(file), random)
            cues += [r.cues for r in rows]
            right += truth
    weights, offset = fitted(cues, right)
    out = [f"# {len(files[::2])} pictures, {len(cues)} candidates, {sum(right)} of them plumes"]
    out += [f'    "{n}": Weight({w.middle:.4f}, {w.spread:.4f}, {w.slope:.3f}),' for n, w in weights.items()]
    sys.stdout.write("\n".join([*out, f"OFFSET = {offset:.3f}", ""]))


if __name__ == "__main__":
    main(sys.argv[1:])
