"""The committed sample: files, sizes, truth, maps; and that they are what the code says."""

from __future__ import annotations

import json
from datetime import datetime

import numpy as np
import pytest
from PIL import Image
from shapely.geometry import Point, shape

from data_samples import FOLDER
from data_samples.district import maps as wide
from data_samples.district import offices
from data_samples.district.block import BLOCK_OUTFALLS
from data_samples.renderer import layout, maps, truth
from data_samples.renderer.__main__ import SEED, compact
from data_samples.renderer.camera import Lens, Pose, project
from data_samples.renderer.flight import LENS, noisy_claims, shots
from data_samples.renderer.place import ORIGIN_XY_M, grid_of, local_of
from data_samples.renderer.tags import SOFTWARE, xmp_packet

TRUTH = json.loads((FOLDER / "truth.json").read_text("utf-8"))
EVENTS = {event["id"]: event for event in TRUTH["events"]}
LAST_INSTANT = datetime.fromisoformat("2026-11-24T08:00:00+08:00")
LARGEST_BYTES = 700 * 1024


@pytest.fixture(scope="module")
def scene() -> layout.Scene:
    return layout.block(SEED)


def test_twelve_pictures_of_at_most_700_kilobytes_that_say_they_were_rendered() -> None:
    files = sorted((FOLDER / "flight").iterdir())
    assert [f.name for f in files] == [shot.file for shot in shots()]
    for file in files:
        assert file.stat().st_size <= LARGEST_BYTES
        with Image.open(file) as picture:
            picture.load()
            assert picture.size == (LENS.width_px, LENS.height_px)
            assert picture.getexif()[0x0131] == SOFTWARE


def test_the_committed_tags_are_the_noisy_ones_of_the_seed() -> None:
    for shot, claim in zip(shots(), noisy_claims(shots(), np.random.default_rng([SEED, 1])), strict=True):
        assert xmp_packet(claim, LENS) in (FOLDER / "flight" / shot.file).read_bytes()


def test_truth_and_maps_and_registry_are_what_the_code_makes(scene: layout.Scene, tmp_path: object) -> None:
    boxes = {picture["file"]: picture["boxes"] for picture in TRUTH["pictures"]}
    made = json.loads(compact(truth.truth_of(scene, shots(), boxes)))
    assert made == TRUTH
    for name, document in (("basemap", maps.basemap_of(scene)), ("district", wide.outline())):
        assert json.loads((FOLDER / f"{name}.geojson").read_text("utf-8")) == json.loads(compact(document))


def test_the_committed_registry_is_what_the_code_makes(tmp_path_factory: pytest.TempPathFactory) -> None:
    made = tmp_path_factory.mktemp("registry")
    offices.write(made, SEED)
    assert {p.name for p in made.iterdir()} == {p.name for p in (FOLDER / "registry").iterdir()}
    for path in made.iterdir():
        assert path.read_bytes() == (FOLDER / "registry" / path.name).read_bytes(), path.name


def test_every_picture_was_taken_before_the_last_instant_from_its_plan() -> None:
    times = [datetime.fromisoformat(picture["taken_at"]) for picture in TRUTH["pictures"]]
    assert times == sorted(times)
    assert times[-1] < LAST_INSTANT
    pitches = [picture["pose"]["pitch_deg"] for picture in TRUTH["pictures"]]
    assert sum(p < -89 for p in pitches) >= 7
    assert sum(-60 <= p <= -45 for p in pitches) >= 5


def test_there_is_a_plume_of_a_registered_site_and_a_discharge_of_nobody_registered() -> None:
    assert EVENTS["plume-site"]["source"]["id"] == "310107-GD-2026-001"
    assert EVENTS["discharge-dyeing"]["source"]["id"] == "310107-PWK-001"
    assert EVENTS["discharge-unknown"]["source"] == {"kind": "none_registered", "id": None, "enterprise": None}
    unknown = np.array([EVENTS["discharge-unknown"][k] for k in ("x_m", "y_m")])
    registered = [grid_of([xy])[0] for *_, xy in BLOCK_OUTFALLS]
    assert min(np.hypot(*(unknown - place)) for place in registered) > 80


def test_registered_outfalls_stand_where_they_were_built() -> None:
    for code, _, _, _, xy in BLOCK_OUTFALLS[:3]:
        event = next(e for e in TRUTH["events"] if e["label"] == "outfall" and e["source"]["id"] == code)
        built = local_of([[event["lon"], event["lat"]]])[0]
        assert np.hypot(*(built - xy)) < 3.0, code


def test_events_lie_in_their_extents_and_all_in_the_district() -> None:
    outline = shape(json.loads((FOLDER / "district.geojson").read_text("utf-8"))["features"][0]["geometry"])
    for event in TRUTH["events"]:
        place = Point(event["lon"], event["lat"])
        assert outline.contains(place)
        if "extent" in event:
            assert shape(event["extent"]).is_valid, event["id"]
            assert shape(event["extent"]).distance(place) < 5e-5, event["id"]


def test_boxes_lie_in_the_picture_and_hold_the_place_of_their_event() -> None:
    lens = Lens(LENS.width_px, LENS.height_px, LENS.focal_px, LENS.cx_px, LENS.cy_px, LENS.distortion)
    checked = 0
    for picture in TRUTH["pictures"]:
        true = picture["pose"]
        x, y = np.array([true["x_m"], true["y_m"]]) - ORIGIN_XY_M
        pose = Pose(x, y, true["height_m"], true["yaw_grid_deg"], true["pitch_deg"], true["roll_deg"])
        for box in picture["boxes"]:
            u0, v0, u1, v1 = box["box"]
            assert 0 <= u0 < u1 <= LENS.width_px
            assert 0 <= v0 < v1 <= LENS.height_px
            event = EVENTS.get(box["object"])
            if event and box.get("share_seen", 0.0) > 0.75:
                local = local_of([[event["lon"], event["lat"]]])[0]
                u, v = project([[*local, event["height_m"]]], lens, pose)[0]
                assert u0 - 12 <= u <= u1 + 12
                assert v0 - 12 <= v <= v1 + 12
                checked += 1
    assert checked >= 8


def test_each_event_of_interest_is_seen_in_a_picture() -> None:
    seen = {box["object"] for picture in TRUTH["pictures"] for box in picture["boxes"]}
    assert {
        "plume-site",
        "discharge-dyeing",
        "discharge-unknown",
        "outfall-dyeing",
        "outfall-unknown",
        "soil-site",
    } <= seen


def test_the_basemap_has_names_and_closed_rings() -> None:
    features = json.loads((FOLDER / "basemap.geojson").read_text("utf-8"))["features"]
    kinds = {feature["properties"]["kind"] for feature in features}
    assert {"street", "creek", "site", "building", "works", "plot"} <= kinds
    assert {"示例浜", "示例北路"} <= {feature["properties"]["name"] for feature in features}
    for feature in features:
        ring = feature["geometry"]["coordinates"][0]
        assert ring[0] == ring[-1]
        assert all(121.386 < lon < 121.408 and 31.24 < lat < 31.26 for lon, lat in ring)
