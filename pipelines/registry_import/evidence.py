"""What speaks for and against each hypothesis on a file's CRS, kind by kind. Each kind has its own likelihood.

The kinds: the district's outline, water and roads of the basemap, the street in an address, words in the file.
Anchors have a file of their own. A kind gives log odds between every two hypotheses, and what it counted.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from pipelines.registry_import.hypotheses import BD09, GCJ02, WGS84, Hypothesis
from pipelines.registry_import.likelihood import (
    MIXED_PRIOR,
    counted_odds,
    log_normal_mixture_1d,
    looks_mixed,
    placed_odds,
)
from pipelines.registry_import.names import street_of
from pipelines.registry_import.places import RawPlace
from pipelines.registry_import.surroundings import Surroundings

Array = NDArray[np.float64]
UNSURE_M = 30.0  # an outline is drawn no better than this
OUTLINE_CELL_M, PLACE_CELL_M = 400.0, 60.0  # what stands closer together is one witness; less in a tiny district
INSIDE_AT_LEAST = 0.8  # else the file is not of this district, and the outline says nothing
AT_WATER_M = 25.0
NOT_IN_RIVER = frozenset(("enterprise", "site", "receptor"))
OFF_WATER, OFF_ROAD, OUTFALL_AT_WATER = (40.0, 0.7), (20.0, 1.2), (8.0, 1.3)  # beta priors where the CRS is right
ROAD_WEIGHT = 0.7  # geocoders put addresses onto streets
STREET_NEAR = ((40.0, 0.6), (150.0, 0.4))  # metres from the street of one's address, and their weights; ours
AT_STREET_M = 80.0
STREET_ANY = ((700.0, 1.0),)
STREET_ELSEWHERE, STREET_REACH_M, STREET_WEIGHT = 0.1, 3000.0, 0.7
WORD_ODDS = {GCJ02: 4.0, BD09: 4.0, WGS84: 1.5}  # "WGS 84" is written over many a web map's degrees
WORDS = {
    GCJ02: r"高德|腾讯|火星坐标|国测局|GCJ-?02|AMAP|AUTONAVI",
    BD09: r"百度|BD-?09|BAIDU",
    WGS84: r"WGS-?(?:19)?84|天地图|CGCS-?2000|国家2000|2000国家|大地2000|EPSG:?(?:4326|4490)",
    "an older datum": r"北京-?(?:19)?54|西安-?(?:19)?80|BEIJING-?(?:19)?54|XI'?AN-?(?:19)?80",
}


@dataclass(frozen=True, slots=True)
class Trial:
    """The places under every hypothesis.

    `xy` (k, n, 2): metres, NaN where one does not reach; `fine` (n,): written finely enough to tell hypotheses apart.
    """

    hypotheses: Sequence[Hypothesis]
    places: Sequence[RawPlace]
    xy: Array
    fine: NDArray[np.bool_]

    def one_a_cell(self, size_m: float, chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Numbers of the chosen places, one for each square of a grid: neighbours are one witness."""
        at = np.flatnonzero(chosen & self.fine & np.isfinite(self.xy).all(axis=(0, 2)))
        _, first = np.unique(np.floor(self.xy[0, at] / size_m), axis=0, return_index=True)
        return at[np.sort(first)]


@dataclass(frozen=True, slots=True)
class Kind:
    """What one kind of evidence says. `odds` (k, k): of the row's hypothesis against the column's."""

    name: str
    odds: Array
    shown: dict[str, Any] = field(default_factory=dict)
    doubts: dict[int, str] = field(default_factory=dict)  # hypothesis → why it cannot be the answer, whatever the odds
    strays: dict[int, dict[int, str]] = field(default_factory=dict)  # hypothesis → rows that fit another, and how
    checked: dict[int, int] = field(default_factory=dict)  # hypothesis → rows that tell it from every other named one


def of_scores(scores: Sequence[float] | Array) -> Array:
    """Log odds between hypotheses from a log likelihood of each."""
    column = np.asarray(scores, dtype=np.float64)[:, None]
    return column - column.T


