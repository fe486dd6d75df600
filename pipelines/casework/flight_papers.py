"""Who flew, with what, and under which approval: a person's word on a flight, dated, never overwritten."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from pipelines.casework.acting import acting, noted
from pipelines.errors import Refusal
from pipelines.records import Act, Flight
from pipelines.store import Store
from pipelines.store.errors import UnknownRow
from pipelines.store.read import derived, flights
from pipelines.store.read.journal import first_entry_of_row
from pipelines.store.records import FlightPapers
from pipelines.store.write.derived import insert_papers

FIELDS = ("pilot", "aircraft", "airspace_approval", "flight_plan")
LONGEST = 200


def say_papers(
    store: Store,
    flight_id: str,
    *,
    by: str | None,
    at: datetime,
    pilot: str | None = None,
    aircraft: str | None = None,
    airspace_approval: str | None = None,
    flight_plan: str | None = None,
) -> Act:
    """Say who flew, with what, and under which numbers. What is not said anew stays as it was said before.

    Args:
        store: the home.
        flight_id: a flight of it.
        by: the account, or None for the local owner.
        at: when it is said.
        pilot: who flew.
        aircraft: type and serial number of the aircraft.
        airspace_approval: number of the airspace approval 空域批准.
        flight_plan: number of the flight plan 飞行计划.

    Returns:
        The row's number, state `said`. The same words again give the earlier entry and write nothing.

    Raises:
        Refusal: the role may not, `unknown_flight`, `nothing_said`, `text_too_long`.
    """
    given = {"pilot": pilot, "aircraft": aircraft, "airspace_approval": airspace_approval, "flight_plan": flight_plan}
    said = {name: _fit(name, text) for name, text in given.items() if text is not None and text.strip()}
    with acting(store, by, "flight_papers", at) as (tx, user):
        known_flight(store, flight_id, at)
        if not said:
            raise Refusal(flight_id, "nothing_said")
        earlier = derived.papers(tx, flight_id)
        latest = earlier[-1] if earlier else None
        if latest is not None and replace(latest, **said) == latest:  # type: ignore[arg-type]
            return Act(str(latest.id), "said", first_entry_of_row(tx, "flight_papers", str(latest.id)))
        kept = {name: getattr(latest, name) for name in FIELDS} if latest else dict.fromkeys(FIELDS)
        who = {"by": user.id, "role": user.role, "at": at, "simulated": user.simulated}
        row = insert_papers(tx, FlightPapers(0, flight_id, **{**kept, **said, **who}))
        return Act(str(row), "said", noted(tx, user, at=at, kind="flight_papers_said", subject=flight_id, payload=said))


def known_flight(store: Store, flight_id: str, at: datetime) -> Flight:
    """A flight that was there when somebody acts on it.

    Raises:
        Refusal: `unknown_flight`.
    """
    try:
        flight = flights.get(store, flight_id)
    except UnknownRow as error:
        raise Refusal(flight_id or "(empty)", "unknown_flight") from error
    if flight.received_at > at:
        raise Refusal(flight_id, "unknown_flight")
    return flight


def _fit(name: str, text: str) -> str:
    plain = " ".join(text.split())
    if len(plain) > LONGEST or not plain.isprintable():
        raise Refusal(name, "text_too_long", f"at most {LONGEST} printable characters")
    return plain
