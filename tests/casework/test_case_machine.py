"""Whatever people try, in any order: no case reaches a state it may not, and each has exactly the clocks it should.

What is allowed is written down here a second time, by hand, and read from the journal alone.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from pipelines.casework import case_file, check, clocks
from pipelines.casework.case import file_case, take_step
from pipelines.casework.finding import record_finding
from pipelines.casework.lead import close_lead, open_lead
from pipelines.casework.receipt import record_receipt
from pipelines.casework.verdict import record_verdict, undo_verdict
from pipelines.errors import Refusal
from pipelines.records import JournalEntry
from pipelines.store import Store, journal
from pipelines.store.read import journal as read_journal
from tests.casework.desk import add_report
from tests.store.making import NOW

PEOPLE = (
    *("analyst", "analyst2", "operator", "station", "inspector", "leader", "leader2", "legal", "legal2"),
    *("contractor", "auditor", "admin"),
)
ALERTS = ("A-1", "W-1")
STEPS = ("investigate", "notice", "hear", "penalty", "no_penalty", "withdraw", "transfer", "close")
MAY_DO = {
    "verdict": {"analyst", "inspector", "leader"}, "verdict_undone": {"analyst", "inspector", "leader"},
    "lead_opened": {"analyst", "inspector", "leader"}, "lead_closed": {"leader"},
    "field_found": {"inspector", "leader"}, "receipt_recorded": {"inspector", "leader"}, "case_filed": {"leader"},
    "evidence_reviewed_legal": {"legal"}, "evidence_reviewed_technical": {"station"}, "legal_opinion": {"legal"},
    "marked_major": {"leader", "legal"}, "evidence_added": {"inspector", "leader"},
    "check_opened": {"analyst", "inspector", "leader"}, "check_closed": {"analyst", "inspector", "leader"},
    "check_recorded": {"analyst", "operator", "station", "inspector", "leader"},
    "clock_paused": {"inspector", "leader", "legal"}, "clock_resumed": {"inspector", "leader", "legal"},
    "clock_extended": {"leader"},
}  # fmt: skip
STEP_ROLES = {
    "investigate": {"inspector", "leader"}, "notice": {"leader"}, "hear": {"inspector", "leader", "legal"},
    "penalty": {"leader"}, "no_penalty": {"leader"}, "withdraw": {"leader"}, "transfer": {"leader"},
    "close": {"leader"},
}  # fmt: skip
LEADS_ON = {
    ("filed", "investigate"): "investigated", ("investigated", "notice"): "noticed", ("noticed", "hear"): "heard",
    ("heard", "penalty"): "decided", ("decided", "close"): "closed",
    **{(state, "no_penalty"): "decided" for state in ("investigated", "noticed", "heard")},
    **{(state, "withdraw"): "withdrawn" for state in ("filed", "investigated", "noticed", "heard")},
    **{(state, "transfer"): "transferred" for state in ("filed", "investigated", "noticed", "heard")},
}  # fmt: skip
RESTS_ON_PICTURES = {"alert", "check", "report", "file"}


def who(*right: str) -> st.SearchStrategy[str]:
    """Mostly somebody who may, now and then anybody."""
    return st.sampled_from((*(right * 12), *PEOPLE))


class Told:
    """What the journal alone tells: leads, cases, their evidence and its reviews, in order."""

    def __init__(self, entries: list[JournalEntry]) -> None:
        self.leads: dict[str, list[str]] = {}
        self.closed: set[str] = set()
        self.case_of: dict[str, str] = {}
        self.filed_by: dict[str, str] = {}
        self.states: dict[str, str] = {}
        self.evidence: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
        self.reviews: dict[tuple[int, str], tuple[str, str]] = {}
        self.major: set[str] = set()
        self.opinion: dict[str, str] = {}
        self.found: dict[str, str] = {}
        self.received: dict[str, set[str]] = {}
        self.rectifying: set[str] = set()
        self.numbers = 0
        for entry in entries:
            assert entry.role in MAY_DO.get(entry.kind, {entry.role}), entry
            getattr(self, f"_{entry.kind}", lambda _: None)(entry)

    def _lead_opened(self, entry: JournalEntry) -> None:
        self.leads[entry.subject] = list(entry.payload["alerts"])
        for other in entry.payload["others"]:
            kind, ref = other.split()
            if kind == "report":
                self.received[ref].add(entry.subject)

    def _lead_closed(self, entry: JournalEntry) -> None:
        assert entry.subject not in self.case_of
        self.closed.add(entry.subject)

    def _receipt_recorded(self, entry: JournalEntry) -> None:
        self.received[entry.subject] = set()

    def _field_found(self, entry: JournalEntry) -> None:
        if entry.payload["found"] != "not_reached" and entry.payload["alert"]:
            self.found[entry.payload["alert"]] = entry.payload["found"]
        if "case" in entry.payload:
            self._put(entry.payload["case"], "finding")

    def _case_filed(self, entry: JournalEntry) -> None:
        lead = entry.payload["lead"]
        assert lead in self.leads, "a case needs its lead"
        assert lead not in self.closed and lead not in self.case_of
        if "W-1" in self.leads[lead]:
            assert self.found.get("W-1") in ("violation", "lawful"), "an outfall needs its foot check"
        self.case_of[lead], self.filed_by[entry.subject] = entry.subject, entry.actor
        self.states[entry.subject] = "filed"
        for piece in entry.payload["evidence"]:
            self._put(entry.subject, piece.split()[0])
            if piece.startswith("report "):
                self.received[piece.split()[1]].add(lead)

    def _put(self, case: str, kind: str) -> None:
        self.numbers += 1
        self.evidence[case].append((self.numbers, kind))

    def _evidence_added(self, entry: JournalEntry) -> None:
        self._put(entry.subject, entry.payload["kind"])
        assert self.evidence[entry.subject][-1][0] == entry.payload["evidence"]

    def _review(self, entry: JournalEntry, kind: str) -> None:
        assert entry.actor != self.filed_by[entry.subject], "who filed does not review"
        for number in entry.payload["evidence"]:
            self.reviews[number, kind] = (entry.payload["opinion"], entry.actor)

    def _evidence_reviewed_legal(self, entry: JournalEntry) -> None:
        self._review(entry, "legal")

    def _evidence_reviewed_technical(self, entry: JournalEntry) -> None:
        self._review(entry, "technical")

    def _marked_major(self, entry: JournalEntry) -> None:
        (self.major.add if entry.payload["holds"] else self.major.discard)(entry.subject)

    def _legal_opinion(self, entry: JournalEntry) -> None:
        assert entry.actor != self.filed_by[entry.subject]
        self.opinion[entry.subject] = entry.payload["opinion"]

    def _check_closed(self, entry: JournalEntry) -> None:
        assert entry.payload["items"] > 0, "nothing was looked at"
        if entry.payload["within_days"]:
            self.rectifying.add(entry.subject)

    def _case_step(self, entry: JournalEntry) -> None:
        case, step = entry.subject, entry.payload["step"]
        assert entry.role in STEP_ROLES[step]
        state = LEADS_ON[self.states[case], step]  # KeyError: a forbidden step was taken
        assert (entry.payload["from"], entry.payload["to"]) == (self.states[case], state)
        if step in ("notice", "penalty", "no_penalty"):
            self._reviewed(case)
            assert entry.payload["document"]
        if step in ("penalty", "no_penalty") and case in self.major:
            assert self.opinion.get(case) == "agree", "a major decision without the legal office"
        self.states[case] = state

    def _reviewed(self, case: str) -> None:
        admitted = 0
        for number, kind in self.evidence[case]:
            words = [self.reviews.get((number, respect)) for respect in ("legal", "technical")]
            if kind not in RESTS_ON_PICTURES:
                admitted += 1
            elif not any(word and word[0] == "reject" for word in words):
                assert all(words), "evidence without its two reviews"
                assert words[0][1] != words[1][1], "one person reviewed both"
                admitted += 1
        assert admitted, "nothing was admitted"

    def clocks(self) -> dict[tuple[str, str], bool]:
        """Every clock that should be there, and whether it has ended."""
        over = {lead: lead in self.case_of or lead in self.closed for lead in self.leads}
        ended = {"decided", "closed", "withdrawn", "transferred"}
        return {
            **{(lead, "case_filing_decision"): over[lead] for lead in self.leads},
            **{(lead, "limitation"): over[lead] for lead in self.leads},
            **{
                (report, "case_after_audit_report"): any(over[one] for one in leads)
                for report, leads in self.received.items()
            },
            **{(case, "case_decision"): state in ended for case, state in self.states.items()},
            **{(one, "rectification"): False for one in self.rectifying},
        }


class Brigade(RuleBasedStateMachine):
    """People who try everything, now and then the right thing."""

    furnished: Path

    @initialize(filed=st.booleans())
    def begin(self, filed: bool) -> None:
        self.folder = tempfile.TemporaryDirectory()
        home = Path(self.folder.name) / "home"
        shutil.copytree(self.furnished, home)
        self.store = Store.open(home)
        self.at = NOW
        add_report(self.store)
        self.done, self.told = 0, (0, Told([]))
        self.judge("A-1", "analyst", "confirmed")
        self.lead_is_opened(("A-1",), "leader", False, "site_visit")
        if filed:
            self.case_is_filed(0, "leader", False, False)

    def teardown(self) -> None:
        if hasattr(self, "store"):
            assert journal.verify(self.store).ok
            self.store.close()
            self.folder.cleanup()

    def attempt(self, act: Callable, *words, by: str, **options) -> None:
        self.at += timedelta(minutes=1)
        before = read_journal.tail(self.store, 1)[0].seq
        try:
            done = act(self.store, *words, by=by, at=self.at, **options)
        except Refusal as refusal:
            assert refusal.reason
            (last,) = read_journal.tail(self.store, 1)
            assert last.seq == before or (refusal.reason == "role_forbids" and last.kind == "act_refused")
            assert last.seq <= before + 1
        else:
            assert read_journal.tail(self.store, 1)[0].seq == before + (not done.unchanged)
            self.done += not done.unchanged

    def known(self) -> Told:
        """Told by the journal; read anew only where something was written."""
        last = read_journal.tail(self.store, 1)[0].seq
        if self.told[0] != last:
            self.told = (last, Told(list(reversed(read_journal.tail(self.store, 10_000)))))
        return self.told[1]

    def case(self, number: int) -> str:
        cases = sorted(self.known().states) or ["C-0"]
        return cases[number % len(cases)]

    def lead(self, number: int) -> str:
        leads = sorted(self.known().leads) or ["L-0"]
        return leads[number % len(leads)]

    @rule(days=st.sampled_from((1, 1, 3, 8, 20, 100)))
    def time_passes(self, days: int) -> None:
        self.at += timedelta(days=days)

    @rule(alert=st.sampled_from(ALERTS), by=who("analyst"), value=st.sampled_from(("confirmed", "lawful")))
    def judge(self, alert: str, by: str, value: str) -> None:
        self.attempt(record_verdict, alert, value, by=by)

    @rule(alert=st.sampled_from(ALERTS), by=who("analyst"))
    def undo(self, alert: str, by: str) -> None:
        self.attempt(undo_verdict, alert, by=by, reason="x")

    @rule(
        alerts=st.sampled_from(((), ("A-1",), ("W-1",), ALERTS)), by=who("leader"), report=st.booleans(),
        step=st.sampled_from(("site_visit", "foot_check", "letter")),
    )  # fmt: skip
    def lead_is_opened(self, alerts: tuple[str, ...], by: str, report: bool, step: str) -> None:
        self.attempt(open_lead, alerts, by=by, next_step=step, report_ids=["AR-1"] if report else [])

    @precondition(lambda self: self.known().leads)
    @rule(lead=st.integers(0, 3), by=st.sampled_from(PEOPLE))
    def lead_is_closed(self, lead: int, by: str) -> None:
        self.attempt(close_lead, self.lead(lead), "not_filed", by=by, reason="x")

    @precondition(lambda self: self.known().leads)
    @rule(
        lead=st.integers(0, 3), by=who("inspector"), alert=st.sampled_from((None, *ALERTS)),
        found=st.sampled_from(("violation", "nothing", "not_reached")),
    )  # fmt: skip
    def somebody_was_there(self, lead: int, by: str, alert: str | None, found: str) -> None:
        self.attempt(record_finding, self.lead(lead), found, by=by, text="x", alert_id=alert)

    @rule(by=who("inspector"))
    def report_is_received(self, by: str) -> None:
        self.attempt(record_receipt, "AR-1", by=by)

    @precondition(lambda self: len(self.known().states) < 2)
    @rule(lead=st.integers(0, 3), by=who("leader", "leader2"), why=st.booleans(), report=st.booleans())
    def case_is_filed(self, lead: int, by: str, why: bool, report: bool) -> None:
        reports = ["AR-1"] if report else []
        self.attempt(file_case, self.lead(lead), by=by, reason="x" if why else "", report_ids=reports)

    @precondition(lambda self: self.known().states)
    @rule(
        case=st.integers(0, 3), step=st.sampled_from(STEPS), by=who("leader", "inspector"), why=st.booleans(),
        paper=st.booleans(),
    )  # fmt: skip
    def step_is_tried(self, case: int, step: str, by: str, why: bool, paper: bool) -> None:
        reason, document = "x" if why else "", "d" if paper else ""
        self.attempt(take_step, self.case(case), step, by=by, reason=reason, document=document)

    @precondition(lambda self: self.known().states)
    @rule(case=st.integers(0, 3), steps=st.lists(st.sampled_from(STEPS), min_size=2, max_size=6))
    def steps_are_taken_rightly(self, case: int, steps: list[str]) -> None:
        for step in steps:
            self.step_is_taken_rightly(case, step)

    def step_is_taken_rightly(self, case: int, step: str) -> None:
        self.attempt(take_step, self.case(case), step, by="leader", reason="x", document="d")

    @precondition(lambda self: self.known().states)
    @rule(case=st.integers(0, 3))
    def next_step_is_taken(self, case: int) -> None:
        name = self.case(case)
        state = self.known().states.get(name, "")
        for (before, step), _ in LEADS_ON.items():
            if before == state:
                return self.step_is_taken_rightly(case, step)
        return None

    @precondition(lambda self: self.known().states)
    @rule(case=st.integers(0, 3), far=st.integers(1, 4), major=st.booleans(), reviewed=st.booleans())
    def case_is_pushed(self, case: int, far: int, major: bool, reviewed: bool) -> None:
        if major:
            self.case_is_marked(case, "leader", True)
        if reviewed:
            self.evidence_is_reviewed_rightly(case)
        for _ in range(far):
            self.next_step_is_taken(case)

    @rule(found=st.sampled_from((None, "not_reached", "violation", "nothing")))
    def water_is_looked_into(self, found: str | None) -> None:
        self.judge("W-1", "analyst", "confirmed")
        self.lead_is_opened(("W-1",), "leader", False, "foot_check")
        for lead, alerts in self.known().leads.items():
            if alerts == ["W-1"]:
                number = sorted(self.known().leads).index(lead)
                if found is not None:
                    self.somebody_was_there(number, "inspector", "W-1", found)
                self.case_is_filed(number, "leader", True, False)

    @precondition(lambda self: self.known().states)
    @rule(case=st.integers(0, 3), by=who("legal", "station"), opinion=st.sampled_from(("admit", "admit", "reject")))
    def evidence_is_reviewed(self, case: int, by: str, opinion: str) -> None:
        kind = "technical" if by == "station" else "legal"
        self.attempt(case_file.review_evidence, self.case(case), kind, opinion, by=by, reason="x")

    @precondition(lambda self: self.known().states)
    @rule(case=st.integers(0, 3))
    def evidence_is_reviewed_rightly(self, case: int) -> None:
        for kind, by in (("legal", "legal"), ("technical", "station")):
            self.attempt(case_file.review_evidence, self.case(case), kind, "admit", by=by, reason="x")

    @precondition(lambda self: self.known().states)
    @rule(case=st.integers(0, 3), alert=st.sampled_from(ALERTS), by=who("inspector"))
    def evidence_is_added(self, case: int, alert: str, by: str) -> None:
        self.attempt(case_file.add_evidence, self.case(case), "alert", alert, by=by)

    @precondition(lambda self: self.known().states)
    @rule(case=st.integers(0, 3), by=who("leader"), holds=st.booleans())
    def case_is_marked(self, case: int, by: str, holds: bool) -> None:
        self.attempt(case_file.set_mark, self.case(case), "major", holds, by=by, reason="x")

    @precondition(lambda self: self.known().states)
    @rule(case=st.integers(0, 3), by=who("legal"), opinion=st.sampled_from(("agree", "disagree")))
    def opinion_is_given(self, case: int, by: str, opinion: str) -> None:
        self.attempt(case_file.give_opinion, self.case(case), opinion, by=by, document="d", reason="x")

    @precondition(lambda self: self.known().states)
    @rule(case=st.integers(0, 3), by=who("leader"), back=st.integers(0, 5), go_on=st.booleans())
    def clock_is_touched(self, case: int, by: str, back: int, go_on: bool) -> None:
        clock, day = (self.case(case), "case_decision"), date.fromordinal(self.at.toordinal() - back)
        if go_on:
            self.attempt(clocks.resume_clock, *clock, by=by, day=day, document="d")
        else:
            self.attempt(clocks.pause_clock, *clock, by=by, day=day, reason="appraisal", document="d")

    @precondition(lambda self: self.known().states)
    @rule(case=st.integers(0, 3), by=who("leader"), days=st.sampled_from((0, 30, 90)))
    def clock_is_extended(self, case: int, by: str, days: int) -> None:
        self.attempt(clocks.extend_clock, self.case(case), "case_decision", by=by, days=days, reason="x", document="d")

    @rule(by=who("analyst"), look=st.booleans(), days=st.sampled_from((None, 30)))
    def check_is_made(self, by: str, look: bool, days: int | None) -> None:
        self.attempt(check.open_check, "alert", "A-1", by=by)
        name = f"N-{NOW:%Y-%m%d}-01"
        if look:
            self.attempt(check.record_item, name, "drone", "alert:A-1", by=by, showed="x")
        judged = check.Judged("violation", "remote_rectification" if days else "site_visit", days)
        self.attempt(check.close_check, name, judged, by=by)

    @invariant()
    def nothing_forbidden_happened(self) -> None:
        told = self.known()
        held = {(one.clock.subject, one.name): one for one in clocks.deadlines(self.store, by=None, as_of=self.at)}
        assert {key: one.clock.ended is not None for key, one in held.items()} == told.clocks()
        for one in held.values():
            over = one.state.value.startswith("met")
            assert over == (one.clock.ended is not None)
            assert one.due.earliest <= one.due.latest


@pytest.fixture(autouse=True)
def _home_to_copy(furnished: Path) -> None:
    Brigade.furnished = furnished


TestBrigade = Brigade.TestCase
TestBrigade.settings = settings(
    max_examples=25, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck), database=None
)


def test_the_walks_do_reach_decisions(furnished: Path, home: Path) -> None:
    """The machine's own rules, in one order that ends in a decision: what it tries can succeed."""
    walk = Brigade()
    walk.begin(False)
    walk.case_is_filed(0, "leader", False, False)
    walk.evidence_is_reviewed_rightly(0)
    for step in ("investigate", "notice", "hear", "penalty", "close"):
        walk.step_is_taken_rightly(0, step)
        walk.nothing_forbidden_happened()
    assert walk.known().states == {f"C-{NOW:%Y-%m%d}-01": "closed"}
    walk.teardown()
