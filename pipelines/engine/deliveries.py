"""What lies in a delivery: folders are walked, zips unpacked, tracks found beside their videos."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.errors import Refusal
from pipelines.intake import TRACKS, VIDEOS
from pipelines.records import Refused

IGNORED = frozenset({"thumbs.db", "desktop.ini"})
"""What file managers leave behind: not part of any delivery."""
UNPACKED_AT_MOST_BYTES = 64 * 1024**3
"""A zip that says it holds more is refused: it is a mistake or an attack."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """A file of a delivery, and the name that people know it by."""

    path: Path
    name: str


def files_of(paths: Sequence[Path], scratch: Path) -> tuple[list[Delivered], list[Refused]]:
    """All files of a delivery, in order of their names.

    Args:
        paths: files, folders and zips.
        scratch: an empty folder for what zips hold.

    Returns:
        The files, and what could not be opened with its reason.
    """
    found: list[Delivered] = []
    refused: list[Refused] = []
    for path in paths:
        if not path.exists():
            refused.append(Refused(str(path), "no_such_file"))
        elif path.is_dir():
            found += _walked(path)
        elif path.suffix.lower() == ".zip":
            try:
                found += _unpacked(path, scratch)
            except Refusal as error:
                refused.append(Refused(path.name, error.reason, error.detail))
        else:
            found.append(Delivered(path, path.name))
    return found, refused


def _walked(folder: Path) -> Iterator[Delivered]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith(".") and path.name.lower() not in IGNORED:
            yield Delivered(path, str(path.relative_to(folder)))


def _unpacked(archive: Path, scratch: Path) -> list[Delivered]:
    scratch.mkdir(parents=True, exist_ok=True)
    into = Path(tempfile.mkdtemp(prefix=f"{archive.stem[:40]}-", dir=scratch))  # two zips may have one name
    try:
        with zipfile.ZipFile(archive) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > UNPACKED_AT_MOST_BYTES:
                raise Refusal(archive.name, "zip_too_large")
            packed.extractall(into)
    except (zipfile.BadZipFile, EOFError, OSError, RuntimeError, NotImplementedError) as error:
        raise Refusal(archive.name, "broken_zip", str(error)) from error
    return [d for d in _walked(into) if not d.name.startswith("__MACOSX")]


def track_beside(video: Delivered, delivered: Sequence[Delivered], given: Path | None) -> Path | None:
    """The track of a video: the one given, else the file of the same name beside it."""
    if video.path.suffix.lower() not in VIDEOS:
        return None
    if given is not None:
        return given
    stem = video.path.with_suffix("").name.lower()
    for other in delivered:
        same = other.path.parent == video.path.parent and other.path.with_suffix("").name.lower() == stem
        if same and other.path.suffix.lower() in TRACKS:
            return other.path
    return None


def camera_from(path: Path | None) -> Mapping[str, Any] | None:
    """The camera file that was given, checked for its form.

    Raises:
        Refusal: `bad_camera_file` or `no_such_file`.
    """
    if path is None:
        return None
    from geo.camera import Camera

    try:
        fields: dict[str, Any] = json.loads(path.read_text("utf-8"))
        Camera.from_json(fields)
    except FileNotFoundError as error:
        raise Refusal(str(path), "no_such_file") from error
    except (ValueError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise Refusal(str(path), "bad_camera_file", str(error)) from error
    return fields
