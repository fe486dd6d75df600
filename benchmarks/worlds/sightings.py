"""Many sightings in the planned district, without pictures: what happened, where a drone was, which boxes it drew.

Imports nothing of what it tests: places come from `data_samples.district`, projection and tag errors from the
renderer's own camera. A sortie is one thing seen from one to three positions. How often something is found at all is
not asked here; that needs pictures.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from data_samples.district.plan import Plan, district
from data_samples.district.waters import Mouth, Water
from data_samples.renderer.camera import Pose, project
from data_samples.renderer.flight import LENS, START, Shot, noisy_claims
from data_samples.renderer.tags import Claim

FloatArray = NDArray[np.float64]
Box = tuple[float, float, float, float]

LABELS = ("dust_plume", "bare_soil", "smoke", "discharge", "outfall", "foam")
LABEL_SHARES = (0.30, 0.14, 0.08, 0.26, 0.12, 0.10)
UNREGISTERED_SHARE = 0.25
"""Of things in the air and on the ground; in the water the plan's own outfalls say it (8 of 37)."""
FALSE_SHARE = 0.2
"""Of the sorties show nothing: half of these on somebody's ground, half elsewhere. Ours; pictures say what it is."""
DUSTY = ("mixing", "concrete", "gravel", "muck", "stone", "timber", "asphalt", "recycle")
SMOKY = ("boiler", "asphalt", "foundry", "rubber", "paper", "crematory")
FOUND_CHANCE = 0.85
EDGE_SIGMA = 0.05
LEAST_PX = 10.0
HEIGHTS_M = (55.0, 125.0)


@dataclass(frozen=True)
class Event:
    """What happened: label, place in local metres, and who made it (`source` None: nobody who is registered)."""

    id: str
    label: str
    xy: tuple[float, float]
    source: str | None
    enterprise: str | None
    is_true: bool = True


@dataclass(frozen=True)
class Sortie:
    """One thing seen from some positions: true poses, what the tags claim, a box each or None."""

    id: str
    event: Event
    view: str
    height_m: float
    shots: tuple[Shot, ...]
    claims: tuple[Claim, ...]
    boxes: tuple[Box | None, ...]


def sorties(seed: int, count: int, *, false_share: float = FALSE_SHARE) -> Iterator[Sortie]:
    """Sorties as a function of the seed; those that see nothing are left out and made up for."""
    rng = np.random.default_rng([seed, 11])
    plan = district()
    made = 0
    while made < count:
        label = LABELS[int(rng.choice(len(LABELS), p=LABEL_SHARES))]
        is_true = bool(rng.uniform() >= false_share)
        event, points = (_true if is_true else _false)(plan, label, f"e{seed}-{made:04d}", rng)
        sortie = _sortie(f"s{seed}-{made:04d}", event, points, rng)
        if any(sortie.boxes):
            made += 1
            yield sortie


def _true(plan: Plan, label: str, name: str, rng: np.random.Generator) -> tuple[Event, FloatArray]:
    if label in ("discharge", "outfall", "foam"):
        mouth = plan.mouths[int(rng.integers(len(plan.mouths)))]
        points, xy = _in_water(plan, label, mouth, rng)
        return Event(name, label, xy, mouth.code, plan.uscc(mouth.firm)), points
    if rng.uniform() < UNREGISTERED_SHARE:
        xy, source, firm = _in(plan.free[int(rng.integers(len(plan.free)))].outline, rng), None, None
    elif label == "smoke" or (label == "dust_plume" and rng.uniform() < 0.3):
        keys = SMOKY if label == "smoke" else DUSTY
        key = keys[int(rng.integers(len(keys)))]
        firm = source = plan.uscc(key)
        lot = plan.plots.get(key)
        xy = _in(lot.outline, rng) if lot else _near(plan.firm(key).xy, 18.0, rng)
    else:
        site = plan.sites[int(rng.integers(len(plan.sites)))]
        xy, source, firm = _in(site.outline, rng), site.code, plan.uscc(site.builder)
    return Event(name, label, xy, source, firm), _on_land(label, xy, rng)


