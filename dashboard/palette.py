"""Every colour and every marker shape of the product, in one place.

The hues are the Okabe–Ito set (Okabe and Ito, Color Universal Design, 2008), which people with any common colour vision
deficiency can tell apart. A kind never differs by colour alone: it has a shape of its own as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import quote

BLACK = "#000000"
ORANGE = "#E69F00"
SKY = "#56B4E9"
GREEN = "#009E73"
YELLOW = "#F0E442"
BLUE = "#0072B2"
VERMILION = "#D55E00"
PURPLE = "#CC79A7"

INK = "#17212B"
MUTED = "#55626F"
LINE = "#D8DFE6"
PAPER = "#FFFFFF"
GROUND = "#F4F6F8"
MACHINE = BLUE  # what the machine said
MACHINE_TINT = "#EAF3FA"
PERSON = "#A34700"  # what a person said: vermilion, darkened until text on its tint has a contrast above 4.5
PERSON_TINT = "#FDF1E7"


@dataclass(frozen=True, slots=True)
class Mark:
    """How one kind of thing is drawn. `outline` is a closed polygon in a box from -1 to 1, v down; () is a circle."""

    colour: str
    outline: tuple[tuple[float, float], ...]
    hollow: bool = False


_TRIANGLE = ((0.0, -1.0), (0.95, 0.75), (-0.95, 0.75))
_DROP = ((0.0, 1.0), (0.95, -0.75), (-0.95, -0.75))
_SQUARE = ((-0.8, -0.8), (0.8, -0.8), (0.8, 0.8), (-0.8, 0.8))
_DIAMOND = ((0.0, -1.0), (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0))
_HEXAGON = ((-0.5, -0.87), (0.5, -0.87), (1.0, 0.0), (0.5, 0.87), (-0.5, 0.87), (-1.0, 0.0))
_PLUS = (
    *((-0.35, -1.0), (0.35, -1.0), (0.35, -0.35), (1.0, -0.35), (1.0, 0.35), (0.35, 0.35)),
    *((0.35, 1.0), (-0.35, 1.0), (-0.35, 0.35), (-1.0, 0.35), (-1.0, -0.35), (-0.35, -0.35)),
)
_HOUSE = ((0.0, -1.0), (0.9, -0.25), (0.9, 0.85), (-0.9, 0.85), (-0.9, -0.25))
_BOWTIE = ((-0.95, -0.8), (0.0, 0.0), (0.95, -0.8), (0.95, 0.8), (0.0, 0.0), (-0.95, 0.8))

OTHER = Mark(MUTED, ())

MARKS: Mapping[str, Mark] = MappingProxyType(
    {
        # what the machine saw
        "dust_plume": Mark(ORANGE, _TRIANGLE),
        "bare_soil": Mark(YELLOW, _SQUARE),
        "outfall": Mark(BLUE, _DIAMOND),
        "discharge": Mark(VERMILION, _DROP),
        "foam": Mark(SKY, ()),
        "smoke": Mark(BLACK, _HEXAGON),
        "vehicle": Mark(GREEN, _PLUS),
        # what the registry knows
        "enterprise": Mark(PURPLE, _HOUSE, hollow=True),
        "site": Mark(ORANGE, _SQUARE, hollow=True),
        "registered_outfall": Mark(BLUE, _DIAMOND, hollow=True),
        "monitor": Mark(GREEN, _BOWTIE, hollow=True),
        "receptor": Mark(SKY, _PLUS, hollow=True),
        "outlet": Mark(VERMILION, _DROP, hollow=True),
        "complaint": Mark(ORANGE, _HEXAGON, hollow=True),
        "watch_camera": Mark(BLACK, _TRIANGLE, hollow=True),
        "drain": Mark(MUTED, (), hollow=True),
        "camera": Mark(INK, (), hollow=True),
        # the arms of a week's plan
        "mandated": Mark(VERMILION, _DIAMOND),
        "risk": Mark(BLUE, _TRIANGLE),
        "random": Mark(GREEN, ()),
    }
)


@dataclass(frozen=True, slots=True)
class LayerStyle:
    """How one kind of basemap feature is drawn; `fill` None is a line only, widths in screen pixels."""

    stroke: str
    width_px: float
    fill: str | None = None
    dashes: str | None = None


BASEMAP: Mapping[str, LayerStyle] = MappingProxyType(
    {
        "sea": LayerStyle("#B9CFDD", 0.5, "#DCE9F1"),
        "land": LayerStyle("#C9CDC4", 0.8, "#F3F2EC"),
        "district": LayerStyle("#6B7885", 1.6, "#F3F2EC", "6 4"),
        "boundary": LayerStyle("#6B7885", 1.6, None, "6 4"),
        "green": LayerStyle("#CFE0CB", 0.5, "#E3EEDF"),
        "plot": LayerStyle("#D6D9CF", 0.7, "#ECEEE6"),
        "industrial": LayerStyle("#D9D2DE", 0.6, "#ECE7EF"),
        "site": LayerStyle("#D8C79B", 0.8, "#F1E6C9"),
        "works": LayerStyle("#BDB3C6", 0.6, "#D9D1E0"),
        "building": LayerStyle("#C6C0B8", 0.5, "#E0DBD3"),
        "water": LayerStyle("#9CC3DA", 0.8, "#CFE4F0"),
        "creek": LayerStyle("#9CC3DA", 0.8, "#CFE4F0"),
        "street": LayerStyle("#D3CDC2", 0.8, "#FFFFFF"),
        "river": LayerStyle("#8BB8D4", 2.2),
        "road": LayerStyle("#FFFFFF", 3.0),
        "rail": LayerStyle("#8A8F94", 1.2, None, "5 3"),
        "other": LayerStyle("#AEB6BD", 1.0),
    }
)


def mark_of(kind: str) -> Mark:
    """The mark of a kind; kinds without one of their own share a grey dot."""
    return MARKS.get(kind, OTHER)


def mark_svg(kind: str, size_px: int = 14) -> str:
    """The mark of a kind as inline SVG, for lists and legends."""
    mark = mark_of(kind)
    fill = PAPER if mark.hollow else mark.colour
    edge = mark.colour if mark.hollow else INK
    attributes = f'fill="{fill}" stroke="{edge}" stroke-width="{0.34 if mark.hollow else 0.16}" stroke-linejoin="round"'
    if mark.outline:
        points = " ".join(f"{x:g},{y:g}" for x, y in mark.outline)
        body = f'<polygon points="{points}" {attributes}/>'
    else:
        body = f'<circle r="0.85" {attributes}/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size_px}" height="{size_px}" '
        f'viewBox="-1.2 -1.2 2.4 2.4">{body}</svg>'
    )


def mark_css() -> str:
    """One CSS class a kind, `yx-mark-<kind>`, that shows its mark; for pages, where inline SVG is not let through."""
    return "".join(
        f'.yx-mark-{kind}{{background-image:url("data:image/svg+xml,{quote(mark_svg(kind))}")}}'
        for kind in (*MARKS, "other")
    )


def mark_html(kind: str) -> str:
    """The mark of a kind as an element of a page that carries the style sheet."""
    return f'<i class="yx-mark yx-mark-{kind if kind in MARKS else "other"}"></i>'


def marks_json() -> dict[str, dict[str, object]]:
    """All marks in the form the map component takes."""
    marks = {**MARKS, "other": OTHER}
    return {
        kind: {"colour": mark.colour, "outline": [list(point) for point in mark.outline], "hollow": mark.hollow}
        for kind, mark in marks.items()
    }


def css_variables() -> str:
    """The palette as CSS custom properties."""
    names = {
        "ink": INK, "muted": MUTED, "line": LINE, "paper": PAPER, "ground": GROUND, "machine": MACHINE,
        "machine-tint": MACHINE_TINT, "person": PERSON, "person-tint": PERSON_TINT, "good": GREEN, "warn": ORANGE,
        "bad": VERMILION, "sky": SKY,
    }  # fmt: skip
    return ":root{" + "".join(f"--yx-{name}:{value};" for name, value in names.items()) + "}"
