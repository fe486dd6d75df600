"""What the registry and the basemap put on maps: firms, sites, outfalls, monitors, and the ground below them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from dashboard import layers, palette
from dashboard.labels import Words
from enforcement.place import Place
from enforcement.registry import Enterprise, RegistryFact
from pipelines.store import Store
from pipelines.store.read import registry

PREFIX = "registered:"  # of the ids of registered things, so that a click on one is never taken for an alert
MARK_PX = 6.0


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
    for kind, fact, name, place in _placed(known):
        title = f"{words.of('kind', kind)} · {name}"
        things.append(layers.Thing(f"{PREFIX}{kind}:{fact.key}", place.lon, place.lat, kind, title, size_px=MARK_PX))
        areas += outlines(place, palette.mark_of(kind).colour, title)
    return Around(tuple(things), tuple(areas), tuple(dict.fromkeys(thing.kind for thing in things)))


def outlines(place: Place, colour: str, title: str) -> list[layers.Area]:
    """The outer rings of a registered place that has an extent."""
    return [layers.Area(polygon[0], colour, title, dashes="2 3") for polygon in place.polygons]


def _placed(known: registry.Registry) -> Iterator[tuple[str, RegistryFact, str, Place]]:
    named: list[tuple[str, RegistryFact, str, Place | None]] = [
        *(("enterprise", firm, firm.name, firm.place) for firm in known.enterprises),
        *(("site", site, site.name, site.place) for site in known.sites),
        *(("registered_outfall", pipe, pipe.name or pipe.code, pipe.place) for pipe in known.outfalls),
        *(("monitor", point, point.name, point.place) for point in known.monitor_points),
        *(("receptor", spared, spared.name, spared.place) for spared in known.receptors),
    ]
    for kind, fact, name, place in named:
        if place is not None:
            yield kind, fact, name, place


def firm_places(store: Store, as_of: datetime) -> dict[str, tuple[float, float]]:
    """Credit code → lon, lat of the firms that have a place."""
    firms = registry.facts(store, Enterprise, as_of)
    return {firm.uscc: (firm.place.lon, firm.place.lat) for firm in firms if firm.place}
