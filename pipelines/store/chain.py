"""How an entry is hashed: what writing and verifying the journal must agree on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pipelines.store.canonical import sha256_of_text, to_json


def entry_hash(cells: Sequence[int | str]) -> str:
    """The hash of an entry.

    Args:
        cells: seq, at, actor, role, kind, subject, payload, previous_hash, as they are stored.
    """
    return sha256_of_text(to_json(list(cells)))


def rows_digest(digests: Iterable[tuple[str, str, str]]) -> str:
    """One digest over the rows of an entry.

    Args:
        digests: (table, key, SHA-256 of the row), sorted by table and key as text.
    """
    return sha256_of_text("".join(f"{table} {key} {digest}\n" for table, key, digest in digests))
