"""`yaoxun flights add` and `run`: what can be used is, what cannot is refused by name, and twice is once."""

from __future__ import annotations

import io
import json
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from geo.camera import Camera

from .conftest import Yaoxun


def picture(seed: int) -> bytes:
    """A small JPEG without any tags."""
    pixels = np.random.default_rng(seed).integers(0, 255, (48, 64, 3), dtype=np.uint8)
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, "JPEG")
    return data.getvalue()


@pytest.fixture()
def delivery(tmp_path: Path) -> Path:
    """Two pictures, one of them twice, one cut off, one empty, one that is none, and a note."""
    folder = tmp_path / "delivery"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(picture(1))
    (folder / "b.jpg").write_bytes(picture(2))
    (folder / "b again.jpg").write_bytes(picture(2))
    (folder / "cut.jpg").write_bytes(picture(3)[:-200])
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "none.jpg").write_bytes(b"this is no picture")
    (folder / "note.txt").write_text("pilot: none")
    return folder


REFUSED = {
    "cut.jpg": "truncated",
    "empty.jpg": "empty_file",
    "none.jpg": "not_an_image",
    "note.txt": "unsupported_file",
}


def test_good_pictures_are_in_and_bad_ones_are_named(yaoxun: Yaoxun, delivery: Path) -> None:
    said = yaoxun("flights", "add", delivery, "--json")
    assert said.code == 0
    assert said.document["images"] == said.document["frames"] == 2
    assert {r["item"]: r["reason"] for r in said.document["refused"]} == REFUSED
    assert {w["reason"] for w in said.document["warnings"]} >= {"taken_without_position"}


def test_adding_twice_changes_nothing_and_says_so(yaoxun: Yaoxun, delivery: Path) -> None:
    first = yaoxun("flights", "add", delivery, "--json").document
    entries = yaoxun("evidence", "verify", "--json").document["entries"]
    again = yaoxun("flights", "add", delivery, "--json").document
    assert (again["flight"], again["images"], again["unchanged"]) == (first["flight"], 2, 2)
    assert {r["item"]: r["reason"] for r in again["refused"]} == REFUSED
    assert yaoxun("evidence", "verify", "--json").document["entries"] == entries


def test_a_delivery_of_nothing_usable_is_refused_and_makes_no_flight(yaoxun: Yaoxun, delivery: Path) -> None:
    said = yaoxun("flights", "add", delivery / "none.jpg", delivery / "note.txt", "--json")
    assert said.code == 2
    assert said.document["flight"] is None
    assert yaoxun("flights", "list", "--json").document == {"flights": []}


def test_new_pictures_of_the_same_folder_join_its_flight(yaoxun: Yaoxun, delivery: Path) -> None:
    first = yaoxun("flights", "add", delivery, "--json").document["flight"]
    (delivery / "c.jpg").write_bytes(picture(4))
    said = yaoxun("flights", "add", delivery, "--json").document
    assert (said["flight"], said["images"], said["unchanged"]) == (first, 3, 2)


def test_a_zip_is_unpacked_and_the_originals_are_held_by_their_hash(yaoxun: Yaoxun, tmp_path: Path, home: Path) -> None:
    archive = tmp_path / "flight.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("100MEDIA/a.jpg", picture(1))
        packed.writestr("__MACOSX/._a.jpg", b"junk")
    said = yaoxun("flights", "add", archive, "--json").document
    assert (said["images"], said["refused"]) == (1, [])
    held = [p for p in (home / "evidence").rglob("*") if p.is_file()]
    assert [p.read_bytes() for p in held] == [picture(1)]
    assert list((home / "tmp").iterdir()) == []


def test_run_judges_what_was_added_and_a_second_run_has_nothing_to_do(yaoxun: Yaoxun, delivery: Path) -> None:
    yaoxun("flights", "add", delivery)
    first = {s["stage"]: s for s in yaoxun("run", "--json").document["stages"]}
    again = yaoxun("run", "--json").document["stages"]
    assert first["detect"]["done"] == 2
    assert first["locate"]["refused_count"] == 2
    assert not any(stage["done"] or stage["refused_count"] for stage in again)


def test_files_that_would_stop_others_are_refused_alone(yaoxun: Yaoxun, delivery: Path) -> None:
    """A pipe, a link to itself, a picture of no size, a year that no calendar has, a name that is no UTF-8."""
    os.mkfifo(delivery / "pipe.jpg")
    (delivery / "self.jpg").symlink_to(delivery / "self.jpg")
    (delivery / os.fsdecode(b"\xb3\xc7.jpg")).write_bytes(picture(7))  # 城 in GB18030
    exif = Image.Exif()
    exif.get_ifd(0x8769).update({0x9003: "9999:12:31 23:59:59", 0x9011: "-12:00"})
    Image.new("RGB", (64, 48)).save(delivery / "year.jpg", exif=exif)
    said = yaoxun("flights", "add", delivery, "--json")
    assert said.code == 0
    reasons = {r["item"]: r["reason"] for r in said.document["refused"]}
    assert reasons["pipe.jpg"] == reasons["self.jpg"] == "unreadable_file"
    assert said.document["images"] == 4
    assert "城.jpg" in {w["item"] for w in said.document["warnings"]}
    assert {w["reason"] for w in said.document["warnings"] if w["item"] == "year.jpg"} >= {"time_implausible"}


def test_one_bad_entry_of_a_zip_is_refused_and_the_others_are_in(yaoxun: Yaoxun, tmp_path: Path) -> None:
    archive = tmp_path / "flight.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("good.jpg", picture(1))
        packed.writestr("bad.jpg", picture(2))
    data = bytearray(archive.read_bytes())
    data[data.find(b"bad.jpg") + 400] ^= 0xFF
    archive.write_bytes(bytes(data))
    said = yaoxun("flights", "add", archive, "--json").document
    assert said["images"] == 1
    assert ("flight.zip/bad.jpg", "broken_zip") in {(r["item"], r["reason"]) for r in said["refused"]}


