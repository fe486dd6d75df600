"""The places of a file's rows, from cells to WGS 84: read, settled as a whole, told, moved, and doubted where due."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely

from geo.crs import is_projected
from pipelines.errors import Refusal
from pipelines.registry_import.cells import Row
from pipelines.registry_import.datum import CANNOT_TELL, Told, crs_of, moved, step_of
from pipelines.registry_import.notation import settled
from pipelines.registry_import.places import RawPlace, in_china, raw_place, with_names
from pipelines.registry_import.surroundings import Surroundings

Item = tuple[str, str, str]
Placed = tuple[Row, RawPlace]
SAME_PLACE_AT_LEAST = 3  # rows with one place are a building; three are a head office, or a geocoder that gave up
COARSE_DEG, COARSE_M = 0.009, 500.0  # a last place of a hundredth of a degree, of a minute, or of a kilometre
METRES_A_DEGREE = 111_195.0


@dataclass(frozen=True, slots=True)
class Located:
    """Rows with their places (None: it gives none), in WGS 84 unless `told.crs` is cannot_tell; else as given.

    Refused rows are not among them.
    """

    rows: tuple[tuple[Row, RawPlace | None], ...]
    told: Told
    refused: tuple[Item, ...]
    warnings: tuple[Item, ...]


def located(
    rows: Sequence[Row],
    *,
    said: str | None,
    declared: str | None,
    outline: shapely.Geometry | None,
    surroundings: Callable[[], Surroundings] | None = None,
    words: str = "",
) -> Located:
    """Put the rows of a file on the ground.

    Args:
        rows: of kinds that have places, of one or more sheets.
        said: the CRS that the person who imports names.
        declared: the CRS that the file names.
        outline: the district, lon and lat, WGS 84.
        surroundings: called where the CRS has to be tested; what the places are held against.
        words: headings, title, notes and file name, where a CRS may be named.

    Raises:
        UnknownCrs: `said` or `declared` is none.
    """
    abroad = outline is None or not in_china(outline.centroid.x, outline.centroid.y)
    refused: dict[str, Item] = {}
    given, without = _read(rows, said or declared, refused, abroad=abroad)
    notation = settled([place for _, place in given], outline)
    for at, reason in notation.refused.items():
        _refuse(given[at], reason, refused)
    meant = [(row, one) for (row, _), one in zip(given, notation.places, strict=True) if one is not None]
    around = surroundings() if surroundings is not None and said is None and declared is None and meant else None
    told = crs_of(
        _with_names(meant, wanted=said is None and declared is None),
        said=said, declared=declared, outline=outline, surroundings=around, words=words,
    )  # fmt: skip
    told = replace(told, evidence={**told.evidence, **notation.evidence})
    warnings = [("places", reason, seen) for reason, seen in notation.warnings] + list(told.warnings)
    warnings += [(f"row {meant[at][0].label}", "place_fits_another_crs", seen) for at, seen in told.strays.items()]
    warnings += _coarse(meant) + _repeated(meant)
    if told.crs != CANNOT_TELL:
        meant = _moved(meant, told, refused, abroad=abroad)
        warnings += _outside(meant, outline)
    places = {row.label: place for row, place in meant}
    found = tuple((row, places.get(row.label)) for row in rows if row.label in places or row.label in without)
    return Located(found, told, tuple(refused.values()), tuple(warnings))


def _read(
    rows: Sequence[Row], crs: str | None, refused: dict[str, Item], *, abroad: bool
) -> tuple[list[Placed], set[str]]:
    """The rows that give a place, and the labels of those that give none."""
    given: list[Placed] = []
    without: set[str] = set()
    for row in rows:
        try:
            place = raw_place(row, crs=crs, abroad=abroad)
        except Refusal as refusal:
            refused[row.label] = (refusal.where, refusal.reason, refusal.detail)
            continue
        if place is None:
            without.add(row.label)
        else:
            given.append((row, place))
    return given, without


def _with_names(given: Sequence[Placed], *, wanted: bool) -> list[RawPlace]:
    """The places, those that will be tested with what stands there."""
    step = step_of(len(given))
    return [
        with_names(place, row, row.kind) if wanted and at % step == 0 else place
        for at, (row, place) in enumerate(given)
    ]


def _refuse(one: Placed, reason: str, refused: dict[str, Item]) -> None:
    row, place = one
    refused[row.label] = (f"row {row.label}", reason, place.given)


def _moved(given: Sequence[Placed], told: Told, refused: dict[str, Item], *, abroad: bool) -> list[Placed]:
    """The places in WGS 84; refused where they come out nowhere or abroad, or are degrees where metres are said."""
    metric = is_projected(told.crs)
    meant = [one for one in given if one[1].in_degrees is not metric]
    for one in given:
        if one[1].in_degrees is metric:
            _refuse(one, "place_not_in_this_crs", refused)
    there = moved([place for _, place in meant], told.crs, swapped=told.swapped)
    kept = []
    for (row, _), place in zip(meant, there, strict=True):
        is_somewhere = math.isfinite(place.x) and math.isfinite(place.y)
        if is_somewhere and (abroad or in_china(place.x, place.y)):
            kept.append((row, place))
        else:
            _refuse((row, place), "place_not_in_this_crs", refused)
    return kept


def _outside(places: Sequence[Placed], outline: shapely.Geometry | None) -> list[Item]:
    if outline is None or not places:
        return []
    points = np.array([[place.x, place.y] for _, place in places])
    shapely.prepare(outline)
    inside = shapely.contains_xy(outline, points[:, 0], points[:, 1])
    return [
        (f"row {row.label}", "place_outside_district", place.given)
        for (row, place), within in zip(places, inside, strict=True)
        if not within
    ]


def _coarse(places: Sequence[Placed]) -> list[Item]:
    """Places rounded to some hundred metres: taken in, with how far off they may be."""
    found = []
    for row, place in places:
        if place.written is None:
            continue
        step = place.step if place.in_degrees else _round_metres(place)
        if step >= (COARSE_DEG if place.in_degrees else COARSE_M):
            metres = step / 2 * (METRES_A_DEGREE if place.in_degrees else 1.0)
            found.append((f"row {row.label}", "place_coarse", f"{place.given}: ±{metres:.0f} m"))
    return found


def _round_metres(place: RawPlace) -> float:
    """The unit of metres that end in zeros: 633000, 3459000 is written to a kilometre."""
    for unit in (10_000.0, 1000.0):
        if place.x % unit == 0 and place.y % unit == 0:
            return unit
    return place.step


def _repeated(places: Sequence[Placed]) -> list[Item]:
    """Rows that all give one point, to the last digit."""
    at: dict[tuple[float, float], list[Placed]] = {}
    for row, place in places:
        if not place.polygons:
            at.setdefault((place.x, place.y), []).append((row, place))
    return [
        (f"row {row.label}", "place_repeated", f"{place.given}: {len(same)} rows")
        for same in at.values()
        if len(same) >= SAME_PLACE_AT_LEAST
        for row, place in same
    ]
