"""The invented block: streets, plots and what stands on them, around a creek."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from data_samples.renderer import creekside, worksite
from data_samples.renderer.clouds import blown
from data_samples.renderer.ground import Canvas
from data_samples.renderer.quarters import (
    ASPHALT,
    FELT,
    GRASS,
    PAVING,
    SHEETS,
    WHITE,
    bush,
    car_park,
    clutter,
    flat_hall,
    hall,
    lawn,
    parked,
    rectangle,
    slab_house,
    tree,
    tree_row,
    vehicle_thing,
)
from data_samples.renderer.solids import box, heap
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
    _dyeing_works(scene, rng)
    _stone_yard(scene, rng)
    _flats(scene, rng)
    _food_plant(scene, rng)
    _school(scene, rng)
    creekside.lay(scene, rng)
    creekside.add_discharges(scene)
    _streets(scene, rng)
    _bridges(scene)
    _surroundings(scene, rng)
    _traffic(scene, rng)
    return scene


def painted(scene: Scene) -> Canvas:
    """The ground of a scene."""
    canvas = Canvas.blank(*scene.half_size_m, (0.47, 0.46, 0.43), "concrete")
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
    _lane(scene, rng)


def _lane(scene: Scene, rng: np.random.Generator) -> None:
    """A service lane between the plots and the creek, with a green strip, bushes, parked cars and things left about."""
    lawn(scene, rectangle(-157, -40, 182, -1.2), rng)
    t = np.linspace(-158, 182, 60)
    middle = np.column_stack([t, -9.0 + 2.2 * np.sin(t / 40)])
    scene.paints.append(Paint(middle, (0.60, 0.59, 0.56), "concrete", 6.6))
    scene.paints.append(Paint(middle, (0.415, 0.41, 0.405), "asphalt", 5.8))
    for wheel in (-1.9, -0.7, 0.8, 1.9):
        scene.paints.append(Paint(middle + np.array([0, wheel]), (0.375, 0.37, 0.365), "paint", 0.5, soft_m=0.3))
    for _ in range(40):
        x, y = rng.uniform(-156, 180), -9.0 + rng.uniform(-4.5, 4.5)
        tone = rng.uniform(0.30, 0.40)
        size = rng.uniform(0.5, 2.6)
        scene.paints.append(Paint(rectangle(x, y, x + size, y + 0.6 * size), (tone, tone, tone), "paint", soft_m=0.15))
    for _ in range(150):
        x = float(rng.uniform(-156, 181))
        bush(
            scene,
            x,
            float(rng.choice([-4.2, -14.3]) + 2.2 * np.sin(x / 40) + rng.normal() * 0.8),
            float(rng.uniform(0.7, 1.6)),
            rng,
        )
    for x in np.arange(-150, 178, 9.5):
        if rng.uniform() < 0.5:
            parked(scene, (float(x), -6.9 + 2.2 * float(np.sin(x / 40)), float(0.055 * np.cos(x / 40))), rng)


def _dyeing_works(scene: Scene, rng: np.random.Generator) -> None:
    """The registered source: halls, an office, round settling tanks towards the creek."""
    for y in (80.0, 57.0):
        hall(scene, (50.0, y, 0.0), (58.0, 19.0), 7.5, SHEETS[0], rng, "示例印染一车间" if y > 70 else "示例印染二车间")
    hall(scene, (36.0, 31.0, 0.0), (30.0, 15.0), 6.5, SHEETS[2], rng)
    slab_house(scene, (96.0, 84.0, 1.5708), (24.0, 11.0), 4, rng)
    for x, y in ((66.0, 28.0), (80.0, 28.0)):
        _tank(scene, x, y, 5.2)
    scene.faces.extend(
        box((93.0, 30.0, 0.0), (-4, 4, -5, 5, 0, 4.2), (0.72, 0.71, 0.68), FELT[1], textures=("sheet_wall", "roof"))
    )
    lawn(scene, rectangle(18, -2, 108, 16), rng)
    tree_row(scene, (20, 15), (106, 15), 7.0, 4.2, rng)
    scene.paints.append(Paint(rectangle(86, 38, 108, 70), ASPHALT, "asphalt"))
    car_park(scene, (106.5, 42.0, 1.5708), 9, rng)
    for x, y, heading in ((24.0, 68.5, 0.02), (72.0, 44.0, 3.10)):
        ident = scene.next_ident()
        at = (x, y, heading)
        scene.add_thing(
            vehicle_thing(ident, f"lorry {ident}", "box_truck", at, (7.6, 2.5, 3.2)),
            box_truck(at, ((0.20, 0.32, 0.58), (0.88, 0.88, 0.86)), ident),
        )
    clutter(scene, (20, 68.5), (80, 69.5), 8, rng)
    clutter(scene, (18, 40), (84, 46), 16, rng)
    clutter(scene, (54, 17), (60, 38), 6, rng)
    for x in (70.0, 73.0, 76.0):
        scene.faces.extend(box((x, 38.5, 0.0), (-1.1, 1.1, -1.1, 1.1, 0, 3.4), (0.75, 0.76, 0.76), (0.66, 0.67, 0.67)))
    scene.shapes.append(MapShape("plot", "上海普陀示例印染有限公司", rectangle(16, -2, 110, 98)))
    _fence(scene, rectangle(16, -2, 110, 98))


def _tank(scene: Scene, x: float, y: float, radius: float) -> None:
    angles = np.linspace(0, 2 * np.pi, 33)[:-1]
    circle = np.column_stack([x + radius * np.cos(angles), y + radius * np.sin(angles)])
    inner = np.column_stack([x + 0.93 * radius * np.cos(angles), y + 0.93 * radius * np.sin(angles)])
    for k in range(32):
        j = (k + 1) % 32
        a, b = circle[k], circle[j]
        at = (float(a[0]), float(a[1]), float(np.arctan2(b[1] - a[1], b[0] - a[0])))
        scene.faces.extend(box(at, (0, float(np.linalg.norm(b - a)), 0.0, 0.35, 0, 1.3), (0.63, 0.62, 0.59)))
    scene.paints.append(Paint(inner, (0.30, 0.29, 0.24), "concrete"))
    scene.faces.extend(box((x, y, 0.6), (-radius, radius, -0.35, 0.35, 1.3, 1.45), (0.55, 0.55, 0.55)))
    scene.shapes.append(MapShape("works", "沉淀池", circle))


def _stone_yard(scene: Scene, rng: np.random.Generator) -> None:
    """What resembles dust from above: a pale yard with heaps of crushed stone, and no dust at all."""
    pale = (0.76, 0.745, 0.705)
    for _ in range(16):
        middle = rng.uniform([118, 8], [176, 92])
        angles = np.linspace(0, 2 * np.pi, 9)[:-1]
        blob = middle + np.column_stack([np.cos(angles), np.sin(angles)]) * rng.uniform(2, 9, (8, 1))
        tone = rng.uniform(-0.05, 0.06)
        scene.paints.append(Paint(blob, (pale[0] + tone, pale[1] + tone, pale[2] + tone), "paint", soft_m=1.5))
    for x, y, radius, height, tone in (
        (132, 70, 9.0, 4.6, 0.74),
        (152, 74, 8.0, 4.0, 0.66),
        (168, 66, 6.5, 3.2, 0.78),
        (140, 50, 6.0, 3.0, 0.70),
    ):
        scene.faces.extend(
            heap(
                x,
                y,
                (radius, radius * 0.8),
                height,
                rng.uniform(0, 3),
                (tone, tone * 0.985, tone * 0.94),
                rng,
                texture="stone",
            )
        )
    for k in range(30):
        x, y = 122 + 4.6 * (k % 12), 12 + 5.0 * (k // 12)
        tone = rng.uniform(0.5, 0.8)
        scene.faces.extend(
            box((x, y, 1.5708), (-1.6, 1.6, -0.9, 0.9, 0, rng.uniform(0.6, 1.5)), (tone, tone * 0.97, tone * 0.93))
        )
    clutter(scene, (118, 30), (146, 42), 10, rng)
    hall(scene, (160.0, 40.0, 1.5708), (18.0, 26.0), 7.0, SHEETS[3], rng, "石材加工棚")
    scene.shapes.append(MapShape("plot", "普陀示例石材经营部", rectangle(114, -2, 180, 98)))
    _fence(scene, rectangle(114, -2, 180, 98))


def _fence(scene: Scene, outline: FloatArray) -> None:
    """A plain wall around a plot, open towards the north road."""
    ends = [*outline, outline[0]]
    for a, b in pairwise(ends):
        at = (float(a[0]), float(a[1]), float(np.arctan2(b[1] - a[1], b[0] - a[0])))
        length = float(np.linalg.norm(b - a))
        for s0, s1 in (
            ((0.0, length * 0.42), (length * 0.42 + 9, length)) if a[1] > 90 and b[1] > 90 else ((0.0, length),)
        ):
            for s in np.arange(s0, s1, 15.0):
                scene.faces.extend(box(at, (s, min(s + 15.0, s1), -0.12, 0.12, 0, 2.2), (0.70, 0.67, 0.62)))


def _flats(scene: Scene, rng: np.random.Generator) -> None:
    for row, y in enumerate((-74.0, -102.0, -130.0)):
        for x in (-130.0, -88.0, -45.0):
            slab_house(scene, (x + rng.uniform(-2, 2), y, 0.0), (32.0, 11.5), 6, rng)
        path_y = y - 9.5
        scene.paints.append(Paint(rectangle(-156, path_y - 1.8, -20, path_y + 1.8), (0.50, 0.49, 0.475), "asphalt"))
        tree_row(scene, (-150, path_y + 3.5), (-24, path_y + 3.5), 8.5, 5.0, rng)
        for x in (-146.0, -104.0, -62.0):
            if row < 2:
                car_park(scene, (x, path_y - 1.8, 0.0), 6, rng, filled=0.75)
    for x in (-110.0, -67.0):
        scene.paints.append(Paint(rectangle(x - 1.6, -143, x + 1.6, -60), PAVING, "paving"))
    for _ in range(90):
        x, y = rng.uniform(-154, -22), rng.choice([-66.5, -81.5, -94.5, -109.5, -122.5, -137.5]) + rng.normal() * 0.7
        bush(scene, float(x), float(y), float(rng.uniform(0.7, 1.8)), rng)
    for _ in range(26):
        x, y = rng.uniform(-154, -22), rng.choice([-64.0, -92.5, -120.5]) + rng.uniform(-1.5, 1.5)
        tree(scene, float(x), float(y), float(rng.uniform(2.6, 5.5)), rng)
    scene.shapes.append(MapShape("plot", "示例新村", rectangle(-156, -143, -20, -60)))


def _food_plant(scene: Scene, rng: np.random.Generator) -> None:
    flat_hall(scene, (28.0, -92.0, 0.0), (62.0, 34.0), 9.0, rng, solar=True, name="示例食品厂房")
    flat_hall(scene, (20.0, -128.0, 0.0), (40.0, 18.0), 7.0, rng, solar=False)
    scene.paints.append(Paint(rectangle(-16, -74, 82, -60), ASPHALT, "asphalt"))
    scene.paints.append(Paint(rectangle(62, -142, 82, -60), ASPHALT, "asphalt"))
    car_park(scene, (-12.0, -61.5, 0.0), 12, rng, filled=0.5)
    car_park(scene, (66.0, -140.5, 0.0), 6, rng)
    for k in range(3):
        ident = scene.next_ident()
        at = (24.0 + 5.2 * k, -70.5, 1.5708)
        scene.add_thing(
            vehicle_thing(ident, f"lorry {ident}", "box_truck", at, (7.6, 2.5, 3.2)),
            box_truck(at, ((0.85, 0.85, 0.85), (0.80, 0.82, 0.84) if k else (0.88, 0.80, 0.45)), ident),
        )
    scene.faces.extend(box((52.0, -84.0, 0.0), (-0.6, 0.6, -0.6, 0.6, 9.0, 13.0), (0.6, 0.6, 0.62)))
    scene.clouds.append(
        blown(
            "steam-food",
            None,
            (52.0, -84.0, 13.2),
            (2.6, -1.9),
            (0.95, 0.95, 0.96),
            rng,
            count=90,
            age_s=5.0,
            rise_m_s=1.3,
            depth=0.5,
            width_m=0.8,
            growth=0.42,
        )
    )
    tree_row(scene, (-14, -58), (80, -58), 9.0, 4.5, rng)
    clutter(scene, (0, -116), (60, -112), 14, rng)
    for k in range(9):
        line = np.array([[20.0 + 5.2 * k, -74.0], [20.0 + 5.2 * k, -65.0]])
        scene.paints.append(Paint(line, WHITE, "paint", 0.14))
    scene.shapes.append(MapShape("plot", "上海普陀示例食品有限公司", rectangle(-16, -143, 82, -60)))


def _school(scene: Scene, rng: np.random.Generator) -> None:
    """A school with a running track."""
    middle = np.array([134.0, -103.0])
    angles = np.linspace(-np.pi / 2, np.pi / 2, 20)

    def stadium(radius: float) -> FloatArray:
        right = middle + [20, 0] + radius * np.column_stack([np.cos(angles), np.sin(angles)])
        left = middle - [20, 0] - radius * np.column_stack([np.cos(angles), np.sin(angles)])
        return np.vstack([right, left])

    scene.paints.append(Paint(stadium(26.0), (0.55, 0.24, 0.19), "asphalt"))
    for lane in range(1, 6):
        outline = stadium(26.0 - 1.22 * lane)
        scene.paints.append(Paint(np.vstack([outline, outline[:1]]), (0.80, 0.74, 0.70), "paint", 0.10))
    scene.paints.append(Paint(stadium(18.4), (0.24, 0.40, 0.20), "grass"))
    for part in (rectangle(middle[0] - 26, middle[1] - 13, middle[0] + 26, middle[1] + 13),):
        scene.paints.append(Paint(np.vstack([part, part[:1]]), WHITE, "paint", 0.14))
        scene.paints.append(Paint(np.array([middle - np.array([0, 13]), middle + np.array([0, 13])]), WHITE, "paint", 0.14))
    slab_house(scene, (150.0, -68.0, 0.0), (44.0, 12.0), 4, rng)
    slab_house(scene, (106.0, -68.0, 0.0), (26.0, 12.0), 3, rng)
    tree_row(scene, (88, -140), (88, -62), 7.5, 5.0, rng)
    tree_row(scene, (178, -140), (178, -62), 7.5, 5.0, rng)
    scene.shapes.append(MapShape("plot", "示例小学", rectangle(86, -143, 180, -60)))


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


def _wear(scene: Scene, strip: object, width: float, lanes: int, rng: np.random.Generator) -> None:
    """Darker wheel lines, patches of newer asphalt."""
    for lane in range(lanes):
        centre = -width / 2 + width * (lane + 0.5) / lanes
        for wheel in (-0.8, 0.8):
            line = strip(centre + wheel - 0.2, centre + wheel + 0.2)  # type: ignore[operator]
            scene.paints.append(Paint(line, (0.365, 0.365, 0.37), "paint", soft_m=0.25))
    outline = strip(-width / 2, width / 2)  # type: ignore[operator]
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
