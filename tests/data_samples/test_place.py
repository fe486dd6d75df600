"""The block's place: the grid, its turn against true north, and the datum of the web maps."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from data_samples.district.datum import gcj02_of
from data_samples.district.place import ORIGIN_XY_M, grid_of, local_of, lonlat_of, true_north_azimuth_deg
from data_samples.renderer.flight import START
from data_samples.renderer.light import sun_direction


def test_true_north_lies_to_the_left_of_grid_north_by_the_convergence_of_putuo() -> None:
    assert -0.76 < true_north_azimuth_deg([[0.0, 0.0]]) < -0.70


def test_local_metres_go_to_degrees_and_back() -> None:
    local = np.array([[-350.0, 280.0], [12.5, -99.0]])
    assert local_of(lonlat_of(local)) == pytest.approx(local, abs=1e-6)
    assert grid_of(local)[1] == pytest.approx([ORIGIN_XY_M[0] + 12.5, ORIGIN_XY_M[1] - 99.0])


@pytest.mark.given
def test_grid_and_datum_agree_with_the_given_vectors(shared: Path) -> None:
    vectors = json.loads((shared / "standards" / "misc_vectors.json").read_text())["coordinates"]
    wgs84 = np.array([v["wgs84"] for v in vectors])
    assert gcj02_of(wgs84) == pytest.approx(np.array([v["gcj02"] for v in vectors]), abs=1e-7)
    assert grid_of(local_of(wgs84)) == pytest.approx(np.array([v["epsg4549"] for v in vectors]), abs=2e-3)


def test_gcj02_is_some_487_metres_off_here() -> None:
    shift = local_of(gcj02_of(lonlat_of([[0.0, 0.0]])))[0]
    assert np.hypot(*shift) == pytest.approx(487, abs=3)


def test_the_sun_stands_south_south_west_at_a_third_of_the_sky() -> None:
    """Shanghai, 23 November, 13:04: noon is at 11:41, 38.4 degrees high."""
    east, north, up = sun_direction(START)
    assert np.degrees(np.arcsin(up)) == pytest.approx(34.6, abs=0.8)
    assert np.degrees(np.arctan2(east, north)) % 360 == pytest.approx(203.5, abs=1.5)
    noon = sun_direction(START.replace(hour=11, minute=41))
    assert np.degrees(np.arcsin(noon[2])) == pytest.approx(38.4, abs=0.5)
