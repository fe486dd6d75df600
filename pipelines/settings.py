"""What we may choose ourselves, one frozen dataclass a stage. What the law sets stands in `enforcement/policy/`.

A home may hold `settings.toml` with a table a stage; `YAOXUN_<STAGE>_<FIELD>` in the environment wins over it.
Every field has its unit in its name and its default here; the line after a field is what the page shows about it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from pipelines.errors import Refusal


@dataclass(frozen=True, slots=True)
class IntakeSettings:
    """Taking pictures, videos and tracks in."""

    video_step_s: float = 2.0
    """Every so many seconds of a video, one frame is looked at."""
    time_zone_hours: float = 8.0
    """Clock of cameras that write no time zone, in hours east of UTC; said as a warning on each frame."""


@dataclass(frozen=True, slots=True)
class DetectSettings:
    """Looking for anomalies in pictures."""

    detectors: tuple[str, ...] = ()
    """Names from the model zoo; empty takes the zoo's default set."""
    overlap_fraction: float = 0.2
    """How much neighbouring windows of a large picture overlap."""
    threads: int = 0
    """Threads a detector may use; 0 leaves it to the runtime."""


@dataclass(frozen=True, slots=True)
class LocateSettings:
    """Putting boxes on the ground. The errors assumed of position and attitude stand in `geo.pose.Positioning`."""

    terrain: str = ""
    """A GeoTIFF with ground heights in metres; empty means flat ground at the height of take-off."""
    max_sigma_major_m: float = 150.0
    """A place whose 1-sigma ellipse is longer than this is refused: it points at a quarter, not at a source."""
    nadir_within_deg: float = 15.0
    """Up to this far from straight down the middle of a box stands for its place; beyond, its foot."""


@dataclass(frozen=True, slots=True)
class AttributeSettings:
    """Nothing of ours: radii, priors and decision marks are rule rows in `enforcement/policy/attribution.toml`."""


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """Making alerts from observations."""

    labels: tuple[str, ...] = ("dust_plume", "bare_soil", "outfall", "discharge", "foam", "smoke")
    """What raises an alert. A vehicle does not; it is named as a possible other cause."""
    join_hours: float = 72.0
    """The same kind of thing at the same place within this time joins the alert that is there."""
    join_mahalanobis_squared: float = 9.21
    """'The same place': squared distance in units of both ellipses (9.21: the 99 % point of chi-square, 2 d.f.)."""
    join_extent_m: float = 10.0
    """Added to both ellipses, 1 sigma: a plume or a discharge is not a point."""


@dataclass(frozen=True, slots=True)
class DraftWeekSettings:
    """Drafting Monday's list."""

    targets: int = 10
    """How many firms the brigade can visit in a week."""
    seed: int = 7
    """Seed of the random arm; logged with the run. The lawful draw 双随机 has its own, committed beforehand."""


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """Running stages."""

    chunk: int = 4
    """Items stored together in one transaction; what a kill can cost at most."""
    processes: int = 1
    """Processes for the stages that can be spread; 1 runs in this process."""
    lease_s: float = 60.0
    """How long a worker holds a job without a sign of life before another may take it."""
    max_attempts: int = 3
    """A job that failed so often is put aside with its reason."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All of them."""

    intake: IntakeSettings = field(default_factory=IntakeSettings)
    detect: DetectSettings = field(default_factory=DetectSettings)
    locate: LocateSettings = field(default_factory=LocateSettings)
    attribute: AttributeSettings = field(default_factory=AttributeSettings)
    alert: AlertSettings = field(default_factory=AlertSettings)
    draft_week: DraftWeekSettings = field(default_factory=DraftWeekSettings)
    engine: EngineSettings = field(default_factory=EngineSettings)


LIMITS: Mapping[str, tuple[float, float]] = {
    "time_zone_hours": (-14, 14), "video_step_s": (0.04, 3600), "overlap_fraction": (0, 0.9), "threads": (0, 1024),
    "max_sigma_major_m": (0.1, 1e5), "nadir_within_deg": (0, 90), "join_hours": (0, 1e5), "join_extent_m": (0, 1e4),
    "join_mahalanobis_squared": (0, 1e4), "targets": (1, 10000), "seed": (0, 2**63 - 1), "chunk": (1, 100000),
    "processes": (1, 1024), "lease_s": (1, 86400), "max_attempts": (1, 100),
}  # fmt: skip
"""Least and largest value of each figure; not a number is none of them."""
T = TypeVar("T")


def load(home: Path, environment: Mapping[str, str]) -> Settings:
    """The settings of a home.

    Args:
        home: the data home; its `settings.toml` is read where there is one.
        environment: `os.environ`, or a mapping like it.

    Raises:
        Refusal: `bad_settings`, naming the table and field.
    """
    file = home / "settings.toml"
    given: dict[str, Any] = {}
    if file.is_file():
        try:
            given = tomllib.loads(file.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise Refusal(str(file), "bad_settings", str(error)) from error
    unknown = set(given) - {f.name for f in fields(Settings)}
    for table, value in given.items():
        if not isinstance(value, dict):
            raise Refusal(str(file), "bad_settings", f"{table} is a table: write [{table}]")
    if unknown:
        raise Refusal(str(file), "bad_settings", f"no such table: {', '.join(sorted(unknown))}")
    default = Settings()
    stages: dict[str, Any] = {
        f.name: _stage(getattr(default, f.name), f.name, given.get(f.name, {}), environment) for f in fields(Settings)
    }
    return Settings(**stages)


def _stage(default: T, stage: str, given: Mapping[str, Any], environment: Mapping[str, str]) -> T:
    known = {f.name for f in fields(default)}  # type: ignore[arg-type]
    unknown = set(given) - known
    if unknown:
        raise Refusal(f"settings.toml [{stage}]", "bad_settings", f"no such setting: {', '.join(sorted(unknown))}")
    changes: dict[str, Any] = {}
    for name in known:
        variable = f"YAOXUN_{stage}_{name}".upper()
        if variable in environment:
            changes[name] = _typed(name, getattr(default, name), environment[variable], variable)
        elif name in given:
            changes[name] = _typed(name, getattr(default, name), given[name], f"settings.toml [{stage}] {name}")
    return dataclasses.replace(default, **changes)  # type: ignore[type-var]


def _typed(name: str, default: Any, value: Any, where: str) -> Any:
    try:
        if isinstance(default, tuple):
            items = value.split(",") if isinstance(value, str) else value
            return tuple(str(item).strip() for item in items if str(item).strip())
        found = type(default)(value)
        low, high = LIMITS.get(name, (-math.inf, math.inf))
        if isinstance(found, int | float) and not low <= found <= high:
            raise ValueError
        return found
    except (TypeError, ValueError, OverflowError) as error:
        raise Refusal(where, "bad_settings", f"{value!r} is no {type(default).__name__} within its limits") from error


def digest(settings: object) -> str:
    """SHA-256 of one stage's settings: part of the key by which work counts as done."""
    text = json.dumps(dataclasses.asdict(settings), sort_keys=True)  # type: ignore[call-overload]
    return hashlib.sha256(text.encode()).hexdigest()
