"""Oblique pictures with fixed corrections over a made height model: what is true is projected by OpenCV and PROJ alone.

Nothing of `geo` is used here. The model is written in a projected CRS, with hills, houses and a wall; places are picked
on it that the camera really sees. The file holds what a Phantom 4 RTK writes, its height above the ellipsoid.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pyproj
import rasterio
from rasterio.transform import from_origin

from tests.geo.pictures import gps_at, jpeg, world_from_camera, xmp_packet

FULL = (5472, 3648)
FX, FY, CX, CY = 3684.48, 3677.57, 2.24, 22.05  # a published Phantom 4 RTK: agisoft.com/forum, topic 10220
BENT = (-0.263482, 0.106788, 3.71107e-05, -0.000327247, -0.0300783)
CALIBRATED = 3666.666504
SIDE_M = 700


@dataclass(frozen=True)
class World:
    """Where it lies, how high the geoid is there (m above the ellipsoid), and what the model's heights are above."""

    crs: str
    lon: float
    lat: float
    geoid_m: float
    levelled: bool
    declared: str | None  # CRS that the model's file states
    base_error_m: float = 0.0  # the station's height, where nobody surveyed it
    ground_m: float = 60.0  # above the geoid, about
    hills_m: float = 25.0


class Ground:
    """Hills, houses, a wall; 1-m cells. Heights are above the ellipsoid."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, rng = world, np.random.default_rng(seed)
        to_grid = pyproj.Transformer.from_crs("EPSG:4326", world.crs, always_xy=True)
        self.x0, self.y0 = (round(v) for v in to_grid.transform(world.lon, world.lat))
        y, x = np.mgrid[0:SIDE_M, 0:SIDE_M].astype(float)
        land = 12 * np.sin(x / 110) + 9 * np.cos(y / 140) + 4 * np.sin((x + y) / 37)
        land = world.ground_m + land * world.hills_m / 25.0
        for _ in range(60):
            i, j = rng.integers(20, SIDE_M - 40, 2)
            high, wide = rng.uniform(4, 14), rng.integers(8, 22, 2)
            land[i : i + wide[0], j : j + wide[1]] = land[i : i + wide[0], j : j + wide[1]].max() + high
        self.cells = land + world.geoid_m

    def write(self, path: Path) -> None:
        """As a tiled GeoTIFF in the datum that the world says."""
        heights = self.cells - (self.world.geoid_m if self.world.levelled else 0.0)
        half = SIDE_M / 2
        with rasterio.open(
            path, "w", driver="COG", width=SIDE_M, height=SIDE_M, count=1, dtype="float32", nodata=-9999.0,
            crs=self.world.declared or self.world.crs, transform=from_origin(self.x0 - half, self.y0 + half, 1, 1),
        ) as out:  # fmt: skip
            out.write(heights.astype(np.float32), 1)

    def at(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Bilinear between cell centres; NaN outside."""
        half = SIDE_M / 2
        column, row = x - (self.x0 - half) - 0.5, (self.y0 + half) - y - 0.5
        inside = (column >= 0) & (row >= 0) & (column < SIDE_M - 1) & (row < SIDE_M - 1)
        i, j = np.where(inside, row, 0).astype(int), np.where(inside, column, 0).astype(int)
        down, right, cells = row - i, column - j, self.cells
        upper = cells[i, j] * (1 - right) + cells[i, j + 1] * right
        lower = cells[i + 1, j] * (1 - right) + cells[i + 1, j + 1] * right
        return np.where(inside, upper * (1 - down) + lower * down, np.nan)


@dataclass(frozen=True)
class Shot:
    """A picture's bytes, its targets' pixels (n, 2), and where they truly are: (n, 2) metres in the world's CRS.

    `angles`, `height_m`: the camera's true yaw (from the world's grid north), pitch, roll, and height as the model's.
    """

    data: bytes
    uv: np.ndarray
    xy: np.ndarray
    angles: tuple[float, float, float]
    height_m: float


