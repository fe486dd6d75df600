"""Uploads in the home."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest

from dashboard import uploads
from pipelines.casework.requests import request_flight
from pipelines.intake import MEDIA_TYPES
from pipelines.store import Store
from pipelines.store.write import jobs

AT = datetime(2026, 1, 15, tzinfo=UTC)


class Upload(io.BytesIO):
    def __init__(self, name: str, data: bytes) -> None:
        super().__init__(data)
        self.name = name


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("DJI_0001.JPG", "DJI_0001.JPG"),
        ("../../etc/passwd", "passwd"),
        ("C:\\flights\\图 1.jpg", "图 1.jpg"),
        (".bashrc", "bashrc"),
        ("a;rm -rf $HOME.jpg", "a_rm -rf _HOME.jpg"),
        ("..", "upload"),
    ],
)
def test_only_the_last_part_of_a_name_is_used_and_made_safe(sent, kept):
    assert uploads.safe_name(sent) == kept


def test_two_uploads_of_one_name_are_both_kept_whole(tmp_path):
    found = uploads.keep(tmp_path, [Upload("a.jpg", b"one"), Upload("a.jpg", b"two")], at=AT)
    assert sorted(path.read_bytes() for path in found) == [b"one", b"two"]
    assert all(path.is_relative_to(tmp_path / "uploads") for path in found)


def test_uploads_of_another_instant_go_into_another_folder(tmp_path):
    (first,) = uploads.keep(tmp_path, [Upload("a.jpg", b"one")], at=AT)
    (second,) = uploads.keep(tmp_path, [Upload("a.jpg", b"two")], at=AT.replace(microsecond=1))
    assert first.read_bytes() == b"one"
    assert first.parent != second.parent


# ---- removed once their job has ended --------------------------------------------------------------------------------


@pytest.fixture()
def filed(store):
    """An upload of one file, and the job that was asked for with it."""
    kept = uploads.keep(store.home, [Upload("a.jpg", b"one")], at=AT)
    act = request_flight(store, kept, by=None, at=AT)
    return kept[0].parent, int(act.id)


@pytest.fixture()
def store(tmp_path):
    with Store.open(tmp_path / "home") as opened:
        yield opened


def end(store: Store, job_id: int, state: str) -> None:
    jobs.lease(store, "worker", now=AT, seconds=60.0, max_attempts=3)
    jobs.finish(store, job_id, "worker", now=AT, state=state, reason=None if state == "done" else "truncated")


@pytest.mark.parametrize("state", ["done", "refused"])
def test_upload_goes_when_its_job_has_ended_and_not_before(store, filed, state):
    folder, job_id = filed
    much_later = AT + timedelta(days=30)
    assert uploads.clean(store, now=much_later) == []
    assert (folder / "a.jpg").read_bytes() == b"one"
    end(store, job_id, state)
    assert uploads.clean(store, now=AT) == [folder]
    assert not folder.exists()


def test_upload_whose_job_failed_stays_for_a_day(store, filed):
    folder, job_id = filed
    jobs.lease(store, "worker", now=AT, seconds=60.0, max_attempts=1)
    jobs.fail(store, job_id, "worker", now=AT, reason="worker_lost", max_attempts=1)
    assert uploads.clean(store, now=AT + timedelta(hours=23)) == []
    assert uploads.clean(store, now=AT + timedelta(hours=25)) == [folder]


def test_upload_stays_while_another_job_still_needs_it(store, filed):
    folder, job_id = filed
    end(store, job_id, "done")
    request_flight(store, [folder.parent], by=None, at=AT)
    assert uploads.clean(store, now=AT) == []
    assert folder.exists()


def test_upload_without_a_job_is_left_for_a_day(store):
    (kept,) = uploads.keep(store.home, [Upload("a.jpg", b"one")], at=AT)
    assert uploads.clean(store, now=AT + timedelta(hours=23)) == []
    assert uploads.clean(store, now=AT + timedelta(hours=25)) == [kept.parent]


def test_nothing_but_folders_of_uploads_is_removed(store, tmp_path):
    place, elsewhere = store.home / "uploads", tmp_path / "elsewhere"
    (place / "notes").mkdir(parents=True)
    elsewhere.mkdir()
    (place / "20200101T000000000000").symlink_to(elsewhere)
    assert uploads.clean(store, now=AT) == []
    assert (place / "notes").is_dir() and elsewhere.is_dir()


def test_upload_that_nobody_was_asked_to_take_is_discarded(tmp_path):
    kept = uploads.keep(tmp_path, [Upload("a.jpg", b"one")], at=AT)
    uploads.discard(kept)
    assert list((tmp_path / "uploads").iterdir()) == []


def test_every_kind_of_file_that_is_offered_is_one_that_intake_takes():
    taken = {suffix.lstrip(".") for suffix in MEDIA_TYPES} | {"zip"}
    assert set(uploads.SUFFIXES) - taken == set()
