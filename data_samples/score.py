"""What a chain found on the sample flight, held against the truth: plain rows in, plain rows out.

Used by the noisy part of the truth test and by the notebook, so that both count alike.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data_samples import FOLDER

IOU = 0.3
"""From here on a box covers a true one: looser than usual, for the edge of a plume is nobody's truth."""
NEAR_M = 60.0
"""An alert within this of a true thing of its kind is about that thing."""
SIGMAS_95 = math.sqrt(5.991)
"""Half axes of the 95 % ellipse of two variables, in sigmas (chi-square, 2 degrees of freedom)."""


@dataclass(frozen=True, slots=True)
class Found:
    """A box that a chain drew: (u0, v0, u1, v1) in pixels of the picture."""

    id: str
    picture: str
    label: str
    box: tuple[float, float, float, float]
    confidence: float


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a chain put a box: metres east and north in the truth's CRS, covariance ((xx, xy), (xy, yy)) in metres²."""

    id: str
    x_m: float
    y_m: float
    cov_xx_m2: float
    cov_xy_m2: float
    cov_yy_m2: float


@dataclass(frozen=True, slots=True)
class Answered:
    """What a chain said of an alert: `named`, `none_registered` or `cannot_tell`, and the id that it named."""

    id: str
    label: str
    x_m: float
    y_m: float
    answer: str
    named: str | None


def truth() -> dict[str, Any]:
    """The truth of the sample flight."""
    loaded: dict[str, Any] = json.loads((FOLDER / "truth.json").read_text("utf-8"))
    return loaded


def iou(a: Sequence[float], b: Sequence[float]) -> float:
    """Intersection over union of two boxes (u0, v0, u1, v1)."""
    wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    shared = max(wide, 0.0) * max(high, 0.0)
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared
    return shared / union if union > 0 else 0.0


def matched(found: Sequence[Found], known: Mapping[str, Any]) -> dict[str, str]:
    """Which box is which true thing: each true box once, the surest box first."""
    pairs: dict[str, str] = {}
    for picture in known["pictures"]:
        left = list(picture["boxes"])
        mine = [box for box in found if box.picture == picture["file"]]
        for box in sorted(mine, key=lambda b: (-b.confidence, b.id)):
            same = [b for b in left if b["label"] == box.label and iou(b["box"], box.box) >= IOU]
            if same:
                best = max(same, key=lambda b: iou(b["box"], box.box))
                left.remove(best)
                pairs[box.id] = best["object"]
    return pairs


def detection_table(found: Sequence[Found], known: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """By label: true boxes, found, false."""
    pairs = matched(found, known)
    table: dict[str, dict[str, int]] = {}
    for label in sorted({b["label"] for p in known["pictures"] for b in p["boxes"]} | {f.label for f in found}):
        table[label] = {
            "true": sum(b["label"] == label for p in known["pictures"] for b in p["boxes"]),
            "found": sum(f.label == label and f.id in pairs for f in found),
            "false": sum(f.label == label and f.id not in pairs for f in found),
        }
    return table


def place_table(placed: Sequence[Placed], pairs: Mapping[str, str], known: Mapping[str, Any]) -> list[dict[str, Any]]:
    """For each box that was found and whose thing has a place: metres apart, and how many sigmas that is."""
    events = {event["id"]: event for event in known["events"]}
    rows = []
    for place in placed:
        event = events.get(pairs.get(place.id, ""))
        if event is None:
            continue
        dx, dy = event["x_m"] - place.x_m, event["y_m"] - place.y_m
        determinant = place.cov_xx_m2 * place.cov_yy_m2 - place.cov_xy_m2**2
        squared = (
            place.cov_yy_m2 * dx * dx - 2.0 * place.cov_xy_m2 * dx * dy + place.cov_xx_m2 * dy * dy
        ) / determinant
        rows.append(
            {"thing": event["id"], "label": event["label"], "apart_m": math.hypot(dx, dy), "sigmas": math.sqrt(squared)}
        )
    return rows


def answer_table(answered: Sequence[Answered], known: Mapping[str, Any]) -> list[dict[str, Any]]:
    """For each alert: the true thing of its kind that is near, and whether the answer about its source is right.

    `false_alert`: nothing of that kind is near; `accuses` then says whether somebody was named for nothing.
    """
    return [_answer_row(alert, known) for alert in answered]


def _answer_row(alert: Answered, known: Mapping[str, Any]) -> dict[str, Any]:
    near: list[tuple[float, str, dict[str, Any]]] = [
        (math.hypot(event["x_m"] - alert.x_m, event["y_m"] - alert.y_m), event["id"], event["source"])
        for event in known["events"]
        if event["label"] == alert.label
    ]
    apart_m, thing, source = min(near, key=lambda n: n[0], default=(math.inf, "", {}))
    row = {"alert": alert.id, "label": alert.label, "answer": alert.answer, "named": alert.named}
    if apart_m > NEAR_M:
        return row | {"thing": None, "outcome": "false_alert", "accuses": alert.answer == "named"}
    if alert.answer == "cannot_tell":
        return row | {"thing": thing, "outcome": "cannot_tell", "accuses": False}
    if alert.answer == "none_registered":
        right = source["kind"] == "none_registered"
    else:
        right = alert.named in {source["id"], source["enterprise"]} - {None}
    wrong_name = alert.answer == "named" and not right
    return row | {"thing": thing, "outcome": "right" if right else "wrong", "accuses": wrong_name}