def of_outline(trial: Trial, outline: shapely.Geometry) -> Kind:
    """Places outside the district, or just inside, by hypothesis. What all or none put inside says nothing."""
    k = len(trial.hypotheses)
    inner, outer = outline.buffer(-UNSURE_M), outline.buffer(UNSURE_M)
    state = np.stack([_within(xy, inner).astype(int) - (~_within(xy, outer)).astype(int) for xy in trial.xy])
    inside = np.stack([_within(xy, outline) for xy in trial.xy])
    size_m = min(OUTLINE_CELL_M, float(np.sqrt(outline.area)) / 10)
    cells = _by_cell(trial.xy[0, trial.fine], state[:, trial.fine], size_m)
    wins = np.array([[int(((cells[i] > 0) & (cells[j] < 0)).sum()) for j in range(k)] for i in range(k)])
    odds = np.array([[counted_odds(wins[i, j], wins[j, i]) for j in range(k)] for i in range(k)])
    names = [one.name for one in trial.hypotheses]
    shown: dict[str, Any] = {
        "inside": dict(zip(names, map(int, inside.sum(axis=1)), strict=True)),
        "cells": cells.shape[1],
    }
    if inside.mean(axis=1).max(initial=0.0) < INSIDE_AT_LEAST:
        return Kind("outline", np.zeros((k, k)), {**shown, "not_of_this_district": True})
    mixed = {
        i: "rows_of_two_origins"
        for i in range(k)
        if any(trial.hypotheses[j].can_be_told and looks_mixed(wins[i, j], wins[j, i]) for j in range(k))
    }
    low = {i: "too_few_inside" for i in range(k) if inside[i].mean() < INSIDE_AT_LEAST}
    rivals = {i: [j for j in range(k) if j != i and trial.hypotheses[j].can_be_told] for i in range(k)}
    checked = {i: min(wins[i, j] + wins[j, i] for j in others) for i, others in rivals.items() if others}
    return Kind("outline", odds, shown, mixed | low, checked=checked)


def _within(xy: Array, shape: shapely.Geometry) -> NDArray[np.bool_]:
    shapely.prepare(shape)
    return np.asarray(shapely.contains_xy(shape, xy[:, 0], xy[:, 1]), dtype=bool)


def _by_cell(xy: Array, state: NDArray[np.int64], size_m: float) -> Array:
    """Per hypothesis and cell: 1 in, −1 out, 0 where the places of a cell do not agree or stand on the border."""
    keyed = np.floor(np.nan_to_num(xy, nan=1e12) / size_m)
    _, cell = np.unique(keyed, axis=0, return_inverse=True)
    cell = cell.ravel()
    count = int(cell.max(initial=-1)) + 1
    total = np.stack([np.bincount(cell, weights=row, minlength=count) for row in state])
    known = np.stack([np.bincount(cell, weights=np.abs(row), minlength=count) for row in state])
    share = total / np.maximum(known, 1)
    return np.where(share > 1 / 3, 1.0, np.where(share < -1 / 3, -1.0, 0.0))


def of_water(trial: Trial, water: shapely.Geometry) -> Kind | None:
    """Firms, sites and schools do not stand in a river; outfalls stand at one. None where there is nothing to count."""
    kinds = np.array([place.kind for place in trial.places])
    dry = trial.one_a_cell(PLACE_CELL_M, np.isin(kinds, list(NOT_IN_RIVER)))
    outfalls = trial.one_a_cell(PLACE_CELL_M, kinds == "outfall")
    off, wet = _counts(trial, dry, water.buffer(-3.0)), _counts(trial, outfalls, water.buffer(AT_WATER_M))
    if off is None and wet is None:
        return None
    scores = np.zeros(len(trial.hypotheses))
    shown: dict[str, Any] = {}
    if off is not None:
        on, share = off
        scores += [placed_odds(len(dry) - hits, len(dry), OFF_WATER, 1 - share) for hits in on]
        shown |= {"in_water": _named(trial, on), "of": len(dry), "water_share": round(share, 3)}
    if wet is not None:
        near, share = wet
        scores += [placed_odds(hits, len(outfalls), OUTFALL_AT_WATER, share) for hits in near]
        shown |= {"outfalls_at_water": _named(trial, near), "outfalls": len(outfalls), "bank_share": round(share, 3)}
    return Kind("water", of_scores(scores), shown)


def of_roads(trial: Trial, roads: shapely.Geometry) -> Kind | None:
    """Firms and sites do not stand on a carriageway. None where there is nothing to count."""
    kinds = np.array([place.kind for place in trial.places])
    chosen = trial.one_a_cell(PLACE_CELL_M, np.isin(kinds, list(NOT_IN_RIVER)))
    found = _counts(trial, chosen, roads)
    if found is None:
        return None
    on, share = found
    scores = [ROAD_WEIGHT * placed_odds(len(chosen) - hits, len(chosen), OFF_ROAD, 1 - share) for hits in on]
    shown = {"on_carriageway": _named(trial, on), "of": len(chosen), "road_share": round(share, 3)}
    return Kind("roads", of_scores(scores), shown)


def _counts(trial: Trial, chosen: NDArray[np.int64], shape: shapely.Geometry) -> tuple[list[int], float] | None:
    """How many of the chosen places are on a shape by hypothesis, and its share of the ground around them."""
    if not len(chosen) or shape.is_empty:
        return None
    turns = np.radians(np.arange(0, 360, 30))
    ring = np.concatenate([r * np.column_stack([np.cos(turns), np.sin(turns)]) for r in (300.0, 600.0, 1000.0)])
    around = (trial.xy[0, chosen][:400, None, :] + ring[None]).reshape(-1, 2)
    share = float(_within(around, shape).mean())
    if share < 0.005:
        return None
    return [int(_within(xy[chosen], shape).sum()) for xy in trial.xy], share


