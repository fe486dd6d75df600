"""Files made from originals, under `derived/`: they can be made anew, so only the current one of each kind is kept."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.store.files import sha256_of

if TYPE_CHECKING:
    from pipelines.store.home import Store

FOLDER = "derived"


def scratch(store: Store, name: str) -> Path:
    """Where a file may be made that `keep` then takes: the same disk, so that it is moved and not copied.

    What a killed run left there is overwritten by the next one of that name.
    """
    folder = store.home / FOLDER / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / name


def keep(store: Store, source: Path | bytes, kind: str, name: str) -> tuple[str, str, int]:
    """Move a finished file to its place, safely on the disk before the transaction that names it commits.

    Args:
        store: the home.
        source: a file from `scratch`, which is moved, or bytes.
        kind: folder under `derived/`.
        name: the file's name there; what is there is replaced.

    Returns:
        Path within the home, SHA-256, size in bytes.
    """
    folder = store.home / FOLDER / kind
    folder.mkdir(parents=True, exist_ok=True)
    if isinstance(source, bytes):
        temporary = scratch(store, f"{secrets.token_hex(8)}")
        temporary.write_bytes(source)
        sha256 = hashlib.sha256(source).hexdigest()
    else:
        temporary, sha256 = source, sha256_of(source)
    place = folder / name
    with temporary.open("rb") as file:
        os.fsync(file.fileno())
    temporary.replace(place)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return f"{FOLDER}/{kind}/{name}", sha256, place.stat().st_size


def drop(home: Path, path: str) -> None:
    """Take a superseded file away; one that is gone already is no matter. Only below `derived/`."""
    place = home / path
    if place.resolve().is_relative_to((home / FOLDER).resolve()):
        place.unlink(missing_ok=True)
