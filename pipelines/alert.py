"""From observations to alerts: the same thing seen again joins its alert, a new thing raises one.

An alert says why it fired, how sure its place is, and what else it could be. It is the machine's word; it is never
changed afterwards.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from geo.crs import project
from pipelines.records import Alert, Done, FrameDetection, GroundEllipse, Observation, Outcome, Reason, Refused, Status
from pipelines.settings import AlertSettings

LOOK_ALIKES = {
    "dust_plume": ("could_be_pale_ground", "could_be_steam_or_mist"),
    "smoke": ("could_be_steam_or_mist", "could_be_dust"),
    "discharge": ("could_be_shallow_bed", "could_be_glint_or_algae"),
    "foam": ("could_be_glint_or_algae",),
    "outfall": ("could_be_shadow_or_tunnel",),
    "bare_soil": ("could_be_permitted_works",),
}
"""What is known to be mistaken for each label, always said with the alert."""
NEAR_VEHICLE_M = 25.0


@dataclass(frozen=True, slots=True)
class ObservationToAlert:
    """A located observation with its box, and the vehicles that the same frame shows."""

    observation: Observation
    detection: FrameDetection
    vehicles: tuple[GroundEllipse, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """An alert that is already there, with the last time its thing was seen."""

    id: str
    kind: str
    ground: GroundEllipse
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class AlertWork:
    """All observations that no alert holds yet, against the alerts there are."""

    observations: tuple[ObservationToAlert, ...]
    open_alerts: tuple[OpenAlert, ...]


@dataclass(frozen=True, slots=True)
class Gathered:
    """Observations of one thing: they join `alert_id`, or raise `raised`."""

    observation_ids: tuple[str, ...]
    alert_id: str
    raised: Alert | None = None


@dataclass(slots=True)
class _Thing:
    kind: str
    ground: GroundEllipse
    last_seen_at: datetime
    alert_id: str | None
    members: list[ObservationToAlert] = field(default_factory=list)


def run(work: Iterable[AlertWork], *, as_of: datetime, run_id: str, settings: AlertSettings) -> Iterator[Outcome]:
    """Gather observations into things, and raise an alert for each new one.

    Yields `Done(alert id, Gathered)` for each thing that got observations, in order of first sight, and
    `Refused(observation id, …)` for what has no place. Order of the work does not matter: it is sorted by time and id.
    """
    for batch in work:
        things = [_Thing(a.kind, a.ground, a.last_seen_at, a.id) for a in batch.open_alerts]
        ordered = sorted(batch.observations, key=lambda o: (_seen_at(o.observation), o.observation.id))
        for item in ordered:
            ground = item.observation.ground
            if item.observation.status is not Status.OK or ground is None:
                yield Refused(item.observation.id, "observation_without_place", item.observation.reason or "")
                continue
            thing = _same_thing(item.observation, ground, things, settings)
            if thing is None:
                thing = _Thing(item.observation.label, ground, _seen_at(item.observation), None)
                things.append(thing)
            thing.members.append(item)
            thing.last_seen_at = max(thing.last_seen_at, _seen_at(item.observation))
        yield from (_gathered(thing, as_of) for thing in things if thing.members)


def _seen_at(observation: Observation) -> datetime:
    return observation.observed_at or observation.received_at


def _same_thing(
    observation: Observation, ground: GroundEllipse, things: Sequence[_Thing], settings: AlertSettings
) -> _Thing | None:
    """The nearest thing of that kind within the joint ellipses and the time window, if any."""
    window = timedelta(hours=settings.join_hours)
    best, best_distance = None, settings.join_mahalanobis_squared
    for thing in things:
        if thing.kind != observation.label or abs(_seen_at(observation) - thing.last_seen_at) > window:
            continue
        distance = mahalanobis_squared(ground, thing.ground, settings.join_extent_m)
        if distance <= best_distance:
            best, best_distance = thing, distance
    return best


def mahalanobis_squared(a: GroundEllipse, b: GroundEllipse, extent_m: float) -> float:
    """Squared distance of two places in units of both their ellipses, each widened by `extent_m` (1 sigma)."""
    other = (b.x_m, b.y_m) if a.crs == b.crs else tuple(project(np.array([[b.lon, b.lat]]), a.crs)[0])
    delta = np.array([other[0] - a.x_m, other[1] - a.y_m])
    covariance = _covariance(a) + _covariance(b) + 2.0 * extent_m**2 * np.eye(2)
    return float(delta @ np.linalg.solve(covariance, delta))


def _covariance(ground: GroundEllipse) -> np.ndarray:
    return np.array([[ground.cov_xx_m2, ground.cov_xy_m2], [ground.cov_xy_m2, ground.cov_yy_m2]])


def _gathered(thing: _Thing, as_of: datetime) -> Done:
    ids = tuple(m.observation.id for m in thing.members)
    if thing.alert_id is not None:
        return Done(thing.alert_id, Gathered(ids, thing.alert_id))
    best = min(thing.members, key=lambda m: (m.observation.ground.sigma_major_m, m.observation.id))  # type: ignore[union-attr]
    alert_id = "A-" + hashlib.sha256(best.observation.id.encode()).hexdigest()[:10]
    return Done(alert_id, Gathered(ids, alert_id, _raised(alert_id, thing, best, as_of)))


def _raised(alert_id: str, thing: _Thing, best: ObservationToAlert, as_of: datetime) -> Alert:
    observation = best.observation
    return Alert(
        id=alert_id, kind=observation.label, probability=observation.probability,
        confidence=max(m.observation.confidence for m in thing.members),
        ground=observation.ground,  # type: ignore[arg-type]
        observed_at=min(_seen_at(m.observation) for m in thing.members), received_at=as_of,
        why=why_of(thing.members, best), alternatives=alternatives_of(thing.members),
    )  # fmt: skip


def why_of(members: Sequence[ObservationToAlert], best: ObservationToAlert) -> tuple[Reason, ...]:
    """Why it fired: which model, with which figures, in how many frames, from how far, how well placed."""
    detection, observation = best.detection, best.observation
    reasons = [
        Reason("fired_by_model", {"model": detection.model, "confidence": detection.confidence}),
        *(Reason(f"cue_{name}", {"value": float(value)}) for name, value in sorted(detection.cues.items())),
        Reason("seen_in_frames", {"frames": len({m.observation.frame_id for m in members})}),
    ]
    if observation.ground is not None:
        reasons.append(
            Reason(
                "placed_within",
                {
                    "sigma_major_m": round(observation.ground.sigma_major_m, 1),
                    "sigma_minor_m": round(observation.ground.sigma_minor_m, 1),
                },
            )
        )
    if observation.probability is None:
        reasons.append(Reason("confidence_not_calibrated"))
    return tuple(reasons)


def alternatives_of(members: Sequence[ObservationToAlert]) -> tuple[Reason, ...]:
    """What else it could be: what is always mistaken for this label, and a vehicle near by where one was seen."""
    label = members[0].observation.label
    reasons = [Reason(code) for code in LOOK_ALIKES.get(label, ())]
    if label in {"dust_plume", "smoke"}:
        near = [_apart(m.observation.ground, v) for m in members if m.observation.ground for v in m.vehicles]
        if near and min(near) <= NEAR_VEHICLE_M:
            reasons.append(Reason("could_be_passing_vehicle", {"distance_m": round(min(near), 1)}))
    if len({m.observation.frame_id for m in members}) == 1:
        reasons.append(Reason("seen_once_only"))
    return tuple(reasons)


def _apart(a: GroundEllipse | None, b: GroundEllipse) -> float:
    if a is None or a.crs != b.crs:
        return float("inf")
    return float(np.hypot(a.x_m - b.x_m, a.y_m - b.y_m))
