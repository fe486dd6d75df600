"""Half turns that left no trace in the file are seen by what neighbouring frames show."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from geo.errors import ShapeError
from geo.flight_checks import doubts_of
from geo.picture_turns import turns_among
from geo.tags import Tags, read_tags
from tests.geo.pictures import world_from_camera

YAWS = (30.0, 30.0, 34.0, 211.0, 208.0, 300.0)
METRES_PER_DEGREE = 111_195.0


@pytest.fixture(scope="module")
def ground():
    """A made ground of 900 by 900 cells: blots of all sizes, no two alike."""
    rng, cells = np.random.default_rng(4), np.full((900, 900), 128, np.uint8)
    for _ in range(2500):
        x, y = (int(v) for v in rng.integers(0, 900, 2))
        cv2.ellipse(cells, (x, y), tuple(int(v) for v in rng.integers(2, 16, 2)), int(rng.integers(0, 180)), 0, 360,
                    int(rng.integers(0, 255)), -1)  # fmt: skip
    return cv2.GaussianBlur(cells, (0, 0), 1.0)


def flight(ground, yaws=YAWS, pitch=-90.0):
    """Frames straight down along a line, 40 cells apart, each turned by its yaw: OpenCV alone."""
    frames, tags = [], []
    for k, yaw in enumerate(yaws):
        east, south = 300 + 40 * k, 450
        # The top of the picture points to `yaw`: ground turned counter-clockwise by it in a picture of north up.
        turn = cv2.getRotationMatrix2D((east, south), yaw, 1.0)
        turn[:, 2] += np.array([240, 180]) - (east, south)
        frames.append(cv2.warpAffine(ground, turn, (480, 360), flags=cv2.INTER_LINEAR))
        tags.append(
            Tags(480, 360, lon=(east - 300) / METRES_PER_DEGREE, lat=0.0, gimbal_yaw_deg=yaw, gimbal_pitch_deg=pitch,
                 gimbal_roll_deg=0.0)
        )  # fmt: skip
    return frames, tags


def test_frames_whose_yaw_is_right_contradict_nobody(ground):
    frames, tags = flight(ground)
    found = turns_among(tags, lambda k: frames[k])
    assert [turn.clockwise_deg for turn in found] == [0] * 6
    assert max(turn.off_deg for turn in found) < 2.0
    assert min(turn.neighbours for turn in found) >= 1


@pytest.mark.parametrize(("quarters", "degrees"), [(1, 270), (2, 180), (3, 90)])
def test_the_turned_one_is_named_with_its_turn(ground, quarters, degrees):
    frames, tags = flight(ground)
    frames[2] = np.rot90(frames[2], quarters).copy()  # np.rot90 turns counter-clockwise
    found = turns_among(tags, lambda k: frames[k], threads=2)
    assert [turn.clockwise_deg for turn in found] == [0, 0, degrees, 0, 0, 0]


@pytest.mark.parametrize(("quarters", "degrees"), [(1, 270), (2, 180), (3, 90)])
@pytest.mark.parametrize("oblique", [False, True])
def test_a_flight_that_was_turned_as_a_whole_is_found_by_the_way_it_flew(ground, quarters, degrees, oblique):
    """All agree with each other; but the ground must pass through them along the way flown."""
    frames, tags = slanted(ground) if oblique else flight(ground)
    right = turns_among(tags, lambda k: frames[k])
    assert [(turn.clockwise_deg, turn.by_track) for turn in right] == [(0, True)] * len(frames)
    turned = [np.rot90(frame, quarters).copy() for frame in frames]
    found = turns_among(tags, lambda k: turned[k])
    assert [(turn.clockwise_deg, turn.by_track) for turn in found] == [(degrees, True)] * len(frames)


def test_the_way_flown_outvotes_a_majority_that_was_turned(ground):
    frames, tags = flight(ground)
    turned = [np.rot90(frame, 2).copy() if k != 2 else frame for k, frame in enumerate(frames)]
    found = turns_among(tags, lambda k: turned[k])
    assert [turn.clockwise_deg for turn in found] == [180, 180, 0, 180, 180, 180]


def test_one_pair_against_the_way_flown_disputes_and_a_hover_says_nothing(ground):
    frames, tags = flight(ground, YAWS[:2])
    turned = [np.rot90(frame, 2).copy() for frame in frames]
    assert [turn.disputed for turn in turns_among(tags, lambda k: turned[k])] == [True, True]
    still = [replace(tag, lon=tags[0].lon) for tag in tags]
    told = turns_among(still, lambda k: turned[k])
    assert [(turn.clockwise_deg, turn.by_track, turn.disputed) for turn in told] == [(0, False, False)] * 2


def slanted(ground):
    """Frames at pitch −60 along a line to the east, by a pinhole: a plane seen through OpenCV's homography."""
    frames, tags = [], []
    lens = np.array([[400.0, 0, 239.5], [0, 400.0, 179.5], [0, 0, 1]])
    for k, yaw in enumerate((20.0, 20.0, 24.0, 21.0, 18.0)):
        eye = np.array([400.0 + 12.0 * k, -700.0, 160.0])  # cells are metres, x right, y up
        inner = world_from_camera(yaw, -60.0, 0.0).T
        seen = lens @ np.column_stack([inner[:, 0], -inner[:, 1], -inner @ eye])
        frames.append(cv2.warpPerspective(ground, seen, (480, 360), borderMode=cv2.BORDER_REFLECT))
        tags.append(
            Tags(480, 360, lon=12.0 * k / METRES_PER_DEGREE, lat=0.0, relative_altitude_m=160.0, gimbal_yaw_deg=yaw,
                 gimbal_pitch_deg=-60.0, gimbal_roll_deg=0.0)
        )  # fmt: skip
    return frames, tags


