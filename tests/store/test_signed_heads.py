"""Signed heads: what they are over, that a journal rewritten or cut after one is found, and how the key is guarded."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import sqlite3
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from pipelines.engine.daily import sign_head_of_day
from pipelines.errors import Refusal
from pipelines.settings import load
from pipelines.store import Store, journal, signed_heads
from pipelines.store.home import DATABASE
from tests.store import making
from tests.store.making import NOW


def furnished(home: Path) -> None:
    with Store.open(home) as store:
        making.add_whole(store)


def compact(value) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def forge(home: Path, *, keep: int | None = None) -> None:
    """Somebody with the files in hand: change the first entry, compute chain and head anew, cut behind `keep`."""
    raw = sqlite3.connect(home / DATABASE)
    if keep is not None:
        for statement in ("DELETE FROM journal_row WHERE seq > ?", "DELETE FROM journal WHERE seq > ?"):
            raw.execute(statement, (keep,))
    else:
        raw.execute("UPDATE journal SET subject = 'another' WHERE seq = 1")
    last, previous = 0, "0" * 64
    for row in raw.execute("SELECT * FROM journal ORDER BY seq").fetchall():
        cells = [*row[:7], previous]
        last, previous = row[0], hashlib.sha256(compact(cells).encode()).hexdigest()
        raw.execute("UPDATE journal SET previous_hash = ?, hash = ? WHERE seq = ?", (cells[7], previous, last))
    raw.commit()
    raw.close()
    (home / "journal.head").write_text(json.dumps({"seq": last, "hash": previous}) + "\n")


def chain_reasons(home: Path, **kept) -> set[str]:
    """What is said of chain and heads; cut entries leave rows without an entry, which are other breaks."""
    with Store.open(home) as store:
        found = journal.verify(store, **kept)
    return {one.reason for one in found.breaks if one.reason != "row_not_journaled"}


def signed(home: Path, days: float = 0) -> signed_heads.SignedHead:
    with Store.open(home) as store:
        return signed_heads.sign(store, NOW + timedelta(days=days))[0]


def test_the_signature_is_over_the_documented_bytes_and_the_key_is_its_owners_alone(home):
    furnished(home)
    signed(home)
    (line,) = (home / "signed_heads.jsonl").read_text("utf-8").splitlines()
    told = json.loads(line)
    raw = sqlite3.connect(home / DATABASE)
    entry = raw.execute("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
    raw.close()
    assert (told["seq"], told["hash"], told["at"]) == (*entry, "2026-11-24T03:00:00.000000+00:00")
    spelled = f'["yaoxun-head-1",{entry[0]},"{entry[1]}","{told["at"]}","{told["public_key"]}"]'.encode()
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(told["public_key"]))
    key.verify(base64.b64decode(told["signature"]), spelled)
    with pytest.raises(InvalidSignature):
        key.verify(base64.b64decode(told["signature"]), spelled.replace(b"11-24", b"11-25"))
    assert stat.S_IMODE((home / "head.key").stat().st_mode) == 0o600
    assert (home / "head.pub").read_text().strip() == told["public_key"]
    assert told["public_key"] not in (home / "head.key").read_text()


def test_signing_the_same_entry_again_changes_nothing(home):
    furnished(home)
    first = signed(home)
    with Store.open(home) as store:
        assert signed_heads.sign(store, NOW + timedelta(days=1)) == (first, True)
        making.add_draft(store)
        second, again = signed_heads.sign(store, NOW + timedelta(days=1))
    assert (again, second.seq) == (False, first.seq + 1)
    assert signed_heads.in_home(home) == [first, second]
    assert chain_reasons(home) == set()


@pytest.mark.parametrize(
    ("keep", "reason"), [(None, "signed_head_differs"), (2, "signed_head_cut")], ids=["rewritten", "cut"]
)
def test_a_journal_made_anew_with_its_head_is_found_by_the_signed_one(home, keep, reason):
    furnished(home)
    forge(home, keep=keep)
    assert chain_reasons(home) == set(), "without a signed head nothing tells: that is what they are for"
    shutil.rmtree(home)
    furnished(home)
    signed(home)
    forge(home, keep=keep)
    assert chain_reasons(home) == {reason}
    with Store.open(home) as store, pytest.raises(Refusal) as refused:
        signed_heads.sign(store, NOW)
    assert refused.value.reason == "signed_head_differs"


def test_a_home_forged_with_its_heads_and_its_key_is_found_by_what_was_kept_elsewhere(home, tmp_path):
    furnished(home)
    kept = tmp_path / "kept.jsonl"
    signed_heads.keep(kept, signed(home))
    signed_heads.keep(kept, signed(home))
    assert len(kept.read_text().splitlines()) == 1
    forge(home)
    for name in ("signed_heads.jsonl", "head.key", "head.pub"):
        (home / name).unlink()
    signed(home)
    assert chain_reasons(home) == set()
    outside = signed_heads.from_file(kept)
    assert chain_reasons(home, kept=outside) == {"signed_head_other_key"}
    assert chain_reasons(home, kept=outside, public_key=outside[0].public_key) == {
        "signed_head_other_key", "signed_head_differs",
    }  # fmt: skip


def test_every_changed_member_of_a_signed_head_is_found(home):
    furnished(home)
    signed(home)
    place = home / "signed_heads.jsonl"
    told = json.loads(place.read_text())
    other = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    changes = {
        "form": "yaoxun-head-2", "seq": told["seq"] - 1, "hash": "0" * 64, "at": told["at"].replace("2026", "2025"),
        "public_key": base64.b64encode(other).decode(), "signature": base64.b64encode(b"\0" * 64).decode(),
    }  # fmt: skip
    assert set(changes) == set(told)
    expected = {"form": "signed_head_unreadable", "public_key": "signed_head_other_key"}
    for member, value in changes.items():
        place.write_text(json.dumps(told | {member: value}) + "\n")
        assert chain_reasons(home) == {expected.get(member, "signed_head_forged")}, member
    for line in ("", "{}", "[]", "no", json.dumps(told | {"more": 1}), json.dumps(told | {"seq": "3"})):
        place.write_text(line)
        assert chain_reasons(home) == {"signed_head_unreadable"}, line


def test_a_key_that_others_may_read_or_that_is_none_signs_nothing(home):
    furnished(home)
    signed(home)
    with Store.open(home) as store:
        (home / "head.key").chmod(0o640)
        with pytest.raises(Refusal, match="head_key_unusable"):
            signed_heads.sign(store, NOW)
        (home / "head.key").chmod(0o600)
        (home / "head.pub").write_text("AAAA\n")
        assert {b.reason for b in journal.verify(store).breaks} == {"head_key_unusable"}
        (home / "head.pub").unlink()
        assert journal.verify(store).ok
        (home / "head.key").write_text("no key\n")
        with pytest.raises(Refusal, match="head_key_unusable"):
            signed_heads.sign(store, NOW)


def test_the_head_of_a_day_is_signed_once_and_kept_where_the_settings_say(home, tmp_path):
    outside = tmp_path / "outside.jsonl"
    settings = load(home, {"YAOXUN_ENGINE_SIGNED_HEADS_TO": str(outside)})
    with Store.open(home) as store:
        assert sign_head_of_day(store, settings, at=NOW) is None, "an empty journal has no head"
        making.add_whole(store)
        first = sign_head_of_day(store, settings, at=NOW)
        assert sign_head_of_day(store, settings, at=NOW + timedelta(hours=12)) is None
        making.add_draft(store)
        second = sign_head_of_day(store, settings, at=NOW + timedelta(hours=13, minutes=1))
    assert first is not None and second is not None and second.seq > first.seq
    assert signed_heads.from_file(outside) == [first, second]
