"""The building site: bare soil, tracks, nets, heaps, a raft and a rising frame, a crane, machines, and its dust."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from data_samples.renderer.clouds import blown
from data_samples.renderer.quarters import CONCRETE, building, clutter, rectangle, turned, vehicle_thing
from data_samples.renderer.solids import beam, box, heap, post
from data_samples.renderer.things import Colour, Face, MapShape, Paint, Scene, Thing
from data_samples.renderer.vehicles import dump_truck, excavator, mixer

FloatArray = NDArray[np.float64]

SITE = np.array([[-148.0, 0.0], [-148.0, 97.0], [10.0, 97.0], [10.0, 6.0], [-60.0, 4.0]])
SITE_NAME = "示例里住宅项目工地"
GATE_X = (-52.0, -40.0)
SOIL: Colour = (0.53, 0.44, 0.335)
DRY: Colour = (0.66, 0.575, 0.45)
DAMP: Colour = (0.40, 0.325, 0.245)
NET: Colour = (0.155, 0.27, 0.155)
WIND_M_S = (2.6, -1.9)
HANDLING = (-62.0, 42.0)
TURN = np.linspace(0, 2 * np.pi, 17)[:-1]


def lay(scene: Scene, rng: np.random.Generator) -> None:
    """Paint and build the site."""
    _soil(scene, rng)
    _hoarding(scene)
    _raft(scene, rng)
    _frame(scene)
    _heaps(scene, rng)
    _huts(scene)
    _stores(scene, rng)
    _crane(scene)
    _machines(scene, rng)
    _dust(scene, rng)
    scene.shapes.append(MapShape("site", SITE_NAME, SITE))


def _soil(scene: Scene, rng: np.random.Generator) -> None:
    scene.paints.append(Paint(SITE, SOIL, "soil"))
    for colour, count, size in ((DRY, 26, 9.0), (DAMP, 30, 6.0), ((0.58, 0.47, 0.36), 22, 12.0)):
        for _ in range(count):
            middle = rng.uniform(SITE.min(axis=0) + 5, SITE.max(axis=0) - 5)
            angles = np.linspace(0, 2 * np.pi, 11)[:-1]
            reach = size * rng.uniform(0.35, 1.15, (10, 1))
            blob = middle + np.column_stack([np.cos(angles), 0.6 * np.sin(angles)]) * reach
            scene.paints.append(Paint(np.clip(blob, SITE.min(axis=0), SITE.max(axis=0)), colour, "paint", soft_m=1.1))
    for road in haul_roads():
        scene.paints.append(Paint(road, DRY, "paint", 6.5, soft_m=1.0))
        for _ in range(7):
            shift = rng.normal(size=2) * 1.3
            for wheel in (-1.0, 1.0):
                track = road + shift + [0.25 * wheel, wheel]
                colour = DAMP if rng.uniform() < 0.55 else (0.70, 0.62, 0.50)
                scene.paints.append(Paint(track, colour, "paint", 0.42, soft_m=0.12))
    mud = np.array([[-46.0, 97.0], [-46.0, 108.0], [-38.0, 112.0], [-10.0, 113.5]])
    scene.paints.append(Paint(mud, (0.50, 0.44, 0.36), "paint", 3.4, soft_m=1.2))


def haul_roads() -> list[FloatArray]:
    """Centre lines of the tracks on the site."""
    t = np.linspace(0, 1, 40)[:, None]
    gate, bend, end = np.array([-46.0, 98.0]), np.array([-44.0, 50.0]), np.array([-120.0, 60.0])
    first = (1 - t) ** 2 * gate + 2 * t * (1 - t) * bend + t**2 * end
    spur = (
        (1 - t) ** 2 * np.array([-47.0, 80.0])
        + 2 * t * (1 - t) * np.array([-46.0, 30.0])
        + t**2 * np.array([-66.0, 14.0])
    )
    east = (
        (1 - t) ** 2 * np.array([-46.5, 72.0])
        + 2 * t * (1 - t) * np.array([-30.0, 56.0])
        + t**2 * np.array([-6.0, 60.0])
    )
    return [first, spur, east]


def _hoarding(scene: Scene) -> None:
    blue: Colour = (0.20, 0.36, 0.56)
    ends = [*SITE, SITE[0]]
    for a, b in pairwise(ends):
        length = float(np.linalg.norm(b - a))
        count = max(1, round(length / 12))
        for k in range(count):
            p, q = a + (b - a) * k / count, a + (b - a) * (k + 1) / count
            if p[1] > 95 and q[1] > 95 and GATE_X[0] - 3 < (p[0] + q[0]) / 2 < GATE_X[1] + 3:
                continue
            along = (q - p) / np.linalg.norm(q - p)
            at = (float(p[0]), float(p[1]), float(np.arctan2(along[1], along[0])))
            span = float(np.linalg.norm(q - p))
            scene.faces.extend(
                box(at, (0, span, -0.06, 0.06, 0, 2.5), blue, (0.8, 0.8, 0.8), textures=("hoarding", "plain"))
            )
    wash = rectangle(-50.5, 86, -41.5, 95)
    scene.paints.append(Paint(wash, CONCRETE, "concrete"))
    scene.paints.append(Paint(rectangle(-49.5, 88, -42.5, 93), (0.42, 0.38, 0.31), "concrete"))


def _raft(scene: Scene, rng: np.random.Generator) -> None:
    """A concrete raft with starter bars, and nets over the open ground beside it."""
    scene.paints.append(Paint(rectangle(-140, 8, -92, 46), (0.42, 0.36, 0.28), "soil"))
    scene.paints.append(Paint(rectangle(-137, 11, -95, 43), (0.60, 0.585, 0.555), "concrete"))
    for x in np.arange(-136, -95.5, 1.4):
        scene.paints.append(Paint(np.array([[x, 26.0], [x, 42.5]]), (0.40, 0.31, 0.25), "paint", 0.12))
    for y in np.arange(26.5, 42.6, 1.4):
        scene.paints.append(Paint(np.array([[-136.5, y], [-95.5, y]]), (0.42, 0.33, 0.27), "paint", 0.12))
    for x in np.arange(-134, -96, 6.0):
        for y in (13.5, 19.5):
            scene.faces.extend(box((x, y, 0.0), (-0.35, 0.35, -0.35, 0.35, 0, 1.5), (0.50, 0.44, 0.38)))
    for points in (
        [[-32, 8], [4, 10], [6, 30], [-14, 37], [-36, 28]],
        [[-143, 66], [-118, 70], [-116, 92], [-144, 93]],
    ):
        outline = np.array(points, float)
        scene.paints.append(Paint(outline, NET, "net"))
        for _ in range(7):
            a, b = rng.uniform(outline.min(axis=0) + 3, outline.max(axis=0) - 3, (2, 2))
            scene.paints.append(Paint(np.array([a, b]), (0.21, 0.35, 0.21), "paint", 0.5, soft_m=0.25))


def _frame(scene: Scene) -> None:
    """A house under construction: three bare floors on columns, stair core, scaffold net on one side."""
    at = (-24.0, 74.0, 0.04)
    grey: Colour = (0.60, 0.585, 0.56)
    faces: list[Face] = []
    for level in range(4):
        z = 3.2 * level
        for x in np.arange(-18, 18.1, 6.0):
            for y in (-6.5, 0.0, 6.5):
                faces += box(at, (x - 0.3, x + 0.3, y - 0.3, y + 0.3, z, z + 3.0), grey)
        if level < 3:
            faces += box(at, (-19, 19, -7.5, 7.5, z + 3.0, z + 3.2), grey, textures=("plain", "roof"))
    faces += box(at, (-3, 3, 1, 6, 0, 14.5), (0.56, 0.545, 0.52), (0.5, 0.49, 0.47))
    faces += box(at, (8, 18, -6.5, 6.5, 9.6, 9.85), (0.60, 0.46, 0.28), textures=("plain", "van_roof"))
    faces += box(at, (-19.9, 19.9, -8.5, -8.4, 0, 12.0), (0.16, 0.34, 0.23), textures=("net", "plain"))
    faces += box(at, (-20, -19.9, -8.5, 8.5, 0, 12.0), (0.16, 0.34, 0.23), textures=("net", "plain"))
    building(scene, "在建 3 号楼", turned(rectangle(-19, -7.5, 19, 7.5), at), faces)


def _heaps(scene: Scene, rng: np.random.Generator) -> None:
    for x, y, radii, height, heading, colour in (
        (-70.0, 36.0, (12.0, 8.0), 5.2, 0.3, SOIL),
        (-84.0, 62.0, (8.0, 6.0), 3.6, 1.1, (0.56, 0.46, 0.34)),
        (-30.0, 43.0, (7.0, 5.0), 3.0, 0.0, (0.60, 0.54, 0.44)),
        (-12.0, 47.0, (4.5, 4.0), 2.4, 0.0, (0.62, 0.60, 0.56)),
        (-104.0, 82.0, (9.0, 6.0), 3.5, 0.2, NET),
    ):
        scene.faces.extend(heap(x, y, radii, height, heading, colour, rng, texture="soil"))
        apron = np.array([x, y]) + 1.25 * np.array(radii) * np.column_stack([np.cos(TURN), np.sin(TURN)])
        if colour is not NET:
            scene.paints.append(Paint(apron, colour, "paint", soft_m=0.9))


def _huts(scene: Scene) -> None:
    for k in range(5):
        for row in range(2):
            at = (-12.0 + 4.4 * k - 6, 89.5, 0.0)
            z = 2.7 * row
            scene.faces.extend(
                box(
                    at,
                    (-2.1, 2.1, -3, 3, z, z + 2.6),
                    (0.84, 0.85, 0.85),
                    (0.20, 0.38, 0.62),
                    textures=("sheet_wall", "van_roof"),
                )
            )
    scene.shapes.append(MapShape("building", "工地板房", rectangle(-20.5, 86.5, 2, 92.5)))


def _stores(scene: Scene, rng: np.random.Generator) -> None:
    rust: Colour = (0.38, 0.25, 0.18)
    for _ in range(14):
        x, y = -92 + rng.uniform(0, 12), 16 + rng.uniform(0, 10)
        scene.faces.extend(beam([x, y, 0.15], [x + 9, y + rng.normal() * 0.2, 0.15], 0.3, rust))
    for k in range(9):
        at = (-24 + 3.0 * (k % 5), 52 + 2.4 * (k // 5), 0.02 * k)
        scene.faces.extend(
            box(at, (-1.2, 1.2, -0.9, 0.9, 0, 0.5 + 0.25 * (k % 3)), (0.66, 0.52, 0.33), textures=("plain", "van_roof"))
        )
    clutter(scene, (-90, 8), (-40, 34), 20, rng)
    clutter(scene, (-40, 50), (6, 66), 12, rng)
    for k in range(8):
        y = 12.0 + 1.3 * (k % 4)
        x = -56.0 + 7 * (k // 4)
        scene.faces.extend(beam([x, y, 0.6], [x + 5.5, y, 0.6], 1.1, (0.62, 0.62, 0.60)))


def _crane(scene: Scene) -> None:
    yellow: Colour = (0.80, 0.62, 0.10)
    x, y, top = -47.0, 70.0, 34.0
    for dx, dy in ((-0.8, -0.8), (0.8, -0.8), (0.8, 0.8), (-0.8, 0.8)):
        scene.faces.extend(post(x + dx, y + dy, 0, top, 0.22, yellow))
    for z in np.arange(1.5, top, 1.6):
        flip = 1 if int(z / 1.6) % 2 else -1
        scene.faces.extend(beam([x - 0.8, y - 0.8 * flip, z], [x + 0.8, y - 0.8 * flip, z + 1.4], 0.12, yellow))
        scene.faces.extend(beam([x - 0.8 * flip, y - 0.8, z], [x - 0.8 * flip, y + 0.8, z + 1.4], 0.12, yellow))
    swing = 0.42
    tip = np.array([np.cos(swing), np.sin(swing)])
    for side in (-0.6, 0.6):
        off = side * np.array([-tip[1], tip[0]])
        scene.faces.extend(
            beam(
                [x - 12 * tip[0] + off[0], y - 12 * tip[1] + off[1], top],
                [x + 42 * tip[0] + off[0], y + 42 * tip[1] + off[1], top],
                0.22,
                yellow,
            )
        )
    scene.faces.extend(beam([x, y, top + 1.6], [x + 42 * tip[0], y + 42 * tip[1], top + 0.6], 0.22, yellow))
    for s in np.arange(0, 42, 2.2):
        a = np.array([x, y]) + s * tip
        left = 0.6 * np.array([-tip[1], tip[0]])
        scene.faces.extend(beam([*(a + left), top], [*(a + 1.1 * tip - left), top], 0.12, yellow))
        scene.faces.extend(beam([*(a - left), top], [*(a + 1.1 * tip), top + 1.2], 0.12, yellow))
    back = np.array([x, y]) - 10.5 * tip
    scene.faces.extend(box((back[0], back[1], swing), (-1.6, 1.6, -0.7, 0.7, top - 1.8, top + 0.4), (0.45, 0.45, 0.44)))
    scene.faces.extend(box((x, y, swing), (0.6, 2.0, 0.8, 1.9, top - 2.0, top - 0.2), (0.85, 0.85, 0.85)))
    scene.faces.extend(post(x + 28 * tip[0], y + 28 * tip[1], 12.0, top, 0.07, (0.2, 0.2, 0.2)))
    scene.paints.append(Paint(rectangle(x - 3, y - 3, x + 3, y + 3), CONCRETE, "concrete"))


def _machines(scene: Scene, rng: np.random.Generator) -> None:
    orange, red, green = (0.80, 0.36, 0.10), (0.58, 0.12, 0.10), (0.12, 0.33, 0.24)
    for x, y, heading, colours, loaded in (
        (-55.5, 45.5, 1.25, (orange, (0.72, 0.36, 0.14)), True),
        (-100.0, 60.5, 3.05, (green, (0.14, 0.36, 0.26)), False),
        (-43.8, 80.0, 1.50, (red, (0.55, 0.16, 0.12)), True),
        (-68.0, 70.0, 2.6, (orange, (0.70, 0.38, 0.16)), False),
    ):
        ident = scene.next_ident()
        at = (x, y, heading)
        thing = vehicle_thing(ident, f"tipper {ident}", "dump_truck", at, (9.3, 2.6, 3.0), "site-S001")
        scene.add_thing(thing, dump_truck(at, colours, ident, rng, loaded=loaded))
    ident = scene.next_ident()
    at = (-6.0, 61.5, 0.15)
    scene.add_thing(vehicle_thing(ident, f"mixer {ident}", "mixer", at, (8.8, 2.5, 3.6), "site-S001"), mixer(at, ident))
    for x, y, heading, swing in ((-63.5, 43.5, 0.2, 0.35), (-118.0, 54.0, 2.0, -1.2)):
        ident = scene.next_ident()
        faces = excavator((x, y, heading), swing, ident)
        corners = np.vstack([f.corners for f in faces])
        scene.add_thing(Thing(ident, f"excavator {ident}", None, "excavator", corners, "site-S001"), faces)


def _dust(scene: Scene, rng: np.random.Generator) -> None:
    scene.clouds.append(
        blown(
            "plume-site",
            "dust_plume",
            (HANDLING[0], HANDLING[1], 2.2),
            WIND_M_S,
            (0.86, 0.79, 0.68),
            rng,
            count=760,
            age_s=13.0,
            depth=0.27,
            width_m=3.6,
        )
    )