def of_streets(trial: Trial, streets: dict[str, shapely.Geometry]) -> Kind | None:
    """How far each place lies from the street that its address names. None where no address names a known one."""
    named = [street_of(place.address, streets) if place.address else None for place in trial.places]
    chosen = trial.one_a_cell(PLACE_CELL_M, np.array([name is not None for name in named]))
    if not len(chosen):
        return None
    shapes = np.array([streets[str(named[at])] for at in chosen], dtype=object)
    distance = np.stack([shapely.distance(shapes, shapely.points(xy[chosen])) for xy in trial.xy])
    near = log_normal_mixture_1d(distance, STREET_NEAR, STREET_ELSEWHERE, STREET_REACH_M)
    anywhere = log_normal_mixture_1d(distance, STREET_ANY, STREET_ELSEWHERE, STREET_REACH_M)
    median = {one.name: round(float(np.median(row)), 1) for one, row in zip(trial.hypotheses, distance, strict=True)}
    scores = STREET_WEIGHT * (near - anywhere).sum(axis=1)
    shown = {"addresses": len(chosen), "median_distance_m": median}
    strays = strays_of(trial.hypotheses, chosen, distance, AT_STREET_M, 2.5 * AT_STREET_M, "the street of its address")
    checked = dict.fromkeys(range(len(trial.hypotheses)), len(chosen) // 2)  # a shift along its street is not seen
    return Kind("streets", of_scores(scores), shown, _of_two_origins(trial, near), strays, checked)


def strays_of(
    hypotheses: Sequence[Hypothesis],
    rows: Sequence[int] | NDArray[np.int64],
    distance: Array,
    near_m: float,
    far_m: float,
    what: str,
) -> dict[int, dict[int, str]]:
    """For every hypothesis the rows that it puts far from where they belong, and another CRS near.

    Args:
        hypotheses: k of them.
        rows: numbers of the rows.
        distance: (k, rows) metres from where a row belongs.
        near_m: what is near.
        far_m: what is far.
        what: where they belong, for people.
    """
    named = [at for at, one in enumerate(hypotheses) if one.can_be_told]
    found: dict[int, dict[int, str]] = {}
    for at in range(len(hypotheses)):
        others = [other for other in named if other != at]
        for column in map(int, np.flatnonzero(distance[at] > far_m) if others else ()):
            best = min(others, key=lambda other: float(distance[other, column]))
            if distance[best, column] <= near_m:
                there = f"{distance[best, column]:.0f} m in {hypotheses[best].name}"
                found.setdefault(at, {})[int(rows[column])] = f"{distance[at, column]:.0f} m from {what}; {there}"
    return found


def _of_two_origins(trial: Trial, near: Array) -> dict[int, str]:
    """The hypotheses that explain the addresses less well than themselves and another together, half or a fifth of it.

    Args:
        trial: with k hypotheses.
        near: (k, addresses) log density of each distance.
    """
    named = [at for at, one in enumerate(trial.hypotheses) if one.can_be_told]
    found = {}
    for at in range(len(trial.hypotheses)):
        gains = [
            np.logaddexp(np.log1p(-share), np.log(share) + near[other] - near[at]).sum()
            for other in named
            if other != at
            for share in (0.2, 0.5)
        ]
        if gains and STREET_WEIGHT * max(gains) + np.log(MIXED_PRIOR) > -np.log(20.0):
            found[at] = "rows_of_two_origins"
    return found


def of_words(hypotheses: Sequence[Hypothesis], text: str) -> Kind | None:
    """What headings, title, notes and file name say. One witness, who may be wrong; two that differ are none."""
    bare = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text).upper())
    named = {crs: found[0] for crs, words in WORDS.items() if (found := re.search(words, bare))}
    if not named:
        return None
    shown = {"words": sorted(named.values())}
    if "an older datum" in named:
        return Kind(
            "words",
            of_scores([0.0] * len(hypotheses)),
            shown,
            dict.fromkeys(range(len(hypotheses)), "older_datum_named"),
        )
    if len(named) > 1:
        return Kind("words", of_scores([0.0] * len(hypotheses)), shown)
    (crs,) = named
    return Kind("words", of_scores([WORD_ODDS[crs] if one.crs == crs else 0.0 for one in hypotheses]), shown)


def of_basemap(trial: Trial, around: Surroundings, to_metric: Any) -> list[Kind]:
    """All that the basemap says."""
    kinds: list[Kind | None] = []
    if around.water is not None:
        kinds.append(of_water(trial, shapely.transform(around.water, to_metric)))
    if around.roads is not None:
        kinds.append(of_roads(trial, shapely.transform(around.roads, to_metric)))
    if around.streets:
        kinds.append(of_streets(trial, {n: shapely.transform(s, to_metric) for n, s in around.streets.items()}))
    return [kind for kind in kinds if kind is not None]


def _named(trial: Trial, counts: Sequence[int]) -> dict[str, int]:
    return {one.name: int(count) for one, count in zip(trial.hypotheses, counts, strict=True)}
