"""What the map of the triage page shows: alerts, the chosen one's error ellipse, and what is registered around."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard import layers, palette
from dashboard.alert_text import source_words
from dashboard.labels import Words
from pipelines.records import AlertView

LOOK_AROUND_M, LOOK_AROUND_SIGMAS = 220.0, 10.0
CHOSEN_PX, ALERT_PX = 9.0, 7.0


def alert_map(
    views: Sequence[AlertView],
    chosen: AlertView | None,
    words: Words,
    *,
    base: tuple[tuple[layers.BaseLayer, ...], str],
    registered: Sequence[layers.Thing] = (),
    outlines: Sequence[layers.Area] = (),
    tiles: Sequence[layers.TileLayer] = (),
) -> layers.MapContent:
    """Put alerts on a map.

    Args:
        views: the alerts of the queue; judged ones are drawn faded. Where there are none, what is registered is shown.
        chosen: the one that is looked at.
        words: for the titles.
        base: the basemap and its key.
        registered: marks of what is registered, drawn below the alerts.
        outlines: areas drawn below everything, such as building sites.
        tiles: rasters below all of it.
    """
    things = [*registered, *(_alert_mark(view, chosen, words) for view in views)]
    areas = list(outlines)
    view = None
    if chosen:
        ring = layers.ellipse_ring(chosen.alert.ground)
        areas.append(layers.Area(ring, palette.mark_of(chosen.alert.kind).colour, words("triage.error"), dashes="5 4"))
        wide_m = max(LOOK_AROUND_M, LOOK_AROUND_SIGMAS * chosen.alert.ground.sigma_major_m)
        bounds = layers.bounds_of(ring, at_least_m=wide_m)
        view = layers.View(bounds, chosen.alert.id, chosen.alert.id) if bounds else None
    else:
        places = [(v.alert.ground.lon, v.alert.ground.lat) for v in views] or [(t.lon, t.lat) for t in registered]
        bounds = layers.bounds_of(places)
        view = layers.View(bounds, "all") if bounds else None
    return layers.MapContent(
        base=base[0],
        base_key=base[1],
        things=tuple(things),
        areas=tuple(areas),
        chosen=chosen.alert.id if chosen else None,
        view=view,
        tiles=tuple(tiles),
    )


def _alert_mark(view: AlertView, chosen: AlertView | None, words: Words) -> layers.Thing:
    alert = view.alert
    is_chosen = chosen is not None and chosen.alert.id == alert.id
    return layers.Thing(
        id=alert.id,
        lon=alert.ground.lon,
        lat=alert.ground.lat,
        kind=alert.kind,
        title=f"{words.of('kind', alert.kind)} · {source_words(view.attribution, words)}",
        faded=view.state != "open" and not is_chosen,
        size_px=CHOSEN_PX if is_chosen else ALERT_PX,
    )
