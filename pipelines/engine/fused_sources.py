"""Who could be behind an alert that rests on several sights: weighed at the one place that they give together.

The best single sight of a thing would point elsewhere, with a wider ellipse. So an alert of several current sights has
an attribution of its own, whose subject is the alert, under the hash of its sights and of their place; where it was
weighed, and by which sights with which weights, is kept beside it (`FusedPlace`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from geo.fuse import Fused
from pipelines import alert, attribute
from pipelines.engine.nearby_sources import Sources
from pipelines.engine.stage import Context
from pipelines.records import Done, FusedPlace, FusedSight, GroundEllipse, Observation
from pipelines.store.records import AttributionRow


def best_of(members: Sequence[Observation]) -> Observation:
    """The sight with the smallest ellipse; all have a place."""
    return min(members, key=lambda o: (o.ground.sigma_major_m, o.id))  # type: ignore[union-attr]


def fused_attribution(
    alert_id: str, members: Sequence[Observation], answers: Sequence[str], sources: Sources, context: Context
) -> tuple[AttributionRow, FusedPlace] | None:
    """The attribution of an alert at the fused place of its sights.

    Args:
        alert_id: whose.
        members: its current sights, two or more, each with a place.
        answers: ids of their own attributions: other rules, settings or sources there are another answer here.
        sources: the registry as it stands.
        context: instant and settings.

    Returns:
        The row, its `observation_id` being the alert's id, and the place with its sights, under the row's id; None
        where no rule was in force on that day.
    """
    members = sorted(members, key=lambda o: o.id)
    best = best_of(members)
    ground, fused = alert.fused_sights(members, best)
    seen = replace(best, ground=ground, observed_at=min(o.observed_at or o.received_at for o in members))
    near = sources.near(seen, context.as_of)
    unplaced = sources.unplaced(seen, context.as_of)
    work = attribute.ObservationToAttribute(seen, near, unplaced)
    for outcome in attribute.run([work], as_of=context.as_of, run_id="", settings=context.settings.attribute):
        if isinstance(outcome, Done):
            made_of = [*(o.id for o in members), *sorted(answers), *([f"unplaced {unplaced}"] if unplaced else [])]
            name = _id_of(alert_id, made_of, ground, near)
            row = AttributionRow(name, alert_id, outcome.result.attribution)
            return row, FusedPlace(name, alert_id, ground, *_made_of(members, fused))
    return None


def _made_of(members: Sequence[Observation], fused: Fused | None) -> tuple[float, tuple[FusedSight, ...]]:
    """Misfit and weights; one sight alone is its own place."""
    if fused is None:
        return 1.0, tuple(FusedSight(o.id, True, (1.0, 0.0, 0.0, 1.0)) for o in members)
    weights = [tuple(round(float(w), 6) for w in weight.ravel()) for weight in fused.weights]
    sights = zip(members, fused.kept, weights, strict=True)
    return round(fused.misfit, 4), tuple(
        FusedSight(o.id, bool(kept), (w[0], w[1], w[2], w[3])) for o, kept, w in sights
    )


def _id_of(alert_id: str, made_of: Sequence[str], ground: GroundEllipse, near: Sequence[attribute.SourceShape]) -> str:
    """One id for the same sights at the same place among the same sources."""
    shown = [f"{s.kind} {s.id} {s.enterprise} {hashlib.sha256(s.shape_wkb).hexdigest()}" for s in near]
    text = "\n".join([alert_id, *made_of, repr(ground), *shown])
    return "at-" + hashlib.sha256(text.encode()).hexdigest()[:16]
