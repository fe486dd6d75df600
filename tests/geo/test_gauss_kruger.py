"""The zones of China against PROJ's names, and their metres against a Gauss-Krüger series written here."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from geo.crs import convert, datum_shift_sigma_m, project, unproject
from geo.errors import DatumShiftUnknown
from geo.gauss_kruger import (
    BEIJING_1954,
    CGCS2000,
    SIX_DEGREE_ZONES,
    THREE_DEGREE_ZONES,
    XIAN_1980,
    Zone,
    zone_in_easting,
    zone_of,
    zones_near,
)
from geo.types import LonLat

ALL = [
    Zone(datum, width, number, numbered)
    for datum in (CGCS2000, XIAN_1980, BEIJING_1954)
    for width, numbers in ((3, THREE_DEGREE_ZONES), (6, SIX_DEGREE_ZONES))
    for number in numbers
    for numbered in (True, False)
]


def gauss_kruger(lon: float, lat: float, meridian: float) -> tuple[float, float]:
    """Easting and northing on GRS 80, scale 1: Krüger's series in n to n^4, as in Karney (2011), equations 7 to 11."""
    a, f = 6378137.0, 1 / 298.257222101
    n = f / (2 - f)
    big_a = a / (1 + n) * (1 + n**2 / 4 + n**4 / 64)
    alpha = (
        n / 2 - 2 * n**2 / 3 + 5 * n**3 / 16 + 41 * n**4 / 180,
        13 * n**2 / 48 - 3 * n**3 / 5 + 557 * n**4 / 1440,
        61 * n**3 / 240 - 103 * n**4 / 140,
        49561 * n**4 / 161280,
    )
    e = math.sqrt(f * (2 - f))
    tau = math.tan(math.radians(lat))
    sigma = math.sinh(e * math.atanh(e * tau / math.hypot(1, tau)))
    tau1 = tau * math.hypot(1, sigma) - sigma * math.hypot(1, tau)
    turn = math.radians(lon - meridian)
    xi, eta = math.atan2(tau1, math.cos(turn)), math.asinh(math.sin(turn) / math.hypot(tau1, math.cos(turn)))
    north = xi + sum(k * math.sin(2 * j * xi) * math.cosh(2 * j * eta) for j, k in enumerate(alpha, start=1))
    east = eta + sum(k * math.cos(2 * j * xi) * math.sinh(2 * j * eta) for j, k in enumerate(alpha, start=1))
    return 500_000.0 + big_a * east, big_a * north


@pytest.mark.parametrize("zone", ALL, ids=lambda zone: zone.crs)
def test_every_zones_code_is_what_proj_calls_it(zone):
    crs = CRS.from_user_input(zone.crs)
    width = "3-degree Gauss-Kruger" if zone.width_deg == 3 else "Gauss-Kruger"
    tail = f"zone {zone.number}" if zone.numbered else f"CM {zone.meridian_deg}E"
    assert crs.name == f"{zone.datum} / {width} {tail}"
    assert zone_of(zone.crs) == zone


@pytest.mark.parametrize("width", [3, 6])
def test_the_metres_of_every_zone_are_those_of_the_series_to_a_tenth_of_a_millimetre(width):
    numbers = THREE_DEGREE_ZONES if width == 3 else SIX_DEGREE_ZONES
    chance = np.random.default_rng(width)
    for number in numbers:
        zone = Zone(CGCS2000, width, number, False)
        lon, lat = zone.meridian_deg + chance.uniform(-width / 2, width / 2), chance.uniform(18, 53)
        ours = convert([(lon, lat)], "EPSG:4490", zone.crs)[0]
        assert ours == pytest.approx(gauss_kruger(lon, lat, zone.meridian_deg), abs=1e-4)
        numbered = convert([(lon, lat)], "EPSG:4490", zone.with_number(True).crs)[0]
        assert numbered - ours == pytest.approx((number * 1e6, 0.0), abs=1e-5)
        assert zone_in_easting(numbered[0]) == zone.with_number(True)


@given(st.floats(73.6, 134.9), st.floats(18, 53), st.booleans())
@settings(deadline=None, max_examples=40)  # PROJ takes its time over a zone's first place
def test_any_place_goes_into_its_zone_and_back(lon, lat, numbered):
    nearest = zones_near(lon)[0]
    assert abs(nearest.meridian_deg - lon) <= 1.5 + 1e-9
    crs = nearest.with_number(numbered).crs
    assert np.abs(unproject(project([(lon, lat)], crs), crs) - (lon, lat)).max() < 1e-9


def test_an_easting_without_a_number_names_no_zone():
    assert [zone_in_easting(e) for e in (633_048.0, 347_200.0, 12_999_999.0, 46_000_000.0, -5.0)] == [None] * 5
    assert zone_of("EPSG:32651") is None
    assert zone_of("GCJ-02") is None


def test_a_zone_of_six_degrees_is_named_where_the_place_lies_beyond_the_three():
    assert [zone.crs for zone in zones_near(121.4)] == ["EPSG:4549", "EPSG:4510", "EPSG:4548"]
    assert (project([(121.4, 31.25)], "EPSG:4510") == project([(121.4, 31.25)], "EPSG:4550")).all()


def test_a_datum_without_a_published_shift_is_refused_not_taken_for_wgs84():
    for crs in ("EPSG:4610", "EPSG:2385", "EPSG:2364"):
        with pytest.raises(DatumShiftUnknown):
            convert([(633048.0, 3459478.0)], crs, "EPSG:4326")
        with pytest.raises(DatumShiftUnknown):
            datum_shift_sigma_m(crs, LonLat(121.4, 31.25))


def test_how_well_a_datum_is_known_is_said_for_the_place():
    assert datum_shift_sigma_m("EPSG:4214", LonLat(121.4, 31.25)) == 15.0  # EPSG's for the Yellow Sea
    for known in ("EPSG:4326", "EPSG:4490", "EPSG:4549", "EPSG:32651", "EPSG:3857", "GCJ-02", "bd09"):
        assert datum_shift_sigma_m(known, LonLat(121.4, 31.25)) == 0.0
    with pytest.raises(DatumShiftUnknown):
        datum_shift_sigma_m("EPSG:4214", LonLat(104.0, 30.6))
