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

from geo.crs import convergence_deg, project, unproject
from geo.fuse import Fused, fuse
from geo.types import LonLat
from geo.uncertainty import EVERYWHERE, ellipse_of, root_of
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
MISFIT_IS_SAID = 3.0
"""Sights that lie so much farther apart (mean square) than their errors allow are said to disagree; ours."""


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
    ground, fused = fused_place(thing.members, best)
    return Alert(
        id=alert_id, kind=observation.label, probability=observation.probability,
        confidence=max(m.observation.confidence for m in thing.members), ground=ground,
        observed_at=min(_seen_at(m.observation) for m in thing.members), received_at=as_of,
        why=why_of(thing.members, best, ground, fused), alternatives=alternatives_of(thing.members),
    )  # fmt: skip


def fused_place(members: Sequence[ObservationToAlert], best: ObservationToAlert) -> tuple[GroundEllipse, Fused | None]:
    """One place out of all sights of a thing; errors that they share do not average out. One sight is its own place."""
    return fused_sights([member.observation for member in members], best.observation)


def fused_sights(sights: Sequence[Observation], best: Observation) -> tuple[GroundEllipse, Fused | None]:
    """`fused_place` of observations, all of which have a place; in the CRS and at the height of `best`."""
    one: GroundEllipse = best.ground  # type: ignore[assignment]
    if len(sights) == 1:
        return one, None
    grounds: list[GroundEllipse] = [o.ground for o in sights]  # type: ignore[misc]
    xy = project(np.array([[g.lon, g.lat] for g in grounds]), one.crs)
    covariances = np.array([_covariance(g) for g in grounds])
    factors = [_shared(o, c) for o, c in zip(sights, covariances, strict=True)]
    fused = fuse(xy, covariances, np.array(factors), [o.flight_id for o in sights], everywhere=_SHARED_BY_ALL)
    lon, lat = (float(v) for v in unproject(fused.xy_m[None], one.crs)[0])
    cover = fused.covariance_m2
    major, minor, azimuth = ellipse_of(cover[None], convergence_deg(LonLat(lon, lat), one.crs))[0]
    place = GroundEllipse(
        lon=round(lon, 9), lat=round(lat, 9), elevation_m=one.elevation_m, crs=one.crs,
        x_m=round(float(fused.xy_m[0]), 4), y_m=round(float(fused.xy_m[1]), 4), cov_xx_m2=round(float(cover[0, 0]), 6),
        cov_xy_m2=round(float(cover[0, 1]), 6), cov_yy_m2=round(float(cover[1, 1]), 6),
        sigma_major_m=round(float(major), 4), sigma_minor_m=round(float(minor), 4),
        sigma_azimuth_deg=round(float(azimuth), 4),
    )  # fmt: skip
    return place, fused


_SHARED_BY_ALL = (*EVERYWHERE, True, True, False, False)
"""Which factors all flights have in common: those of `geo.uncertainty`, the two of the thing's own extent, and last the
two that stand for the whole doubt of a sight that does not say what it shares."""


def _shared(observation: Observation, covariance: np.ndarray) -> np.ndarray:
    """(2, 13) factors; a sight from before they were kept has its whole doubt in common with its flight."""
    factors = np.zeros((2, len(_SHARED_BY_ALL)))
    if observation.shared is None:
        factors[:, -2:] = root_of(covariance)
    else:
        factors[:, : len(observation.shared[0])] = observation.shared
    return factors


def why_of(
    members: Sequence[ObservationToAlert],
    best: ObservationToAlert,
    ground: GroundEllipse | None = None,
    fused: Fused | None = None,
) -> tuple[Reason, ...]:
    """Why it fired: which model, with which figures, in how many frames, and from how many, how well, it is placed."""
    detection, observation = best.detection, best.observation
    reasons = [
        Reason("fired_by_model", {"model": detection.model, "confidence": detection.confidence}),
        *(Reason(f"cue_{name}", {"value": float(value)}) for name, value in sorted(detection.cues.items())),
        Reason("seen_in_frames", {"frames": len({m.observation.frame_id for m in members})}),
    ]
    if fused is not None:
        counts = {"frames": int(fused.kept.sum()), "left_out": len(fused.rejected)}
        reasons.append(Reason("placed_from_sights", counts))
        if fused.misfit > MISFIT_IS_SAID:
            reasons.append(Reason("sights_disagree", {"misfit": round(fused.misfit, 1)}))
    place = ground or observation.ground
    if place is not None:
        figures = {"sigma_major_m": round(place.sigma_major_m, 1), "sigma_minor_m": round(place.sigma_minor_m, 1)}
        reasons.append(Reason("placed_within", figures))
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
