"""A visit that a finding here and an office's file both tell of counts once in a firm's risk."""

from __future__ import annotations

from datetime import date

import pytest

from enforcement import policy as law
from enforcement.weekly import score_of
from pipelines.casework.finding import record_finding
from pipelines.store.read import firms
from tests.casework.desk import LEAD
from tests.store import making
from tests.store.making import FIRM, NOW, OTHER_FIRM

DAY = date(2026, 11, 24)


def violations(store) -> int:
    return {one.enterprise: one for one in firms.facts(store, NOW)}[FIRM].violations


@pytest.mark.parametrize(
    ("told", "counted"),
    [
        ((), 1),
        ((("I-1", DAY, FIRM, True),), 1),
        ((("I-1", DAY, FIRM, False),), 1),
        ((("I-1", date(2026, 11, 20), FIRM, True),), 2),
        ((("I-1", DAY, OTHER_FIRM, True),), 1),
        ((("I-1", DAY, FIRM, True), ("I-2", DAY, FIRM, True)), 2),
    ],
)
def test_finding_and_inspection_of_one_day_are_one_violation(desk, told, counted):
    record_finding(desk, LEAD, "violation", by="inspector", at=NOW, text="未覆盖", seen_on=DAY)
    making.tell(desk, [making.inspection_of(name, on, found=found, uscc=firm) for name, on, firm, found in told])
    assert violations(desk) == counted


def test_the_points_for_it_are_given_once(desk):
    making.tell(desk, [making.inspection_of("I-1", DAY, found=True)])

    def points() -> float:
        firm = {one.enterprise: one for one in firms.facts(desk, NOW)}[FIRM]
        reasons = score_of(firm, policy=law.load(), on=DAY)[1]
        return sum(float(one.values["points"]) for one in reasons if one.code == "score_violation")

    before = points()
    record_finding(desk, LEAD, "violation", by="inspector", at=NOW, text="未覆盖", seen_on=DAY)
    assert points() == before == law.at("weekly_points", DAY).number("violation")
