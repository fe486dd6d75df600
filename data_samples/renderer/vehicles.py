"""Cars, lorries and machines of plausible shape. Own frame: x forward, y left, z up."""

from __future__ import annotations

import numpy as np

from data_samples.renderer.solids import beam, box, heap, placed
from data_samples.renderer.things import Colour, Face

RUBBER: Colour = (0.07, 0.07, 0.075)
GLASS: Colour = (0.10, 0.13, 0.16)
STEEL: Colour = (0.25, 0.25, 0.26)
CAR_COLOURS: tuple[Colour, ...] = (
    *((0.90, 0.90, 0.90),) * 4,
    *((0.10, 0.10, 0.11),) * 3,
    *((0.60, 0.61, 0.63),) * 3,
    *((0.34, 0.35, 0.37),) * 2,
    (0.46, 0.09, 0.09),
    (0.13, 0.20, 0.38),
    (0.44, 0.37, 0.28),
    (0.20, 0.45, 0.33),
)
At = tuple[float, float, float]


def _wheels(at: At, axles: list[float], half_width: float, radius: float, ident: int) -> list[Face]:
    faces: list[Face] = []
    for axle in axles:
        for side in (-1, 1):
            y0, y1 = sorted((side * half_width, side * (half_width - 0.28)))
            faces += box(
                at,
                (axle - radius, axle + radius, y0, y1, 0.0, 2 * radius),
                RUBBER,
                ident=ident,
                inset=(0.2 * radius, 0.2 * radius, 0, 0),
            )
    return faces


def car(at: At, colour: Colour, ident: int, *, length_m: float = 4.6, van: bool = False) -> list[Face]:
    """A saloon car, or a van-like one: body, glass house, roof, bonnet, lamps, wheels."""
    half, width = length_m / 2, 0.91
    top = 1.75 if van else 1.46
    front, rear = (0.95, -half + 0.25) if van else (0.75, -half + 0.75)
    faces = _wheels(at, [half - 0.85, -half + 0.85], width, 0.32, ident)
    faces += box(at, (-half, half, -width, width, 0.22, 0.55), colour, ident=ident, inset=(-0.02, -0.02, 0, 0))
    faces += box(
        at,
        (-half, half, -width, width, 0.55, 0.92),
        colour,
        ident=ident,
        textures=("car", "car"),
        inset=(0.10, 0.22, 0.10, 0.10),
    )
    rake = (0.35, 0.75) if not van else (0.15, 0.55)
    faces += box(
        at,
        (rear, front + 0.35, -width + 0.13, width - 0.13, 0.92, top - 0.04),
        GLASS,
        GLASS,
        ident=ident,
        textures=("glass", "glass"),
        inset=(*rake, 0.16, 0.16),
    )
    faces += box(
        at,
        (rear + rake[0] - 0.05, front + 0.35 - rake[1] + 0.05, -width + 0.27, width - 0.27, top - 0.04, top),
        colour,
        ident=ident,
        textures=("car", "car"),
        inset=(0.06, 0.06, 0.05, 0.05),
    )
    for side in (-1, 1):
        y0, y1 = sorted((side * 0.45, side * 0.80))
        faces += box(at, (half - 0.16, half - 0.02, y0, y1, 0.60, 0.76), (0.85, 0.85, 0.82), ident=ident)
        faces += box(at, (-half + 0.0, -half + 0.1, y0, y1, 0.62, 0.80), (0.45, 0.05, 0.05), ident=ident)
    return faces


