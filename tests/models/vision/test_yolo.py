"""Both output shapes, and a box there and back through the letterbox."""

import numpy as np
import pytest

from models.errors import UnknownOutput
from models.vision.yolo import Reading, in_picture, letterbox, read_output

READING = Reading({1: "vehicle", 2: "vehicle"}, class_count=3, confidence=0.3, iou_above=0.5)


def scored(rows):
    """(4 + 3, n) from rows of u, v, width, height, three scores."""
    return np.array(rows, np.float32).T


def test_scores_are_decoded_mapped_and_suppressed_across_classes_of_one_word():
    output = scored(
        [
            [50, 50, 20, 10, 0.0, 0.6, 0.1],  # car
            [51, 50, 20, 10, 0.0, 0.2, 0.8],  # the same thing as a truck
            [90, 90, 10, 10, 0.9, 0.0, 0.0],  # a class without a word
            [20, 20, 10, 10, 0.0, 0.2, 0.1],  # too unsure
        ]
    )
    box, confidence, word = read_output(output, READING, where="m")
    assert box.tolist() == [[41, 45, 61, 55]]
    assert confidence == pytest.approx([0.8])
    assert word.tolist() == ["vehicle"]


def test_rows_without_need_of_suppression_are_read_by_their_shape():
    output = np.array(
        [[0, 0, 10, 10, 0.9, 1], [30, 30, 50, 50, 0.7, 0], [60, 60, 80, 90, 0.2, 2], [0, 0, 0, 0, 0, 0]], np.float32
    )
    box, confidence, _ = read_output(output, READING, where="m")
    assert box.tolist() == [[0, 0, 10, 10]]
    assert confidence == pytest.approx([0.9])


def test_a_network_of_two_classes_with_six_rows_is_not_taken_for_rows_of_six():
    two = Reading({0: "dust_plume", 1: "smoke"}, class_count=2, confidence=0.3)
    output = np.zeros((6, 84), np.float32)
    output[:, 7] = [10, 10, 4, 4, 0.1, 0.9]
    box, _, word = read_output(output, two, where="m")
    assert word.tolist() == ["smoke"] and box.tolist() == [[8, 8, 12, 12]]


@pytest.mark.parametrize("shape", [(85, 100), (100, 7), (5,), (3, 6, 2)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(UnknownOutput) as caught:
        read_output(np.zeros(shape, np.float32), READING, where="m")
    assert caught.value.reason == "unknown_model_output"


@pytest.mark.parametrize(("height", "width"), [(480, 640), (333, 1001), (2250, 4000), (37, 20)])
@pytest.mark.parametrize("square", [True, False])
def test_a_marked_rectangle_comes_back_through_the_letterbox(height, width, square):
    image = np.zeros((height, width, 3), np.uint8)
    u0, v0, u1, v1 = width // 4, height // 3, width // 2, height * 2 // 3
    image[v0:v1, u0:u1] = 255
    boxed, placed = letterbox(image, 640, square=square)
    assert boxed.shape[0] % 32 == boxed.shape[1] % 32 == 0 and max(boxed.shape[:2]) == 640
    assert not square or boxed.shape[:2] == (640, 640)
    v, u = np.nonzero(boxed[:, :, 0] > 128)
    seen = np.array([[u.min(), v.min(), u.max() + 1, v.max() + 1]], np.float32)
    back = in_picture(seen, placed, width, height)
    assert np.abs(back - [[u0, v0, u1, v1]]).max() <= max(1.0, 1 / placed.scale)


def test_padding_is_the_grey_that_networks_know():
    boxed, placed = letterbox(np.zeros((10, 640, 3), np.uint8), 640)
    assert (boxed[: placed.top_px] == 114).all() and placed.top_px > 0