def test_an_empty_folder_says_that_it_is_empty(yaoxun: Yaoxun, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    said = yaoxun("flights", "add", tmp_path / "empty", "--json")
    assert said.code == 2
    assert said.document["refused"][0]["reason"] == "nothing_usable"
    assert len(said.err) == 1


def test_a_role_that_may_not_add_flights_is_refused_by_the_row(yaoxun: Yaoxun, delivery: Path) -> None:
    assert yaoxun("users", "add", "ada", "administrator").code == 0
    assert yaoxun("users", "add", "kun", "auditor", "--as", "ada").code == 0
    said = yaoxun("flights", "add", delivery, "--as", "kun")
    assert said.code == 2
    assert "act_flights_add" in said.err[0]
    assert yaoxun("flights", "add", delivery).code == 2, "with accounts, somebody must be named"


def test_a_changed_byte_of_an_original_is_found(yaoxun: Yaoxun, delivery: Path, home: Path) -> None:
    yaoxun("flights", "add", delivery)
    assert yaoxun("evidence", "verify").code == 0
    original = next(p for p in (home / "evidence").rglob("*") if p.is_file())
    original.chmod(0o644)
    data = bytearray(original.read_bytes())
    data[len(data) // 2] ^= 1
    original.write_bytes(bytes(data))
    said = yaoxun("evidence", "verify", "--json")
    assert said.code == 3
    assert said.document["ok"] is False
    assert original.name[:12] in str(said.document["breaks"])


def test_what_is_recorded_now_cannot_be_dated_back(yaoxun: Yaoxun, delivery: Path) -> None:
    for words in (("flights", "add", delivery), ("run",), ("users", "add", "ada", "administrator")):
        said = yaoxun(*words, "--as-of", "2020-01-01T00:00:00+08:00", "--json")
        assert said.code == 2
        assert said.document["refused"][0]["reason"] == "as_of_not_here"


def test_a_camera_given_for_pictures_that_are_held_is_said_to_be_unused(yaoxun: Yaoxun, delivery: Path) -> None:
    yaoxun("flights", "add", delivery)
    camera = delivery.parent / "camera.json"
    camera.write_text(json.dumps(Camera(64, 48, 50.0, 50.0, 32.0, 24.0).to_json()), "utf-8")
    said = yaoxun("flights", "add", delivery / "a.jpg", "--camera", camera, "--json").document
    assert {w["reason"] for w in said["warnings"]} == {"held_with_other_sidecar"}


@pytest.mark.parametrize(
    ("written", "detail"),
    [
        ('{"width_px": 64}', "height_px is missing"),
        ('{"width_px": 64, "height_px": 48, "fx_px": 50, "focus": 1}', "unknown keys: focus"),
        ("[1]", "one JSON object is expected"),
        ("{", "not JSON"),
    ],
)
def test_a_camera_file_that_is_wrong_is_refused_alike_by_both_commands_that_take_one(
    yaoxun: Yaoxun, delivery: Path, written: str, detail: str
) -> None:
    camera = delivery.parent / "camera.json"
    camera.write_text(written, "utf-8")
    for words in (("flights", "add", delivery), ("geo", "pixel", delivery / "a.jpg", 1, 1)):
        said = yaoxun(*words, "--camera", camera)
        assert said.code == 2
        assert "bad_camera" in said.err[0] and detail in said.err[0]


def test_a_missing_terrain_refuses_the_run_and_is_no_verdict_on_the_pictures(
    yaoxun: Yaoxun, delivery: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    yaoxun("flights", "add", delivery)
    monkeypatch.setenv("YAOXUN_LOCATE_TERRAIN", "/nowhere.tif")
    assert yaoxun("run").code == 2
    monkeypatch.delenv("YAOXUN_LOCATE_TERRAIN")
    stages = {s["stage"]: s for s in yaoxun("run", "--json").document["stages"]}
    assert (stages["locate"]["refused_count"], stages["locate"]["failed"]) == (2, 0)


GIVEN = {
    "flights/weedon": (3, 0, {"geometry.csv": "unsupported_file"}),
    "flights/nogps": (2, 0, {}),
    "flights/caliterra": (1, 0, {"geometry.csv": "unsupported_file"}),
    "thermal": (2, 0, {}),
    "klv": (0, 2, {}),
    "srt": (0, 13, {"broken_empty.SRT": "empty_file", "broken_empty2.SRT": "no_blocks"}),
}


@pytest.mark.given
@pytest.mark.parametrize("folder", GIVEN)
def test_the_given_files_are_taken_or_refused_by_name(yaoxun: Yaoxun, shared: Path, folder: str) -> None:
    images, tracks, refused = GIVEN[folder]
    said = yaoxun("flights", "add", shared / "data" / folder, "--json").document
    assert (said["images"], said["tracks"]) == (images, tracks)
    assert {r["item"]: r["reason"] for r in said["refused"]} == refused


@pytest.mark.given
def test_pictures_without_pose_are_refused_by_locate_and_the_others_get_footprints(
    yaoxun: Yaoxun, shared: Path
) -> None:
    for folder in ("flights/nogps", "flights/caliterra", "flights/isfm"):
        yaoxun("flights", "add", shared / "data" / folder)
    assert yaoxun("run", "--stage", "detect").code == 0
    said = yaoxun("run", "--stage", "locate", "--json").document["stages"][0]
    assert (said["done"], said["refused_count"]) == (6, 3)
