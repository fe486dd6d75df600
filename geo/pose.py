"""Where the camera stood, where it looked, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from geo.crs import convergence_deg, grid_yaw_deg, metric_crs_at, project, require_metric
from geo.errors import NoAttitude, NoGeoid, NoHeight, NoPosition, PictureTurned
from geo.height_tie import Tied, tied
from geo.tags import Tags
from geo.terrain import Dem, Terrain
from geo.types import FloatArray, LonLat
from geo.vertical import Datum, Height, converted

RTK_FIXED = 50
RTK_GRADE_M = 0.1  # a writer that states less than this for its own position has corrections
OLD_CORRECTIONS_S = 10.0
BESIDE_SIGMA_M = 3.0  # ours: ground beside the model, on top of twice the spread of the known ground within reach


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
    baro_fraction: float = 0.09  # altitude overstates by 3–10 %, not corrected; covers a constant 10 % (uncertainty.md)
    baro_sigma_m: float = 1.0  # drift since take-off; ours
    yaw_sigma_deg: float = 2.5  # magnetic compass; ours, against the Brighton tie points
    tilt_sigma_deg: float = 1.0  # gimbal levelling, pitch and roll; ours
    height_from: str = (
        "settled"  # 'relative' always, 'absolute' always; 'settled': both, where there is RTK and a model
    )
    absolute_datum: Datum = Datum.UNDECLARED  # of the file's absolute altitude; undeclared: taken as the terrain's own
    terrain_datum: Datum = Datum.UNDECLARED  # of the terrain's heights
    absolute_sigma_m: float = 4.0  # of an absolute height without RTK; ours: vertical GNSS is worse than horizontal
    takeoff_height_m: float | None = None  # ground at the take-off point, in the terrain's datum
    takeoff: LonLat | None = None  # or where it lies; else the ground beneath the camera stands for it
    relief_radius_m: float = 300.0  # then the spread of the ground within this radius is added
    shared_fraction: float = 0.95  # of GNSS, drift, yaw and tilt variance, common to a flight; ours (uncertainty.md)


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
        PictureTurned: the pixels were turned after the shot.
        NoHeight: no relative altitude, and no absolute one in the terrain's datum; or no ground to stand it on.
        NoGeoid: the absolute altitude stands in another datum than the terrain, and no geoid is at hand there.
    """
    trust = positioning or Positioning()
    place = _place(tags)
    _require_attitude(tags)
    grid = crs or metric_crs_at(place)
    xy = project([place], grid)
    height, sigma_height, own_height = _height(tags, terrain, trust, xy, grid)
    sigma_height = math.hypot(sigma_height, tags.height_doubt_m or 0.0)
    sigma_xy = _sigma_xy_m(tags, trust)
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
        PictureTurned: the pixels were turned after the shot, so that the lens is no longer where it is taken to be.
    """
    trust = positioning or Positioning()
    place = _place(tags)
    _require_unturned(tags, tags.model or "picture")
    grid = crs or metric_crs_at(place)
    xy = project([place], grid)
    x, y = map(float, xy[0])
    try:
        height, sigma, _ = _height(tags, terrain, trust, xy, grid)
    except (NoHeight, NoGeoid):
        return Stand(grid, x, y, _sigma_xy_m(tags, trust))
    return Stand(grid, x, y, _sigma_xy_m(tags, trust), height, math.hypot(sigma, tags.height_doubt_m or 0.0))


def _place(tags: Tags) -> LonLat:
    if tags.lon is None or tags.lat is None:
        raise NoPosition(tags.model or "picture", ", ".join(tags.warnings))
    return LonLat(tags.lon, tags.lat)


def _shared_of(tags: Tags, trust: Positioning, sigma_xy_m: float, height_m: tuple[float, float]) -> SharedOfFlight:
    """What the frames of one flight err by together: the correction service's frame and the barometer's bias wholly."""
    share = trust.shared_fraction
    xy = trust.rtk_frame_sigma_m**2 / max(sigma_xy_m**2, 1e-12) if has_rtk(tags) else share
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


def has_rtk(tags: Tags) -> bool:
    """The position has fixed corrections that are not stale, by its flag or by the accuracy it states of itself."""
    if tags.rtk_flag is not None:
        return tags.rtk_flag == RTK_FIXED and (tags.rtk_age_s or 0.0) <= OLD_CORRECTIONS_S
    return tags.gps_sigma_xy_m is not None and tags.gps_sigma_xy_m < RTK_GRADE_M


def _sigma_xy_m(tags: Tags, trust: Positioning) -> float:
    doubt = tags.position_doubt_m or 0.0
    if not has_rtk(tags):
        return math.hypot(max(trust.gnss_sigma_m, tags.gps_sigma_xy_m or 0.0), doubt)
    written = [s for s in (tags.rtk_std_lon_m, tags.rtk_std_lat_m, tags.gps_sigma_xy_m) if s is not None]
    return math.hypot(max(written, default=trust.rtk_sigma_m), trust.rtk_frame_sigma_m, doubt)


def _height(tags: Tags, terrain: Terrain, trust: Positioning, xy: FloatArray, crs: str) -> tuple[float, float, float]:
    """Height of the camera in the terrain's datum, its standard deviation, and how much of that is this frame's own."""
    where, rest = tags.model or "picture", math.sqrt(1.0 - trust.shared_fraction)
    own = rest * trust.baro_sigma_m
    if trust.height_from == "absolute":
        height, sigma = _absolute(tags, trust, LonLat(tags.lon or 0.0, tags.lat or 0.0))
        return height, sigma, rest * sigma
    if tags.relative_altitude_m is None and tags.above_ground_m is not None:
        ground, spread = _takeoff_ground(terrain, replace(trust, takeoff=None, takeoff_height_m=None), xy, crs)
        return *_over(ground, tags.above_ground_m, spread, trust, where), own
    if tags.relative_altitude_m is None:
        seen = "an absolute altitude of undeclared datum" if tags.absolute_altitude_m or tags.gps_altitude_m else "none"
        raise NoHeight(where, f"no relative altitude; {seen}")
    ground, spread = _takeoff_ground(terrain, trust, xy, crs)
    relative = _over(ground, tags.relative_altitude_m, spread, trust, where)
    settled = _settled(tags, terrain, trust, Height(*relative))
    if settled is None:
        return *relative, own
    return settled.height_m, settled.sigma_m, _absolute_sigma_m(tags, trust)


def height_source(tags: Tags, terrain: Terrain, positioning: Positioning | None = None) -> Tied | None:
    """How the receiver's height and the height model were settled to belong together; None where only one was used.

    Raises:
        NoPosition, NoHeight: as `pose_of`.
    """
    trust = positioning or Positioning()
    if tags.relative_altitude_m is None or trust.height_from == "absolute":
        return None
    grid = metric_crs_at(_place(tags))
    ground, spread = _takeoff_ground(terrain, trust, project([_place(tags)], grid), grid)
    relative = _over(ground, tags.relative_altitude_m, spread, trust, tags.model or "picture")
    return _settled(tags, terrain, trust, Height(*relative))


def _settled(tags: Tags, terrain: Terrain, trust: Positioning, relative: Height) -> Tied | None:
    """The camera's height by its fixed corrections, held against the relative altitude; None where there are none."""
    if trust.height_from != "settled" or not has_rtk(tags) or tags.absolute_altitude_m is None:
        return None
    datum = trust.terrain_datum
    if datum is Datum.UNDECLARED:
        if not isinstance(terrain, Dem):
            return None  # heights above flat ground are no heights of any datum
        datum = terrain.datum
    absolute = Height(tags.absolute_altitude_m, _absolute_sigma_m(tags, trust))
    return tied(absolute, relative, _place(tags), datum)


