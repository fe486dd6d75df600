"""The duty log on the command line: what each prints, who may look, the workbook opened again."""

from __future__ import annotations

import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest

from pipelines import clock
from pipelines.store import Store
from tests.casework import desk
from tests.store.making import NOW

from .conftest import Yaoxun

PERIOD = ("--from", "2026-11-24", "--to", "2026-12-31")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("made") / "home"
    with Store.open(home) as store:
        desk.furnish(store)
        desk.add_report(store)
    return home


@pytest.fixture()
def brigade(made: Path, home: Path, yaoxun: Yaoxun, monkeypatch: pytest.MonkeyPatch):
    """Commands on a furnished home, `days` after it was made."""
    shutil.copytree(made, home)

    def run(*words: object, code: int = 0, days: float = 1):
        monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=days))
        said = yaoxun(*words, "--json")
        assert said.code == code, said
        return said.document

    return run


def reason(document) -> str:
    (item,) = document["refused"]
    return item["reason"]


@pytest.fixture()
def picture(tmp_path: Path) -> Path:
    file = tmp_path / "a.jpg"
    file.write_bytes(b"x")
    return file


def test_log_overdue_reminders_reasons_and_the_leaders_list(brigade):
    task = brigade("task", "assign", "inspector", "flight", "--text", "复飞", "--due", "2026-11-28", "--as", "leader")[
        "id"
    ]
    assert (
        reason(brigade("task", "assign", "leader", "other", "--text", "x", "--as", "analyst", code=2)) == "role_forbids"
    )
    (row,) = brigade("duty", "log", "--as", "leader")["duties"]
    assert row | {"duty": "task", "subject": task, "holder": "inspector", "due_on": "2026-11-28", "state": "warning",
                  "began_on": "2026-11-25", "ended_on": None} == row  # fmt: skip
    brigade("duty", "remind", days=6)
    assert brigade("duty", "remind", days=6)["unchanged"] is True
    (late,) = brigade("duty", "overdue", "--as", "auditor", days=6)["duties"]
    assert [(one["level"], one["to"]) for one in late["reminded"]] == [
        ("warning", "inspector"),
        ("overdue", "role:leader"),
    ]
    found = brigade("duty", "accountability", "--as", "leader", days=6)
    assert [one["subject"] for one in found["late"]] == [task]
    assert [(one["by"], one["act"]) for one in found["outside_role"]] == [("analyst", "task_assign")]
    assert all(one["journal_entries"] for one in (*found["late"], *found["outside_role"]))
    explain = ("duty", "explain", "task", task, "--reason", "大雾", "--as", "inspector")
    assert brigade(*explain, days=6)["state"] == "overdue"
    assert brigade(*explain, days=6)["unchanged"] is True
    assert brigade("duty", "accountability", "--as", "leader", days=6)["late"] == []
    assert brigade("duty", "log", "--holder", "leader", "--open", days=6)["duties"] == []
    assert brigade("duty", "verify", "--as", "auditor")["ok"] is True


@pytest.mark.parametrize("command", ["log", "overdue", "statistics", "quality", "accountability", "verify"])
def test_a_contractor_sees_none_of_it(brigade, command):
    period = PERIOD if command in ("statistics", "quality") else ()
    assert reason(brigade("duty", command, *period, "--as", "contractor", code=2)) == "role_forbids"


