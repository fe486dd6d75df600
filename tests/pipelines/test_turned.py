"""A delivery's pictures against each other: what is turned is refused, what is disputed is doubted."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest

from geo.picture_turns import PictureTurn
from geo.tags import Tags
from geo.yaw_words import UNKNOWN_DEG
from pipelines.engine.turned import said_of, with_turns
from pipelines.intake import TakenIn
from pipelines.records import Done, Frame, Outcome, Refused
from pipelines.wording import say

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def delivered(folder: Path, count: int, turned: tuple[int, ...]) -> list[Outcome]:
    """Pictures straight down along a line over one made ground, some of them turned by half before they came."""
    rng, ground = np.random.default_rng(9), np.full((500, 900), 128, np.uint8)
    for _ in range(1500):
        x, y = (int(v) for v in rng.integers(0, 900, 2))
        size = tuple(int(v) for v in rng.integers(2, 14, 2))
        cv2.ellipse(ground, (x, y % 500), size, int(rng.integers(0, 180)), 0, 360, int(rng.integers(0, 255)), -1)
    told: list[Outcome] = []
    for k in range(count):
        pixels = ground[60:420, 40 * k : 40 * k + 480]
        path = folder / f"DJI_{k:04d}.png"
        cv2.imwrite(str(path), np.rot90(pixels, 2) if k in turned else pixels)
        tags = Tags(480, 360, model="FC330", lon=121.4 + k * 0.0004, lat=31.25, gimbal_yaw_deg=0.0,
                    gimbal_pitch_deg=-90.0, gimbal_roll_deg=0.0)  # fmt: skip
        frame = Frame(f"fr-{k}", "", "0" * 64, path.name, "picture", None, NOW, NOW, 480, 360, tags.to_json())
        told.append(Done(path.name, TakenIn(path, path.name, "0" * 64, 1, "image/png", (frame,))))
    return told


def test_a_picture_that_lies_turned_among_its_neighbours_carries_its_turn(tmp_path: Path) -> None:
    outcomes: list[Outcome] = [Refused("notes.docx", "unsupported_file"), *delivered(tmp_path, 5, (3,))]
    told = with_turns(outcomes)
    assert told[0] == outcomes[0] and told[1:4] == outcomes[1:4] and told[5] == outcomes[5]
    changed = told[4]
    assert isinstance(changed, Done)
    assert changed.result.frames[0].tags["turned_deg"] == 180
    assert [note.code for note in changed.result.frames[0].warnings] == ["turned_against_neighbours"]
    assert changed.warnings == changed.result.frames[0].warnings


def test_two_that_lie_turned_against_each_other_are_both_doubted(tmp_path: Path) -> None:
    told = with_turns(delivered(tmp_path, 2, (0,)))
    for one in told:
        assert isinstance(one, Done)
        assert one.result.frames[0].tags["yaw_doubt_deg"] == UNKNOWN_DEG
        assert "turned_deg" not in one.result.frames[0].tags
        assert one.warnings[0].code == "turn_disputed"


def test_a_picture_that_cannot_be_opened_or_stands_alone_stays_as_it_is(tmp_path: Path) -> None:
    one = delivered(tmp_path, 1, ())
    assert with_turns(one) == one
    two = delivered(tmp_path, 2, (0,))
    (tmp_path / "DJI_0000.png").write_bytes(b"no picture")
    assert with_turns(two) == two


@pytest.mark.parametrize(
    ("turn", "code"),
    [
        (PictureTurn(0, False, 1.0, 3), None),
        (PictureTurn(90, False, 1.0, 3), "turned_against_neighbours"),
        (PictureTurn(None, True, 1.0, 1), "turn_disputed"),
        (PictureTurn(0, False, 28.0, 2), "heading_against_neighbours"),
        (PictureTurn(None, False, 40.0, 2), "heading_against_neighbours"),
    ],
)
def test_each_finding_has_its_sentence(turn: PictureTurn, code: str | None) -> None:
    note, _ = said_of(turn)
    assert (note and note.code) == code
    if note is not None:
        assert "{" not in say(note.code, note.values, "en") + say(note.code, note.values, "zh")
