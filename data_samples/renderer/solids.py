"""Faces of simple solids: boxes, prisms, heaps, roofs. All in local metres, turned by a heading (radians from east)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from data_samples.renderer.things import Colour, Face

FloatArray = NDArray[np.float64]


def placed(points: ArrayLike, x: float, y: float, heading: float, z: float = 0.0) -> FloatArray:
    """Turn points (n, 3) by `heading` about z and move them to x, y, z."""
    c, s = np.cos(heading), np.sin(heading)
    turned = np.asarray(points, float) @ np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]])
    return turned + np.array([x, y, z])


def prism(
    base: FloatArray, top: FloatArray, side: Colour, cap: Colour, ident: int, textures: tuple[str, str]
) -> list[Face]:
    """A solid between a base and a top ring of the same number of corners, both counter-clockwise from above.

    Args:
        base: (n, 3) corners below.
        top: (n, 3) corners above.
        side: colour of the sides.
        cap: colour of the top.
        ident: object number.
        textures: of the sides, of the top.

    Returns:
        n sides and the top; no bottom.
    """
    count = len(base)
    faces = [
        Face(np.array([base[i], base[(i + 1) % count], top[(i + 1) % count], top[i]]), side, textures[0], ident)
        for i in range(count)
    ]
    return [*faces, Face(np.asarray(top), cap, textures[1], ident)]


def ring(x0: float, x1: float, y0: float, y1: float, z: float) -> FloatArray:
    """A rectangle's corners, counter-clockwise from above, (4, 3)."""
    return np.array([[x0, y0, z], [x1, y0, z], [x1, y1, z], [x0, y1, z]])


def box(
    at: tuple[float, float, float],
    span: tuple[float, float, float, float, float, float],
    side: Colour,
    cap: Colour | None = None,
    *,
    ident: int = 0,
    textures: tuple[str, str] = ("plain", "plain"),
    inset: tuple[float, float, float, float] = (0, 0, 0, 0),
) -> list[Face]:
    """A box in a turned frame, its top drawn in by `inset` (from x0, x1, y0, y1).

    Args:
        at: x, y and heading of the frame.
        span: x0, x1, y0, y1, z0, z1 in that frame.
        side: colour of the sides.
        cap: colour of the top; the sides' where None.
        ident: object number.
        textures: of the sides, of the top.
        inset: how far the top is drawn in.

    Returns:
        Five faces.
    """
    x0, x1, y0, y1, z0, z1 = span
    x, y, heading = at
    base = placed(ring(x0, x1, y0, y1, z0), x, y, heading)
    top = placed(ring(x0 + inset[0], x1 - inset[1], y0 + inset[2], y1 - inset[3], z1), x, y, heading)
    return prism(base, top, side, cap or side, ident, textures)


def gable(
    at: tuple[float, float, float],
    span: tuple[float, float, float, float],
    eaves_m: float,
    ridge_m: float,
    colours: tuple[Colour, Colour],
    ident: int,
    textures: tuple[str, str] = ("sheet_wall", "corrugated"),
) -> list[Face]:
    """A hall with a ridge along its own x: walls to the eaves, two slopes, two gable ends."""
    x0, x1, y0, y1 = span
    x, y, heading = at
    middle = (y0 + y1) / 2

    def put(points: Sequence[Sequence[float]]) -> FloatArray:
        return placed(points, x, y, heading)

    wall, roof = colours
    low, high = 0.0, eaves_m
    return [
        Face(put([[x0, y0, low], [x1, y0, low], [x1, y0, high], [x0, y0, high]]), wall, textures[0], ident),
        Face(put([[x1, y1, low], [x0, y1, low], [x0, y1, high], [x1, y1, high]]), wall, textures[0], ident),
        Face(
            put([[x1, y0, low], [x1, y1, low], [x1, y1, high], [x1, middle, ridge_m], [x1, y0, high]]),
            wall,
            textures[0],
            ident,
        ),
        Face(
            put([[x0, y1, low], [x0, y0, low], [x0, y0, high], [x0, middle, ridge_m], [x0, y1, high]]),
            wall,
            textures[0],
            ident,
        ),
        Face(
            put([[x0, y0, high], [x1, y0, high], [x1, middle, ridge_m], [x0, middle, ridge_m]]),
            roof,
            textures[1],
            ident,
        ),
        Face(
            put([[x1, y1, high], [x0, y1, high], [x0, middle, ridge_m], [x1, middle, ridge_m]]),
            roof,
            textures[1],
            ident,
        ),
    ]


