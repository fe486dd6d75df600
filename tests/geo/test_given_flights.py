"""The real pictures: what can be located is, and the same ground seen twice lies in one place."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import pytest

from geo.camera import camera_of
from geo.errors import NoAttitude, NoHeight, NoPosition
from geo.footprint import footprint_of
from geo.ground import pixel_to_ground
from geo.pose import pose_of
from geo.tags import read_tags
from geo.terrain import flat
from geo.uncertainty import scale_to_confidence

pytestmark = pytest.mark.given
CRS = "EPSG:32615"


@pytest.fixture(scope="module")
def flights(shared):
    return shared / "data/flights"


def placed(path, crs=None):
    tags = read_tags(path)
    return camera_of(tags), pose_of(tags, flat(), crs=crs)


@cache
def matched(first, second):
    """Pixels of the same ground in two pictures: SIFT at half size, ratio test, one homography."""
    found = []
    for path in (first, second):
        grey = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE | cv2.IMREAD_IGNORE_ORIENTATION)
        small = cv2.resize(grey, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
        found.append(cv2.SIFT_create(3000).detectAndCompute(small, None))
    (points_a, words_a), (points_b, words_b) = found
    pairs = [m for m, n in cv2.BFMatcher().knnMatch(words_a, words_b, k=2) if m.distance < 0.7 * n.distance]
    a = np.array([points_a[m.queryIdx].pt for m in pairs])
    b = np.array([points_b[m.trainIdx].pt for m in pairs])
    _, kept = cv2.findHomography(a, b, cv2.USAC_MAGSAC, 2.0)
    kept = kept.ravel().astype(bool)
    return (a[kept] + 0.5) * 4, (b[kept] + 0.5) * 4


@pytest.mark.parametrize(
    ("first", "second", "within_m"), [("0020", "0021", 3.0), ("0022", "0023", 3.0), ("0031", "0032", 3.0)]
)
def test_the_same_ground_in_two_brighton_frames_lies_in_one_place(flights, first, second, within_m):
    """Neighbours of one line. OpenCV finds the pairs; nothing of ours tells it where to look."""
    paths = [flights / f"brighton/DJI_{name}.JPG" for name in (first, second)]
    uv = matched(*paths)
    assert len(uv[0]) > 50
    ground = [pixel_to_ground(pixels, *placed(path, CRS), flat()) for pixels, path in zip(uv, paths, strict=True)]
    apart = ground[1].xy_m - ground[0].xy_m
    assert float(np.median(np.hypot(*apart.T))) < within_m
    both = np.linalg.inv(ground[0].covariance_m2 + ground[1].covariance_m2)
    squared = np.einsum("ni,nij,nj->n", apart, both, apart)
    assert float((squared < scale_to_confidence(0.95) ** 2).mean()) > 0.85


def test_the_wrong_sign_of_yaw_tears_the_brighton_frames_apart(flights):
    """The tie points know nothing of our rotation: only the true sense of yaw lays the frames on each other."""
    paths = [flights / f"brighton/DJI_{name}.JPG" for name in ("0020", "0021")]
    uv = matched(*paths)
    apart = []
    for sense in (1.0, -1.0):
        xy = []
        for pixels, path in zip(uv, paths, strict=True):
            camera, pose = placed(path, CRS)
            turned = replace(pose, yaw_grid_deg=sense * pose.yaw_grid_deg)
            xy.append(pixel_to_ground(pixels, camera, turned, flat()).xy_m)
        apart.append(float(np.median(np.hypot(*(xy[1] - xy[0]).T))))
    assert apart[0] < 3.0
    assert apart[1] > 15.0


def test_neighbouring_brighton_footprints_overlap_and_far_ones_do_not(flights):
    frames = {}
    for path in sorted((flights / "brighton").glob("*.JPG")):
        found = footprint_of(*placed(path), flat())
        assert (found.status, found.polygon.is_valid) == ("ok", True)
        assert found.gsd_m == pytest.approx(0.0171, abs=0.0003)
        frames[path.stem[-4:]] = found.polygon
    for first, second in (("0020", "0021"), ("0021", "0022"), ("0022", "0023"), ("0030", "0031"), ("0032", "0033")):
        share = frames[first].intersection(frames[second]).area / frames[first].area
        assert 0.3 < share < 0.95
    assert frames["0020"].intersection(frames["0033"]).area < 0.25 * frames["0020"].area  # other line, other end


def test_isfm_with_its_dewarp_data_and_rtk_agrees_with_itself_to_a_metre(flights):
    paths = [flights / f"isfm/DJI_00{n}0.JPG" for n in (2, 3)]
    uv = matched(*paths)
    assert len(uv[0]) > 50
    a, b = (pixel_to_ground(p, *placed(path), flat()) for p, path in zip(uv, paths, strict=True))
    assert float(np.median(np.hypot(*(a.xy_m - b.xy_m).T))) < 1.0


def test_every_picture_with_gimbal_angles_is_located(flights):
    for name in ("weedon", "jwcate", "isfm", "brighton"):
        for path in sorted((flights / name).glob("*.JPG")):
            camera, pose = placed(path)
            middle = pixel_to_ground(np.array([[camera.width_px / 2, camera.height_px / 2]]), camera, pose, flat())
            assert middle.reasons() == [None]
            assert np.hypot(*(middle.xy_m[0] - pose.position_m[:2])) < 1.5  # they look straight down


def test_a_camera_without_attitude_locates_nothing(flights):
    with pytest.raises(NoAttitude):
        placed(flights / "caliterra/IMG_9384.jpg")


def test_pictures_without_position_locate_nothing(flights):
    for path in (flights / "nogps").glob("*.JPG"):
        with pytest.raises(NoPosition):
            placed(path)


def test_a_level_thermal_picture_sees_no_ground(shared):
    camera, pose = placed(shared / "data/thermal/DJI_XT2.jpg")
    uv = np.array([[320.0, 256.0], [10.0, 10.0], [320.0, 400.0], [320.0, 511.0]])
    points = pixel_to_ground(uv, camera, pose, flat())
    assert points.reasons() == ["above_horizon", "above_horizon", "too_low", "too_low"]
    assert footprint_of(camera, pose, flat()).reason == "above_horizon"


def test_the_far_ground_of_an_oblique_thermal_picture_has_a_huge_ellipse_or_none(shared):
    camera, pose = placed(shared / "data/thermal/DJI_H20T.jpg")
    uv = np.column_stack([np.full(512, 320.0), np.arange(512) + 0.5])
    points = pixel_to_ground(uv, camera, pose, flat())
    assert points.reasons()[0] == "above_horizon"
    assert "near_horizon" in points.reasons()
    away = np.hypot(*(points.xy_m - pose.position_m[:2]).T)
    major = np.sqrt(np.linalg.eigvalsh(points.covariance_m2[points.ok])[:, 1])
    assert (major > 0.15 * away[points.ok]).all()
    assert major.max() > 100


def test_without_a_relative_height_there_is_none(flights):
    tags = read_tags(flights / "brighton/DJI_0020.JPG")
    with pytest.raises(NoHeight):
        pose_of(replace(tags, relative_altitude_m=None), flat())
