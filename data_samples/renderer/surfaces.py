"""Textures of faces: what colour a wall, roof or heap has at a point."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data_samples.renderer.noise import Tile, field, lit
from data_samples.renderer.things import Face

Float32Array = NDArray[Any]  # float32; OpenCV's stubs only say numbers
Mask = NDArray[np.bool_]

NOISE: dict[str, Tile] = {
    "fine": Tile.of(field(11, 0.15, 0.02, 1.5), 25.0),
    "leaf": Tile.of(field(12, 0.9, 0.03, 3.0), 60.0),
    "clump": Tile.of(field(13, 1.2, 0.05), 90.0),
    "stain": Tile.of(field(14, 1.6, 0.3), 80.0),
    "clod": Tile.of(lit(15, 1.35, 205.0, 0.06, 2.5), 26.0),
    "stone": Tile.of(lit(16, 1.0, 205.0, 0.025, 3.0), 22.0),
}
GLOSS = {"glass": 0.5, "car": 0.22, "corrugated": 0.06, "solar": 0.3}


def face_frame(face: Face, points: Float32Array) -> tuple[Float32Array, Float32Array]:
    """Metres along the first edge and across it, from the first corner, of points (n, 3) on a face."""
    along = face.corners[1] - face.corners[0]
    along = along / np.linalg.norm(along)
    normal = np.cross(along, face.corners[-1] - face.corners[0])
    across = np.cross(normal, along)
    across = across / np.linalg.norm(across)
    relative = points - face.corners[0].astype(np.float32)
    return relative @ along.astype(np.float32), relative @ across.astype(np.float32)


def face_colours(face: Face, points: Float32Array) -> tuple[Float32Array, Mask | None, float]:
    """Linear colour (n, 3) of points on a face, which of them are solid (None: all), and its gloss."""
    s, t = face_frame(face, points)
    base = np.power(np.array(face.colour, np.float32), np.float32(2.2))
    colour = np.broadcast_to(base, (len(s), 3)).copy()
    keep: Mask | None = None
    if face.texture in CUT_OUTS:
        keep = CUT_OUTS[face.texture](s, t)
    if face.texture in PATTERNS:
        colour = PATTERNS[face.texture](colour, s, t, face)
    grain = NOISE["fine"].at(points[:, 0] + points[:, 2], points[:, 1] + points[:, 2])
    stain = NOISE["stain"].at(points[:, 0] + 0.3 * points[:, 2], points[:, 1] + 0.6 * points[:, 2])
    rough = ROUGH.get(face.texture, (0.04, 0.05))
    colour *= np.clip(1 + rough[0] * grain + rough[1] * stain, 0.2, 2.0)[:, None]
    return colour, keep, GLOSS.get(face.texture, 0.0)


ROUGH = {
    "car": (0.01, 0.01),
    "glass": (0.03, 0.02),
    "roof": (0.09, 0.12),
    "corrugated": (0.03, 0.09),
    "rust": (0.06, 0.25),
    "soil": (0.10, 0.07),
    "stone": (0.10, 0.05),
    "wall": (0.04, 0.09),
    "quay": (0.10, 0.16),
    "net": (0.08, 0.05),
    "tiles": (0.06, 0.12),
}


def _windows(colour: Float32Array, s: Float32Array, t: Float32Array, face: Face) -> Float32Array:
    """Rows of windows, one a storey of 3 m, with sills and balconies."""
    storey = np.mod(t, 3.0)
    bay = np.mod(s, 3.6)
    number = np.floor(s / 3.6) * 7 + np.floor(t / 3.0) * 13
    pane = (storey > 1.0) & (storey < 2.45) & (bay > 0.8) & (bay < 2.6)
    frame = pane & ((np.abs(bay - 1.7) < 0.05) | (storey > 2.38))
    dark = np.float32(0.03) + np.float32(0.05) * (np.mod(number, 5) == 0) + np.float32(0.10) * (np.mod(number, 11) == 3)
    colour[pane] = np.stack([dark * 0.9, dark, dark * 1.15], axis=1)[pane]
    colour[frame] = 0.45
    sill = (storey > 0.85) & (storey <= 1.0) & (bay > 0.6) & (bay < 2.8)
    colour[sill] *= np.float32(0.75)
    unit = (storey > 0.15) & (storey < 0.8) & (bay > 2.75) & (bay < 3.45) & (np.mod(number, 3) != 1)
    colour[unit] = np.float32(0.55) - np.float32(0.2) * (np.mod(s[unit] * 9, 1.0) < 0.3)[:, None]
    seam = storey < 0.12
    colour[seam] *= np.float32(0.82)
    return colour


def _corrugated(colour: Float32Array, s: Float32Array, t: Float32Array, face: Face) -> Float32Array:
    """Sheets with ribs running down the slope, lap lines, and now and then a light sheet."""
    rib = np.mod(s, 0.9)
    colour *= (1 - 0.18 * (rib < 0.09) + 0.10 * ((rib > 0.09) & (rib < 0.18)))[:, None].astype(np.float32)
    colour *= (1 - 0.22 * (np.mod(t, 6.0) < 0.06))[:, None].astype(np.float32)
    sheet = np.floor(s / 0.9)
    colour *= (1 + 0.05 * np.sin(sheet * 12.9))[:, None].astype(np.float32)
    light = (np.mod(sheet, 7) == 3) & (t > 1.0) & (np.mod(t, 9.0) < 6.5)
    colour[light] = colour[light] * np.float32(0.4) + np.float32(0.32)
    return colour


def _sheet_wall(colour: Float32Array, s: Float32Array, t: Float32Array, face: Face) -> Float32Array:
    colour *= (1 - 0.16 * (np.mod(s, 0.6) < 0.1))[:, None].astype(np.float32)
    band = (t > 2.6) & (t < 3.6) & (np.mod(s, 5.0) < 3.8)
    colour[band] = np.float32(0.05)
    door = (t < 3.4) & (np.mod(s, 18.0) > 7) & (np.mod(s, 18.0) < 11)
    colour[door] = np.float32(0.22) - np.float32(0.06) * (np.mod(t[door], 0.4) < 0.08)[:, None]
    colour[t < 0.5] *= np.float32(0.6)
    return colour


def _roof(colour: Float32Array, s: Float32Array, t: Float32Array, face: Face) -> Float32Array:
    """A flat roof of felt in strips, with patches."""
    colour *= (1 - 0.12 * (np.mod(s, 1.0) < 0.05))[:, None].astype(np.float32)
    number = np.floor(s / 4.0) * 3.7 + np.floor(t / 5.0) * 9.1
    return colour * (1 + 0.10 * np.sin(number))[:, None].astype(np.float32)


def _tiles(colour: Float32Array, s: Float32Array, t: Float32Array, face: Face) -> Float32Array:
    colour *= (1 - 0.25 * (np.mod(t, 0.36) < 0.07) - 0.12 * (np.mod(s, 0.3) < 0.05))[:, None].astype(np.float32)
    number = np.floor(s / 0.3) * 12.9 + np.floor(t / 0.36) * 78.2
    return colour * (1 + 0.10 * np.sin(number * 43.7))[:, None].astype(np.float32)


def _rib(colour: Float32Array, s: Float32Array, t: Float32Array, face: Face) -> Float32Array:
    return colour * (1 - 0.35 * (np.mod(s, 1.1) < 0.16))[:, None].astype(np.float32)


def _van_roof(colour: Float32Array, s: Float32Array, t: Float32Array, face: Face) -> Float32Array:
    return colour * (1 - 0.10 * (np.mod(s, 1.2) < 0.06))[:, None].astype(np.float32)


def _quay(colour: Float32Array, s: Float32Array, t: Float32Array, face: Face) -> Float32Array:
    """Concrete blocks with a dark wet foot and a green line at the water."""
    joint = (np.mod(s, 2.5) < 0.05) | (np.mod(t, 0.6) < 0.04)
    colour *= (1 - 0.3 * joint)[:, None].astype(np.float32)
    wet = np.clip(1 - t / 0.9, 0, 1).astype(np.float32)[:, None]
    colour = colour * (1 - 0.65 * wet)
    line = ((t > 0.05) & (t < 0.4)).astype(np.float32)[:, None]
    return colour * (1 - 0.5 * line) + np.array([0.03, 0.05, 0.02], np.float32) * 0.5 * line


def _hoarding(colour: Float32Array, s: Float32Array, t: Float32Array, face: Face) -> Float32Array:
    panel = np.mod(np.floor(s / 3.0), 4) == 0
    colour[panel] = np.array([0.62, 0.66, 0.68], np.float32)
    colour *= (1 - 0.25 * (np.mod(s, 3.0) < 0.08))[:, None].astype(np.float32)
    colour[t < 0.3] = np.array([0.30, 0.28, 0.22], np.float32)
    return colour


def _pipe(colour: Float32Array, s: Float32Array, t: Float32Array, face: Face) -> Float32Array:
    """The mouth of a round pipe in a square head: dark inside the ring."""
    size = float(np.linalg.norm(face.corners[1] - face.corners[0]))
    rise = float(np.linalg.norm(face.corners[-1] - face.corners[0]))
    far = np.hypot(s - size / 2, t - rise * 0.46)
    bore = min(size, rise) * 0.40
    colour[far < bore] = np.float32(0.006)
    colour[(far >= bore) & (far < bore * 1.18)] *= np.float32(0.55)
    return colour


def _culvert(colour: Float32Array, s: Float32Array, t: Float32Array, face: Face) -> Float32Array:
    size = float(np.linalg.norm(face.corners[1] - face.corners[0]))
    rise = float(np.linalg.norm(face.corners[-1] - face.corners[0]))
    opening = (s > 0.09 * size) & (s < 0.91 * size) & (t < 0.80 * rise)
    colour[opening] = np.float32(0.006)
    return colour


def _clods(colour: Float32Array, s: Float32Array, t: Float32Array, face: Face) -> Float32Array:
    rough = NOISE["stone" if face.texture == "stone" else "clod"].at(s + face.corners[0, 0], t + face.corners[0, 1])
    return colour * np.clip(1 + 0.20 * rough, 0.4, 1.8)[:, None]


def _solar(colour: Float32Array, s: Float32Array, t: Float32Array, face: Face) -> Float32Array:
    line = (np.mod(s, 1.0) < 0.04) | (np.mod(t, 1.7) < 0.05)
    colour[line] = np.float32(0.25)
    return colour


def _lattice(s: Float32Array, t: Float32Array) -> Mask:
    """Diagonal bars with air between."""
    a, b = np.mod(s + t, 1.6), np.mod(s - t, 1.6)
    return (a < 0.22) | (b < 0.22)


def _railing(s: Float32Array, t: Float32Array) -> Mask:
    return (np.mod(s, 1.5) < 0.12) | (np.abs(t - 0.55) < 0.03) | (t > 0.98)


PATTERNS: dict[str, Callable[[Float32Array, Float32Array, Float32Array, Face], Float32Array]] = {
    "wall": _windows,
    "corrugated": _corrugated,
    "rust": _corrugated,
    "sheet_wall": _sheet_wall,
    "roof": _roof,
    "tiles": _tiles,
    "rib": _rib,
    "van_roof": _van_roof,
    "quay": _quay,
    "hoarding": _hoarding,
    "pipe": _pipe,
    "culvert": _culvert,
    "soil": _clods,
    "stone": _clods,
    "solar": _solar,
}
CUT_OUTS: dict[str, Callable[[Float32Array, Float32Array], Mask]] = {"lattice": _lattice, "railing": _railing}
