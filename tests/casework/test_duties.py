"""The duty log: written by the acts, given by the journal alone, and due as the clocks say.

Acts are tried at random. Three ways must agree: the rows that the acts wrote, a fold over the journal's entries, and
the clocks, which are computed from the tables of leads, cases, reports and checks and know nothing of duties.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from enforcement.duties import DUTIES
from enforcement.duty_states import figures
from enforcement.policy import load
from pipelines.casework import check, task, task_work
from pipelines.casework import duties as act
from pipelines.casework.case import file_case, take_step
from pipelines.casework.clocks import extend_clock, fix_counting, pause_clock, standing
from pipelines.casework.lead import close_lead, open_lead
from pipelines.casework.people import permitted
from pipelines.casework.receipt import record_receipt
from pipelines.casework.verdict import record_verdict, undo_verdict
from pipelines.errors import Refusal
from pipelines.store import Store
from pipelines.store.read import duties as read
from tests.casework import desk
from tests.casework.desk import LEAD, later, refused
from tests.store.making import NOW

CLOCKED = {
    row: load().latest(f"duty_{row}").table()["clock"]
    for row in DUTIES
    if "clock" in load().latest(f"duty_{row}").table()
}
WISHES = (
    "confirm", "lawful", "lawful_again", "undo", "lead", "lead_on_report", "close", "file", "withdraw", "no_penalty",
    "receive", "check", "look", "judge", "mend", "assign", "hand_in", "submit", "accept", "return", "take_back",
    "pause", "extend", "count", "explain", "wait",
)  # fmt: skip


DONE: set[str] = set()
"""What was done at least once, and not only tried."""


class Office:
    """Somebody who tries whatever is named, at a time that goes on."""

    def __init__(self, store: Store) -> None:
        self.store, self.now = store, NOW

    def last(self, table: str, column: str = "id") -> str:
        row = self.store.row(f"SELECT {column} AS name FROM {table} ORDER BY rowid DESC LIMIT 1")
        return "none" if row is None else str(row["name"])

    def confirm(self):
        record_verdict(self.store, "A-1", "confirmed", by="analyst", at=self.now)

    def lawful(self):
        record_verdict(self.store, "W-1", "lawful", by="analyst", at=self.now)

    def lawful_again(self):
        record_verdict(self.store, "W-1", "lawful", by="analyst2", at=self.now)

    def undo(self):
        undo_verdict(self.store, "W-1", by="leader", at=self.now, reason="看错")

    def lead(self):
        open_lead(self.store, ["A-1"], by="leader", at=self.now, next_step="site_visit")

    def lead_on_report(self):
        open_lead(self.store, [], by="leader", at=self.now, next_step="letter", report_ids=["AR-1"])

    def close(self):
        close_lead(self.store, self.last("lead"), "letter_sent", by="leader", at=self.now, reason="轻微")

    def file(self):
        file_case(self.store, self.last("lead"), by="leader", at=self.now, reason="迟了", report_ids=["AR-1"])

    def withdraw(self):
        take_step(self.store, self.last("casefile"), "withdraw", by="leader", at=self.now, reason="撤", document="撤1")

    def no_penalty(self):
        take_step(self.store, self.last("casefile"), "investigate", by="inspector", at=self.now)

    def receive(self):
        record_receipt(self.store, "AR-1", by="inspector", at=self.now)

    def check(self):
        check.open_check(self.store, "clue", f"群众反映 {self.now:%d}", by="inspector", at=self.now)

    def look(self):
        check.record_item(
            self.store, self.last("non_site_check"), "drone", "alert:A-1", by="inspector", at=self.now, showed="扬尘"
        )

    def judge(self):
        judged = check.Judged("violation", "remote_rectification", 10)
        check.close_check(self.store, self.last("non_site_check"), judged, by="inspector", at=self.now)

    def mend(self):
        name = self.last("non_site_check")
        frame = self.last("frame")
        check.recheck(
            self.store, name, True, f"file:{self.last('file', 'sha256')}", by="analyst", at=self.now, reason=frame
        )

    def assign(self):
        due = (self.now + timedelta(days=4)).date()
        task.assign_task(
            self.store, "contractor", "survey", by="leader", at=self.now, text=f"{self.now:%d}", due_on=due
        )

    def hand_in(self):
        file = self.store.home / "in.jpg"
        file.write_bytes(b"picture")
        taken = task_work.Taken("见")
        task_work.add_item(self.store, self.last("task"), "outfall", file, taken, by="contractor", at=self.now)

    def submit(self):
        self._step("submit", "contractor")

    def accept(self):
        self._step("accept", "inspector")

    def _step(self, step, by, reason=""):
        task_work.take_step(self.store, self.last("task"), step, task_work.Said(reason), by=by, at=self.now)

    def take_back(self):
        self._step("withdraw", "leader", "不用了")

    def pause(self):
        name = self.last("casefile")
        today = (self.now + timedelta(hours=8)).date()
        pause_clock(
            self.store, name, "case_decision", by="legal", at=self.now, day=today, reason="hearing", document="听1"
        )

    def extend(self):
        extend_clock(
            self.store, self.last("lead"), "case_filing_decision", by="leader", at=self.now, days=5, reason="复杂",
            document="延1",
        )  # fmt: skip

    def count(self):
        day = (self.now + timedelta(days=2)).date()
        fix_counting(self.store, "case_filing_decision", "working", by="legal", at=self.now, day=day, reason="答复")

    def explain(self):
        act.explain_duty(self.store, "filing", self.last("lead"), by="leader", at=self.now, reason="人手不足")

    def wait(self):
        self.now += timedelta(days=6)


setattr(Office, "return", lambda self: self._step("return", "inspector", "补"))


@pytest.fixture(scope="session")
def base(furnished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The furnished home with a report."""
    home = tmp_path_factory.mktemp("duties") / "home"
    shutil.copytree(furnished, home)
    with Store.open(home) as store:
        desk.add_report(store)
    return home


