"""Sets as they are written in practice, and figures against a detector whose errors are known."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from PIL import Image

from models.errors import BadDataset
from models.vision import datasets, zoo
from models.vision.detections import Detections
from models.vision.evaluate import evaluate

FORMS = {
    "block mapping": "val: images\nnames:\n  0: car\n  1: 'dust_plume'  # ours\n  2: cyclist\n",
    "block list": "path: .\nval: images\nnames:\n- car\n- dust_plume\n- cyclist\nnc: 3\n",
    "inline list": "names: ['car', \"dust_plume\", cyclist]\nval: images\n",
    "inline mapping": "val: images\nnames: {0: car, 1: dust_plume, 2: cyclist}\n",
}


@pytest.mark.parametrize("form", FORMS)
def test_names_are_read_in_every_form(form, tmp_path):
    (tmp_path / "images").mkdir()
    (tmp_path / "data.yaml").write_text(FORMS[form])
    found = datasets.read_set(tmp_path / "data.yaml")
    assert dict(found.names) == {0: "car", 1: "dust_plume", 2: "cyclist"}
    assert found.images.name == "images"


@pytest.mark.parametrize("text", ["val: images\n", "names: [a]\n", "names: [a]\nval: nowhere\n", "names:\n  x: a\n"])
def test_a_set_that_cannot_be_used_is_refused(text, tmp_path):
    (tmp_path / "data.yaml").write_text(text)
    with pytest.raises(BadDataset):
        datasets.read_set(tmp_path / "data.yaml")


@dataclass(frozen=True)
class Told:
    """Answers by the picture's first pixel with what it was told."""

    answers: dict = field(default_factory=dict)
    name: str = "told"
    sha256: str = "f" * 64
    labels: tuple[str, ...] = ("dust_plume", "vehicle")
    window_px: int | None = None

    def detect(self, images: Sequence[np.ndarray]) -> list[Detections]:
        return [self.answers.get(int(i[0, 0, 0]), Detections.empty()) for i in images]


@pytest.fixture()
def made(tmp_path):
    """Four pictures of 100 x 200: A1 with two cars, A2 with one plume, B1 with a cyclist only, B2 with nothing."""
    for folder in ("images", "labels"):
        (tmp_path / folder).mkdir()
    texts = {"A1": "0 0.25 0.5 0.1 0.2\n0 0.75 0.5 0.1 0.2\n", "A2": "1 0.5 0.5 0.5 0.5\n", "B1": "2 0.5 0.5 0.1 0.1\n"}
    for number, name in enumerate(("A1", "A2", "B1", "B2")):
        Image.fromarray(np.full((100, 200, 3), 10 * number, np.uint8)).save(tmp_path / "images" / f"{name}.png")
        if name in texts:
            (tmp_path / "labels" / f"{name}.txt").write_text(texts[name])
    (tmp_path / "data.yaml").write_text(FORMS["block mapping"])
    return tmp_path / "data.yaml"


def told(*rows):
    return Detections.of(
        np.array([r[0] for r in rows], float), [r[1] for r in rows], np.array([r[2] for r in rows]), "told"
    )


def test_figures_by_hand(made):
    detector = Told(
        {
            0: told(([40, 40, 60, 60], "vehicle", 0.9), ([0, 0, 20, 20], "vehicle", 0.3)),  # one right, one wrong
            10: told(([60, 30, 150, 80], "dust_plume", 0.8)),  # IoU 4050 / 5450 = 0.743
            20: told(([5, 5, 9, 9], "vehicle", 0.7)),
            30: told(([5, 5, 9, 9], "vehicle", 0.1)),  # under the threshold
        }
    )
    got = evaluate(made, detector, confidence=0.25)
    car, dust = got["classes"]["vehicle"], got["classes"]["dust_plume"]
    assert (car["boxes"], car["recall"]) == (2, 0.5)
    assert car["precision"] == pytest.approx(1 / 3, abs=1e-6)
    assert car["ap50"] == pytest.approx(51 / 101, abs=1e-6)  # precision 1 up to recall 0.5
    assert dust["ap50"] == 1.0 and dust["precision"] == 1.0
    assert got["map50"] == pytest.approx((51 / 101 + 1) / 2, abs=1e-6)
    assert got["map50_95"] == pytest.approx((10 * 51 / 101 + 5) / 20, abs=1e-6)  # the plume counts at 0.50 … 0.70
    assert got["false_boxes_per_empty_image"] == pytest.approx(0.5)
    assert got["ece"] is None
    assert got["images"] == 4 and got["sha256"] == "f" * 64
    assert got["by_group"]["A"]["boxes"] == 3 and got["by_group"]["B"]["map50"] is None


def test_a_stricter_overlap_loses_the_loose_plume(made):
    detector = Told({10: told(([60, 30, 150, 80], "dust_plume", 0.8))})
    assert evaluate(made, detector, confidence=0.25, iou_at_least=0.7)["classes"]["dust_plume"]["recall"] == 1
    strict = evaluate(made, detector, confidence=0.25, iou_at_least=0.75)["classes"]["dust_plume"]
    assert (strict["recall"], strict["ap"], strict["ap50"]) == (0, 0, 1)


def test_labels_that_the_yaml_does_not_name_are_refused(made):
    (made.parent / "labels/B2.txt").write_text("7 0.5 0.5 0.1 0.1\n")
    with pytest.raises(BadDataset) as caught:
        evaluate(made, Told(), confidence=0.25)
    assert "B2.txt" in caught.value.where


@pytest.mark.given
def test_the_dust_baseline_on_the_real_photographs_is_as_its_card_says(shared):
    got = evaluate(
        shared / "data/detection/real_eval/data.yaml",
        zoo.load("haze_baseline", confidence=0.05),
        confidence=zoo.entry("haze_baseline").default_confidence,
        iou_at_least=0.3,
    )
    assert got["images"] == 9 and got["classes"]["dust_plume"]["boxes"] == 6
    assert got["classes"]["dust_plume"]["recall"] >= 0.8
