"""T02, duty and assessment: the log, what is overdue, the figures, who answers for what."""

from __future__ import annotations

from pathlib import Path

import openpyxl

from tests.plan.proof import Clerk, covers

PERIOD = ("--from", "2026-11-24", "--to", "2026-12-31")


def a_lead(clerk: Clerk) -> str:
    """A lead on the dust alert."""
    clerk.act("analyst", "verdict", "A-1", "confirmed")
    return clerk.act("leader", "lead", "open", "A-1", "--next-step", "site_visit")["id"]


def sheet(file: Path, name: str) -> list[dict[str, object]]:
    """The rows of a sheet by their headings."""
    head, *rows = openpyxl.load_workbook(file)[name].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def book(clerk: Clerk, tmp_path: Path, who: str = "leader") -> Path:
    """The workbook of the period."""
    file = tmp_path / "履职.xlsx"
    clerk.act(who, "duty", "statistics", *PERIOD, "-o", file)
    return file


@covers("T02.1", acts="leader inspector auditor", wrong="contractor", illegal="case_step_illegal", document="XLSX")
def test_the_acts_themselves_write_who_had_what_to_do_by_when(clerk: Clerk, tmp_path: Path) -> None:
    lead = a_lead(clerk)
    clerk.on(3)
    case = clerk.act("leader", "case", "file", lead)
    clerk.illegal("case_step_illegal", "leader", "case", "step", case["id"], "close", "--document", "结1")
    clerk.act("inspector", "case", "step", case["id"], "investigate")
    log = {(one["duty"], one["subject"]): one for one in clerk.act("auditor", "duty", "log")["duties"]}
    done, running = log["filing", lead], log["deciding", case["id"]]
    assert (done["holder"], done["began_on"], done["due_on"], done["ended_on"], done["state"]) == (
        "role:leader", "2026-11-25", "2026-12-10", "2026-11-27", "met",
    )  # fmt: skip
    assert (running["holder"], running["due_on"], running["ended_on"]) == ("leader", "2027-02-25", None)
    clerk.wrong_role("contractor", "duty", "log")
    rows = {(row["事项"], row["对象"]): row for row in sheet(book(clerk, tmp_path), "台账")}
    assert (rows["filing", lead]["办结"], rows["filing", lead]["结果"]) == ("2026-11-27", "filed")
    clerk.opened("XLSX")
    clerk.replay(case["journal_entry"], kind="case_filed", by="leader", lead=lead, to="filed")


@covers("T02.2", acts="leader analyst", wrong="contractor operator", illegal="due_in_the_past", document="ICS")
def test_the_overdue_list_is_what_the_clocks_say_and_goes_up_to_the_leader(clerk: Clerk, tmp_path: Path) -> None:
    lead = a_lead(clerk)
    wrong = ("task", "assign", "inspector", "other", "--text", "x", "--due", "2026-11-01")
    clerk.illegal("due_in_the_past", "leader", *wrong)
    seen = []
    for day in (1, 13, 16, 19, 27, 30):
        clerk.on(day)
        overdue = {one["subject"]: one["state"] for one in clerk.act("leader", "duty", "overdue")["duties"]}
        clock = [one for one in clerk.act("leader", "clock", "--open")["deadlines"] if one["rule"] != "limitation"]
        assert overdue == {one["subject"]: one["state"] for one in clock if one["state"] != "running"}
        seen.append(overdue.get(lead))
        clerk.machine("duty", "remind")
    assert seen == [None, "warning", "warning", "disputed", "overdue", "overdue"]
    (late,) = clerk.act("leader", "duty", "overdue")["duties"]
    assert [(one["level"], one["to"], one["at"][:10]) for one in late["reminded"]] == [
        ("warning", "role:leader", "2026-12-07"), ("overdue", "role:leader", "2026-12-21"),
    ]  # fmt: skip
    clerk.wrong_role("contractor", "duty", "overdue")
    clerk.wrong_role("operator", "duty", "overdue")
    file = tmp_path / "期限.ics"
    clerk.act("analyst", "clock", "--ics", file)
    text = file.read_text("utf-8")
    assert f"立案审查 {lead}" in text and "DTSTART;VALUE=DATE:20261210" in text
    clerk.opened("ICS")
    entry = clerk.home_row("SELECT max(seq) FROM journal WHERE kind = 'duties_reminded'")
    clerk.replay(entry, kind="duties_reminded", by="system", reminders=[["filing", lead, "overdue", "role:leader"]])


