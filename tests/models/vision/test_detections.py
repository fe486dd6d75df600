"""Columns that are checked on building."""

import subprocess
import sys

import numpy as np
import pytest

from models.errors import BadShape
from models.vision.detections import Detections


def three() -> Detections:
    box = np.array([[0, 0, 2, 2], [1, 1, 5, 4], [3, 0, 4, 1]], np.float64)
    return Detections.of(box, ["a", "b", "a"], np.array([0.5, 0.9, 0.1]), "m", cues=[{"x": 1.0}, {}, {"x": 3.0}])


def test_columns_have_the_promised_types_and_probability_is_nan_without_calibration():
    d = three()
    assert len(d) == 3
    assert d.box.dtype == d.confidence.dtype == np.float32
    assert np.isnan(d.probability).all()
    assert list(d.model) == ["m"] * 3


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("box", np.zeros((2, 4))),
        ("box", np.array([[2, 0, 1, 1]] * 3)),
        ("box", np.full((3, 4), np.nan)),
        ("label", np.array(["a"])),
        ("confidence", np.array([0.1, 1.2, 0.3])),
        ("confidence", np.array([0.1, np.nan, 0.3])),
        ("probability", np.array([-0.1, 0.2, 0.3])),
        ("model", np.array([["m"]])),
    ],
)
def test_a_wrong_column_is_refused_by_name(column, value):
    d = three()
    columns = {k: getattr(d, k) for k in ("box", "label", "confidence", "probability", "cues", "model")}
    with pytest.raises(BadShape) as caught:
        Detections(**{**columns, column: value})
    assert caught.value.where == column
    assert caught.value.reason == "bad_array_shape"


def test_select_takes_masks_and_row_numbers_and_keeps_cues_beside_their_rows():
    d = three()
    by_mask, by_rows = d.select(d.label == "a"), d.select(np.array([2, 0]))
    assert [c["x"] for c in by_mask.cues] == [1.0, 3.0]
    assert by_rows.confidence.tolist() == pytest.approx([0.1, 0.5])
    with pytest.raises(BadShape):
        d.select(np.array([True]))


def test_concat_of_selections_gives_the_whole_back_and_of_nothing_is_empty():
    d = three()
    both = Detections.concat([d.select(np.array([0])), Detections.empty(), d.select(np.array([1, 2]))])
    assert np.array_equal(both.box, d.box)
    assert both.cues == d.cues
    assert len(Detections.concat([])) == len(Detections.empty()) == 0


def test_importing_detections_loads_no_inference_library_and_no_opencv():
    code = "import sys, models.vision.detections; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "models.vision.detections" in loaded
    assert not {"torch", "ultralytics", "onnxruntime", "cv2"} & set(loaded)