def test_the_workbook_holds_definitions_figures_and_the_log(brigade, tmp_path, picture):
    task = brigade("task", "assign", "contractor", "survey", "--text", "=1+1", "--due", "2026-11-28", "--as", "leader")[
        "id"
    ]
    brigade("task", "add", task, "outfall", picture, "--text", "见", "--as", "contractor")
    brigade("task", "submit", task, "--as", "contractor", days=2)
    brigade("task", "accept", task, "--as", "inspector", days=3)
    brigade("receipt", "record", "AR-1", "--as", "inspector", days=3)
    file = tmp_path / "履职.xlsx"
    said = brigade("duty", "statistics", *PERIOD, "-o", file, "--as", "leader", days=20)
    book = openpyxl.load_workbook(file)
    assert book.sheetnames == ["定义", "履职", "行为", "质量", "台账"]
    head, *rows = book["履职"].iter_rows(values_only=True)
    assert [row[0] for row in book["定义"].iter_rows(values_only=True)].count("起始数 begun") == 1
    figures = {(row[0], row[1]): dict(zip(head, row, strict=True)) for row in rows}
    assert figures["contractor", "task"]["按期"] == 1
    assert figures["role:leader", "report_filing"]["逾期未办"] == 1
    assert len(rows) == len(said["figures"])
    quality = list(book["质量"].iter_rows(values_only=True))[1:]
    mine = next(row for row in quality if row[0] == "contractor")
    assert mine[2:6] == (1, 1, 0, 1)
    assert 0.2 < mine[6] < 0.21  # Wilson, 1 of 1: z²-bound 1/(1+3.8415)
    acts = list(book["行为"].iter_rows(values_only=True))
    assert ("contractor", "contractor", "task_submitted", 1) in acts
    assert len(list(book["台账"].iter_rows())) == 1 + sum(row["begun"] for row in said["figures"])


def test_quality_of_a_contractor_a_drone_and_a_monitor(brigade, picture, tmp_path):
    task = brigade("task", "assign", "contractor", "survey", "--text", "排查", "--due", "2026-11-26", "--as", "leader")[
        "id"
    ]
    add = ("task", "add", task, "outfall")
    first = brigade(*add, picture, "--text", "见", "--as", "contractor")["id"]
    other = tmp_path / "b.jpg"
    other.write_bytes(b"y")
    brigade(*add, other, "--text", "见", "--as", "contractor")
    brigade("task", "submit", task, "--as", "contractor", days=4)
    brigade("task", "accept", task, "--refuse", f"{first}=不清", "--as", "leader", days=5)
    brigade("verdict", "A-1", "confirmed", "--as", "analyst", days=1)
    found = {
        (one["source"], one["who"]): one
        for one in brigade("duty", "quality", *PERIOD, "--as", "leader", days=9)["figures"]
    }
    mine = found["contractor", "contractor"]
    shares = ("confirmed", "refused", "late", "accepted_at_once")
    assert [(mine[name]["count"], mine[name]["of"]) for name in shares] == [(1, 2), (1, 2), (1, 1), (1, 1)]
    dust, water = found["drone", "dust_plume"], found["drone", "discharge"]
    assert (dust["confirmed"]["share"], dust["late"]["count"]) == (1.0, 0)
    assert (water["undecided"], water["confirmed"]["share"], water["late"]["count"]) == (1, None, 1)
    assert (found["online", "M-1"]["confirmed"]["count"], found["online", "M-1"]["late"]["count"]) == (1, 1)
    assert (
        reason(brigade("duty", "quality", "--from", "2026-12-02", "--to", "2026-12-01", code=2)) == "period_impossible"
    )


def test_a_log_that_was_changed_is_told_with_exit_3(brigade, home):
    brigade("check", "open", "--clue", "群众反映", "--as", "analyst")
    with sqlite3.connect(home / "yaoxun.sqlite") as connection:
        connection.execute("UPDATE duty_event SET holder = 'nobody'")
    connection.close()
    found = brigade("duty", "verify", code=3)
    assert [(one["reason"], one["duty"]) for one in found["breaks"]] == [
        ("duty_missing", "checking"),
        ("duty_extra", "checking"),
    ]
    assert brigade("evidence", "verify", code=3)["breaks"][0]["reason"] == "row_changed"


def test_an_old_home_is_completed_once(brigade, home):
    brigade("check", "open", "--clue", "群众反映", "--as", "analyst")
    with sqlite3.connect(home / "yaoxun.sqlite") as connection:
        connection.execute("DELETE FROM duty_event")
    connection.close()
    assert brigade("duty", "verify", code=3)["breaks"][0]["reason"] == "duty_missing"
    brigade("duty", "complete", "--as", "admin")
    assert brigade("duty", "complete", "--as", "admin")["unchanged"] is True
    assert brigade("duty", "verify")["ok"] is True
