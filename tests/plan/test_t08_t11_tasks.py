"""T08.1 and T11: joint work of brigade and station, and what third parties do."""

from __future__ import annotations

import hashlib
from pathlib import Path

import openpyxl

from tests.plan.proof import Clerk, covers
from tests.plan.test_t02_duties import PERIOD, book, sheet

HIDDEN = {"steps", "judgement", "verdict", "verdicts", "history"}


@covers(
    "T08.1", acts="leader station inspector", wrong="analyst", document="XLSX",
    illegal="task_without_items task_own_work", lacks="a joint task is one task an account under one subject",
)  # fmt: skip
def test_brigade_and_station_share_a_campaign_and_a_training_with_attendance(
    clerk: Clerk, tmp_path: Path, picture: Path
) -> None:
    joint = ("--subject", "联合行动-2026-12", "--due", "2026-12-05")
    tasks = {
        who: clerk.act("leader", "task", "assign", who, kind, "--text", text, *joint)["id"]
        for who, kind, text in (("station", "sampling", "采样"), ("inspector", "flight", "复飞"))
    }
    training = clerk.act("leader", "task", "assign", "station", "training", "--text", "比对监测培训", *joint)["id"]
    clerk.wrong_role("analyst", "task", "assign", "station", "sampling", "--text", "x")
    clerk.illegal("task_without_items", "station", "task", "submit", training)
    for who, task, kind in (
        ("station", tasks["station"], "sample"), ("inspector", tasks["inspector"], "source"),
        ("station", training, "attendance"),
    ):  # fmt: skip
        file = tmp_path / f"{kind}.jpg"
        file.write_bytes(kind.encode())
        clerk.act(who, "task", "add", task, kind, file, "--text", "到会 12 人" if kind == "attendance" else "见")
        done = clerk.act(who, "task", "submit", task)
    clerk.illegal("task_own_work", "inspector", "task", "accept", tasks["inspector"])
    for task in (*tasks.values(), training):
        clerk.act("leader", "task", "accept", task)
    shown = clerk.act("leader", "task", "show", training)
    assert [(one["kind"], one["text"], one["judgement"]["word"]) for one in shown["items"]] == [
        ("attendance", "到会 12 人", "confirmed")
    ]
    rows = [row for row in sheet(book(clerk, tmp_path), "台账") if row["事项"] == "task"]
    assert {(row["承办"], row["状态"]) for row in rows} == {("station", "met"), ("inspector", "met")}
    clerk.opened("XLSX")
    clerk.replay(done["journal_entry"], kind="task_submitted", by="station", to="station", items=1)


@covers(
    "T11.1", acts="contractor leader", wrong="contractor", illegal="unknown_task task_not_yours", document="JSON",
)  # fmt: skip
def test_a_contractor_sees_and_does_its_own_tasks_and_nothing_else(clerk: Clerk, picture: Path) -> None:
    clerk.act("analyst", "verdict", "A-1", "confirmed")
    mine = clerk.act("leader", "task", "assign", "contractor", "survey", "--text", "排查", "--subject", "A-1")
    other = clerk.act("leader", "task", "assign", "inspector", "flight", "--text", "复飞")["id"]
    seen = clerk.act("contractor", "task", "list")["tasks"]
    assert [one["id"] for one in seen] == [mine["id"]]
    assert not HIDDEN & set(seen[0])
    clerk.opened("JSON")
    clerk.illegal("unknown_task", "contractor", "task", "show", other)
    clerk.illegal("task_not_yours", "contractor", "task", "add", other, "outfall", picture, "--text", "见")
    table = clerk.act("contractor", "roles")
    looks = {row["read"]: row["roles"] for row in table["reading"]}
    assert {name for name, roles in looks.items() if "contractor" in roles} == {"own_tasks", "rules"}
    assert {row["act"] for row in table["roles"] if "contractor" in row["roles"]} == {"task_work"}
    for words in (
        ("alerts", "list"), ("alerts", "show", "A-1"), ("verdict", "A-1", "lawful"), ("case", "list"), ("clock",),
        ("registry", "show", "A-1"), ("lead", "list"), ("check", "list"), ("status",), ("evidence", "verify"),
        ("duty", "quality", *PERIOD),
    ):  # fmt: skip
        clerk.wrong_role("contractor", *words)
    clerk.replay(mine["journal_entry"], kind="task_assigned", by="leader", to="contractor", subject="A-1")