def _absolute_sigma_m(tags: Tags, trust: Positioning) -> float:
    if not has_rtk(tags):
        return trust.absolute_sigma_m
    return tags.rtk_std_height_m or tags.gps_sigma_z_m or 2.0 * trust.rtk_sigma_m


def _over(ground: float, altitude_m: float, spread: float, trust: Positioning, where: str) -> tuple[float, float]:
    if not math.isfinite(ground):
        raise NoHeight(where, "the terrain has no height at the take-off point")
    sigma = math.hypot(trust.baro_sigma_m, trust.baro_fraction * abs(altitude_m), spread)
    return ground + altitude_m, sigma


def _absolute(tags: Tags, trust: Positioning, place: LonLat) -> tuple[float, float]:
    """The file's absolute altitude in the terrain's datum: the same one by declaration, or by the geoid table."""
    if tags.absolute_altitude_m is None:
        raise NoHeight(tags.model or "picture", "no absolute altitude")
    sigma = _absolute_sigma_m(tags, trust)
    if trust.absolute_datum is trust.terrain_datum:
        return tags.absolute_altitude_m, sigma
    moved = converted(tags.absolute_altitude_m, place, Datum(trust.absolute_datum), Datum(trust.terrain_datum))
    return moved.height_m, math.hypot(sigma, moved.sigma_m)


def _takeoff_ground(terrain: Terrain, trust: Positioning, xy: FloatArray, crs: str) -> tuple[float, float]:
    """Height of the ground at the take-off point, and how unsure it is.

    Where the take-off point is unknown the ground beneath the camera stands for it, and the spread of the ground
    around is the doubt. The ground there errs like any other: flat ground is not flat where the aircraft stood either.
    """
    if trust.takeoff_height_m is not None:
        return trust.takeoff_height_m, 0.0
    if trust.takeoff is not None:
        return float(terrain.heights(project([trust.takeoff], crs), crs)[0]), terrain.sigma_m
    turns = np.linspace(0.0, 2.0 * np.pi, 16, endpoint=False)
    rings = [
        np.column_stack([np.sin(turns), np.cos(turns)]) * trust.relief_radius_m * share for share in (1 / 3, 2 / 3, 1.0)
    ]
    heights = terrain.heights(np.vstack([xy, *(xy + ring for ring in rings)]), crs)
    around = heights[np.isfinite(heights)]
    if not around.size:
        return math.nan, 0.0
    if not np.isfinite(heights[0]):  # beside the model's edge, or over a hole in it
        spread = float(np.hypot(2.0 * np.std(around), BESIDE_SIGMA_M))
        return float(np.median(around)), math.hypot(spread, terrain.sigma_m)
    return float(heights[0]), float(np.hypot(np.sqrt(np.mean((around - heights[0]) ** 2)), terrain.sigma_m))
