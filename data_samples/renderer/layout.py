"""The invented block: streets, plots and what stands on them, around a creek."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from data_samples.renderer import creekside, plots, worksite
from data_samples.renderer.ground import CELL_M, Canvas
from data_samples.renderer.quarters import (
    ASPHALT,
    GRASS,
    PAVING,
    SHEETS,
    WHITE,
    car_park,
    hall,
    lawn,
    rectangle,
    slab_house,
    tree,
    tree_row,
    vehicle_thing,
)
from data_samples.renderer.solids import box
from data_samples.renderer.things import MapShape, Paint, Scene
from data_samples.renderer.vehicles import CAR_COLOURS, box_truck, bus, car

FloatArray = NDArray[np.float64]

HALF_SIZE_M = (350.0, 280.0)
NORTH_Y, SOUTH_Y, WEST_X, EAST_X = 112.0, -150.0, -165.0, 190.0
STREETS = (
    ("示例北路", "x", NORTH_Y, 15.0, 4),
    ("示例南路", "x", SOUTH_Y, 11.0, 2),
    ("示例西路", "y", WEST_X, 12.0, 2),
    ("示例东路", "y", EAST_X, 12.0, 2),
)
SIDEWALK_M = 3.5


def block(seed: int) -> Scene:
    """The scene as a function of the seed."""
    rng = np.random.default_rng(seed)
    scene = Scene(seed, HALF_SIZE_M, creekside.invented_creek(HALF_SIZE_M[0]))
    _outfalls(scene)
    _plots(scene, rng)
    worksite.lay(scene, rng)
    plots.dyeing_works(scene, rng)
    plots.stone_yard(scene, rng)
    plots.flats(scene, rng)
    plots.food_plant(scene, rng)
    plots.school(scene, rng)
    creekside.lay(scene, rng)
    creekside.add_discharges(scene)
    _streets(scene, rng)
    _bridges(scene)
    _surroundings(scene, rng)
    _traffic(scene, rng)
    return scene


def painted(scene: Scene, cell_m: float = CELL_M) -> Canvas:
    """The ground of a scene, in cells of `cell_m`."""
    canvas = Canvas.blank(*scene.half_size_m, (0.47, 0.46, 0.43), "concrete", cell_m)
    for paint in scene.paints:
        canvas.put(paint)
    canvas.darken_around([s.points for s in scene.shapes if s.kind in ("building", "works")])
    return canvas


def _outfalls(scene: Scene) -> None:
    add = creekside.add_mouth
    add(scene, "outfall-municipal", "310107-PWK-002", -136.0, -1, "culvert", 3.4)
    add(scene, "outfall-unknown", None, -48.0, -1, "pipe", 1.7)
    add(scene, "outfall-dyeing", "310107-PWK-001", 74.0, 1, "culvert", 2.8)
    add(scene, "outfall-food", "310107-PWK-003", 150.0, -1, "pipe", 1.9)


def _plots(scene: Scene, rng: np.random.Generator) -> None:
    for x0, y0, x1, y1, colour, kind in (
        (14, -12, 112, 100, (0.52, 0.51, 0.48), "concrete"),
        (112, -12, 182, 100, (0.70, 0.685, 0.645), "concrete"),
        (-157, -143, -18, -44, GRASS, "grass"),
        (-18, -143, 84, -44, (0.55, 0.54, 0.51), "concrete"),
        (84, -143, 182, -44, GRASS, "grass"),
    ):
        scene.paints.append(Paint(rectangle(x0, y0, x1, y1), colour, kind))
    lawn(scene, rectangle(-157, -143, -18, -44), rng)
    plots.lane(scene, rng)


def _streets(scene: Scene, rng: np.random.Generator) -> None:
    for name, axis, at, width, lanes in STREETS:
        half = width / 2 + SIDEWALK_M
        reach = HALF_SIZE_M[0] if axis == "x" else HALF_SIZE_M[1]

        def strip(low: float, high: float, axis: str = axis, at: float = at, reach: float = reach) -> FloatArray:
            return (
                rectangle(-reach, at + low, reach, at + high)
                if axis == "x"
                else rectangle(at + low, -reach, at + high, reach)
            )

        scene.paints.append(Paint(strip(-half, half), PAVING, "paving"))
        scene.paints.append(Paint(strip(-width / 2, width / 2), ASPHALT, "asphalt"))
        for edge in (-width / 2 + 0.15, width / 2 - 0.15):
            scene.paints.append(Paint(strip(edge - 0.25, edge + 0.1), (0.60, 0.59, 0.57), "paint"))
        _wear(scene, strip, width, lanes, rng)
        _markings(scene, axis, at, width, lanes, reach)
        scene.shapes.append(MapShape("street", name, strip(-width / 2, width / 2)))
        side = width / 2 + 1.2
        for offset in (-side, side):
            start, end = (
                ((-reach + 5, at + offset), (reach - 5, at + offset))
                if axis == "x"
                else ((at + offset, -reach + 5), (at + offset, reach - 5))
            )
            _street_trees(scene, start, end, rng)
    for x in (WEST_X, EAST_X):
        for y in (NORTH_Y, SOUTH_Y):
            _crossing(scene, x, y)


def _wear(
    scene: Scene, strip: Callable[[float, float], FloatArray], width: float, lanes: int, rng: np.random.Generator
) -> None:
    """Darker wheel lines, patches of newer asphalt."""
    for lane in range(lanes):
        centre = -width / 2 + width * (lane + 0.5) / lanes
        for wheel in (-0.8, 0.8):
            line = strip(centre + wheel - 0.2, centre + wheel + 0.2)
            scene.paints.append(Paint(line, (0.365, 0.365, 0.37), "paint", soft_m=0.25))
    outline = strip(-width / 2, width / 2)
    low, high = outline.min(axis=0), outline.max(axis=0)
    for _ in range(26):
        x, y = rng.uniform(low, high)
        a, b = rng.uniform(0.8, 5.0), rng.uniform(0.6, 1.6)
        scene.paints.append(Paint(np.clip(rectangle(x, y, x + a, y + b), low, high), (0.33, 0.33, 0.335), "paint"))


def _markings(scene: Scene, axis: str, at: float, width: float, lanes: int, reach: float) -> None:
    def line(a: float, b: float, offset: float) -> FloatArray:
        return (
            np.array([[a, at + offset], [b, at + offset]])
            if axis == "x"
            else np.array([[at + offset, a], [at + offset, b]])
        )

    crossings = (WEST_X, EAST_X) if axis == "x" else (SOUTH_Y, NORTH_Y)
    for s in np.arange(-reach, reach, 6.0):
        if min(abs(s + 1 - c) for c in crossings) < 14:
            continue
        for lane in range(1, lanes):
            offset = -width / 2 + width * lane / lanes
            if lane * 2 == lanes:
                scene.paints.append(Paint(line(s, s + 6.0, offset), (0.74, 0.60, 0.22), "paint", 0.15))
                if lanes > 2:
                    scene.paints.append(Paint(line(s, s + 6.0, offset + 0.3), (0.74, 0.60, 0.22), "paint", 0.15))
            else:
                scene.paints.append(Paint(line(s, s + 2.5, offset), WHITE, "paint", 0.15))


def _crossing(scene: Scene, x: float, y: float) -> None:
    scene.paints.append(Paint(rectangle(x - 6, y - 7.5, x + 6, y + 7.5), ASPHALT, "asphalt"))
    for k in range(11):
        s = -5.4 + 1.05 * k
        for offset in (-13.0, 9.5):
            scene.paints.append(Paint(rectangle(x + s, y + offset, x + s + 0.5, y + offset + 3.5), WHITE, "paint"))
    for k in range(13):
        s = -6.6 + 1.05 * k
        for offset in (-12.0, 8.5):
            scene.paints.append(Paint(rectangle(x + offset, y + s, x + offset + 3.5, y + s + 0.5), WHITE, "paint"))


def _street_trees(scene: Scene, start: tuple[float, float], end: tuple[float, float], rng: np.random.Generator) -> None:
    a, b = np.array(start, float), np.array(end, float)
    count = int(np.linalg.norm(b - a) // 9)
    for k in range(count + 1):
        x, y = a + (b - a) * k / count
        on_creek = abs(y - float(np.interp(x, *scene.creek.centre_line.T))) < 15
        on_crossing = any(abs(x - cx) < 17 and abs(y - cy) < 17 for cx in (WEST_X, EAST_X) for cy in (NORTH_Y, SOUTH_Y))
        at_gate = abs(x + 46) < 9 and y > 95
        if not on_creek and not on_crossing and not at_gate and rng.uniform() < 0.85:
            tree(scene, float(x), float(y), float(rng.uniform(4.0, 6.5)), rng)


def _bridges(scene: Scene) -> None:
    """The two cross streets go over the creek: the ground is solid again, with parapets."""
    for x, width in ((WEST_X, 12.0), (EAST_X, 12.0)):
        middle = float(np.interp(x, *scene.creek.centre_line.T))
        low, high = middle - 12.5, middle + 12.5
        half = width / 2 + 2.5
        scene.paints.append(Paint(rectangle(x - half, low, x + half, high), PAVING, "paving"))
        scene.paints.append(Paint(rectangle(x - width / 2, low, x + width / 2, high), (0.46, 0.455, 0.45), "asphalt"))
        scene.paints.append(Paint(np.array([[x, low], [x, high]]), (0.74, 0.60, 0.22), "paint", 0.15))
        for side in (-1, 1):
            s0, s1 = sorted((side * half, side * (half - 0.3)))
            scene.faces.extend(box((x, 0.0, 0.0), (s0, s1, low, high, -1.0, 1.0), (0.68, 0.66, 0.63)))


def _surroundings(scene: Scene, rng: np.random.Generator) -> None:
    """Plots around the block: flats and halls, so that oblique pictures do not end in nothing."""
    for x0, y0, x1, y1 in (
        (-350, 124, 350, 280),
        (-350, -280, 350, -162),
        (-350, -140, -176, -60),
        (-350, -8, -176, 100),
        (201, -140, 350, -60),
        (201, -6, 350, 100),
    ):
        lawn(scene, rectangle(x0, y0, x1, y1), rng)
        for y in np.arange(y0 + 16, y1 - 8, 31.0):
            for x in np.arange(x0 + 26, x1 - 20, 48.0):
                _plot_of_some_kind(scene, float(x), float(y), rng)


def _plot_of_some_kind(scene: Scene, x: float, y: float, rng: np.random.Generator) -> None:
    works = (np.sin(x / 75.0) + np.cos(y / 60.0 + x / 200)) > 0.45
    if works:
        scene.paints.append(Paint(rectangle(x - 24, y - 15, x + 24, y + 15), (0.53, 0.52, 0.495), "concrete"))
        hall(
            scene,
            (x, y, 0.0),
            (float(rng.uniform(34, 42)), float(rng.uniform(15, 20))),
            7.0,
            SHEETS[rng.integers(len(SHEETS))],
            rng,
        )
        return
    slab_house(scene, (x, y, 0.0), (float(rng.uniform(28, 38)), 11.5), int(rng.integers(5, 8)), rng)
    scene.paints.append(Paint(rectangle(x - 24, y - 12.5, x + 24, y - 9), (0.48, 0.475, 0.46), "asphalt"))
    tree_row(scene, (x - 22, y + 9.5), (x + 22, y + 9.5), 6.5, 5.0, rng)
    if rng.uniform() < 0.7:
        car_park(scene, (x - 14, y - 14.5, 0.0), 6, rng)


def _traffic(scene: Scene, rng: np.random.Generator) -> None:
    for _name, axis, at, width, lanes in STREETS:
        reach = (HALF_SIZE_M[0] if axis == "x" else HALF_SIZE_M[1]) - 15
        for lane in range(lanes):
            offset = -width / 2 + width * (lane + 0.5) / lanes
            forward = (lane < lanes / 2) == (axis == "x")
            place = -reach + rng.uniform(0, 18)
            while place < reach:
                x, y = (place, at + offset) if axis == "x" else (at + offset, place)
                heading = (0.0 if axis == "x" else np.pi / 2) + (0 if forward else np.pi)
                _driving(scene, (float(x), float(y), float(heading)), rng)
                place += rng.uniform(13, 48)


def _driving(scene: Scene, at: tuple[float, float, float], rng: np.random.Generator) -> None:
    ident = scene.next_ident()
    draw = rng.uniform()
    if draw < 0.82:
        van = bool(rng.uniform() < 0.25)
        faces = car(at, CAR_COLOURS[rng.integers(len(CAR_COLOURS))], ident, van=van)
        scene.add_thing(vehicle_thing(ident, f"car {ident}", "car", at, (4.6, 1.85, 1.5)), faces)
    elif draw < 0.94:
        colours = (
            ((0.85, 0.85, 0.85), (0.88, 0.88, 0.86)) if rng.uniform() < 0.6 else ((0.2, 0.3, 0.55), (0.30, 0.42, 0.60))
        )
        scene.add_thing(
            vehicle_thing(ident, f"lorry {ident}", "box_truck", at, (7.6, 2.5, 3.2)), box_truck(at, colours, ident)
        )
    else:
        scene.add_thing(
            vehicle_thing(ident, f"bus {ident}", "bus", at, (11.8, 2.55, 3.2)), bus(at, (0.62, 0.16, 0.14), ident)
        )
