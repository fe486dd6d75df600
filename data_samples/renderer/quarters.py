"""Houses, halls, trees and parked cars: what fills the plots of a block."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from data_samples.renderer.solids import box, gable, placed, ring
from data_samples.renderer.things import Colour, Face, Leaf, MapShape, Paint, Scene, Thing
from data_samples.renderer.vehicles import CAR_COLOURS, car

FloatArray = NDArray[np.float64]

ASPHALT: Colour = (0.40, 0.40, 0.405)
CONCRETE: Colour = (0.62, 0.60, 0.56)
GRASS: Colour = (0.335, 0.355, 0.205)
PAVING: Colour = (0.56, 0.535, 0.505)
WHITE: Colour = (0.86, 0.86, 0.83)
WALLS: tuple[Colour, ...] = (
    (0.74, 0.70, 0.62),
    (0.70, 0.62, 0.52),
    (0.66, 0.66, 0.64),
    (0.72, 0.56, 0.44),
    (0.78, 0.76, 0.70),
)
FELT: tuple[Colour, ...] = ((0.52, 0.51, 0.49), (0.44, 0.44, 0.44), (0.60, 0.58, 0.54), (0.40, 0.44, 0.42))
TILES: tuple[Colour, ...] = ((0.50, 0.27, 0.19), (0.42, 0.24, 0.20), (0.36, 0.30, 0.28))
SHEETS: tuple[Colour, ...] = (
    (0.17, 0.36, 0.60),
    (0.22, 0.42, 0.64),
    (0.62, 0.65, 0.67),
    (0.50, 0.53, 0.55),
    (0.55, 0.20, 0.15),
)
LEAVES: tuple[Colour, ...] = (
    (0.20, 0.29, 0.12),
    (0.17, 0.26, 0.11),
    (0.23, 0.32, 0.13),
    (0.26, 0.33, 0.14),
    (0.46, 0.40, 0.15),
    (0.44, 0.29, 0.13),
)


def rectangle(x0: float, y0: float, x1: float, y1: float) -> FloatArray:
    """A rectangle's corners (4, 2)."""
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], float)


def turned(points: FloatArray, at: tuple[float, float, float]) -> FloatArray:
    """Points (n, 2) of a frame at x, y, heading, in local metres."""
    return placed(np.column_stack([points, np.zeros(len(points))]), *at)[:, :2]


def building(scene: Scene, name: str, footprint: FloatArray, faces: list[Face], kind: str = "building") -> None:
    """Put a building in: its faces, and its outline on the plain map."""
    scene.faces.extend(faces)
    scene.shapes.append(MapShape(kind, name, footprint))


def slab_house(
    scene: Scene, at: tuple[float, float, float], size: tuple[float, float], storeys: int, rng: np.random.Generator
) -> None:
    """A block of flats: windows on all sides, a flat roof with parapet and stair heads, or a low tiled roof."""
    length, depth = size
    height = 3.0 * storeys + 0.6
    x1, y1 = length / 2, depth / 2
    wall = WALLS[rng.integers(len(WALLS))]
    faces: list[Face] = []
    roof = FELT[rng.integers(len(FELT))]
    tiled = storeys <= 7 and rng.uniform() < 0.5
    faces += box(at, (-x1, x1, -y1, y1, 0, height), wall, roof, textures=("wall", "roof"))
    for k in range(3):
        s0 = -x1 + length * (k + 0.5) / 3
        faces += box(at, (s0 - 3, s0 - 0.6, -y1 - 1.3, -y1, 0.4, height - 0.8), wall, textures=("wall", "plain"))
    if tiled:
        colour = TILES[rng.integers(len(TILES))]
        over, rise = 0.6, depth * 0.26
        base = placed(ring(-x1 - over, x1 + over, -y1 - over, y1 + over, height), *at)
        top = placed(ring(-x1 + y1 * 0.8, x1 - y1 * 0.8, -0.15, 0.15, height + rise), *at)
        for i in range(4):
            j = (i + 1) % 4
            faces.append(Face(np.array([base[i], base[j], top[j], top[i]]), colour, "tiles"))
    else:
        faces += _roof_things(at, size, height, wall, rng)
    building(scene, "", turned(rectangle(-x1, -y1, x1, y1), at), faces)


