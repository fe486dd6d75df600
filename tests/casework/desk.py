"""A home with one account a role, two alerts (dust and discharge), and short names for the acts on them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pipelines.casework.case import file_case, take_step
from pipelines.casework.case_file import review_evidence
from pipelines.casework.clocks import deadlines
from pipelines.casework.users import add_user
from pipelines.errors import Refusal
from pipelines.store import Store
from pipelines.store.case_records import AuditReport, Signed
from pipelines.store.write import cases as write
from tests.store import making
from tests.store.making import FIRM, NOW, OTHER_FIRM

TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
LEAD, CASE = "L-2026-1124-01", "C-2026-1124-01"
"""The first lead and the first case of such a home."""
ROLES = ("analyst", "operator", "station", "inspector", "leader", "legal", "contractor", "auditor")


def furnish(store: Store) -> None:
    """Accounts named after their roles and second ones of three, two firms, alerts A-1 (dust), W-1 (discharge)."""
    add_user(store, "admin", "administrator", by=None, at=NOW)
    for role in ROLES:
        add_user(store, role, role, by="admin", at=NOW)
    for name, role in (("analyst2", "analyst"), ("leader2", "leader"), ("legal2", "legal")):
        add_user(store, name, role, by="admin", at=NOW)
    making.start_run(store)
    for name, label, files in (("A-1", "dust_plume", ("a.jpg", "b.jpg")), ("W-1", "discharge", ("c.jpg",))):
        flight_id, frames = making.add_flight(store, files)
        seen = making.add_results(store, flight_id, frames, label=label)
        making.add_alert(store, name, seen, kind=label)
    making.tell(store, [making.enterprise_of(), making.enterprise_of(OTHER_FIRM, row=2)])


def add_report(store: Store, name: str = "AR-1", *, valid: bool = True, at=NOW) -> str:
    """A report of the station, as the station's desk will write it."""
    with store.transaction() as tx:
        said = AuditReport(name, "X-1", "M-1", FIRM, valid, "超标", at, Signed("station", "station", at, False))
        write.insert_report(tx, said)
        from pipelines.store import journal

        journal.append(tx, at=at, actor="station", role="station", kind="report_issued", subject=name, payload={})
    return name


def later(days: float = 0, minutes: float = 0):
    """An instant after the home was furnished."""
    return NOW + timedelta(days=days, minutes=minutes)


def refused(act, *words, **options) -> str:
    """The reason for which an act is refused."""
    with pytest.raises(Refusal) as found:
        act(*words, **options)
    return found.value.reason


def clock_states(store, at=None, **options) -> dict[tuple[str, str], str]:
    """The state of each clock by its subject and rule."""
    found = deadlines(store, by=None, as_of=at or NOW, **options)
    return {(one.clock.subject, one.name): one.state.value for one in found}


def whole_case(store: Store) -> str:
    """File it, with its evidence reviewed and its investigation ended."""
    case = file_case(store, LEAD, by="leader", at=NOW).id
    review_evidence(store, case, "legal", "admit", by="legal", at=NOW)
    review_evidence(store, case, "technical", "admit", by="station", at=NOW)
    take_step(store, case, "investigate", by="inspector", at=NOW)
    return case


def everything(store: Store) -> dict[str, list[tuple]]:
    """Every row of every table."""
    names = [r[0] for r in store.rows(TABLES)]
    return {name: [tuple(r) for r in store.rows(f"SELECT * FROM {name}")] for name in names}