@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@example(
    wishes=[
        *(
            "receive",
            "lead_on_report",
            "extend",
            "wait",
            "confirm",
            "close",
            "lead",
            "wait",
            "wait",
            "wait",
            "wait",
            "explain",
        ),
        *("file", "pause", "wait", "withdraw", "check", "look", "judge", "wait", "wait", "lawful", "lawful_again"),
        *("undo", "lawful", "assign", "hand_in", "wait", "submit", "return", "submit", "accept", "assign", "take_back"),
    ]
)
@example(
    wishes=[
        *("receive", "confirm", "lead", "file", "extend", "count", "wait", "no_penalty", "pause", "withdraw", "check"),
        *("look", "judge", "wait", "assign", "hand_in", "mend", "wait"),
    ]
)
@given(wishes=st.lists(st.sampled_from(WISHES), min_size=20, max_size=45))
def test_log_journal_and_clocks_agree_whatever_is_done(base, wishes):
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(base, Path(folder) / "home")
        with Store.open(Path(folder) / "home") as store:
            office = Office(store)
            for wish in wishes:
                office.now += timedelta(minutes=7)
                try:
                    getattr(office, wish)()
                except Refusal:
                    pass
                else:
                    DONE.add(wish)
            now = office.now
            stored = read.events(store, now)
            assert Counter(stored) == Counter(read.from_journal(store, now)[0])
            assert act.recomputed(store, now) == act.duties(store, by=None, as_of=now)
            by_clock = {(c.clock.subject, c.name): (c.state.value, c.due) for c in standing(store, now)}
            by_duty = {
                (one.subject, CLOCKED[one.duty]): (one.state, one.due)
                for one in act.duties(store, by=None, as_of=now)
                if one.duty in CLOCKED
            }
            assert by_duty == {key: value for key, value in by_clock.items() if key[1] != "limitation"}
            assert store_is_whole(store)


def test_everything_that_is_tried_was_done_once():
    assert set(WISHES) - DONE == set()


def store_is_whole(store: Store) -> bool:
    from pipelines.store import journal

    return journal.verify(store).ok


def states(store, at) -> dict[tuple[str, str], str]:
    return {(one.duty, one.subject): one.state for one in act.duties(store, by=None, as_of=at)}


def test_a_lead_is_a_duty_of_the_leader_until_a_case_is_filed(desk):
    (one,) = [one for one in act.duties(desk, by=None, as_of=NOW) if one.duty == "filing"]
    assert (one.subject, one.holder, one.state, one.began.by) == (LEAD, "role:leader", "running", "leader")
    assert (one.due.calendar, one.due_on) == (date(2026, 12, 9), date(2026, 12, 9))
    case = file_case(desk, LEAD, by="leader", at=later(1)).id
    assert states(desk, later(1)) == {("filing", LEAD): "met", ("deciding", case): "running"}
    (done,) = [one for one in act.duties(desk, by=None, as_of=later(1)) if one.duty == "filing"]
    assert (done.ended.word, done.ended.by, done.ended.on) == ("filed", "leader", date(2026, 11, 25))
    assert states(desk, NOW) == {("filing", LEAD): "running"}


def test_a_task_is_late_from_the_day_after_and_its_return_begins_it_again(office):
    day = date(2026, 11, 26)
    name = task.assign_task(office, "contractor", "survey", by="leader", at=NOW, text="排查", due_on=day).id
    assert [states(office, later(d))["task", name] for d in (0, 2, 3)] == ["warning", "warning", "overdue"]
    person = Office(office)
    person.now = later(3)
    person.hand_in()
    person.submit()
    assert states(office, later(3)) == {("task", name): "met_late", ("acceptance", name): "open"}
    getattr(person, "return")()
    held = act.duties(office, by=None, as_of=later(3))
    assert [(one.duty, one.state) for one in held] == [
        ("task", "met_late"),
        ("acceptance", "done"),
        ("task", "overdue"),
    ]


