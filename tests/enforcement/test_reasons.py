"""Every reason word of enforcement has its sentence in both languages, with the figures it is given."""

from __future__ import annotations

import inspect
from datetime import date

import pytest

from enforcement import errors
from enforcement.attribution import Evidence, attribute
from enforcement.policy import load
from enforcement.weekly import FirmFacts, Mandate, plan_week
from pipelines.wording import say, sentences

CLASSES = [
    one
    for _, one in inspect.getmembers(errors, inspect.isclass)
    if issubclass(one, errors.EnforcementError) and one is not errors.EnforcementError
]


def test_no_reason_stands_for_two_classes():
    assert len({one.reason for one in CLASSES}) == len(CLASSES)


@pytest.mark.parametrize("word", [one.reason for one in CLASSES])
def test_every_refusal_has_a_sentence(word):
    assert set(sentences()[word]) == {"zh", "en"}


def test_every_answer_and_every_reason_of_a_week_can_be_said():
    on, rows = date(2026, 11, 23), load()
    firms = [
        FirmFacts("a", "x", "red", True, None, (), 1, 1, None, 1, 1),
        FirmFacts("b", "x", last_inspection_on=date(2020, 1, 1)),
        FirmFacts("c", "x", positive_listed_until=date(2027, 1, 1)),
        FirmFacts(
            "d",
            "x",
            positive_listed_until=date(2027, 1, 1),
            mandates=tuple(Mandate(kind, "1", on) for kind in rows.at("weekly_mandates", on).words()),
        ),
    ]
    targets, exempt = plan_week(firms, targets=9, seed=1, policy=rows, on=on)
    said = {reason.code: say(reason.code, reason.values, "zh") for one in targets for reason in one.reasons}
    assert not [code for code, text in said.items() if "—" in text or "{" in text]
    assert len(said) >= 14
    assert say(exempt[0].reason, {}, "en")
    near = [Evidence(kind, f"{kind}{n}", None, "", 0.0, 1e-3) for kind in ("site", "outfall") for n in (1, 2)]
    asked = [
        attribute(label, near[start:end], search_radius_m=300, sigma_major_m=sigma, policy=rows, on=on)
        for label in ("dust_plume", "discharge")
        for start, end in ((0, 0), (0, 1), (2, 3), (0, 2))
        for sigma in (1, 299)
    ]
    words = {one.reason for one in asked} | {why for one in asked for who in one.candidates for why in who.why}
    assert len({one.reason for one in asked}) == 6
    assert all(say(word, {}, language) for word in words for language in ("zh", "en"))
