"""Small uploads: kept under the home until the worker has taken them in. Whole flights come by path."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Protocol

SUFFIXES = ("jpg", "jpeg", "png", "tif", "tiff", "dng", "zip", "mp4", "mov", "srt")
UNSAFE = re.compile(r"[^\w.\-()\[\] ]", re.UNICODE)


class Upload(Protocol):
    """What the page's upload field gives."""

    name: str

    def getbuffer(self) -> memoryview:
        """The bytes."""


def keep(home: Path, uploads: Iterable[Upload], *, at: datetime) -> list[Path]:
    """Write uploads into a new folder of the home.

    Args:
        home: the data home.
        uploads: names as the browser sent them; only their last part is used, made safe.
        at: the instant, which names the folder.

    Returns:
        The files written. Two of one name are both kept.
    """
    folder = home / "uploads" / at.strftime("%Y%m%dT%H%M%S%f")
    folder.mkdir(parents=True, exist_ok=True)
    kept: list[Path] = []
    for upload in uploads:
        target = _free(folder / safe_name(upload.name))
        target.write_bytes(upload.getbuffer())
        kept.append(target)
    return kept


def safe_name(name: str) -> str:
    """The last part of a file's name, without anything that a path or a shell could take for more than a name."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return UNSAFE.sub("_", last).lstrip(".") or "upload"


def _free(target: Path) -> Path:
    number, wanted = 1, target
    while target.exists():
        number += 1
        target = wanted.with_name(f"{wanted.stem} ({number}){wanted.suffix}")
    return target