def _cab(at: At, front: float, depth: float, height: float, colour: Colour, ident: int) -> list[Face]:
    faces = box(at, (front - depth, front, -1.22, 1.22, 0.75, 1.75), colour, ident=ident)
    faces += box(
        at,
        (front - depth, front, -1.22, 1.22, 1.75, 2.50),
        GLASS,
        ident=ident,
        textures=("glass", "glass"),
        inset=(0, 0.12, 0.04, 0.04),
    )
    faces += box(
        at,
        (front - depth, front - 0.12, -1.18, 1.18, 2.50, height),
        colour,
        ident=ident,
        textures=("plain", "car"),
        inset=(0.05, 0.1, 0.06, 0.06),
    )
    faces += box(at, (front - 0.02, front + 0.06, -1.2, 1.2, 0.45, 0.85), STEEL, ident=ident)
    for side in (-1, 1):
        y0, y1 = sorted((side * 1.24, side * 1.46))
        faces += box(at, (front - 0.35, front - 0.2, y0, y1, 1.75, 2.35), RUBBER, ident=ident)
    return faces


def dump_truck(
    at: At, colours: tuple[Colour, Colour], ident: int, rng: np.random.Generator, *, loaded: bool
) -> list[Face]:
    """A four-axle tipper: cab, chassis, open bed with ribs, and its load."""
    cab_colour, bed_colour = colours
    half = 4.6
    faces = _wheels(at, [half - 1.2, half - 3.1, -half + 2.4, -half + 1.05], 1.22, 0.52, ident)
    faces += box(at, (-half, half - 0.3, -0.5, 0.5, 0.65, 1.0), STEEL, ident=ident)
    faces += _cab(at, half, 1.9, 2.95, cab_colour, ident)
    x0, x1, wall = -half - 0.1, half - 2.15, 0.12
    for y0, y1 in ((-1.25, -1.25 + wall), (1.25 - wall, 1.25)):
        faces += box(at, (x0, x1, y0, y1, 1.05, 2.55), bed_colour, ident=ident, textures=("rib", "plain"))
    faces += box(at, (x1 - wall, x1, -1.25, 1.25, 1.05, 2.75), bed_colour, ident=ident)
    faces += box(at, (x1 - wall, x1 + 0.55, -1.1, 1.1, 2.70, 2.80), bed_colour, ident=ident)
    faces += box(at, (x0, x0 + wall, -1.25, 1.25, 1.05, 2.45), bed_colour, ident=ident)
    floor = 1.95 if loaded else 1.2
    soil: Colour = (0.42, 0.34, 0.26)
    faces += box(
        at,
        (x0, x1, -1.15, 1.15, 1.0, floor),
        soil if loaded else bed_colour,
        ident=ident,
        textures=("plain", "soil" if loaded else "plain"),
    )
    if loaded:
        x, y, heading = at
        middle = placed([[(x0 + x1) / 2, 0, 0]], x, y, heading)[0]
        for face in heap(middle[0], middle[1], ((x1 - x0) / 2 - 0.15, 1.08), 0.75, heading, soil, rng, ident=ident):
            faces.append(Face(face.corners + np.array([0, 0, floor]), face.colour, face.texture, ident))
    return faces


def box_truck(at: At, colours: tuple[Colour, Colour], ident: int, *, length_m: float = 7.6) -> list[Face]:
    """A delivery lorry with a closed body."""
    half = length_m / 2
    cab_colour, body = colours
    faces = _wheels(at, [half - 1.1, -half + 1.4], 1.15, 0.45, ident)
    faces += box(at, (-half, half - 0.3, -0.5, 0.5, 0.55, 0.9), STEEL, ident=ident)
    faces += _cab(at, half, 1.75, 2.65, cab_colour, ident)
    faces += box(at, (-half, half - 1.95, -1.22, 1.22, 0.95, 3.2), body, ident=ident, textures=("plain", "van_roof"))
    return faces


