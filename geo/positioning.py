"""How far the tags' positions and angles are believed: standard deviations, and what stands behind a position."""

from __future__ import annotations

import math
from dataclasses import dataclass

from geo.errors import NoPosition
from geo.tags import Tags
from geo.types import LonLat
from geo.vertical import Datum

RTK_FIXED = 50
RTK_GRADE_M = 0.1  # a writer that states less than this for its own position has corrections
OLD_CORRECTIONS_S = 10.0


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
    rtk_base_sigma_m: float = 1.5  # of a base that nobody vouches for, each of x, y; ours (uncertainty.md)
    rtk_base_known: bool = False  # somebody vouches for it: a network, or a base on a surveyed point
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


def place_of(tags: Tags) -> LonLat:
    """Where it was taken.

    Raises:
        NoPosition: no believable longitude and latitude.
    """
    if tags.lon is None or tags.lat is None:
        raise NoPosition(tags.model or "picture", ", ".join(tags.warnings))
    return LonLat(tags.lon, tags.lat)


def has_rtk(tags: Tags) -> bool:
    """The position has fixed corrections that are not stale, by its flag or by the accuracy it states of itself."""
    if tags.rtk_flag is not None:
        return tags.rtk_flag == RTK_FIXED and (tags.rtk_age_s or 0.0) <= OLD_CORRECTIONS_S
    return tags.gps_sigma_xy_m is not None and tags.gps_sigma_xy_m < RTK_GRADE_M


def position_sigma_m(tags: Tags, trust: Positioning) -> float:
    """Standard deviation of each of x and y: the receiver's, and what the tags' own doubts add."""
    doubt = tags.position_doubt_m or 0.0
    if not has_rtk(tags):
        return math.hypot(max(trust.gnss_sigma_m, tags.gps_sigma_xy_m or 0.0), doubt)
    written = [s for s in (tags.rtk_std_lon_m, tags.rtk_std_lat_m, tags.gps_sigma_xy_m) if s is not None]
    return math.hypot(max(written, default=trust.rtk_sigma_m), rtk_common_m(tags, trust), doubt)


def rtk_common_m(tags: Tags, trust: Positioning) -> float:
    """What all positions with these corrections are off by: the service's frame, and the base where nobody knows it."""
    return math.hypot(trust.rtk_frame_sigma_m, 0.0 if vouched(tags, trust) else trust.rtk_base_sigma_m)


def vouched(tags: Tags, trust: Positioning) -> bool:
    """Whether anybody stands for the base station's place: a network that the tags name, or whoever asks."""
    return trust.rtk_base_known or bool(tags.rtk_network)
