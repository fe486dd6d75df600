"""What a track says of one instant of its video."""

from __future__ import annotations

import pytest

from geo.errors import NoAttitude, NoPosition
from geo.pose import pose_of
from geo.srt import read_srt
from geo.terrain import flat
from geo.track_tags import tags_at

ANGLES = "[gb_yaw: 12.0 gb_pitch: -45.0 gb_roll: 0.0] "


def track(*bodies):
    codes = [f"00:00:{n:02d},000 --> 00:00:{n + 1:02d},000" for n in range(len(bodies))]
    text = "\n".join(f"{n}\n{code}\n{body}\n" for n, (code, body) in enumerate(zip(codes, bodies, strict=True), 1))
    return read_srt(text.encode(), "x.srt")


def body(lon, height, rest=""):
    return f"[latitude: 31.250000] [longitude: {lon:.6f}] [rel_alt: {height} abs_alt: 20.0] {rest}"


def test_between_two_fixes_position_and_height_are_between():
    tags = tags_at(track(body(121.4, 80.0, ANGLES), body(121.41, 90.0, ANGLES)), 0.5, 1920, 1080)
    assert (tags.lon, tags.relative_altitude_m) == (pytest.approx(121.405), pytest.approx(85.0))
    assert (tags.gimbal_yaw_deg, tags.gimbal_pitch_deg) == (12.0, -45.0)
    assert pose_of(tags, flat()).pitch_deg == -45.0


def test_a_track_without_angles_gives_no_attitude():
    with pytest.raises(NoAttitude):
        pose_of(tags_at(track(body(121.4, 80.0), body(121.4, 80.0)), 0.5, 1920, 1080), flat())


def test_an_undeclared_height_is_not_taken_for_one_above_take_off():
    tags = tags_at(track("[latitude: 31.25] [longitude: 121.4] [altitude: 27.3] "), 0.0, 1920, 1080)
    assert (tags.relative_altitude_m, tags.absolute_altitude_m) == (None, None)


def test_far_from_every_fix_there_is_no_position():
    with pytest.raises(NoPosition):
        tags_at(track(body(121.4, 80.0)), 60.0, 1920, 1080)
    with pytest.raises(NoPosition):
        tags_at(track("[iso: 100] "), 0.0, 1920, 1080)
