"""Which camera a picture's tags describe."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest

from geo.camera import Camera, camera_of
from geo.errors import BadCamera, UnknownCamera, UnreadableFile
from geo.tags import Tags, read_tags

P4RTK = Tags(
    5472, 3648, exif_width_px=5472, exif_height_px=3648, model="FC6310R", focal_mm=8.8, focal_35mm=24.0,
    calibrated_focal_px=3666.666504, calibrated_cx_px=2736.0, calibrated_cy_px=1824.0,
    dewarp=(3678.87, 3671.84, 10.1, 27.29, -0.26, 0.11, 0.0005, 0.0002, -0.03), dewarped=False,
)  # fmt: skip
EQUIVALENT = Tags(4000, 3000, exif_width_px=4000, exif_height_px=3000, model="NEW 1", focal_35mm=24.0)


def test_dewarp_data_go_before_the_calibrated_focal_length():
    camera = camera_of(P4RTK)
    assert (camera.source, camera.fx_px, camera.fy_px) == ("dewarp", 3678.87, 3671.84)
    assert (camera.cx_px, camera.cy_px) == (2746.1, 1851.29)
    assert camera.distortion == (-0.26, 0.11, 0.0005, 0.0002, -0.03)


def test_a_picture_that_the_camera_dewarped_itself_has_no_distortion():
    camera = camera_of(replace(P4RTK, dewarped=True))
    assert (camera.source, camera.fx_px, camera.distortion) == ("calibrated", 3666.666504, ())


def test_calibration_is_for_the_full_sensor_and_shrinks_with_the_picture():
    """Also where the tool that reduced it rewrote EXIF's size: the calibrated centre keeps the old one."""
    small = replace(P4RTK, width_px=1368, height_px=912, exif_width_px=1368, exif_height_px=912)
    camera = camera_of(small)
    assert camera.fx_px == pytest.approx(3678.87 / 4)
    assert camera.cx_px == pytest.approx(1368 / 2 + 10.1 / 4)
    assert camera.distortion == camera_of(P4RTK).distortion


def test_a_picture_cropped_to_16_9_keeps_its_focal_length():
    camera = camera_of(replace(P4RTK, height_px=3078, dewarp=()))
    assert camera.fx_px == pytest.approx(3666.666504)
    assert (camera.cx_px, camera.cy_px) == (2736.0, 1539.0)


def test_the_table_of_sensors_also_serves_a_reduced_picture():
    tags = Tags(1000, 750, model="FC330", focal_mm=3.61, exif_width_px=1000, exif_height_px=750)
    assert camera_of(tags).source == "sensor"
    assert camera_of(tags).fx_px == pytest.approx(3.61 / 6.17 * 1000)


def test_the_35_mm_equivalent_is_by_the_diagonal_and_comes_with_more_doubt():
    camera = camera_of(EQUIVALENT)
    assert camera.source == "35mm"
    assert camera.fx_px == pytest.approx(24.0 * math.hypot(4000, 3000) / math.hypot(36, 24))
    assert camera.focal_sigma_fraction > camera_of(P4RTK).focal_sigma_fraction


def test_a_16_9_picture_is_a_crop_of_its_4_3_sensor():
    wide = replace(EQUIVALENT, height_px=2250, exif_height_px=2250)
    assert camera_of(wide).fx_px == pytest.approx(camera_of(EQUIVALENT).fx_px)


def test_digital_zoom_widens_the_doubt_for_nothing_says_whether_it_is_counted():
    assert camera_of(replace(EQUIVALENT, digital_zoom=1.5)).focal_sigma_fraction == pytest.approx(0.5)


def test_nothing_known_is_refused():
    with pytest.raises(UnknownCamera):
        camera_of(Tags(4000, 3000, focal_mm=4.5))


def test_a_camera_file_comes_back(tmp_path):
    camera = Camera(4000, 2250, 2344.0, 2340.0, 1990.5, 1130.25, (0.01, -0.02, 0.0, 0.0, 0.001), 0.01, "file")
    path = tmp_path / "camera.json"
    path.write_text(json.dumps(camera.to_json()))
    assert Camera.read(path) == camera


