"""Taking in what an operator delivers: hash, tags, time, contradictions.

The stage reads; the engine copies the original into `evidence/` and stores what is yielded here. A picture without a
position is taken, with a warning: locating refuses it later, and it may still show what happened.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from geo.errors import GeoError, NoBlocks, NoPosition, NotATrack, UnreadableFile
from geo.tags import Tags, read_tags
from geo.track import Track, read_track
from geo.track_tags import tags_at
from geo.video_lag import ASSUMED, Lag, lag_of
from geo.video_motion import motion_of
from models.errors import ModelsError
from models.vision.pictures import VideoFacts, video_facts
from pipelines.errors import Refusal
from pipelines.records import Done, Frame, Outcome, Reason, Refused, TrackSummary
from pipelines.settings import IntakeSettings

DEAD_CLOCK_YEAR = 2005
FIRST_YEAR, LAST_YEAR = 1970, 2100
"""Outside of these a camera's clock says nothing at all."""
CLOCKS_AGREE_S = 60.0
"""Fixes are up to some seconds old, and a writer that forgets the leap seconds is 18 s off; ours."""
DAY_S = 86_400.0
QUARTER, FARTHEST_ZONE = timedelta(minutes=15), timedelta(hours=14)
WEEKS_WRAP = timedelta(weeks=1024)
"""Old receivers begin anew after so many weeks."""
PICTURES = frozenset({".jpg", ".jpeg", ".png", ".tif", ".tiff"})
VIDEOS = frozenset({".mp4", ".mov", ".mkv", ".avi", ".ts"})
TRANSPORT_STREAM = ".ts"
TRACKS = frozenset({".srt", ".klv", ".bin"})
MEDIA_TYPES = {
    ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".tif": "image/tiff", ".tiff": "image/tiff",
    ".ts": "video/mp2t", ".mp4": "video/mp4",
    ".mov": "video/quicktime", ".mkv": "video/x-matroska", ".avi": "video/x-msvideo",
    ".srt": "application/x-subrip", ".klv": "application/octet-stream", ".bin": "application/octet-stream",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """One file of a delivery. `name` is the name within it; `track` and `camera` are what was given beside it."""

    path: Path
    name: str
    sha256: str
    track: Path | None = None
    camera: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class TakenIn:
    """A file that can be used: the original's identity, and its frames or its track. The engine names the flight."""

    path: Path
    name: str
    sha256: str
    size_bytes: int
    media_type: str
    frames: tuple[Frame, ...] = ()
    track: TrackSummary | None = None


def run(work: Iterable[IncomingFile], *, as_of: datetime, run_id: str, settings: IntakeSettings) -> Iterator[Outcome]:
    """Read each file and say what it is.

    Yields, one for each file and in its order, `Done(name, TakenIn)` or `Refused(name, reason, detail)`.
    Reads the files named in `work`; writes nothing and asks no clock.
    """
    for item in work:
        try:
            taken = _taken_in(item, as_of, settings)
        except (GeoError, ModelsError, Refusal) as error:
            yield Refused(item.name, error.reason, error.detail)
            continue
        except OSError as error:
            yield Refused(item.name, "unreadable_file", error.strerror or type(error).__name__)
            continue
        notes = [w for frame in taken.frames for w in frame.warnings] + list(
            taken.track.warnings if taken.track else ()
        )
        yield Done(item.name, taken, warnings=_distinct(notes))


def _taken_in(item: IncomingFile, as_of: datetime, settings: IntakeSettings) -> TakenIn:
    suffix = item.path.suffix.lower()
    if suffix not in MEDIA_TYPES:
        raise Refusal(item.name, "unsupported_file", suffix or "a name without a suffix")
    if item.path.stat().st_size == 0:
        raise Refusal(item.name, "empty_file")
    sha256 = item.sha256
    identity = (item.path, item.name, sha256, item.path.stat().st_size, MEDIA_TYPES[suffix])
    if suffix in TRACKS:
        return TakenIn(*identity, track=_summary(read_track(item.path), item, sha256))
    if suffix in VIDEOS:
        return TakenIn(*identity, frames=tuple(_video_frames(item, sha256, as_of, settings)))
    return TakenIn(*identity, frames=(_picture_frame(item, sha256, as_of, settings),))


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def frame_id_of(file_sha256: str, time_s: float | None) -> str:
    """A frame's name: that of its file, and for a video the millisecond."""
    instant = "" if time_s is None else f"@{round(time_s * 1000)}"
    return "fr-" + hashlib.sha256(f"{file_sha256}{instant}".encode()).hexdigest()[:16]


def _picture_frame(item: IncomingFile, sha256: str, as_of: datetime, settings: IntakeSettings) -> Frame:
    tags = read_tags(item.path)
    if tags.width_px < 1 or tags.height_px < 1:
        raise Refusal(item.name, "not_an_image", f"{tags.width_px} by {tags.height_px} pixels")
    observed_at, doubt = _instant(tags.taken_at, tags.utc_offset, settings, _satellite_time(tags))
    return Frame(
        id=frame_id_of(sha256, None), flight_id="", file_sha256=sha256, name=item.name, kind="picture",
        time_s=None, observed_at=observed_at, received_at=as_of, width_px=tags.width_px, height_px=tags.height_px,
        tags=_with_camera(tags.to_json(), item.camera),
        warnings=_distinct(
            [*(Reason(w) for w in tags.warnings), *_without_place(tags), *doubt, *_future(observed_at, as_of)]
        ),
    )  # fmt: skip


def _video_frames(item: IncomingFile, sha256: str, as_of: datetime, settings: IntakeSettings) -> Iterator[Frame]:
    facts = video_facts(item.path)
    track = track_of(item.path, item.track)
    lag = _lag(item.path, track)
    count = max(1, int(facts.duration_s / settings.video_step_s) + 1)
    for index in range(count):
        time_s = min(index * settings.video_step_s, max(0.0, facts.duration_s - 1.0 / facts.frames_per_s))
        if index and time_s <= (index - 1) * settings.video_step_s:
            return
        yield _video_frame(item, sha256, facts, _video_tags(track, lag, time_s, facts), time_s, as_of, settings)


def track_of(video: Path, beside: Path | None) -> Track | None:
    """The track of a video: the file beside it, else what a transport stream carries (KLV); None where there is none.

    Raises:
        GeoError: the file beside it is none.
    """
    if beside is not None:
        return read_track(beside)
    if video.suffix.lower() != TRANSPORT_STREAM:
        return None
    try:
        return read_track(video)
    except (NotATrack, NoBlocks):
        return None


def _video_frame(
    item: IncomingFile,
    sha256: str,
    facts: VideoFacts,
    tags: Tags,
    time_s: float,
    as_of: datetime,
    settings: IntakeSettings,
) -> Frame:
    observed_at, doubt = _instant(tags.taken_at, tags.utc_offset, settings)
    return Frame(
        id=frame_id_of(sha256, time_s), flight_id="", file_sha256=sha256,
        name=f"{item.name} @ {time_s:.1f} s", kind="video_frame", time_s=time_s, observed_at=observed_at,
        received_at=as_of, width_px=facts.width_px, height_px=facts.height_px,
        tags=_with_camera(tags.to_json(), item.camera),
        warnings=_distinct([*(Reason(w) for w in tags.warnings), *_without_place(tags), *doubt]),
    )  # fmt: skip


def _lag(video: Path, track: Track | None) -> Lag:
    """By how much the track is late against the pictures, where these tell it."""
    if track is None or not len(track):
        return ASSUMED
    try:
        return lag_of(motion_of(video), track)
    except UnreadableFile:  # its frames will say so, one by one
        return ASSUMED


def _video_tags(track: Track | None, lag: Lag, time_s: float, facts: VideoFacts) -> Tags:
    """What the track says of that instant; without a track or a fix near it, only the size."""
    if track is None:
        return Tags(facts.width_px, facts.height_px)
    try:
        return tags_at(track, time_s, facts.width_px, facts.height_px, lag_s=lag.measured_s, lag_sigma_s=lag.sigma_s)
    except NoPosition:
        return Tags(facts.width_px, facts.height_px, warnings=track.warnings)


def _with_camera(tags: dict[str, Any], camera: Mapping[str, Any] | None) -> dict[str, Any]:
    return tags if camera is None else {**tags, "camera": dict(camera)}


def _instant(
    taken_at: str | None, offset: str | None, settings: IntakeSettings, satellite: datetime | None = None
) -> tuple[datetime | None, list[Reason]]:
    """The instant by the camera's clock; the receiver's time tells the zone, or that the clock is wrong."""
    if not taken_at:
        return (satellite, []) if satellite else (None, [Reason("no_time")])
    local = datetime.fromisoformat(taken_at)
    if not FIRST_YEAR <= local.year <= LAST_YEAR:
        return None, [Reason("time_implausible", {"year": local.year})]
    if local.tzinfo is not None:
        return local, []
    zone = _zone(offset)
    if satellite is not None:
        instant, notes = _by_satellite(local, zone, satellite)
        return instant, notes or _perhaps_local(zone, instant, settings)
    if zone is not None:
        return local.replace(tzinfo=zone), _implausible(local)
    assumed = timezone(timedelta(hours=settings.time_zone_hours))
    note = Reason("time_zone_assumed", {"hours": settings.time_zone_hours})
    return local.replace(tzinfo=assumed), [note, *_implausible(local)]


def _satellite_time(tags: Tags) -> datetime | None:
    """What the receiver says of the time, where it had a place; None for a date that receivers begin or wrap with."""
    if tags.gps_time_utc is None or tags.lon is None:
        return None
    at = datetime.fromisoformat(tags.gps_time_utc)
    taken = datetime.fromisoformat(tags.taken_at).replace(tzinfo=UTC) if tags.taken_at else at
    wrapped = abs(abs(taken - at) - WEEKS_WRAP) < timedelta(days=2)
    return None if at.year <= DEAD_CLOCK_YEAR or at.year > LAST_YEAR or wrapped else at


def _by_satellite(local: datetime, zone: timezone | None, satellite: datetime) -> tuple[datetime, list[Reason]]:
    """The camera's clock where it agrees with the receiver's in its zone, or in some zone; else the receiver's.

    A whole day apart the receiver's date is wrong: some writers put the local date beside the universal time.
    """
    instant = local.replace(tzinfo=zone or _zone_between(local, satellite))
    apart = (instant - satellite).total_seconds()
    if abs(apart) <= CLOCKS_AGREE_S:
        return instant, []
    said = [Reason("clock_against_satellites", {"figure": round(apart)})]
    return (instant if abs(abs(apart) - DAY_S) <= CLOCKS_AGREE_S else satellite), said


def _perhaps_local(zone: timezone | None, instant: datetime, settings: IntakeSettings) -> list[Reason]:
    """Of two clocks alike the camera's shows universal time, or both show the local one."""
    if zone is not None or instant.utcoffset() or not settings.time_zone_hours:
        return []
    return [Reason("clocks_alike", {"hours": settings.time_zone_hours})]


def _zone_between(local: datetime, satellite: datetime) -> timezone:
    """The zone in which both clocks agree best, to a quarter of an hour; UTC where they differ by more than zones."""
    apart = local.replace(tzinfo=UTC) - satellite
    for days in (0, 1, -1):
        offset = round((apart + timedelta(days=days)) / QUARTER) * QUARTER
        if abs(offset) <= FARTHEST_ZONE:
            return timezone(offset)
    return UTC


def _zone(offset: str | None) -> timezone | None:
    """The zone that EXIF names as +08:00; None where it names none, or in no form that can be read."""
    found = re.fullmatch(r"([+-])(\d{1,2}):?(\d{2})", (offset or "").strip())
    if found is None or int(found[2]) > 14:
        return None
    minutes = int(found[2]) * 60 + int(found[3])
    return timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes))