def shoot(
    ground: Ground, rng: np.random.Generator, *, pitch: float = -45.0, reduced: int = 4, rtk: bool = True
) -> Shot:
    """Fly at about 90 m, look obliquely, with the errors of a gimbal and of a compass, and pick what is seen."""
    world = ground.world
    back = pyproj.Transformer.from_crs(world.crs, "EPSG:4326", always_xy=True)
    yaw = rng.uniform(0, 360)
    towards = np.array([np.sin(np.radians(yaw)), np.cos(np.radians(yaw))])
    x, y = np.array([ground.x0, ground.y0]) - 110 * towards + rng.uniform(-60, 60, 2)
    beneath = float(ground.at(np.array([x]), np.array([y]))[0])
    start = float(ground.at(np.array([ground.x0 + 40.0]), np.array([ground.y0 - 60.0]))[0])
    height = beneath + rng.uniform(75, 105)
    lon, lat = back.transform(x, y)
    gamma = pyproj.Proj(world.crs).get_factors(lon, lat).meridian_convergence
    truth = world_from_camera(yaw, pitch, 0.0)
    uv, xyz = _targets(ground, rng, (x, y, height), truth)
    said = _said(world, height, height - start, rng.uniform(0.0, 0.05), (lon, lat), rng)
    said |= _angles(yaw + gamma + rng.normal(0, 1.0), pitch + rng.normal(0, 0.3), rng)
    data = _jpeg(said | RTK if rtk else said, lon, lat, reduced)
    in_model = height - (world.geoid_m if world.levelled else 0.0)
    return Shot(data, uv / reduced, xyz[:, :2], (yaw, pitch, 0.0), in_model)


RTK = {"RtkFlag": "50", "RtkStdLon": "0.01274", "RtkStdLat": "0.01122", "RtkStdHgt": "0.02394"}


def _said(
    world: World, height: float, above: float, overstated: float, place: tuple[float, float], rng: np.random.Generator
) -> dict[str, str]:
    """What the file holds but for its angles: the receiver's height within 2 cm of its base's, the barometer's not."""
    return {
        "AbsoluteAltitude": f"{height + world.base_error_m + rng.normal(0, 0.02):+.2f}",
        "RelativeAltitude": f"{above * (1 + overstated) + rng.normal(0, 0.5):+.2f}",
        "GpsLatitude": f"{place[1]:.8f}", "GpsLongtitude": f"{place[0]:.8f}",
        "CalibratedFocalLength": f"{CALIBRATED:.6f}", "CalibratedOpticalCenterX": f"{FULL[0] / 2:.6f}",
        "CalibratedOpticalCenterY": f"{FULL[1] / 2:.6f}",
        "DewarpData": f" 2018-09-06;{FX},{FY},{CX},{CY}," + ",".join(f"{k:.12f}" for k in BENT), "DewarpFlag": "0",
    }  # fmt: skip


def _angles(yaw: float, pitch: float, rng: np.random.Generator) -> dict[str, str]:
    return {
        "GimbalYawDegree": f"{yaw:+.2f}", "GimbalPitchDegree": f"{pitch:+.2f}",
        "GimbalRollDegree": f"{rng.normal(0, 0.2):+.2f}",
    }  # fmt: skip


