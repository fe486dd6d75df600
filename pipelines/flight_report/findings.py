"""Can this flight carry a finding? For each label: how small a thing shows, and whether its place is good enough."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from geo.types import FloatArray
from pipelines.records import Reason
from pipelines.settings import FlightReportSettings

LABELS = ("dust_plume", "bare_soil", "outfall", "discharge", "foam", "smoke", "vehicle")
YES, ONLY_LARGER, NO = "yes", "only_larger", "no"


@dataclass(frozen=True, slots=True)
class Sight:
    """What the flight's pictures are like: pixels of one, GSD and ellipses of all, how many can be judged."""

    picture_px: float
    gsd_m: FloatArray
    sigma_major_m: FloatArray
    usable: int


def findings(
    sight: Sight, radius_m: Mapping[str, float], sigma_fraction: float, looked_for: frozenset[str],
    settings: FlightReportSettings,
) -> list[dict[str, Any]]:  # fmt: skip
    """One answer a label.

    Args:
        sight: of the flight.
        radius_m: how far from its place sources of a label are looked for; 0: never attributed.
        sigma_fraction: the ellipse may be no longer than this share of it.
        looked_for: labels that some detector in use can give; the others wait for a person's eye.
        settings: least sizes and sizes sought.

    Returns:
        For each label: answer (`yes`, `only_larger`, `no`), its reason word and figures: `smallest_m` the smallest
        thing that shows in the median picture, `smallest_worst_m` in the coarsest one, `sought_m`, `sigma_m` the median
        1-sigma major axis, `allowed_m` the longest that attribution takes (None: not attributed), `least_px`,
        `detector`.
    """
    return [
        _finding(label, sight, float(radius_m.get(label, 0.0)) * sigma_fraction, label in looked_for, settings)
        for label in LABELS
    ]


def least_px(label: str, picture_px: float, detector: bool, settings: FlightReportSettings) -> float:
    """The least side in pixels of the picture as stored of a thing that is seen."""
    if not detector:
        return settings.least_seen_px
    fraction = {"dust_plume": settings.least_dust_plume_fraction, "discharge": settings.least_discharge_fraction}
    if label in fraction:
        return math.sqrt(fraction[label] * picture_px)
    return settings.least_vehicle_px


def _finding(
    label: str, sight: Sight, allowed_m: float, detector: bool, settings: FlightReportSettings
) -> dict[str, Any]:
    if not sight.gsd_m.size:
        return _answer(label, NO, Reason("finding_no_place"), {"detector": detector})
    side = least_px(label, sight.picture_px, detector, settings)
    figures: dict[str, Any] = {
        "least_px": round(side, 1),
        "smallest_m": round(side * float(np.median(sight.gsd_m)), 3),
        "smallest_worst_m": round(side * float(sight.gsd_m.max()), 3),
        "sought_m": settings.sought_m(label),
        "sigma_m": round(float(np.median(sight.sigma_major_m)), 2),
        "allowed_m": round(allowed_m, 1) if allowed_m else None,
        "detector": detector,
    }
    return _answer(label, *_judged(figures, sight), figures)


def _judged(figures: Mapping[str, Any], sight: Sight) -> tuple[str, Reason]:
    if not sight.usable:
        return NO, Reason("finding_nothing_usable")
    allowed = figures["allowed_m"]
    if allowed is not None and figures["sigma_m"] > allowed:
        return NO, Reason("finding_too_vague", {"sigma_m": figures["sigma_m"], "allowed_m": allowed})
    size = {"smallest_m": figures["smallest_m"], "least_px": figures["least_px"], "sigma_m": figures["sigma_m"]}
    if figures["smallest_m"] > figures["sought_m"]:
        return ONLY_LARGER, Reason("finding_only_larger", {**size, "sought_m": figures["sought_m"]})
    return YES, Reason("finding_yes", size)


def _answer(label: str, answer: str, why: Reason, figures: Mapping[str, Any]) -> dict[str, Any]:
    return {"label": label, "answer": answer, "reason": why.code, "values": dict(why.values), **figures}
