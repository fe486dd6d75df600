"""Files of packets (logs of a platform, captures) on the same way as what comes over TCP."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pipelines.casework.packets import Brought, may_bring, note_brought
from pipelines.errors import Refusal
from pipelines.gateway.registered import registered_at
from pipelines.gateway.replay import catch_up
from pipelines.store import Store
from pipelines.store.telemetry import segments
from pipelines.store.telemetry.index import PacketIndex
from pipelines.store.telemetry.packets import FROM_A_FILE
from pipelines.store.telemetry.segments import Chunk, SegmentWriter

BLOCK_BYTES = 1 << 18
MARK = b"##"


@dataclass(slots=True)
class Imported:
    """What became of files. `unchanged` counts those whose bytes were here before."""

    brought: list[Brought] = field(default_factory=list)
    unchanged: int = 0
    refused: list[tuple[str, str, str]] = field(default_factory=list)
    journal_entry: int | None = None


def import_logs(store: Store, index: PacketIndex, paths: Sequence[Path], *, by: str | None, now: datetime) -> Imported:
    """Take packets out of files, whatever stands between them; a running gateway does not mind.

    An import that was killed leaves nothing, and the same command does all of it. The same bytes again change nothing.

    Args:
        store: the home.
        index: of its packets.
        paths: the files.
        by: account that brings them.
        now: when; all of it is received then.

    Raises:
        Refusal: the account or its role may not.
    """
    may_bring(store, by=by, at=now)
    done = Imported()
    for path in paths:
        try:
            brought = _import(store, index, path, now)
        except Refusal as error:
            done.refused.append((error.where, error.reason, error.detail))
        except OSError as error:
            word = "no_such_file" if isinstance(error, FileNotFoundError) else "unreadable_file"
            done.refused.append((str(path), word, error.strerror or type(error).__name__))
        else:
            done.unchanged += brought is None
            done.brought += [brought] if brought else []
    done.journal_entry = note_brought(store, done.brought, by=by, at=now)
    return done


def _import(store: Store, index: PacketIndex, path: Path, now: datetime) -> Brought | None:
    sha256, size, any_mark = _looked_at(path)
    if not any_mark:
        raise Refusal(str(path), "no_valid_packet", "no ## in it")
    connection = FROM_A_FILE | int(sha256[:16], 16) >> 2
    if _held(store, index, connection, size):
        return None
    names = _keep(store, path, connection, now)
    devices = registered_at(store, now)
    catch_up(store, index, lambda: devices, now=now, names=names)
    counts = index.counts_of(connection)
    return Brought(path.name, sha256, counts.get("ok", 0), counts.get("refused", 0))


def _held(store: Store, index: PacketIndex, connection: int, size: int) -> bool:
    first = index.first_of(connection)
    return first is not None and bool(segments.data_at(store.home, first.segment, first.place, connection, size - 1, 1))


def _keep(store: Store, path: Path, connection: int, now: datetime) -> list[str]:
    """The file's bytes as one connection's stream; the segments stand in the home once they are whole."""
    segments.clear_unfinished(store.home)
    writer = SegmentWriter(store.home, unfinished=True)
    try:
        with path.open("rb") as file:
            at_byte = 0
            while block := file.read(BLOCK_BYTES):
                writer.write([Chunk(now, connection, at_byte, block)])
                at_byte += len(block)
    except BaseException:
        writer.drop()
        raise
    return writer.finish()


def _looked_at(path: Path) -> tuple[str, int, bool]:
    """SHA-256 of the bytes, how many there are, and whether a packet may be among them."""
    digest, size, marked, last = hashlib.sha256(), 0, False, b""
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
            size += len(block)
            marked = marked or MARK in last + block
            last = block[-1:]
    return digest.hexdigest(), size, marked
