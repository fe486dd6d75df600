"""From pixels to the ground along their viewing rays, and back."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from geo.camera import Camera
from geo.errors import ShapeError
from geo.lens import pixels_to_rays, rays_to_pixels
from geo.lens_doubt import add_boresight, add_fisheye_pixels, is_fisheye
from geo.march import Hits, Place, first_hits
from geo.pose import CameraPose
from geo.station import Station, station_of
from geo.terrain import Flat, Terrain
from geo.types import FloatArray, IntArray, pairs
from geo.uncertainty import PIXEL_SIGMA, ground_covariance

MAX_RANGE_M = 5000.0
HORIZON_SIGMAS = 3.0
HEIGHT_SIGMAS = 2.0
_MOST = 1_048_576  # pixels for which the ground is asked once
_CHUNK = 16384  # pixels whose arrays stay in the processor's cache


class GroundStatus(IntEnum):
    """How a pixel ended. `reason` is the stable word, None for OK."""

    OK = 0
    ABOVE_HORIZON = 1
    NEAR_HORIZON = 2  # within three standard deviations of the camera's tilt: an ellipse would mean nothing
    OFF_TERRAIN = 3
    BEYOND_RANGE = 4
    UNDER_GROUND = 5  # the camera stands no higher than the ground
    OUTSIDE_PICTURE = 6
    NOT_INVERTIBLE = 7  # the lens distortion has no inverse there
    ELLIPSE_TOO_LARGE = 8
    TOO_LOW = 9  # height over ground within two of its standard deviations: the distance could be anything

    @property
    def reason(self) -> str | None:
        """The word that goes into JSON."""
        return None if self is GroundStatus.OK else self.name.lower()


@dataclass(frozen=True)
class GroundPoints:
    """Places on the ground, one a pixel, in columns of one length. Rows that are not OK hold NaN, never a guess.

    Attributes:
        crs: metric CRS of `xy_m`.
        xy_m: (n, 2) x east, y north.
        height_m: (n,) of the ground, in the terrain's datum.
        covariance_m2: (n, 2, 2) of (x, y).
        status: (n,) `GroundStatus`.
        gsd_m: (n,) metres a pixel there, along the worse axis.
    """

    crs: str
    xy_m: FloatArray
    height_m: FloatArray
    covariance_m2: FloatArray
    status: IntArray
    gsd_m: FloatArray

    def __post_init__(self) -> None:
        """Refuse columns of different lengths.

        Raises:
            ShapeError: they differ.
        """
        n = len(self.status)
        shapes = (self.xy_m.shape, self.height_m.shape, self.covariance_m2.shape, self.gsd_m.shape)
        if shapes != ((n, 2), (n,), (n, 2, 2), (n,)):
            raise ShapeError("GroundPoints", f"columns for {n} points expected, {shapes} given")

    def __len__(self) -> int:
        """How many pixels were asked."""
        return len(self.status)

    @property
    def ok(self) -> NDArray[np.bool_]:
        """(n,) True where the pixel is on the ground."""
        return np.asarray(self.status == GroundStatus.OK)

    def reasons(self) -> list[str | None]:
        """The reason word of each row, None for OK."""
        return [GroundStatus(int(code)).reason for code in self.status]

    @classmethod
    def concat(cls, parts: list[GroundPoints]) -> GroundPoints:
        """One table from several of one CRS.

        Raises:
            ShapeError: no part, or parts of different CRS.
        """
        if len({part.crs for part in parts}) != 1:
            raise ShapeError("GroundPoints", "parts of one CRS expected")
        columns = ("xy_m", "height_m", "covariance_m2", "status", "gsd_m")
        return cls(parts[0].crs, *(np.concatenate([getattr(part, name) for part in parts]) for name in columns))


def pixel_to_ground(
    uv: FloatArray,
    camera: Camera,
    pose: CameraPose,
    terrain: Terrain,
    *,
    step_m: float | None = None,
    max_range_m: float = MAX_RANGE_M,
    pixel_sigma: float = PIXEL_SIGMA,
    max_sigma_m: float | None = None,
) -> GroundPoints:
    """Put pixels on the ground along their viewing rays.

    Args:
        uv: (n, 2) pixels; u right, v down, (0, 0) the outer corner of the top left pixel of the picture as stored.
        camera: focal length in pixels of that picture, distortion in OpenCV order.
        pose: position in metres in `pose.crs`, height in the terrain's vertical datum, yaw from **grid** north.
        terrain: flat ground, or a height model in any CRS, read in windows.
        step_m: step along the ray over a height model; whatever is narrower may be passed by. Where None the first hit
            on a raster is exact.
        max_range_m: from the camera; what is farther is BEYOND_RANGE.
        pixel_sigma: standard deviation of the pixel itself; a box around a plume is vaguer than a corner.
        max_sigma_m: a major axis beyond this is ELLIPSE_TOO_LARGE; no limit where None.

    Returns:
        n points in the order of `uv`. The first hit counts: what hides behind it is not seen.

    Raises:
        ShapeError: `uv` is not (n, 2).

    Source: collinearity, Kraus, Photogrammetry (2007), 4.1; covariance to first order, docs/ideas/uncertainty.md. The
    CRS is taken as a plane: its scale (1.0002 in Putuo) is neglected, 0.2 m in a kilometre.
    """
    pixels = pairs(uv, "uv")
    at = station_of(camera, pose)
    asked = _Question(camera, pose, at, terrain, step_m, max_range_m, pixel_sigma, max_sigma_m)
    found = _room_for(len(pixels), pose.crs)
    for first in range(0, len(pixels), _MOST):
        rows = slice(first, first + _MOST)
        _locate(pixels[rows], asked, _part(found, rows))
    return found


@dataclass(frozen=True)
class _Question:
    camera: Camera
    pose: CameraPose
    at: Station
    terrain: Terrain
    step_m: float | None
    max_range_m: float
    pixel_sigma: float
    max_sigma_m: float | None


def _room_for(n: int, crs: str) -> GroundPoints:
    return GroundPoints(
        crs, np.empty((n, 2)), np.empty(n), np.empty((n, 2, 2)), np.zeros(n, dtype=np.uint8), np.empty(n)
    )


def _part(found: GroundPoints, rows: slice) -> GroundPoints:
    """Views of some rows, to be written into."""
    return GroundPoints(
        found.crs, found.xy_m[rows], found.height_m[rows], found.covariance_m2[rows], found.status[rows],
        found.gsd_m[rows],
    )  # fmt: skip


def _locate(uv: FloatArray, asked: _Question, found: GroundPoints) -> None:
    """Rays of all pixels, then one march for all, then their doubt; in chunks that stay in the processor's cache."""
    direction = np.empty((3, len(uv))).T
    chunks = [slice(first, first + _CHUNK) for first in range(0, len(uv), _CHUNK)]
    for rows in chunks:
        direction.T[:, rows] = asked.at.turn @ pixels_to_rays(uv[rows], asked.camera).T
        found.status[rows] = _before_the_ray(uv[rows], direction[rows], asked)
    hits = _hits(direction, found.status, asked)
    for rows in chunks:
        _written(uv[rows], direction[rows], hits.part(rows), asked, _part(found, rows))


