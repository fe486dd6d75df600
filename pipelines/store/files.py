"""Originals, held by their SHA-256 under `evidence/aa/<sha256>`; never changed, never written twice.

Order of safety: copy beside the place, fsync, rename, fsync the folder, and only then the transaction that names the
file commits. Killed before the commit, the home holds a file that nobody names, which the next try finds there.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines import clock
from pipelines.store.errors import HashDiffers, UnknownRow

if TYPE_CHECKING:
    from pipelines.store.home import Store

FOLDER = "evidence"
INCOMING = "incoming"
STALE_S = 6 * 3600.0
"""A half copied file untouched for so long belongs to nobody who still lives."""
BLOCK_BYTES = 1 << 20


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def place_of(home: Path, sha256: str) -> Path:
    """Where an original of this hash lies, whether it is there or not."""
    return home / FOLDER / sha256[:2] / sha256


def path_of(store: Store, sha256: str) -> Path:
    """Where an original lies.

    Raises:
        UnknownRow: the home does not hold it.
    """
    place = place_of(store.home, sha256)
    if not place.is_file():
        raise UnknownRow(f"file {sha256[:12]}", "no such original under evidence/")
    return place


def hold(store: Store, source: Path | bytes, sha256: str) -> bool:
    """Hold an original for good.

    Args:
        store: the home.
        source: the file to copy, or its bytes.
        sha256: what was announced; the copied bytes must have it.

    Returns:
        True where it is new, False where the home held it already.

    Raises:
        HashDiffers: the bytes read now have another hash; nothing is kept.
        OSError: the source cannot be read, or the disk is full; nothing is kept.
    """
    place = place_of(store.home, sha256)
    if place.is_file():
        return False
    incoming = store.home / FOLDER / INCOMING
    incoming.mkdir(parents=True, exist_ok=True)
    place.parent.mkdir(exist_ok=True)
    temporary = incoming / f"{sha256}.{secrets.token_hex(8)}"
    try:
        seen = _copy(source, temporary)
        if seen != sha256:
            raise HashDiffers(
                str(source) if isinstance(source, Path) else sha256[:12], f"{seen[:12]} instead of {sha256[:12]}"
            )
        temporary.chmod(0o444)
        temporary.replace(place)
    finally:
        temporary.unlink(missing_ok=True)
    for folder in (place.parent, place.parent.parent):
        _sync_folder(folder)
    return True


def clean(home: Path) -> int:
    """Take away half copied files that nobody works on any more; gives how many."""
    incoming = home / FOLDER / INCOMING
    if not incoming.is_dir():
        return 0
    oldest = clock.now().timestamp() - STALE_S
    stale = [file for file in incoming.iterdir() if file.stat().st_mtime < oldest]
    for file in stale:
        file.unlink(missing_ok=True)
    return len(stale)


def _copy(source: Path | bytes, target: Path) -> str:
    digest = hashlib.sha256()
    with target.open("xb") as out:
        if isinstance(source, bytes):
            digest.update(source)
            out.write(source)
        else:
            with source.open("rb") as file:
                while block := file.read(BLOCK_BYTES):
                    digest.update(block)
                    out.write(block)
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
