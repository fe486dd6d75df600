"""Registered things that a file names too: where each hypothesis puts them, beside where they are known to be.

One such thing decides where it lies 3 m off under one CRS and 480 m under the next. That they are not where they were,
or were put into the registry wrongly themselves, is in the likelihood; that all of them were, in the cap of a kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from pipelines.registry_import.evidence import Kind, Trial, of_scores, strays_of
from pipelines.registry_import.likelihood import log_normal_mixture_2d
from pipelines.registry_import.names import Key
from pipelines.registry_import.places import RawPlace
from pipelines.registry_import.surroundings import Anchor

Array = NDArray[np.float64]
SCALES = ((5.0, 0.35), (30.0, 0.35), (110.0, 0.3))  # the same numbers, the same house, the same plot; ours
ELSEWHERE, REACH_M = 0.15, 3000.0  # moved, misnamed, or the office instead of the works
FITS_M = 200.0  # nearer than this a hypothesis is taken to fit a thing
SAME_NAME_M = 300.0  # two registered things of one name farther apart are no anchor
OFFSET_M = 40.0  # a common offset beyond this is another datum


@dataclass(frozen=True, slots=True)
class Pair:
    """A row of the file, by its number, and the place it has in the registry, in metres."""

    row: int
    shape: shapely.Geometry


def matched(places: Sequence[RawPlace], anchors: Sequence[Anchor], to_metric: object) -> list[Pair]:
    """The rows that name an anchor; its own code goes before its name."""
    by_key: dict[Key, list[Anchor]] = {}
    for anchor in anchors:
        for key in anchor.keys:
            by_key.setdefault(key, []).append(anchor)
    found = []
    for row, place in enumerate(places):
        codes_first = sorted(place.names, key=lambda key: (key[0].endswith(" name"), key))
        hits = next((by_key[key] for key in codes_first if key in by_key), [])
        shape = _one_place([shapely.transform(hit.shape, to_metric) for hit in hits])
        if shape is not None:
            found.append(Pair(row, shape))
    return found


def _one_place(shapes: Sequence[shapely.Geometry]) -> shapely.Geometry | None:
    if not shapes or any(one.distance(shapes[0]) > SAME_NAME_M for one in shapes[1:]):
        return None
    return shapely.union_all(list(shapes)) if len(shapes) > 1 else shapes[0]


def of_anchors(trial: Trial, pairs: Sequence[Pair]) -> Kind | None:
    """What the registered places say; None where the file names none of them."""
    rows = [p.row for p in pairs if trial.fine[p.row] and np.isfinite(trial.xy[:, p.row]).all()]
    shapes = np.array([pair.shape for pair in pairs if pair.row in set(rows)], dtype=object)
    if not rows:
        return None
    distance = np.stack([shapely.distance(shapes, shapely.points(xy[rows])) for xy in trial.xy])
    scores = log_normal_mixture_2d(distance, SCALES, ELSEWHERE, REACH_M).sum(axis=1)
    names = [one.name for one in trial.hypotheses]
    shown = {
        "anchors": len(rows),
        "median_distance_m": {name: round(float(np.median(row)), 1) for name, row in zip(names, distance, strict=True)},
        "within_200_m": {name: int((row <= FITS_M).sum()) for name, row in zip(names, distance, strict=True)},
    }
    doubts: dict[int, str] = {}
    for at in range(len(names)):
        doubt = _doubt(trial, at, rows, shapes, distance)
        if doubt:
            doubts[at] = doubt
    strays = strays_of(trial.hypotheses, rows, distance, FITS_M / 2, FITS_M, "its registered place")
    return Kind("anchors", of_scores(scores), shown, doubts, strays, dict.fromkeys(range(len(names)), len(rows)))


def _doubt(trial: Trial, at: int, rows: Sequence[int], shapes: NDArray[np.object_], distance: Array) -> str:
    """Why the anchors forbid a hypothesis even if it fits them better than the others do."""
    fits = distance[at] <= FITS_M
    if len(rows) >= 3 and not fits.any():
        return "anchors_fit_nothing"
    others = np.delete(distance, at, axis=0)
    elsewhere = int((~fits & (others.min(axis=0) <= FITS_M / 2)).sum()) if len(others) else 0
    if elsewhere >= (1 if fits.sum() <= 3 else max(2, 0.1 * fits.sum())):
        return "rows_of_two_origins"
    return "anchors_off_together" if _off_together(trial.xy[at, rows][fits], shapes[fits]) else ""


def _off_together(xy: Array, shapes: NDArray[np.object_]) -> bool:
    """Whether the things that fit are all off by the same way: a datum that none of the hypotheses is."""
    points = np.array([shapely.get_type_id(shape) == 0 for shape in shapes], dtype=bool)
    if points.sum() < 3:
        return False
    offset = xy[points] - shapely.get_coordinates(shapes[points])
    middle = np.median(offset, axis=0)
    spread = 1.4826 * np.median(np.hypot(*(offset - middle).T))
    length = float(np.hypot(*middle))
    return length > OFFSET_M and length > 4.0 * spread / np.sqrt(points.sum())