def _written(uv: FloatArray, direction: FloatArray, hits: Hits, asked: _Question, found: GroundPoints) -> None:
    """Write places and covariances of one chunk. Rows that are not OK become NaN."""
    status = np.where(found.status == GroundStatus.OK, hits.status, found.status)
    lost = status != GroundStatus.OK
    depth = hits.depth
    if lost.any():
        depth = np.where(lost, np.nan, depth)
        direction = np.where(lost[:, None], (0.0, 0.0, -1.0), direction)
    covariance, gsd = _doubt(uv, direction, depth, hits.normal, asked)
    if asked.max_sigma_m is not None:
        half = np.hypot((covariance[:, 0, 0] - covariance[:, 1, 1]) / 2, covariance[:, 0, 1])
        major = np.sqrt((covariance[:, 0, 0] + covariance[:, 1, 1]) / 2 + half)
        too_large = major > asked.max_sigma_m
        status[too_large] = GroundStatus.ELLIPSE_TOO_LARGE
        depth = np.where(too_large, np.nan, depth)
        covariance[too_large], gsd[too_large] = np.nan, np.nan
    origin = asked.at.position_m
    found.xy_m[:, 0], found.xy_m[:, 1] = origin[0] + depth * direction[:, 0], origin[1] + depth * direction[:, 1]
    found.height_m[:] = origin[2] + depth * direction[:, 2]
    found.covariance_m2[:], found.gsd_m[:], found.status[:] = covariance, gsd, status


def _doubt(
    uv: FloatArray, direction: FloatArray, depth: FloatArray, normal: FloatArray, asked: _Question
) -> tuple[FloatArray, FloatArray]:
    """Covariance (n, 2, 2) and GSD (n,) by everything that is unsure; NaN where depth is."""
    camera, pose, at = asked.camera, asked.pose, asked.at
    ground = asked.terrain.sigma_m
    if is_fisheye(camera):
        still = replace(camera, focal_sigma_fraction=0.0)
        covariance, _ = ground_covariance(direction, depth, normal, at.turn, still, pose, ground, 0.0)
        gsd = add_fisheye_pixels(covariance, uv, direction, depth, normal, camera, at, asked.pixel_sigma)
    else:
        covariance, gsd = ground_covariance(direction, depth, normal, at.turn, camera, pose, ground, asked.pixel_sigma)
    if any(camera.boresight_sigma_deg):
        add_boresight(covariance, direction, depth, normal, camera, at)
    covariance[np.isnan(depth)] = np.nan
    return covariance, gsd


