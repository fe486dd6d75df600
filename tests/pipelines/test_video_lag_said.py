"""The flight report says of each video whether the lag of its fixes was estimated or assumed."""

from __future__ import annotations

from datetime import UTC, datetime

from geo.track_tags import LAG_SIGMA_S
from pipelines.flight_report.sanity import sanity_part
from pipelines.records import Frame
from pipelines.wording import say

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)


def frame(video: str, time_s: float, **tags: float) -> Frame:
    name = f"{video} @ {time_s:.1f} s"
    return Frame(f"fr-{name}", "", "0" * 64, name, "video_frame", time_s, NOW, NOW, 640, 480, tags)


PLACE = {"lon": 121.4, "lat": 31.25}


def test_each_video_is_told_with_its_lag_and_where_it_comes_from():
    frames = [
        frame("a.mp4", 0.0, **PLACE, track_lag_s=0.42, track_lag_sigma_s=0.08), frame("a.mp4", 2.0),
        frame("b.mp4", 0.0, **PLACE), frame("c.mp4", 0.0),
    ]  # fmt: skip
    said, notes = sanity_part(frames, {}, None)
    assert said["videos"] == [
        {"name": "a.mp4", "lag": "estimated", "lag_s": 0.42, "lag_sigma_s": 0.08},
        {"name": "b.mp4", "lag": "assumed", "lag_s": 0.0, "lag_sigma_s": LAG_SIGMA_S},
    ]
    told = {note.code: dict(note.values) for note in notes if note.code.startswith("video")}
    assert told == {
        "video_lag_estimated": {"count": 1, "total": 2, "lag_s": 0.42, "sigma_s": 0.08},
        "video_lag_assumed": {"count": 1, "total": 2, "sigma_s": LAG_SIGMA_S},
    }
    for code, values in told.items():
        assert "{" not in say(code, values, "en") + say(code, values, "zh")


def test_a_flight_of_pictures_says_nothing_of_lags():
    picture = Frame("fr-1", "", "0" * 64, "a.jpg", "picture", None, NOW, NOW, 640, 480, PLACE)
    said, notes = sanity_part([picture], {}, None)
    assert said["videos"] == []
    assert not [note for note in notes if note.code.startswith("video")]
