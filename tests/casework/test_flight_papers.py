"""A person's word on a flight: who may, what stays, what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pipelines.casework.basemap import set_basemap
from pipelines.casework.flight_papers import say_papers
from pipelines.casework.requests import request_mosaic, request_report
from pipelines.casework.users import add_user
from pipelines.errors import Refusal
from pipelines.records import Flight
from pipelines.store import journal
from pipelines.store.read import derived, jobs
from pipelines.store.write import flights
from tests.store.making import NOW

FLIGHT = "F-2026-1124-01"


@pytest.fixture()
def flown(store):
    with store.transaction() as tx:
        flights.insert_flight(tx, Flight(FLIGHT, "x", "owner", NOW))
        journal.append(tx, at=NOW, actor="system", role="system", kind="test", subject=FLIGHT, payload={})
    return store


def test_what_is_said_later_joins_what_was_said_before_and_both_rows_stay(flown):
    say_papers(flown, FLIGHT, by=None, at=NOW, pilot=" 陈  飞 ", aircraft="M30T")
    say_papers(flown, FLIGHT, by=None, at=NOW + timedelta(hours=1), airspace_approval="沪-7", pilot="李四")
    first, second = derived.papers(flown, FLIGHT)
    assert (first.pilot, first.airspace_approval) == ("陈 飞", None)
    assert (second.pilot, second.aircraft, second.airspace_approval) == ("李四", "M30T", "沪-7")
    assert derived.papers(flown, FLIGHT, as_of=NOW) == [first]
    assert journal.verify(flown).ok


def test_the_same_words_write_nothing(flown):
    said = say_papers(flown, FLIGHT, by=None, at=NOW, pilot="陈飞")
    assert say_papers(flown, FLIGHT, by=None, at=NOW + timedelta(hours=1), pilot="陈飞") == said
    assert len(derived.papers(flown, FLIGHT)) == 1


@pytest.mark.parametrize(
    ("flight", "said", "reason"),
    [
        ("F-none", {"pilot": "x"}, "unknown_flight"),
        (FLIGHT, {"pilot": "  "}, "nothing_said"),
        (FLIGHT, {"pilot": "x" * 201}, "text_too_long"),
    ],
)
def test_refusals_by_name(flown, flight, said, reason):
    with pytest.raises(Refusal) as refused:
        say_papers(flown, flight, by=None, at=NOW, **said)
    assert refused.value.reason == reason


def test_a_role_that_may_not_is_refused_by_the_row(flown, tmp_path):
    add_user(flown, "ada", "administrator", by=None, at=NOW)
    add_user(flown, "wu", "auditor", by="ada", at=NOW)
    acts = (
        lambda: say_papers(flown, FLIGHT, by="wu", at=NOW, pilot="x"),
        lambda: request_report(flown, FLIGHT, by="wu", at=NOW),
        lambda: request_mosaic(flown, FLIGHT, by="wu", at=NOW),
        lambda: set_basemap(flown, tmp_path / "x.tif", by="wu", at=NOW),
    )
    for act in acts:
        with pytest.raises(Refusal) as refused:
            act()
        assert refused.value.reason == "role_forbids"


def test_a_report_and_a_mosaic_are_asked_for_once(flown):
    first = request_report(flown, FLIGHT, by=None, at=NOW)
    assert request_report(flown, FLIGHT, by=None, at=NOW) == first
    request_mosaic(flown, FLIGHT, by=None, at=NOW, cell_m=0.2)
    assert [(job.kind, dict(job.payload)) for job in jobs.pending(flown)] == [
        ("flight_report", {"flight": FLIGHT}), ("mosaic", {"flight": FLIGHT, "cell_m": 0.2}),
    ]  # fmt: skip
    with pytest.raises(Refusal, match="unknown_flight"):
        request_report(flown, "F-none", by=None, at=NOW)
