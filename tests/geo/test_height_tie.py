"""Heights of RTK over height models of any datum, and oblique pictures whose truth OpenCV and PROJ made."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pyproj
import pytest

from geo.camera import camera_of
from geo.camera_height import height_source
from geo.crs import project
from geo.ground import pixel_to_ground
from geo.height_tie import FlightHeight, likelihoods, settled, tied
from geo.lens import rays_to_pixels
from geo.plain import datum_of_ground
from geo.pose import pose_of
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
    assert 2.0 < max(levelled.sigma_m, same.sigma_m) < 3.5
    assert min(levelled.probability, same.probability) > 0.9
    surely = tied(RTK, Height(260.0 - 48 + 4, 7.0), FRANKFURT, Datum.UNDECLARED, vouched=True)
    assert surely.sigma_m < 2.0 and surely.probability > 0.98
    assert surely.height_m == pytest.approx(levelled.height_m), "who stands for the base moves nothing"


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


def test_a_base_at_a_height_of_its_own_is_within_the_doubt_where_nobody_vouches_for_it():
    """The relative altitude says 7 m (1 sigma); the base is off by 3, 6, 25 m."""
    for off, sigmas in ((3.0, 1.5), (6.0, 2.45), (25.0, 2.45)):
        found = tied(Height(260.0 + off, 0.03), Height(212.0 + 3.0, 7.0), FRANKFURT, Datum.UNDECLARED)
        assert abs(found.height_m - 212.0) < sigmas * found.sigma_m, off


def test_a_chance_fit_far_from_the_relative_altitude_is_not_followed():
    """A base 25 m too low and a geoid of 48 m: 'the same datum' would put the camera 23 m too high, 2.1 sigma away."""
    low, relative = Height(260.0 - 25.0, 0.03), Height(212.0 + 4.5, 8.5)
    found = tied(low, relative, FRANKFURT, Datum.UNDECLARED)
    assert found.how == "relative"
    assert abs(found.height_m - 212.0) < 5.0 < found.sigma_m
    said = [likelihoods(low, Height(212.0 + more, 8.5), FRANKFURT, Datum.UNDECLARED) for more in (0.0, 2.5, 4.5)]
    assert settled(said) == "relative"
    assert tied(RTK, Height(260.0 - 48 + 14.0, 8.5), FRANKFURT, Datum.UNDECLARED).how == "absolute_less_geoid"


def test_the_pictures_of_a_flight_settle_on_one_answer_and_are_no_surer_for_it():
    said = [likelihoods(RTK, Height(h, 7.0), PUTUO, Datum.UNDECLARED) for h in (250.0, 251.0, 262.0, 249.0, 252.0)]
    alone = [tied(RTK, Height(h, 7.0), PUTUO, Datum.UNDECLARED).how for h in (249.0, 262.0)]
    assert alone == ["absolute_less_geoid", "absolute"]
    assert settled(said) == "absolute_less_geoid"
    assert settled([]) is None
    told = tied(RTK, Height(262.0, 7.0), PUTUO, Datum.UNDECLARED, flight=FlightHeight("absolute_less_geoid"))
    assert told.how == "absolute_less_geoid" and told.probability < 0.4
    assert abs(told.height_m - 260.0) < 2 * told.sigma_m, "what speaks against it widens it"


def test_streets_of_a_plain_say_what_a_model_is_above():
    rng = np.random.default_rng(2)
    streets = np.concatenate([rng.normal(2.5, 0.8, 30), rng.uniform(6, 40, 30), [np.nan]])
    assert datum_of_ground(streets, PUTUO) is Datum.EGM96
    assert datum_of_ground(streets + 10.85, PUTUO) is Datum.ELLIPSOID
    assert datum_of_ground(streets + 60.0, PUTUO) is Datum.UNDECLARED, "a hill is no street"
    assert datum_of_ground(streets, FRANKFURT) is Datum.UNDECLARED
    assert datum_of_ground(np.array([np.nan]), PUTUO) is Datum.UNDECLARED


@pytest.mark.parametrize("name", ["NTRIPMountPoint", "NTRIPHost"])
def test_corrections_over_the_net_vouch_for_their_base(name):
    said = {"RtkFlag": "50", name: "RTCM33_GRCEJ", "NTRIPPort": "8002"}
    assert tags_of(jpeg(xmp_packet(said)), "x.jpg").rtk_network is True
    assert tags_of(jpeg(xmp_packet(said | {name: " "})), "x.jpg").rtk_network is None


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
        (World(**CHINA, levelled=True, declared=None, ground_m=2.5, hills_m=1.0), "absolute_less_geoid"),
        (World(**CHINA, levelled=False, declared=None, ground_m=2.5, hills_m=1.0), "absolute"),
    ],
)
def test_oblique_rtk_pictures_over_a_model_of_any_datum(world, how, tmp_path):
    apart, held, ways = located(world, tmp_path, 4, pitch=-60.0)
    assert ways == {how}
    assert np.median(apart) <= 3.0
    assert held.mean() >= 0.85


@pytest.mark.parametrize("off", [25.0, -25.0])
def test_a_base_25_m_off_over_a_plain_is_found_out_or_within_the_ellipse(off, tmp_path):
    world = World(**EUROPE, levelled=True, declared=None, base_error_m=off, ground_m=2.5, hills_m=1.0)
    _, held, _ = located(world, tmp_path, 4, pitch=-60.0)
    assert held.mean() >= 0.9


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