def mixer(at: At, ident: int) -> list[Face]:
    """A concrete mixer: cab, chassis and a drum as a turned octagon."""
    half = 4.4
    white: Colour = (0.85, 0.86, 0.84)
    faces = _wheels(at, [half - 1.2, half - 3.0, -half + 2.3, -half + 1.0], 1.22, 0.52, ident)
    faces += box(at, (-half, half - 0.3, -0.5, 0.5, 0.65, 1.05), STEEL, ident=ident)
    faces += _cab(at, half, 1.9, 2.9, (0.86, 0.55, 0.10), ident)
    x, y, heading = at
    angles = np.linspace(0, 2 * np.pi, 10, endpoint=False)
    sections = [(half - 2.3, 0.65, 1.75), (half - 3.6, 1.15, 2.05), (-0.8, 1.2, 2.3), (-half + 0.4, 0.55, 2.75)]
    loops = [
        np.column_stack([np.full(10, s), radius * np.cos(angles), z + radius * np.sin(angles)])
        for s, radius, z in sections
    ]
    for k in range(len(loops) - 1):
        for i in range(10):
            j = (i + 1) % 10
            quad = placed([loops[k][i], loops[k][j], loops[k + 1][j], loops[k + 1][i]], x, y, heading)
            for part in (quad[[0, 1, 2]], quad[[0, 2, 3]]):
                faces.append(Face(part, white if i % 3 else (0.35, 0.55, 0.30), "plain", ident))
    return faces


def bus(at: At, colour: Colour, ident: int) -> list[Face]:
    """A city bus."""
    half = 5.9
    faces = _wheels(at, [half - 2.6, -half + 3.2], 1.25, 0.5, ident)
    faces += box(at, (-half, half, -1.27, 1.27, 0.35, 1.35), colour, ident=ident)
    faces += box(at, (-half, half, -1.27, 1.27, 1.35, 2.55), GLASS, ident=ident, textures=("glass", "glass"))
    faces += box(
        at,
        (-half, half, -1.27, 1.27, 2.55, 3.0),
        colour,
        (0.90, 0.90, 0.88),
        ident=ident,
        textures=("plain", "van_roof"),
        inset=(0.1, 0.1, 0.1, 0.1),
    )
    for x0 in (-3.6, 0.2):
        faces += box(
            at, (x0, x0 + 2.4, -0.85, 0.85, 3.0, 3.22), (0.78, 0.78, 0.76), ident=ident, inset=(0.2, 0.2, 0.1, 0.1)
        )
    return faces


def excavator(at: At, swing: float, ident: int) -> list[Face]:
    """A tracked excavator, its upper part turned by `swing` radians against the tracks."""
    yellow: Colour = (0.84, 0.58, 0.10)
    x, y, heading = at
    faces: list[Face] = []
    for side in (-1, 1):
        y0, y1 = sorted((side * 0.9, side * 1.5))
        faces += box(at, (-2.2, 2.2, y0, y1, 0.0, 0.95), (0.16, 0.14, 0.12), ident=ident, inset=(0.3, 0.3, 0, 0))
    up = (x, y, heading + swing)
    faces += box(
        up,
        (-2.5, 1.2, -1.35, 1.35, 1.05, 2.1),
        yellow,
        ident=ident,
        textures=("plain", "plain"),
        inset=(0.25, 0, 0.05, 0.05),
    )
    faces += box(
        up,
        (-0.1, 1.6, 0.35, 1.35, 1.2, 2.9),
        GLASS,
        yellow,
        ident=ident,
        textures=("glass", "plain"),
        inset=(0.1, 0.25, 0.05, 0.05),
    )
    faces += box(up, (-2.6, -1.7, -1.3, 1.3, 1.05, 2.2), (0.25, 0.24, 0.22), ident=ident)

    def at_arm(px: float, pz: float) -> list[float]:
        return [*placed([[px, -0.25, pz]], x, y, heading + swing)[0]]

    joints = [at_arm(1.0, 1.9), at_arm(3.6, 4.7), at_arm(6.6, 3.6), at_arm(6.9, 1.3)]
    for k in range(3):
        faces += beam(joints[k], joints[k + 1], (0.62, 0.5, 0.4)[k], yellow, ident=ident)
    faces += box(up, (6.3, 7.4, -0.8, 0.3, 0.4, 1.5), (0.22, 0.2, 0.18), ident=ident, inset=(0.1, 0.5, 0, 0))
    return faces
