"""Attitude for pictures that hold none: matched to an orthophoto, or to located pictures of the same ground."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from geo.camera import Camera, from_opencv
from geo.errors import NoAttitude
from geo.ground import pixel_to_ground
from geo.ortho import OrthoWindow, own_cell_m, read_window
from geo.pose import CameraPose, Stand
from geo.resection import KnownPlaces, Resected, resect
from geo.terrain import Terrain
from geo.tie_points import Features, features_of, match
from geo.types import AnyArray, FloatArray

ORTHO_SIGMA_M = 2.0
"""By how much an orthophoto lies off as a whole, where nobody says: one made of GNSS positions; ours."""
GUESSED_HEIGHT_M = 120.0
"""For the size of the window alone, where no height is known; the answer does not rest on it."""
REACH_OF_HEIGHT = 2.5
"""Ground within so many heights of the camera is looked at; what an oblique view shows beyond is too small to match."""
ORTHO_FEATURES = 8_000
TILTED_SIDE_PX, TILTED_FEATURES, TILTS = 1000, 1500, 3


def attitude_by_ortho(
    grey: AnyArray,
    camera: Camera,
    stand: Stand,
    ortho: Path,
    terrain: Terrain,
    *,
    ortho_sigma_m: float = ORTHO_SIGMA_M,
) -> Resected:
    """Find where a picture looked by an orthophoto of the ground around it.

    Args:
        grey: (height, width) uint8, the picture as stored.
        camera: of it.
        stand: where it stood, as far as the file says.
        ortho: a raster with a coordinate system, best a COG.
        terrain: the ground; heights of the matched places are taken from it.
        ortho_sigma_m: by how much the orthophoto may lie off as a whole, each of x and y, 1 σ.

    Raises:
        NoAttitude: the orthophoto holds nothing there, or what `geo.resection.resect` says.
        NotAMapRaster: the file is no orthophoto.
    """
    window = _window(camera, stand, ortho, terrain)
    if window is None:
        raise NoAttitude("picture", f"{ortho.name} holds nothing around the picture's place")
    held = _features_in(window)
    xy = window.places(held.uv)
    places = np.column_stack([xy, terrain.heights(xy, stand.crs)])
    sigma = max(window.cell_m * held.scale, terrain.sigma_m / 2)
    return _found(grey, camera, stand, held, places, terrain, Places(sigma, ortho_sigma_m, ortho.name))


def attitude_by_picture(
    grey: AnyArray,
    camera: Camera,
    stand: Stand,
    other: AnyArray,
    other_camera: Camera,
    other_pose: CameraPose,
    terrain: Terrain,
    *,
    source: str = "the located picture",
) -> Resected:
    """Find where a picture looked by another one of the same ground whose pose is known.

    Args:
        grey: (height, width) uint8, the picture as stored.
        camera: of it.
        stand: where it stood; in the CRS of the other picture's pose.
        other: (height, width) uint8, the located picture.
        other_camera: of the located picture.
        other_pose: of the located picture.
        terrain: the ground.
        source: what to call the located picture.

    Raises:
        NoAttitude: what `geo.resection.resect` says, or the other picture sees no ground there.
    """
    held = features_of(other)
    ground = pixel_to_ground(held.uv, other_camera, other_pose, terrain)
    if not ground.ok.any():
        raise NoAttitude("picture", f"{source} sees no ground there")
    seen = Features(held.uv[ground.ok], held.words[ground.ok], held.scale)
    xyz = np.column_stack([ground.xy_m, ground.height_m])[ground.ok]
    off = float(np.sqrt(np.median(ground.covariance_m2[ground.ok][:, [0, 1], [0, 1]].mean(axis=1))))
    sigma = max(_gsd(other_camera, other_pose, xyz), 0.02)
    return _found(grey, camera, stand, seen, xyz, terrain, Places(sigma, off, source))


class Places(NamedTuple):
    """How sure matched places are: each by itself, all together, and what they are taken from."""

    sigma_m: float
    common_sigma_m: float
    source: str


def _found(
    grey: AnyArray, camera: Camera, stand: Stand, held: Features, xyz: FloatArray, terrain: Terrain, sure: Places
) -> Resected:
    """Match and resect: the picture as it is seen, and where that does not do, as it would look from elsewhere."""
    last = NoAttitude("picture", f"nothing in the picture matches {sure.source}")
    for features in (features_of, tilted_features_of):
        seen = features(grey)
        rows = match(seen, held)
        if not len(rows):
            continue
        known = KnownPlaces(
            seen.uv[rows[:, 0]], xyz[rows[:, 1]], seen.scale, sure.sigma_m, sure.common_sigma_m, sure.source
        )
        try:
            return resect(camera, stand, known, terrain)
        except NoAttitude as error:
            last = error
    raise last


def tilted_features_of(grey: AnyArray) -> Features:
    """Features of a picture and of what it would look like from the side: an oblique view and a map share few others.

    Args:
        grey: (height, width) uint8.

    Returns:
        Features in pixels of the picture as stored.

    Source: ASIFT, Morel and Yu (2009), SIAM J. Imaging Sci. 2(2), as in OpenCV.
    """
    scale = max(1.0, max(grey.shape) / TILTED_SIDE_PX)
    small = cv2.resize(grey, None, fx=1 / scale, fy=1 / scale, interpolation=cv2.INTER_AREA) if scale > 1 else grey
    finder = cv2.AffineFeature.create(cv2.SIFT.create(TILTED_FEATURES), maxTilt=TILTS)
    spots, words = finder.detectAndCompute(np.ascontiguousarray(small), None)
    if words is None:
        return Features(np.empty((0, 2)), np.empty((0, 128), np.float32), scale)
    factor = np.array([grey.shape[1] / small.shape[1], grey.shape[0] / small.shape[0]])
    uv = from_opencv(np.array([spot.pt for spot in spots], dtype=np.float64)) * factor
    return Features(uv, np.asarray(words, dtype=np.float32), scale)


def _window(camera: Camera, stand: Stand, ortho: Path, terrain: Terrain) -> OrthoWindow | None:
    """As much of the orthophoto as the picture may show, at about the size at which its features are sought."""
    ground = float(terrain.heights(np.array([[stand.x_m, stand.y_m]]), stand.crs)[0])
    above = GUESSED_HEIGHT_M if stand.height_m is None or not np.isfinite(ground) else stand.height_m - ground
    above = max(above, 5.0)
    gsd = above / camera.fx_px * (0.5 if stand.height_m is None else 1.0)
    wanted = gsd * max(1.0, max(camera.width_px, camera.height_px) / 1600)
    half_view = above * max(camera.width_px, camera.height_px) / (2 * camera.fx_px)
    radius = min(max(REACH_OF_HEIGHT * above, 1.5 * half_view), 6 * above) + 2 * stand.sigma_xy_m
    cell = max(own_cell_m(ortho, stand.crs), wanted)
    return read_window(ortho, stand.crs, (stand.x_m, stand.y_m), radius, cell)


def _features_in(window: OrthoWindow) -> Features:
    found = features_of(window.grey, long_side_px=max(window.grey.shape), most=ORTHO_FEATURES)
    held = window.holds(found.uv)
    return Features(found.uv[held], found.words[held], found.scale)


def _gsd(camera: Camera, pose: CameraPose, xyz: FloatArray) -> float:
    """Metres of ground a pixel at the size at which features are sought, about."""
    away = float(np.median(np.linalg.norm(xyz - pose.position_m, axis=1)))
    return away / camera.fx_px * max(1.0, max(camera.width_px, camera.height_px) / 1600)
