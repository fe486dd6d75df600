"""A case as a bag: valid to another program, readable, whole to ours, and every change of it is found and named."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import shutil
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import bagit
import pypdfium2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pipelines import clock
from pipelines.documents import bag
from pipelines.store import Store
from tests.casework import desk
from tests.store.making import NOW

from .conftest import Yaoxun


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a case on an alert, a check and a received report, and a signed head."""
    from pipelines.casework.case import file_case
    from pipelines.casework.case_file import review_evidence
    from pipelines.casework.check import Judged, close_check, open_check, record_item
    from pipelines.casework.finding import record_finding
    from pipelines.casework.lead import open_lead
    from pipelines.casework.receipt import record_receipt
    from pipelines.casework.verdict import record_verdict
    from pipelines.store import signed_heads
    from tests.casework.test_audit_reports import issued

    home = tmp_path_factory.mktemp("made") / "home"
    with Store.open(home) as store:
        desk.furnish(store)
        record_verdict(store, "A-1", "confirmed", by="analyst", at=NOW, reason="<b>扬尘</b>")
        check = open_check(store, "alert", "A-1", by="analyst", at=NOW).id
        record_item(store, check, "drone", "alert:A-1", by="analyst", at=NOW, showed="料堆未覆盖")
        close_check(store, check, Judged("violation", "site_visit"), by="analyst", at=NOW, reason="明显")
        report = issued(store, at=NOW)
        record_receipt(store, report, by="inspector", at=NOW)
        lead = open_lead(store, ["A-1"], by="leader", at=NOW, next_step="site_visit", check_ids=[check]).id
        record_finding(store, lead, "violation", by="inspector", at=NOW, text="未覆盖")
        case = file_case(store, lead, by="leader", at=NOW, report_ids=[report]).id
        review_evidence(store, case, "legal", "admit", by="legal", at=NOW)
        signed_heads.sign(store, NOW)
    return home


@pytest.fixture()
def office(made: Path, home: Path, yaoxun: Yaoxun, monkeypatch: pytest.MonkeyPatch):
    shutil.copytree(made, home)
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=1))

    def run(*words: object, code: int = 0):
        said = yaoxun(*words, "--json")
        assert said.code == code, said
        return said.document

    return run


