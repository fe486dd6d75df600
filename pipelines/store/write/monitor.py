"""What was found in monitor data: a day's, or a week's, findings take the place of those before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from pipelines.records import Provenance
from pipelines.store import rows
from pipelines.store.canonical import instant, to_json
from pipelines.store.monitor_records import StoredClue, StoredExceedance
from pipelines.store.transaction import Tx

END = "UPDATE {table} SET superseded_by_run = ?, superseded_at = ? WHERE row = ?"
CURRENT = "SELECT * FROM {table} WHERE {day} = ? AND superseded_by_run IS NULL"
Cells = dict[str, object]


def replace_exceedances(
    tx: Tx, on: date, found: Iterable[StoredExceedance], provenance: Provenance, *, at: datetime
) -> None:
    """Write a Beijing day's exceedances; what stands already stays as it is, what was withdrawn ends.

    Args:
        tx: the transaction.
        on: the day.
        found: all of it.
        provenance: the run.
        at: when it was known: what looks back before this instant does not see it.
    """
    _replace(tx, ("exceedance", "day"), on, [_exceedance(one) for one in found], provenance, at)


def replace_clues(tx: Tx, last: date, found: Iterable[StoredClue], provenance: Provenance, *, at: datetime) -> None:
    """As `replace_exceedances`, for the clues of the week that ends with a day."""
    _replace(tx, ("monitor_clue", "last_day"), last, [_clue(one) for one in found], provenance, at)


def _replace(
    tx: Tx, place: tuple[str, str], on: date, found: list[Cells], provenance: Provenance, at: datetime
) -> None:
    table, day = place
    standing = {row["id"]: row for row in tx.rows(CURRENT.format(table=table, day=day), (on.isoformat(),))}
    told = {str(one["id"]): one for one in found}
    same = {i for i, one in told.items() if i in standing and _agree(dict(standing[i]), one)}
    ended = [(provenance.run_id, instant(at), row["row"]) for i, row in standing.items() if i not in same]
    tx.executemany(END.format(table=table), ended)
    source = {"policy_version": provenance.policy_version, "run_id": provenance.run_id, "received_at": instant(at)}
    new = [one | source for i, one in told.items() if i not in same]
    if new:
        tx.executemany(rows.insert_statement(table, new[0]), new)


def _agree(standing: Mapping[str, object], told: Cells) -> bool:
    return all(standing[name] == value for name, value in told.items())


def _exceedance(one: StoredExceedance) -> Cells:
    means = [{"begin": instant(mean.begin), "value": mean.value, "valid": mean.valid} for mean in one.means]
    return {
        "id": one.id, "mn": one.mn, "point": one.point, "enterprise_uscc": one.enterprise_uscc,
        "site_id": one.site_id, "pollutant": one.pollutant, "kind": one.kind, "day": one.day.isoformat(),
        "begins_at": instant(one.begin), "ends_at": instant(one.end), "worst": one.worst, "limit_value": one.limit,
        "unit": one.unit, "rule": one.rule, "comparison": one.comparison, "allowed": one.allowed,
        "below": int(one.below), "without_flag": one.without_flag, "means": to_json(means),
        "excused_by": to_json(list(one.excused_by)), "values_sha256": one.values_sha256,
    }  # fmt: skip


def _clue(one: StoredClue) -> Cells:
    return {
        "id": one.id, "kind": one.kind, "mn": one.mn, "point": one.point, "pollutant": one.pollutant,
        "other": one.other, "last_day": one.last_day.isoformat(), "begins_at": instant(one.begin),
        "ends_at": instant(one.end), "chance": one.chance, "figures": to_json(dict(one.figures)),
        "innocent": to_json(list(one.innocent)),
    }  # fmt: skip
