"""Figures against a detector whose errors are known."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from PIL import Image

from models.vision import zoo
from models.vision.datasets.reading import read_set
from models.vision.detections import Detections
from models.vision.evaluation import worst
from models.vision.evaluation.evaluate import evaluate
from models.vision.evaluation.intervals import TOO_FEW, site_interval
from models.vision.evaluation.report import page

YAML = "val: images\nnames:\n  0: car\n  1: 'dust_plume'  # ours\n  2: cyclist\n"


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
    (tmp_path / "data.yaml").write_text(YAML)
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
    got = evaluate(read_set(made), detector, confidence=0.25).document
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
    assert (
        evaluate(read_set(made), detector, confidence=0.25, iou_at_least=0.7).document["classes"]["dust_plume"][
            "recall"
        ]
        == 1
    )
    strict = evaluate(read_set(made), detector, confidence=0.25, iou_at_least=0.75).document["classes"]["dust_plume"]
    assert (strict["recall"], strict["ap"], strict["ap50"]) == (0, 0, 1)


def test_an_interval_needs_five_sites_and_spans_what_sites_drawn_anew_give(made):
    got = evaluate(read_set(made), Told(), confidence=0.25).document
    assert got["sites"] == 2
    assert got["classes"]["vehicle"]["intervals"]["recall"] == TOO_FEW
    # ten sites, half of them with the figure 1, half with 0: the mean of ten draws is binomial(10, 1/2) / 10
    ends = site_interval(lambda weight: float(weight[:5].sum() / 10), 10, seed=3)
    assert ends == (0.2, 0.8)  # the 2.5 % and 97.5 % points of that binomial
    assert site_interval(lambda weight: 1.0, 4, seed=3) is None


def test_false_boxes_of_an_hour_are_those_of_a_look_times_its_looks(made):
    detector = Told({20: told(([5, 5, 9, 9], "vehicle", 0.7))})
    got = evaluate(read_set(made), detector, confidence=0.25).document
    assert got["empty_images"] == 2  # the cyclist's picture and the one with nothing
    assert got["false_boxes_per_empty_image"] == 0.5
    assert got["false_boxes_per_flight_hour"] == 0.5 * got["looks_per_flight_hour"]
    assert got["false_boxes_per_camera_day"] == 0.5 * got["looks_per_camera_day"]


def test_what_a_set_says_of_its_pictures_splits_the_figures(made):
    rows = "file,site,camera,height_m,light\nA1.png,north,M3E,30,bright\nA2.png,south,M3E,95,\n"
    (made.parent / "about.csv").write_text(rows)
    detector = Told({0: told(([40, 40, 60, 60], "vehicle", 0.9))})
    by = evaluate(read_set(made), detector, confidence=0.25).document["by"]
    assert by["site"]["north"] == {"images": 1, "boxes": 2, "map50": 0.504950, "precision": 1.0, "recall": 0.5}
    assert set(by["height"]) == {"20-60 m", "60-120 m", "unknown"}
    assert by["camera"]["M3E"]["images"] == 2 and by["light"]["dark"]["images"] == 3


def test_a_difficult_object_counts_neither_way(made):
    labelled = read_set(made)
    hard = labelled.pictures[0]._replace(ignored=np.array([True, False]))
    labelled = dataclasses.replace(labelled, pictures=(hard, *labelled.pictures[1:]))
    on_it = Told({0: told(([40, 40, 60, 60], "vehicle", 0.9), ([140, 40, 160, 60], "vehicle", 0.8))})
    car = evaluate(labelled, on_it, confidence=0.25).document["classes"]["vehicle"]
    assert (car["boxes"], car["recall"], car["precision"]) == (1, 1, 1)


def test_the_worst_cases_are_the_largest_missed_and_the_surest_false(made):
    detector = Told({0: told(([0, 0, 20, 20], "vehicle", 0.3)), 20: told(([5, 5, 9, 9], "vehicle", 0.7))})
    judged = evaluate(read_set(made), detector, confidence=0.25).judged
    point = {"confidence": 0.25, "iou_at_least": 0.5}
    assert [c.file.stem for c in worst.false_alarms(judged, detector.labels, **point)] == ["B1", "A1"]
    missed = worst.misses(judged, detector.labels, **point)
    assert [(c.file.stem, c.word) for c in missed] == [("A2", "dust_plume"), ("A1", "vehicle")]


def test_the_page_shows_figures_commit_and_worst_cases_and_needs_nothing_beside_it(made):
    detector = Told({0: told(([0, 0, 20, 20], "vehicle", 0.3))})
    text = page(
        evaluate(read_set(made), detector, confidence=0.25),
        title="a <set>",
        frozen={"commit": "c" * 40, "clean": False},
    )
    assert "a &lt;set&gt;" in text and "c" * 12 in text and "changed since" in text and TOO_FEW in text
    assert text.count("data:image/jpeg;base64,") == 3  # two pictures with something missed, one false box
    assert "http" not in text.replace("http://www.w3.org", "")


@pytest.mark.given
def test_the_dust_baseline_on_the_real_photographs_is_as_its_card_says(shared):
    got = evaluate(
        read_set(shared / "data/detection/real_eval/data.yaml"),
        zoo.load("haze_baseline", confidence=0.05),
        confidence=zoo.entry("haze_baseline").default_confidence,
        iou_at_least=0.3,
    ).document
    assert got["images"] == 9 and got["classes"]["dust_plume"]["boxes"] == 6
    assert got["classes"]["dust_plume"]["recall"] >= 0.8
