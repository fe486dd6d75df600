"""Uploads in the home."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest

from dashboard import uploads

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