def test_what_presses_is_told_once_and_what_is_overdue_to_the_leader(office):
    day = date(2026, 11, 26)
    name = task.assign_task(office, "contractor", "survey", by="leader", at=NOW, text="排查", due_on=day).id
    first = act.remind(office, by=None, at=later(1))
    assert [(one.subject, one.level, one.to_whom) for one in first] == [(name, "warning", "contractor")]
    assert act.remind(office, by=None, at=later(1)) == ()
    (second,) = act.remind(office, by="admin", at=later(3))
    assert (second.level, second.to_whom) == ("overdue", "role:leader")
    assert refused(act.remind, office, by="contractor", at=later(3)) == "role_forbids"
    assert store_is_whole(office)


def test_late_without_a_reason_and_acts_outside_a_role_go_to_the_leader(office):
    day = date(2026, 11, 26)
    task.assign_task(office, "inspector", "flight", by="leader", at=NOW, text="复飞", due_on=day)
    name = task.assign_task(office, "analyst", "other", by="leader", at=NOW, text="汇总", due_on=day).id
    for _ in range(2):
        assert refused(record_verdict, office, "A-1", "confirmed", by="auditor", at=later(1)) == "role_forbids"
    found = act.accountability(office, by="leader", as_of=later(4))
    assert {(one.duty.duty, one.duty.holder) for one in found.late} == {("task", "inspector"), ("task", "analyst")}
    ((wrong, entry),) = found.refused
    assert (wrong.act, wrong.signed.by, wrong.signed.role) == ("verdict", "auditor", "auditor")
    assert "act_verdict@" in wrong.rule
    assert office.row("SELECT kind FROM journal WHERE seq = ?", (entry,))["kind"] == "act_refused"
    assert refused(act.explain_duty, office, "task", name, by="inspector", at=later(4), reason="x") == "duty_not_yours"
    assert refused(act.explain_duty, office, "task", name, by="analyst", at=later(4), reason=" ") == "reason_missing"
    assert refused(act.explain_duty, office, "task", name, by="analyst", at=NOW, reason="x") == "duty_not_late"
    done = act.explain_duty(office, "task", name, by="analyst", at=later(4), reason="病假")
    assert (
        act.explain_duty(office, "task", name, by="analyst", at=later(4), reason="病假").journal_entry
        == done.journal_entry
    )
    left = act.accountability(office, by="leader", as_of=later(4)).late
    assert [one.duty.holder for one in left] == ["inspector"]
    assert left[0].entries
    for who in ("analyst", "contractor", "admin", "inspector"):
        assert refused(act.accountability, office, by=who, as_of=later(4)) == "role_forbids"


def test_the_figures_of_a_period_are_counted_by_hand(desk):
    day = date(2026, 11, 26)
    for number in range(3):
        task.assign_task(desk, "contractor", "survey", by="leader", at=NOW, text=str(number), due_on=day)
    person = Office(desk)
    person.now = later(1)
    person.hand_in()
    person.submit()
    found = {
        (one.holder, one.duty): one
        for one in figures(act.duties(desk, by=None, as_of=later(5)), first=date(2026, 11, 24), last=date(2026, 11, 24))
    }
    mine = found["contractor", "task"]
    assert (mine.begun, mine.done, mine.met, mine.open_now, mine.overdue, mine.unexplained) == (3, 1, 1, 2, 2, 2)
    assert found["role:leader", "filing"].begun == 1
    assert ("leader", "acceptance") not in found  # it began a day later


def test_a_log_that_was_changed_by_hand_is_seen(desk):
    home = desk.home
    file_case(desk, LEAD, by="leader", at=later(1))
    desk.close()
    with sqlite3.connect(home / "yaoxun.sqlite") as connection:
        connection.execute("UPDATE duty_event SET holder = 'nobody' WHERE duty = 'deciding'")
    connection.close()
    with Store.open(home) as store:
        found = act.compared(store, later(1))
        assert ([one.holder for one in found.missing], [one.holder for one in found.extra]) == (["leader"], ["nobody"])
        assert not store_is_whole(store)
        assert refused(act.complete, store, by="admin", at=later(1)) == "duty_log_differs"


def test_what_an_older_home_lacks_is_written_from_its_journal(desk):
    home = desk.home
    desk.close()
    with sqlite3.connect(home / "yaoxun.sqlite") as connection:  # as if the log had not been kept yet
        connection.execute("DELETE FROM duty_event")
        seqs = [row[0] for row in connection.execute("SELECT seq FROM journal WHERE kind = 'lead_opened'")]
    connection.close()
    with Store.open(home) as store:
        assert states(store, NOW) == {}
        assert refused(act.complete, store, by="leader", at=later(1)) == "role_forbids"
        assert act.complete(store, by="admin", at=later(1)).state == "complete"
        assert act.complete(store, by="admin", at=later(1)).unchanged
        assert states(store, later(1)) == {("filing", LEAD): "running"}
        assert act.compared(store, later(1)).missing == ()
        file_case(store, LEAD, by="leader", at=later(2))
        assert act.compared(store, later(2)) == act.Compared(3, (), ())
    assert seqs


def test_nobody_looks_at_the_log_whose_role_may_not(office):
    for who in ("contractor", "admin", "operator"):
        assert refused(act.duties, office, by=who, as_of=NOW) == "role_forbids"
    assert permitted(office, "leader", "duty_explain").role == "leader"
