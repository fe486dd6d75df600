"""What was found in monitor data, now or as it was known at an instant."""

from __future__ import annotations

import json
from datetime import date, datetime
from sqlite3 import Row

from pipelines.store.canonical import from_instant, instant_or_none
from pipelines.store.home import Store
from pipelines.store.monitor_records import StoredClue, StoredExceedance, StoredMean

KNOWN = """
CASE WHEN :at IS NULL THEN superseded_by_run IS NULL
    ELSE received_at <= :at AND (superseded_at IS NULL OR superseded_at > :at) END
"""
EXCEEDANCES = f"""
SELECT * FROM exceedance WHERE day BETWEEN :first AND :last AND (:mn IS NULL OR mn = :mn) AND {KNOWN}
ORDER BY begins_at, mn, pollutant, id
"""  # noqa: S608  our own words only
CLUES = f"""
SELECT * FROM monitor_clue WHERE last_day BETWEEN :first AND :last AND (:mn IS NULL OR mn = :mn) AND {KNOWN}
ORDER BY last_day, chance, id
"""  # noqa: S608  our own words only
BY_ID = "SELECT * FROM exceedance WHERE id = ? AND (?2 IS NULL OR received_at <= ?2) ORDER BY row DESC LIMIT 1"


def exceedances(
    store: Store, first: date, last: date, *, mn: str | None = None, as_of: datetime | None = None
) -> list[StoredExceedance]:
    """Exceedances of Beijing days from first to last, both with them, in order of time."""
    return [_exceedance(row) for row in store.rows(EXCEEDANCES, _asked(first, last, mn, as_of))]


def exceedance(store: Store, id_: str, *, as_of: datetime | None = None) -> StoredExceedance | None:
    """One exceedance as it was judged last, whether it still stands or was withdrawn."""
    found = store.rows(BY_ID, (id_, instant_or_none(as_of)))
    return _exceedance(found[0]) if found else None


def clues(
    store: Store, first: date, last: date, *, mn: str | None = None, as_of: datetime | None = None
) -> list[StoredClue]:
    """Clues of weeks that end from first to last, both with them."""
    return [_clue(row) for row in store.rows(CLUES, _asked(first, last, mn, as_of))]


def _asked(first: date, last: date, mn: str | None, as_of: datetime | None) -> dict[str, object]:
    return {"first": first.isoformat(), "last": last.isoformat(), "mn": mn, "at": instant_or_none(as_of)}


def _exceedance(row: Row) -> StoredExceedance:
    means = tuple(StoredMean(from_instant(m["begin"]), m["value"], m["valid"]) for m in json.loads(row["means"]))
    return StoredExceedance(
        row["id"], row["mn"], row["point"], row["enterprise_uscc"], row["site_id"], row["pollutant"], row["kind"],
        date.fromisoformat(row["day"]), from_instant(row["begins_at"]), from_instant(row["ends_at"]), row["worst"],
        row["limit_value"], row["unit"], row["rule"], row["comparison"], row["allowed"], bool(row["below"]),
        row["without_flag"], means, tuple(json.loads(row["excused_by"])), row["values_sha256"],
        from_instant(row["received_at"]),
    )  # fmt: skip


def _clue(row: Row) -> StoredClue:
    return StoredClue(
        row["id"], row["kind"], row["mn"], row["point"], row["pollutant"], row["other"],
        date.fromisoformat(row["last_day"]), from_instant(row["begins_at"]), from_instant(row["ends_at"]),
        row["chance"], json.loads(row["figures"]), tuple(json.loads(row["innocent"])), from_instant(row["received_at"]),
    )  # fmt: skip
