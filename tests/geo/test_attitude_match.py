"""Attitude by matching: views made by OpenCV's own projection of a map are found again; strange ground is refused."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin
from rasterio.warp import calculate_default_transform, reproject

from geo.attitude_match import attitude_by_ortho, attitude_by_picture
from geo.camera import Camera, camera_of
from geo.errors import NoAttitude
from geo.ground import pixel_to_ground
from geo.pose import Stand, pose_of, stand_of
from geo.tags import read_tags
from geo.terrain import flat
from geo.tie_points import grey_picture

CRS, WEST, NORTH, CELL = "EPSG:4549", 633000.0, 3459600.0, 0.16
CAMERA = Camera(800, 600, 650.0, 650.0, 400.0, 300.0, (), 0.005)
GROUND = flat(0.0, 0.2)


@pytest.fixture(scope="module")
def ground(root):
    """A square of drone pictures as a map: what is drawn on it is real enough for SIFT."""
    tiles = [grey_picture(root / f"data_samples/flight/DJI_{n:04d}.JPG")[:1250, :1250] for n in (1, 7, 8, 10)]
    return cv2.resize(
        np.vstack([np.hstack(tiles[:2]), np.hstack(tiles[2:])]), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA
    )


def written(path, grey, west=WEST, crs=CRS):
    size = {"width": grey.shape[1], "height": grey.shape[0], "count": 1, "dtype": "uint8", "driver": "GTiff"}
    with rasterio.open(path, "w", crs=crs, transform=from_origin(west, NORTH, CELL, CELL), **size) as out:
        out.write(grey, 1)
    return path


def view(ground, yaw_deg, pitch_deg, height_m, east_m=100.0, south_m=100.0):
    """What a camera sees of the map, all by OpenCV: axes built from the words of the angles, not from `geo`."""
    yaw, down = np.radians(yaw_deg), np.radians(-pitch_deg)
    ahead = np.array([np.sin(yaw) * np.cos(down), np.cos(yaw) * np.cos(down), -np.sin(down)])
    right = np.array([np.cos(yaw), -np.sin(yaw), 0.0])
    turn = np.vstack([right, np.cross(ahead, right), ahead])  # rows: camera's right, down, forward in the world
    stand = np.array([WEST + east_m, NORTH - south_m, height_m])
    plane = np.vstack([turn[:, 0] * CELL, -turn[:, 1] * CELL, turn @ (np.array([WEST, NORTH, 0]) - stand)]).T
    lens = np.array([[CAMERA.fx_px, 0, CAMERA.cx_px], [0, CAMERA.fy_px, CAMERA.cy_px], [0, 0, 1]])
    shift = np.array([[1, 0, -0.5], [0, 1, -0.5], [0, 0, 1.0]])  # OpenCV counts from the middle of a pixel
    homography = shift @ lens @ plane @ np.linalg.inv(shift)
    seen = cv2.warpPerspective(ground, homography, (CAMERA.width_px, CAMERA.height_px), flags=cv2.INTER_AREA)
    return seen, stand, turn


def true_ground(uv, stand, turn):
    """Where pixels look, by the camera's axes alone."""
    rays = np.column_stack(
        [(uv[:, 0] - CAMERA.cx_px) / CAMERA.fx_px, (uv[:, 1] - CAMERA.cy_px) / CAMERA.fy_px, np.ones(len(uv))]
    )
    world = rays @ turn
    return stand[:2] + world[:, :2] * (-stand[2] / world[:, 2])[:, None]


UV = np.array([[u, v] for u in (200.0, 400.0, 600.0) for v in (250.0, 350.0, 500.0)])


@pytest.mark.parametrize(("yaw", "pitch"), [(0.0, -90.0), (130.0, -75.0), (250.0, -55.0)])
def test_an_oblique_view_is_found_on_the_map_and_its_ellipse_holds(ground, tmp_path, yaw, pitch):
    chart = written(tmp_path / "map.tif", ground)
    seen, stand, turn = view(ground, yaw, pitch, 70.0)
    rng = np.random.default_rng(int(yaw))
    said = Stand(CRS, *(stand[:2] + rng.normal(0, 2, 2)), 2.0, 70.0 * 1.05, 4.0)  # a barometer overstates
    found = attitude_by_ortho(seen, CAMERA, said, chart, GROUND, ortho_sigma_m=0.5)
    got = pixel_to_ground(UV, found.camera, found.pose, GROUND)
    off = got.xy_m - true_ground(UV, stand, turn)
    assert got.ok.all() and np.hypot(*off.T).max() < 1.0
    inside = np.einsum("ni,nij,nj->n", off, np.linalg.inv(got.covariance_m2), off) < 5.99
    assert inside.mean() >= 0.9
    assert abs(found.pose.pitch_deg - pitch) < 1.0


