"""A delivery's pictures against each other: what is turned is refused, what is disputed is doubted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest

from data_samples.renderer.flight import START, Shot, exact_claim
from data_samples.renderer.tags import write_picture
from geo.picture_turns import PictureTurn
from geo.yaw_words import UNKNOWN_DEG
from pipelines.engine.flights import add_flight
from pipelines.engine.stage import Context
from pipelines.engine.turned import said_of, turns_in, with_turn
from pipelines.intake import TakenIn
from pipelines.records import Done, Frame, Refused
from pipelines.settings import EngineSettings, Settings
from pipelines.store import Store, journal
from pipelines.store.read import frames
from pipelines.wording import say
from tests.cli.small_flight import LENS

NOW = datetime(2026, 11, 24, tzinfo=UTC)
SETTINGS = replace(Settings(), engine=EngineSettings(chunk=1))


def delivered(folder: Path, count: int, turned: tuple[int, ...]) -> list[Path]:
    """Pictures straight down along a line over one made ground, some of them turned by half before they came."""
    folder.mkdir(exist_ok=True)
    rng, ground = np.random.default_rng(9), np.full((500, 900), 128, np.uint8)
    for _ in range(1500):
        x, y = (int(v) for v in rng.integers(0, 900, 2))
        size = tuple(int(v) for v in rng.integers(2, 14, 2))
        cv2.ellipse(ground, (x, y % 500), size, int(rng.integers(0, 180)), 0, 360, int(rng.integers(0, 255)), -1)
    paths = []
    for k in range(count):
        pixels = ground[60:420, 40 * k : 40 * k + 480]
        shown = np.rot90(pixels, 2) if k in turned else pixels
        claim = exact_claim(Shot("", START, k * 40.0, 0.0, 480.0, 0.0, -90.0, 0.0))
        paths.append(folder / f"DJI_{k:04d}.JPG")
        write_picture(paths[-1], np.repeat(shown[:, :, None], 3, axis=2).copy(), claim, LENS, quality=95)
    return paths


def turns(paths: list[Path]) -> dict[str, PictureTurn]:
    return turns_in([(path.name, path) for path in paths], lambda done, total: None)


def test_who_lies_turned_among_its_neighbours_is_known_before_anything_is_stored(tmp_path: Path) -> None:
    paths = delivered(tmp_path / "f", 5, (3,))
    (tmp_path / "notes.docx").write_bytes(b"no picture")
    (tmp_path / "broken.JPG").write_bytes(b"\xff\xd8no picture")
    heard: list[tuple[int, int]] = []
    files = [(path.name, path) for path in (tmp_path / "notes.docx", tmp_path / "broken.JPG", *paths)]
    found = turns_in(files, lambda done, total: heard.append((done, total)))
    assert {key: turn.clockwise_deg for key, turn in found.items()} == {
        p.name: 180 * (k == 3) for k, p in enumerate(paths)
    }
    assert heard == [(5, 5)]


def test_two_that_lie_turned_against_each_other_are_both_doubted(tmp_path: Path) -> None:
    found = turns(delivered(tmp_path / "f", 2, (0,)))
    assert [turn.disputed for turn in found.values()] == [True, True]
    frame = Frame("fr-1", "", "0" * 64, "DJI_0000.JPG", "picture", None, NOW, NOW, 480, 360, {"yaw_doubt_deg": 3.0})
    taken = TakenIn(tmp_path, frame.name, frame.file_sha256, 1, "image/jpeg", (frame,))
    told = with_turn(Done(frame.name, taken), found[frame.name])
    assert isinstance(told, Done)
    assert told.result.frames[0].tags == {"yaw_doubt_deg": float(np.hypot(UNKNOWN_DEG, 3.0))}
    assert (
        [note.code for note in told.result.frames[0].warnings] == ["turn_disputed"] == [w.code for w in told.warnings]
    )


def test_a_picture_that_stands_alone_or_was_refused_stays_as_it_is(tmp_path: Path) -> None:
    assert turns(delivered(tmp_path / "f", 1, ())) == {}
    refused = Refused("notes.docx", "unsupported_file")
    assert with_turn(refused, PictureTurn(180, False, 0.0, 2)) is refused


def test_a_picture_is_stored_before_the_next_is_read_and_a_cut_off_delivery_ends_as_a_whole_one(
    tmp_path: Path, home: Path
) -> None:
    """The turned one comes second: the pictures that are left after the cut could not tell it among themselves."""
    paths = delivered(tmp_path / "f", 4, (2,))
    context = Context.at(NOW, SETTINGS)

    class CutOff(Exception):
        pass

    def cut(stage: str, done: int, total: int) -> None:
        if stage == "intake" and done == 2:
            raise CutOff

    with Store.open(home) as store:
        with pytest.raises(CutOff):
            add_flight(store, [tmp_path / "f"], context, by=None, progress=cut)
        assert [f.name for f in frames.all(store)] == [path.name for path in paths[:2]]
        added = add_flight(store, [tmp_path / "f"], context, by=None)
        assert (added.images, added.unchanged) == (4, 2)
        held = {frame.name: frame.tags.get("turned_deg") for frame in frames.all(store)}
        assert held == {path.name: 180 if k == 2 else None for k, path in enumerate(paths)}
        assert journal.verify(store).ok


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
