"""Sealing raw segments: their SHA-256 enters the journal once no writer holds them."""

from __future__ import annotations

from datetime import datetime

from pipelines.store import journal
from pipelines.store.canonical import instant, instant_or_none
from pipelines.store.files import sha256_of
from pipelines.store.home import Store
from pipelines.store.telemetry import segments
from pipelines.store.telemetry.segments import Damage


def seal_segments(store: Store, *, at: datetime, code_version: str) -> list[str]:
    """Seal every segment that no writer holds and that is not sealed yet, in one transaction.

    Args:
        store: the home.
        at: the instant.
        code_version: of this program.

    Returns:
        Their names.
    """
    known = {row["name"] for row in store.rows("SELECT name FROM raw_segment")}
    open_ = [name for name in segments.names(store.home) if name not in known]
    sealed = [name for name in open_ if segments.seal(store.home, name) is not None]
    if not sealed:
        return []
    rows = [_row(store, name, at, code_version) for name in sealed]
    with store.transaction() as tx:
        tx.executemany("INSERT INTO raw_segment VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", rows)
        if tx.touched():
            payload = {"segments": [row[0] for row in rows], "bytes": sum(int(str(row[1])) for row in rows)}
            journal.append(
                tx, at=at, actor=journal.SYSTEM, role=journal.SYSTEM, kind="raw_segments_sealed", subject=sealed[0],
                payload=payload,
            )  # fmt: skip
    return sealed


def _row(store: Store, name: str, at: datetime, code_version: str) -> tuple[object, ...]:
    path = store.home / segments.FOLDER / name
    chunks, damaged, first, last = 0, 0, None, None
    for kept in segments.read(store.home, name):
        if isinstance(kept, Damage):
            damaged += kept.end - kept.start
            continue
        chunks += 1
        first = first or kept.chunk.received_at
        last = kept.chunk.received_at
    size = path.stat().st_size
    return (name, size, chunks, instant_or_none(first), instant_or_none(last), damaged, sha256_of(path), instant(at),
            code_version)  # fmt: skip
