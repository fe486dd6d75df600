"""Enterprise 企业: all that is registered about one firm, where it is, and what was seen and said of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

import streamlit as st

from dashboard import firm_text, layers, look, markup, registered, session
from dashboard.components.live_map import live_map
from dashboard.labels import Words
from enforcement.registry import Complaint, Enterprise, Fact, Inspection, Permit, PositiveListing
from pipelines import clock
from pipelines.records import AlertView
from pipelines.store import Store
from pipelines.store.read import alerts, registry

FIRM = "firm"
MAP_PX = 400
TRACE = 0.01  # below it a firm is a candidate in name only
F = TypeVar("F", bound=Fact)


def show() -> None:
    """The page."""
    words = session.words()
    with session.open_store() as store:
        now = clock.now()
        known = registry.at(store, now)
        look.page_head(store, words("enterprise.title"), words("enterprise.subtitle", count=len(known.enterprises)))
        if not known.enterprises:
            look.empty(words("enterprise.empty"), words("enterprise.empty_next"))
            return
        views = alerts.views(store, now)
        firm = _choice(known.enterprises, views, words)
        with st.container(key="firm"):
            left, right = st.columns([5.6, 4.4], gap="small")
        named = _naming(views, firm.uscc)
        with right:
            _map(store, firm, known, named, words)
            _alerts(named, words)
        with left:
            st.html(firm_text.head(firm, words))
            _tables(store, firm.uscc, known, now, words)


def _choice(firms: Sequence[Enterprise], views: Sequence[AlertView], words: Words) -> Enterprise:
    """The firm that is looked at: chosen from a list that can be searched by name or credit code.

    Where nothing was chosen yet, it is the one that the alerts point at most.
    """
    by_code = {firm.uscc: firm for firm in sorted(firms, key=lambda firm: firm.name)}
    codes = list(by_code)
    asked = session.recalled(FIRM)
    pointed_at = max(codes, key=lambda code: sum(share_of(view, code) for view in views))
    chosen = st.selectbox(
        words("enterprise.search"),
        codes,
        index=codes.index(asked if asked in by_code else pointed_at),
        format_func=lambda code: f"{by_code[code].name} · {code}",
        key="firm_choice",
        on_change=lambda: session.remember(FIRM, st.session_state["firm_choice"]),
    )
    return by_code[chosen]


def share_of(view: AlertView, code: str) -> float:
    """The probability that a firm, by any of its sites and outfalls, is the source of an alert."""
    return sum(candidate.probability for candidate in view.attribution.candidates if candidate.enterprise == code)


def _naming(views: Sequence[AlertView], code: str) -> list[tuple[AlertView, float]]:
    """Alerts that point at this firm with more than a trace of probability, newest first, and that probability."""
    shares = [(view, share_of(view, code)) for view in views]
    named = [(view, share) for view, share in shares if share >= TRACE]
    return sorted(named, key=lambda pair: pair[0].alert.observed_at, reverse=True)


def _tables(store: Store, code: str, known: registry.Registry, now: datetime, words: Words) -> None:
    parts: list[tuple[str, Sequence[Any], Callable[[Any, Words], str]]] = [
        ("permits", _of(registry.ever(store, Permit, now), code), firm_text.permits),
        ("positive", _of(registry.ever(store, PositiveListing, now), code), firm_text.listings),
        ("outfalls", _of(known.outfalls, code), firm_text.outfalls),
        ("monitors", _of(known.monitor_points, code), firm_text.monitors),
        ("sites", _of(known.sites, code), firm_text.sites),
        ("inspections", _of(registry.ever(store, Inspection, now), code), firm_text.inspections),
        ("complaints", _of(registry.ever(store, Complaint, now), code), firm_text.complaints),
    ]
    for name, found, as_table in parts:
        look.section(words(f"enterprise.{name}"), str(len(found)) if found else words("app.none"))
        if found:
            st.html(as_table(found, words))


def _of(facts: Iterable[F], code: str) -> list[F]:
    return [fact for fact in facts if getattr(fact, "enterprise", None) == code]


def _map(
    store: Store, firm: Enterprise, known: registry.Registry, named: Sequence[tuple[AlertView, float]], words: Words
) -> None:
    own = registry.Registry(
        as_of=known.as_of,
        enterprises=(firm,),
        sites=tuple(_of(known.sites, firm.uscc)),
        outfalls=tuple(_of(known.outfalls, firm.uscc)),
        monitor_points=tuple(_of(known.monitor_points, firm.uscc)),
        permits=(),
        positive_listings=(),
        inspections=(),
        complaints=(),
        receptors=(),
    )
    marks = registered.marks(own, words)
    seen = tuple(
        layers.Thing(
            view.alert.id,
            view.alert.ground.lon,
            view.alert.ground.lat,
            view.alert.kind,
            f"{words.of('kind', view.alert.kind)} · {words.percent(share)}",
            faded=view.state != "open",
        )
        for view, share in named
    )
    things = marks.things + seen
    if not things:
        look.note(words("enterprise.map_none"))
        return
    base, key = registered.basemap(store)
    bounds = layers.bounds_of([(thing.lon, thing.lat) for thing in things], at_least_m=500)
    view = layers.View(bounds, firm.uscc) if bounds else None
    content = layers.MapContent(base=base, base_key=key, things=things, areas=marks.areas, view=view)
    live_map(content, key="firm_map", title=words("enterprise.map"), height_px=MAP_PX)
    st.html(markup.legend([thing.kind for thing in things], words))


def _alerts(named: Sequence[tuple[AlertView, float]], words: Words) -> None:
    look.section(words("enterprise.alerts"), str(len(named)) if named else "")
    if named:
        st.html(firm_text.alerts(named, words))
    else:
        look.note(words("enterprise.alerts_none"))


if __name__ == "__main__":
    show()