@covers(
    "T11.2", acts="contractor leader inspector", wrong="contractor auditor", document="XLSX",
    illegal="task_without_items task_step_illegal item_not_there",
)  # fmt: skip
def test_surveys_assessments_and_tracking_are_tasks_with_evidence_and_acceptance(
    clerk: Clerk, tmp_path: Path, picture: Path
) -> None:
    done = {}
    for kind, shows in (("survey", "outfall"), ("assessment", "facility"), ("rectification_tracking", "rectified")):
        task = clerk.act("leader", "task", "assign", "contractor", kind, "--text", kind, "--due", "2026-12-01")["id"]
        clerk.illegal("task_without_items", "contractor", "task", "submit", task)
        clerk.illegal("task_step_illegal", "inspector", "task", "accept", task)
        item = clerk.act(
            "contractor", "task", "add", task, shows, picture, "--text", "见照片", "--lon", "121.4", "--lat", "31.25",
            "--taken-at", "2026-11-25T09:00:00+08:00", "--device", "手机",
        )["id"]  # fmt: skip
        clerk.act("contractor", "task", "submit", task)
        clerk.wrong_role("contractor", "task", "accept", task)
        clerk.wrong_role("auditor", "task", "return", task, "--reason", "x")
        clerk.illegal("item_not_there", "inspector", "task", "accept", task, "--refuse", "99=不清")
        clerk.act("inspector", "task", "return", task, "--reason", "缺全景")
        clerk.act("contractor", "task", "submit", task)
        done[kind] = clerk.act("inspector", "task", "accept", task, "--refuse", f"{item}=不清")
        shown = clerk.act("leader", "task", "show", task)
        assert (shown["state"], shown["items"][0]["judgement"]["word"]) == ("accepted", "refused")
        held = hashlib.sha256(picture.read_bytes()).hexdigest()
        assert shown["items"][0]["file"] == held
        assert (clerk.home / "evidence" / held[:2] / held).read_bytes() == picture.read_bytes()
    rows = sheet(book(clerk, tmp_path), "台账")
    assert [row["结果"] for row in rows if row["事项"] == "acceptance"] == ["returned", "accepted"] * 3
    clerk.opened("XLSX")
    clerk.replay(done["survey"]["journal_entry"], kind="task_accepted", by="inspector", given_by="leader")


@covers("T11.3", acts="contractor leader analyst inspector", wrong="contractor inspector", document="XLSX",
        illegal="period_impossible")  # fmt: skip
def test_quality_of_contractors_and_drones_has_intervals(clerk: Clerk, tmp_path: Path) -> None:
    task = clerk.act("leader", "task", "assign", "contractor", "survey", "--text", "排查", "--due", "2026-11-26")["id"]
    for number in range(4):
        file = tmp_path / f"{number}.jpg"
        file.write_bytes(str(number).encode())
        last = clerk.act("contractor", "task", "add", task, "outfall", file, "--text", "见")["id"]
    clerk.on(4)
    clerk.act("contractor", "task", "submit", task)
    done = clerk.act("inspector", "task", "accept", task, "--refuse", f"{last}=不清")
    clerk.act("analyst", "verdict", "A-1", "machine_wrong", "--really", "steam_or_mist")
    clerk.wrong_role("contractor", "duty", "quality", *PERIOD)
    clerk.wrong_role("inspector", "duty", "quality", *PERIOD)
    clerk.illegal("period_impossible", "leader", "duty", "quality", "--from", "2026-12-02", "--to", "2026-12-01")
    said = clerk.act("leader", "duty", "quality", *PERIOD)["figures"]
    found = {(one["source"], one["who"]): one for one in said}
    mine = found["contractor", "contractor"]
    assert (mine["found"], mine["confirmed"]["count"], mine["refused"]["count"], mine["late"]["share"]) == (
        4,
        3,
        1,
        1.0,
    )
    assert (round(mine["confirmed"]["low"], 3), round(mine["confirmed"]["high"], 3)) == (0.301, 0.954)
    assert found["drone", "dust_plume"]["refused"]["share"] == 1.0
    assert found["drone", "discharge"]["undecided"] == 1
    rows = list(openpyxl.load_workbook(book(clerk, tmp_path))["质量"].iter_rows(values_only=True))
    assert next(row for row in rows if row[0] == "contractor")[5:8] == (
        0.75, mine["confirmed"]["low"], mine["confirmed"]["high"],
    )  # fmt: skip
    clerk.opened("XLSX")
    clerk.replay(done["journal_entry"], kind="task_accepted", by="inspector", items=4)
