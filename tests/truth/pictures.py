"""Pictures whose tags hold the true pose, and targets whose pixels the renderer knows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data_samples.renderer.camera import Lens, project, rays_of
from data_samples.renderer.flight import LENS, START, Shot, exact_claim
from data_samples.renderer.place import grid_of
from data_samples.renderer.tags import Claim, write_picture

PINHOLE = Lens(1600, 1200, 1312.7, 800.0, 600.0)
COLUMNS, ROWS = 8, 6
HEIGHTS_M = (0.0, 0.0, 3.5, 0.0, 12.0, -1.8)

POSES = {
    "nadir_exactly": (PINHOLE, Shot("", START, -40.0, 10.0, 88.0, 33.0, -90.0, 0.0)),
    "nadir_lens": (LENS, Shot("", START, 70.0, -15.0, 84.6, -121.4, -90.0, 0.0)),
    "nadir_nearly": (LENS, Shot("", START, 15.0, 60.0, 101.3, 211.2, -88.7, 0.6)),
    "oblique_north_east": (LENS, Shot("", START, -66.0, -90.0, 61.0, 37.5, -46.0, 0.0)),
    "oblique_south_east": (PINHOLE, Shot("", START, -120.0, 120.0, 72.5, 128.2, -52.4, -0.7)),
    "oblique_south_west": (LENS, Shot("", START, 140.0, 110.0, 66.0, -133.7, -58.0, 1.1)),
    "oblique_north_west": (PINHOLE, Shot("", START, 150.0, -140.0, 80.0, -48.9, -49.5, 0.3)),
    "oblique_due_south": (LENS, Shot("", START, -20.0, 150.0, 90.0, 180.0, -60.0, -2.0)),
}


@dataclass(frozen=True)
class Targets:
    """Where targets are on the ground (EPSG:4549, height above it) and in the picture, by the renderer."""

    xyz_m: NDArray[np.float64]
    uv: NDArray[np.float64]


def targets_of(lens: Lens, shot: Shot) -> Targets:
    """Targets over the whole frame: 48, on the flat ground and at other heights, near edges and corners too."""
    u, v = np.linspace(3.5, lens.width_px - 3.5, COLUMNS), np.linspace(3.5, lens.height_px - 3.5, ROWS)
    chosen = rays_of(np.stack(np.meshgrid(u, v), axis=-1).reshape(-1, 2), lens, shot.pose)
    heights = np.resize(HEIGHTS_M, len(chosen))
    depth = (heights - shot.z_m) / chosen[:, 2]
    local = shot.pose.centre + depth[:, None] * chosen
    local[:, 2] = heights
    return Targets(np.column_stack([grid_of(local), heights]), project(local, lens, shot.pose))


def write_one(folder: Path, name: str, lens: Lens, shot: Shot, claim: Claim) -> None:
    """Write a real JPEG and a file of targets; pixels do not matter, tags do."""
    shade = np.linspace(60, 190, lens.width_px, dtype=np.uint8)
    pixels = np.broadcast_to(shade[None, :, None], (lens.height_px, lens.width_px, 3)).copy()
    write_picture(folder / f"{name}.JPG", pixels, claim, lens, quality=60)
    targets = targets_of(lens, shot)
    known = {"xyz_m": targets.xyz_m.tolist(), "uv": targets.uv.tolist()}
    (folder / f"{name}.json").write_text(json.dumps(known))


def write_all(folder: Path) -> None:
    """Write all poses with tags that hold the true pose."""
    for name, (lens, shot) in POSES.items():
        write_one(folder, name, lens, shot, exact_claim(shot))
