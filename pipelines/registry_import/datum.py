"""Which CRS a file is in: said, declared, or tested. A test that does not settle it ends in `cannot_tell`.

Several independent kinds of evidence are added as log odds (`evidence.py`, `anchors.py`). No kind counts for more than
a factor of 8,000, since each may be wrong as a whole: an outline in the wrong datum, a basemap, an earlier import. The
best must be a thousand times likelier than every other, and no kind may speak against it by more than a hundred to one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.crs import convert, datum_shift_sigma_m, is_projected
from geo.errors import DatumShiftUnknown
from geo.gauss_kruger import zone_of
from geo.types import LonLat
from pipelines.registry_import.anchors import matched, of_anchors
from pipelines.registry_import.evidence import Kind, Trial, of_basemap, of_outline, of_words
from pipelines.registry_import.hypotheses import WGS84, Hypothesis, centre_frame, of_degrees, of_metres, read_as_said
from pipelines.registry_import.places import RawPlace
from pipelines.registry_import.surroundings import Surroundings

CANNOT_TELL = "cannot_tell"
ODDS_AT_LEAST = math.log(1000.0)
KIND_AT_MOST = math.log(8000.0)
AGAINST_AT_MOST = math.log(100.0)
CHECKED_AT_LEAST = 25  # rows, one by one; of fewer a fifth of another origin is not seen in one file of twenty
DATUM_CHECKED = math.log(20.0)  # by evidence alone, without what is taken to be rare
PLACES_AT_MOST = 4000  # of a long file this many, evenly spread, are tested
COARSE = {True: 1e-3, False: 50.0}  # a place written no finer than this, in degrees or metres, says nothing
BASEMAP = ("water", "roads", "streets")
Item = tuple[str, str, str]
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Told:
    """A CRS, or `cannot_tell`, and what that rests on.

    `swapped`: the file's first number is the northing. `strays`: places, by their number, that fit another CRS.
    """

    crs: str
    evidence: dict[str, Any] = field(default_factory=dict)
    swapped: bool = False
    warnings: tuple[Item, ...] = ()
    strays: dict[int, str] = field(default_factory=dict)


def crs_of(
    places: Sequence[RawPlace],
    *,
    said: str | None,
    declared: str | None,
    outline: shapely.Geometry | None,
    surroundings: Surroundings | None = None,
    words: str = "",
) -> Told:
    """The CRS of a file's places.

    Args:
        places: of its rows.
        said: by the person who imports; believed.
        declared: within the file; believed where it is projected.
        outline: the district, lon and lat, WGS 84; None where none is set.
        surroundings: what is registered and what the basemap shows; None where nothing is known.
        words: headings, title, notes and name of the file, where they may name a CRS.

    Returns:
        Of a projected CRS the code whose numbers these are: EPSG:4528 said of numbers without a zone is EPSG:4549. The
        evidence is plain JSON: each kind's log odds of the best against every other, and the counts behind them.

    Raises:
        UnknownCrs: `said` or `declared` is no CRS.
    """
    for crs, method in ((said, "given"), (declared, "declared_in_file")):
        if crs is not None and (places or method == "given"):
            return _believed(places, crs, method)
    if not places:
        return Told(CANNOT_TELL, {"method": "no_places"})
    return _tested(places, outline, surroundings or Surroundings(), words)


def _believed(places: Sequence[RawPlace], crs: str, method: str) -> Told:
    try:
        convert(np.zeros((0, 2)), crs, WGS84)
    except DatumShiftUnknown as error:
        return _datum_unknown(crs, method, error)
    metres = np.array([[place.x, place.y] for place in places if not place.in_degrees]).reshape(-1, 2)
    meant, swapped = read_as_said(metres, crs) if len(metres) and is_projected(crs) else (crs, False)
    evidence: dict[str, Any] = {"method": method}
    warnings: list[Item] = []
    if meant != crs or swapped:
        evidence |= {"said": crs, "read_as": meant + (", north first" if swapped else "")}
        warnings.append(("places", "registry_crs_read_otherwise", f"{crs} → {evidence['read_as']}"))
    try:
        warnings += _shift_warning(places, meant, swapped)
    except DatumShiftUnknown as error:
        return _datum_unknown(crs, method, error)
    return Told(meant, evidence, swapped, tuple(warnings))


def _datum_unknown(crs: str, method: str, error: DatumShiftUnknown) -> Told:
    evidence = {"method": method, "said": crs, "reason": "datum_shift_unknown"}
    return Told(CANNOT_TELL, evidence, False, (("places", "registry_datum_shift_unknown", error.detail),))


def _shift_warning(places: Sequence[RawPlace], crs: str, swapped: bool) -> list[Item]:
    metric = is_projected(crs)
    there = _lonlat([place for place in places if place.in_degrees is not metric], crs, swapped)
    there = there[np.isfinite(there).all(axis=1)]
    if not len(there):
        return []
    sigma = datum_shift_sigma_m(crs, LonLat(*map(float, np.median(there, axis=0))))
    return [("places", "registry_datum_shift_uncertain", f"{crs}: ±{sigma:g} m")] if sigma > 0 else []


def _tested(places: Sequence[RawPlace], outline: shapely.Geometry | None, around: Surroundings, words: str) -> Told:
    every = step_of(len(places))
    chosen = places[::every]
    if not any(map(_is_fine, chosen)):
        return Told(CANNOT_TELL, {"method": "tested", "points": 0, "reason": "all_places_coarse"})
    points = np.array([[place.x, place.y] for place in chosen])
    district = outline if outline is not None else _hull(around)
    in_degrees = chosen[0].in_degrees
    hypotheses = of_degrees() if in_degrees else of_metres(points, district)
    if not hypotheses:
        reason = "no_district_set" if district is None else "metres_of_no_zone_here"
        return Told(CANNOT_TELL, {"method": reason, "points": len(points)})
    kinds = _kinds(chosen, points, hypotheses, outline, around, words)
    if not kinds and in_degrees:
        return Told(CANNOT_TELL, {"method": "no_district_set" if district is None else "nothing_to_test_with"})
    told = _decided(hypotheses, kinds, len(points))
    return replace(told, strays={at * every: seen for at, seen in told.strays.items()})


def step_of(count: int) -> int:
    """Of so many places, every how manieth is tested; only these need their names and addresses."""
    return max(1, math.ceil(count / PLACES_AT_MOST))


def _is_fine(place: RawPlace) -> bool:
    return place.step < COARSE[place.in_degrees]


def _hull(around: Surroundings) -> shapely.Geometry | None:
    """Where no outline is set: the ground that the anchors span."""
    known = [anchor.shape for anchor in around.anchors]
    return shapely.convex_hull(shapely.union_all(known)).buffer(1e-4) if known else None


def _kinds(
    places: Sequence[RawPlace],
    points: Array,
    hypotheses: Sequence[Hypothesis],
    outline: shapely.Geometry | None,
    around: Surroundings,
    words: str,
) -> list[Kind]:
    lonlat = [one.to_wgs84(points) for one in hypotheses]
    _, to_metric = centre_frame(lonlat)
    trial = Trial(
        hypotheses, places, np.stack([to_metric(one) for one in lonlat]), np.array(list(map(_is_fine, places)))
    )
    kinds = [of_outline(trial, shapely.transform(outline, to_metric))] if outline is not None else []
    kinds += of_basemap(trial, around, to_metric)
    found = [of_anchors(trial, matched(places, around.anchors, to_metric)), of_words(hypotheses, words)]
    return kinds + [kind for kind in found if kind is not None]


def _decided(hypotheses: Sequence[Hypothesis], kinds: Sequence[Kind], points: int) -> Told:
    total = _total(hypotheses, kinds)
    off_diagonal = np.where(np.eye(len(hypotheses), dtype=bool), np.inf, total)
    best = int(off_diagonal.min(axis=1).argmax())
    winner = hypotheses[best]
    to_next = float(off_diagonal[best].min()) if len(hypotheses) > 1 else 0.0
    zone = zone_of(winner.crs) if winner.crs else None
    numbered = zone is not None and zone.numbered
    reason = _doubt(best, winner, kinds, to_next)
    if not reason and not winner.in_degrees and not (numbered or _seen_there(kinds)):
        reason = "not_of_this_district"
    evidence = _shown(hypotheses, kinds, best, total, points)
    evidence["log_odds_to_next"] = round(to_next, 2)
    if numbered:
        evidence["zone_in_numbers"] = True
    if reason:
        best_is = {"best": winner.name} if to_next > 0 else {}
        return Told(CANNOT_TELL, {**evidence, **best_is, "reason": reason})
    strays = {row: seen for kind in kinds for row, seen in kind.strays.get(best, {}).items()}
    return Told(str(winner.crs), evidence, winner.swapped, _reservations(winner, best, kinds, points), strays)


def _total(hypotheses: Sequence[Hypothesis], kinds: Sequence[Kind]) -> Array:
    prior = np.array([one.log_prior for one in hypotheses])[:, None]
    total = np.asarray(prior - prior.T, dtype=np.float64)
    basemap = sum((kind.odds for kind in kinds if kind.name in BASEMAP), np.zeros_like(total))
    for odds in [basemap, *(kind.odds for kind in kinds if kind.name not in BASEMAP)]:
        total = total + np.clip(odds, -KIND_AT_MOST, KIND_AT_MOST)
    return total


def _doubt(best: int, winner: Hypothesis, kinds: Sequence[Kind], to_next: float) -> str:
    """Why the best is not the answer; empty where it is."""
    for kind in kinds:
        if best in kind.doubts:
            return kind.doubts[best]
    if any(kind.odds[best].min() < -AGAINST_AT_MOST for kind in kinds):
        return "evidence_contradicts"
    if not winner.can_be_told:
        return "numbers_of_no_named_crs"
    return "too_even" if to_next < ODDS_AT_LEAST else ""


def _seen_there(kinds: Sequence[Kind]) -> bool:
    return any(
        (kind.name == "outline" and "not_of_this_district" not in kind.shown) or kind.name == "anchors"
        for kind in kinds
    )


def _shown(
    hypotheses: Sequence[Hypothesis], kinds: Sequence[Kind], best: int, total: Array, points: int
) -> dict[str, Any]:
    names = [one.name for one in hypotheses]
    alone = [kind.name for kind in kinds] == ["outline"]
    shown: dict[str, Any] = {
        "method": "share_inside_district" if alone else "several_kinds",
        "points": points,
        "log_odds": _against(names, total, best),
        "kinds": {kind.name: {"log_odds": _against(names, kind.odds, best), **kind.shown} for kind in kinds},
    }
    for kind in kinds:
        if kind.name == "outline":
            shown["inside"] = kind.shown["inside"]
    return shown


def _against(names: Sequence[str], odds: Array, best: int) -> Mapping[str, float]:
    return {name: round(float(odds[best, at]), 2) for at, name in enumerate(names) if at != best}


def _reservations(winner: Hypothesis, best: int, kinds: Sequence[Kind], rows: int) -> tuple[Item, ...]:
    """What the answer takes on trust.

    Metres fit their zone by some kilometres; that their datum is right, and no older one's or a web map's, only things
    show whose place is known. And where few rows can be held against anything, others of another origin are not seen.
    """
    found: list[Item] = []
    if not winner.in_degrees:
        if not kinds or np.delete(_total_without(kinds, "")[best], best).min(initial=np.inf) < DATUM_CHECKED:
            found.append(("places", "registry_datum_not_checked", str(winner.crs)))
    checked = sum(kind.checked.get(best, 0) for kind in kinds)
    if winner.in_degrees and checked < min(CHECKED_AT_LEAST, rows):
        found.append(("places", "registry_crs_rests_on_few", f"{checked} of {rows} rows"))
    return tuple(found)


def _total_without(kinds: Sequence[Kind], name: str) -> Array:
    left = [kind.odds for kind in kinds if kind.name != name]
    return np.asarray(sum(left, np.zeros_like(kinds[0].odds)), dtype=np.float64)


def moved(places: Sequence[RawPlace], crs: str, *, swapped: bool = False) -> list[RawPlace]:
    """The same places in lon, lat, WGS 84; NaN where `crs` does not reach.

    Args:
        places: as the file has them.
        crs: theirs.
        swapped: the first number is the northing.

    Raises:
        UnknownCrs: no such CRS.
        DatumShiftUnknown: of a datum whose way to WGS 84 is not published.
    """
    corners = [(x, y) for place in places for polygon in place.polygons for ring in polygon for x, y in ring]
    heads = _lonlat(places, crs, swapped)
    turned = iter(map(tuple, _converted(np.array(corners).reshape(-1, 2), crs, swapped).tolist()))
    found = []
    for (lon, lat), place in zip(heads.tolist(), places, strict=True):
        polygons = tuple(tuple(tuple(next(turned) for _ in ring) for ring in polygon) for polygon in place.polygons)
        found.append(_at(place, lon, lat, polygons))
    return found


def _at(place: RawPlace, lon: float, lat: float, polygons: Any) -> RawPlace:
    return replace(place, x=lon, y=lat, polygons=polygons)


def _lonlat(places: Sequence[RawPlace], crs: str, swapped: bool) -> Array:
    return _converted(np.array([[place.x, place.y] for place in places]).reshape(-1, 2), crs, swapped)


def _converted(xy: Array, crs: str, swapped: bool) -> Array:
    return convert(xy[:, ::-1] if swapped else xy, crs, WGS84)
