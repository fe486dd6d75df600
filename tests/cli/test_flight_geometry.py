"""`yaoxun flights adjust` and `control`: what a person corrects is located anew, and only that; undoing is an entry."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.store import Store
from pipelines.store.read import frames, geometry

from .conftest import Yaoxun

pytestmark = pytest.mark.given
CENTRE = "DJI_0031.JPG,2000,1125"


@pytest.fixture()
def flown(yaoxun: Yaoxun, shared: Path) -> str:
    """Three overlapping frames as one flight, a lone frame of elsewhere as another; all located."""
    paths = [shared / f"data/flights/brighton/DJI_{n}.JPG" for n in ("0030", "0031", "0032")]
    flight = yaoxun("flights", "add", *paths, "--json").document["flight"]
    yaoxun("flights", "add", shared / "data/flights/isfm/DJI_0010.JPG", "--json")
    yaoxun("run", "--stage", "locate")
    return str(flight)


def relocated(yaoxun: Yaoxun) -> tuple[int, int]:
    """Frames located by a run, and those it skipped."""
    (row,) = yaoxun("run", "--stage", "locate", "--json").document["stages"]
    return row["done"], row["skipped"]


def test_an_adjusted_flight_is_located_anew_and_no_other_and_undoing_brings_it_back(
    yaoxun: Yaoxun, flown: str, home: Path
) -> None:
    with Store.open(home) as store:
        before = frames.footprints(store, flight_id=flown)
    first = yaoxun("flights", "adjust", flown, "--json").document
    assert (first["state"], first["unchanged"], first["frames"]) == ("adjusted", False, 3)
    assert first["spread_after_m"] < first["spread_before_m"]
    assert relocated(yaoxun) == (3, 1)
    again = yaoxun("flights", "adjust", flown, "--json").document
    assert (again["unchanged"], again["journal_entry"]) == (True, first["journal_entry"])
    assert relocated(yaoxun) == (0, 4)
    with Store.open(home) as store:
        moved = frames.footprints(store, flight_id=flown)
    assert all(moved[name].polygon_wkb != before[name].polygon_wkb for name in before)
    undone = yaoxun("flights", "adjust", flown, "--undo", "--json").document
    assert undone["state"] == "undone"
    assert yaoxun("flights", "adjust", flown, "--undo", "--json").document["unchanged"] is True
    assert relocated(yaoxun) == (3, 1)
    with Store.open(home) as store:
        back = frames.footprints(store, flight_id=flown)
        assert [g.kind for g in geometry.history(store, flown)] == ["adjusted", "undone"]
    assert {n: f.polygon_wkb for n, f in back.items()} == {n: f.polygon_wkb for n, f in before.items()}
    assert yaoxun("evidence", "verify").code == 0


def test_a_control_point_moves_the_flight_towards_it_and_bad_rows_are_named(
    yaoxun: Yaoxun, flown: str, home: Path, tmp_path: Path
) -> None:
    table = tmp_path / "points.csv"
    (place,) = yaoxun("geo", "pixel", _original(home, "DJI_0031.JPG"), 2000, 1125, "--json").document
    lon, lat = place["lon"] + 1.5 / 76000, place["lat"]
    table.write_text(f"image,u,v,lon,lat,sigma_m\n{CENTRE},{lon:.8f},{lat:.8f},0.2\nDJI_9.JPG,1,1,{lon},{lat},1\n")
    done = yaoxun("flights", "control", flown, table, "--json").document
    assert (done["state"], done["control_m"][0] < 0.7) == ("controlled", True)
    assert [(r["item"], r["reason"]) for r in done["refused"]] == [("row 3", "bad_control")]
    assert relocated(yaoxun) == (3, 1)
    with Store.open(home) as store:
        (row,) = geometry.history(store, flown)
        assert row.source_sha256 is not None
        assert store.row("SELECT name FROM file WHERE sha256 = ?", (row.source_sha256,))["name"] == "points.csv"
    assert yaoxun("flights", "control", flown, table, "--json").document["unchanged"] is True


def _original(home: Path, name: str) -> Path:
    from pipelines.store import files

    with Store.open(home) as store:
        frame = next(f for f in frames.all(store) if f.name == name)
        return Path(files.path_of(store, frame.file_sha256))


def test_what_cannot_be_corrected_is_refused_by_name(yaoxun: Yaoxun, flown: str, tmp_path: Path, shared: Path) -> None:
    alone = yaoxun("flights", "list", "--json").document["flights"]
    lone = next(f["flight"] for f in alone if f["frames"] == 1)
    far, empty = tmp_path / "far.csv", tmp_path / "empty.csv"
    far.write_text(f"image,u,v,lon,lat\n{CENTRE},-91.98,46.85\n")
    empty.write_text("image,u,v,lon,lat\nno.JPG,1,1,1,1\n")
    for words, reason in [
        (("adjust", "F-0"), "unknown_flight"),
        (("adjust", lone), "nothing_to_adjust"),
        (("adjust", flown, "--undo"), "never_corrected"),
        (("control", flown, far), "tags_contradict_pictures"),
        (("control", flown, empty), "bad_control"),
        (("control", flown, tmp_path / "none.csv"), "no_such_file"),
    ]:
        said = yaoxun("flights", *words, "--json")
        assert (said.code, said.document["refused"][0]["reason"]) == (2, reason), words
    yaoxun("users", "add", "ada", "administrator")
    said = yaoxun("flights", "adjust", flown, "--as", "ada", "--json")
    assert (said.code, said.document["refused"][0]["reason"]) == (2, "role_forbids")
