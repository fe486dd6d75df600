"""A rendered flight through the whole chain, detector and all, held against what is true in it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from data_samples import score
from data_samples.renderer.light import sun_direction
from data_samples.tally import Judged, Share, height_band
from pipelines import sample
from pipelines.engine import work
from pipelines.engine.flights import add_flight
from pipelines.engine.stage import Context
from pipelines.records import AlertView
from pipelines.settings import load
from pipelines.store import Store
from pipelines.store.read import alerts, detections, frames, observations

LOW_SUN_DEG = 25.0
NADIR_WITHIN_DEG = 15.0
KEYS = ("class", "height", "light", "view", "flight")


@dataclass
class Scored:
    """What a flight's score is made of.

    Attributes:
        boxes: (group, found) of every true box.
        false: (group) of every drawn box that is none.
        places: metres and sigmas of every found box whose thing has a place, with its group.
        answers: the alerts.
    """

    boxes: list[tuple[Mapping[str, str], bool]] = field(default_factory=list)
    false: list[Mapping[str, str]] = field(default_factory=list)
    places: list[tuple[Mapping[str, str], float, float]] = field(default_factory=list)
    answers: list[Judged] = field(default_factory=list)

    def add(self, other: Scored) -> None:
        """Take another flight's in."""
        self.boxes += other.boxes
        self.false += other.false
        self.places += other.places
        self.answers += other.answers

    def lines(self) -> list[str]:
        """The table of boxes and places; that of answers is `tally.lines`."""
        found = [f"{'':<24} {'found':<28} {'missed':>6} {'false':>6}  {'metres':>7}  95 % ellipse holds"]
        for key in (None, *KEYS):
            words = sorted({g[key] for g, _ in self.boxes} | {g[key] for g in self.false}) if key else [""]
            found += [self._line(key, word) for word in words]
        return found

    def _line(self, key: str | None, word: str) -> str:
        def of(group: Mapping[str, str]) -> bool:
            return key is None or group[key] == word

        mine = [hit for group, hit in self.boxes if of(group)]
        share = Share(sum(mine), len(mine))
        metres = [m for group, m, _ in self.places if of(group)]
        held = Share(sum(s <= score.SIGMAS_95 for group, _, s in self.places if of(group)), len(metres))
        name = "all" if key is None else f"{key}: {word}"
        median = f"{float(np.median(metres)):7.1f}" if metres else "      -"
        false = sum(of(group) for group in self.false)
        return f"{name:<24} {share!s:<28} {len(mine) - sum(mine):>6} {false:>6}  {median}  {held}"


def scored(folder: Path, flight: str) -> Scored:
    """Run the chain on `folder`/flight in a home of its own, and score it by `folder`/truth.json."""
    known = json.loads((folder / "truth.json").read_text("utf-8"))
    with tempfile.TemporaryDirectory() as place, Store.open(Path(place) / "home") as store:
        sample.settle(store)
        context = Context.at(sample.LAST_INSTANT, load(store.home, {}))
        add_flight(store, [folder / "flight"], context, by="operator", name=flight)
        work.run_stages(store, context, processes=context.settings.engine.processes)
        return score_of(store, known, flight)


def score_of(store: Store, known: Mapping[str, Any], flight: str) -> Scored:
    """Score what a home holds of one flight."""
    groups = {picture["file"]: _group(picture, flight) for picture in known["pictures"]}
    names = {frame.id: frame.name for frame in frames.all(store)}
    found = [
        score.Found(d.id, names[frame_id], d.label, d.box, d.confidence)
        for frame_id, drawn in detections.current(store).items()
        for d in drawn
        if names[frame_id] in groups
    ]
    pairs = score.matched(found, known)
    result = Scored()
    _boxes(result, found, pairs, known, groups)
    placed = [
        score.Placed(o.detection_id, g.x_m, g.y_m, g.cov_xx_m2, g.cov_xy_m2, g.cov_yy_m2)
        for o in observations.current(store)
        if (g := o.ground) is not None
    ]
    of_box = {one.id: groups[one.picture] | {"class": one.label} for one in found}
    for one in placed:
        for row in score.place_table([one], pairs, known):
            result.places.append((of_box[one.id], row["apart_m"], row["sigmas"]))
    views = alerts.views(store, sample.LAST_INSTANT)
    first = next(iter(groups.values()))
    result.answers = [_judged(view, known, {"flight": flight, "light": first["light"]}) for view in views]
    return result


def _boxes(
    result: Scored, found: Sequence[score.Found], pairs: Mapping[str, str], known: Mapping[str, Any],
    groups: Mapping[str, Mapping[str, str]],
) -> None:  # fmt: skip
    hit = {(one.picture, pairs[one.id]) for one in found if one.id in pairs}
    for picture in known["pictures"]:
        for box in picture["boxes"]:
            group = {**groups[picture["file"]], "class": box["label"]}
            result.boxes.append((group, (picture["file"], box["object"]) in hit))
    result.false += [{**groups[o.picture], "class": o.label} for o in found if o.id not in pairs]


def _group(picture: Mapping[str, Any], flight: str) -> dict[str, str]:
    pose = picture["pose"]
    up = float(np.degrees(np.arcsin(sun_direction(datetime.fromisoformat(picture["taken_at"]))[2])))
    return {
        "height": height_band(float(pose["height_m"])), "flight": flight,
        "view": "nadir" if pose["pitch_deg"] <= -90 + NADIR_WITHIN_DEG else "oblique",
        "light": "night" if up < 0 else "low sun" if up < LOW_SUN_DEG else "high sun",
    }  # fmt: skip


def _judged(view: AlertView, known: Mapping[str, Any], group: Mapping[str, str]) -> Judged:
    ground, answer = view.alert.ground, view.attribution
    same = [event for event in known["events"] if event["label"] == view.alert.kind]
    apart = [np.array([event["x_m"] - ground.x_m, event["y_m"] - ground.y_m]) for event in same]
    nearest = min(range(len(same)), key=lambda k: float(np.hypot(*apart[k])), default=None)
    firm = next((c.enterprise for c in answer.candidates if c.id == answer.named), None) if answer.named else None
    words = {**group, "class": view.alert.kind}
    if nearest is None or float(np.hypot(*apart[nearest])) > score.NEAR_M:
        return Judged(words, False, None, None, float("nan"), float("nan"), answer.answer, answer.named, firm)
    event, off = same[nearest], apart[nearest]
    covariance = np.array([[ground.cov_xx_m2, ground.cov_xy_m2], [ground.cov_xy_m2, ground.cov_yy_m2]])
    return Judged(
        words, True, event["source"]["id"], event["source"]["enterprise"], float(np.hypot(*off)),
        float(off @ np.linalg.solve(covariance, off)), answer.answer, answer.named, firm,
    )  # fmt: skip
