"""The lag over real ground: a given picture, flown over obliquely with a shaking gimbal and a codec; a given clip."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from geo.fixes import Track
from geo.video_lag import ASSUMED, lag_of
from geo.video_motion import motion_of
from tests.geo.pictures import world_from_camera

LON, LAT, M_PER_DEG = 121.4, 31.25, 111_195.0
RATE, SECONDS, HEIGHT_M, GSD_M = 10.0, 48.0, 14.0, 0.0684


def way(t):
    """Metres east and north and the yaw at instants: to and fro, with stops and turns."""
    east = 18 * np.sin(2 * np.pi * t / 15.0) + 4 * np.sin(2 * np.pi * t / 6.1)
    return east, 6 * np.sin(2 * np.pi * t / 23.0), 90 + 25 * np.sin(2 * np.pi * t / 19.0)


def track(lag_s: float, every_s: float, *, yaw: bool) -> Track:
    """Fixes that are late by `lag_s`, with a receiver's slow wandering."""
    times = np.arange(0, SECONDS, every_s)
    east, north, turned = way(times - lag_s)
    wander = np.cumsum(np.random.default_rng(3).normal(0, 0.045 * np.sqrt(every_s), (len(times), 2)), axis=0)
    nothing = np.full(len(times), np.nan)
    return Track(
        format="dji_srt_brackets", frames=len(times), dropped=0, times_s=times, clock=None,
        lon=np.round(LON + (east + wander[:, 0]) / (M_PER_DEG * np.cos(np.radians(LAT))), 7),
        lat=np.round(LAT + (north + wander[:, 1]) / M_PER_DEG, 7), altitude_m=np.full(len(times), HEIGHT_M),
        altitude_kind="takeoff", absolute_altitude_m=nothing, yaw_true_deg=turned if yaw else nothing,
        pitch_deg=np.full(len(times), -60.0), roll_deg=np.zeros(len(times)), focal_35mm=nothing,
        verified=np.ones(len(times), bool), resolution_m=0.01, warnings=(),
    )  # fmt: skip


@pytest.fixture(scope="module")
def clip(shared, tmp_path_factory):
    """Brighton's beach at pitch −60, the gimbal shaking by 0.08°, noise of three grey levels, MPEG-4."""
    ground = cv2.imread(str(shared / "data/flights/brighton/DJI_0031.JPG"), cv2.IMREAD_REDUCED_COLOR_4)
    high, wide = ground.shape[:2]
    to_metres = np.array([[GSD_M, 0, -wide / 2 * GSD_M], [0, -GSD_M, high / 2 * GSD_M], [0, 0, 1]])
    lens = np.array([[260.0, 0, 160], [0, 260.0, 90], [0, 0, 1]])
    file, random = tmp_path_factory.mktemp("clip") / "clip.mp4", np.random.default_rng(2)
    writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*"mp4v"), RATE, (320, 180))
    assert writer.isOpened()
    for t in np.arange(0, SECONDS, 1 / RATE):
        east, north, yaw = (float(x) for x in way(np.array(t)))
        shaken = random.normal(0, 0.08, 3)
        inner = world_from_camera(yaw + shaken[0], -60.0 + shaken[1], shaken[2]).T
        seen = lens @ np.column_stack([inner[:, 0], inner[:, 1], -inner @ np.array([east, north, HEIGHT_M])])
        frame = cv2.warpPerspective(ground, seen @ to_metres, (320, 180), borderMode=cv2.BORDER_REFLECT)
        writer.write(np.clip(frame + random.normal(0, 3, frame.shape), 0, 255).astype(np.uint8))
    writer.release()
    return motion_of(file)


@pytest.mark.given
@pytest.mark.parametrize("lag_s", [-0.3, 0.0, 0.45, 0.9])
@pytest.mark.parametrize(("every_s", "yaw"), [(0.2, True), (1.0, True), (1.0, False)])
def test_the_lag_over_real_ground_is_found_within_its_doubt(clip, lag_s, every_s, yaw):
    found = lag_of(clip, track(lag_s, every_s, yaw=yaw))
    assert found.is_estimated
    assert abs(found.seconds - lag_s) < min(2.5 * found.sigma_s, 0.2)
    assert found.sigma_s < 0.2


@pytest.mark.given
def test_a_given_clip_that_hovers_tells_nothing_whatever_its_track_says(shared):
    seen = motion_of(shared / "data/detection/real_eval/outfall_clip.mp4")
    assert len(seen.times_s) > 100
    for yaw in (True, False):
        assert lag_of(seen, track(0.45, 0.2, yaw=yaw)) == ASSUMED
