"""Intake: the instant of a picture, and what is said where the camera's clock cannot be believed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import cv2
import numpy as np
import pytest

from geo.tags import Tags
from pipelines import intake
from pipelines.intake import _instant, _satellite_time
from pipelines.records import Done
from pipelines.settings import IntakeSettings
from tests.geo.test_transport_stream import packet, pes, stream
from tests.geo.test_video_lag import path

SETTINGS = IntakeSettings()
NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    ("taken_at", "offset", "instant", "said"),
    [
        ("2026-11-23T13:04:00", "+08:00", datetime(2026, 11, 23, 5, 4, tzinfo=UTC), set()),
        ("2026-11-23T13:04:00", "+8:00", datetime(2026, 11, 23, 5, 4, tzinfo=UTC), set()),
        ("2026-11-23T13:04:00", "-0530", datetime(2026, 11, 23, 18, 34, tzinfo=UTC), set()),
        ("2026-11-23T13:04:00", "local", datetime(2026, 11, 23, 5, 4, tzinfo=UTC), {"time_zone_assumed"}),
        ("2026-11-23T13:04:00", "+99:00", datetime(2026, 11, 23, 5, 4, tzinfo=UTC), {"time_zone_assumed"}),
        ("2026-11-23T13:04:00", None, datetime(2026, 11, 23, 5, 4, tzinfo=UTC), {"time_zone_assumed"}),
        ("1980-01-01T00:00:00", "+00:00", datetime(1980, 1, 1, tzinfo=UTC), {"time_implausible"}),
        (None, None, None, {"no_time"}),
    ],
)
def test_the_instant_and_what_is_said_of_it(
    taken_at: str | None, offset: str | None, instant: datetime | None, said: set[str]
) -> None:
    found, notes = _instant(taken_at, offset, SETTINGS)
    assert found == instant
    assert {note.code for note in notes} == said


AT = datetime(2026, 11, 23, 5, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("taken_at", "offset", "satellite", "instant", "apart_s"),
    [
        ("2026-11-23T13:04:05", None, AT, AT.replace(second=5), None),  # tells the zone: eight hours
        ("2026-11-22T23:04:00", None, AT, AT, None),  # Chicago in winter, a date before
        ("2026-11-23T13:04:00", "+08:00", AT, AT, None),
        ("2026-11-23T13:09:00", None, AT, AT, 300),  # five minutes fast
        ("2026-11-23T14:04:00", "+08:00", AT, AT, 3600),
        ("2019-01-01T00:00:00", None, AT, AT, -249109440),
        ("2026-11-24T13:04:00", "+08:00", AT, datetime(2026, 11, 24, 5, 4, tzinfo=UTC), 86400),  # the receiver's date
        (None, None, AT, AT, None),
    ],
)
def test_the_satellites_time_tells_the_zone_or_that_the_clock_is_wrong(taken_at, offset, satellite, instant, apart_s):
    found, notes = _instant(taken_at, offset, SETTINGS, satellite)
    assert found == instant
    assert [dict(note.values) for note in notes if note.code == "clock_against_satellites"] == (
        [] if apart_s is None else [{"figure": apart_s}]
    )
    assert "time_zone_assumed" not in {note.code for note in notes}


@pytest.mark.parametrize(
    ("taken_at", "offset", "said"),
    [
        ("2026-11-23T05:04:00", None, ["clocks_alike"]),
        ("2026-11-23T05:04:00", "+00:00", []),
        ("2026-11-23T13:04:00", None, []),
        ("2019-01-01T00:00:00", None, ["clock_against_satellites"]),
    ],
)
def test_two_clocks_that_are_alike_may_both_be_local_and_it_is_said(taken_at, offset, said):
    found, notes = _instant(taken_at, offset, SETTINGS, AT)
    assert found == AT
    assert [note.code for note in notes] == said


@pytest.mark.parametrize("at", ["1980-01-06T00:00:00Z", "2007-04-08T05:04:00Z"])
def test_a_receiver_that_begins_anew_tells_no_time(at):
    """The first day of GPS, and 1024 weeks before the picture."""
    said = Tags(80, 45, lon=121.4, lat=31.25, taken_at="2026-11-23T13:04:00", gps_time_utc=at)
    assert _satellite_time(said) is None
    assert _satellite_time(replace(said, gps_time_utc="2026-11-23T05:04:00Z")) == AT
    assert _satellite_time(replace(said, gps_time_utc="2026-11-23T05:04:00Z", lon=None)) is None


@pytest.mark.given
def test_a_given_picture_whose_clock_stands_in_another_zone_is_put_right_by_its_receiver(shared):
    file = shared / "data/flights/caliterra/IMG_9384.jpg"
    [outcome] = intake.run(
        [intake.IncomingFile(file, file.name, intake.sha256_of(file))], as_of=NOW, run_id="run", settings=SETTINGS
    )
    assert outcome.result.frames[0].observed_at == datetime(2014, 10, 19, 18, 21, 54, tzinfo=UTC)
    assert "time_zone_assumed" not in {note.code for note in outcome.warnings}


def test_a_transport_stream_is_its_own_track(tmp_path):
    file = tmp_path / "clip.ts"
    file.write_bytes(stream(pes(packet(31.25), 10.0, 0xFC), pes(packet(31.2501), 10.5, 0xFC)))
    track = intake.track_of(file, None)
    assert track is not None
    assert track.lat[0] == pytest.approx(31.25, abs=1e-6)


def test_a_video_without_a_track_inside_is_taken_without_position(tmp_path):
    file = tmp_path / "plain.ts"
    writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*"mp4v"), 10, (64, 48))
    for shade in range(20):
        writer.write(np.full((48, 64, 3), shade * 12, np.uint8))
    writer.release()
    incoming = intake.IncomingFile(file, file.name, intake.sha256_of(file))
    [outcome] = intake.run([incoming], as_of=NOW, run_id="run", settings=IntakeSettings())
    assert isinstance(outcome, Done), outcome
    assert "taken_without_position" in {note.code for note in outcome.warnings}


def test_a_videos_frames_keep_the_lag_that_its_pictures_told(tmp_path):
    file = tmp_path / "clip.mp4"
    ground = cv2.GaussianBlur(np.random.default_rng(9).integers(0, 255, (400, 1700), dtype=np.uint8), (0, 0), 2.0)
    ground = cv2.cvtColor(cv2.normalize(ground, None, 0, 255, cv2.NORM_MINMAX), cv2.COLOR_GRAY2BGR)
    writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*"mp4v"), 10.0, (320, 180))
    lines = []
    for n, t in enumerate(np.arange(0, 40, 0.1)):
        at = 4 * float(path(np.array(t), False)[0])
        shift = np.array([[1.0, 0.0, -at], [0.0, 1.0, -100.0]])
        writer.write(cv2.warpAffine(ground, shift, (320, 180), borderMode=cv2.BORDER_REFLECT))
        if n % 10 == 0:
            late = 121.4 + float(path(np.array(t - 0.4), False)[0]) / (111_195 * np.cos(np.radians(31.25)))
            said = (
                f"[latitude: 31.250000] [longitude: {late:.7f}] [rel_alt: 60.0 abs_alt: 70.0] [gb_yaw: 0 gb_pitch: -90]"
            )
            lines.append(f"{n}\n00:00:{n // 10:02d},000 --> 00:00:{n // 10:02d},900\n{said}\n")
    writer.release()
    (tmp_path / "clip.srt").write_text("\n".join(lines))
    incoming = intake.IncomingFile(file, file.name, intake.sha256_of(file), track=tmp_path / "clip.srt")
    [outcome] = intake.run([incoming], as_of=NOW, run_id="run", settings=SETTINGS)
    assert isinstance(outcome, Done), outcome
    frames = [frame for frame in outcome.result.frames if "lon" in frame.tags]
    assert len(frames) > 3
    assert {round(frame.tags["track_lag_s"], 1) for frame in frames} == {0.4}
    assert all(frame.tags["track_lag_sigma_s"] < 0.2 for frame in frames)
