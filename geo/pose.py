"""Where the camera stood, where it looked, and how sure that is."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from geo.crs import convergence_deg, grid_yaw_deg, metric_crs_at, project, require_metric
from geo.errors import NoAttitude, NoHeight, NoPosition, PictureTurned
from geo.tags import Tags
from geo.terrain import Terrain
from geo.types import FloatArray, LonLat

RTK_FIXED = 50


@dataclass(frozen=True)
class CameraPose:
    """Position and attitude of a camera in a metric CRS, with standard deviations.

    `height_m` is in the vertical datum of the terrain it was made with. `yaw_grid_deg` is clockwise from grid north.
    Yaw errors turn about the vertical, pitch and roll errors about the horizontal axes across and along the heading.
    """

    crs: str
    x_m: float
    y_m: float
    height_m: float
    yaw_grid_deg: float
    pitch_deg: float
    roll_deg: float
    sigma_xy_m: float = 0.0  # of each of x and y
    sigma_height_m: float = 0.0
    sigma_yaw_deg: float = 0.0
    sigma_pitch_deg: float = 0.0
    sigma_roll_deg: float = 0.0

    def __post_init__(self) -> None:
        """Refuse degrees.

        Raises:
            UnknownCrs, GeographicCrs, NotMetricCrs: `crs` cannot hold metres.
        """
        require_metric(self.crs)

    @property
    def position_m(self) -> FloatArray:
        """(3,) x east, y north, height."""
        return np.array([self.x_m, self.y_m, self.height_m])


@dataclass(frozen=True)
class Positioning:
    """How far positions and angles are believed, and how heights are tied to the ground. Sigmas are 1 σ.

    Each figure with its reason: docs/ideas/uncertainty.md.
    """

    gnss_sigma_m: float = (
        2.0  # each of x, y; US SPS standard promises 8 m (95 %), makers hover within 1.5 m; ours between
    )
    rtk_sigma_m: float = 0.02  # fixed, where the file gives no deviation; ours
    rtk_frame_sigma_m: float = 1.0  # frame of the correction service unknown: plate motion since 2000 (CRS.md)
    baro_fraction: float = 0.065  # relative altitude overstates by 3–10 % (SOURCES.md): that bias, not corrected, as σ
    baro_sigma_m: float = 1.0  # drift since take-off; ours
    yaw_sigma_deg: float = 2.5  # magnetic compass; ours, against the Brighton tie points
    tilt_sigma_deg: float = 1.0  # gimbal levelling, pitch and roll; ours
    height_from: str = "relative"  # 'absolute' only where it is known to stand in the terrain's vertical datum
    absolute_sigma_m: float = 4.0  # of an absolute height without RTK; ours: vertical GNSS is worse than horizontal
    takeoff_height_m: float | None = None  # ground at the take-off point, in the terrain's datum
    takeoff: LonLat | None = None  # or where it lies; else the ground beneath the camera stands for it
    relief_radius_m: float = 300.0  # then the spread of the ground within this radius is added


def pose_of(
    tags: Tags, terrain: Terrain, positioning: Positioning | None = None, *, crs: str | None = None
) -> CameraPose:
    """Make a pose from what a picture says of itself.

    Args:
        tags: of the picture.
        terrain: heights of the ground; the pose's height is in its vertical datum.
        positioning: standard deviations and how heights are tied; the defaults where None.
        crs: a metric CRS to work in; chosen by the position where None.

    Returns:
        The pose. Yaw against true north becomes yaw against grid north here.

    Raises:
        NoPosition: no believable longitude and latitude.
        NoAttitude: gimbal yaw, pitch or roll is missing, or all three are exactly 0 as cameras write that do not know.
            Looking straight down is never assumed, nor are the aircraft's angles taken for the camera's.
        PictureTurned: the pixels lie across the picture that the camera took.
        NoHeight: no relative altitude, and no absolute one in the terrain's datum; or no ground to stand it on.
    """
    trust = positioning or Positioning()
    if tags.lon is None or tags.lat is None:
        raise NoPosition(tags.model or "picture", ", ".join(tags.warnings))
    _require_attitude(tags)
    place = LonLat(tags.lon, tags.lat)
    grid = crs or metric_crs_at(place)
    xy = project([place], grid)
    height, sigma_height = _height(tags, terrain, trust, xy, grid)
    yaw, pitch, roll = (float(a or 0.0) for a in (tags.gimbal_yaw_deg, tags.gimbal_pitch_deg, tags.gimbal_roll_deg))
    return CameraPose(
        crs=grid,
        x_m=float(xy[0, 0]),
        y_m=float(xy[0, 1]),
        height_m=height,
        yaw_grid_deg=grid_yaw_deg(yaw, convergence_deg(place, grid)),
        pitch_deg=pitch,
        roll_deg=roll,
        sigma_xy_m=_sigma_xy_m(tags, trust),
        sigma_height_m=sigma_height,
        sigma_yaw_deg=trust.yaw_sigma_deg,
        sigma_pitch_deg=trust.tilt_sigma_deg,
        sigma_roll_deg=trust.tilt_sigma_deg,
    )


def _require_attitude(tags: Tags) -> None:
    where = tags.model or "picture"
    angles = (tags.gimbal_yaw_deg, tags.gimbal_pitch_deg, tags.gimbal_roll_deg)
    if None in angles:
        missing = [name for name, angle in zip(("yaw", "pitch", "roll"), angles, strict=True) if angle is None]
        raise NoAttitude(where, f"no gimbal {', '.join(missing)}")
    if angles == (0.0, 0.0, 0.0):
        raise NoAttitude(where, "gimbal yaw, pitch and roll are all exactly 0, as cameras write that do not know")
    taken = (tags.exif_width_px, tags.exif_height_px)
    if tags.calibrated_cx_px and tags.calibrated_cy_px:
        taken = (round(2 * tags.calibrated_cx_px), round(2 * tags.calibrated_cy_px))
    if taken[0] and taken[1] and (taken[0] - taken[1]) * (tags.width_px - tags.height_px) < 0:
        raise PictureTurned(where, f"taken {taken[0]} x {taken[1]}, stored {tags.width_px} x {tags.height_px}")


def _sigma_xy_m(tags: Tags, trust: Positioning) -> float:
    if tags.rtk_flag != RTK_FIXED:
        return trust.gnss_sigma_m
    written = [std for std in (tags.rtk_std_lon_m, tags.rtk_std_lat_m) if std is not None]
    return math.hypot(max(written, default=trust.rtk_sigma_m), trust.rtk_frame_sigma_m)


def _height(tags: Tags, terrain: Terrain, trust: Positioning, xy: FloatArray, crs: str) -> tuple[float, float]:
    """Height of the camera in the terrain's datum, and its standard deviation."""
    where = tags.model or "picture"
    if trust.height_from == "absolute":
        if tags.absolute_altitude_m is None:
            raise NoHeight(where, "no absolute altitude")
        rtk = tags.rtk_std_height_m if tags.rtk_flag == RTK_FIXED else None
        return tags.absolute_altitude_m, trust.absolute_sigma_m if rtk is None else rtk
    if tags.relative_altitude_m is None:
        seen = "an absolute altitude of undeclared datum" if tags.absolute_altitude_m or tags.gps_altitude_m else "none"
        raise NoHeight(where, f"no relative altitude; {seen}")
    ground, spread = _takeoff_ground(terrain, trust, xy, crs)
    if not math.isfinite(ground):
        raise NoHeight(where, "the terrain has no height at the take-off point")
    sigma = math.hypot(trust.baro_sigma_m, trust.baro_fraction * abs(tags.relative_altitude_m), spread)
    return ground + tags.relative_altitude_m, sigma


def _takeoff_ground(terrain: Terrain, trust: Positioning, xy: FloatArray, crs: str) -> tuple[float, float]:
    """Height of the ground at the take-off point, and how unsure it is.

    Where the take-off point is unknown the ground beneath the camera stands for it, and the spread of the ground
    around is the doubt.
    """
    if trust.takeoff_height_m is not None:
        return trust.takeoff_height_m, 0.0
    if trust.takeoff is not None:
        return float(terrain.heights(project([trust.takeoff], crs), crs)[0]), 0.0
    turns = np.linspace(0.0, 2.0 * np.pi, 16, endpoint=False)
    rings = [
        np.column_stack([np.sin(turns), np.cos(turns)]) * trust.relief_radius_m * share for share in (1 / 3, 2 / 3, 1.0)
    ]
    heights = terrain.heights(np.vstack([xy, *(xy + ring for ring in rings)]), crs)
    around = heights[np.isfinite(heights)]
    if not np.isfinite(heights[0]):
        return math.nan, 0.0
    return float(heights[0]), float(np.sqrt(np.mean((around - heights[0]) ** 2)))
