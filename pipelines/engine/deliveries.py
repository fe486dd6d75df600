"""What lies in a delivery: folders are walked, zips unpacked, tracks found beside their videos."""

from __future__ import annotations

import json
import os
import tempfile
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.errors import Refusal
from pipelines.intake import TRACKS, VIDEOS
from pipelines.records import Refused

IGNORED = frozenset({"thumbs.db", "desktop.ini"})
"""What file managers leave behind: not part of any delivery."""
BROKEN_ENTRY = (zipfile.BadZipFile, EOFError, OSError, RuntimeError, NotImplementedError, zlib.error, ValueError)
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
        before = len(found) + len(refused)
        if not os.path.lexists(path):
            refused.append(Refused(str(path), "no_such_file"))
        elif path.is_dir():
            _walk(path, found, refused)
        elif not path.is_file():
            refused.append(Refused(readable(path.name), "unreadable_file", "not a regular file"))
        elif path.suffix.lower() == ".zip":
            try:
                _unpack(path, scratch, found, refused)
            except Refusal as error:
                refused.append(Refused(readable(path.name), error.reason, error.detail))
        else:
            found.append(Delivered(path, readable(path.name)))
        if len(found) + len(refused) == before:
            refused.append(Refused(readable(path.name), "nothing_usable", "it holds no file"))
    return found, refused


def readable(name: str) -> str:
    """A file's name as text that can be stored: bytes that are no UTF-8 are tried as GB18030, then replaced."""
    raw = os.fsencode(name)
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "replace")


def _walk(folder: Path, found: list[Delivered], refused: list[Refused]) -> None:
    for path in sorted(folder.rglob("*")):
        name = readable(str(path.relative_to(folder)))
        if path.name.startswith(".") or path.name.lower() in IGNORED or name.startswith("__MACOSX") or path.is_dir():
            continue
        if path.is_file():
            found.append(Delivered(path, name))
        else:
            refused.append(Refused(name, "unreadable_file", "not a regular file"))


def _unpack(archive: Path, scratch: Path, found: list[Delivered], refused: list[Refused]) -> None:
    """Unpack what can be unpacked; an entry that cannot is refused by its name."""
    scratch.mkdir(parents=True, exist_ok=True)
    into = Path(tempfile.mkdtemp(prefix=f"{archive.stem[:40]}-", dir=scratch))  # two zips may have one name
    try:
        with zipfile.ZipFile(archive) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > UNPACKED_AT_MOST_BYTES:
                raise Refusal(archive.name, "zip_too_large")
            for entry in packed.infolist():
                try:
                    packed.extract(entry, into)  # zipfile drops drive letters and `..` from names
                except BROKEN_ENTRY as error:
                    refused.append(Refused(f"{archive.name}/{entry.filename[:120]}", "broken_zip", str(error)[:200]))
    except BROKEN_ENTRY as error:
        raise Refusal(archive.name, "broken_zip", str(error)[:200]) from error
    _walk(into, found, refused)


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
        Refusal: `no_such_file`, `unreadable_file` or `bad_camera`.
    """
    if path is None:
        return None
    from geo.camera import Camera
    from geo.errors import GeoError

    if not path.exists():
        raise Refusal(str(path), "no_such_file")
    try:
        Camera.read(path)
    except GeoError as error:
        raise Refusal(str(path), error.reason, error.detail) from error
    fields: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return fields
