"""Pictures with the machine's box."""

from __future__ import annotations

import io
import struct

import cv2
import numpy as np
import pytest
from PIL import Image

from dashboard import palette
from dashboard.pictures import UnreadablePicture, boxed_picture, crop_window, video_frame, whole_picture
from models.vision.pictures import read_frame, read_picture

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


@pytest.fixture(params=["MJPG .avi", "mp4v .mp4"])
def numbered(request, tmp_path):
    """A video at 29.97 frames a second whose frames all differ."""
    code, suffix = request.param.split()
    path = tmp_path / f"video{suffix}"
    video = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*code), 30000 / 1001, (320, 240))
    across = np.linspace(0, 120, 320, dtype=np.uint8)[None, :, None]
    for index in range(45):
        video.write(np.broadcast_to(across + 3 * index, (240, 320, 3)).astype(np.uint8))
    video.release()
    return path


@pytest.mark.parametrize("time_s", [0.0, 0.033, 0.0334, 0.5, 0.99, 1.0, 1.001, 1.4681])
def test_the_frame_shown_is_the_frame_judged(numbered, time_s):
    assert np.array_equal(video_frame(numbered, time_s), read_frame(numbered, time_s))


def test_neighbouring_frames_are_told_apart(numbered):
    first, second = (video_frame(numbered, number * 1001 / 30000) for number in (20, 21))
    assert second.mean() - first.mean() == pytest.approx(3, abs=1)


@pytest.mark.parametrize("time_s", [-0.1, 1.6, 60.0])
def test_no_frame_is_shown_for_a_time_outside_the_video(numbered, time_s):
    with pytest.raises(UnreadablePicture):
        video_frame(numbered, time_s)


def quarter_turned(video: bytes) -> bytes:
    """An MP4 whose track header says that it is to be shown turned by 90 degrees."""
    start = video.index(b"tkhd") + 4 + 40  # version 0: the matrix stands 40 bytes into the box
    matrix = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30)
    return video[:start] + matrix + video[start + len(matrix) :]


@pytest.mark.parametrize("numbered", ["mp4v .mp4"], indirect=True)
def test_a_turned_video_is_shown_as_it_lies_in_the_file(numbered, tmp_path):
    path = tmp_path / "turned.mp4"
    path.write_bytes(quarter_turned(numbered.read_bytes()))
    video = cv2.VideoCapture(str(path))
    assert video.read()[1].shape == (320, 240, 3)  # OpenCV by itself turns it
    video.release()
    assert np.array_equal(video_frame(path, 0.5), video_frame(numbered, 0.5))
    assert np.array_equal(video_frame(path, 0.5), read_frame(path, 0.5))


def test_sixteen_bits_are_shown_as_they_are_judged(tmp_path):
    path = tmp_path / "deep.png"
    deep = np.linspace(0, 65535, 60 * 90).reshape(60, 90).astype(np.uint16)
    Image.fromarray(deep).save(path)
    assert np.abs(pixels(whole_picture(path, ())) - read_picture(path).astype(int)).max() < 12


def test_a_file_that_is_no_picture_says_so(tmp_path):
    path = tmp_path / "notes.jpg"
    path.write_text("no picture")
    with pytest.raises(UnreadablePicture):
        boxed_picture(path, (0, 0, 1, 1))
