"""`yaoxun models`: the zoo, detection a line a box, and a score on a labelled set."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.vision import zoo

from .conftest import Yaoxun

FIXED_WORDS = {"dust_plume", "bare_soil", "outfall", "discharge", "foam", "smoke", "vehicle"}


def test_the_zoo_names_hash_licence_and_labels(yaoxun: Yaoxun) -> None:
    said = yaoxun("models", "list", "--json").document
    by_name = {entry["name"]: entry for entry in said["models"]}
    assert set(said["default"]) <= set(by_name)
    assert by_name["yolo11n_coco"]["licence"] == "AGPL-3.0"
    for entry in by_name.values():
        assert len(entry["sha256"]) == 64
        assert set(entry["labels"]) <= FIXED_WORDS
        assert yaoxun("models", "card", entry["name"]).code == 0


def test_a_bad_picture_is_refused_and_the_summary_counts_it(yaoxun: Yaoxun, tmp_path: Path) -> None:
    data = io.BytesIO()
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (64, 64, 3), dtype=np.uint8)).save(data, "JPEG")
    (tmp_path / "good.jpg").write_bytes(data.getvalue())
    (tmp_path / "bad.jpg").write_bytes(b"no picture")
    said = yaoxun("models", "detect", tmp_path, "--model", "haze_baseline", "--json")
    assert said.code == 0
    summary = said.lines[-1]["summary"]
    assert (summary["images"], summary["refused_count"]) == (1, 1)
    assert yaoxun("models", "detect", tmp_path / "bad.jpg", "--model", "haze_baseline").code == 2


@pytest.mark.given
def test_vehicles_are_found_and_boxes_lie_in_the_picture(yaoxun: Yaoxun, shared: Path) -> None:
    picture = shared / "data/detection/vehicles/images/val/DJI-00760-00022.jpg"
    with Image.open(picture) as opened:
        width, height = opened.size
    said = yaoxun("models", "detect", picture, "--model", "yolo11n_coco", "--confidence", "0.3")
    boxes = said.lines[:-1]
    assert boxes
    assert {row["label"] for row in boxes} == {"vehicle"}
    for row in boxes:
        u0, v0, u1, v1 = row["box"]
        assert 0 <= u0 < u1 <= width and 0 <= v0 < v1 <= height
        assert row["confidence"] >= 0.3


@pytest.mark.given
def test_a_score_has_the_keys_that_programs_rely_on(yaoxun: Yaoxun, shared: Path) -> None:
    said = yaoxun(
        "models",
        "evaluate",
        shared / "data/detection/real_eval/data.yaml",
        "--model",
        "haze_baseline",
        "--iou",
        "0.3",
        "--json",
    )
    assert said.code == 0
    keys = {
        "model",
        "sha256",
        "images",
        "map50",
        "map50_95",
        "iou",
        "classes",
        "false_boxes_per_empty_image",
        "ece",
        "by_group",
    }
    assert keys <= set(said.document)
    assert said.document["images"] == 9
    assert {"precision", "recall", "ap50", "boxes"} <= set(said.document["classes"]["dust_plume"])


def test_a_network_of_the_house_is_added_listed_and_refused_by_name(yaoxun: Yaoxun, tmp_path: Path) -> None:
    weights = zoo.entry("yolo11n_coco").path
    words = ("models", "add", weights, "--name", "ours", "--licence", "AGPL-3.0")
    assert yaoxun(*words, "--map", "excavator=vehicle").code == 2  # the network has no such class
    assert yaoxun(*words, "--map", "car=lorry").code == 2
    assert yaoxun("models", "add", tmp_path / "none.pt", "--name", "ours", "--map", "car=vehicle").code == 2
    done = yaoxun(*words, "--map", "car=vehicle", "--json")
    assert (done.code, done.document["state"]) == (0, "added")
    listed = yaoxun("models", "list", "--json").document
    assert "ours" in {entry["name"] for entry in listed["models"]} and "ours" not in listed["default"]
    assert "Licence: AGPL-3.0" in yaoxun("models", "card", "ours").out
    assert yaoxun("models", "promote", "theirs", "--on", tmp_path).code == 2
