"""Pictures of a delivery whose pixels were turned after the shot, by what their neighbours in it show.

What is found goes into the frame's tags before it is stored: a turned picture is refused when it is to be located, one
that contradicts its only neighbour gets the largest doubt of its heading, and the report of the flight names both.
"""

from __future__ import annotations

import math
import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import cv2
import numpy as np

from geo.flight_checks import doubts_of
from geo.picture_turns import LEAST_TURN_DEG, PictureTurn, turns_among
from geo.tags import Tags
from geo.yaw_words import UNKNOWN_DEG
from models.errors import ModelsError
from models.vision.health import read_reduced
from pipelines.intake import TakenIn
from pipelines.records import Done, Frame, Outcome, Reason

FEWEST = 2
QUARTER = 4  # pictures are decoded at a quarter of their size
SMALL_PX = 2000  # below which they are decoded as they are
MOST_THREADS = 8


def with_turns(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """The outcomes of a whole delivery's intake, each picture with what its neighbours say of it.

    Args:
        outcomes: of `pipelines.intake.run`, in the order of the files.
    """
    groups: Mapping[str, list[int]] = defaultdict(list)
    for at, outcome in enumerate(outcomes):
        frame = _picture(outcome)
        if frame is not None and not frame.tags.get("thermal"):
            groups[str(frame.tags.get("model", ""))].append(at)
    told = list(outcomes)
    for group in groups.values():
        if len(group) >= FEWEST:
            turns = _turns([outcomes[at].result for at in group])  # type: ignore[union-attr]
            for at, turn in zip(group, turns, strict=True):
                told[at] = _told(outcomes[at], turn)
    return told


def _picture(outcome: Outcome) -> Frame | None:
    if not isinstance(outcome, Done) or not isinstance(outcome.result, TakenIn):
        return None
    frames = outcome.result.frames
    return frames[0] if len(frames) == 1 and frames[0].kind == "picture" else None


def _turns(taken: Sequence[TakenIn]) -> tuple[PictureTurn, ...]:
    tags = [Tags.from_json(one.frames[0].tags) for one in taken]
    settled = [doubt.applied(tag) for doubt, tag in zip(doubts_of(tags), tags, strict=True)]

    def load(at: int) -> np.ndarray | None:
        try:
            reduction = QUARTER if max(tags[at].width_px, tags[at].height_px) >= SMALL_PX else 1
            rgb = read_reduced(taken[at].path, reduction, name=taken[at].name)
            return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
        except ModelsError:
            return None  # detection says why, when it opens the picture

    return turns_among(settled, load, threads=min(MOST_THREADS, os.cpu_count() or 1))


def _told(outcome: Outcome, turn: PictureTurn) -> Outcome:
    note, changes = said_of(turn)
    if note is None or not isinstance(outcome, Done):
        return outcome
    frame = outcome.result.frames[0]
    doubt = changes.pop("yaw_doubt_deg", None)
    if doubt is not None:
        changes["yaw_doubt_deg"] = math.hypot(doubt, frame.tags.get("yaw_doubt_deg") or 0.0)
    changed = replace(frame, tags={**frame.tags, **changes}, warnings=(*frame.warnings, note))
    result = replace(outcome.result, frames=(changed,))
    return replace(outcome, result=result, warnings=(*outcome.warnings, note))


def said_of(turn: PictureTurn) -> tuple[Reason | None, dict[str, Any]]:
    """The warning that a frame gets, and what changes in its tags; nothing where its neighbours agree with it."""
    if turn.clockwise_deg:
        return Reason("turned_against_neighbours", {"figure": turn.clockwise_deg}), {"turned_deg": turn.clockwise_deg}
    if turn.disputed:
        return Reason("turn_disputed", {"figure": turn.neighbours}), {"yaw_doubt_deg": UNKNOWN_DEG}
    if turn.off_deg > LEAST_TURN_DEG:
        return Reason("heading_against_neighbours", {"figure": turn.off_deg}), {"yaw_doubt_deg": turn.off_deg}
    return None, {}
