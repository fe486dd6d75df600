"""How a file writes its degrees, where the cell alone does not say: 121.2400 for 121°24′, or 1212400. Told by the file.

Digits: of places written in decimals four in ten have 60 or more in the third and fourth decimal, of minutes and
seconds none. And the district: read in the wrong way, places lie some ten kilometres off.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import shapely

from pipelines.registry_import.likelihood import counted_odds
from pipelines.registry_import.places import RawPlace, in_china
from pipelines.registry_import.written import DECIMAL, Written, as_minutes_in_decimals, as_packed

ODDS_AT_LEAST = math.log(1000.0)
DECIMAL_IS_PLAIN = math.log(20.0)  # decimals need less: they are what nearly every file has
PRIOR_OF_MINUTES = math.log(1.0 / 200.0)  # ours: one file in two hundred writes minutes behind the point
MISTAKES = 0.05  # of rows, whatever the file writes
PLACES_AT_MOST = 1000  # of a long file some thousand, evenly spread, are looked at
SLACK_DEG = 0.03  # around the district: whatever datum the file is in, its places lie within 1.2 km


@dataclass(frozen=True, slots=True)
class Notation:
    """The places as the file means them; None where one was refused, by its number in `refused`."""

    places: tuple[RawPlace | None, ...]
    refused: dict[int, str] = field(default_factory=dict)
    warnings: tuple[tuple[str, str], ...] = ()  # reason word, what was seen
    evidence: dict[str, Any] = field(default_factory=dict)


def settled(places: Sequence[RawPlace], outline: shapely.Geometry | None) -> Notation:
    """Settle what the digits of a file's places mean.

    Args:
        places: of its rows, as their cells read one by one.
        outline: the district, lon and lat, WGS 84.

    Returns:
        The places, degrees where they were written in packed or hidden minutes and seconds. Refused:
        `place_degrees_ambiguous` where it cannot be told, `place_other_units` where a row is in metres and the file in
        degrees, or the other way round.
    """
    packed = _unpacked(places)
    given = packed.places
    meant = _minutes_in_decimals([place for place in given if place is not None], outline)
    if meant is None:
        return _one_unit(packed)
    odds, warnings = meant, list(packed.warnings)
    evidence = {**packed.evidence, "minutes_behind_the_point_log_odds": round(odds, 2)}
    refused = dict(packed.refused)
    found: list[RawPlace | None] = list(given)
    for at, place in enumerate(given):
        pair = None if place is None else _hidden(place)
        if place is None or not _plain_decimal(place):
            continue
        if odds >= ODDS_AT_LEAST and pair is not None:
            found[at] = _as(place, pair)
        else:
            found[at], refused[at] = None, "place_degrees_ambiguous"
    if odds >= ODDS_AT_LEAST:
        warnings.append(("place_minutes_behind_point", f"log odds {odds:.1f}"))
    return _one_unit(Notation(tuple(found), refused, tuple(warnings), evidence))


def _unpacked(places: Sequence[RawPlace]) -> Notation:
    """1212400, 311500 → 121.4, 31.25, where four fifths of the rows that are no degrees can be read so."""
    beyond = [at for at, place in enumerate(places) if not place.in_degrees and not place.polygons]
    pairs = {at: _packed(places[at]) for at in beyond}
    hits = [at for at in beyond if pairs[at] is not None]
    if not hits:
        return Notation(tuple(places))
    if len(hits) < 0.8 * len(beyond):
        lost: dict[int, str] = dict.fromkeys(hits, "place_degrees_ambiguous")
        return Notation(tuple(None if at in lost else place for at, place in enumerate(places)), lost)
    found = [_as(place, pairs.get(at)) for at, place in enumerate(places)]
    seen = f"{len(hits)} of {len(places)}, as {places[hits[0]].given}"
    return Notation(tuple(found), {}, (("place_degrees_packed", seen),))


def _packed(place: RawPlace) -> tuple[Written, Written] | None:
    if place.written is None or place.in_degrees:
        return None
    lon, lat = as_packed(place.written[0], (2, 3)), as_packed(place.written[1], (1, 2))
    return (lon, lat) if lon and lat and in_china(lon.value, lat.value) else None


def _plain_decimal(place: RawPlace) -> bool:
    return place.in_degrees and place.written is not None and all(one.form == DECIMAL for one in place.written)


def _hidden(place: RawPlace) -> tuple[Written, Written] | None:
    if place.written is None:
        return None
    lon, lat = (as_minutes_in_decimals(one) for one in place.written)
    return (lon, lat) if lon and lat else None


def _as(place: RawPlace, pair: tuple[Written, Written] | None) -> RawPlace:
    return place if pair is None else replace(place, x=pair[0].value, y=pair[1].value, written=pair)


def _minutes_in_decimals(places: Sequence[RawPlace], outline: shapely.Geometry | None) -> float | None:
    """Log odds that the file writes minutes and seconds behind the point; None where it plainly does not."""
    plain = list({(place.x, place.y): place for place in places if _plain_decimal(place)}.values())
    plain = plain[:: max(1, len(plain) // PLACES_AT_MOST)]
    hidden = [_hidden(place) for place in plain]
    if not plain or sum(pair is not None for pair in hidden) < (1 - 2 * MISTAKES) * len(plain):
        return None
    odds = PRIOR_OF_MINUTES
    for place, pair in zip(plain, hidden, strict=True):
        long = [one.digits >= 3 for one in place.written or ()]
        odds += sum(long) * math.log(1 / 0.6) if pair else math.log(MISTAKES / 0.64)
    if outline is not None:
        both = [(place, pair) for place, pair in zip(plain, hidden, strict=True) if pair]
        around = shapely.buffer(outline, SLACK_DEG)
        as_decimal = _inside([(place.x, place.y) for place, _ in both], around)
        as_minutes = _inside([(pair[0].value, pair[1].value) for _, pair in both], around)
        odds += counted_odds(int((as_minutes & ~as_decimal).sum()), int((as_decimal & ~as_minutes).sum()))
    return None if odds <= -DECIMAL_IS_PLAIN else odds


def _inside(points: Sequence[tuple[float, float]], outline: shapely.Geometry) -> np.ndarray[Any, np.dtype[np.bool_]]:
    xy = np.array(points, dtype=np.float64).reshape(-1, 2)
    return np.asarray(shapely.contains_xy(outline, xy[:, 0], xy[:, 1]), dtype=bool)


def _one_unit(found: Notation) -> Notation:
    """Rows in metres are refused where most are in degrees, and the other way round; half and half, all are."""
    units = [place.in_degrees for place in found.places if place is not None]
    if not units or all(units) or not any(units):
        return found
    most = None if sum(units) * 2 == len(units) else sum(units) * 2 > len(units)
    refused = dict(found.refused)
    kept: list[RawPlace | None] = []
    for at, place in enumerate(found.places):
        other = place is not None and place.in_degrees is not most
        kept.append(None if other else place)
        if other:
            refused[at] = "place_other_units"
    return Notation(tuple(kept), refused, found.warnings, found.evidence)
