"""Whose is it: probabilities that sum to 1, and nobody named unless the rows allow it."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from enforcement.attribution import Evidence, attribute, search_radius_m, spread_m, which_kinds
from enforcement.errors import EvidenceUnusable
from enforcement.policy import load

ON = date(2026, 11, 24)
LABELS = ("dust_plume", "bare_soil", "smoke", "outfall", "discharge", "foam")
EVIDENCE = st.builds(
    Evidence,
    kind=st.sampled_from(["site", "enterprise", "outfall"]),
    id=st.text("abc", min_size=1, max_size=3),
    enterprise=st.none() | st.just("91310107JH8KKJ0MY0"),
    name=st.just("x"),
    distance_m=st.floats(0, 500),
    likelihood_per_m2=st.floats(0, 1),
)


def asked(label, evidence, *, radius=300.0, sigma=5.0):
    return attribute(label, evidence, search_radius_m=radius, sigma_major_m=sigma, policy=load(), on=ON)


def at(distance_m, *, kind="site", sigma=20.0, **fields):
    """A point source at a distance, under a round normal error: the density written out here, not by the code."""
    density = math.exp(-0.5 * (distance_m / sigma) ** 2) / (2 * math.pi * sigma**2)
    return Evidence(
        kind, fields.pop("id", f"{kind} {distance_m}"), fields.pop("enterprise", None), "name", distance_m, density
    )


@given(
    st.sampled_from([*LABELS, "vehicle", "other"]),
    st.lists(EVIDENCE, max_size=12),
    st.floats(1, 2000),
    st.floats(0, 400),
)
def test_probabilities_sum_to_one_and_nobody_is_named_below_the_row(label, evidence, radius, sigma):
    answer = asked(label, evidence, radius=radius, sigma=sigma)
    shares = [one.probability for one in answer.candidates]
    assert math.fsum([*shares, answer.none_registered, answer.cannot_tell]) == pytest.approx(1, abs=1e-12)
    assert all(0 <= share <= 1 for share in (*shares, answer.none_registered, answer.cannot_tell))
    assert shares == sorted(shares, reverse=True)
    decision = load().at("attribution_decision", ON)
    if answer.answer == "named":
        assert answer.named == answer.candidates[0].id
        assert answer.candidates[0].probability >= decision.number("name_at_least")
    else:
        assert answer.named is None
        assert not shares or shares[0] < decision.number("name_at_least")
    assert {one.kind for one in answer.candidates} <= which_kinds(label)


@given(st.lists(EVIDENCE, max_size=8), st.randoms())
def test_the_order_of_the_evidence_does_not_matter(evidence, shuffler):
    assume(len({(one.kind, one.id, one.distance_m) for one in evidence}) == len(evidence))
    mixed = list(evidence)
    shuffler.shuffle(mixed)
    one, other = asked("dust_plume", evidence), asked("dust_plume", mixed)
    assert [c.id for c in one.candidates] == [c.id for c in other.candidates]
    assert one.none_registered == pytest.approx(other.none_registered)


def test_bayes_by_hand_for_one_site_one_firm_and_nobody():
    """Weights of the rows: site 1, enterprise 0.25, nobody 1 over the disc, 2 % of positions wrong."""
    site, firm, uniform = 4e-5, 2e-5, 1 / (math.pi * 300**2)
    wrong = 0.02 / 0.98 * 2.25 * uniform
    total = site + 0.25 * firm + uniform + wrong
    answer = asked(
        "dust_plume", [Evidence("site", "S", None, "", 10, site), Evidence("enterprise", "E", "c", "", 20, firm)]
    )
    assert [one.probability for one in answer.candidates] == pytest.approx([site / total, 0.25 * firm / total])
    assert answer.none_registered == pytest.approx(uniform / total)
    assert answer.cannot_tell == pytest.approx(wrong / total)


def test_the_only_site_right_there_is_named():
    answer = asked("dust_plume", [at(5.0, id="S1")])
    assert (answer.answer, answer.named, answer.reason) == ("named", "S1", "one_source_stands_out")
    assert set(answer.candidates[0].why) == {"nearest_of_its_kind", "most_likely_position"}


def test_two_sites_equally_near_are_undecided():
    answer = asked("dust_plume", [at(10.0, id="S1"), at(10.0, id="S2")])
    assert (answer.answer, answer.reason) == ("cannot_tell", "sources_undecided")
    assert answer.candidates[0].probability == pytest.approx(answer.candidates[1].probability)


def test_sites_that_are_far_leave_it_to_nobody_registered():
    answer = asked("dust_plume", [at(250.0)])
    assert (answer.answer, answer.reason) == ("none_registered", "no_source_registered_here")


def test_without_any_candidate_nobody_registered_is_the_answer():
    answer = asked("smoke", [])
    assert answer.answer == "none_registered"
    assert answer.cannot_tell == pytest.approx(0.02)


@pytest.mark.parametrize("label", ["outfall", "discharge", "foam"])
def test_a_discharge_is_never_put_down_to_the_nearest_firm(label):
    answer = asked(
        label, [at(1.0, kind="enterprise", enterprise="91310107JH8KKJ0MY0"), at(1.0, kind="site")], radius=80
    )
    assert answer.candidates == ()
    assert (answer.answer, answer.reason) == ("none_registered", "municipal_drain_upstream_unknown")


def test_a_registered_outfall_is_named_and_a_municipal_one_says_that_upstream_is_unknown():
    firm = asked("discharge", [at(2.0, kind="outfall", enterprise="91310107JH8KKJ0MY0", id="O1")], radius=120)
    assert (firm.named, firm.reason, firm.candidates[0].enterprise) == (
        "O1",
        "one_source_stands_out",
        "91310107JH8KKJ0MY0",
    )
    town = asked("discharge", [at(2.0, kind="outfall", id="O2")], radius=120)
    assert (town.named, town.reason, town.candidates[0].enterprise) == ("O2", "municipal_outfall_named", None)


def test_an_ellipse_too_large_for_the_disc_says_nothing_about_anybody():
    answer = asked("dust_plume", [at(1.0)], radius=300, sigma=151)
    assert (answer.candidates, answer.cannot_tell, answer.reason) == ((), 1.0, "ellipse_too_large_to_attribute")
    assert asked("dust_plume", [at(1.0)], radius=300, sigma=150).answer == "named"


@given(st.floats(0, 400))
def test_a_nearer_source_is_never_less_probable(distance):
    near, far = (asked("bare_soil", [at(d), at(40.0, id="other")]) for d in (distance, distance + 10))
    of = [{c.id: c.probability for c in answer.candidates} for answer in (near, far)]
    assert of[0][f"site {distance}"] >= of[1][f"site {distance + 10}"]


@pytest.mark.parametrize(
    "change",
    [{"distance_m": -1.0}, {"distance_m": math.nan}, {"likelihood_per_m2": -1e-9}, {"likelihood_per_m2": math.inf}],
)
def test_evidence_that_is_no_figure_is_refused(change):
    with pytest.raises(EvidenceUnusable):
        asked("smoke", [replace(at(1.0), **change)])


@pytest.mark.parametrize(("radius", "sigma"), [(0, 1), (math.nan, 1), (10, -1), (10, math.nan), (math.inf, 1)])
def test_a_disc_or_ellipse_that_is_none_is_refused(radius, sigma):
    with pytest.raises(EvidenceUnusable):
        asked("smoke", [], radius=radius, sigma=sigma)


def test_every_label_has_its_kinds_radius_and_spread_and_a_vehicle_has_no_source():
    for label in LABELS:
        assert which_kinds(label)
        assert search_radius_m(label, policy=load(), on=ON) > spread_m(label, policy=load(), on=ON) > 0
    assert which_kinds("vehicle") == frozenset()
    assert which_kinds("no such label") == frozenset()


def test_the_rows_that_were_used_are_named():
    assert asked("smoke", []).rules == tuple(
        f"attribution_{name}@2000-01-01"
        for name in ("kinds", "search_radius", "spread", "prior", "outlier_share", "decision")
    )


def test_probabilities_are_calibrated_on_a_world_made_by_the_same_assumptions():
    """A made-up district: sources at random, one in the stated share unregistered; of what is put at p, p is right."""
    import random

    chance = random.Random(7)
    radius, sigma, said, right = 300.0, 20.0, [], []
    for _ in range(1500):
        sites = [(chance.uniform(-radius, radius), chance.uniform(-radius, radius)) for _ in range(3)]
        inside = [place for place in sites if math.hypot(*place) < radius]
        culprits = [*range(len(inside)), None]
        culprit = chance.choices(culprits, [1.0] * len(inside) + [1.0])[0]
        angle, away = chance.uniform(0, 2 * math.pi), radius * math.sqrt(chance.random())
        x, y = inside[culprit] if culprit is not None else (away * math.cos(angle), away * math.sin(angle))
        x, y = x + chance.gauss(0, sigma), y + chance.gauss(0, sigma)
        answer = asked("bare_soil", [at(math.hypot(x - a, y - b), id=str(i)) for i, (a, b) in enumerate(inside)])
        for one in answer.candidates:
            said.append(one.probability)
            right.append(one.id == str(culprit))
    for low, high in ((0.0, 0.2), (0.2, 0.8), (0.8, 1.0)):
        bin_ = [(p, r) for p, r in zip(said, right, strict=True) if low <= p <= high]
        expected, found = sum(p for p, _ in bin_) / len(bin_), sum(r for _, r in bin_) / len(bin_)
        assert found == pytest.approx(expected, abs=0.06), (low, high, len(bin_))


def unplaced(share, evidence=(), *, label="discharge"):
    return attribute(label, evidence, search_radius_m=300.0, sigma_major_m=5.0, policy=load(), on=ON, unplaced=share)


def test_where_no_source_of_the_kind_has_a_place_nobody_registered_is_no_answer():
    whole = unplaced(0.0)
    assert whole.answer == "none_registered"
    answer = unplaced(1.0)
    assert (answer.answer, answer.reason) == ("cannot_tell", "sources_without_place")
    assert (answer.none_registered, answer.cannot_tell) == (0.0, pytest.approx(1.0))


@given(st.floats(0, 1), st.lists(EVIDENCE, max_size=5))
def test_the_share_without_a_place_moves_from_nobody_to_not_knowing_and_names_nobody_else(share, evidence):
    before, after = unplaced(0.0, evidence), unplaced(share, evidence)
    assert after.none_registered == pytest.approx(before.none_registered * (1 - share))
    assert after.none_registered + after.cannot_tell == pytest.approx(before.none_registered + before.cannot_tell)
    assert after.candidates == before.candidates
    assert after.named == before.named


@pytest.mark.parametrize("share", [-0.1, 1.1, math.nan])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(EvidenceUnusable):
        unplaced(share)
