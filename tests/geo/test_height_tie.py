"""Heights of RTK over height models of any datum, and oblique pictures whose truth OpenCV and PROJ made."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pyproj
import pytest

from geo.camera import camera_of
from geo.crs import project
from geo.ground import pixel_to_ground
from geo.height_tie import tied
from geo.lens import rays_to_pixels
from geo.pose import height_source, pose_of
from geo.raster import datum_of
from geo.tags import tags_of
from geo.terrain import Dem
from geo.types import LonLat
from geo.vertical import Datum, Height
from pipelines.cli import main
from tests.geo.oblique import Ground, World, shoot
from tests.geo.pictures import jpeg, xmp_packet

FRANKFURT, PUTUO = LonLat(8.55, 50.1), LonLat(121.40, 31.25)  # the geoid lies 48 m and 11 m above the ellipsoid
EUROPE = {"crs": "EPSG:25832", "lon": 8.55, "lat": 50.1, "geoid_m": 47.9}  # EGM96 by NGA's grid
CHINA = {"crs": "EPSG:4549", "lon": 121.4, "lat": 31.25, "geoid_m": 10.85}
RTK = Height(260.0, 0.03)


def test_the_geoid_of_europe_tells_a_levelled_model_from_one_of_the_same_datum():
    levelled = tied(RTK, Height(260.0 - 48 + 4, 7.0), FRANKFURT, Datum.UNDECLARED)
    assert (levelled.how, round(levelled.height_m)) == ("absolute_less_geoid", 212)
    same = tied(RTK, Height(260.0 + 4, 7.0), FRANKFURT, Datum.UNDECLARED)
    assert (same.how, round(same.height_m)) == ("absolute", 260)
    assert max(levelled.sigma_m, same.sigma_m) < 2.5
    assert min(levelled.probability, same.probability) > 0.95


def test_where_two_fit_the_doubt_reaches_both():
    between = tied(RTK, Height(255.0, 7.0), PUTUO, Datum.UNDECLARED)
    assert 0.3 < between.probability < 0.8
    assert between.sigma_m > 4.0
    declared = tied(RTK, Height(255.0, 7.0), PUTUO, Datum.NATIONAL_1985)
    assert declared.how == "absolute_less_geoid"
    assert declared.height_m == pytest.approx(260.0 - 10.85 - 0.3, abs=0.3)


def test_a_height_that_belongs_to_nothing_is_left_aside():
    """A base station on a height of its own: 110 m from everything."""
    lost = tied(RTK, Height(150.0, 7.0), PUTUO, Datum.UNDECLARED)
    assert lost.how == "relative"
    assert (lost.height_m, lost.sigma_m) == pytest.approx((150.0, 7.0), abs=0.2)


@pytest.mark.parametrize(
    ("crs", "datum"),
    [
        ("EPSG:25832", Datum.UNDECLARED), ("EPSG:4326", Datum.UNDECLARED), ("EPSG:4979", Datum.ELLIPSOID),
        ("EPSG:25832+5783", Datum.EGM96), ("EPSG:4326+5773", Datum.EGM96), ("EPSG:4326+3855", Datum.EGM96),
        ("EPSG:4549+5737", Datum.NATIONAL_1985),
    ],
)  # fmt: skip
def test_the_model_says_what_its_heights_are_above_where_it_can(crs, datum):
    assert datum_of(pyproj.CRS(crs)) is datum


def test_twelve_numbers_of_the_newer_cameras_are_opencvs_rational_lens():
    """`DewarpDataK6`, Matrice 4 (manual, page 91): k4, k5, k6 stand below the line, as in OpenCV."""
    numbers = (3700.0, 3690.0, 12.0, -7.0, -0.11, 0.02, 0.0003, -0.0002, -0.01, 0.05, -0.02, 0.004)
    said = {"DewarpDataK6": "2024-11-02;" + ",".join(map(str, numbers)), "DewarpFlag": "0"}
    camera = camera_of(tags_of(jpeg(xmp_packet(said), size=(1320, 989)), "m4.jpg"))
    assert (camera.source, camera.distortion) == ("dewarp", numbers[4:])
    xy = np.array([[0.12, -0.07, 1.0]])
    centre = (1320 / 2 + 12.0 - 0.5, 989 / 2 - 7.0 - 0.5)
    matrix = np.array([[3700.0, 0, centre[0]], [0, 3690.0, centre[1]], [0, 0, 1]])
    seen = cv2.projectPoints(xy, np.zeros(3), np.zeros(3), matrix, np.array(numbers[4:]))[0].reshape(2) + 0.5
    assert rays_to_pixels(xy, camera)[0] == pytest.approx(seen, abs=1e-6)


def located(world, tmp_path, shots, seed=5, **flown):
    """Errors (n,), whether the 95 % ellipse holds, and the words of how heights were tied."""
    ground, rng = Ground(world, 3), np.random.default_rng(seed)
    ground.write(tmp_path / "dsm.tif")
    model = Dem.open(tmp_path / "dsm.tif")
    back = pyproj.Transformer.from_crs(world.crs, "EPSG:4326", always_xy=True)
    apart, held, how = [], [], set()
    for _ in range(shots):
        shot = shoot(ground, rng, reduced=24, **flown)
        tags = tags_of(shot.data, "made.jpg")
        pose = pose_of(tags, model)
        points = pixel_to_ground(shot.uv, camera_of(tags), pose, model)
        miss = (points.xy_m - project(np.column_stack(back.transform(*shot.xy.T)), pose.crs))[points.ok]
        assert points.ok.mean() > 0.9
        inner = np.linalg.inv(points.covariance_m2[points.ok])
        apart.extend(np.hypot(*miss.T))
        held.extend(np.einsum("ni,nij,nj->n", miss, inner, miss) < 5.9915)
        how.add(getattr(height_source(tags, model), "how", None))
    return np.array(apart), np.array(held), how


@pytest.mark.parametrize(
    ("world", "how"),
    [
        (World(**EUROPE, levelled=True, declared=None), "absolute_less_geoid"),
        (World(**EUROPE, levelled=False, declared=None), "absolute"),
        (World(**CHINA, levelled=True, declared="EPSG:4549+5737"), "absolute_less_geoid"),
    ],
)
def test_oblique_rtk_pictures_over_a_model_of_any_datum(world, how, tmp_path):
    apart, held, ways = located(world, tmp_path, 5, pitch=-60.0)
    assert ways == {how}
    assert np.median(apart) <= 3.0
    assert held.mean() >= 0.85


def test_without_corrections_the_relative_altitude_answers_with_its_doubt(tmp_path):
    _, held, ways = located(World(**EUROPE, levelled=True, declared=None), tmp_path, 4, pitch=-60.0, rtk=False)
    assert ways == {None}
    assert held.mean() >= 0.85


def test_the_command_answers_for_a_picture_over_a_model(tmp_path, capsys):
    world = World(**EUROPE, levelled=True, declared=None)
    ground = Ground(world, 3)
    ground.write(tmp_path / "dsm.tif")
    shot = shoot(ground, np.random.default_rng(8), pitch=-60.0, reduced=24)
    (tmp_path / "oblique.jpg").write_bytes(shot.data)
    pixels = [str(v) for v in shot.uv[:3].ravel()]
    code = main(
        ["geo", "pixel", str(tmp_path / "oblique.jpg"), *pixels, "--terrain", str(tmp_path / "dsm.tif"), "--json"]
    )
    rows = json.loads(capsys.readouterr().out)
    lon, lat = pyproj.Transformer.from_crs(world.crs, "EPSG:4326", always_xy=True).transform(*shot.xy[:3].T)
    geod = pyproj.Geod(ellps="WGS84")
    apart = geod.inv([row["lon"] for row in rows], [row["lat"] for row in rows], lon, lat)[2]
    assert code == 0
    assert max(apart) < 2.5 * max(row["sigma_major_m"] for row in rows)
    levelled = [ground.at(*shot.xy[i : i + 1].T)[0] - world.geoid_m for i in range(3)]
    assert np.abs(np.array([row["elevation_m"] for row in rows]) - levelled).max() < 15.0


def test_the_command_says_how_it_tied_the_heights_where_it_could_not_be_sure(tmp_path, capsys):
    world = World(**CHINA, levelled=True, declared=None)
    ground = Ground(world, 3)
    ground.write(tmp_path / "dsm.tif")
    shot = shoot(ground, np.random.default_rng(8), pitch=-60.0, reduced=24)
    (tmp_path / "oblique.jpg").write_bytes(shot.data)
    asked = [
        "geo",
        "pixel",
        str(tmp_path / "oblique.jpg"),
        *map(str, shot.uv[0]),
        "--terrain",
        str(tmp_path / "dsm.tif"),
    ]
    assert main([*asked, "--json"]) == 0
    unsure = capsys.readouterr()
    assert "likely" in unsure.err and len(json.loads(unsure.out)) == 1
    assert main([*asked, "--json", "--terrain-datum", "national_1985"]) == 0
    sure = capsys.readouterr()
    assert json.loads(sure.out)[0]["sigma_major_m"] < json.loads(unsure.out)[0]["sigma_major_m"]