def test_a_camera_file_is_scaled_to_a_reduced_picture_and_refused_for_one_of_another_shape():
    camera = Camera(4000, 2250, 2344.0, 2340.0, 1990.5, 1130.25, (0.01, -0.02, 0.0, 0.0), 0.01)
    half = camera.for_size(2000, 1125)
    assert (half.width_px, half.fx_px, half.fy_px, half.cx_px, half.cy_px) == (2000, 1172.0, 1170.0, 995.25, 565.125)
    assert (half.distortion, half.focal_sigma_fraction) == (camera.distortion, 0.01)
    assert camera.for_size(4000, 2250) is camera
    with pytest.raises(BadCamera, match="4000 x 3000"):
        camera.for_size(4000, 3000)


def test_focal_lengths_that_no_camera_has_are_passed_over():
    """3610 is 3.61 mm in micrometres; 3 px would be a fisheye of 170 degrees in DewarpData."""
    wrong = replace(EQUIVALENT, model="FC300S", focal_mm=3610.0)
    assert camera_of(wrong).source == "35mm"
    assert camera_of(replace(wrong, dewarp=(3.0, 3.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0))).source == "35mm"
    with pytest.raises(UnknownCamera):
        camera_of(replace(wrong, focal_35mm=1.0))


def test_a_picture_that_somebody_cut_to_another_shape_has_a_doubtful_middle():
    """4000 x 3000 became 4000 x 2250: up to 375 rows on either side, uniform; a camera's own 16:9 says so in EXIF."""
    cut = camera_of(replace(EQUIVALENT, height_px=2250))
    assert cut.boresight_sigma_deg[1] == pytest.approx(math.degrees(math.atan(750 / math.sqrt(12) / cut.fy_px)))
    assert (cut.boresight_sigma_deg[0], cut.boresight_sigma_deg[2]) == (0.0, 0.0)
    for whole in (EQUIVALENT, replace(EQUIVALENT, width_px=1001, height_px=750)):
        assert camera_of(whole).boresight_sigma_deg == (0.0, 0.0, 0.0)
    assert camera_of(replace(P4RTK, height_px=3078, exif_height_px=3078)).boresight_sigma_deg == (0.0, 0.0, 0.0)


def test_a_camera_file_may_leave_the_principal_point_out():
    camera = Camera.from_json({"width_px": 640, "height_px": 512, "fx_px": 1125})
    assert (camera.cx_px, camera.cy_px, camera.fy_px, camera.distortion) == (320.0, 256.0, 1125.0, ())


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        '{"width_px": 640, "height_px": 512}',
        '{"width_px": 640, "height_px": 512, "fx_px": -1}',
        '{"width_px": 640, "height_px": 512, "fx_px": "long"}',
        '{"width_px": 640, "height_px": 512, "fx_px": NaN}',
        '{"width_px": 640, "height_px": 512, "fx_px": 1125, "focal": 8}',
        '{"width_px": 640, "height_px": 512, "fx_px": 1125, "distortion": [1, 2]}',
    ],
)
def test_a_wrong_camera_file_is_refused(tmp_path, content):
    path = tmp_path / "camera.json"
    path.write_text(content)
    with pytest.raises(BadCamera):
        Camera.read(path)


def test_a_camera_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(UnreadableFile):
        Camera.read(tmp_path / "none.json")


@pytest.mark.given
@pytest.mark.parametrize(
    ("name", "source", "fx"),
    [
        ("flights/brighton/DJI_0020.JPG", "sensor", 2344),
        ("flights/isfm/DJI_0010.JPG", "dewarp", 1973),
        ("flights/weedon/DJI_0523.JPG", "sensor", 2911),
        ("flights/caliterra/IMG_9384.jpg", "focal_plane", 2904),
        ("thermal/DJI_H20T.jpg", "sensor", 1125),
        ("thermal/DJI_XT2.jpg", "sensor", 1118),
    ],
)
def test_given_pictures_have_their_camera(shared, name, source, fx):
    camera = camera_of(read_tags(shared / "data" / name))
    assert camera.source == source
    assert camera.fx_px == pytest.approx(fx, abs=1)


@pytest.mark.given
def test_the_35_mm_rule_fits_every_given_camera_within_its_doubt(shared):
    for name in ("brighton/DJI_0020.JPG", "weedon/DJI_0523.JPG", "isfm/DJI_0010.JPG"):
        tags = read_tags(shared / "data/flights" / name)
        bare = replace(tags, model=None, dewarp=(), calibrated_focal_px=None)
        camera = camera_of(bare)
        assert camera.source == "35mm"
        assert abs(camera.fx_px / camera_of(tags).fx_px - 1) < camera.focal_sigma_fraction
