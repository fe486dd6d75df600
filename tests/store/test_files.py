"""Originals: held once, whole or not at all."""

from __future__ import annotations

import os
import stat

import pytest

from pipelines.store import Store, files, journal
from pipelines.store.errors import HashDiffers, UnknownRow
from tests.store.making import sha


def test_an_original_is_held_read_only_under_its_hash_and_only_once(store, tmp_path):
    source = tmp_path / "a.jpg"
    source.write_bytes(b"picture" * 100_000)
    name = files.sha256_of(source)
    assert files.hold(store, source, name) is True
    held = files.path_of(store, name)
    assert held == store.home / "evidence" / name[:2] / name
    assert held.read_bytes() == source.read_bytes()
    assert not stat.S_IMODE(held.stat().st_mode) & 0o222
    before = held.stat().st_mtime_ns
    assert files.hold(store, source, name) is False
    assert held.stat().st_mtime_ns == before


def test_a_file_that_changed_while_it_was_read_is_not_kept(store, tmp_path):
    source = tmp_path / "a.jpg"
    source.write_bytes(b"later bytes")
    with pytest.raises(HashDiffers) as refused:
        files.hold(store, source, sha("earlier bytes"))
    assert refused.value.reason == "file_changed_while_read"
    assert [p for p in (store.home / "evidence").rglob("*") if p.is_file()] == []


def test_a_source_that_cannot_be_read_leaves_nothing(store, tmp_path):
    with pytest.raises(FileNotFoundError):
        files.hold(store, tmp_path / "absent", sha("x"))
    assert [p for p in (store.home / "evidence").rglob("*") if p.is_file()] == []


def test_an_original_that_is_not_held_is_refused(store):
    with pytest.raises(UnknownRow):
        files.path_of(store, sha("nothing"))


def test_an_original_whose_transaction_was_killed_is_no_break_and_is_found_again(store):
    assert files.hold(store, b"one", sha("one")) is True  # killed here: no row names it
    assert journal.verify(store).ok
    assert files.hold(store, b"one", sha("one")) is False


def test_opening_a_home_takes_away_stale_half_copies_only(home):
    with Store.open(home) as store:
        files.hold(store, b"one", sha("one"))
    incoming = home / "evidence" / "incoming"
    stale, fresh = incoming / "stale", incoming / "fresh"
    stale.write_bytes(b"half")
    fresh.write_bytes(b"half")
    os.utime(stale, (1, 1))
    with Store.open(home):
        pass
    assert (stale.exists(), fresh.exists()) == (False, True)
    assert files.place_of(home, sha("one")).is_file()
