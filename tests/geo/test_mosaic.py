"""A mosaic of pictures that another camera model drew, laid back on the ground."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import rasterio
from rio_cogeo.cogeo import cog_validate
from shapely import Polygon

from geo import mosaic as making
from geo.camera import Camera
from geo.cog import map_raster_of, write_cog
from geo.crs import project
from geo.errors import NotAMapRaster, NothingToMosaic
from geo.footprint import footprint_of
from geo.mosaic import grid_over, mosaic
from geo.mosaic_balance import gains_of, seam_offsets
from geo.mosaic_grid import Held, View, reduction_for
from geo.mosaic_hidden import hidden
from geo.pose import CameraPose
from geo.terrain import Dem, flat

CRS, X0, Y0, CELL = "EPSG:4549", 640_000.0, 3_459_000.0, 0.05
CAMERA = Camera(800, 600, 700.0, 700.0, 400.0, 300.0)
POSES = [(0.0, 0.0, 60.0, 20.0, -90.0), (18.0, 4.0, 58.0, 25.0, -88.0), (10.0, -20.0, 60.0, 200.0, -75.0)]


def ground_truth() -> np.ndarray:
    """A 120 m square of ground about (X0, Y0), cells of 5 cm, row 0 in the north: coloured noise at several scales."""
    random, side = np.random.default_rng(3), 2400
    image = np.full((side, side, 3), 120.0, np.float32)
    for scale, strength in ((8, 22), (32, 22), (200, 25)):
        noise = random.normal(0, strength, (side // scale, side // scale, 3)).astype(np.float32)
        image += cv2.resize(noise, (side, side), interpolation=cv2.INTER_CUBIC)
    return np.clip(image, 12, 240).astype(np.uint8)


TRUTH = ground_truth()


def drawn(pose: CameraPose) -> np.ndarray:
    """The picture from a pose by a homography of four corners: Rodrigues' turns, none of geo's projection.

    Yaw about the vertical, then pitch about the camera's right, from a camera that looks north: x east, y up, z north.
    """
    yaw, tilt = np.radians(pose.yaw_grid_deg), np.radians(-pose.pitch_deg)
    right = np.array([np.cos(yaw), -np.sin(yaw), 0.0])
    level = np.array([np.sin(yaw), np.cos(yaw), 0.0])
    forward = np.cos(tilt) * level - np.sin(tilt) * np.array([0, 0, 1.0])
    down = np.cross(forward, right)
    corners = np.array([[-60, 60], [60, 60], [60, -60], [-60, -60.0]]) * 0.5
    seen = np.column_stack([corners, np.zeros(4)]) - (pose.x_m - X0, pose.y_m - Y0, pose.height_m)
    at = np.column_stack([seen @ right, seen @ down]) / (seen @ forward)[:, None] * 700.0 + (400.0, 300.0)
    cells = (corners * (1, -1) + 60.0) / CELL - 0.5
    turn = cv2.getPerspectiveTransform(cells.astype(np.float32), (at - 0.5).astype(np.float32))
    return cv2.warpPerspective(TRUTH, turn, (800, 600), flags=cv2.INTER_AREA)


def views_and_pictures() -> tuple[list[View], list[np.ndarray]]:
    views, pictures = [], []
    for x, y, height, yaw, pitch in POSES:
        pose = CameraPose(CRS, X0 + x, Y0 + y, height, yaw, pitch, 0.0)
        seen = footprint_of(CAMERA, pose, flat())
        views.append(
            View(CAMERA, pose, Polygon(project(np.array(seen.polygon.exterior.coords), CRS)), float(seen.gsd_m))
        )
        pictures.append(drawn(pose))
    return views, pictures


VIEWS, PICTURES = views_and_pictures()


def read(number: int, reduction: int) -> np.ndarray:
    return (
        PICTURES[number] if reduction == 1 else cv2.resize(PICTURES[number], None, fx=1 / reduction, fy=1 / reduction)
    )


def made(target: Path, views=VIEWS, **options) -> np.ndarray:
    """(4, rows, columns) of a mosaic at 10 cm, its mask last, and where it lies."""
    grid = grid_over(views, cell_m=0.1)
    mosaic(views, read, flat(), grid, target, **options)
    with rasterio.open(target) as dataset:
        return np.concatenate([dataset.read((1, 2, 3)), dataset.dataset_mask()[None]]), dataset.transform


def truth_on(transform, shape) -> np.ndarray:
    """The ground itself on the mosaic's cells, (rows, columns, 3)."""
    columns, rows = np.meshgrid(np.arange(shape[1]) + 0.5, np.arange(shape[0]) + 0.5)
    x, y = transform.c + transform.a * columns - X0, transform.f + transform.e * rows - Y0
    u, v = (x + 60) / CELL - 0.5, (60 - y) / CELL - 0.5
    return cv2.remap(TRUTH, u.astype(np.float32), v.astype(np.float32), cv2.INTER_LINEAR)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory):
    target = tmp_path_factory.mktemp("mosaic") / "m.tif"
    cells, transform = made(target)
    return target, cells, transform


