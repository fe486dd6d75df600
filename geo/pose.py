"""Where the camera stood, where it looked, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from geo.camera_height import camera_height
from geo.crs import convergence_deg, grid_yaw_deg, metric_crs_at, project, require_metric
from geo.errors import NoAttitude, NoGeoid, NoHeight, PictureCut, PictureTurned
from geo.positioning import Positioning, has_rtk, place_of, position_sigma_m, rtk_common_m
from geo.tags import Tags
from geo.terrain import Terrain
from geo.thumbnail import CUT, MIRRORED
from geo.types import FloatArray


@dataclass(frozen=True)
class SharedOfFlight:
    """Which share (0 … 1) of each variance all frames of a flight have in common, so that no averaging removes it.

    0.95 is ours: between half and all shared the fused 95 % ellipse then holds the truth in 90–99 %; the reasons stand
    in docs/ideas/uncertainty.md.
    """

    xy: float = 0.95
    height: float = 0.95
    yaw: float = 0.95
    tilt: float = 0.95


@dataclass(frozen=True)
class CameraPose:
    """Position and attitude of a camera in a metric CRS, with standard deviations.

    `height_m` is in the vertical datum of the terrain it was made with. `yaw_grid_deg` is clockwise from grid north.
    Yaw errors turn about the vertical, pitch and roll errors about the horizontal axes across and along the heading.
    `shared` is the part of these errors that the other frames of the flight have too. `joint` is there after an
    adjustment: the 8 by 8 covariance of `geo.uncertainty.POSE_ERRORS` (m, radians, shares), whose diagonal the sigmas
    and the camera's doubt then only repeat.
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
    shared: SharedOfFlight = SharedOfFlight()
    joint: tuple[tuple[float, ...], ...] | None = None

    def __post_init__(self) -> None:
        """Refuse degrees.

        Raises:
            UnknownCrs, GeographicCrs, NotMetricCrs: `crs` cannot hold metres.
        """
        require_metric(self.crs)

    def to_json(self) -> dict[str, Any]:
        """Its fields by name."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> CameraPose:
        """Back from `to_json`."""
        joint = data.get("joint")
        return cls(
            **{
                **data,
                "shared": SharedOfFlight(**data["shared"]),
                "joint": None if joint is None else tuple(tuple(float(v) for v in row) for row in joint),
            }
        )

    @property
    def position_m(self) -> FloatArray:
        """(3,) x east, y north, height."""
        return np.array([self.x_m, self.y_m, self.height_m])


@dataclass(frozen=True)
class Stand:
    """What is known of where a camera stood, in a metric CRS; sigmas are 1 σ. `height_m` None: nothing is known."""

    crs: str
    x_m: float
    y_m: float
    sigma_xy_m: float
    height_m: float | None = None
    sigma_height_m: float = 0.0


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
        PictureTurned, PictureCut: the pixels were turned or mirrored after the shot, or are a part of it.
        NoHeight: no relative altitude, and no absolute one in the terrain's datum; or no ground to stand it on.
        NoGeoid: the absolute altitude stands in another datum than the terrain, and no geoid is at hand there.
    """
    trust = positioning or Positioning()
    place = place_of(tags)
    _require_attitude(tags)
    grid = crs or metric_crs_at(place)
    xy = project([place], grid)
    height, sigma_height, own_height = camera_height(tags, terrain, trust, xy, grid)
    sigma_height = math.hypot(sigma_height, tags.height_doubt_m or 0.0)
    sigma_xy = position_sigma_m(tags, trust)
    yaw, pitch, roll = (float(a or 0.0) for a in (tags.gimbal_yaw_deg, tags.gimbal_pitch_deg, tags.gimbal_roll_deg))
    return CameraPose(
        crs=grid,
        x_m=float(xy[0, 0]),
        y_m=float(xy[0, 1]),
        height_m=height,
        yaw_grid_deg=grid_yaw_deg(yaw, convergence_deg(place, grid)),
        pitch_deg=pitch,
        roll_deg=roll,
        sigma_xy_m=sigma_xy,
        sigma_height_m=sigma_height,
        sigma_yaw_deg=math.hypot(trust.yaw_sigma_deg, tags.yaw_doubt_deg or 0.0),
        sigma_pitch_deg=math.hypot(trust.tilt_sigma_deg, tags.tilt_doubt_deg or 0.0),
        sigma_roll_deg=math.hypot(trust.tilt_sigma_deg, tags.tilt_doubt_deg or 0.0),
        shared=_shared_of(tags, trust, sigma_xy, (sigma_height, own_height)),
    )


