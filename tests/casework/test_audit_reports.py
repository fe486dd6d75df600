"""Audit reports through the acts: same bytes for the same paper, pieces of the curve, what a kill leaves behind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from enforcement.audit import Said
from pipelines.casework.audit_report import deliver_report, issue_report, report_bytes
from pipelines.casework.exceedance import enter_exceedance, record_evidence
from pipelines.documents import audit_report, curve
from pipelines.documents.curve import Curve, CurvePoint
from pipelines.store import Store
from tests.casework.desk import everything, refused
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
    assert refused(issue_report, office, name, "valid", by="operator", at=NOW, reason="x") == "role_forbids"
    assert refused(issue_report, office, "X-9", "valid", by="station", at=NOW, reason="x") == "unknown_exceedance"
    assert refused(record_evidence, office, name, "camera", "alert:A-9", by="station", at=NOW, showed="x") == (
        "link_leads_nowhere"
    )
    later = NOW + timedelta(days=1)
    assert refused(
        record_evidence, office, name, "camera", "alert:A-1", by="station", at=NOW, showed="x", seen_from=later
    ) == "seen_in_future"  # fmt: skip
    assert everything(office) == before


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
