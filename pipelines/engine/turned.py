"""Pictures of a delivery whose pixels were turned after the shot, by what their neighbours in it show.

Who is turned is only known once the neighbours were seen, and so is looked for before anything is stored: from the tags
and from small copies, `geo.picture_turns.AT_ONCE` in memory. What is found then goes into a frame's tags as its picture
is taken in: a turned picture is refused when it is to be located, one that contradicts its only neighbour gets the
largest doubt of its heading, and the report of the flight names both.
"""

from __future__ import annotations

import math
import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from geo.errors import GeoError
from geo.flight_checks import doubts_of
from geo.picture_turns import LEAST_TURN_DEG, LONG_SIDE_PX, PictureTurn, Told, turns_among
from geo.tags import Tags, read_tags
from geo.yaw_words import UNKNOWN_DEG
from models.errors import ModelsError
from models.vision.health import read_reduced
from pipelines.intake import PICTURES, TakenIn
from pipelines.records import Done, Outcome, Reason

FEWEST = 2
REDUCTIONS = (8, 4, 2)  # at which a picture can be decoded small
MOST_THREADS = 8


@dataclass(frozen=True, slots=True)
class _Small:
    path: Path
    key: str
    tags: Tags


def turns_in(files: Sequence[tuple[str, Path]], told: Told) -> dict[str, PictureTurn]:
    """What the pictures of a delivery say of each other.

    Args:
        files: (key, path) of all its files, held already or new, in the order of their names; what is no picture, or
            one that cannot be read, is passed over: intake says why.
        told: after every few pictures.

    Returns:
        By key, of the pictures that were held against another of the same camera.
    """
    groups: Mapping[str, list[_Small]] = defaultdict(list)
    for key, path in files:
        tags = _tags_of(path)
        if tags is not None and not tags.thermal:
            groups[str(tags.model or "")].append(_Small(path, key, tags))
    found: dict[str, PictureTurn] = {}
    for group in groups.values():
        if len(group) >= FEWEST:
            found.update(zip((one.key for one in group), _turns(group, told), strict=True))
    return found


def _tags_of(path: Path) -> Tags | None:
    if path.suffix.lower() not in PICTURES:
        return None
    try:
        return read_tags(path)
    except (GeoError, OSError):
        return None


def _turns(group: Sequence[_Small], told: Told) -> tuple[PictureTurn, ...]:
    tags = [one.tags for one in group]
    settled = [doubt.applied(tag) for doubt, tag in zip(doubts_of(tags), tags, strict=True)]

    def load(at: int) -> np.ndarray | None:
        longer = max(tags[at].width_px, tags[at].height_px)
        reduction = next((r for r in REDUCTIONS if longer >= r * LONG_SIDE_PX), 1)
        try:
            rgb = read_reduced(group[at].path, reduction, name=group[at].path.name)
        except ModelsError:
            return None  # detection says why, when it opens the picture
        return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), dtype=np.uint8)

    return turns_among(settled, load, threads=min(MOST_THREADS, os.cpu_count() or 1), told=told)


def with_turn(outcome: Outcome, turn: PictureTurn | None) -> Outcome:
    """A file's outcome of intake, with what its neighbours say of its picture."""
    if turn is None or not isinstance(outcome, Done) or not isinstance(outcome.result, TakenIn):
        return outcome
    note, changes = said_of(turn)
    if note is None or not outcome.result.frames:
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
        word = "turned_against_track" if turn.by_track else "turned_against_neighbours"
        return Reason(word, {"figure": turn.clockwise_deg}), {"turned_deg": turn.clockwise_deg}
    if turn.disputed:
        return Reason("turn_disputed", {"figure": turn.neighbours}), {"yaw_doubt_deg": UNKNOWN_DEG}
    if turn.off_deg > LEAST_TURN_DEG:
        return Reason("heading_against_neighbours", {"figure": turn.off_deg}), {"yaw_doubt_deg": turn.off_deg}
    return None, {}
