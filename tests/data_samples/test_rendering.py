"""Rendering: a function of the seed, and what it says of its own pictures is so."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from data_samples.renderer import layout, light, picture, truth
from data_samples.renderer.camera import Lens, Pose, project
from data_samples.renderer.flight import START, shots
from data_samples.renderer.noise import field
from data_samples.renderer.sight import SunSight
from data_samples.renderer.solids import box
from data_samples.renderer.things import Scene

SMALL = Lens(320, 240, 237.0, 160.6, 119.4, (-0.018, 0.0096, 0.0002, -0.0003, -0.002))
OVER_THE_SITE = Pose(-62.0, 45.0, 92.0, 12.0, -90.0)
SEED = 7


@pytest.fixture(scope="module")
def scene() -> Scene:
    return layout.block(SEED)


@pytest.fixture(scope="module")
def stage(scene: Scene) -> picture.Stage:
    return picture.staged(scene, layout.painted(scene, 0.25), light.sun_direction(START), 0.3)


@pytest.fixture(scope="module")
def over_site(stage: picture.Stage) -> picture.Rendered:
    return picture.render(stage, SMALL, OVER_THE_SITE, np.random.default_rng(1))


@pytest.fixture(scope="module")
def at_creek(stage: picture.Stage) -> tuple[Pose, picture.Rendered]:
    pose = shots()[7].pose
    return pose, picture.render(stage, SMALL, pose, np.random.default_rng(1))


def test_the_renderer_loads_nothing_of_the_product() -> None:
    code = (
        "import sys, data_samples.renderer.__main__\n"
        "rooms = {'geo', 'models', 'pipelines', 'enforcement', 'hj212', 'dashboard'}\n"
        "print(sorted(rooms & {name.split('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_scene_is_a_function_of_its_seed(scene: Scene) -> None:
    again, other = layout.block(SEED), layout.block(SEED + 1)
    assert len(again.faces) == len(scene.faces)
    assert all(np.array_equal(a.corners, b.corners) for a, b in zip(again.faces, scene.faces, strict=True))
    assert not np.array_equal(again.clouds[0].centres, other.clouds[0].centres)


def test_same_seed_same_pixels(stage: picture.Stage, over_site: picture.Rendered) -> None:
    again = picture.render(stage, SMALL, OVER_THE_SITE, np.random.default_rng(1))
    assert np.array_equal(again.pixels, over_site.pixels)


def test_every_pixel_shows_something(over_site: picture.Rendered) -> None:
    assert (over_site.ident >= 0).mean() > 0.999
    assert 60 < over_site.pixels.mean() < 180
    assert over_site.pixels.std() > 15


def test_a_truck_is_drawn_where_its_corners_project(scene: Scene, over_site: picture.Rendered) -> None:
    trucks = [t for t in scene.things if t.kind == "dump_truck"]
    seen = 0
    for truck in trucks:
        rows, columns = np.nonzero(over_site.ident == truck.ident)
        if len(rows) < 40:
            continue
        uv = project(truck.corners, SMALL, OVER_THE_SITE)
        drawn = np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]) / over_site.scale
        should = np.array([*uv.min(axis=0), *uv.max(axis=0)])
        assert (drawn[:2] > should[:2] - 1.5).all()
        assert (drawn[2:] < should[2:] + 1.5).all()
        seen += np.abs(drawn - should).max() < 2.0  # the others are partly hidden
    assert seen >= 2


def test_dust_hides_what_is_behind_it_and_lies_downwind(scene: Scene, over_site: picture.Rendered) -> None:
    depth = over_site.veils["plume-site"]
    rows, columns = np.nonzero(depth > truth.VISIBLE_DEPTH)
    middle = np.array([columns.mean(), rows.mean()]) / over_site.scale
    plume = next(c for c in scene.clouds if c.name == "plume-site")
    source = project([plume.source], SMALL, OVER_THE_SITE)[0]
    down = project([np.add(plume.source, (26.0, -19.0, 0.0))], SMALL, OVER_THE_SITE)[0]
    assert (middle - source) @ (down - source) > 0
    assert depth.max() > 1.0


def test_the_box_of_a_discharge_begins_at_its_outfall(scene: Scene, at_creek: tuple[Pose, picture.Rendered]) -> None:
    pose, rendered = at_creek
    boxes = {b["object"]: b["box"] for b in truth.boxes_of(scene, rendered)}
    mouth = next(m for m in scene.mouths if m.name == "outfall-dyeing")
    u, v = project([[mouth.place[0], mouth.place[1], scene.creek.water_z_m]], SMALL, pose)[0]
    u0, v0, u1, v1 = boxes["discharge-dyeing"]
    assert u0 - 4 <= u <= u1
    assert v0 - 4 <= v <= v1
    assert u1 - u0 > 60


def test_water_lies_under_the_quay(scene: Scene, stage: picture.Stage) -> None:
    """Straight above the creek the water is seen, 1.8 m below the ground that the banks are on."""
    x, y = scene.creek.centre_line[len(scene.creek.centre_line) // 2]
    pose = Pose(float(x), float(y), 30.0, 0.0, -90.0)
    seen = picture.render(stage, SMALL, pose, np.random.default_rng(1))
    assert seen.ident[seen.ident.shape[0] // 2, seen.ident.shape[1] // 2] == 1
    top, bottom = seen.ident[2], seen.ident[-3]
    assert (top == 0).mean() > 0.2
    assert (bottom == 0).mean() > 0.2


def test_shadows_fall_away_from_the_sun() -> None:
    """A box of 10 m under a sun in the south at 45 degrees: shadow to 10 m north of it, light beyond and south."""
    to_sun = np.array([0.0, -np.sqrt(0.5), np.sqrt(0.5)])
    sun = SunSight.empty(40.0, 40.0, 0.2, to_sun)
    sun.block_faces(box((0.0, 0.0, 0.0), (-5, 5, -5, 5, 0, 10), (0.5, 0.5, 0.5)))
    points = np.array([[[0, 14, 0], [0, 16, 0], [0, -6, 0], [7, 10, 0], [0, 10, 6], [0, 0, 10]]], np.float32)
    assert sun.shade_at(points)[0].tolist() == [1, 0, 0, 0, 0, 0]


def test_noise_wraps_around() -> None:
    samples = field(5, 1.0, 0.2)
    inner = np.abs(np.diff(samples, axis=1)).mean()
    seam = np.abs(samples[:, 0] - samples[:, -1]).mean()
    assert seam == pytest.approx(inner, rel=0.2)
    assert samples.std() == pytest.approx(1, abs=1e-3)


def test_a_picture_without_supersampling_differs_little(
    stage: picture.Stage, over_site: picture.Rendered, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture, "SCALE", 1.0)
    plain = picture.render(stage, replace(SMALL), OVER_THE_SITE, np.random.default_rng(1))
    assert np.abs(plain.pixels.astype(int) - over_site.pixels).mean() < 6


def test_the_command_lists_its_options() -> None:
    command = [sys.executable, "-m", "data_samples.renderer", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert "--seed" in done.stdout
    assert "--out" in done.stdout