def _roof_things(
    at: tuple[float, float, float], size: tuple[float, float], height: float, wall: Colour, rng: np.random.Generator
) -> list[Face]:
    x1, y1 = size[0] / 2, size[1] / 2
    faces: list[Face] = []
    for span in (
        (-x1, x1, -y1, -y1 + 0.25),
        (-x1, x1, y1 - 0.25, y1),
        (-x1, -x1 + 0.25, -y1, y1),
        (x1 - 0.25, x1, -y1, y1),
    ):
        faces += box(at, (*span, height, height + 0.9), wall, (0.66, 0.65, 0.62))
    for k in range(max(1, int(size[0] // 16))):
        s = -x1 + 8 + 16 * k + rng.uniform(-1, 1)
        if s + 2.2 < x1:
            faces += box(
                at,
                (s - 2, s + 2, -1.6, 2.0, height, height + 2.7),
                wall,
                (0.55, 0.54, 0.52),
                textures=("plain", "roof"),
            )
        for _ in range(4):
            u, v = rng.uniform(-x1 + 2, x1 - 2), rng.uniform(-y1 + 1.5, y1 - 1.5)
            shine = rng.uniform() < 0.5
            faces += box(
                at,
                (u - 0.9, u + 0.9, v - 0.5, v + 0.5, height, height + 1.0),
                (0.7, 0.7, 0.7),
                (0.10, 0.12, 0.22) if shine else (0.72, 0.72, 0.70),
                textures=("plain", "solar" if shine else "plain"),
                inset=(0, 0, 0, 0.2),
            )
    return faces


def hall(
    scene: Scene,
    at: tuple[float, float, float],
    size: tuple[float, float],
    eaves_m: float,
    colour: Colour,
    rng: np.random.Generator,
    name: str = "",
) -> None:
    """A workshop with a sheet roof, roof vents along the ridge."""
    x1, y1 = size[0] / 2, size[1] / 2
    ridge = eaves_m + 0.13 * size[1]
    texture = "rust" if rng.uniform() < 0.3 else "corrugated"
    faces = gable(at, (-x1, x1, -y1, y1), eaves_m, ridge, ((0.68, 0.69, 0.68), colour), 0, ("sheet_wall", texture))
    for s in np.arange(-x1 + 5, x1 - 4, 7.5):
        if rng.uniform() < 0.75:
            faces += box(
                at,
                (s - 0.6, s + 0.6, -0.6, 0.6, ridge - 0.2, ridge + 0.9),
                (0.62, 0.63, 0.64),
                inset=(0.2, 0.2, 0.2, 0.2),
            )
    building(scene, name, turned(rectangle(-x1, -y1, x1, y1), at), faces, "works")


def flat_hall(
    scene: Scene,
    at: tuple[float, float, float],
    size: tuple[float, float],
    height: float,
    rng: np.random.Generator,
    *,
    solar: bool,
    name: str = "",
) -> None:
    """A wide flat-roofed building with machines or solar panels on it."""
    x1, y1 = size[0] / 2, size[1] / 2
    faces = box(
        at, (-x1, x1, -y1, y1, 0, height), (0.76, 0.76, 0.74), (0.63, 0.62, 0.59), textures=("sheet_wall", "roof")
    )
    for span in (
        (-x1, x1, -y1, -y1 + 0.3),
        (-x1, x1, y1 - 0.3, y1),
        (-x1, -x1 + 0.3, -y1, y1),
        (x1 - 0.3, x1, -y1, y1),
    ):
        faces += box(at, (*span, height, height + 0.7), (0.7, 0.7, 0.68))
    if solar:
        for v in np.arange(-y1 + 3, y1 - 4, 3.4):
            for u in np.arange(-x1 + 4, x1 - 14, 13.0):
                faces += box(
                    at,
                    (u, u + 12, v, v + 2.0, height + 0.15, height + 0.5),
                    (0.4, 0.4, 0.4),
                    (0.08, 0.10, 0.19),
                    textures=("plain", "solar"),
                    inset=(0, 0, 0, 0),
                )
    else:
        for _ in range(10):
            u, v = rng.uniform(-x1 + 3, x1 - 6), rng.uniform(-y1 + 3, y1 - 4)
            a, b = rng.uniform(1.2, 3.5), rng.uniform(1.0, 2.2)
            faces += box(
                at, (u, u + a, v, v + b, height, height + rng.uniform(0.8, 1.8)), (0.66, 0.67, 0.67), (0.55, 0.56, 0.56)
            )
    building(scene, name, turned(rectangle(-x1, -y1, x1, y1), at), faces, "works")


def tree(
    scene: Scene, x: float, y: float, size_m: float, rng: np.random.Generator, colour: Colour | None = None
) -> None:
    """A tree as some twenty balls of leaves over a trunk."""
    base = np.array(colour or LEAVES[rng.choice(len(LEAVES), p=[0.27, 0.24, 0.2, 0.13, 0.09, 0.07])])
    height = size_m * rng.uniform(1.1, 1.5)
    reach = 0.40 * size_m
    for k in range(20):
        around, lift = rng.uniform(0, 2 * np.pi), rng.uniform(0, 1)
        out = reach * np.sqrt(rng.uniform(0.05, 1.0)) * (1 - 0.55 * lift) * (k > 0)
        radius = size_m * rng.uniform(0.13, 0.22) * (1.5 if k == 0 else 1.0)
        z = height * (0.52 + 0.36 * lift) if k else height * 0.70
        tint = np.clip(base * rng.uniform(0.80, 1.22), 0, 1)
        shade = (float(tint[0]), float(tint[1]), float(tint[2]))
        scene.leaves.append(Leaf((x + out * np.cos(around), y + out * np.sin(around), max(z, radius)), radius, shade))
    scene.faces.extend(box((x, y, 0.0), (-0.13, 0.13, -0.13, 0.13, 0, height * 0.6), (0.27, 0.23, 0.19)))


def bush(scene: Scene, x: float, y: float, size_m: float, rng: np.random.Generator) -> None:
    """A low bush of a few balls."""
    base = np.array(LEAVES[rng.integers(4)]) * rng.uniform(0.85, 1.2)
    for _ in range(3):
        dx, dy = rng.normal(size=2) * size_m * 0.35
        radius = size_m * rng.uniform(0.35, 0.55)
        shade = (float(base[0]), float(base[1]), float(base[2]))
        scene.leaves.append(Leaf((x + dx, y + dy, radius * 0.6), radius, shade))


def clutter(
    scene: Scene, low: tuple[float, float], high: tuple[float, float], count: int, rng: np.random.Generator
) -> None:
    """Pallets, crates, drums and sheets that stand about in a yard."""
    colours: tuple[Colour, ...] = (
        (0.52, 0.40, 0.26),
        (0.18, 0.34, 0.55),
        (0.62, 0.62, 0.60),
        (0.35, 0.24, 0.18),
        (0.72, 0.70, 0.64),
        (0.20, 0.38, 0.26),
    )
    for _ in range(count):
        x, y = rng.uniform(low, high)
        at = (float(x), float(y), float(rng.choice([0.0, 1.57]) + rng.normal() * 0.12))
        colour = colours[rng.integers(len(colours))]
        a, b, height = rng.uniform(0.4, 1.3), rng.uniform(0.4, 0.8), rng.uniform(0.2, 1.4)
        for k in range(int(rng.integers(1, 5))):
            s = k * (2 * a + 0.15)
            scene.faces.extend(
                box(
                    at, (s - a, s + a, -b, b, 0, height * rng.uniform(0.7, 1.0)), colour, textures=("plain", "van_roof")
                )
            )


def tree_row(
    scene: Scene,
    start: tuple[float, float],
    end: tuple[float, float],
    step_m: float,
    size_m: float,
    rng: np.random.Generator,
) -> None:
    """Trees along a line, not quite even."""
    a, b = np.array(start), np.array(end)
    count = int(np.linalg.norm(b - a) // step_m)
    kind = LEAVES[rng.choice(4)]
    for k in range(count + 1):
        if rng.uniform() < 0.1:
            continue
        x, y = a + (b - a) * k / max(count, 1) + rng.normal(size=2) * 0.4
        tree(scene, float(x), float(y), size_m * rng.uniform(0.75, 1.2), rng, kind if rng.uniform() < 0.85 else None)


def hedge(
    scene: Scene, start: tuple[float, float], end: tuple[float, float], rng: np.random.Generator, size_m: float = 0.8
) -> None:
    """A clipped hedge."""
    a, b = np.array(start), np.array(end)
    count = int(np.linalg.norm(b - a) / (size_m * 0.9))
    for k in range(count + 1):
        x, y = a + (b - a) * k / max(count, 1)
        scene.leaves.append(Leaf((float(x), float(y), size_m * 0.5), size_m * rng.uniform(0.6, 0.8), LEAVES[k % 3]))


def parked(scene: Scene, at: tuple[float, float, float], rng: np.random.Generator, *, label: str = "vehicle") -> None:
    """A parked car."""
    ident = scene.next_ident()
    jitter = rng.normal(size=3) * np.array([0.15, 0.12, 0.02])
    where = (at[0] + jitter[0], at[1] + jitter[1], at[2] + jitter[2] + np.pi * rng.integers(2))
    length, van = rng.uniform(4.2, 4.95), bool(rng.uniform() < 0.3)
    faces = car(where, CAR_COLOURS[rng.integers(len(CAR_COLOURS))], ident, length_m=length, van=van)
    scene.add_thing(vehicle_thing(ident, f"car {ident}", "car", where, (length, 1.85, 1.5)), faces)


def vehicle_thing(
    ident: int,
    name: str,
    kind: str,
    at: tuple[float, float, float],
    size: tuple[float, float, float],
    owner: str | None = None,
) -> Thing:
    """The truth of a vehicle: eight corners of its bounding box."""
    half, wide = size[0] / 2, size[1] / 2
    low, high = ring(-half, half, -wide, wide, 0.0), ring(-half, half, -wide, wide, size[2])
    return Thing(ident, name, "vehicle", kind, placed(np.vstack([low, high]), *at), owner)


def car_park(
    scene: Scene, at: tuple[float, float, float], places: int, rng: np.random.Generator, *, filled: float = 0.65
) -> None:
    """A row of marked places; the frame's x runs along the row."""
    width, deep = 2.5, 5.3
    surface = turned(rectangle(-0.3, -0.3, places * width + 0.3, deep + 6.0), at)
    scene.paints.append(Paint(surface, ASPHALT, "asphalt"))
    for k in range(places + 1):
        line = turned(np.array([[k * width, 0.1], [k * width, deep]]), at)
        scene.paints.append(Paint(line, WHITE, "paint", 0.12))
        if k < places and rng.uniform() < filled:
            middle = turned(np.array([[(k + 0.5) * width, deep / 2]]), at)[0]
            parked(scene, (middle[0], middle[1], at[2] + np.pi / 2), rng)


def lawn(scene: Scene, points: FloatArray, rng: np.random.Generator) -> None:
    """A lawn with worn patches."""
    scene.paints.append(Paint(points, GRASS, "grass"))
    low, high = points.min(axis=0), points.max(axis=0)
    for _ in range(int(np.prod(high - low) / 260)):
        middle = rng.uniform(low, high)
        angles = np.linspace(0, 2 * np.pi, 9)[:-1]
        blob = middle + np.column_stack([np.cos(angles), np.sin(angles)]) * rng.uniform(0.8, 3.2, (8, 1))
        dry = (0.40, 0.36, 0.22) if rng.uniform() < 0.5 else (0.24, 0.31, 0.14)
        scene.paints.append(Paint(blob, dry, "paint", soft_m=0.6))
