"""The camera's height in the terrain's vertical datum: by the relative altitude, the receiver's height, or both."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from geo.crs import metric_crs_at, project
from geo.errors import NoHeight, NoPosition
from geo.height_tie import RELATIVE, FlightHeight, Tied, likelihoods, settled, tied
from geo.plain import datum_of_ground
from geo.positioning import Positioning, has_rtk, place_of, vouched
from geo.tags import Tags
from geo.terrain import Dem, Terrain
from geo.types import FloatArray, LonLat
from geo.vertical import Datum, Height, converted

ONE_TAKEOFF_M = 10.0  # ours: receiver and barometer drift, and a scale of 10 % over a climb of a hundred metres
BESIDE_SIGMA_M = 3.0  # ours: ground beside the model, on top of twice the spread of the known ground within reach


def camera_height(
    tags: Tags, terrain: Terrain, trust: Positioning, xy: FloatArray, crs: str
) -> tuple[float, float, float]:
    """Height of the camera in the terrain's datum, its standard deviation, and how much of that is this frame's own.

    Args:
        tags: of the picture.
        terrain: the ground.
        trust: how heights are tied.
        xy: (1, 2) metres, where it stands.
        crs: of `xy`.

    Raises:
        NoHeight, NoGeoid: as `geo.pose.pose_of`.
    """
    where, rest = tags.model or "picture", math.sqrt(1.0 - trust.shared_fraction)
    own = rest * trust.baro_sigma_m
    if trust.height_from == "absolute":
        height, sigma = _absolute(tags, trust, LonLat(tags.lon or 0.0, tags.lat or 0.0))
        return height, sigma, rest * sigma
    if tags.relative_altitude_m is None and tags.above_ground_m is not None:
        ground, spread = _takeoff_ground(terrain, replace(trust, takeoff=None, takeoff_height_m=None), xy, crs)
        return *_over(ground, tags.above_ground_m, spread, trust, where), own
    if tags.relative_altitude_m is None and tags.altitude_datum is not None:
        height, sigma = _declared(tags, terrain, trust, xy, crs)
        return height, sigma, rest * sigma
    if tags.relative_altitude_m is None:
        seen = "an absolute altitude of undeclared datum" if tags.absolute_altitude_m or tags.gps_altitude_m else "none"
        raise NoHeight(where, f"no relative altitude; {seen}")
    ground, spread = _ground_at_takeoff(tags, terrain, trust, xy, crs)
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
    known = _heights_to_tie(tags, terrain, positioning or Positioning())
    return None if known is None else tied(*known, vouched=vouched(tags, positioning or Positioning()))


def flight_height(
    frames: Sequence[Tags], terrain: Terrain, positioning: Positioning | None = None
) -> FlightHeight | None:
    """How the receiver's heights of one flight and the height model belong together: one base, one model, one answer.

    The doubt is one for all as well, the median of what the pictures say each: if the base stood wrong, all are off by
    the same metres, and an adjustment may move them together only.

    Args:
        frames: tags of one flight; those without fixed corrections or a place are passed over.
        terrain: the ground.
        positioning: how heights are tied.

    Returns:
        None where none has both heights, the ground is flat, or the receiver's belong to nothing known.
    """
    trust, known = positioning or Positioning(), []
    for tags in frames:
        try:
            heights = _heights_to_tie(tags, terrain, trust)
        except (NoPosition, NoHeight):
            continue
        if heights is not None:
            known.append((heights, vouched(tags, trust)))
    how = settled([likelihoods(*heights, vouched=sure) for heights, sure in known])
    if how is None or how == RELATIVE:
        return None
    sigmas = [tied(*heights, vouched=sure, flight=FlightHeight(how)).sigma_m for heights, sure in known]
    return FlightHeight(how, round(float(np.median(sigmas)), 3))


def _heights_to_tie(tags: Tags, terrain: Terrain, trust: Positioning) -> tuple[Height, Height, LonLat, Datum] | None:
    if tags.relative_altitude_m is None or trust.height_from == "absolute":
        return None
    grid = metric_crs_at(place_of(tags))
    ground = _ground_at_takeoff(tags, terrain, trust, project([place_of(tags)], grid), grid)
    relative = _over(ground[0], tags.relative_altitude_m, ground[1], trust, tags.model or "picture")
    return _to_tie(tags, terrain, trust, Height(*relative))


def _settled(tags: Tags, terrain: Terrain, trust: Positioning, relative: Height) -> Tied | None:
    """The camera's height by its fixed corrections, held against the relative altitude; None where there are none."""
    known = _to_tie(tags, terrain, trust, relative)
    return None if known is None else tied(*known, vouched=vouched(tags, trust), flight=_of_flight(tags))


def _of_flight(tags: Tags) -> FlightHeight | None:
    return None if tags.height_how is None else FlightHeight(tags.height_how, tags.height_how_sigma_m)


def _to_tie(
    tags: Tags, terrain: Terrain, trust: Positioning, relative: Height
) -> tuple[Height, Height, LonLat, Datum] | None:
    if trust.height_from != "settled" or not has_rtk(tags) or tags.absolute_altitude_m is None:
        return None
    place = place_of(tags)
    if trust.terrain_datum is Datum.UNDECLARED and not isinstance(terrain, Dem):
        return None  # heights above flat ground are no heights of any datum
    crs = metric_crs_at(place)
    datum = _terrain_datum(terrain, trust, project([place], crs), crs, place)
    return Height(tags.absolute_altitude_m, _absolute_sigma_m(tags, trust)), relative, place, datum


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


