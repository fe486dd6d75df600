"""What the registry and the basemap put on maps: firms, sites, outfalls, monitors, and the ground below them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from dashboard import layers, palette
from dashboard.labels import Words
from enforcement.place import Place
from enforcement.registry import Enterprise, RegistryFact
from pipelines.store import Store
from pipelines.store.read import registry

PREFIX = "registered:"  # of the ids of registered things, so that a click on one is never taken for an alert
MARK_PX = 6.0
MARK_KINDS = {
    "outfall": "registered_outfall",
    "monitor_point": "monitor",
    "permit_outlet": "outlet",
    "camera": "watch_camera",
}
OFF_AT_FIRST = ("drain", "complaint")
"""Kinds of which there are so many that they are switched on only when they are looked for."""


@dataclass(frozen=True, slots=True)
class Around:
    """Registered things as marks and outlines, and which kinds are among them."""

    things: tuple[layers.Thing, ...]
    areas: tuple[layers.Area, ...]
    kinds: tuple[str, ...]


def basemap(store: Store) -> tuple[tuple[layers.BaseLayer, ...], str]:
    """The home's basemap, with the district's outline where no layer of its own shows it."""
    found = dict(registry.basemap(store))
    district = registry.district(store)
    if district and not any(layers.kind_of_layer(name) in ("district", "boundary") for name in found):
        found["district"] = layers.outline_geojson(district.outline_wkb, district.name)
    return layers.base_layers(found)


def around(store: Store, as_of: datetime, words: Words) -> Around:
    """Everything that is registered and has a place."""
    return marks(registry.at(store, as_of), words)


def marks(known: registry.Registry, words: Words) -> Around:
    """The registered things of a registry that have a place."""
    things: list[layers.Thing] = []
    areas: list[layers.Area] = []
    for fact, place in _placed(known):
        kind = mark_kind(fact.KIND)
        title = f"{words.of('kind', kind)} · {name_of(fact)}"
        if not place.lines:
            things.append(
                layers.Thing(f"{PREFIX}{kind}:{fact.key}", place.lon, place.lat, kind, title, size_px=MARK_PX)
            )
        areas += outlines(place, palette.mark_of(kind).colour, title, kind)
    kinds = dict.fromkeys([*(thing.kind for thing in things), *(area.kind for area in areas)])
    return Around(tuple(things), tuple(areas), tuple(kinds))


def only(around: Around, kinds: Collection[str]) -> Around:
    """What is of these kinds."""
    return Around(
        tuple(thing for thing in around.things if thing.kind in kinds),
        tuple(area for area in around.areas if area.kind in kinds),
        tuple(kind for kind in around.kinds if kind in kinds),
    )


def layer_choice(around: Around, words: Words, *, key: str) -> Around:
    """Let the reader switch kinds of registered things on and off; gives what is left on."""
    if not around.kinds:
        return around
    chosen = st.pills(
        words("kind.layers"),
        around.kinds,
        selection_mode="multi",
        default=[kind for kind in around.kinds if kind not in OFF_AT_FIRST],
        format_func=lambda kind: words.of("kind", kind),
        label_visibility="collapsed",
        key=key,
    )
    return only(around, chosen)


def outlines(place: Place, colour: str, title: str, kind: str = "") -> list[layers.Area]:
    """The outer rings of a registered place that has an extent, and its lines."""
    rings = [layers.Area(polygon[0], colour, title, dashes="2 3", kind=kind) for polygon in place.polygons]
    return rings + [layers.Area(line, colour, title, line=True, kind=kind) for line in place.lines]


def mark_kind(kind: str) -> str:
    """The word of the palette for a kind of the registry."""
    return MARK_KINDS.get(kind, kind)


def name_of(fact: RegistryFact) -> str:
    """What a registered thing is called: its name, else what tells it from others."""
    return str(getattr(fact, "name", "") or getattr(fact, "topic", "") or fact.key)


def _placed(known: registry.Registry) -> Iterator[tuple[RegistryFact, Place]]:
    kinds: tuple[Sequence[RegistryFact], ...] = (
        known.drains,
        known.enterprises,
        known.sites,
        known.permit_outlets,
        known.outfalls,
        known.monitor_points,
        known.cameras,
        known.receptors,
        known.complaints,
    )
    for facts in kinds:
        for fact in facts:
            place: Place | None = getattr(fact, "place", None)
            if place is not None:
                yield fact, place


def firm_places(store: Store, as_of: datetime) -> dict[str, tuple[float, float]]:
    """Credit code → lon, lat of the firms that have a place."""
    firms = registry.facts(store, Enterprise, as_of)
    return {firm.uscc: (firm.place.lon, firm.place.lat) for firm in firms if firm.place}
