"""The lag between clock and picture, on clips whose camera path is known; the track is late by what the test says."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from geo.errors import UnreadableFile
from geo.fixes import Track
from geo.track_tags import LAG_SIGMA_S, tags_at
from geo.video_lag import ASSUMED, lag_of
from geo.video_motion import Motion, motion_of

LON, LAT = 121.4, 31.25
M_PER_DEG = 111_195.0
RATE, SECONDS = 10.0, 48.0


def path(t, steady: bool):
    """Metres east and north, and yaw in degrees, at instants: legs that begin, hurry, stop and turn."""
    if steady:
        return 6.0 * t, np.zeros_like(t), np.zeros_like(t)
    speed = np.linspace(0, SECONDS + 4, 4000)
    v = 5 + 4 * np.sin(2 * np.pi * speed / 9.0) + 1.5 * np.sin(2 * np.pi * speed / 4.1)
    way = np.concatenate([[0], np.cumsum((v[1:] + v[:-1]) / 2 * np.diff(speed))])
    yaw = 40 * np.sin(2 * np.pi * t / 17.0)
    return np.interp(t + 2, speed, way), 0.0 * t, yaw


def track(lag_s: float, every_s: float, *, steady: bool = False, decimals: int = 7, yaw: bool = True) -> Track:
    times = np.arange(0, SECONDS, every_s)
    east, north, turned = path(times - lag_s, steady)
    lon = np.round(LON + east / (M_PER_DEG * np.cos(np.radians(LAT))), decimals)
    lat = np.round(LAT + north / M_PER_DEG, decimals)
    nothing = np.full(len(times), np.nan)
    return Track(
        format="dji_srt_brackets", frames=len(times), dropped=0, times_s=times, clock=None, lon=lon, lat=lat,
        altitude_m=np.full(len(times), 60.0), altitude_kind="takeoff", absolute_altitude_m=nothing,
        yaw_true_deg=turned if yaw else nothing, pitch_deg=np.full(len(times), -90.0), roll_deg=np.zeros(len(times)),
        focal_35mm=nothing, verified=np.ones(len(times), bool), resolution_m=M_PER_DEG * 10.0**-decimals, warnings=(),
    )  # fmt: skip


def motion(steady: bool = False, noise: float = 0.4, seed: int = 1) -> Motion:
    """What a perfect follower would see of that path at 4 px a metre, with noise."""
    edges = np.arange(0, SECONDS, 0.2)
    middle = (edges[1:] + edges[:-1]) / 2
    east, north, yaw = path(edges, steady)
    random = np.random.default_rng(seed)
    shift = np.hypot(np.diff(east), np.diff(north)) / 0.2 * 4
    turn = -np.diff(yaw) / 0.2
    return Motion(middle, shift + random.normal(0, noise, len(shift)), turn + random.normal(0, noise, len(turn)))


@pytest.mark.parametrize("lag_s", [-0.4, 0.0, 0.35, 0.8])
@pytest.mark.parametrize("every_s", [0.2, 1.0])
@pytest.mark.parametrize("yaw", [True, False])
def test_the_lag_is_found_within_its_sigma(lag_s, every_s, yaw):
    found = lag_of(motion(), track(lag_s, every_s, yaw=yaw))
    assert found.is_estimated and found.explained > 0.6
    assert abs(found.seconds - lag_s) < max(2 * found.sigma_s, 0.1)
    assert 0.05 <= found.sigma_s < 0.3


def test_the_stated_sigma_holds_over_many_noises():
    errors = [
        (found.seconds - 0.3) / found.sigma_s
        for seed in range(20)
        if (found := lag_of(motion(noise=6.0, seed=seed), track(0.3, 1.0))).is_estimated
    ]
    assert len(errors) >= 14
    assert np.mean(np.abs(errors) < 2) >= 0.9


def test_a_steady_flight_a_short_clip_and_coarse_places_tell_nothing():
    assert lag_of(motion(steady=True), track(0.5, 1.0, steady=True)) == ASSUMED
    whole = motion()
    short = Motion(whole.times_s[:30], whole.shift_px_s[:30], whole.turn_deg_s[:30])
    assert lag_of(short, track(0.5, 1.0)) == ASSUMED
    assert lag_of(whole, track(0.5, 1.0, decimals=4, yaw=False)) == ASSUMED


def test_a_picture_that_moves_otherwise_than_its_track_says_tells_nothing():
    whole = motion()
    random = np.random.default_rng(3)
    other = Motion(whole.times_s, random.permutation(whole.shift_px_s), random.permutation(whole.turn_deg_s))
    assert lag_of(other, track(0.2, 1.0)) == ASSUMED


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """The path flown over a ground of noise, straight down, at 4 px a metre: an independent renderer of ten lines."""
    file = tmp_path_factory.mktemp("clip") / "clip.mp4"
    random = np.random.default_rng(9)
    ground = cv2.GaussianBlur(random.integers(0, 255, (700, 1700), dtype=np.uint8), (0, 0), 2.0)
    ground = cv2.cvtColor(cv2.normalize(ground, None, 0, 255, cv2.NORM_MINMAX), cv2.COLOR_GRAY2BGR)
    writer = cv2.VideoWriter(str(file), cv2.VideoWriter_fourcc(*"mp4v"), RATE, (320, 180))
    assert writer.isOpened()
    for t in np.arange(0, SECONDS, 1 / RATE):
        east, _, yaw = (float(x) for x in path(np.array(t), False))
        turn = cv2.getRotationMatrix2D((200 + 4 * east, 350), yaw, 1.0)
        turn[:, 2] += np.array([160, 90]) - np.array([200 + 4 * east, 350])
        writer.write(cv2.warpAffine(ground, turn, (320, 180), borderMode=cv2.BORDER_REFLECT))
    writer.release()
    return file


def test_a_clips_motion_is_measured_as_it_was_flown(clip):
    seen = motion_of(clip)
    east, _, yaw = path(np.stack([seen.times_s - 0.1, seen.times_s + 0.1]), False)
    assert seen.shift_px_s == pytest.approx(np.abs(np.diff(east, axis=0)[0]) / 0.2 * 4, abs=2.0)
    assert np.abs(seen.turn_deg_s) == pytest.approx(np.abs(np.diff(yaw, axis=0)[0] / 0.2), abs=0.8)


@pytest.mark.parametrize("lag_s", [0.0, 0.45])
def test_the_lag_of_a_clip_is_found_from_its_pictures(clip, lag_s):
    found = lag_of(motion_of(clip), track(lag_s, 1.0))
    assert found.seconds == pytest.approx(lag_s, abs=0.12)
    assert found.explained > 0.7


def test_what_is_no_video_is_refused(tmp_path):
    (tmp_path / "no.mp4").write_bytes(b"nothing")
    with pytest.raises(UnreadableFile):
        motion_of(tmp_path / "no.mp4")


def test_a_known_lag_moves_the_place_and_narrows_the_doubt():
    held = track(0.5, 0.2, steady=True)
    there = tags_at(held, 20.0, 320, 180, lag_s=0.5, lag_sigma_s=0.05)
    east = (there.lon - LON) * M_PER_DEG * np.cos(np.radians(LAT))
    assert east == pytest.approx(6.0 * 20.0, abs=0.05)  # where it was when the picture was taken
    assert there.position_doubt_m == pytest.approx(6.0 * 0.05, rel=0.05)
    assert tags_at(held, 20.0, 320, 180).position_doubt_m == pytest.approx(6.0 * LAG_SIGMA_S, rel=0.05)
