"""Work of a contractor on the command line: given, done with evidence, returned, accepted; what the contractor sees."""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from pipelines import clock
from pipelines.store import Store
from tests.casework import desk
from tests.store.making import NOW

from .conftest import Yaoxun

KEYS = {
    "id", "state", "kind", "assigned_to", "subject", "text", "due_on", "by", "role", "at", "simulated", "items",
    "returned_because",
}  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("made") / "home"
    with Store.open(home) as store:
        desk.furnish(store)
    return home


@pytest.fixture()
def brigade(made: Path, home: Path, yaoxun: Yaoxun, monkeypatch: pytest.MonkeyPatch):
    """Commands on a furnished home the day after."""
    shutil.copytree(made, home)
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=1))

    def run(*words: object, code: int = 0):
        said = yaoxun(*words, "--json")
        assert said.code == code, said
        return said.document

    return run


@pytest.fixture()
def picture(tmp_path: Path) -> Path:
    file = tmp_path / "雨水口.jpg"
    file.write_bytes(b"\xff\xd8 not really a picture, and kept as it is")
    return file


def reason(document) -> str:
    (item,) = document["refused"]
    return item["reason"]


def given(brigade) -> str:
    return brigade(
        "task", "assign", "contractor", "survey", "--text", "排查雨水口", "--due", "2026-12-01", "--as", "leader"
    )["id"]


def test_a_task_is_done_returned_done_again_and_accepted(brigade, picture, tmp_path, home):
    task = given(brigade)
    submit = ("task", "submit", task, "--as", "contractor")
    assert reason(brigade(*submit, code=2)) == "task_without_items"
    add = ("task", "add", task, "outfall", picture, "--text", "口径约 0.3 m", "--lon", "121.4", "--lat", "31.25",
           "--taken-at", "2026-11-25T09:00:00+08:00", "--device", "手机", "--as", "contractor")  # fmt: skip
    first = brigade(*add)
    assert brigade(*add) == first | {"unchanged": True}
    held = hashlib.sha256(picture.read_bytes()).hexdigest()
    assert (home / "evidence" / held[:2] / held).read_bytes() == picture.read_bytes()
    assert brigade(*submit)["state"] == "submitted"
    assert brigade(*submit)["unchanged"] is True
    assert reason(brigade(*add, code=2)) == "task_step_illegal"
    assert reason(brigade("task", "accept", task, "--as", "contractor", code=2)) == "role_forbids"
    assert brigade("task", "return", task, "--reason", "缺全景", "--as", "leader")["state"] == "returned"
    other = tmp_path / "全景.jpg"
    other.write_bytes(b"wide")
    second = brigade("task", "add", task, "source", other, "--text", "全景", "--as", "contractor")
    brigade(*submit)
    accept = ("task", "accept", task, "--refuse", f"{second['id']}=模糊", "--as", "inspector")
    assert brigade(*accept)["state"] == "accepted"
    assert brigade(*accept)["unchanged"] is True
    shown = brigade("task", "show", task, "--as", "auditor")
    assert [(one["kind"], one["judgement"]["word"]) for one in shown["items"]] == [
        ("outfall", "confirmed"), ("source", "refused"),
    ]  # fmt: skip
    assert [one["step"] for one in shown["steps"]] == ["submit", "return", "submit", "accept"]
    assert (shown["items"][0]["lon"], shown["items"][0]["device"], shown["items"][0]["file"]) == (121.4, "手机", held)
    assert brigade("evidence", "verify", "--as", "auditor")["ok"] is True


def test_the_contractor_sees_its_open_tasks_and_nothing_that_others_said(brigade, picture):
    mine = given(brigade)
    theirs = brigade("task", "assign", "inspector", "flight", "--text", "复飞", "--as", "leader")["id"]
    seen = brigade("task", "list", "--as", "contractor")["tasks"]
    assert [one["id"] for one in seen] == [mine]
    assert set(seen[0]) == KEYS
    assert reason(brigade("task", "show", theirs, "--as", "contractor", code=2)) == "unknown_task"
    brigade("task", "add", mine, "outfall", picture, "--text", "见", "--as", "contractor")
    brigade("task", "submit", mine, "--as", "contractor")
    brigade("task", "return", mine, "--reason", "缺全景", "--as", "leader")
    back = brigade("task", "show", mine, "--as", "contractor")
    assert (back["state"], back["returned_because"]) == ("returned", "缺全景")
    assert "judgement" not in back["items"][0]
    brigade("task", "submit", mine, "--as", "contractor")
    brigade("task", "accept", mine, "--as", "leader")
    assert brigade("task", "list", "--as", "contractor")["tasks"] == []
    assert reason(brigade("task", "show", mine, "--as", "contractor", code=2)) == "unknown_task"
    assert {one["id"] for one in brigade("task", "list", "--as", "leader")["tasks"]} == {mine, theirs}


@pytest.mark.parametrize("who", ["inspector", "leader", "admin", "auditor"])
def test_nobody_hands_in_for_somebody_else(brigade, picture, who):
    task = given(brigade)
    said = brigade("task", "add", task, "outfall", picture, "--text", "见", "--as", who, code=2)
    assert reason(said) == {"inspector": "task_not_yours", "leader": "task_not_yours"}.get(who, "role_forbids")


def test_what_cannot_be_handed_in_is_refused_and_nothing_is_kept(brigade, picture, tmp_path):
    task = given(brigade)
    empty = tmp_path / "空.jpg"
    empty.write_bytes(b"")
    add = ("task", "add", task, "outfall")
    assert reason(brigade(*add, empty, "--text", "见", "--as", "contractor", code=2)) == "empty_file"
    assert reason(brigade(*add, tmp_path / "no", "--text", "见", "--as", "contractor", code=2)) == "unreadable_file"
    assert (
        reason(brigade(*add, picture, "--text", "见", "--lon", "121", "--as", "contractor", code=2))
        == "place_not_on_earth"
    )
    far = ("--lon", "121", "--lat", "99")
    assert reason(brigade(*add, picture, "--text", "见", *far, "--as", "contractor", code=2)) == "place_not_on_earth"
    late = ("--taken-at", "2027-01-01T00:00:00+08:00")
    assert reason(brigade(*add, picture, "--text", "见", *late, "--as", "contractor", code=2)) == "seen_in_future"
    assert brigade("task", "show", task)["items"] == []


def test_a_piece_that_was_changed_is_found(brigade, picture, home):
    task = given(brigade)
    brigade("task", "add", task, "outfall", picture, "--text", "见", "--as", "contractor")
    held = hashlib.sha256(picture.read_bytes()).hexdigest()
    file = home / "evidence" / held[:2] / held
    file.chmod(0o644)
    file.write_bytes(b"another picture")
    (found,) = brigade("evidence", "verify", "--as", "auditor", code=3)["breaks"]
    assert found["reason"] == "evidence_changed"
    assert "雨水口.jpg" in json.dumps(found, ensure_ascii=False)


def test_a_home_may_ask_for_names(brigade, home):
    given(brigade)
    assert len(brigade("task", "list")["tasks"]) == 1
    (home / "settings.toml").write_text("[people]\nlooks_named = true\n", "utf-8")
    for words in (("task", "list"), ("alerts", "list"), ("duty", "log"), ("status",)):
        assert reason(brigade(*words, code=2)) == "who_acts"
    assert len(brigade("task", "list", "--as", "leader")["tasks"]) == 1