def _jpeg(said: dict[str, str], lon: float, lat: float, reduced: int) -> bytes:
    size = (FULL[0] // reduced, FULL[1] // reduced)
    exif, details = {0x010F: "DJI", 0x0110: "FC6310R"}, {0x920A: 8.8, 0xA405: 24}
    return jpeg(xmp_packet(said), size=size, exif=exif, details=details, gps=gps_at(lon, lat))


@dataclass(frozen=True)
class Flown:
    """A flight of one barometer and one compass: tags of each picture as bytes, and what each truly sees."""

    data: list[bytes]
    eyes: np.ndarray  # (n, 3)
    turns: np.ndarray  # (n, 3, 3), camera axes to the world's

    def seen(self, ground: Ground, xyz: np.ndarray, at: int, reduced: int) -> tuple[np.ndarray, np.ndarray]:
        """Pixels (m, 2) of places in picture `at`, and whether they are seen there."""
        uv, inside = _projected(xyz, self.eyes[at], self.turns[at])
        rows = np.flatnonzero(inside)
        inside[rows] &= _unhidden(ground, xyz[rows], self.eyes[at])
        return uv / reduced, inside


def fly(ground: Ground, rng: np.random.Generator, *, pitch: float = -60.0, reduced: int = 4) -> Flown:
    """Four lines of three pictures each, looking north-east and south-west, at one height above take-off."""
    world = ground.world
    back = pyproj.Transformer.from_crs(world.crs, "EPSG:4326", always_xy=True)
    start = float(ground.at(np.array([ground.x0 + 40.0]), np.array([ground.y0 - 60.0]))[0])
    overstated, off = rng.uniform(0.0, 0.05), rng.normal(0, 1.0)
    data, eyes, turns = [], [], []
    for line in range(4):
        for step in range(3):
            yaw = 45.0 + 180.0 * (line % 2)
            x, y = ground.x0 - 60.0 + 40.0 * line, ground.y0 - 40.0 + 40.0 * step
            height = start + 95.0 + rng.normal(0, 0.5)
            lon, lat = back.transform(x, y)
            gamma = pyproj.Proj(world.crs).get_factors(lon, lat).meridian_convergence
            turns.append(world_from_camera(yaw, pitch, 0.0))
            eyes.append((x, y, height))
            said = _said(world, height, height - start, overstated, (lon, lat), rng)
            said |= _angles(yaw + gamma + off + rng.normal(0, 0.3), pitch + rng.normal(0, 0.3), rng)
            data.append(_jpeg(said | RTK, lon, lat, reduced))
    return Flown(data, np.array(eyes), np.array(turns))


def _targets(ground: Ground, rng: np.random.Generator, eye: tuple, turn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Places on the model that are in the picture and not hidden: a line to the eye stays above the ground."""
    eye = np.array(eye)
    half = SIDE_M / 2 - 20
    xy = np.array([ground.x0, ground.y0]) + rng.uniform(-half, half, (3000, 2))
    xyz = np.column_stack([xy, ground.at(xy[:, 0], xy[:, 1])])
    uv, inside = _projected(xyz, eye, turn)
    uv, xyz = uv[inside], xyz[inside]
    seen = np.flatnonzero(_unhidden(ground, xyz, eye))[:12]
    return uv[seen], xyz[seen]


def _projected(xyz: np.ndarray, eye: np.ndarray, turn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pixels of the full picture by OpenCV, and whether they lie in it."""
    inner = (xyz - eye) @ turn  # right, down, forward
    ahead = inner[:, 2] > 20
    inner = np.where(ahead[:, None], inner, [0.0, 0.0, 1.0])
    matrix = np.array([[FX, 0, FULL[0] / 2 + CX - 0.5], [0, FY, FULL[1] / 2 + CY - 0.5], [0, 0, 1]])
    uv = cv2.projectPoints(inner, np.zeros(3), np.zeros(3), matrix, np.array(BENT))[0].reshape(-1, 2) + 0.5
    wide = np.hypot(*(inner[:, :2] / inner[:, 2:]).T) < 0.95
    return uv, ahead & wide & (uv > 0).all(axis=1) & (uv < FULL).all(axis=1)


def _unhidden(ground: Ground, xyz: np.ndarray, eye: np.ndarray) -> np.ndarray:
    """A line to the eye stays above the ground."""
    share = np.linspace(0.02, 0.995, 240)
    lines = xyz[:, None, :] + share[None, :, None] * (eye - xyz)[:, None, :]
    above = lines[..., 2] - ground.at(lines[..., 0].ravel(), lines[..., 1].ravel()).reshape(lines.shape[:2])
    return (above > 0.3).all(axis=1)
