"""Small uploads: kept under the home until their job has ended. Whole flights come by path.

The worker holds what it takes as evidence; the copy here is only the way there.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from pipelines.records import Job
from pipelines.store import Store
from pipelines.store.read import jobs

FOLDER = "uploads"
NAMED_BY = "%Y%m%dT%H%M%S%f"
ANSWERED = frozenset({"done", "refused"})
ENDED = ANSWERED | {"failed"}
GRACE = timedelta(days=1)
"""How long an upload stays whose job failed, to be looked into, or that no job names: its page ended too early."""

SUFFIXES = ("jpg", "jpeg", "png", "tif", "tiff", "zip", "mp4", "mov", "srt")
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
    folder = home / FOLDER / at.astimezone(UTC).strftime(NAMED_BY)
    folder.mkdir(parents=True, exist_ok=True)
    kept: list[Path] = []
    for upload in uploads:
        target = _free(folder / safe_name(upload.name))
        target.write_bytes(upload.getbuffer())
        kept.append(target)
    return kept


def discard(kept: Sequence[Path]) -> None:
    """Remove what `keep` wrote: nobody was asked to take it in."""
    for folder in {path.parent for path in kept}:
        shutil.rmtree(folder, ignore_errors=True)


def clean(store: Store, *, now: datetime) -> list[Path]:
    """Remove the folders of uploads whose jobs have all ended.

    Args:
        store: the home.
        now: the instant; a folder whose job failed, or without a job, is left alone for a day after the upload.

    Returns:
        The folders removed. One that cannot be removed stays and is tried again the next time.
    """
    place = (store.home / FOLDER).resolve()
    folders = [folder for folder in place.glob("*") if folder.is_dir() and not folder.is_symlink()]
    if not folders:
        return []
    asked = jobs.all(store, limit=sys.maxsize)
    over = [folder for folder in folders if _is_over(folder, [job for job in asked if _needs(job, folder)], now)]
    for folder in over:
        shutil.rmtree(folder, ignore_errors=True)
    return [folder for folder in over if not folder.exists()]


def _needs(job: Job, folder: Path) -> bool:
    named = (Path(path) for path in job.payload.get("paths", ()))
    return any(path.is_relative_to(folder) or folder.is_relative_to(path) for path in named)


def _is_over(folder: Path, asked: Sequence[Job], now: datetime) -> bool:
    if asked and all(job.state in ANSWERED for job in asked):
        return True
    if any(job.state not in ENDED for job in asked):
        return False
    try:
        made = datetime.strptime(folder.name, NAMED_BY).replace(tzinfo=UTC)
    except ValueError:
        return False
    return now - made > GRACE


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