class Texts(HTMLParser):
    """What a page says, and where its links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()

    def handle_data(self, data: str) -> None:
        self.said.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]


def test_the_bag_is_one_to_another_program_and_holds_the_whole_case(office, tmp_path, home):
    out = tmp_path / "卷" / desk.CASE
    (refused,) = office("evidence", "export", desk.CASE, "-o", out, "--as", "contractor", code=2)["refused"]
    assert refused["reason"] == "role_forbids"
    assert not out.exists()
    first = office("evidence", "export", desk.CASE, "-o", out, "--as", "legal")
    assert first["unchanged"] is False
    assert office("evidence", "export", desk.CASE, "-o", out, "--as", "legal") == first | {"unchanged": True}
    other = bagit.Bag(str(out))
    assert other.validate(processes=1)
    assert other.info["External-Identifier"] == desk.CASE
    assert other.info["Payload-Oxum"].endswith(f".{first['files']}")
    index = Texts()
    index.feed((out / "data/index.html").read_text("utf-8"))
    said = "".join(index.said)
    words = (
        desk.CASE,
        "立案",
        "七日立案",
        "料堆未覆盖",
        "<b>扬尘</b>",
        "AR-2026-1124-01",
        "未覆盖",
        "法制审核：采信",
        "待审核",
    )
    assert [word for word in words if word not in said] == []
    assert "b" not in index.tags
    files = {path.relative_to(out / "data").as_posix() for path in (out / "data").rglob("*") if path.is_file()}
    assert {"index.html", "case.pdf", "case.json", "journal.jsonl", "signed_heads.jsonl"} <= files
    assert index.links and {link for link in index.links if "%" not in link} <= files
    pictures = sorted(name for name in files if name.endswith(".jpg"))
    assert [(out / "data" / name).read_bytes() for name in pictures] == [b"picture b.jpg", b"picture a.jpg"] or len(
        pictures
    ) == 2
    assert any(name.endswith("AR-2026-1124-01.pdf") for name in files)
    document = pypdfium2.PdfDocument(out / "data/case.pdf")
    printed = "".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    assert desk.CASE in printed and "料堆未覆盖" in printed and "全过程记录" in printed
    told = json.loads((out / "data/case.json").read_text("utf-8"))
    assert [step["step"] for step in told["case"]["steps"]] == ["file"]
    assert {one["name"] for one in told["clocks"]} == {
        "case_after_audit_report", "case_filing_decision", "limitation", "case_decision", "exceedance_audit",
    }  # fmt: skip


def test_journal_and_head_in_the_bag_can_be_held_against_each_other_with_nothing_of_ours(office, tmp_path):
    out = tmp_path / "bag"
    office("evidence", "export", desk.CASE, "-o", out)
    lines = [json.loads(line) for line in (out / "data/journal.jsonl").read_text("utf-8").splitlines()]
    for told in lines:
        cells = [told[name] for name in ("seq", "at", "actor", "role", "kind", "subject", "payload", "previous_hash")]
        spelled = json.dumps(cells, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        assert told["hash"] == hashlib.sha256(spelled.encode()).hexdigest()
    assert {"verdict", "check_closed", "report_issued", "receipt_recorded", "lead_opened", "case_filed"} <= {
        told["kind"] for told in lines
    }
    (head,) = [json.loads(line) for line in (out / "data/signed_heads.jsonl").read_text("utf-8").splitlines()]
    assert (head["seq"], head["hash"]) == (lines[-1]["seq"], lines[-1]["hash"])
    spelled = json.dumps(
        [head["form"], head["seq"], head["hash"], head["at"], head["public_key"]], separators=(",", ":")
    ).encode()
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(head["public_key"]))
    key.verify(base64.b64decode(head["signature"]), spelled)
    verify = ("evidence", "verify", "--bag", out)
    found = office(*verify, "--key", head["public_key"])
    assert (found["ok"], found["entries"]) == (True, len(lines))
    assert {one["reason"] for one in office(*verify, "--key", "A" * 43 + "=", code=3)["breaks"]} == {
        "signed_head_other_key"
    }


def test_every_changed_added_or_removed_byte_of_a_bag_is_found_and_named(office, tmp_path):
    out = tmp_path / "bag"
    office("evidence", "export", desk.CASE, "-o", out)
    chance = random.Random(7)
    names = sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())
    assert list(bag.faults(out)) == []
    for name in names:
        content = (out / name).read_bytes()
        at = chance.randrange(len(content))
        for other in (content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :], content + b"\n", b"", None):
            if other is None:
                (out / name).unlink()
            else:
                (out / name).write_bytes(other)
            found = list(bag.faults(out))
            assert found, (name, other)
            if name.startswith("data/"):
                reason = "bag_file_missing" if other is None else "bag_file_changed"
                assert [(one.reason, one.name) for one in found] == [(reason, name)]
            (out / name).write_bytes(content)
    (out / "data/more.txt").write_text("x")
    assert [(one.reason, one.name) for one in bag.faults(out)] == [("bag_file_added", "data/more.txt")]


def test_a_folder_that_holds_something_else_is_not_overwritten(office, tmp_path):
    out = tmp_path / "bag"
    out.mkdir()
    (out / "mine.txt").write_text("mine")
    (refused,) = office("evidence", "export", desk.CASE, "-o", out, code=2)["refused"]
    assert refused["reason"] == "bag_exists"
    assert [path.name for path in out.iterdir()] == ["mine.txt"]
    (refused,) = office("evidence", "export", "C-9", "-o", tmp_path / "b2", code=2)["refused"]
    assert refused["reason"] == "unknown_case"
    assert {one["reason"] for one in office("evidence", "verify", "--bag", out, code=3)["breaks"]} == {"bag_unreadable"}


def test_an_original_that_was_changed_goes_into_no_bag_unseen(office, tmp_path, home):
    place = next(iter((home / "evidence").rglob(hashlib.sha256(b"picture a.jpg").hexdigest())))
    place.chmod(0o600)
    place.write_bytes(b"picture c.jpg")
    (refused,) = office("evidence", "export", desk.CASE, "-o", tmp_path / "bag", code=2)["refused"]
    assert refused["reason"] == "evidence_changed"
    assert not (tmp_path / "bag").exists()


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "data/../../x"])
def test_a_manifest_that_names_a_file_outside_is_no_bag(tmp_path, name):
    bag.write(tmp_path / "bag", {"a b%\n.txt": b"x"}, {"External-Identifier": "line\nbreak"})
    assert list(bag.faults(tmp_path / "bag")) == []
    assert bagit.Bag(str(tmp_path / "bag")).info["External-Identifier"] == "line break"
    manifest = tmp_path / "bag" / "manifest-sha256.txt"
    manifest.write_text(f"{'0' * 64}  {name}\n")
    assert [one.reason for one in bag.faults(tmp_path / "bag")] == ["bag_unreadable"]
