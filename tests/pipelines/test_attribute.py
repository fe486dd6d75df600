"""The attribute stage: evidence from the ground, rules of the day, and an answer for every observation."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
import shapely

from geo.crs import project, unproject
from pipelines.attribute import ObservationToAttribute, SourceShape, evidence_of, run
from pipelines.records import Done, GroundEllipse, Observation, Refused, Status

AS_OF = datetime(2026, 11, 24, tzinfo=UTC)
X, Y = 633000.0, 3459000.0


def lonlat(east_m: float, north_m: float) -> tuple[float, float]:
    lon, lat = unproject(np.array([[X + east_m, Y + north_m]]), "EPSG:4549")[0]
    return float(lon), float(lat)


def ellipse(sigma_m: float = 5.0) -> GroundEllipse:
    lon, lat = lonlat(0, 0)
    s2 = sigma_m**2
    return GroundEllipse(lon, lat, 0.0, "EPSG:4549", X, Y, s2, 0.0, s2, sigma_m, sigma_m, 0.0)


def seen(name: str, *, label: str = "dust_plume", year: int = 2026, place: bool = True) -> Observation:
    return Observation(
        name, f"de-{name}", "fr", "F", label, 0.6, None, Status.OK if place else Status.REFUSED,
        None if place else "above_horizon", ellipse() if place else None, 0.03,
        datetime(year, 11, 23, 4, tzinfo=UTC), AS_OF,
    )  # fmt: skip


def site(east_m: float, *, kind: str = "site") -> SourceShape:
    return SourceShape(kind, f"{kind}{east_m:.0f}", None, "", shapely.to_wkb(shapely.Point(*lonlat(east_m, 0))))


def outcomes(*work: ObservationToAttribute) -> list[Done | Refused]:
    return list(run(work, as_of=AS_OF, run_id="r", settings=None))


def test_distance_and_density_of_a_point_agree_with_a_hand_calculation() -> None:
    """30 m east; variance 25 + 400 = 425 m²: density exp(−900 / 850) / (2π · 425)."""
    (evidence,) = evidence_of(ellipse(), [site(30.0)], 20.0)
    assert evidence.distance_m == pytest.approx(30.0, abs=1e-3)
    assert evidence.likelihood_per_m2 == pytest.approx(np.exp(-900 / 850) / (2 * np.pi * 425), rel=1e-3)


def test_a_day_before_every_rule_is_refused_by_name_and_the_others_go_on() -> None:
    """A camera whose clock was reset to 1980 stops nobody else's attribution."""
    dead = ObservationToAttribute(seen("a", year=1980), (site(5.0),))
    good = ObservationToAttribute(seen("b"), (site(5.0),))
    first, second = outcomes(dead, good)
    assert isinstance(first, Refused) and first.reason == "no_rule_in_force"
    assert isinstance(second, Done) and second.result.attribution.named == "site5"


def test_a_discharge_beside_a_firm_is_not_put_down_to_it() -> None:
    (answer,) = outcomes(ObservationToAttribute(seen("a", label="discharge"), (site(1.0, kind="enterprise"),)))
    assert isinstance(answer, Done)
    assert answer.result.attribution.answer == "none_registered"
    assert answer.result.attribution.candidates == ()


def test_what_has_no_place_is_refused() -> None:
    (answer,) = outcomes(ObservationToAttribute(seen("a", place=False), ()))
    assert isinstance(answer, Refused) and answer.reason == "observation_without_place"


def test_coordinates_of_sources_are_longitude_first() -> None:
    (evidence,) = evidence_of(ellipse(), [site(0.0)], 1.0)
    assert evidence.distance_m == pytest.approx(0.0, abs=1e-3)
    assert project(np.array([lonlat(0, 0)]), "EPSG:4549")[0] == pytest.approx([X, Y], abs=1e-3)
