"""The score, on rows whose answer is worked out by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest

from data_samples import score

KNOWN: dict[str, Any] = {
    "events": [
        {
            "id": "p", "label": "dust_plume", "x_m": 0.0, "y_m": 0.0,
            "source": {"kind": "site", "id": "S", "enterprise": "E"},
        },
        {
            "id": "d", "label": "discharge", "x_m": 500.0, "y_m": 0.0,
            "source": {"kind": "none_registered", "id": None, "enterprise": None},
        },
    ],
    "pictures": [{"file": "a", "boxes": [{"object": "p", "label": "dust_plume", "box": [0, 0, 10, 10]}]}],
}  # fmt: skip


def test_overlap_of_two_boxes_by_hand() -> None:
    assert score.iou((0, 0, 10, 10), (5, 0, 15, 10)) == pytest.approx(50 / 150)
    assert score.iou((0, 0, 10, 10), (10, 0, 20, 10)) == 0.0
    assert score.iou((0, 0, 0, 0), (0, 0, 0, 0)) == 0.0


def test_a_true_box_is_found_once_by_the_surest_and_the_other_is_false() -> None:
    found = [
        score.Found("1", "a", "dust_plume", (0, 0, 10, 10), 0.5),
        score.Found("2", "a", "dust_plume", (0, 0, 10, 9), 0.9),
        score.Found("3", "a", "discharge", (0, 0, 10, 10), 0.9),
    ]
    assert score.matched(found, KNOWN) == {"2": "p"}
    assert score.detection_table(found, KNOWN) == {
        "discharge": {"true": 0, "found": 0, "false": 1},
        "dust_plume": {"true": 1, "found": 1, "false": 1},
    }


def test_metres_and_sigmas_by_hand() -> None:
    """3 m east at sigma 3, 4 m north at sigma 2: 5 m, and the root of 1 + 4."""
    placed = [score.Placed("2", -3.0, -4.0, 9.0, 0.0, 4.0), score.Placed("x", 0.0, 0.0, 1.0, 0.0, 1.0)]
    (row,) = score.place_table(placed, {"2": "p"}, KNOWN)
    assert row["apart_m"] == pytest.approx(5.0)
    assert row["sigmas"] == pytest.approx(math.sqrt(5.0))


@pytest.mark.parametrize(
    ("label", "x_m", "answer", "named", "outcome", "accuses"),
    [
        ("dust_plume", 10.0, "named", "S", "right", False),
        ("dust_plume", 10.0, "named", "E", "right", False),
        ("dust_plume", 10.0, "named", "other", "wrong", True),
        ("dust_plume", 10.0, "none_registered", None, "wrong", False),
        ("dust_plume", 10.0, "cannot_tell", None, "cannot_tell", False),
        ("dust_plume", 300.0, "named", "S", "false_alert", True),
        ("dust_plume", 300.0, "none_registered", None, "false_alert", False),
        ("discharge", 500.0, "none_registered", None, "right", False),
        ("discharge", 500.0, "named", "S", "wrong", True),
        ("smoke", 0.0, "cannot_tell", None, "false_alert", False),
    ],
)
def test_answers_by_hand(label: str, x_m: float, answer: str, named: str | None, outcome: str, accuses: bool) -> None:
    (row,) = score.answer_table([score.Answered("A", label, x_m, 0.0, answer, named)], KNOWN)
    assert (row["outcome"], row["accuses"]) == (outcome, accuses)
