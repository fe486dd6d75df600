"""From an alert to its lawful end on the command line: each act as its role, refused for another and out of order."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from pipelines import clock
from pipelines.casework.receipt import record_receipt
from pipelines.cli.commands import commands
from pipelines.cli.reads import READS
from pipelines.store import Store
from tests.casework import desk
from tests.store.making import NOW

from .conftest import Yaoxun


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("made") / "home"
    with Store.open(home) as store:
        desk.furnish(store)
        desk.add_report(store)
        record_receipt(store, "AR-1", by="inspector", at=NOW)
    return home


@pytest.fixture()
def brigade(made: Path, home: Path, yaoxun: Yaoxun, monkeypatch: pytest.MonkeyPatch) -> Yaoxun:
    """Commands on a home with accounts, two alerts and a received report, the day after."""
    shutil.copytree(made, home)
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=1))

    def run(*words: object, code: int = 0):
        said = yaoxun(*words, "--json")
        assert said.code == code, said
        assert (len(said.err) == 1) is (code == 2)
        return said.document

    return run  # type: ignore[return-value]


PERIOD = ("--from", "2026-11-24", "--to", "2026-11-30")


def reason(document) -> str:
    (item,) = document["refused"]
    return item["reason"]


def test_a_case_from_alert_to_decision(brigade):
    opened = brigade("check", "open", "--alert", "A-1", "--as", "analyst")
    check = opened["id"]
    assert set(opened) == {"id", "state", "journal_entry"}
    close = ("check", "close", check, "--judgement", "violation", "--next-step", "site_visit", "--as", "analyst")
    assert reason(brigade(*close, code=2)) == "check_without_items"
    brigade("check", "record", check, "drone", "alert:A-1", "--showed", "扬尘", "--as", "analyst")
    assert brigade(*close)["state"] == "closed"
    assert brigade(*close)["unchanged"] is True
    lead = brigade("lead", "open", "--check", check, "--next-step", "site_visit", "--as", "leader")["id"]
    brigade("finding", "record", lead, "violation", "--text", "未覆盖", "--as", "inspector")
    assert reason(brigade("case", "file", lead, "--as", "inspector", code=2)) == "role_forbids"
    case = brigade("case", "file", lead, "--report", "AR-1", "--as", "leader")["id"]
    step = ("case", "step", case)
    assert reason(brigade(*step, "penalty", "--document", "罚1", "--as", "leader", code=2)) == "case_step_illegal"
    brigade(*step, "investigate", "--as", "inspector")
    notice = (*step, "notice", "--document", "告1", "--as", "leader")
    assert reason(brigade(*notice, code=2)) == "evidence_not_reviewed"
    brigade("case", "review", case, "legal", "admit", "--as", "legal")
    brigade("case", "review", case, "technical", "admit", "--as", "station")
    assert brigade(*notice)["state"] == "noticed"
    brigade(*step, "hear", "--document", "陈1", "--as", "inspector")
    brigade("case", "mark", case, "major", "--reason", "影响大", "--as", "leader")
    penalty = (*step, "penalty", "--document", "罚1", "--as", "leader")
    assert reason(brigade(*penalty, code=2)) == "opinion_missing"
    brigade("case", "opinion", case, "agree", "--document", "法1", "--as", "legal")
    assert brigade(*penalty)["state"] == "decided"
    shown = brigade("case", "show", case, "--as", "auditor")
    assert [one["step"] for one in shown["steps"]] == ["file", "investigate", "notice", "hear", "penalty"]
    assert {one["standing"] for one in shown["evidence"]} == {"admitted"}
    assert brigade("case", "list")["cases"][0]["marks"] == ["major"]
    assert brigade("lead", "list")["leads"][0]["state"] == "filed"
    assert brigade("check", "show", check)["looked_at"][0]["link"] == "alert:A-1"
    assert brigade("evidence", "verify", "--as", "auditor")["ok"] is True


def test_the_clock_prints_its_three_dates(brigade, home):
    found = brigade("clock", "--as-of", "2026-11-28T08:00:00+08:00")
    (row,) = found["deadlines"]
    assert row | {
        "subject": "AR-1", "rule": "case_after_audit_report", "started": "2026-11-24", "due_calendar": "2026-12-01",
        "due_rolled": "2026-12-01", "due_working": "2026-12-03", "warn_from": "2026-11-28", "days_left": 3,
        "state": "warning",
    } == row  # fmt: skip
    assert row["confidence"] == {"days": "law", "counting": "default"}
    assert found["holidays_published_to"] == "2026-12-31"
    assert brigade("clock", "--as-of", "2026-11-23T08:00:00+08:00")["deadlines"] == []
    assert reason(brigade("clock", "--as", "contractor", code=2)) == "role_forbids"


def unfolded(text: str) -> list[str]:
    """Lines of an iCalendar file as RFC 5545 joins them again."""
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    return text.replace("\r\n ", "").split("\r\n")[:-1]


def test_the_calendar_file_holds_each_possible_last_day(brigade, tmp_path):
    file = tmp_path / "期限.ics"
    brigade("clock", "--as-of", "2026-11-28T08:00:00+08:00", "--ics", file)
    lines = unfolded(file.read_bytes().decode())
    assert (lines[0], lines[-1], lines.count("BEGIN:VEVENT")) == ("BEGIN:VCALENDAR", "END:VCALENDAR", 2)
    assert [line for line in lines if line.startswith("DTSTART")] == [
        "DTSTART;VALUE=DATE:20261201", "DTSTART;VALUE=DATE:20261203",
    ]  # fmt: skip
    assert [line for line in lines if line.startswith("DTEND")] == [
        "DTEND;VALUE=DATE:20261202", "DTEND;VALUE=DATE:20261204",
    ]  # fmt: skip
    assert "SUMMARY:七日立案 AR-1（自然日、顺延）" in lines
    assert "TRIGGER:-P3D" in lines
    assert len({line for line in lines if line.startswith("UID:")}) == 2
    assert reason(brigade("clock", "--ics", tmp_path / "no" / "x.ics", code=2)) == "file_not_written"


def test_deadlines_are_moved_by_their_roles_only(brigade):
    lead = (
        brigade("verdict", "A-1", "confirmed", "--as", "analyst")
        and brigade("lead", "open", "A-1", "--next-step", "site_visit", "--as", "leader")["id"]
    )
    case = brigade("case", "file", lead, "--as", "leader")["id"]
    today = "2026-11-25"
    pause = ("deadline", "pause", case, "case_decision", "--from", today, "--reason", "appraisal", "--document", "鉴1")
    assert reason(brigade(*pause, "--as", "analyst", code=2)) == "role_forbids"
    assert brigade(*pause, "--as", "inspector")["state"] == "paused"
    states = {(row["subject"], row["rule"]): row["state"] for row in brigade("clock")["deadlines"]}
    assert states[case, "case_decision"] == "paused"
    brigade("deadline", "resume", case, "case_decision", "--on", today, "--document", "鉴2", "--as", "inspector")
    extend = ("deadline", "extend", case, "case_decision", "--days", "30", "--reason", "复杂", "--document", "延1")
    assert brigade(*extend, "--as", "leader")["state"] == "running"
    later = "2026-11-26"
    fix = ("deadline", "counting", "case_decision", "working", "--reason", "答复", "--from", later)
    assert reason(brigade(*fix, "--as", "leader", code=2)) == "role_forbids"
    assert brigade(*fix, "--as", "legal")["state"] == "working"
    brigade("deadline", "accept", case, "case_decision", "calendar", "--reason", "逐案", "--as", "legal")
    (row,) = [row for row in brigade("clock", "--open")["deadlines"] if row["subject"] == case]
    assert (row["counting"], row["extra_days"]) == ("calendar", 30)


def test_a_verdict_says_what_it_was_and_can_be_taken_back(brigade):
    assert reason(brigade("verdict", "A-1", "machine_wrong", "--as", "analyst", code=2)) == "really_missing"
    brigade("verdict", "A-1", "machine_wrong", "--really", "steam_or_mist", "--as", "analyst")
    assert brigade("verdict", "A-1", "undo", "--reason", "重看", "--as", "analyst")["state"] == "open"
    brigade("verdict", "W-1", "duplicate", "--of", "A-1", "--as", "analyst")
    words = brigade("alerts", "show", "A-1")["verdicts"]
    assert [(word["value"], word["really"]) for word in words] == [
        ("machine_wrong", "steam_or_mist"), ("undone", None),
    ]  # fmt: skip


def test_labels_are_a_line_each(brigade, yaoxun):
    brigade("verdict", "A-1", "confirmed", "--as", "analyst")
    (line,) = yaoxun("alerts", "labels", "--json").lines
    assert (line["alert"], line["human_verdict"]) == ("A-1", "confirmed")


def test_receipt_lead_close_evidence_and_tasks(brigade):
    assert brigade("receipt", "record", "AR-1", "--as", "leader")["unchanged"] is True
    assert reason(brigade("receipt", "record", "AR-1", "--as", "station", code=2)) == "role_forbids"
    lead = brigade("lead", "open", "--report", "AR-1", "--next-step", "letter", "--as", "analyst")["id"]
    case = brigade("case", "file", lead, "--as", "leader")["id"]
    assert brigade("case", "evidence", case, "alert:W-1", "--as", "inspector")["state"] == "filed"
    brigade("verdict", "A-1", "confirmed", "--as", "analyst")
    other = brigade("lead", "open", "A-1", "--next-step", "letter", "--as", "leader")["id"]
    assert brigade("lead", "close", other, "letter_sent", "--reason", "已发", "--as", "leader")["state"] == "closed"
    task = brigade("task", "assign", "contractor", "survey", "--text", "排查", "--as", "leader")["id"]
    assert [row["id"] for row in brigade("task", "list", "--as", "contractor")["tasks"]] == [task]


def test_recheck_of_a_rectification(brigade):
    check = brigade("check", "open", "--clue", "群众反映", "--as", "analyst")["id"]
    brigade("check", "record", check, "online_data", "document:平台截图1", "--showed", "超标", "--as", "station")
    judged = ("--judgement", "violation", "--next-step", "remote_rectification", "--within-days", "10")
    brigade("check", "close", check, *judged, "--as", "analyst")
    again = ("check", "recheck", check, "mended", "alert:A-1", "--reason", "x", "--as", "analyst")
    assert reason(brigade(*again, code=2)) == "seen_before_order"
    assert brigade("check", "list")["checks"][0]["state"] == "rectifying"


@pytest.mark.parametrize("command", sorted(READS))
def test_a_contractor_is_refused_every_look_but_its_tasks_and_the_rules(brigade, command):
    words = {
        "alerts show": ("A-1",), "check show": ("N",), "case show": ("C",), "registry at": ("121.4", "31.2"),
        "registry permits": ("x",), "registry may": ("x", "COD"), "registry show": ("x",), "registry preview": ("x",),
        "registry history": ("permit", "x"), "registry mapping show": ("x",), "task show": ("T-1",),
        "check print": ("N", "-o", "x.pdf"), "policy diff": ("x",),
        "duty statistics": PERIOD, "duty quality": PERIOD,
        "exceedance show": ("X",),
        "report show": ("AR",), "report export": ("AR", "-o", "x"), "evidence export": ("C", "-o", "x"),
        "field sheet": ("L", "-o", "x"), "platform export": ("case", "-o", "x"), "platform show": ("PI",),
    }  # fmt: skip
    run = (*command.split(), *words.get(command, ()), "--as", "contractor")
    if command == "task show":
        assert reason(brigade(*run, code=2)) == "unknown_task"
    elif READS[command] in ("own_tasks", "rules"):
        brigade(*run)
    else:
        assert reason(brigade(*run, code=2)) == "role_forbids"


def test_every_looking_command_is_a_command():
    assert set(READS) <= set(commands().names)


def test_roles_show_acts_and_looks(brigade):
    shown = brigade("roles")
    assert {"act": "case_file", "roles": ["leader", "owner"]} in shown["roles"]
    assert next(row for row in shown["reading"] if row["read"] == "own_tasks")["roles"].count("contractor") == 1