def heap(
    x: float,
    y: float,
    radii_m: tuple[float, float],
    height_m: float,
    heading: float,
    colour: Colour,
    rng: np.random.Generator,
    *,
    texture: str = "soil",
    ident: int = 0,
) -> list[Face]:
    """A loose heap at its angle of rest, lumpy, as triangles."""
    around, rings = 32, 9
    angles = np.linspace(0, 2 * np.pi, around, endpoint=False)
    wobble = 1 + 0.12 * sum(rng.normal() / k * np.cos(k * angles + rng.uniform(0, 6.3)) for k in range(2, 6))
    lumps = sum(rng.normal() / k * np.cos(k * angles + rng.uniform(0, 6.3)) for k in range(2, 9))
    shares = np.linspace(1.0, 0.0, rings + 1)
    rows = []
    for share in shares[:-1]:
        rough = rng.normal(size=around) * 0.035 + 0.05 * lumps * np.sin(np.pi * share)
        z = height_m * (1 - share**1.2) / (1 + 0.10 * (1 - share)) * (1 + rough * (share < 0.99))
        radius = share * (1 + (wobble - 1) * share) * (1 + 0.03 * rng.normal(size=around))
        rows.append(np.column_stack([radii_m[0] * radius * np.cos(angles), radii_m[1] * radius * np.sin(angles), z]))
    peak = np.array([0.0, 0.0, float(rows[-1][:, 2].max()) + 0.02 * height_m])
    faces: list[Face] = []
    for lower, upper in zip(rows, [*rows[1:], None], strict=True):
        for i in range(around):
            j = (i + 1) % around
            if upper is None:
                triangles = [[lower[i], lower[j], peak]]
            else:
                triangles = [[lower[i], lower[j], upper[j]], [lower[i], upper[j], upper[i]]]
            faces.extend(Face(placed(t, x, y, heading), colour, texture, ident) for t in triangles)
    return faces


def post(x: float, y: float, z0: float, z1: float, width_m: float, colour: Colour, ident: int = 0) -> list[Face]:
    """A thin upright."""
    half = width_m / 2
    return box((x, y, 0.0), (-half, half, -half, half, z0, z1), colour, ident=ident)


def beam(
    start: Sequence[float],
    end: Sequence[float],
    width_m: float,
    colour: Colour,
    *,
    texture: str = "plain",
    ident: int = 0,
) -> list[Face]:
    """A square bar from one point to another: its four long sides."""
    a, b = np.asarray(start, float), np.asarray(end, float)
    along = (b - a) / np.linalg.norm(b - a)
    helper = np.array([0.0, 0.0, 1.0]) if abs(along[2]) < 0.9 else np.array([1.0, 0.0, 0.0])
    side = np.cross(along, helper)
    side *= width_m / 2 / np.linalg.norm(side)
    up = np.cross(side, along)
    up *= width_m / 2 / np.linalg.norm(up)
    corners = [a + side + up, a - side + up, a - side - up, a + side - up]
    shift = b - a
    return [
        Face(
            np.array([corners[i], corners[(i + 1) % 4], corners[(i + 1) % 4] + shift, corners[i] + shift]),
            colour,
            texture,
            ident,
        )
        for i in range(4)
    ]
