"""Who could be behind an alert that rests on several sights: weighed at the one place that they give together.

The best single sight of a thing would point elsewhere, with a wider ellipse. So an alert of several current sights has
an attribution of its own, whose subject is the alert; `alert_observation` says which sights it was made of, and the id
is the hash of these and of the place, so that it can be told later whether it was made of the same ones.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from pipelines import alert, attribute
from pipelines.engine.nearby_sources import Sources
from pipelines.engine.stage import Context
from pipelines.records import Done, GroundEllipse, Observation
from pipelines.store.records import AttributionRow


def best_of(members: Sequence[Observation]) -> Observation:
    """The sight with the smallest ellipse; all have a place."""
    return min(members, key=lambda o: (o.ground.sigma_major_m, o.id))  # type: ignore[union-attr]


def fused_attribution(
    alert_id: str, members: Sequence[Observation], answers: Sequence[str], sources: Sources, context: Context
) -> AttributionRow | None:
    """The attribution of an alert at the fused place of its sights.

    Args:
        alert_id: whose.
        members: its current sights, two or more, each with a place.
        answers: ids of their own attributions: other rules, settings or sources there are another answer here.
        sources: the registry as it stands.
        context: instant and settings.

    Returns:
        The row, its `observation_id` being the alert's id; None where no rule was in force on that day.
    """
    members = sorted(members, key=lambda o: o.id)
    best = best_of(members)
    ground, _ = alert.fused_sights(members, best)
    seen = replace(best, ground=ground, observed_at=min(o.observed_at or o.received_at for o in members))
    near = sources.near(seen, context.as_of)
    work = attribute.ObservationToAttribute(seen, near)
    for outcome in attribute.run([work], as_of=context.as_of, run_id="", settings=context.settings.attribute):
        if isinstance(outcome, Done):
            return AttributionRow(
                _id_of(alert_id, [*(o.id for o in members), *sorted(answers)], ground, near),
                alert_id,
                outcome.result.attribution,
            )
    return None


def _id_of(alert_id: str, made_of: Sequence[str], ground: GroundEllipse, near: Sequence[attribute.SourceShape]) -> str:
    """One id for the same sights at the same place among the same sources."""
    shown = [f"{s.kind} {s.id} {s.enterprise} {hashlib.sha256(s.shape_wkb).hexdigest()}" for s in near]
    text = "\n".join([alert_id, *made_of, repr(ground), *shown])
    return "at-" + hashlib.sha256(text.encode()).hexdigest()[:16]