def _declared(tags: Tags, terrain: Terrain, trust: Positioning, xy: FloatArray, crs: str) -> tuple[float, float]:
    """An absolute altitude whose format says what it is above, in the terrain's datum, where that is known too."""
    where, place = tags.model or "picture", place_of(tags)
    ground = _terrain_datum(terrain, trust, xy, crs, place)
    if tags.absolute_altitude_m is None or ground is Datum.UNDECLARED:
        raise NoHeight(where, f"a height above {tags.altitude_datum}, and nothing says what the terrain's are above")
    moved = converted(tags.absolute_altitude_m, place, Datum(str(tags.altitude_datum)), ground)
    return moved.height_m, math.hypot(_absolute_sigma_m(tags, trust), moved.sigma_m)


def _terrain_datum(terrain: Terrain, trust: Positioning, xy: FloatArray, crs: str, place: LonLat) -> Datum:
    """What the terrain's heights are above: as somebody says, as its file says, or as its low ground tells."""
    if trust.terrain_datum is not Datum.UNDECLARED or not isinstance(terrain, Dem):
        return trust.terrain_datum
    if terrain.datum is not Datum.UNDECLARED:
        return terrain.datum
    return datum_of_ground(terrain.heights(_around(xy, trust.relief_radius_m), crs), place)


def _takeoff_ground(terrain: Terrain, trust: Positioning, xy: FloatArray, crs: str) -> tuple[float, float]:
    """Height of the ground at the take-off point, and how unsure it is.

    Where the take-off point is unknown the middle height of the ground around stands for it, not what is just beneath
    the camera, which may be a roof; the spread of that ground is the doubt. The ground there errs like any other: flat
    ground is not flat where the aircraft stood either.
    """
    if trust.takeoff_height_m is not None:
        return trust.takeoff_height_m, 0.0
    if trust.takeoff is not None:
        return float(terrain.heights(project([trust.takeoff], crs), crs)[0]), terrain.sigma_m
    heights = terrain.heights(_around(xy, trust.relief_radius_m), crs)
    around = heights[np.isfinite(heights)]
    if not around.size:
        return math.nan, 0.0
    ground, spread = _middle(around, terrain)
    if not np.isfinite(heights[0]):  # beside the model's edge, or over a hole in it
        spread = math.hypot(2.0 * spread, BESIDE_SIGMA_M)
    return ground, spread


def _middle(around: FloatArray, terrain: Terrain) -> tuple[float, float]:
    """The median of known ground, and how far from it the take-off point may lie."""
    ground = float(np.median(around))
    return ground, float(np.hypot(np.sqrt(np.mean((around - ground) ** 2)), terrain.sigma_m))


def _ground_at_takeoff(
    tags: Tags, terrain: Terrain, trust: Positioning, xy: FloatArray, crs: str
) -> tuple[float, float]:
    """`_takeoff_ground`, or what the flight has settled: all of its pictures took off from one place."""
    given = trust.takeoff_height_m is not None or trust.takeoff is not None
    if given or tags.takeoff_ground_m is None:
        return _takeoff_ground(terrain, trust, xy, crs)
    return tags.takeoff_ground_m, tags.takeoff_sigma_m or terrain.sigma_m


def flight_takeoff(
    frames: Sequence[Tags], terrain: Terrain, positioning: Positioning | None = None
) -> tuple[float, float] | None:
    """Height of the ground where a flight took off, and one standard deviation: one figure for all its pictures.

    Taken for each picture anew it would differ by the relief between them, and their heights with it.

    Args:
        frames: tags of one flight.
        terrain: the ground.
        positioning: how heights are tied.

    Returns:
        None where the ground is flat, no picture has a place with ground around it, the take-off point is given, or
        absolute and relative altitude say that there were several.
    """
    trust = positioning or Positioning()
    given = trust.takeoff_height_m is not None or trust.takeoff is not None
    placed = [t for t in frames if t.relative_altitude_m is not None and t.lon is not None and t.lat is not None]
    if given or not placed or not isinstance(terrain, Dem) or _several_takeoffs(placed):
        return None
    crs = metric_crs_at(place_of(placed[0]))
    places = project([place_of(tags) for tags in placed], crs)
    heights = terrain.heights(np.vstack([_around(xy[None], trust.relief_radius_m) for xy in places]), crs)
    known = heights[np.isfinite(heights)]
    return _middle(known, terrain) if known.size else None


def _several_takeoffs(frames: Sequence[Tags]) -> bool:
    """Whether absolute less relative altitude, the height of the take-off point, differs within the flight."""
    start = [
        t.absolute_altitude_m - t.relative_altitude_m
        for t in frames
        if t.absolute_altitude_m is not None and t.relative_altitude_m is not None
    ]
    return len(start) > 1 and float(np.ptp(np.quantile(start, [0.05, 0.95]))) > ONE_TAKEOFF_M


def _around(xy: FloatArray, radius_m: float) -> FloatArray:
    """(49, 2): a place, and three rings of places around it."""
    turns = np.linspace(0.0, 2.0 * np.pi, 16, endpoint=False)
    ring = np.column_stack([np.sin(turns), np.cos(turns)]) * radius_m
    return np.vstack([xy, *(xy + ring * share for share in (1 / 3, 2 / 3, 1.0))])
