"""What a scene is made of: plain frozen types, in local metres, z up, ground at zero."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Colour = tuple[float, float, float]


@dataclass(frozen=True)
class Face:
    """A flat convex polygon with a texture. Corners counter-clockwise as seen from outside; colour is sRGB, 0 to 1."""

    corners: FloatArray
    colour: Colour
    texture: str = "plain"
    ident: int = 0


@dataclass(frozen=True)
class Leaf:
    """A ragged ball of leaves: centre, radius, colour."""

    centre: tuple[float, float, float]
    radius_m: float
    colour: Colour
    ident: int = 0


@dataclass(frozen=True)
class Paint:
    """A patch of ground: polygon (n, 2), colour and surface kind; `width_m` makes a line of it."""

    points: FloatArray
    colour: Colour
    kind: str
    width_m: float | None = None
    soft_m: float = 0.0


@dataclass(frozen=True)
class Puffs:
    """A cloud of Gaussian puffs: centres (n, 3), sigmas (n,), peak optical depths (n,), colour."""

    name: str
    label: str | None
    centres: FloatArray
    sigmas_m: FloatArray
    depths: FloatArray
    colour: Colour
    source: tuple[float, float, float]


@dataclass(frozen=True)
class Creek:
    """A creek between quay walls; the flow runs with the centre line."""

    name: str
    centre_line: FloatArray
    half_width_m: float
    water_z_m: float
    flow_m_s: float


@dataclass(frozen=True)
class OutfallMouth:
    """An opening in the quay wall. `place` is on the wall, `outward` the unit vector into the creek."""

    name: str
    registered_id: str | None
    place: tuple[float, float, float]
    outward: tuple[float, float]
    form: str
    width_m: float
    ident: int


@dataclass(frozen=True)
class Discharge:
    """What runs out of a mouth: colour of the undiluted water, and how it spreads."""

    name: str
    outfall: str
    colour: Colour
    strength: float
    spread_m: float
    length_m: float
    foam: float


@dataclass(frozen=True)
class Thing:
    """An object whose place is known and that gets a box in the truth."""

    ident: int
    name: str
    label: str | None
    kind: str
    corners: FloatArray
    owner: str | None = None


@dataclass(frozen=True)
class MapShape:
    """A shape of the plain map: kind, name, polygon or line (n, 2) in local metres."""

    kind: str
    name: str
    points: FloatArray
    closed: bool = True


@dataclass
class Scene:
    """Everything that is there. Filled by a layout, read by the renderer and the truth."""

    seed: int
    half_size_m: tuple[float, float]
    creek: Creek
    faces: list[Face] = field(default_factory=list)
    leaves: list[Leaf] = field(default_factory=list)
    paints: list[Paint] = field(default_factory=list)
    clouds: list[Puffs] = field(default_factory=list)
    mouths: list[OutfallMouth] = field(default_factory=list)
    discharges: list[Discharge] = field(default_factory=list)
    things: list[Thing] = field(default_factory=list)
    shapes: list[MapShape] = field(default_factory=list)
    decks: list[FloatArray] = field(default_factory=list)

    def next_ident(self) -> int:
        """A number for a new object; 0 is the ground, 1 the water."""
        return 2 + len(self.things)

    def add_thing(self, thing: Thing, faces: list[Face]) -> None:
        """Put an object and its faces in."""
        self.things.append(thing)
        self.faces.extend(faces)
