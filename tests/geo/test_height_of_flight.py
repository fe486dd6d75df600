"""A flight's heights over a model: one answer for all pictures, and what its own overlap says where that is wrong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyproj
import pytest

from geo.adjust import adjust
from geo.camera import camera_of
from geo.camera_height import flight_height, flight_takeoff
from geo.crs import project
from geo.ground import pixel_to_ground
from geo.pose import pose_of
from geo.tags import Tags, tags_of
from geo.terrain import Dem, flat
from geo.tie_points import TiePoints
from tests.geo.oblique import Ground, World, fly

EUROPE = {"crs": "EPSG:25832", "lon": 8.55, "lat": 50.1, "geoid_m": 47.9}
CHINA = {"crs": "EPSG:4549", "lon": 121.4, "lat": 31.25, "geoid_m": 10.85}
REDUCED, SPOTS, SIGMA_PX = 24, 220, 0.1


class Flight:
    """Twelve pictures over hills, their tags with what the flight settled, and the ground that they truly see."""

    def __init__(self, world: World, folder, *, rtk: bool) -> None:
        rng = np.random.default_rng(3)
        self.ground = Ground(world, 3)
        self.ground.write(folder / "dsm.tif")
        self.model, self.back = Dem.open(folder / "dsm.tif"), pyproj.Transformer.from_crs(
            world.crs, "EPSG:4326", always_xy=True
        )  # fmt: skip
        self.flown = fly(self.ground, rng, reduced=REDUCED)
        tags = [tags_of(data, "f.jpg") for data in self.flown.data]
        if not rtk:
            tags = [replace(tag, rtk_flag=None, absolute_altitude_m=None) for tag in tags]
        self.takeoff = flight_takeoff(tags, self.model)
        ground, sigma = self.takeoff
        tags = [replace(tag, takeoff_ground_m=ground, takeoff_sigma_m=sigma) for tag in tags]
        self.height = flight_height(tags, self.model)
        if self.height is not None:
            tags = [replace(t, height_how=self.height.how, height_how_sigma_m=self.height.sigma_m) for t in tags]
        self.cameras = [camera_of(tag) for tag in tags]
        crs = pose_of(tags[0], self.model).crs
        self.poses = [pose_of(tag, self.model, crs=crs) for tag in tags]
        xy = np.array([self.ground.x0, self.ground.y0]) + rng.uniform(-130, 130, (SPOTS, 2))
        self.spots = np.column_stack([xy, self.ground.at(*xy.T)])
        self.views = [self.flown.seen(self.ground, self.spots, k, REDUCED) for k in range(len(tags))]
        self.ties = self._ties(rng)

    def _ties(self, rng: np.random.Generator) -> TiePoints:
        rows = [(spot, k, self.views[k][0][spot]) for k in range(12) for spot in np.flatnonzero(self.views[k][1])]
        spot = np.array([row[0] for row in rows])
        twice = np.bincount(spot, minlength=SPOTS)[spot] > 1
        uv = np.array([row[2] for row in rows])[twice] + rng.normal(0, SIGMA_PX, (int(twice.sum()), 2))
        track = np.unique(spot[twice], return_inverse=True)[1].astype(np.intp)
        frame = np.array([row[1] for row in rows], dtype=np.intp)[twice]
        return TiePoints(track, frame, uv, np.full(len(track), SIGMA_PX))

    def misses(self, cameras, poses):
        """Metres off, and whether the 95 % ellipse holds."""
        off, held = [], []
        for k, (uv, seen) in enumerate(self.views):
            points = pixel_to_ground(uv[seen], cameras[k], poses[k], self.model)
            there = project(np.column_stack(self.back.transform(*self.spots[seen, :2].T)), poses[k].crs)
            miss = (points.xy_m - there)[points.ok]
            off.extend(np.hypot(*miss.T))
            inner = np.linalg.inv(points.covariance_m2[points.ok])
            held.extend(np.einsum("ni,nij,nj->n", miss, inner, miss) < 5.9915)
        return np.array(off), np.array(held)


@pytest.mark.parametrize(
    ("world", "rtk", "before_m"),
    [
        (World(**EUROPE, levelled=True, declared=None, base_error_m=25.0), True, 15.0),
        (World(**CHINA, levelled=True, declared=None), True, 8.0),
        (World(**CHINA, levelled=False, declared=None), False, 5.0),
    ],
    ids=["a base 25 m too high", "the wrong one of two datums", "a take-off point that nobody knows"],
)
def test_overlap_finds_what_all_pictures_of_a_flight_err_by_in_height(world, rtk, before_m, tmp_path):
    """Parallax says how high above the ground they flew, and the model where that ground lies."""
    flight = Flight(world, tmp_path, rtk=rtk)
    before, _ = flight.misses(flight.cameras, flight.poses)
    assert np.median(before) > before_m
    found = adjust(flight.cameras, flight.poses, flight.model, flight.ties)
    after, held = flight.misses(found.cameras, found.poses)
    assert np.median(after) < 1.0
    assert held.mean() >= 0.9
    assert found.strain < 4.0


def test_all_pictures_of_a_flight_stand_by_one_answer_and_keep_their_centimetres(tmp_path):
    flight = Flight(World(**CHINA, levelled=True, declared=None), tmp_path, rtk=True)
    assert len({pose.sigma_height_m for pose in flight.poses}) == 1
    steps = np.diff([pose.height_m for pose in flight.poses])
    assert steps == pytest.approx(np.diff(flight.flown.eyes[:, 2]), abs=0.15)


def test_the_ground_at_take_off_is_one_figure_unless_there_were_several_take_offs(tmp_path):
    world = World(**EUROPE, levelled=True, declared=None)
    Ground(world, 3).write(tmp_path / "dsm.tif")
    model = Dem.open(tmp_path / "dsm.tif")

    def tags(east: float, relative: float, absolute: float | None) -> Tags:
        return Tags(100, 80, lon=world.lon + east / 71_500, lat=world.lat, relative_altitude_m=relative,
                    absolute_altitude_m=absolute)  # fmt: skip

    one = [tags(0, 80, 250), tags(90, 90, 261), tags(-90, 70, None)]
    ground, sigma = flight_takeoff(one, model)
    assert abs(ground - 60.0) < 20.0 and 5.0 < sigma < 25.0
    assert flight_takeoff([*one, tags(20, 80, 290), tags(30, 80, 290)], model) is None
    assert flight_takeoff(one, flat()) is None
    assert flight_takeoff([Tags(100, 80)], model) is None