def stand_of(tags: Tags, terrain: Terrain, positioning: Positioning | None = None, *, crs: str | None = None) -> Stand:
    """Where a picture was taken, attitude or none: what `geo.resection` starts from.

    Args:
        tags: of the picture.
        terrain: heights of the ground.
        positioning: as for `pose_of`.
        crs: a metric CRS to work in; chosen by the position where None.

    Returns:
        The stand; its height is None where no height can be tied to the ground.

    Raises:
        NoPosition: no believable longitude and latitude.
        PictureTurned, PictureCut: the pixels were turned after the shot or are a part of it, so that the lens is no
            longer where it is taken to be.
    """
    trust = positioning or Positioning()
    place = place_of(tags)
    _require_unturned(tags, tags.model or "picture")
    grid = crs or metric_crs_at(place)
    xy = project([place], grid)
    x, y = map(float, xy[0])
    try:
        height, sigma, _ = camera_height(tags, terrain, trust, xy, grid)
    except (NoHeight, NoGeoid):
        return Stand(grid, x, y, position_sigma_m(tags, trust))
    return Stand(grid, x, y, position_sigma_m(tags, trust), height, math.hypot(sigma, tags.height_doubt_m or 0.0))


def _shared_of(tags: Tags, trust: Positioning, sigma_xy_m: float, height_m: tuple[float, float]) -> SharedOfFlight:
    """What the frames of one flight err by together: the correction service's frame and the barometer's bias wholly."""
    share = trust.shared_fraction
    xy = rtk_common_m(tags, trust) ** 2 / max(sigma_xy_m**2, 1e-12) if has_rtk(tags) else share
    sigma, own = height_m
    height = 1.0 - min(own**2 / max(sigma**2, 1e-12), 1.0)
    return SharedOfFlight(xy=min(xy, 1.0), height=height, yaw=share, tilt=share)


def _require_attitude(tags: Tags) -> None:
    where = tags.model or "picture"
    angles = (tags.gimbal_yaw_deg, tags.gimbal_pitch_deg, tags.gimbal_roll_deg)
    if None in angles:
        missing = [name for name, angle in zip(("yaw", "pitch", "roll"), angles, strict=True) if angle is None]
        raise NoAttitude(where, "; ".join([f"no gimbal {', '.join(missing)}", *_why_none(tags)]))
    if angles == (0.0, 0.0, 0.0):
        raise NoAttitude(where, "gimbal yaw, pitch and roll are all exactly 0, as cameras write that do not know")
    _require_unturned(tags, where)


def _why_none(tags: Tags) -> list[str]:
    """Who made the camera, and which of its angles were read and not used."""
    made = [f"maker {tags.make}"] if tags.make else []
    return made + [word for word in tags.warnings if "angles" in word]


def _require_unturned(tags: Tags, where: str) -> None:
    if tags.altered == CUT:
        raise PictureCut(where, "the file's own preview shows more than the picture")
    if tags.altered == MIRRORED:
        raise PictureTurned(where, f"mirrored, and turned by {tags.turned_deg}°, against the file's own preview")
    if tags.turned_deg:
        raise PictureTurned(
            where, f"turned by {tags.turned_deg}° clockwise against the file's own preview or its neighbours"
        )
    taken = (tags.exif_width_px, tags.exif_height_px)
    if tags.calibrated_cx_px and tags.calibrated_cy_px:
        taken = (round(2 * tags.calibrated_cx_px), round(2 * tags.calibrated_cy_px))
    stored = f"stored {tags.width_px} x {tags.height_px}"
    if taken[0] and taken[1] and (taken[0] - taken[1]) * (tags.width_px - tags.height_px) < 0:
        raise PictureTurned(where, f"taken {taken[0]} x {taken[1]}, {stored}")
    # Every camera here is wider than high; one that was itself turned upright says so in its roll.
    if tags.angles_from and tags.height_px > 1.05 * tags.width_px and abs(abs(tags.gimbal_roll_deg or 0.0) - 90) > 45:
        raise PictureTurned(where, f"{stored}, upright, while the gimbal's roll is {tags.gimbal_roll_deg:.1f}°")
