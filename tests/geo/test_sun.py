"""The sun's height against published examples."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from geo.sun import sun_elevation_deg
from geo.types import LonLat


def test_the_example_of_nrel_spa():
    """Reda and Andreas, NREL/TP-560-34302 (2008), appendix A.5: topocentric elevation without refraction 39.872046."""
    place, at = LonLat(-105.1786, 39.742476), datetime(2003, 10, 17, 12, 30, 30, tzinfo=timezone(timedelta(hours=-7)))
    assert sun_elevation_deg(place, at) == pytest.approx(39.872046, abs=0.02)


@pytest.mark.parametrize(("month", "day", "declination"), [(6, 21, 23.44), (12, 21, -23.44)])
def test_noon_of_the_solstices_in_shanghai(month, day, declination):
    """At its highest the sun stands at 90° − latitude + declination."""
    place = LonLat(121.4, 31.25)
    highest = max(
        sun_elevation_deg(place, datetime(2026, month, day, 3, tzinfo=UTC) + timedelta(minutes=m)) for m in range(120)
    )
    assert highest == pytest.approx(90 - place.lat + declination, abs=0.05)


def test_midnight_is_night_and_a_naive_time_is_refused():
    assert sun_elevation_deg(LonLat(121.4, 31.25), datetime(2026, 3, 20, 16, tzinfo=UTC)) < -50
    with pytest.raises(ValueError, match="no zone"):
        sun_elevation_deg(LonLat(0, 0), datetime(2026, 3, 20))  # noqa: DTZ001
