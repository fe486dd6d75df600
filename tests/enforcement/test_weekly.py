"""The week's list: mandates first, points by rows, a draw that anybody can replay, and nobody visited who is exempt."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enforcement.errors import FirmTwice, MandateUnknown, TargetsImpossible
from enforcement.policy import load
from enforcement.weekly import FirmFacts, Mandate, mandated_beyond, plan_week, score_of

MONDAY = date(2026, 11, 23)
DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))
MANDATES = st.builds(Mandate, kind=st.sampled_from(["lead", "supervision", "complaint"]), id=st.just("L-1"), since=DAYS)
FIRMS = st.lists(
    st.builds(
        FirmFacts,
        enterprise=st.integers(0, 10**6).map(lambda n: f"firm {n:07d}"),
        name=st.just("x"),
        credit_class=st.sampled_from([None, "green", "blue", "yellow", "red", "as written"]),
        key_unit=st.booleans(),
        positive_listed_until=st.none() | DAYS,
        mandates=st.lists(MANDATES, max_size=2).map(tuple),
        confirmed=st.integers(0, 5),
        open_alerts=st.integers(0, 5),
        last_inspection_on=st.none() | DAYS,
        violations=st.integers(0, 4),
        complaints=st.integers(0, 9),
    ),
    max_size=30,
    unique_by=lambda firm: firm.enterprise,
)


def planned(facts, *, targets=10, seed=7):
    return plan_week(facts, targets=targets, seed=seed, policy=load(), on=MONDAY)


def listed(firm):
    return firm.positive_listed_until is not None and firm.positive_listed_until >= MONDAY


@given(FIRMS, st.integers(0, 20), st.integers(0, 2**32))
def test_the_list_holds_what_it_promises(facts, targets, seed):
    chosen, exempt = planned(facts, targets=targets, seed=seed)
    by_code = {firm.enterprise: firm for firm in facts}
    assert len(chosen) == min(targets, len(facts) - len(exempt))
    assert [one.rank for one in chosen] == list(range(1, len(chosen) + 1))
    assert len({one.enterprise for one in chosen}) == len(chosen)
    assert [one.arm for one in chosen] == sorted((one.arm for one in chosen), key=["mandated", "risk", "random"].index)
    for one in chosen:
        firm = by_code[one.enterprise]
        assert (one.arm == "mandated") == bool(firm.mandates)
        assert one.probability is None
        assert (one.propensity is not None) == (one.arm == "random")
        assert not (listed(firm) and not firm.mandates)
        assert one.reasons or one.score == 0
    assert {one.enterprise for one in exempt} == {
        firm.enterprise for firm in facts if listed(firm) and not firm.mandates
    }
    assert all(
        (one.reason, one.until, one.rule)
        == ("positive_listed", by_code[one.enterprise].positive_listed_until, "positive_list_non_site_only@2023-05-08")
        for one in exempt
    )


@given(FIRMS, st.integers(0, 20), st.integers(0, 2**32), st.randoms())
def test_same_seed_same_list_whatever_the_order_of_the_facts(facts, targets, seed, shuffler):
    mixed = list(facts)
    shuffler.shuffle(mixed)
    assert planned(mixed, targets=targets, seed=seed) == planned(facts, targets=targets, seed=seed)


@given(FIRMS, st.integers(1, 20), st.integers(0, 99))
def test_risk_takes_the_highest_scores_above_zero_and_the_draw_has_its_share(facts, targets, seed):
    chosen, _ = planned(facts, targets=targets, seed=seed)
    risk = [one.score for one in chosen if one.arm == "risk"]
    drawn = [one for one in chosen if one.arm == "random"]
    assert risk == sorted(risk, reverse=True)
    assert all(score > 0 for score in risk)
    if drawn:
        assert all(one.propensity == drawn[0].propensity and 0 < one.propensity <= 1 for one in drawn)
        if risk:
            assert min(risk) >= max(one.score for one in drawn)
    free = sum(not firm.mandates and not listed(firm) for firm in facts)
    room = targets - sum(one.arm == "mandated" for one in chosen)
    if free >= room > 0:
        assert len(drawn) >= min(room, max(1, -(-targets // 5)))


def test_the_draw_can_be_replayed_from_its_description():
    facts = [FirmFacts(f"firm {n:02d}", "x", last_inspection_on=MONDAY) for n in range(20)]
    chosen, _ = planned(facts, targets=4, seed=2026)
    twister = random.Random(2026)
    tickets = sorted((twister.random(), firm.enterprise) for firm in facts)
    assert [one.enterprise for one in chosen] == [code for _, code in tickets[:4]]
    assert {one.propensity for one in chosen} == {4 / 20}
    assert chosen[0].reasons[0].values == {"seed": 2026, "drawn": 4, "of": 20, "rule": "weekly_random_share@2019-01-01"}


def test_over_many_seeds_each_firm_is_drawn_as_often_as_its_propensity_says():
    facts = [FirmFacts(f"firm {n:02d}", "x", last_inspection_on=MONDAY) for n in range(10)]
    drawn = Counter(one.enterprise for seed in range(2000) for one in planned(facts, targets=3, seed=seed)[0])
    assert set(drawn) == {firm.enterprise for firm in facts}
    assert all(abs(count - 600) < 4.5 * (2000 * 0.3 * 0.7) ** 0.5 for count in drawn.values())


def test_mandates_come_by_urgency_then_age_and_what_finds_no_room_is_told():
    old, new = MONDAY - timedelta(days=30), MONDAY - timedelta(days=1)
    facts = [
        FirmFacts("a", "x", mandates=(Mandate("complaint", "C", old),)),
        FirmFacts("b", "x", mandates=(Mandate("lead", "L2", new),)),
        FirmFacts("c", "x", mandates=(Mandate("complaint", "C2", new), Mandate("lead", "L1", old))),
        FirmFacts("d", "x", mandates=(Mandate("supervision", "S", new),)),
    ]
    chosen, _ = planned(facts, targets=3)
    assert [one.enterprise for one in chosen] == ["d", "c", "b"]
    assert [firm.enterprise for firm in mandated_beyond(facts, targets=3, policy=load(), on=MONDAY)] == ["a"]
    assert {reason.code for reason in chosen[1].reasons} >= {"mandate_complaint", "mandate_lead"}


def test_a_listed_firm_is_exempt_until_its_last_day_and_visited_where_something_mandates_it():
    firm = FirmFacts("a", "x", confirmed=3, positive_listed_until=MONDAY)
    chosen, exempt = planned([firm])
    assert (chosen, exempt[0].until) == ((), MONDAY)
    chosen, exempt = planned([replace(firm, positive_listed_until=MONDAY - timedelta(days=1))])
    assert (len(chosen), exempt) == (1, ())
    chosen, exempt = planned([replace(firm, mandates=(Mandate("lead", "L-1", MONDAY),))])
    assert (chosen[0].arm, exempt) == ("mandated", ())
    assert "listed_but_mandated" in {reason.code for reason in chosen[0].reasons}


def test_points_by_hand():
    """2 confirmed 60, 1 open 10, 4 violations capped at 3: 45, 6 complaints capped at 5: 40, key unit 10, red 20."""
    firm = FirmFacts("a", "x", "red", True, None, (), 2, 1, MONDAY, 4, 6)
    points, reasons = score_of(firm, policy=load(), on=MONDAY)
    assert points == 60 + 10 + 45 + 40 + 10 + 20
    assert [reason.code for reason in reasons] == [
        "score_confirmed",
        "score_violation",
        "score_complaint",
        "score_credit_class",
        "score_key_unit",
        "score_open_alert",
    ]
    assert sum(reason.values["points"] for reason in reasons) == points
    assert all("@" in reason.values["rule"] for reason in reasons)


@pytest.mark.parametrize(
    ("days", "code"), [(None, "score_never_inspected"), (365, None), (366, "score_not_inspected_lately")]
)
def test_a_firm_long_not_visited_gains_points(days, code):
    firm = FirmFacts("a", "x", last_inspection_on=None if days is None else MONDAY - timedelta(days=days))
    assert [reason.code for reason in score_of(firm, policy=load(), on=MONDAY)[1]] == ([code] if code else [])


def test_what_cannot_be_planned_is_refused():
    with pytest.raises(FirmTwice):
        planned([FirmFacts("a", "x"), FirmFacts("a", "y")])
    with pytest.raises(MandateUnknown):
        planned([FirmFacts("a", "x", mandates=(Mandate("whim", "1", MONDAY),))])
    with pytest.raises(TargetsImpossible):
        planned([], targets=-1)
    assert planned([], targets=3) == ((), ())
