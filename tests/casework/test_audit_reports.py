"""Audit reports through the acts: same bytes for the same paper, pieces of the curve, what a kill leaves behind."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from enforcement.audit import Said
from pipelines.casework.audit_report import deliver_report, issue_report, report_bytes
from pipelines.casework.exceedance import enter_exceedance, record_evidence
from pipelines.documents import audit_report, curve
from pipelines.documents.curve import Curve, CurvePoint
from pipelines.store import Store, journal
from pipelines.store.monitor_records import StoredExceedance, StoredMean
from pipelines.store.read import cases, desk
from pipelines.store.write import monitor as write_monitor
from tests.casework.desk import clock_states, everything, refused
from tests.store import making
from tests.store.making import FIRM, NOW

NEEDED = ("curve", "validity", "flags", "calibration")


def entered(store: Store, at: datetime = NOW, **changes) -> str:
    said = Said(
        "M-1", "TSP", "dust_quarter_hour", at - timedelta(hours=3), at - timedelta(hours=2), 2.7, 2.0, "mg/m3",
        "rule:dust_quarter_hour_limit_1", "平台 1",
    )  # fmt: skip
    name = enter_exceedance(store, said, by="station", at=at, enterprise=FIRM).id
    for kind in NEEDED:
        record_evidence(store, name, kind, "document:1", by="station", at=at, showed="正常")
    return name


def issued(store: Store, at: datetime = NOW) -> str:
    """A report that the station judged and handed over."""
    report = issue_report(store, entered(store, at), "valid", by="station", at=at, reason="数据有效").id
    deliver_report(store, report, by="station", at=at, document_number="1")
    return report


def test_the_same_paper_gives_the_same_bytes(office, monkeypatch):
    seen = []
    made = audit_report.files
    monkeypatch.setattr(audit_report, "files", lambda paper: seen.append(paper) or made(paper))
    report = issue_report(office, entered(office), "valid", by="station", at=NOW, reason="数据有效").id
    (paper,) = seen
    held = {kind: content for kind, (_, content) in report_bytes(office, report, NOW).items()}
    assert held == made(paper)
    assert set(held) == {"pdf", "json"}, "no values of this device, so no CSV"


def test_an_act_that_is_refused_leaves_nothing(office):
    name = entered(office)
    before = everything(office)
    assert refused(
        issue_report, office, name, "valid", by="station", at=NOW, reason=" "
    ) == "reason_missing"  # fmt: skip
    assert refused(issue_report, office, "X-9", "valid", by="station", at=NOW, reason="x") == "unknown_exceedance"
    assert refused(record_evidence, office, name, "camera", "alert:A-9", by="station", at=NOW, showed="x") == (
        "link_leads_nowhere"
    )
    later = NOW + timedelta(days=1)
    assert refused(
        record_evidence, office, name, "camera", "alert:A-1", by="station", at=NOW, showed="x", seen_from=later
    ) == "seen_in_future"  # fmt: skip
    assert everything(office) == before


def test_a_role_that_may_not_leaves_its_note_and_nothing_else(office):
    name = entered(office)
    before = everything(office)
    assert refused(issue_report, office, name, "valid", by="operator", at=NOW, reason="x") == "role_forbids"
    after = everything(office)
    assert {table for table in after if after[table] != before[table]} == {"journal", "journal_row", "refused_act"}


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 3.2, [0, 1, 2, 3]),
        (0, 1.08, [0, 0.25, 0.5, 0.75, 1]),
        (0, 950, [0, 200, 400, 600, 800]),
        (6, 9, [6, 7, 8, 9]),
    ],
)
def test_ticks_are_round(low, high, expected):
    assert curve.ticks(low, high) == expected


def test_hours_are_round_in_beijing_time():
    first = datetime(2026, 11, 23, 17, 20, tzinfo=UTC)
    found = list(curve.hours(first, first + timedelta(hours=24)))
    assert [one.hour for one in found][:4] == [2, 4, 6, 8]
    assert all((one.minute, one.utcoffset()) == (0, timedelta(hours=8)) for one in found)
    assert len(found) == 12


@pytest.mark.parametrize("values", [[0.0], [0.0, 0.0], [-1.0, -2.0], [5.0] * 3, [1e9, 1e-9]])
def test_a_curve_of_odd_values_is_drawn(values):
    points = tuple(CurvePoint(NOW + timedelta(minutes=k), v, "", True) for k, v in enumerate(values))
    from pipelines.documents.page import pdf

    drawn = curve.CurveDrawing(Curve(points, "minute", "mg/m3", None, NOW, NOW + timedelta(minutes=1)))
    assert pdf([drawn], title="x", footer="x", simulated=True).startswith(b"%PDF")


def stored(name: str = "exceedance-1", **changes) -> StoredExceedance:
    day = NOW.date() - timedelta(days=1)
    begin = NOW - timedelta(days=1, hours=2)
    one = StoredExceedance(
        name, "M-1", "P-1", FIRM, None, "a34001", "dust_quarter_hour", day, begin, begin + timedelta(hours=1), 2.7, 2.0,
        "mg/m3", "dust_quarter_hour_limit_1@2016-01-01", "dust_comparison@2016-01-01", 1, False, 0,
        (StoredMean(begin, 2.7, 15), StoredMean(begin + timedelta(minutes=15), 2.3, 15)), (), "0" * 64, NOW,
    )  # fmt: skip
    return replace(one, **changes)


def found(store: Store, *these: StoredExceedance, at: datetime = NOW) -> None:
    with store.transaction() as tx:
        write_monitor.replace_exceedances(tx, stored().day, these, making.provenance_of(), at=at)
        if tx.touched():
            journal.append_chunk(tx, at=at, run_id="run-1", stage="monitor")


def states(store: Store, at: datetime) -> dict[str, tuple[str, bool]]:
    return {one.exceedance.id: (one.state, one.exceedance.withdrawn) for one in desk.matters(store, at)}


def test_what_the_machine_found_lies_on_the_desk_and_is_judged_like_the_rest(office):
    found(office, stored(), stored("exceedance-2", pollutant="a34002"))
    assert states(office, NOW - timedelta(seconds=1)) == {}
    assert states(office, NOW) == {"exceedance-1": ("open", False), "exceedance-2": ("open", False)}
    for kind in NEEDED:
        record_evidence(office, "exceedance-1", kind, "document:1", by="station", at=NOW, showed="正常")
    report = issue_report(office, "exceedance-1", "valid", by="station", at=NOW, reason="有效").id
    (told,) = cases.reports(office, NOW, report_id=report)
    assert (told.exceedance, told.monitor, told.enterprise_uscc) == ("exceedance-1", "P-1", FIRM)
    said = json.loads(report_bytes(office, report, NOW)["json"][1])["exceedance"]
    assert (said["source"], said["times"], said["allowed"], said["limit"]["link"]) == (
        "monitor", 2, 1, "rule:dust_quarter_hour_limit_1@2016-01-01",
    )  # fmt: skip
    assert said["limit"]["source"] == "DB31/964-2016"
    assert clock_states(office)["exceedance-2", "exceedance_audit"] == "running"


def test_what_the_machine_takes_back_stays_where_somebody_acted_on_it(office):
    later, latest = NOW + timedelta(days=1), NOW + timedelta(days=2)
    found(office, stored(), stored("exceedance-2"))
    record_evidence(office, "exceedance-1", "curve", "document:1", by="station", at=NOW, showed="尖峰")
    found(office, at=later)
    assert states(office, NOW) == {"exceedance-1": ("open", False), "exceedance-2": ("open", False)}
    assert states(office, later) == {"exceedance-1": ("open", True)}
    found(office, stored(worst=2.2), at=latest)
    assert states(office, latest) == {"exceedance-1": ("open", False)}
    (one,) = desk.exceedances(office, latest)
    assert (one.known_at, one.value) == (NOW, 2.2), "the clock of the station runs from the first day it was known"
    assert journal.verify(office).ok
