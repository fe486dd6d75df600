"""What the zoo vouches for, and that it refuses the rest."""

import dataclasses
import hashlib
import re
import shutil
import subprocess
import sys

import pytest

from models.errors import BadZoo, UnknownModel, WeightsChanged, WeightsMissing
from models.vision import zoo
from models.vision.datasets.reading import read_set
from models.vision.evaluation.evaluate import evaluate

WORDS = {"dust_plume", "bare_soil", "outfall", "discharge", "foam", "smoke", "vehicle"}


def test_every_entry_has_a_licence_training_data_a_card_figures_and_words_of_the_product():
    names = ["yolo11n_coco", "haze_baseline", "discharge_baseline", "vehicle_aerial", "smoke", "dust"]
    assert [e.name for e in zoo.entries()] == names
    for e in zoo.entries():
        assert e.licence and e.training_data and e.source and e.figures
        assert set(e.words) <= WORDS
        assert re.fullmatch("[0-9a-f]{64}", e.sha256)
        assert e.name in zoo.card(e.name)


def test_the_default_set_loads_and_each_detector_says_who_it_is():
    for name in zoo.default_set():
        detector, entry = zoo.load(name, threads=1), zoo.entry(name)
        assert (detector.name, detector.sha256) == (name, entry.sha256)
        assert detector.labels == entry.words
        assert detector.window_px == entry.window_px


def test_the_hash_of_the_weights_is_that_of_the_file():
    found = zoo.entry("yolo11n_coco")
    assert hashlib.sha256(found.path.read_bytes()).hexdigest() == found.sha256


def test_an_unknown_name_is_refused_with_those_there_are():
    with pytest.raises(UnknownModel) as caught:
        zoo.load("yolo99")
    assert "haze_baseline" in caught.value.detail


@pytest.fixture()
def copied(tmp_path):
    """A zoo of its own with one ONNX entry."""
    source = zoo.HERE
    (tmp_path / "weights").mkdir()
    shutil.copy(source / "weights/yolo11n_coco.onnx", tmp_path / "weights")
    text = (source / "zoo.toml").read_text().split("[[model]]")
    (tmp_path / "zoo.toml").write_text("[[model]]" + text[1])
    return tmp_path / "zoo.toml"


def test_a_changed_file_is_refused_and_a_missing_one(copied):
    assert zoo.load("yolo11n_coco", file=copied).name == "yolo11n_coco"
    weights = copied.parent / "weights/yolo11n_coco.onnx"
    weights.write_bytes(weights.read_bytes() + b"\0")
    with pytest.raises(WeightsChanged):
        zoo.load("yolo11n_coco", file=copied)
    weights.unlink()
    with pytest.raises(WeightsMissing):
        zoo.load("yolo11n_coco", file=copied)


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        (lambda t: t.replace("licence", "license"), "license"),
        (lambda t: t.replace('kind = "onnx"', 'kind = "pickle"'), "pickle"),
        (lambda t: t + "\n" + t, "two entries"),
        (lambda t: t.replace("training_data", "# training_data"), "training_data"),
        (lambda t: "[[model", ""),
    ],
)
def test_a_wrong_zoo_file_is_refused_with_what_is_wrong(copied, tmp_path, change, seen):
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(change(copied.read_text()))
    with pytest.raises(BadZoo) as caught:
        zoo.entries(wrong)
    assert seen in caught.value.detail and str(wrong) in caught.value.where


def test_listing_the_zoo_loads_no_inference_library():
    code = "import sys; from models.vision import zoo; zoo.entries(); zoo.default_set(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "models.vision.zoo" in loaded
    assert not {"torch", "ultralytics", "onnxruntime", "cv2"} & set(loaded)


@pytest.mark.given
@pytest.mark.parametrize(("name", "folder", "least"), [("vehicle_aerial", "vehicles", 0.9), ("smoke", "smoke", 0.75)])
def test_a_trained_model_finds_on_the_given_pictures_what_its_card_says(shared, name, folder, least):
    labelled = read_set(shared / "data/detection" / folder, "val")
    few = dataclasses.replace(labelled, pictures=labelled.pictures[::2])
    found = evaluate(few, zoo.load(name, confidence=0.001), confidence=zoo.entry(name).default_confidence)
    assert found.document["map50"] >= least
