"""Recipes: whole, licence-clean, refused by the key that is wrong; and the windows that they cut."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from models.errors import BadRecipe, LeakedSplit
from models.vision.training import recipe as recipes
from models.vision.training.cut import LEAST_SEEN, cut, seen_in
from models.vision.windows import Window

GOOD = """
network = "yolo11n.yaml"
words = ["vehicle"]
image_px = 64
epochs = 1
batch = 2
seed = 1
[[train]]
folder = "cars"
split = "train"
licence = "CC0"
leave_out = ["harlem*"]
words = { 0 = "vehicle", 2 = "vehicle" }
window_px = 64
"""


@pytest.mark.parametrize("name", recipes.names())
def test_what_comes_with_the_product_trains_on_free_pictures_only(name):
    held = recipes.read(name)
    assert held.releasable
    assert not any(source.takes("harlem-0001.jpg") for source in held.train if source.folder == "vehicles")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('words = ["vehicle"]', 'words = ["car"]'),
        ("epochs = 1", 'epochs = "many"'),
        ("seed = 1", ""),
        ("batch = 2", "batch = 2\nlearning = 3"),
        ('2 = "vehicle"', '2 = "smoke"'),
        ("image_px = 64", "image_px = = 64"),
    ],
)
def test_a_recipe_that_cannot_be_followed_is_refused(tmp_path, before, after):
    file = tmp_path / "mine.toml"
    file.write_text(GOOD.replace(before, after), encoding="utf-8")
    with pytest.raises(BadRecipe):
        recipes.read(str(file))


def test_research_only_pictures_make_no_released_model(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text(GOOD.replace("CC0", "research only"), encoding="utf-8")
    assert not recipes.read(str(file)).releasable


@pytest.fixture()
def cars(tmp_path):
    """Two pictures of 96 by 64: a car in the left half, one in the right, a cyclist; and one that is left out."""
    for name, rows in (
        ("a", "0 0.25 0.5 0.2 0.3\n2 0.9 0.5 0.1 0.2\n4 0.5 0.5 0.1 0.1\n"),
        ("harlem", "0 0.5 0.5 1 1\n"),
    ):
        for folder in ("images/train", "labels/train"):
            (tmp_path / "cars" / folder).mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (96, 64), "grey").save(tmp_path / "cars/images/train" / f"{name}.png")
        (tmp_path / "cars/labels/train" / f"{name}.txt").write_text(rows)
    (tmp_path / "cars/data.yaml").write_text("train: images/train\nnames: [car, truck, bus, minibus, cyclist]\n")
    file = tmp_path / "mine.toml"
    file.write_text(GOOD, encoding="utf-8")
    return recipes.read(str(file)), tmp_path


def test_pictures_are_cut_into_windows_with_the_boxes_that_they_show(cars):
    held, data = cars
    found = cut(held, data, data / "set")
    assert found.windows["train"] == 2
    assert found.boxes["train"] == 2
    labels = {f.name: f.read_text() for f in (data / "set/labels/train").iterdir()}
    assert set(labels) == {"0_a_0_0_0.txt", "0_a_32_0_0.txt"}
    assert [float(x) for x in labels["0_a_0_0_0.txt"].split()] == pytest.approx([0, 0.375, 0.5, 0.3, 0.3], abs=1e-5)
    # right car: from 81.6 to 91.2 of 96, in the window from 32 to 96
    assert [float(x) for x in labels["0_a_32_0_0.txt"].split()] == pytest.approx([0, 0.85, 0.5, 0.15, 0.2], abs=1e-5)


def test_another_picture_or_label_is_another_set(cars):
    held, data = cars
    before = cut(held, data, data / "set").pictures_sha256
    assert cut(held, data, data / "again").pictures_sha256 == before
    (data / "cars/labels/train/a.txt").write_text("0 0.25 0.5 0.2 0.31\n")
    assert cut(held, data, data / "third").pictures_sha256 != before


def test_a_source_without_its_folder_is_named(cars):
    held, data = cars
    with pytest.raises(BadRecipe, match="cars"):
        cut(held, data / "elsewhere", data / "set")
    nothing = dataclasses.replace(held, train=(dataclasses.replace(held.train[0], keep=("none*",)),))
    with pytest.raises(BadRecipe, match="kept"):
        cut(nothing, data, data / "set")


@given(st.lists(st.tuples(*[st.floats(0, 200)] * 4), max_size=6))
def test_what_a_window_shows_lies_within_it_and_is_enough_of_the_box(corners):
    box = np.array([[min(a, c), min(b, d), max(a, c), max(b, d)] for a, b, c, d in corners]).reshape(-1, 4)
    window = Window(50, 30, 150, 130)
    keep, share = seen_in(window, box)
    assert len(share) == keep.sum()
    assert ((share[:, :2] - share[:, 2:] / 2) >= -1e-9).all()
    assert ((share[:, :2] + share[:, 2:] / 2) <= 1 + 1e-9).all()
    shown = share[:, 2] * share[:, 3] * 100 * 100
    whole = np.prod(box[keep][:, 2:] - box[keep][:, :2], axis=1)
    assert (shown >= LEAST_SEEN * whole - 1e-6).all()


def test_a_class_is_named_by_its_number_or_by_its_name(cars):
    held, data = cars
    named = dataclasses.replace(held, train=(dataclasses.replace(held.train[0], words={"car": "vehicle"}),))
    found = cut(named, data, data / "set")
    assert found.boxes["train"] == 1


def test_a_picture_that_is_watched_may_not_be_one_that_is_trained_on(cars):
    held, data = cars
    leaking = dataclasses.replace(held, validate=held.train)
    with pytest.raises(LeakedSplit):
        cut(leaking, data, data / "set")


def test_a_quarter_turn_turns_the_box_with_the_picture(cars):
    held, data = cars
    spot = np.zeros((64, 96, 3), np.uint8)
    spot[20:30, 70:90] = 255
    Image.fromarray(spot).save(data / "cars/images/train/a.png")
    (data / "cars/labels/train/a.txt").write_text(f"0 {80 / 96} {25 / 64} {20 / 96} {10 / 64}\n")
    found = cut(dataclasses.replace(held, quarter_turns=True), data, data / "set")
    assert found.windows["train"] == 4
    seen = 0
    for label in (data / "set/labels/train").iterdir():
        picture = np.asarray(Image.open(data / "set/images/train" / f"{label.stem}.png"))[:, :, 0]
        for row in label.read_text().splitlines():
            _, u, v, width, height = (float(cell) for cell in row.split())
            h, w = picture.shape
            box = np.array([(u - width / 2) * w, (v - height / 2) * h, (u + width / 2) * w, (v + height / 2) * h])
            rows, columns = np.nonzero(picture)
            assert box == pytest.approx([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1], abs=0.01)
            seen += 1
    assert seen == 2


def test_kept_start_classes_number_the_boxes(cars):
    held, data = cars
    kept = dataclasses.replace(held, start_classes=(2,), keep_start_classes=True)
    cut(kept, data, data / "set", {0: "person", 1: "bicycle", 2: "car"})
    numbers = {row.split()[0] for f in (data / "set/labels/train").iterdir() for row in f.read_text().splitlines()}
    assert numbers == {"2"}
    assert '"2": "car"' in (data / "set/data.yaml").read_text()