def test_it_lies_where_the_ground_lies(whole):
    """Against the ground itself, by phase correlation: within a fifth of a cell of 10 cm."""
    _, cells, transform = whole
    truth = truth_on(transform, cells.shape[1:])
    inner = cells[3] > 0
    rows, columns = np.flatnonzero(inner.mean(axis=1) > 0.6), np.flatnonzero(inner.mean(axis=0) > 0.6)
    part = (slice(rows[0], rows[-1]), slice(columns[0], columns[-1]))
    grey = [np.where(inner, image[..., 1], 120)[part].astype(np.float64) for image in (np.moveaxis(cells, 0, 2), truth)]
    (dx, dy), _ = cv2.phaseCorrelate(grey[1], grey[0], cv2.createHanningWindow(grey[0].shape[::-1], cv2.CV_64F))
    assert np.hypot(dx, dy) < 0.2
    assert np.abs(cells[:3].transpose(1, 2, 0)[inner].astype(float) - truth[inner]).mean() < 9


def test_it_is_a_cog_with_overviews_and_a_mask(whole):
    target, cells, _ = whole
    assert cog_validate(str(target))[0]
    facts = map_raster_of(target)
    assert (facts.crs, facts.is_cog, facts.bands) == (CRS, True, 3)
    assert 0.2 < (cells[3] > 0).mean() < 0.95, "some cells show ground, the corners do not"


def test_tiles_leave_no_seam(whole, tmp_path, monkeypatch):
    """Cut into small tiles it is the same picture, but for single cells where two views are equally good."""
    _, cells, _ = whole
    monkeypatch.setattr(making, "TILE_CELLS", 160)
    cut, _ = made(tmp_path / "cut.tif")
    assert (cut[3] == cells[3]).all()
    assert (np.abs(cut[:3].astype(int) - cells[:3]) > 12).mean() < 1e-4


def test_a_view_that_is_out_of_place_is_found_at_the_seams():
    moved = [replace(VIEWS[0], pose=replace(VIEWS[0].pose, x_m=VIEWS[0].pose.x_m + 1.5)), *VIEWS[1:]]
    still = {(s.first, s.second): s for s in seam_offsets(VIEWS, read, flat(), cell_m=0.1)}
    found = {(s.first, s.second): s for s in seam_offsets(moved, read, flat(), cell_m=0.1)}
    assert still[0, 1].metres < 0.15
    assert (found[0, 1].east_m, found[0, 1].north_m) == (pytest.approx(-1.5, abs=0.15), pytest.approx(0.0, abs=0.15))


def test_a_darker_picture_is_brought_to_the_level_of_the_others():
    dim = [PICTURES[0], (PICTURES[1] * 0.75).astype(np.uint8), PICTURES[2]]
    gains = gains_of(
        VIEWS, lambda n, r: cv2.resize(dim[n], None, fx=1 / r, fy=1 / r, interpolation=cv2.INTER_AREA), flat()
    )
    ratio = gains[1] / gains[[0, 2]].mean(axis=0)
    assert ratio == pytest.approx(np.full(3, 1 / 0.75), rel=0.06)
    assert gains_of(VIEWS, read, flat()) == pytest.approx(np.ones((3, 3)), abs=0.03)


def test_cells_twice_the_gsd_by_default_and_a_limit_on_how_many():
    grid = grid_over(VIEWS)
    assert grid.cell_m == pytest.approx(2 * np.median([view.gsd_m for view in VIEWS]))
    assert (grid.west_m / grid.cell_m) % 1 == pytest.approx(0, abs=1e-6)
    coarse = grid_over(VIEWS, most_cells=10_000)
    assert coarse.columns * coarse.rows <= 10_500
    with pytest.raises(NothingToMosaic):
        grid_over(VIEWS, cell_m=0.001, most_cells=10_000)
    with pytest.raises(NothingToMosaic):
        grid_over([])


def test_pictures_are_decoded_as_small_as_the_cells_allow_and_only_some_are_held():
    assert [reduction_for(0.02, cell) for cell in (0.02, 0.04, 0.081, 0.2)] == [1, 2, 4, 8]
    asked = []

    def counted(number: int, reduction: int) -> np.ndarray:
        asked.append(number)
        return np.zeros((100, 100, 3), np.uint8)

    held = Held(counted, most_bytes=70_000)
    for number in (0, 1, 0, 2, 0, 1):
        held.get(number, 1)
    assert asked == [0, 1, 2, 1]


def test_a_raster_of_heights_or_without_a_place_is_no_map(tmp_path):
    transform = rasterio.Affine(1, 0, 640_000, 0, -1, 3_459_000)
    profile = {"driver": "GTiff", "width": 64, "height": 64, "count": 1, "crs": CRS, "transform": transform}
    with rasterio.open(tmp_path / "dem.tif", "w", dtype="float32", **profile) as dataset:
        dataset.write(np.ones((1, 64, 64), np.float32))
    (tmp_path / "text.tif").write_text("no raster")
    for name in ("dem.tif", "text.tif", "none.tif"):
        with pytest.raises(NotAMapRaster):
            map_raster_of(tmp_path / name)
    with rasterio.open(tmp_path / "plain.tif", "w", dtype="uint8", **profile) as dataset:
        dataset.write(np.full((1, 64, 64), 9, np.uint8))
    write_cog(tmp_path / "plain.tif", tmp_path / "cog.tif")
    assert map_raster_of(tmp_path / "cog.tif").is_cog
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cog.tif", "dem.tif", "plain.tif", "text.tif"]