def _false(plan: Plan, label: str, name: str, rng: np.random.Generator) -> tuple[Event, FloatArray]:
    """Pale stone, steam, glint: drawn like the thing, and nobody made it."""
    if label in ("discharge", "outfall", "foam"):
        body = plan.waters[int(rng.integers(len(plan.waters)))]
        k = int(rng.integers(10, len(body.line) - 10))
        xy = tuple(float(v) for v in body.line[k] + rng.normal(size=2) * 3)
        return Event(name, label, xy, None, None, is_true=False), _patch(xy, 8.0, 4.0, rng, -1.8)
    if rng.uniform() < 0.5:
        lot = plan.free[int(rng.integers(len(plan.free)))].outline
    else:
        held = [lot.outline for lot in plan.plots.values()] + [site.outline for site in plan.sites]
        lot = held[int(rng.integers(len(held)))]
    xy = _in(lot, rng)
    return Event(name, label, xy, None, None, is_true=False), _on_land(label, xy, rng)


def _on_land(label: str, xy: tuple[float, float], rng: np.random.Generator) -> FloatArray:
    """Points (n, 3) that span the thing."""
    if label == "bare_soil":
        return _patch(xy, float(rng.uniform(8, 26)), float(rng.uniform(6, 20)), rng, 0.0)
    stack = float(rng.uniform(12, 28)) if label == "smoke" else 0.5
    length = float(rng.lognormal(np.log(38 if label == "dust_plume" else 60), 0.45))
    wind = float(rng.uniform(0, 2 * np.pi))
    s = np.linspace(rng.uniform(0.0, 0.12), rng.uniform(0.6, 1.0), 12) * length
    along, left = np.array([np.cos(wind), np.sin(wind)]), np.array([-np.sin(wind), np.cos(wind)])
    width = 1.5 + rng.uniform(0.14, 0.26) * s
    rise = stack + rng.uniform(0.08, 0.28) * s
    middle = np.array(xy) + s[:, None] * along
    low = stack if label == "smoke" else 0.0
    sides = [
        np.column_stack([middle + sign * width[:, None] * left, z]) for sign in (-1, 1) for z in (low + 0 * s, rise)
    ]
    return np.vstack(sides)


def _in_water(
    plan: Plan, label: str, mouth: Mouth, rng: np.random.Generator
) -> tuple[FloatArray, tuple[float, float]]:  # fmt: skip
    """Points (n, 3) that span the thing, and its true place: the mouth, or where the foam is."""
    body = next(water for water in plan.waters if water.name == mouth.water)
    if label == "outfall":
        return _patch(mouth.xy, mouth.width_m / 2 + 0.6, 0.9, rng, -1.0), mouth.xy
    if label == "foam":
        xy = _downstream(body, mouth, float(rng.uniform(5, 110)), float(rng.uniform(1.0, 4.0)))
        return _patch(xy, float(rng.uniform(3, 9)), float(rng.uniform(1.5, 3.5)), rng, -1.8), xy
    length = float(rng.lognormal(np.log(42), 0.4))
    strip = [
        _downstream(body, mouth, s, across)
        for s in np.linspace(0, length, 9)
        for across in (0.3, min(1.5 + 0.06 * s, body.half_width_m))
    ]
    return np.column_stack([np.array(strip), np.full(len(strip), -1.8)]), mouth.xy


def _downstream(body: Water, mouth: Mouth, metres: float, off_wall_m: float) -> tuple[float, float]:
    start = float(body.along_m[int(np.argmin(np.hypot(*(body.line - mouth.xy).T)))])
    at = min(start + metres, float(body.along_m[-1]))
    wall = body.bank(_side(body, mouth))
    toward = body.line - wall
    xy = [
        float(np.interp(at, body.along_m, (wall + off_wall_m / body.half_width_m * toward)[:, axis])) for axis in (0, 1)
    ]
    return xy[0], xy[1]


def _side(body: Water, mouth: Mouth) -> int:
    return min((-1, 1), key=lambda side: float(np.min(np.hypot(*(body.bank(side) - mouth.xy).T))))


