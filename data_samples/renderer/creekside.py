"""The creek's walls, paths and railings, the outfalls in the walls, and what runs out of two of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from data_samples.renderer.quarters import CONCRETE, GRASS, PAVING, tree
from data_samples.renderer.solids import box
from data_samples.renderer.things import Creek, Discharge, Face, MapShape, OutfallMouth, Paint, Scene, Thing

FloatArray = NDArray[np.float64]

QUAY = (0.52, 0.50, 0.46)
HEAD = (0.66, 0.64, 0.60)
WATER_Z_M = -1.8
HALF_WIDTH_M = 9.0
PATH_M = (1.6, 4.6)
GREEN_M = 9.5


def invented_creek(half_x_m: float) -> Creek:
    """A creek that winds from west to east through the block."""
    x = np.arange(-half_x_m - 12, half_x_m + 12.1, 2.0)
    y = -38 + 12 * np.sin((x + 40) / 95.0)
    return Creek("示例浜", np.column_stack([x, y]), HALF_WIDTH_M, WATER_Z_M, 0.25)


def offset_line(creek: Creek, across_m: float) -> FloatArray:
    """The centre line moved to its left by `across_m`, (n, 2)."""
    step = np.gradient(creek.centre_line, axis=0)
    left = np.column_stack([-step[:, 1], step[:, 0]]) / np.linalg.norm(step, axis=1)[:, None]
    return creek.centre_line + across_m * left


def band(creek: Creek, from_m: float, to_m: float) -> FloatArray:
    """The strip between two offsets as a polygon."""
    return np.vstack([offset_line(creek, from_m), offset_line(creek, to_m)[::-1]])


def lay(scene: Scene, rng: np.random.Generator) -> None:
    """Paint and build the creek: hole, walls, copings, green strips, paths, railings, bank trees."""
    creek = scene.creek
    half = creek.half_width_m
    for side in (-1, 1):
        scene.paints.append(Paint(band(creek, side * half, side * (half + GREEN_M)), GRASS, "grass"))
        scene.paints.append(Paint(band(creek, side * (half + PATH_M[0]), side * (half + PATH_M[1])), PAVING, "paving"))
        for edge in PATH_M:
            scene.paints.append(Paint(offset_line(creek, side * (half + edge)), (0.68, 0.66, 0.62), "paint", 0.18))
        scene.paints.append(Paint(band(creek, side * half, side * (half + 0.55)), (0.66, 0.64, 0.60), "concrete"))
        _wall(scene, side)
        _bank_trees(scene, side, rng)
    scene.paints.append(Paint(band(creek, -half, half), (0.1, 0.1, 0.1), "hole"))
    scene.shapes.append(MapShape("creek", creek.name, band(creek, -half, half)))


def _wall(scene: Scene, side: int) -> None:
    creek = scene.creek
    line = offset_line(creek, side * creek.half_width_m)
    for k in range(0, len(line) - 4, 4):
        a, b = line[k], line[k + 4]
        first, second = (b, a) if side > 0 else (a, b)
        low, high = creek.water_z_m, 0.05
        corners = np.array([[*second, low], [*first, low], [*first, high], [*second, high]])
        scene.faces.append(Face(corners, QUAY, "quay"))
    railing = offset_line(creek, side * (creek.half_width_m + 0.35))
    for a, b in zip(railing[:-2:2], railing[2::2], strict=False):
        quad = np.array([[*a, 0.0], [*b, 0.0], [*b, 1.1], [*a, 1.1]])
        scene.faces.append(Face(quad, (0.72, 0.72, 0.70), "railing"))
        scene.faces.append(Face(quad[::-1], (0.72, 0.72, 0.70), "railing"))


def _bank_trees(scene: Scene, side: int, rng: np.random.Generator) -> None:
    line = offset_line(scene.creek, side * (scene.creek.half_width_m + 7.2))
    for k in range(3, len(line) - 3, 4):
        x, y = line[k] + rng.normal(size=2) * 0.5
        clear = any(abs(x - mouth.place[0]) < 11 for mouth in scene.mouths if np.sign(mouth.outward[1]) != side)
        near_road = abs(x + 165) < 12 or abs(x - 190) < 12
        if rng.uniform() < 0.62 and not clear and not near_road:
            tree(scene, float(x), float(y), rng.uniform(3.6, 6.2), rng)


def add_mouth(
    scene: Scene, name: str, registered_id: str | None, x: float, side: int, form: str, width_m: float
) -> OutfallMouth:
    """Build an outfall into the wall at local x: a head with its opening, wing walls, a slab on top.

    Args:
        scene: to build into.
        name: of the outfall in the truth.
        registered_id: its number in the registry, or None.
        x: where, local metres.
        side: 1 for the left (north) bank, -1 for the right.
        form: `pipe` or `culvert`.
        width_m: of the head.

    Returns:
        The mouth.
    """
    creek = scene.creek
    line = offset_line(creek, side * creek.half_width_m)
    index = int(np.argmin(np.abs(line[:, 0] - x)))
    along = line[index + 1] - line[index - 1]
    along /= np.linalg.norm(along)
    outward = np.array([along[1], -along[0]]) * side
    place = line[index]
    ident = scene.next_ident()
    heading = float(np.arctan2(outward[1], outward[0]))
    at = (float(place[0]), float(place[1]), heading)
    half = width_m / 2
    low, high = creek.water_z_m - 0.05, -0.15
    out = 1.1
    faces = box(at, (-0.3, out, -half, half, low, high), HEAD, HEAD, ident=ident, textures=("quay", "plain"))
    front = faces[1]
    faces[1] = Face(front.corners, (0.60, 0.58, 0.55), form, ident)
    faces += box(at, (-0.6, out + 0.12, -half - 0.15, half + 0.15, high, high + 0.24), (0.70, 0.68, 0.64), ident=ident)
    for wing in (-1, 1):
        y0, y1 = sorted((wing * half, wing * (half + 0.28)))
        faces += box(at, (-0.3, out + 1.5, y0, y1, low, high + 0.15), HEAD, ident=ident, inset=(0, 0.9, 0, 0))
    mouth = OutfallMouth(
        name,
        registered_id,
        (float(place[0] + out * outward[0]), float(place[1] + out * outward[1]), creek.water_z_m + 0.7),
        (float(outward[0]), float(outward[1])),
        form,
        width_m,
        ident,
    )
    scene.mouths.append(mouth)
    corners = np.vstack([face.corners for face in faces])
    scene.add_thing(Thing(ident, name, "outfall", form, corners, registered_id), faces)
    _marker(scene, place, outward, registered_id is not None)
    return mouth


def _marker(scene: Scene, place: FloatArray, outward: FloatArray, signed: bool) -> None:
    """Concrete on the bank over the pipe; a sign where the outfall is registered."""
    inland = place - outward * 1.0
    side = np.array([-outward[1], outward[0]])
    slab = np.array([inland + side, inland - side, inland - outward * 2 - side, inland - outward * 2 + side])
    scene.paints.append(Paint(slab, CONCRETE, "concrete"))
    scene.paints.append(
        Paint(
            slab[:2].mean(axis=0) - np.array([[0.4, 0.4], [-0.4, 0.4], [-0.4, -0.4], [0.4, -0.4]]),
            (0.25, 0.24, 0.23),
            "paint",
        )
    )
    if signed:
        at = (
            float(inland[0] + side[0] * 1.8),
            float(inland[1] + side[1] * 1.8),
            float(np.arctan2(outward[1], outward[0])),
        )
        scene.faces.extend(box(at, (-0.04, 0.04, -0.5, 0.5, 1.0, 1.8), (0.10, 0.25, 0.60)))
        scene.faces.extend(box(at, (-0.04, 0.04, -0.04, 0.04, 0.0, 1.0), (0.6, 0.6, 0.6)))


def add_discharges(scene: Scene) -> None:
    """What runs out: turbid water of a registered outfall, and milky rust-coloured water of one nobody registered."""
    scene.discharges.append(Discharge("discharge-dyeing", "outfall-dyeing", (0.62, 0.52, 0.36), 1.0, 2.2, 85.0, 0.75))
    scene.discharges.append(Discharge("discharge-unknown", "outfall-unknown", (0.74, 0.74, 0.70), 0.95, 1.6, 55.0, 0.5))
