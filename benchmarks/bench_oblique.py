"""Oblique RTK pictures over made ground: how far off, flat and with a height model, beside a plain method.

    python -m benchmarks.bench_oblique [PICTURES]

The ground, the pictures' targets and the truth are OpenCV's and PROJ's (tests/geo/oblique.py). The plain method is a
pinhole without distortion on flat ground at the relative altitude. What is left with the true angles, and with the true
angles and height, says what the rest of the chain (lens, ray, model, datum, convergence) adds: the angles' own noise is
1° of yaw, 0.3° of pitch, 0.2° of roll.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pyproj

from geo.camera import camera_of
from geo.crs import project
from geo.ground import pixel_to_ground
from geo.pose import pose_of
from geo.tags import Tags, tags_of
from geo.terrain import Dem, Terrain, flat
from geo.types import FloatArray
from tests.geo.oblique import CALIBRATED, FULL, Ground, Shot, World, shoot
from tests.geo.pictures import world_from_camera

EUROPE = {"crs": "EPSG:25832", "lon": 8.55, "lat": 50.1, "geoid_m": 47.9}
CHINA = {"crs": "EPSG:4549", "lon": 121.4, "lat": 31.25, "geoid_m": 10.85}
PLAIN = {"ground_m": 2.5, "hills_m": 1.0}
WORLDS = {
    "hills of 25 m, Europe, levelled model": World(**EUROPE, levelled=True, declared=None),
    "hills of 25 m, Shanghai's geoid, levelled": World(**CHINA, levelled=True, declared=None),
    "plain of 1 m, Europe, levelled model": World(**EUROPE, levelled=True, declared=None, **PLAIN),
    "plain of 1 m, Shanghai, levelled": World(**CHINA, levelled=True, declared=None, **PLAIN),
    "plain of 1 m, Shanghai, above the ellipsoid": World(**CHINA, levelled=False, declared=None, **PLAIN),
    "plain of 1 m, a base 25 m too high": World(**EUROPE, levelled=True, declared=None, base_error_m=25.0, **PLAIN),
    "plain of 1 m, a base 25 m too low": World(**EUROPE, levelled=True, declared=None, base_error_m=-25.0, **PLAIN),
    "hills of 25 m, a base 25 m too high": World(**EUROPE, levelled=True, declared=None, base_error_m=25.0),
}
PITCHES = (-60.0, -45.0)


@dataclass
class Found:
    """Metres off, and whether the 95 % ellipse held, of all targets."""

    off: list[float] = field(default_factory=list)
    held: list[bool] = field(default_factory=list)

    def add(self, shot: Shot, tags: Tags, terrain: Terrain, world: World, *, true: str = "") -> None:
        """One picture, located by its tags on this ground; with what is `true` in their place."""
        pose = pose_of(tags, terrain)
        if "angles" in true:
            yaw, pitch, roll = shot.angles
            pose = replace(pose, yaw_grid_deg=yaw, pitch_deg=pitch, roll_deg=roll)
        if "height" in true:
            pose = replace(pose, height_m=shot.height_m)
        points = pixel_to_ground(shot.uv, camera_of(tags), pose, terrain)
        back = pyproj.Transformer.from_crs(world.crs, "EPSG:4326", always_xy=True)
        miss = (points.xy_m - project(np.column_stack(back.transform(*shot.xy.T)), pose.crs))[points.ok]
        inner = np.linalg.inv(points.covariance_m2[points.ok])
        self.off += np.hypot(*miss.T).tolist()
        self.held += (np.einsum("ni,nij,nj->n", miss, inner, miss) < 5.9915).tolist()

    def said(self) -> str:
        """Median and share held."""
        return f"{np.median(self.off):5.1f} m {100 * np.mean(self.held):4.0f} %"


def plainly(shot: Shot, tags: Tags, world: World) -> FloatArray:
    """(n,) metres off by the plain method."""
    x, y = pyproj.Transformer.from_crs("EPSG:4326", world.crs, always_xy=True).transform(tags.lon, tags.lat)
    turn = world_from_camera(tags.gimbal_yaw_deg or 0.0, tags.gimbal_pitch_deg or 0.0, tags.gimbal_roll_deg or 0.0)
    middle, focal = np.array([tags.width_px, tags.height_px]) / 2.0, CALIBRATED * tags.width_px / FULL[0]
    rays = np.column_stack([(shot.uv - middle) / focal, np.ones(len(shot.uv))]) @ turn.T
    places = np.array([x, y]) - rays[:, :2] * ((tags.relative_altitude_m or 0.0) / rays[:, 2])[:, None]
    return np.hypot(*(places - shot.xy).T)


def measured(world: World, pitch: float, pictures: int) -> str:
    """One line: with the model, flat, and the plain method."""
    ground, rng = Ground(world, 3), np.random.default_rng(5)
    over, level, plain = Found(), Found(), []
    angles, whole = Found(), Found()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dsm.tif"
        ground.write(path)
        model = Dem.open(path)
        for _ in range(pictures):
            shot = shoot(ground, rng, reduced=24, pitch=pitch)
            tags = tags_of(shot.data, "made.jpg")
            over.add(shot, tags, model, world)
            angles.add(shot, tags, model, world, true="angles")
            whole.add(shot, tags, model, world, true="angles, height")
            level.add(shot, tags, flat(), world)
            plain += plainly(shot, tags, world).tolist()
    left = f"{np.median(angles.off):5.1f} m {np.median(whole.off):5.2f} m"
    return f"{pitch:5.0f}°   {over.said()}   {left}   {level.said()}   {np.median(plain):5.1f} m"


def main(words: list[str]) -> None:
    """Print a table."""
    pictures = int(words[0]) if words else 20
    width = max(map(len, WORLDS))
    print(f"{'':{width}}   pitch    with a model     true: angles, height   flat          plain, flat")
    for name, world in WORLDS.items():
        for pitch in PITCHES:
            print(f"{name:{width}}   {measured(world, pitch, pictures)}")


if __name__ == "__main__":
    main(sys.argv[1:])
