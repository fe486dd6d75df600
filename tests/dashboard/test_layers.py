"""Map content from records."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import shapely
from pyproj import Geod

from dashboard import layers, palette
from geo.crs import project
from pipelines.records import GroundEllipse

WGS84 = Geod(ellps="WGS84")
LON, LAT, CRS = 122.3, 29.95, "EPSG:4549"  # far from the zone's meridian, so that grid north is not true north


def ground(sigma_major_m: float, sigma_minor_m: float, grid_azimuth_deg: float) -> GroundEllipse:
    angle = math.radians(grid_azimuth_deg)
    major = np.array([math.sin(angle), math.cos(angle)])
    minor = np.array([math.cos(angle), -math.sin(angle)])
    covariance = sigma_major_m**2 * np.outer(major, major) + sigma_minor_m**2 * np.outer(minor, minor)
    x_m, y_m = project([[LON, LAT]], CRS)[0]
    return GroundEllipse(
        LON, LAT, 0.0, CRS, x_m, y_m, covariance[0, 0], covariance[0, 1], covariance[1, 1],
        sigma_major_m, sigma_minor_m, grid_azimuth_deg,
    )  # fmt: skip


def test_ellipse_on_the_map_has_the_axes_that_geodesics_measure():
    ring = layers.ellipse_ring(ground(30.0, 10.0, 40.0))
    _, _, far_m = WGS84.inv([LON] * len(ring), [LAT] * len(ring), [p[0] for p in ring], [p[1] for p in ring])
    assert max(far_m) == pytest.approx(30 * math.sqrt(5.991), rel=2e-3)
    assert min(far_m) == pytest.approx(10 * math.sqrt(5.991), rel=2e-3)


def test_long_axis_points_where_the_covariance_says_with_grid_north_turned_to_true_north():
    ring = layers.ellipse_ring(ground(30.0, 10.0, 0.0))
    azimuths, _, far_m = WGS84.inv([LON] * len(ring), [LAT] * len(ring), [p[0] for p in ring], [p[1] for p in ring])
    longest = azimuths[int(np.argmax(far_m))] % 180
    convergence = math.degrees(math.radians(LON - 120) * math.sin(math.radians(LAT)))  # to first order
    assert longest == pytest.approx(convergence, abs=0.1)
    assert convergence > 1


def test_ring_is_closed_and_holds_the_place():
    ring = layers.ellipse_ring(ground(30.0, 10.0, 40.0))
    assert ring[0] == pytest.approx(ring[-1])
    assert shapely.Polygon(ring).contains(shapely.Point(LON, LAT))


def test_footprints_of_a_multipolygon_are_one_ring_a_part_and_nothing_gives_nothing():
    two = shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(2, 2, 3, 3)])
    assert [shapely.Polygon(ring).bounds for ring in layers.outline_rings(two.wkb)] == [(0, 0, 1, 1), (2, 2, 3, 3)]
    assert layers.outline_rings(None) == []


def test_bounds_of_one_place_are_as_wide_as_asked_on_the_ground():
    west, south, east, north = layers.bounds_of([(LON, LAT)], at_least_m=600)
    _, _, wide_m = WGS84.inv(west, LAT, east, LAT)
    _, _, high_m = WGS84.inv(LON, south, LON, north)
    assert wide_m == pytest.approx(600, rel=0.01)
    assert high_m == pytest.approx(600, rel=0.01)


def test_no_places_have_no_bounds():
    assert layers.bounds_of([]) is None


def collection(*kinds: str | None) -> str:
    square = json.loads(shapely.to_geojson(shapely.box(0, 0, 1, 1)))
    features = [{"type": "Feature", "properties": {"kind": kind} if kind else {}, "geometry": square} for kind in kinds]
    return json.dumps({"type": "FeatureCollection", "features": features})


def test_basemap_is_drawn_ground_first_whatever_its_order_in_the_home():
    one = collection(None)
    found, key = layers.base_layers({"roads": one, "rivers": one, "district": one, "strange": one})
    assert [layer.kind for layer in found] == ["district", "river", "road", "other"]
    assert key != layers.base_layers({"roads": one})[1]


def test_features_of_one_layer_are_parted_by_their_kind_and_unknown_kinds_follow_the_layer():
    found, _ = layers.base_layers({"roads": collection("building", "creek", "building", "volcano")})
    assert {layer.kind: len(layer.geojson["features"]) for layer in found} == {"building": 2, "creek": 1, "road": 1}


def test_content_keys_change_with_the_content_and_only_with_it():
    thing = layers.Thing("A-1", LON, LAT, "foam", "foam")
    moved = layers.Thing("A-1", LON + 0.001, LAT, "foam", "foam")
    key = layers.MapContent(things=(thing,)).to_json()["things"]["key"]
    assert layers.MapContent(things=(thing,), chosen="A-1").to_json()["things"]["key"] == key
    assert layers.MapContent(things=(moved,)).to_json()["things"]["key"] != key


def test_content_is_json_with_every_basemap_style_filled():
    base, key = layers.base_layers({"all": collection(*palette.BASEMAP)})
    sent = json.loads(json.dumps(layers.MapContent(base=base, base_key=key).to_json()))
    assert {layer["kind"] for layer in sent["base"]["layers"]} == set(palette.BASEMAP)
    assert all(layer["style"]["stroke"].startswith("#") for layer in sent["base"]["layers"])
