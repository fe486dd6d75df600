"""The plots of the block: a lane along the creek, a dyeing works, a stone yard, flats, a food plant, a school."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from data_samples.renderer.clouds import blown
from data_samples.renderer.quarters import (
    ASPHALT,
    FELT,
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
from data_samples.renderer.vehicles import box_truck

FloatArray = NDArray[np.float64]


def lane(scene: Scene, rng: np.random.Generator) -> None:
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


def dyeing_works(scene: Scene, rng: np.random.Generator) -> None:
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


def stone_yard(scene: Scene, rng: np.random.Generator) -> None:
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
        place = (122 + 4.6 * (k % 12), 12 + 5.0 * (k // 12), 1.5708)
        tone = rng.uniform(0.5, 0.8)
        scene.faces.extend(
            box(place, (-1.6, 1.6, -0.9, 0.9, 0, rng.uniform(0.6, 1.5)), (tone, tone * 0.97, tone * 0.93))
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


def flats(scene: Scene, rng: np.random.Generator) -> None:
    """Three rows of houses with parking, trees and bushes."""
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


def food_plant(scene: Scene, rng: np.random.Generator) -> None:
    """A food plant with solar panels, loading bays and a vent whose steam resembles dust."""
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


def school(scene: Scene, rng: np.random.Generator) -> None:
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
    pitch = rectangle(middle[0] - 26, middle[1] - 13, middle[0] + 26, middle[1] + 13)
    halfway = middle + np.array([[0, -13], [0, 13]])
    for line in (np.vstack([pitch, pitch[:1]]), halfway):
        scene.paints.append(Paint(line, WHITE, "paint", 0.14))
    slab_house(scene, (150.0, -68.0, 0.0), (44.0, 12.0), 4, rng)
    slab_house(scene, (106.0, -68.0, 0.0), (26.0, 12.0), 3, rng)
    tree_row(scene, (88, -140), (88, -62), 7.5, 5.0, rng)
    tree_row(scene, (178, -140), (178, -62), 7.5, 5.0, rng)
    scene.shapes.append(MapShape("plot", "示例小学", rectangle(86, -143, 180, -60)))