@covers("T02.3", acts="leader inspector contractor", wrong="contractor", illegal="period_impossible", document="XLSX")
def test_the_figures_come_with_definitions_and_can_be_counted_again_from_the_journal(
    clerk: Clerk, tmp_path: Path, picture: Path
) -> None:
    a_lead(clerk)
    give = ("task", "assign", "contractor", "survey", "--due", "2026-11-27", "--text")
    first, second = (clerk.act("leader", *give, text)["id"] for text in ("东片", "西片"))
    clerk.act("contractor", "task", "add", first, "outfall", picture, "--text", "见")
    done = clerk.act("contractor", "task", "submit", first)
    clerk.on(6)
    clerk.act("inspector", "task", "accept", first)
    clerk.illegal("period_impossible", "leader", "duty", "statistics", "--from", "2026-12-02", "--to", "2026-12-01")
    clerk.wrong_role("contractor", "duty", "statistics", *PERIOD)
    file = book(clerk, tmp_path)
    figures = {(row["承办"], row["事项"]): row for row in sheet(file, "履职")}
    mine = figures["contractor", "task"]
    assert (mine["起始数"], mine["按期"], mine["逾期未办"], mine["无理由逾期"]) == (2, 1, 1, 1)
    meanings = {row["名称"] for row in sheet(file, "定义")}
    assert {"按期 met", "逾期未办 overdue", "无理由逾期 unexplained"} <= meanings
    counted = {(row["账号"], row["条目种类"]): row["行为数"] for row in sheet(file, "行为")}
    assert counted["leader", "task_assigned"] == clerk.home_row(
        "SELECT count(*) FROM journal WHERE actor = 'leader' AND kind = 'task_assigned'"
    )
    begun = clerk.home_row("SELECT count(*) FROM journal WHERE kind IN ('task_assigned', 'task_returned')")
    assert sum(row["起始数"] for (_, duty), row in figures.items() if duty == "task") == begun
    clerk.opened("XLSX")
    clerk.replay(done["journal_entry"], kind="task_submitted", by="contractor", due_on="2026-11-27")
    assert second != first


@covers(
    "T02.4",
    acts="leader inspector",
    wrong="inspector operator",
    illegal="duty_not_late duty_not_yours",
    document="XLSX",
)
def test_what_is_late_without_a_reason_and_acts_outside_a_role_go_to_the_leader(clerk: Clerk, tmp_path: Path) -> None:
    task = clerk.act("leader", "task", "assign", "inspector", "flight", "--text", "复飞", "--due", "2026-11-28")["id"]
    explain = ("duty", "explain", "task", task, "--reason", "大雾")
    clerk.illegal("duty_not_late", "inspector", *explain)
    clerk.wrong_role("operator", "verdict", "A-1", "confirmed")
    clerk.on(8)
    clerk.illegal("duty_not_yours", "leader", *explain)
    clerk.wrong_role("inspector", "duty", "accountability")
    file = tmp_path / "问责.xlsx"
    before = clerk.act("leader", "duty", "accountability", "-o", file)
    (late,), (outside,) = before["late"], before["outside_role"]
    assert (late["subject"], late["holder"], late["state"]) == (task, "inspector", "overdue")
    assert (outside["by"], outside["role"], outside["act"]) == ("operator", "operator", "verdict")
    assert [row["对象"] for row in sheet(file, "逾期")] == [task]
    assert [(row["账号"], row["行为"]) for row in sheet(file, "越权")] == [("operator", "verdict")]
    clerk.opened("XLSX")
    clerk.replay(outside["journal_entries"][0], kind="act_refused", by="operator", act="verdict")
    done = clerk.act("inspector", *explain)
    clerk.replay(done["journal_entry"], kind="duty_explained", by="inspector", reason="大雾", late="overdue")
    assert clerk.act("leader", "duty", "accountability")["late"] == []
