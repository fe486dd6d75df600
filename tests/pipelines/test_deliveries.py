"""What lies in a delivery: folders, zips, junk, tracks beside videos."""

from __future__ import annotations

import zipfile
from pathlib import Path

from pipelines.engine.deliveries import Delivered, files_of, track_beside


def test_a_folder_is_walked_in_order_and_what_file_managers_leave_is_not_in_it(tmp_path: Path) -> None:
    flight = tmp_path / "flight"
    (flight / "b").mkdir(parents=True)
    for name in ("z.JPG", "b/a.JPG", ".DS_Store", "Thumbs.db"):
        (flight / name).write_bytes(b"x")
    found, refused = files_of([flight], tmp_path)
    assert [d.name for d in found] == ["b/a.JPG", "z.JPG"]
    assert refused == []


def test_a_missing_path_and_a_broken_zip_are_refused_and_the_rest_goes_on(tmp_path: Path) -> None:
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 no zip")
    (tmp_path / "a.jpg").write_bytes(b"x")
    found, refused = files_of([tmp_path / "nowhere", tmp_path / "broken.zip", tmp_path / "a.jpg"], tmp_path / "s")
    assert [d.name for d in found] == ["a.jpg"]
    assert [r.reason for r in refused] == ["no_such_file", "broken_zip"]


def test_a_zip_cannot_write_outside_its_own_folder(tmp_path: Path) -> None:
    archive = tmp_path / "evil.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("../../escaped.jpg", b"x")
        packed.writestr("good.jpg", b"x")
    scratch = tmp_path / "deep" / "scratch"
    found, _ = files_of([archive], scratch)
    assert all(scratch in d.path.parents for d in found)
    assert not (tmp_path / "escaped.jpg").exists()
    assert {d.path.name for d in found} == {"escaped.jpg", "good.jpg"}


def test_two_zips_of_one_name_both_keep_their_pictures(tmp_path: Path) -> None:
    for folder in ("monday", "tuesday"):
        (tmp_path / folder).mkdir()
        with zipfile.ZipFile(tmp_path / folder / "100MEDIA.zip", "w") as packed:
            packed.writestr("DJI_0001.JPG", folder)
    archives = [tmp_path / "monday/100MEDIA.zip", tmp_path / "tuesday/100MEDIA.zip"]
    found, _ = files_of(archives, tmp_path / "scratch")
    assert [d.path.read_text() for d in found] == ["monday", "tuesday"]


def test_a_video_takes_the_track_of_its_own_name_and_a_given_one_wins(tmp_path: Path) -> None:
    video, own, other = (Delivered(tmp_path / n, n) for n in ("DJI_1.MP4", "DJI_1.srt", "DJI_2.SRT"))
    assert track_beside(video, [video, other, own], None) == own.path
    assert track_beside(video, [video, other], None) is None
    assert track_beside(video, [video, own], other.path) == other.path
    assert track_beside(own, [video, own], None) is None