def test_the_height_need_not_be_known(ground, tmp_path):
    chart = written(tmp_path / "map.tif", ground[:800, :800])
    seen, stand, turn = view(ground, 40.0, -70.0, 45.0, 64.0, 64.0)
    found = attitude_by_ortho(seen, CAMERA, Stand(CRS, *stand[:2], 3.0), chart, GROUND, ortho_sigma_m=0.5)
    got = pixel_to_ground(UV, found.camera, found.pose, GROUND)
    assert np.hypot(*(got.xy_m - true_ground(UV, stand, turn)).T).max() < 1.5


def test_a_map_in_degrees_serves_as_well(ground, tmp_path):
    metric = written(tmp_path / "map.tif", ground)
    with rasterio.open(metric) as source:
        transform, width, height = calculate_default_transform(
            CRS, "EPSG:4326", source.width, source.height, *source.bounds
        )
        size = {"width": width, "height": height, "count": 1, "dtype": "uint8", "driver": "GTiff", "nodata": 0}
        with rasterio.open(tmp_path / "d.tif", "w", crs="EPSG:4326", transform=transform, **size) as out:
            reproject(rasterio.band(source, 1), rasterio.band(out, 1))
    seen, stand, turn = view(ground, 40.0, -80.0, 70.0)
    found = attitude_by_ortho(seen, CAMERA, Stand(CRS, *stand[:2], 3.0, 70.0, 2.0), tmp_path / "d.tif", GROUND)
    got = pixel_to_ground(UV, found.camera, found.pose, GROUND)
    assert np.hypot(*(got.xy_m - true_ground(UV, stand, turn)).T).max() < 1.5


def test_another_place_a_blank_frame_and_a_map_of_elsewhere_are_refused(ground, tmp_path, root):
    chart = written(tmp_path / "map.tif", ground[:800, :800])
    seen, stand, _ = view(ground, 0.0, -80.0, 70.0, 64.0, 64.0)
    said = Stand(CRS, *stand[:2], 3.0, 70.0, 3.0)
    strange = grey_picture(root / "data_samples/flight/DJI_0012.JPG")[:600, :800]
    small = cv2.resize(strange, (400, 300), interpolation=cv2.INTER_AREA)
    for frame in (cv2.resize(small, (800, 600)), np.full((600, 800), 120, np.uint8)):
        with pytest.raises(NoAttitude):
            attitude_by_ortho(frame, CAMERA, said, chart, GROUND)
    with pytest.raises(NoAttitude, match="stand"):
        attitude_by_ortho(seen, CAMERA, Stand(CRS, stand[0] + 60, stand[1], 3.0, 70.0, 3.0), chart, GROUND)
    with pytest.raises(NoAttitude, match="holds nothing"):
        attitude_by_ortho(seen, CAMERA, said, written(tmp_path / "far.tif", ground, west=WEST + 5000), GROUND)


@pytest.mark.given
def test_a_real_picture_without_its_angles_is_placed_by_its_neighbour(shared):
    """Brighton: what matching gives lies within the doubt of both from what the tags give."""
    folder = shared / "data/flights/brighton"
    known, asked = read_tags(folder / "DJI_0021.JPG"), read_tags(folder / "DJI_0020.JPG")
    terrain = flat(0.0)
    pose = pose_of(known, terrain)
    stand = stand_of(asked, terrain, crs=pose.crs)
    camera = camera_of(asked)
    found = attitude_by_picture(
        grey_picture(folder / "DJI_0020.JPG"), camera, stand, grey_picture(folder / "DJI_0021.JPG"),
        camera_of(known), pose, terrain,
    )  # fmt: skip
    uv = np.array([[1200.0, 700.0], [2800.0, 1400.0]])
    matched = pixel_to_ground(uv, found.camera, found.pose, terrain)
    tagged = pixel_to_ground(uv, camera, pose_of(asked, terrain, crs=pose.crs), terrain)
    assert np.hypot(*(matched.xy_m - tagged.xy_m).T).max() < 5.0
    assert found.pose.pitch_deg < -80