def _implausible(local: datetime) -> list[Reason]:
    """A camera whose battery was empty starts its clock at 1970, 1980 or 2000."""
    return [Reason("time_implausible", {"year": local.year})] if local.year <= DEAD_CLOCK_YEAR else []


def _without_place(tags: Tags) -> list[Reason]:
    notes = []
    if tags.lon is None or tags.lat is None:
        notes.append(Reason("taken_without_position"))
    elif tags.gimbal_pitch_deg is None:
        notes.append(Reason("taken_without_attitude"))
    return notes


def _future(observed_at: datetime | None, as_of: datetime) -> list[Reason]:
    return [Reason("time_in_future")] if observed_at is not None and observed_at > as_of else []


def _summary(track: Track, item: IncomingFile, sha256: str) -> TrackSummary:
    return TrackSummary(
        file_sha256=sha256, flight_id="", name=item.name, format=track.format, frames=track.frames,
        dropped=track.dropped, first=fix_or_none(track, 0), last=fix_or_none(track, -1),
        warnings=tuple(Reason(w) for w in track.warnings),
    )  # fmt: skip


def fix_or_none(track: Track, row: int) -> dict[str, Any] | None:
    """A fix in its JSON form; None where the track holds no position."""
    return track.fix(row) if len(track) else None


def _distinct(notes: Iterable[Reason]) -> tuple[Reason, ...]:
    return tuple({(n.code, tuple(sorted(n.values.items()))): n for n in notes}.values())