TOWER = (-8.0, -4.0, 8.0, 4.0, 15.0)  # west, south, east, north of (X0, Y0), height


def seen_from(pose: CameraPose) -> np.ndarray:
    """A red tower on the ground, ray by ray: the slabs of a box, then the plane; none of geo's geometry."""
    tilt, yaw = np.radians(-pose.pitch_deg), np.radians(pose.yaw_grid_deg)
    right, level = np.array([np.cos(yaw), -np.sin(yaw), 0.0]), np.array([np.sin(yaw), np.cos(yaw), 0.0])
    forward = np.cos(tilt) * level - np.sin(tilt) * np.array([0, 0, 1.0])
    v, u = np.mgrid[0:600, 0:800] + 0.5
    way = (
        ((u - 400.0) / 700.0)[..., None] * right + ((v - 300.0) / 700.0)[..., None] * np.cross(forward, right) + forward
    )
    eye = np.array([pose.x_m - X0, pose.y_m - Y0, pose.height_m])
    west, south, east, north, top = TOWER
    with np.errstate(divide="ignore"):
        first, last = (np.array([west, south, 0.0]) - eye) / way, (np.array([east, north, top]) - eye) / way
    enter, leave = np.minimum(first, last).max(axis=-1), np.maximum(first, last).min(axis=-1)
    ground = eye + way * (-eye[2] / way[..., 2])[..., None]
    columns, rows = (
        ((ground[..., 0] + 60.0) / CELL).astype(np.float32),
        ((60.0 - ground[..., 1]) / CELL).astype(np.float32),
    )
    colours = cv2.remap(TRUTH, columns - 0.5, rows - 0.5, cv2.INTER_LINEAR)
    colours[(enter < leave) & (enter > 0)] = (255, 0, 0)
    return colours


def test_what_a_tower_hides_is_taken_from_the_other_side_or_left_empty(tmp_path):
    cells = np.zeros((400, 400), np.float32)
    west, south, east, north, top = (round(v) for v in TOWER)
    cells[(200 - north) : (200 - south), 200 + west : 200 + east] = top
    model = tmp_path / "dsm.tif"
    place = rasterio.transform.from_origin(X0 - 200, Y0 + 200, 1, 1)
    with rasterio.open(model, "w", driver="GTiff", width=400, height=400, count=1, dtype="float32", crs=CRS,
                       transform=place) as out:  # fmt: skip
        out.write(cells, 1)
    dem = Dem.open(model)
    poses = [CameraPose(CRS, X0, Y0 + dy, 45.0, yaw, -45.0, 0.0) for dy, yaw in ((-45.0, 0.0), (45.0, 180.0))]
    pictures = [seen_from(pose) for pose in poses]
    square = Polygon([(X0 - 40, Y0 - 40), (X0 + 40, Y0 - 40), (X0 + 40, Y0 + 40), (X0 - 40, Y0 + 40)])
    views = [View(CAMERA, pose, square, 0.09) for pose in poses]
    grid = making.Grid(CRS, X0 - 12, Y0 + 22, 0.1, 240, 180)  # the tower and what lies north of it, y 4 … 22

    def red(some) -> tuple[np.ndarray, np.ndarray]:
        shown = [views[k] for k in some]
        mosaic(shown, lambda n, reduction: pictures[some[n]], dem, grid, tmp_path / "m.tif")
        with rasterio.open(tmp_path / "m.tif") as found:
            image, mask = found.read([1, 2, 3]), found.read_masks(1) > 0
        behind = np.s_[40:170, 60:180]  # 5 … 18 m north, 6 m each way: behind the tower for the camera in the south
        return (image[0].astype(int) - image[1] > 120)[behind], mask[behind]

    alone_red, alone_shown = red([0])
    assert not alone_red.any() and alone_shown.mean() < 0.35
    both_red, both_shown = red([0, 1])
    assert not both_red.any() and both_shown.mean() > 0.95
    assert not hidden(np.array([[X0, Y0 - 20, 0.0], [np.nan, Y0, 0.0]]), poses[0].position_m, dem, CRS).any()
    assert not hidden(np.array([[X0, Y0 + 10, 0.0]]), poses[0].position_m, flat(), CRS).any()
    # By hand: the eye at 45 m is 49 m from the north wall, whose 15 m hide 24.5 m behind it; half a metre is let by.
    line = np.column_stack([np.full(30, X0), Y0 + 4.0 + np.arange(1.0, 31.0), np.zeros(30)])
    assert hidden(line, poses[0].position_m, dem, CRS).sum() == pytest.approx(49.0 * 14.5 / 30.5, abs=1.5)