def _patch(
    xy: tuple[float, ...], half_long: float, half_short: float, rng: np.random.Generator, z: float
) -> FloatArray:  # fmt: skip
    turn = float(rng.uniform(0, np.pi))
    c, s = np.cos(turn), np.sin(turn)
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * [half_long, half_short]
    return np.column_stack([corners @ np.array([[c, s], [-s, c]]) + np.array(xy[:2]), np.full(4, z)])


def _in(outline: FloatArray, rng: np.random.Generator) -> tuple[float, float]:
    """A place in a convex outline, not at its very edge."""
    weights = rng.dirichlet(np.full(len(outline), 1.2))
    x, y = 0.9 * (weights @ outline) + 0.1 * outline.mean(axis=0)
    return float(x), float(y)


def _near(xy: tuple[float, float], by_m: float, rng: np.random.Generator) -> tuple[float, float]:
    x, y = np.array(xy) + rng.normal(size=2) * by_m
    return float(x), float(y)


def _sortie(name: str, event: Event, points: FloatArray, rng: np.random.Generator) -> Sortie:
    oblique = bool(rng.uniform() < 0.5)
    height = float(rng.uniform(*HEIGHTS_M))
    shots = (_oblique if oblique else _nadir)(points.mean(axis=0), height, rng)
    claims = noisy_claims(shots, rng)
    boxes = tuple(_box(points, shot.pose, rng) for shot in shots)
    return Sortie(name, event, "oblique" if oblique else "nadir", height, tuple(shots), tuple(claims), boxes)


def _nadir(middle: FloatArray, height: float, rng: np.random.Generator) -> list[Shot]:
    yaw = float(rng.uniform(0, 360))
    along = np.array([np.sin(np.radians(yaw)), np.cos(np.radians(yaw))])
    off = rng.uniform(-0.32, 0.32, 2) * height
    count = int(rng.integers(1, 4))
    return [
        _shot(k, *(middle[:2] + off + along * 0.35 * height * (k - (count - 1) / 2)), height, yaw, -90.0, rng)
        for k in range(count)
    ]


def _oblique(middle: FloatArray, height: float, rng: np.random.Generator) -> list[Shot]:
    first = float(rng.uniform(0, 360))
    found = []
    for k in range(int(rng.integers(1, 4))):
        yaw, pitch = first + 35.0 * k, float(rng.uniform(-60, -45))
        back = height / np.tan(np.radians(-pitch)) + rng.uniform(-0.15, 0.15) * height
        view = np.array([np.sin(np.radians(yaw)), np.cos(np.radians(yaw))])
        aside = np.array([view[1], -view[0]]) * rng.uniform(-0.2, 0.2) * height
        found.append(_shot(k, *(middle[:2] - back * view + aside), height, yaw, pitch, rng))
    return found


def _shot(k: int, x: float, y: float, height: float, yaw: float, pitch: float, rng: np.random.Generator) -> Shot:
    at = START + timedelta(seconds=12 * k)
    z = height + float(rng.normal() * 0.4)
    return Shot(f"S_{k}.JPG", at, float(x), float(y), z, yaw, pitch, float(rng.normal() * 0.1))


def _box(points: FloatArray, pose: Pose, rng: np.random.Generator) -> Box | None:
    """The box that a detector draws: the thing's own, cut by the picture's edge, its sides a little off."""
    if rng.uniform() > FOUND_CHANCE:
        return None
    uv = project(points, LENS, pose)
    if np.isnan(uv).any():
        return None
    whole = np.concatenate([uv.min(axis=0), uv.max(axis=0)])
    size = whole[2:] - whole[:2]
    limit = np.array([LENS.width_px, LENS.height_px, LENS.width_px, LENS.height_px], float)
    seen = np.clip(whole + rng.normal(size=4) * EDGE_SIGMA * np.tile(size, 2), 0, limit)
    if np.prod(seen[2:] - seen[:2]) < 0.4 * np.prod(size) or (seen[2:] - seen[:2]).min() < LEAST_PX:
        return None
    u0, v0, u1, v1 = (float(side) for side in seen)
    return u0, v0, u1, v1
