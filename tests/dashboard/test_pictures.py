"""Pictures with the machine's box."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from dashboard import palette
from dashboard.pictures import UnreadablePicture, boxed_picture, crop_window

VERMILION = tuple(int(palette.VERMILION[i : i + 2], 16) for i in (1, 3, 5))


def pixels(jpeg: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB")).astype(int)


def near_vermilion(image: np.ndarray) -> np.ndarray:
    return np.abs(image - VERMILION).sum(axis=2) < 90


@pytest.fixture()
def picture(tmp_path):
    path = tmp_path / "picture.jpg"
    Image.new("RGB", (4000, 3000), "#203040").save(path, quality=92)
    return path


def test_box_lies_in_the_whole_picture_where_the_detection_says(picture):
    full = near_vermilion(pixels(boxed_picture(picture, (1000, 600, 2000, 1500)).full))
    rows, columns = np.nonzero(full)
    scale = full.shape[1] / 4000
    assert full.shape == (1050, 1400)
    assert columns.min() == pytest.approx(1000 * scale, abs=4)
    assert columns.max() == pytest.approx(2000 * scale, abs=4)
    assert rows.min() == pytest.approx(600 * scale, abs=4)
    assert rows.max() == pytest.approx(1500 * scale, abs=4)


def test_crop_shows_the_whole_box_with_surroundings(picture):
    crop = near_vermilion(pixels(boxed_picture(picture, (1000, 600, 1200, 700)).crop))
    rows, columns = np.nonzero(crop)
    assert columns.min() > 20 and columns.max() < crop.shape[1] - 20
    assert rows.min() > 20 and rows.max() < crop.shape[0] - 20


@pytest.mark.parametrize("box", [(0, 0, 10, 10), (3990, 2990, 4000, 3000), (0, 0, 4000, 3000), (100, 0, 130, 2990)])
def test_crop_stays_inside_the_picture_even_at_its_edge(box):
    left, top, right, bottom = crop_window((4000, 3000), box)
    assert 0 <= left < right <= 4000
    assert 0 <= top < bottom <= 3000
    assert left <= max(box[0], 0) + 1 or right - left == 4000


def test_picture_smaller_than_the_crop_is_shown_whole(tmp_path):
    path = tmp_path / "small.png"
    Image.new("RGB", (90, 60), "#808080").save(path)
    assert pixels(boxed_picture(path, (10, 10, 20, 20)).crop).shape[1] > 90


def test_a_frame_of_a_video_is_taken_at_its_second(tmp_path):
    path = tmp_path / "video.avi"
    video = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 10, (320, 240))
    for index in range(30):
        video.write(np.full((240, 320, 3), 20 if index < 15 else 220, np.uint8))
    video.release()
    dark = pixels(boxed_picture(path, (100, 100, 150, 150), time_s=0.5).full)[5, 5].mean()
    light = pixels(boxed_picture(path, (100, 100, 150, 150), time_s=2.5).full)[5, 5].mean()
    assert dark < 60 < 180 < light


def test_a_file_that_is_no_picture_says_so(tmp_path):
    path = tmp_path / "notes.jpg"
    path.write_text("no picture")
    with pytest.raises(UnreadablePicture):
        boxed_picture(path, (0, 0, 1, 1))
