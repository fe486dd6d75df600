"""Enterprise 企业: all that is registered about one firm, where it is, and what was seen and said of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any, TypeVar

import streamlit as st

from dashboard import firm_history, firm_tables, firm_text, layers, look, markup, registered, session
from dashboard.components.live_map import live_map
from dashboard.labels import SHOWN_ZONE, Words
from enforcement.registry import (
    Complaint,
    Enterprise,
    Fact,
    Filing,
    Inspection,
    Permit,
    PermitLimit,
    PermitOutlet,
    PositiveListing,
)
from pipelines import clock
from pipelines.casework.same_firm import decide
from pipelines.records import AlertView
from pipelines.store import Store
from pipelines.store.read import alerts, registry, registry_imports, same_firm

FIRM, AS_OF = "firm", "as_of"
MAP_PX = 400
TRACE = 0.01  # below it a firm is a candidate in name only
F = TypeVar("F", bound=Fact)


def show() -> None:
    """The page."""
    words = session.words()
    with session.open_store() as store:
        now = clock.now()
        as_of = _as_of(now)
        known = registry.at(store, as_of)
        look.page_head(store, words("enterprise.title"), words("enterprise.subtitle", count=len(known.enterprises)))
        if not known.enterprises and as_of == now:
            look.empty(words("enterprise.empty"), words("enterprise.empty_next"))
            return
        views = alerts.views(store, as_of)
        with st.container(key="firm_bar", horizontal=True, vertical_alignment="bottom"):
            firm = _choice(known.enterprises, views, words)
            _day_choice(now, as_of, words)
        if firm is None:
            look.empty(words("enterprise.none_then"), words("enterprise.none_then_next"))
            return
        with st.container(key="firm"):
            left, right = st.columns([5.6, 4.4], gap="small")
        named = _naming(views, firm.uscc)
        with right:
            _map(store, firm, known, named, words)
            _alerts(named, words)
            _same_firm(store, firm, as_of, now, words)
        with left:
            st.html(firm_text.head(firm, words))
            _tables(store, firm.uscc, known, as_of, words)


def _as_of(now: datetime) -> datetime:
    """The instant that is looked from: the end of the day that was chosen, or now."""
    asked = session.recalled(AS_OF)
    try:
        day = date.fromisoformat(asked) if asked else None
    except ValueError:
        day = None
    if day is None or day >= now.astimezone(SHOWN_ZONE).date():
        return now
    return datetime.combine(day, time.max, SHOWN_ZONE)


def _day_choice(now: datetime, as_of: datetime, words: Words) -> None:
    today = now.astimezone(SHOWN_ZONE).date()
    st.date_input(
        words("enterprise.as_of"),
        value=min(as_of.astimezone(SHOWN_ZONE).date(), today),
        max_value=today,
        format="YYYY-MM-DD",
        key="day_choice",
        width=170,
        help=words("enterprise.as_of_help"),
        on_change=_remember_day,
        args=(today,),
    )


def _remember_day(today: date) -> None:
    chosen: date | None = st.session_state["day_choice"]
    session.remember(AS_OF, None if chosen is None or chosen >= today else chosen.isoformat())


def _choice(firms: Sequence[Enterprise], views: Sequence[AlertView], words: Words) -> Enterprise | None:
    """The firm that is looked at: chosen from a list that can be searched by name or credit code.

    Where nothing was chosen yet, it is the one that the alerts point at most.
    """
    by_code = {firm.uscc: firm for firm in sorted(firms, key=lambda firm: firm.name)}
    codes = list(by_code)
    if not codes:
        return None
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


def _tables(store: Store, code: str, known: registry.Registry, as_of: datetime, words: Words) -> None:
    """Everything that is the firm's, each row dated and with the file that says so."""
    sources, on = registry_imports.sources(store), registry.day_of(as_of)
    parts: dict[str, Sequence[Any]] = {
        "permits": _newest(_of(registry.ever(store, Permit, as_of), code)),
        "permit_outlets": _of(registry.ever(store, PermitOutlet, as_of), code),
        "permit_limits": _of(registry.ever(store, PermitLimit, as_of), code),
        "filings": _of(registry.ever(store, Filing, as_of), code),
        "outfalls": _of(known.outfalls, code),
        "monitors": _of(known.monitor_points, code),
        "cameras": _of(known.cameras, code),
        "sites": _of(known.sites, code),
        "positive": _of(registry.ever(store, PositiveListing, as_of), code),
        "inspections": _latest(_of(registry.ever(store, Inspection, as_of), code)),
        "complaints": _latest(_of(registry.ever(store, Complaint, as_of), code)),
    }
    for name, found in parts.items():
        if found:
            look.section(words(f"enterprise.{name}"), str(len(found)))
            st.html(firm_tables.table(name, found, words, sources=sources, on=on))
    empty = words("app.comma").join(words(f"enterprise.{name}") for name, found in parts.items() if not found)
    if empty:
        look.note(words("enterprise.nothing_of", names=empty))
    told = [one for one in registry.history(store, Enterprise.KIND, code) if one.fact.received_at <= as_of]
    look.section(words("enterprise.history"), str(len(told)))
    st.html(firm_history.statements(told, as_of, words, sources=sources))


def _newest(permits: Sequence[Permit]) -> list[Permit]:
    return sorted(permits, key=lambda one: one.valid_from or date.min, reverse=True)


def _latest(events: Sequence[Any]) -> list[Any]:
    return sorted(events, key=lambda one: one.on, reverse=True)


def _of(facts: Iterable[F], code: str) -> list[F]:
    return [fact for fact in facts if getattr(fact, "enterprise", None) == code]


def _same_firm(store: Store, firm: Enterprise, as_of: datetime, now: datetime, words: Words) -> None:
    """Entries that may be this firm; a person's word on one, where the role may give it and the page shows today."""
    found = firm_history.about(same_firm.proposals(store, as_of), firm.uscc)
    look.section(words("enterprise.same_firm"), str(len(found)) if found else words("app.none"))
    if not found:
        return
    st.html(firm_history.proposals(found, words))
    if as_of != now or not look.offered(store, "firm_decide"):
        return
    with st.container(key="firm_words", horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            words("enterprise.entry"),
            [one.id for one in found],
            format_func=lambda one: one,
            key="proposal_choice",
            width=200,
        )
        for value in ("same", "different", "undone"):
            st.button(words.of("firm_word", value), key=f"firm_{value}", on_click=_decide, args=(value,))


def _decide(value: str) -> None:
    chosen = str(st.session_state["proposal_choice"])
    with session.open_store() as store:
        by = session.by(store)
        session.attempt(lambda: decide(store, chosen, value, by=by, at=clock.now()))


def _map(
    store: Store, firm: Enterprise, known: registry.Registry, named: Sequence[tuple[AlertView, float]], words: Words
) -> None:
    own = registry.Registry(
        as_of=known.as_of,
        enterprises=(firm,),
        sites=tuple(_of(known.sites, firm.uscc)),
        outfalls=tuple(_of(known.outfalls, firm.uscc)),
        monitor_points=tuple(_of(known.monitor_points, firm.uscc)),
        permit_outlets=tuple(_of(known.permit_outlets, firm.uscc)),
        cameras=tuple(_of(known.cameras, firm.uscc)),
        permits=(),
        positive_listings=(),
        inspections=(),
        complaints=tuple(_of(known.complaints, firm.uscc)),
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
