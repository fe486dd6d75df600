"""May X discharge Y at Z at T: cases worked by hand, each with the row that answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from enforcement.permission import ANSWERS, FARTHEST, Answer, Holdings, Why, may_discharge, on_day
from enforcement.pollutants import pollutant_code
from enforcement.registry import Filing, Permit, PermitLimit, PermitOutlet
from pipelines.wording import sentences

BEIJING = timezone(timedelta(hours=8))
FIRM, NUMBER, OTHER = "91310107JH8KKJ0MY0", "91310107JH8KKJ0MY0001P", "91310107JH8KKJ0MY0002Q"
SOURCE = {"received_at": datetime(2026, 1, 1, tzinfo=UTC), "source_sha256": "ab" * 32, "source_row": "1"}
NOON = datetime(2026, 11, 24, 12, tzinfo=BEIJING)
PERMIT = Permit(
    **SOURCE,
    permit_number=NUMBER,
    enterprise=FIRM,
    valid_from=date(2023, 1, 1),
    valid_to=date(2027, 12, 31),
)
WATER = PermitOutlet(**SOURCE, permit_number=NUMBER, enterprise=FIRM, outlet="DW001", medium="water")
AIR = PermitOutlet(**SOURCE, permit_number=NUMBER, enterprise=FIRM, outlet="DA001", medium="air")
DRAIN = PermitOutlet(**SOURCE, permit_number=NUMBER, enterprise=FIRM, outlet="DW002", medium="water")


def limit(pollutant, outlet="DW001", value=50.0, **more):
    told = {"unit": "mg/L", "period": "day", "what": "concentration", **more}
    return PermitLimit(
        **SOURCE,
        permit_number=NUMBER,
        enterprise=FIRM,
        outlet=outlet,
        pollutant=pollutant,
        value=value,
        **told,
    )


def filing(kind, starts=None, ends=None, **more):
    return Filing(
        **SOURCE,
        filing_id=f"{kind} {starts}",
        enterprise=FIRM,
        filing_kind=kind,
        starts_at=starts,
        ends_at=ends,
        **more,
    )


COD, AMMONIA = limit("化学需氧量"), limit("NH3-N", value=5.0)
COD_YEAR = limit("COD", outlet="", value=12.0, unit="t", period="year", what="amount")
NOX = limit("NOx", outlet="DA001", value=100.0, unit="mg/m3", period="hour")
HELD = Holdings(True, (PERMIT,), (WATER, AIR, DRAIN), (COD, AMMONIA, COD_YEAR, NOX))


def told(held=HELD, pollutant="CODcr", outlet="DW001", at=NOON):
    return may_discharge(held, pollutant, outlet, at)


def test_a_pollutant_with_a_limit_at_its_outlet_is_permitted_and_the_rows_are_shown():
    said = told()
    assert (said.answer, said.reason) == (Answer.YES, Why.WITHIN_LIMITS)
    assert (said.permit, said.outlet, said.limits) == (PERMIT, WATER, (COD, COD_YEAR))


@pytest.mark.parametrize(
    ("pollutant", "outlet", "reason", "limits"),
    [
        ("氨氮", "dw001", Why.WITHIN_LIMITS, (AMMONIA,)),
        ("w21003", " DW001 ", Why.WITHIN_LIMITS, (AMMONIA,)),
        ("氮氧化物", "DA001", Why.WITHIN_LIMITS, (NOX,)),
        ("NOx", "DW001", Why.POLLUTANT_MISSING, ()),
        ("总磷", "DW001", Why.POLLUTANT_MISSING, ()),
        ("COD", "DA001", Why.POLLUTANT_MISSING, (COD_YEAR,)),
        ("COD", "DW009", Why.OUTLET_MISSING, (COD_YEAR,)),
        ("COD", "", Why.WITHIN_LIMITS, (COD, COD_YEAR)),
        ("总磷", "", Why.POLLUTANT_MISSING, ()),
        # DW002 has no limit of its own: the yearly amount of the whole firm answers
        ("COD", "DW002", Why.WITHIN_LIMITS, (COD_YEAR,)),
        ("NH3-N", "DW002", Why.POLLUTANTS_UNSTATED, ()),
    ],
)
def test_outlets_and_pollutants_are_told_apart(pollutant, outlet, reason, limits):
    said = told(pollutant=pollutant, outlet=outlet)
    assert (said.reason, said.answer, said.limits) == (reason, ANSWERS[reason], limits)
    assert said.permit == PERMIT


NITROGEN_YEAR = limit("总氮", outlet="", value=3.0, unit="t", period="year", what="amount")


@pytest.mark.parametrize(
    ("pollutant", "outlet", "reason", "limits"),
    [
        ("总氮", "DW001", Why.POLLUTANT_OUTLET_UNSTATED, (NITROGEN_YEAR,)),
        ("总磷", "DW001", Why.POLLUTANT_OUTLET_UNSTATED, ()),
        ("总氮", "DW002", Why.WITHIN_LIMITS, (NITROGEN_YEAR,)),
        ("总磷", "DW002", Why.WITHOUT_FIGURE, ()),
        ("总氮", "", Why.WITHIN_LIMITS, (NITROGEN_YEAR,)),
        ("总磷", "", Why.WITHOUT_FIGURE, ()),
        # which outlet COD and NOx leave by is stated: another one with limits of its own may not discharge them
        ("COD", "DA001", Why.POLLUTANT_MISSING, (COD_YEAR,)),
        ("NOx", "DW001", Why.POLLUTANT_MISSING, ()),
        ("苯胺", "DW001", Why.POLLUTANT_MISSING, ()),
        ("苯胺", "", Why.POLLUTANT_MISSING, ()),
    ],
)
def test_what_is_permitted_to_the_firm_and_to_no_outlet_is_no_accusation(pollutant, outlet, reason, limits):
    listed = replace(PERMIT, pollutants=("COD", "NOx", "总磷"))
    said = told(replace(HELD, permits=(listed,), limits=(*HELD.limits, NITROGEN_YEAR)), pollutant, outlet)
    assert (said.reason, said.answer, said.limits) == (reason, ANSWERS[reason], limits)


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        (datetime(2022, 12, 31, 23, 59, 59, tzinfo=BEIJING), Why.NOT_YET),
        (datetime(2022, 12, 31, 16, tzinfo=UTC), Why.WITHIN_LIMITS),  # 2023-01-01 in Beijing
        (datetime(2027, 12, 31, 23, 59, 59, tzinfo=BEIJING), Why.WITHIN_LIMITS),
        (datetime(2028, 1, 1, tzinfo=BEIJING), Why.EXPIRED),
    ],
)
def test_a_permit_is_in_force_for_whole_beijing_days(at, reason):
    assert told(at=at).reason is reason


def test_between_two_terms_it_is_expired_and_the_ended_term_is_shown():
    renewed = replace(PERMIT, valid_from=date(2028, 3, 1), valid_to=date(2033, 2, 28))
    held = replace(HELD, permits=(PERMIT, renewed))
    gap = told(held, at=datetime(2028, 2, 29, 12, tzinfo=BEIJING))
    assert (gap.answer, gap.reason, gap.permit) == (Answer.NO, Why.EXPIRED, PERMIT)
    assert told(held, at=datetime(2028, 3, 1, tzinfo=BEIJING)).permit == renewed


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("suspended", Why.SUSPENDED),
        ("revoked", Why.REVOKED),
        ("cancelled", Why.CANCELLED),
        ("整改中", Why.STATE_UNKNOWN),
    ],
)
def test_a_suspension_holds_for_its_days_and_the_permit_stands_again_after_them(state, reason):
    stopped = replace(PERMIT, state=state, valid_from=date(2026, 11, 1), valid_to=date(2026, 11, 30))
    held = replace(HELD, permits=(PERMIT, stopped))
    assert told(held).reason is reason
    assert told(held).permit == stopped
    assert told(held, at=datetime(2026, 12, 1, tzinfo=BEIJING)).reason is Why.WITHIN_LIMITS


def test_nothing_registered_is_not_a_no():
    assert told(Holdings(False)).answer is Answer.NOT_REGISTERED
    assert told(Holdings(False)).reason is Why.FIRM_UNKNOWN
    assert told(Holdings(True)).reason is Why.NO_PERMIT


def test_a_bare_permit_leaves_it_open_and_one_that_lists_words_does_not():
    bare = replace(HELD, outlets=(), limits=())
    assert told(bare).reason is Why.OUTLETS_UNSTATED
    assert told(bare).answer is Answer.CANNOT_TELL
    assert told(replace(bare, permits=(replace(PERMIT, outlets=("DW001",)),))).reason is Why.POLLUTANTS_UNSTATED
    listed = replace(bare, permits=(replace(PERMIT, outlets=("DW001",), pollutants=("COD",)),))
    assert told(listed).reason is Why.WITHOUT_FIGURE
    assert told(listed, "苯胺").reason is Why.POLLUTANT_MISSING
    assert told(replace(HELD, limits=(limit("COD", value=None),))).reason is Why.WITHOUT_FIGURE
    assert told(replace(HELD, limits=(limit("pH", value=9.0, value_low=6.0),)), "pH值").reason is Why.WITHIN_LIMITS


def test_a_limit_counts_on_its_days():
    old, new = replace(COD, valid_to=date(2025, 12, 31)), replace(COD, value=30.0, valid_from=date(2026, 1, 1))
    held = replace(HELD, limits=(old, new))
    assert told(held).limits == (new,)
    assert told(held, at=datetime(2025, 6, 1, tzinfo=BEIJING)).limits == (old,)
    assert on_day([new, old], date(2024, 1, 1)) == [old]


def test_of_two_permits_the_more_favourable_answers():
    second = replace(PERMIT, permit_number=OTHER, valid_to=date(2024, 1, 1))
    for permits in ((PERMIT, second), (second, PERMIT)):
        assert told(replace(HELD, permits=permits)).permit == PERMIT
    vague = replace(PERMIT, permit_number=OTHER)
    said = told(replace(HELD, permits=(PERMIT, vague)), outlet="DW009")
    assert (said.answer, said.reason, said.permit) == (Answer.CANNOT_TELL, Why.OUTLETS_UNSTATED, vague)


STOP = filing("shut_down", datetime(2026, 11, 24, 0, tzinfo=BEIJING), datetime(2026, 11, 25, 0, tzinfo=BEIJING))


@pytest.mark.parametrize(
    ("filings", "stopped"),
    [
        ((STOP,), True),
        ((replace(STOP, outlet="DW001"),), True),
        ((replace(STOP, outlet="DA001"),), False),
        ((replace(STOP, accepted=True),), True),
        ((replace(STOP, accepted=False),), False),
        ((replace(STOP, ends_at=NOON),), False),  # its last instant is not in it
        ((replace(STOP, ends_at=NOON + timedelta(seconds=1)),), True),
        ((replace(STOP, starts_at=NOON),), True),
        ((replace(STOP, starts_at=NOON + timedelta(seconds=1)),), False),
        ((filing("shut_down"),), True),
        ((filing("maintenance"),), False),
        ((STOP, filing("start_up", NOON - timedelta(hours=1))), False),
        ((STOP, filing("start_up", NOON - timedelta(days=9))), True),
        ((STOP, filing("start_up", NOON + timedelta(hours=1))), True),
    ],
)
def test_a_declared_standstill_stops_what_the_permit_allows(filings, stopped):
    said = told(replace(HELD, filings=filings))
    assert said.answer is (Answer.NO if stopped else Answer.YES)
    if stopped:
        assert (said.reason, said.filings, said.permit) == (Why.SHUT_DOWN, filings[:1], PERMIT)


def test_filings_in_force_are_shown_beside_any_answer():
    works = filing("maintenance", NOON - timedelta(hours=1), NOON + timedelta(hours=1))
    past = filing("maintenance", NOON - timedelta(hours=3), NOON - timedelta(hours=2))
    assert told(replace(HELD, filings=(works, past))).filings == (works,)
    assert told(Holdings(True, filings=(works, past))).filings == (works,)


def test_every_reason_has_an_answer_a_rank_and_its_sentence():
    assert set(ANSWERS) == set(Why)
    assert set(FARTHEST) == set(Why) - {Why.FIRM_UNKNOWN, Why.NO_PERMIT, Why.SHUT_DOWN}
    assert all(set(sentences()[why.value]) == {"zh", "en"} for why in Why)


def test_a_pollutant_is_one_under_its_many_names():
    assert {pollutant_code(name) for name in ("COD", "cod cr", "ＣＯＤｃｒ", "化学需氧量", "w01018", "011")} == {
        "w01018"
    }
    assert pollutant_code("NH₃-N") == pollutant_code("nh3n") == "w21003"
    assert pollutant_code("苯 胺类") == "苯胺类"
    assert pollutant_code("总磷") != pollutant_code("总氮")