def test_of_two_frames_nobody_says_which_was_turned(ground):
    frames, tags = flight(ground, YAWS[:2])
    frames[0] = np.rot90(frames[0], 2).copy()
    found = turns_among(tags, lambda k: frames[k])
    assert [(turn.clockwise_deg, turn.disputed) for turn in found] == [(None, True)] * 2


def test_a_heading_that_is_merely_wrong_is_told_in_degrees_and_is_no_turn(ground):
    frames, tags = flight(ground)
    tags[5] = replace(tags[5], gimbal_yaw_deg=tags[5].gimbal_yaw_deg + 40.0)
    found = turns_among(tags, lambda k: frames[k])
    assert found[5].clockwise_deg is None and not found[5].disputed
    assert found[5].off_deg == pytest.approx(40.0, abs=3.0)


def test_without_angles_ground_or_pixels_nothing_is_said(ground):
    frames, tags = flight(ground)
    assert {
        t.clockwise_deg for t in turns_among([replace(t, gimbal_yaw_deg=None) for t in tags], frames.__getitem__)
    } == {None}
    assert {t.neighbours for t in turns_among(tags, lambda k: None)} == {0}
    rng = np.random.default_rng(1)
    noise = [rng.integers(0, 255, (360, 480), dtype=np.uint8) for _ in tags]
    assert {t.clockwise_deg for t in turns_among(tags, lambda k: noise[k])} == {None}
    assert turns_among([], frames.__getitem__) == ()
    with pytest.raises(ShapeError):
        turns_among(tags, lambda k: np.zeros((4, 4, 3), np.uint8))


@pytest.mark.given
@pytest.mark.parametrize(("name", "reduction"), [("brighton", 4), ("isfm", 2), ("weedon", 4), ("jwcate", 4)])
def test_no_picture_of_a_given_flight_is_called_turned_and_a_turned_one_is(shared, name, reduction):
    paths = sorted(p for p in (shared / "data/flights" / name).iterdir() if p.suffix.lower() in (".jpg", ".tif"))
    tags = [read_tags(path) for path in paths]
    settled = [doubt.applied(tag) for doubt, tag in zip(doubts_of(tags), tags, strict=True)]
    flags = {2: cv2.IMREAD_REDUCED_GRAYSCALE_2, 4: cv2.IMREAD_REDUCED_GRAYSCALE_4}[reduction]
    paths, tags, settled = paths[:4], tags[:4], settled[:4]
    grey = [cv2.imread(str(path), flags | cv2.IMREAD_IGNORE_ORIENTATION) for path in paths]
    assert {turn.clockwise_deg for turn in turns_among(settled, grey.__getitem__)} == {0}
    grey[1] = np.rot90(grey[1], 2).copy()
    found = turns_among(settled, grey.__getitem__)
    assert found[1].disputed if len(grey) == 2 else [t.clockwise_deg for t in found].count(180) == 1
    assert len(grey) == 2 or found[1].clockwise_deg == 180


@pytest.mark.given
@pytest.mark.parametrize(("name", "reduction"), [("brighton", 4), ("isfm", 2)])
def test_a_given_flight_that_was_turned_as_a_whole_is_found(shared, name, reduction):
    paths = sorted(p for p in (shared / "data/flights" / name).iterdir() if p.suffix.lower() in (".jpg", ".tif"))
    tags = [read_tags(path) for path in paths]
    flags = {2: cv2.IMREAD_REDUCED_GRAYSCALE_2, 4: cv2.IMREAD_REDUCED_GRAYSCALE_4}[reduction]
    grey = [cv2.imread(str(path), flags | cv2.IMREAD_IGNORE_ORIENTATION) for path in paths]
    for quarters, degrees in ((0, 0), (2, 180)):
        turned = [np.rot90(one, quarters).copy() for one in grey]
        found = turns_among(tags, turned.__getitem__)
        assert {turn.clockwise_deg for turn in found if turn.by_track} == {degrees}
        assert sum(turn.by_track for turn in found) >= len(found) - 1, "one may share too little ground"
