"""Decoding as stored, and refusing what cannot be decoded."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from models.errors import UnreadablePicture
from models.vision.pictures import read_frame, read_picture, video_facts


def corners(width=60, height=40):
    """Red top left, green top right, blue bottom left."""
    image = np.zeros((height, width, 3), np.uint8)
    image[: height // 2, : width // 2, 0] = 255
    image[: height // 2, width // 2 :, 1] = 255
    image[height // 2 :, : width // 2, 2] = 255
    return image


def encoded(image, form, **options):
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, form, **options)
    return stream.getvalue()


@pytest.mark.parametrize("form", ["PNG", "TIFF", "BMP"])
def test_lossless_forms_come_back_byte_for_byte_as_rgb(form):
    assert np.array_equal(read_picture(encoded(corners(), form)), corners())


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_the_orientation_tag_is_not_applied(orientation, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = tmp_path / "turned.jpg"
    file.write_bytes(encoded(corners(), "JPEG", exif=exif, quality=95))
    seen = read_picture(file)
    assert seen.shape == (40, 60, 3)
    assert seen[5, 5].argmax() == 0 and seen[5, 55].argmax() == 1 and seen[35, 5].argmax() == 2


def test_a_jpeg_agrees_with_opencv_as_stored():
    data = encoded(corners(), "JPEG", quality=90)
    theirs = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)[:, :, ::-1]
    assert np.abs(read_picture(data).astype(int) - theirs).max() <= 3


def test_deep_grey_and_transparent_pictures_become_rgb():
    deep = np.full((8, 9), 0x8040, np.uint16)
    assert (read_picture(encoded(deep, "PNG")) == 0x80).all()
    clear = np.dstack([corners(), np.full((40, 60), 7, np.uint8)])
    assert np.array_equal(read_picture(encoded(clear, "PNG")), corners())


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_a_file_cut_off_in_the_middle_is_refused(form):
    random = np.random.default_rng(0).integers(0, 255, (120, 160, 3)).astype(np.uint8)
    data = encoded(random, form)
    with pytest.raises(UnreadablePicture) as caught:
        read_picture(data[: len(data) // 2], name="cut")
    assert (caught.value.reason, caught.value.where) == ("unreadable_picture", "cut")


@pytest.mark.parametrize("content", [b"", b"hello, this is no picture", b"%PDF-1.7 more"])
def test_what_is_no_picture_is_refused(content, tmp_path):
    file = tmp_path / "x.jpg"
    file.write_bytes(content)
    with pytest.raises(UnreadablePicture):
        read_picture(file)
    with pytest.raises(UnreadablePicture):
        read_picture(tmp_path / "absent.jpg")


@pytest.fixture()
def video(tmp_path):
    """Ten frames at 5 a second, frame k of grey level 20 k."""
    file = tmp_path / "clip.avi"
    writer = cv2.VideoWriter(str(file), cv2.VideoWriter_fourcc(*"MJPG"), 5.0, (64, 48))
    if not writer.isOpened():
        pytest.skip("NOT RUN: this OpenCV writes no MJPG")
    for k in range(10):
        writer.write(np.full((48, 64, 3), 20 * k, np.uint8))
    writer.release()
    return file


def test_a_frame_is_the_one_shown_at_its_time(video):
    facts = video_facts(video)
    assert (facts.width_px, facts.height_px, facts.frames) == (64, 48, 10)
    assert facts.duration_s == pytest.approx(2.0)
    for time_s, k in ((0.0, 0), (0.19, 0), (0.2, 1), (1.0, 5), (1.99, 9)):
        assert read_frame(video, time_s).mean() == pytest.approx(20 * k, abs=3), time_s


@pytest.mark.parametrize("time_s", [-0.1, 2.0, 99.0])
def test_a_time_outside_the_video_is_refused(video, time_s):
    with pytest.raises(UnreadablePicture):
        read_frame(video, time_s)


def test_a_file_that_is_no_video_is_refused(tmp_path):
    file = tmp_path / "x.mp4"
    file.write_bytes(b"no video")
    with pytest.raises(UnreadablePicture):
        video_facts(file)


@pytest.mark.given
def test_a_real_clip_gives_its_first_and_last_frame(shared):
    clip = shared / "data/detection/real_eval/outfall_clip.mp4"
    facts = video_facts(clip)
    first, last = read_frame(clip, 0.0), read_frame(clip, facts.duration_s - 0.5 / facts.frames_per_s)
    assert first.shape == last.shape == (facts.height_px, facts.width_px, 3)
