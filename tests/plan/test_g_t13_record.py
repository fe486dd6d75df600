"""G.7 and T13: the legal review of a major decision, and the record of every step."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

from tests.plan.proof import Clerk, covers
from tests.plan.test_t06_non_site import exported
from tests.store.making import FIRM


def filed(clerk: Clerk) -> str:
    """A case on the dust alert."""
    clerk.act("analyst", "verdict", "A-1", "confirmed")
    lead = clerk.act("leader", "lead", "open", "A-1", "--next-step", "site_visit", "--enterprise", FIRM)["id"]
    return clerk.act("leader", "case", "file", lead)["id"]


@covers("G.7", acts="leader legal station inspector", wrong="leader", document="BagIt",
        illegal="evidence_not_reviewed opinion_missing",
        lacks="publicity and the full record are T12 and T13")  # fmt: skip
def test_a_major_decision_waits_for_the_legal_office(clerk: Clerk, tmp_path: Path) -> None:
    case = filed(clerk)
    step = ("case", "step", case)
    clerk.act("inspector", *step, "investigate")
    notice = (*step, "notice", "--document", "告1")
    clerk.illegal("evidence_not_reviewed", "leader", *notice)
    clerk.wrong_role("leader", "case", "review", case, "legal", "admit")
    clerk.act("legal", "case", "review", case, "legal", "admit")
    clerk.act("station", "case", "review", case, "technical", "admit")
    clerk.act("leader", *notice)
    clerk.act("inspector", *step, "hear", "--document", "陈1")
    clerk.act("legal", "case", "mark", case, "major", "--reason", "社会影响大")
    penalty = (*step, "penalty", "--document", "罚1")
    clerk.illegal("opinion_missing", "leader", *penalty)
    clerk.act("legal", "case", "opinion", case, "disagree", "--document", "法1", "--reason", "证据不足")
    clerk.illegal("opinion_missing", "leader", *penalty)
    clerk.act("legal", "case", "opinion", case, "agree", "--document", "法2")
    done = clerk.act("leader", *penalty)
    assert done["state"] == "decided"
    folder = exported(clerk, case, tmp_path)
    index = next(folder.rglob("*.html")).read_text("utf-8")
    assert "法2" in index and "罚1" in index
    clerk.replay(done["journal_entry"], kind="case_step", by="leader", step="penalty", document="罚1", to="decided")


@covers("T13.2", acts="analyst inspector leader legal station contractor", wrong="auditor",
        illegal="case_step_illegal check_without_items", document="BagIt")  # fmt: skip
def test_every_change_of_every_table_has_its_entry_and_a_refusal_changes_none(
    clerk: Clerk, tmp_path: Path, picture: Path
) -> None:
    check = clerk.act("inspector", "check", "open", "--clue", "群众反映")["id"]
    clerk.illegal(
        "check_without_items", "inspector", "check", "close", check, "--judgement", "doubtful", "--next-step", "close"
    )
    case = filed(clerk)
    clerk.act("legal", "case", "review", case, "legal", "admit")
    clerk.act("station", "case", "review", case, "technical", "admit")
    task = clerk.act("leader", "task", "assign", "contractor", "survey", "--text", "排查")["id"]
    clerk.act("contractor", "task", "add", task, "outfall", picture, "--text", "见")
    last = clerk.act("inspector", "case", "step", case, "investigate")
    before = clerk.home_row("SELECT max(seq) FROM journal")
    clerk.illegal("case_step_illegal", "leader", "case", "step", case, "close", "--document", "结1")
    assert clerk.home_row("SELECT max(seq) FROM journal") == before
    clerk.wrong_role("auditor", "verdict", "A-1", "lawful")
    acts = clerk.home_row("SELECT count(*) FROM journal WHERE kind = 'act_refused' AND seq > " + str(before))
    assert acts == clerk.home_row("SELECT max(seq) FROM journal") - before == 1
    for table in ("verdict", "lead", "casefile", "case_step", "case_review", "task", "task_item", "duty_event"):
        unanswered = f"SELECT count(*) FROM {table} AS t WHERE NOT EXISTS ("
        unanswered += f"SELECT 1 FROM journal_row WHERE table_name = '{table}' AND row_id = CAST(t.id AS TEXT))"
        assert clerk.home_row(f"SELECT count(*) FROM {table}") > 0
        assert clerk.home_row(unanswered) == 0
    folder = exported(clerk, case, tmp_path)
    assert clerk.machine("evidence", "verify", "--bag", folder)["ok"] is True
    clerk.replay(last["journal_entry"], kind="case_step", by="inspector", step="investigate")


@covers("T13.3", acts="contractor inspector leader", wrong="auditor", document="BagIt",
        illegal="seen_in_future link_leads_nowhere place_not_on_earth",
        lacks="body cameras have no format of their own: their files come in like any other")  # fmt: skip
def test_media_come_in_with_hash_time_device_and_place_and_go_out_whole(
    clerk: Clerk, tmp_path: Path, picture: Path
) -> None:
    case = filed(clerk)
    task = clerk.act("leader", "task", "assign", "contractor", "survey", "--text", "排查")["id"]
    add = ("task", "add", task, "outfall", picture, "--text", "见", "--device", "执法记录仪 3")
    clerk.wrong_role("auditor", *add)
    clerk.illegal("seen_in_future", "contractor", *add, "--taken-at", "2027-01-01T00:00:00+08:00")
    clerk.illegal("place_not_on_earth", "contractor", *add, "--lon", "121.4")
    place = ("--lon", "121.4", "--lat", "31.25", "--taken-at", "2026-11-25T09:00:00+08:00")
    added = clerk.act("contractor", *add, *place)
    sha256 = hashlib.sha256(picture.read_bytes()).hexdigest()
    shown = clerk.act("leader", "task", "show", task)["items"][0]
    assert (shown["file"], shown["device"], shown["lon"], shown["lat"]) == (sha256, "执法记录仪 3", 121.4, 31.25)
    clerk.illegal("link_leads_nowhere", "inspector", "case", "evidence", case, f"file:{'0' * 64}")
    clerk.act("inspector", "case", "evidence", case, f"file:{sha256}")
    folder = exported(clerk, case, tmp_path)
    bytes_out = {hashlib.sha256(one.read_bytes()).hexdigest() for one in folder.rglob("*") if one.is_file()}
    assert sha256 in bytes_out
    payload = clerk.replay(
        added["journal_entry"], kind="task_item_added", by="contractor", file=sha256, device="执法记录仪 3", lon=121.4
    )
    assert payload["taken_at"] == "2026-11-25T09:00:00+08:00"
    held = clerk.home / "evidence" / sha256[:2] / sha256
    held.chmod(0o644)
    held.write_bytes(b"another")
    said = clerk.yaoxun("evidence", "verify", "--json")
    assert said.code == 3
    assert "雨水口.jpg" in json.dumps(said.document, ensure_ascii=False)


@covers("T13.1", acts="leader inspector auditor", wrong="operator analyst", document="CSV",
        illegal="mapping_loses platform_file_unfit")  # fmt: skip
def test_records_go_to_the_citys_platform_and_come_back_without_a_loss(clerk: Clerk, tmp_path: Path) -> None:
    case = filed(clerk)
    clerk.act("inspector", "case", "step", case, "investigate", "--reason", '理由 "甲"，乙')
    out, again, poor = tmp_path / "案件.csv", tmp_path / "再.csv", tmp_path / "映射.toml"
    export = ("platform", "export", "case", "-o")
    clerk.wrong_role("operator", *export, out)
    poor.write_text('[case]\nid = "编号"\n', encoding="utf-8")
    clerk.illegal("mapping_loses", "leader", *export, out, "--mapping", poor)
    assert clerk.act("leader", *export, out)["records"] == 1
    with out.open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["案件编号"], row["案件状态"]) == (case, "调查终结")
    clerk.opened("CSV")
    clerk.wrong_role("analyst", "platform", "import", "case", out)
    broken = tmp_path / "坏.csv"
    broken.write_bytes(out.read_bytes() + out.read_bytes().splitlines(keepends=True)[-1])
    clerk.illegal("platform_file_unfit", "inspector", "platform", "import", "case", broken)
    came = clerk.act("inspector", "platform", "import", "case", out)
    clerk.act("auditor", *export, again, "--import", came["id"])
    assert again.read_bytes() == out.read_bytes()
    clerk.replay(came["journal_entry"], kind="platform_imported", by="inspector")
