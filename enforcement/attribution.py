"""Whose is it? Likelihoods under the error ellipse become probabilities, with *nobody* and *cannot tell* among them.

Arithmetic only: how far a place lies from a source, and how likely it is seen there if that source made it, is told by
whoever knows geometry, wind or river. Here these numbers meet the prior rows. docs/ideas/attribution.md derives it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from enforcement.errors import EvidenceUnusable
from enforcement.policy import Policy, Rule, load

NAMED, NONE_REGISTERED, CANNOT_TELL = "named", "none_registered", "cannot_tell"
OUTFALL = "outfall"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What geometry says of one registered thing within the search disc.

    `likelihood_per_m2` is the density, 1/m², of seeing it at that place if this thing is the source.
    """

    kind: str  # site | enterprise | outfall
    id: str
    enterprise: str | None  # credit code of the firm behind it; None: municipal or unknown
    name: str
    distance_m: float
    likelihood_per_m2: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A registered thing with the probability that it is the source; `why` holds reason codes."""

    kind: str
    id: str
    enterprise: str | None
    name: str
    distance_m: float
    likelihood_per_m2: float
    probability: float
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Attribution:
    """Candidates, most probable first. Their probabilities, `none_registered` and `cannot_tell` sum to 1."""

    candidates: tuple[Candidate, ...]
    none_registered: float
    cannot_tell: float
    answer: str  # named | none_registered | cannot_tell
    named: str | None  # id of the candidate that is named
    reason: str
    rules: tuple[str, ...]


def which_kinds(label: str, *, policy: Policy | None = None, on: date | None = None) -> frozenset[str]:
    """The kinds of registered things that can be the source of what was seen; for water only outfalls, never a firm.

    An empty set: nothing is attributed and no alert raised (vehicles, and labels that no row names).
    """
    return frozenset(_of_label(_row("attribution_kinds", policy, on), label, ()))


def search_radius_m(label: str, *, policy: Policy, on: date) -> float:
    """How far from the place registered things are candidates, metres; 0 for a label that no row names."""
    return float(_of_label(policy.at("attribution_search_radius", on), label, 0))


def spread_m(label: str, *, policy: Policy, on: date) -> float:
    """How far what is seen may lie from its source, 1 sigma, metres; 0 for a label that no row names."""
    return float(_of_label(policy.at("attribution_spread", on), label, 0))


def attribute(
    label: str,
    evidence: Sequence[Evidence],
    *,
    search_radius_m: float,
    sigma_major_m: float,
    policy: Policy,
    on: date,
    unplaced: float = 0.0,
) -> Attribution:
    """Put a probability on each candidate, on nobody registered, and on not being able to tell.

    Args:
        label: what was seen: a detection label.
        evidence: the registered things within the search disc; kinds that cannot make this label are left out.
        search_radius_m: radius of the disc that was searched, metres.
        sigma_major_m: larger half axis of the position's error, 1 sigma, metres.
        policy: the rule rows.
        on: the day of the observation, in whose rows the answer is given.
        unplaced: share of the registered things of these kinds whose place is not known, 0–1: by so much "nobody
            registered" is "cannot tell", since one of those may stand there.

    Returns:
        The answer is `named` only where one candidate alone passes the decision row. Where the ellipse is too large for
        the disc no candidate is listed: some that could be the source were not even searched.

    Raises:
        EvidenceUnusable: a length or density is negative or not a number, the radius is 0, or the share is none.
        NoRuleInForce: no row on that day.

    Source: Bayes' rule over the hypotheses; docs/ideas/attribution.md.
    """
    _refuse_bad(evidence, search_radius_m, sigma_major_m)
    if not 0 <= unplaced <= 1:
        raise EvidenceUnusable("unplaced", str(unplaced))
    kinds, prior, outlier, decision = (
        policy.at(f"attribution_{name}", on) for name in ("kinds", "prior", "outlier_share", "decision")
    )
    reach = (policy.at("attribution_search_radius", on), policy.at("attribution_spread", on))
    rules = tuple(rule.ref for rule in (kinds, *reach, prior, outlier, decision))
    if sigma_major_m > decision.number("sigma_at_most_fraction_of_radius") * search_radius_m:
        return Attribution((), 0.0, 1.0, CANNOT_TELL, None, "ellipse_too_large_to_attribute", rules)
    allowed = _of_label(kinds, label, ())
    possible = [item for item in evidence if item.kind in allowed]
    shares = _posterior(possible, prior, outlier, 1 / (math.pi * search_radius_m * search_radius_m))
    pairs = zip(possible, shares.candidates, strict=True)
    candidates = tuple(
        sorted(
            (_candidate(item, share, possible) for item, share in pairs),
            key=lambda one: (-one.probability, one.distance_m, one.kind, one.id),
        )
    )
    none, lost = shares.none * (1 - unplaced), shares.cannot_tell + shares.none * unplaced
    answer, named, reason = _decide(candidates, none, decision, only_outfalls=set(allowed) == {OUTFALL})
    if answer == CANNOT_TELL and shares.none >= decision.number("none_at_least"):
        reason = "sources_without_place"
    return Attribution(candidates, none, lost, answer, named, reason, rules)


class _Shares(NamedTuple):
    candidates: tuple[float, ...]
    none: float
    cannot_tell: float


def _posterior(evidence: Sequence[Evidence], prior: Rule, outlier: Rule, uniform_per_m2: float) -> _Shares:
    weights = [prior.number(item.kind) for item in evidence]
    unregistered = prior.number("none_registered")
    wrong = outlier.number() / (1 - outlier.number()) * (sum(weights) + unregistered)
    joint = [weight * item.likelihood_per_m2 for weight, item in zip(weights, evidence, strict=True)]
    none, lost = unregistered * uniform_per_m2, wrong * uniform_per_m2
    total = math.fsum([*joint, none, lost])
    return _Shares(tuple(value / total for value in joint), none / total, lost / total)


def _candidate(item: Evidence, probability: float, possible: Sequence[Evidence]) -> Candidate:
    why = []
    if item.distance_m == 0:
        why.append("place_within_its_area")
    if item.distance_m == min(other.distance_m for other in possible):
        why.append("nearest_of_its_kind")
    if item.likelihood_per_m2 == max(other.likelihood_per_m2 for other in possible):
        why.append("most_likely_position")
    return Candidate(
        item.kind, item.id, item.enterprise, item.name, item.distance_m, item.likelihood_per_m2, probability, tuple(why)
    )


def _decide(
    candidates: Sequence[Candidate], none: float, decision: Rule, *, only_outfalls: bool
) -> tuple[str, str | None, str]:
    if candidates and candidates[0].probability >= decision.number("name_at_least"):
        first = candidates[0]
        municipal = only_outfalls and first.enterprise is None
        return NAMED, first.id, "municipal_outfall_named" if municipal else "one_source_stands_out"
    if none >= decision.number("none_at_least"):
        return (
            NONE_REGISTERED,
            None,
            "municipal_drain_upstream_unknown" if only_outfalls else "no_source_registered_here",
        )
    return CANNOT_TELL, None, "sources_undecided"


def _refuse_bad(evidence: Sequence[Evidence], search_radius_m: float, sigma_major_m: float) -> None:
    if not (math.isfinite(search_radius_m) and search_radius_m > 0):
        raise EvidenceUnusable("search_radius_m", str(search_radius_m))
    if not (math.isfinite(sigma_major_m) and sigma_major_m >= 0):
        raise EvidenceUnusable("sigma_major_m", str(sigma_major_m))
    for item in evidence:
        figures = (item.distance_m, item.likelihood_per_m2)
        if not all(math.isfinite(figure) and figure >= 0 for figure in figures):
            raise EvidenceUnusable(f"{item.kind} {item.id}", f"distance and density are {figures}")


def _row(rule_id: str, policy: Policy | None, on: date | None) -> Rule:
    rows = policy or load()
    return rows.latest(rule_id) if on is None else rows.at(rule_id, on)


def _of_label(rule: Rule, label: str, missing: Any) -> Any:
    return rule.table().get(label, missing)