def _before_the_ray(uv: FloatArray, direction: FloatArray, asked: _Question) -> IntArray:
    """What can be refused without looking at the ground."""
    camera = asked.camera
    status = np.zeros(len(uv), dtype=np.uint8)
    u, v = uv[:, 0], uv[:, 1]
    steepness = -direction[:, 2] / _lengths(direction)
    status[steepness < np.sin(np.radians(horizon_margin_deg(asked.pose, camera)))] = GroundStatus.NEAR_HORIZON
    status[steepness <= 0] = GroundStatus.ABOVE_HORIZON
    status[~np.isfinite(steepness)] = GroundStatus.NOT_INVERTIBLE
    inside = (u >= 0) & (v >= 0) & (u <= camera.width_px) & (v <= camera.height_px)
    status[~inside] = GroundStatus.OUTSIDE_PICTURE
    return status


def _lengths(direction: FloatArray) -> FloatArray:
    x, y, z = direction[:, 0], direction[:, 1], direction[:, 2]
    return np.asarray(np.sqrt(x * x + y * y + z * z))


def horizon_margin_deg(pose: CameraPose, camera: Camera | None = None) -> float:
    """How far below the horizon a ray must point: three standard deviations of the camera's tilt, its mount's too."""
    mount = 0.0 if camera is None else max(camera.boresight_sigma_deg)
    return HORIZON_SIGMAS * math.hypot(max(pose.sigma_pitch_deg, pose.sigma_roll_deg), mount)


def _hits(direction: FloatArray, status: IntArray, asked: _Question) -> Hits:
    if isinstance(asked.terrain, Flat):
        return _on_flat(direction, asked)
    return _on_model(direction, status, asked)


def _on_flat(direction: FloatArray, asked: _Question) -> Hits:
    above = asked.at.position_m[2] - asked.terrain.heights(np.zeros((1, 2)), asked.pose.crs)[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        depth = above / -direction[:, 2]
        reach = depth * _lengths(direction)
    status = np.zeros(len(direction), dtype=np.uint8)
    status[~(reach <= asked.max_range_m)] = GroundStatus.BEYOND_RANGE
    _judge_height(status, np.full(len(direction), above), asked)
    return Hits(depth, np.array([0.0, 0.0, 1.0]), status)


def _judge_height(status: IntArray, above_m: FloatArray, asked: _Question) -> IntArray:
    """Refuse where the camera is not above the ground, or so little that its height is anybody's guess."""
    sigma = np.hypot(asked.pose.sigma_height_m, asked.terrain.sigma_m)
    status[(status == GroundStatus.OK) & (above_m < HEIGHT_SIGMAS * sigma)] = GroundStatus.TOO_LOW
    status[above_m <= 0] = GroundStatus.UNDER_GROUND
    return status


def _on_model(direction: FloatArray, status: IntArray, asked: _Question) -> Hits:
    n = len(direction)
    depth, ended = np.full(n, np.nan), np.zeros(n, dtype=np.uint8)
    normal = np.zeros((3, n)).T
    normal[:, 2] = 1.0
    going = status == GroundStatus.OK
    going = slice(None) if going.all() else np.flatnonzero(going)
    if n and len(depth[going]):
        place = Place(asked.pose.crs, asked.at.position_m)
        march = first_hits(direction[going], place, asked.terrain, asked.step_m, asked.max_range_m)
        depth[going] = march.depth
        codes = (GroundStatus.OK, GroundStatus.OFF_TERRAIN, GroundStatus.BEYOND_RANGE, GroundStatus.UNDER_GROUND)
        ended[going] = np.array(codes, dtype=np.uint8)[march.outcome]
        normal[going] = march.normal
        below = depth[going] * -direction[going, 2]
        ended[going] = _judge_height(ended[going], below, asked)
    return Hits(depth, normal, ended)


def ground_to_pixel(xyz_m: FloatArray, camera: Camera, pose: CameraPose) -> FloatArray:
    """Project places into a picture.

    Args:
        xyz_m: (n, 3) x east, y north in `pose.crs`, height in the datum of `pose.height_m`.
        camera: whose picture it is.
        pose: where it stood.

    Returns:
        (n, 2) pixels in our convention; may lie outside the picture. NaN behind the camera and beyond the radius
        where the distortion folds back.

    Raises:
        ShapeError: `xyz_m` is not (n, 3).
    """
    points = np.asarray(xyz_m, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 3:
        raise ShapeError("xyz_m", f"(n, 3) expected, {points.shape} given")
    at = station_of(camera, pose)
    return rays_to_pixels((points - at.position_m) @ at.turn, camera)
