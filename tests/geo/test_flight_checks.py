"""Contradictions across a flight: each is named, measured, and makes the doubt wider."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from geo.errors import ShapeError
from geo.flight_checks import FrameDoubts, doubts_of
from geo.pose import pose_of
from geo.tags import Tags, read_tags, tags_of
from geo.terrain import flat
from tests.geo.pictures import gps_at, jpeg, xmp_packet

EAST = 1.0 / (111_195.0 * np.cos(np.radians(31.25)))
NORTH = 1.0 / 111_195.0


def flight(legs=((0.0, 6), (90.0, 6), (180.0, 6)), *, speed=8.0, model="FC6310"):
    """A sound flight: legs of so many frames in so many directions, one frame every two seconds."""
    lon, lat, frames = 121.4, 31.25, []
    for course, count in legs:
        for _ in range(count):
            lon += np.sin(np.radians(course)) * speed * 2 * EAST
            lat += np.cos(np.radians(course)) * speed * 2 * NORTH
            second = 2 * len(frames)
            frames.append(
                Tags(
                    4000, 3000, model=model, lon=float(lon), lat=float(lat), relative_altitude_m=100.0,
                    absolute_altitude_m=115.0,
                    taken_at=f"2026-11-24T10:{second // 60:02d}:{second % 60:02d}", gimbal_yaw_deg=course + 1.0,
                    gimbal_pitch_deg=-60.0, gimbal_roll_deg=0.0, flight_yaw_deg=course + 2.0,
                )
            )  # fmt: skip
    return frames


def words(doubts):
    return [tuple(d.word for d in frame.doubts) for frame in doubts]


def test_a_sound_flight_has_no_doubts():
    assert set(doubts_of(flight())) == {FrameDoubts()}
    assert doubts_of([]) == ()
    assert set(doubts_of(flight()[:1])) == {FrameDoubts()}


def test_tags_without_anything_are_no_trouble():
    assert set(doubts_of([Tags(4000, 3000)] * 5)) == {FrameDoubts()}


def test_a_place_that_no_aircraft_reaches_is_doubted_by_its_distance_from_the_line():
    frames = flight()
    frames[3] = replace(frames[3], lon=frames[3].lon + 500 * EAST)
    found = doubts_of(frames)
    assert [row for row, said in enumerate(words(found)) if "position_jump" in said] == [3]
    assert found[3].position_m == pytest.approx(500, abs=5)
    assert dict(found[3].doubts)["position_jump"] == pytest.approx(500 / 3, rel=0.05)


def test_the_barometer_of_one_frame_against_the_receiver():
    frames = flight()
    frames[4] = replace(frames[4], relative_altitude_m=120.0)
    found = doubts_of(frames)
    assert [row for row, said in enumerate(words(found)) if "heights_disagree" in said] == [4]
    assert (found[4].height_m, dict(found[4].doubts)["heights_disagree"]) == (20.0, -20.0)


@pytest.mark.parametrize("scale", [1 / 0.3048, 0.8])
def test_a_relative_altitude_that_climbs_in_another_ratio(scale):
    frames = [replace(t, relative_altitude_m=(50 + 3 * n) * scale, absolute_altitude_m=65.0 + 3 * n)
              for n, t in enumerate(flight())]  # fmt: skip
    found = doubts_of(frames)
    assert {said for said in words(found)} == {("height_scale_doubted",)}
    assert found[0].doubts[0].figure == pytest.approx(1 / scale, abs=0.01)
    assert found[0].height_m == pytest.approx(50 * scale * abs(1 / scale - 1), rel=0.02)


def test_a_relative_altitude_that_never_changes():
    frames = [replace(t, relative_altitude_m=0.0, absolute_altitude_m=60.0 + 3 * n) for n, t in enumerate(flight())]
    assert {said for said in words(doubts_of(frames))} == {("relative_altitude_constant",)}


def test_an_aircraft_below_the_ground_that_it_passes():
    ground = np.where(np.arange(18) > 10, 140.0, 4.0)
    found = doubts_of(flight(), ground)
    assert [row for row, said in enumerate(words(found)) if "below_terrain" in said] == list(range(11, 18))
    assert found[12].doubts[0].figure == pytest.approx(36.0)
    with pytest.raises(ShapeError):
        doubts_of(flight(), ground[:3])


def test_a_clock_that_goes_back():
    frames = flight()
    frames[5] = replace(frames[5], taken_at="2026-11-24T09:00:00")
    assert dict(doubts_of(frames)[5].doubts)["clock_goes_back"] == 3608


def test_angles_of_zero_in_all_pictures_of_a_flight_that_turns_are_refused():
    frames = [replace(t, gimbal_yaw_deg=0.0, gimbal_pitch_deg=0.0, gimbal_roll_deg=0.0) for t in flight()]
    found = doubts_of(frames)
    assert {frame.refused for frame in found} == {"no_attitude"}
    assert dict(found[0].doubts)["gimbal_all_zero_in_flight"] > 90


@pytest.mark.parametrize("with_aircraft", [True, False])
def test_a_yaw_that_never_changes_while_the_flight_turns(with_aircraft):
    frames = [replace(t, gimbal_yaw_deg=77.3, flight_yaw_deg=t.flight_yaw_deg if with_aircraft else None)
              for t in flight()]  # fmt: skip
    found = doubts_of(frames)
    assert all("gimbal_frozen" in said for said in words(found))
    assert found[0].yaw_deg == 60.0


def test_one_nose_that_does_not_point_where_it_flies():
    frames = flight()
    frames[2] = replace(frames[2], flight_yaw_deg=120.0)
    found = doubts_of(frames)
    assert [row for row, said in enumerate(words(found)) if "yaw_against_track" in said] == [2]
    assert dict(found[2].doubts)["yaw_against_track"] == pytest.approx(120.0)


def test_a_compass_that_is_off_in_the_whole_flight():
    frames = [replace(t, flight_yaw_deg=t.flight_yaw_deg + 50, gimbal_yaw_deg=t.gimbal_yaw_deg + 50) for t in flight()]
    found = doubts_of(frames)
    assert {said for said in words(found)} == {("yaw_offset_from_track",)}
    assert found[0].doubts[0].figure == pytest.approx(52, abs=1)
    assert found[0].yaw_deg == pytest.approx(52, abs=1)


def test_a_flight_sideways_at_will_says_nothing_of_the_compass():
    rng = np.random.default_rng(2)
    frames = [replace(t, flight_yaw_deg=float(rng.uniform(0, 360))) for t in flight()]
    assert not any("track" in word for said in words(doubts_of(frames)) for word in said)


@pytest.mark.parametrize(("model", "word"), [("FC7203", "gimbal_yaw_of_the_body"), ("ZH20", "yaw_perhaps_of_the_body")])
def test_a_gimbal_told_against_its_aircraft(model, word):
    """A free gimbal may be kept pointing north: only for cameras that were seen to do it the aircraft's yaw is used."""
    frames = [replace(t, gimbal_yaw_deg=-1.0 + n % 3) for n, t in enumerate(flight(model=model))]
    found = doubts_of(frames)
    assert all(word in said for said in words(found))
    late = found[-1].applied(frames[-1])
    if model == "FC7203":
        assert abs(np.mod(late.gimbal_yaw_deg - 182.0 + 180, 360) - 180) < 1.5
        assert late.yaw_doubt_deg == 5.0
    else:
        assert (late.gimbal_yaw_deg, late.yaw_doubt_deg) == (frames[-1].gimbal_yaw_deg, 60.0)
    assert pose_of(late, flat()).sigma_yaw_deg >= 5.0


def test_one_picture_alone_doubts_such_a_yaw():
    angles = {
        "GimbalYawDegree": "-1.3",
        "GimbalPitchDegree": "-60",
        "GimbalRollDegree": "0",
        "FlightYawDegree": "170.6",
    }
    tags = tags_of(jpeg(xmp_packet({**angles, "RelativeAltitude": "90"}), gps=gps_at(121.4, 31.25)), "x.jpg")
    assert ("yaw_perhaps_of_the_body" in tags.warnings, tags.yaw_doubt_deg) == (True, 60.0)
    near = tags_of(jpeg(xmp_packet({**angles, "FlightYawDegree": "9"}), gps=gps_at(121.4, 31.25)), "x.jpg")
    assert (near.warnings, near.yaw_doubt_deg) == ((), None)


def test_an_upright_picture_among_lying_ones_was_turned():
    frames = flight()
    frames[7] = replace(frames[7], width_px=3000, height_px=4000)
    found = doubts_of(frames)
    assert [row for row, frame in enumerate(found) if frame.refused == "picture_turned"] == [7]
    assert dict(found[7].doubts)["picture_shape_differs"] == pytest.approx(0.75)


def test_doubts_join_those_that_the_tags_already_have():
    tags = replace(flight()[0], position_doubt_m=3.0, height_doubt_m=1.0)
    more = FrameDoubts(position_m=4.0, yaw_deg=12.0).applied(tags)
    assert (more.position_doubt_m, more.height_doubt_m, more.yaw_doubt_deg) == (5.0, 1.0, 12.0)
    before, after = pose_of(tags, flat()), pose_of(more, flat())
    assert after.sigma_xy_m == pytest.approx(np.hypot(2.0, 5.0))
    assert after.sigma_yaw_deg == pytest.approx(np.hypot(before.sigma_yaw_deg, 12.0))


@pytest.mark.given
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("brighton", set()),
        ("isfm", set()),
        ("weedon", {"gimbal_yaw_of_the_body"}),
        ("jwcate", {"gimbal_yaw_of_the_body"}),
    ],
)
def test_what_the_given_flights_contradict(shared, name, said):
    paths = sorted((shared / "data/flights" / name).glob("*.JPG"))
    assert {word for frame in words(doubts_of([read_tags(path) for path in paths])) for word in frame} == said


@pytest.mark.given
def test_tie_points_prove_that_this_cameras_gimbal_is_told_against_the_aircraft(shared):
    """OpenCV finds the same ground in two pictures; nothing of ours tells it where to look."""
    from geo.camera import camera_of
    from geo.ground import pixel_to_ground
    from tests.geo.test_given_flights import matched

    paths = [shared / f"data/flights/jwcate/DJI_{n}.JPG" for n in ("0444", "0445")]
    tags = [read_tags(path) for path in paths]
    uv = matched(*paths)
    apart = []
    for used in (tags, [doubt.applied(t) for t, doubt in zip(tags, doubts_of(tags), strict=True)]):
        a, b = (
            pixel_to_ground(p, camera_of(t), pose_of(t, flat(), crs="EPSG:32617"), flat()).xy_m
            for p, t in zip(uv, used, strict=True)
        )
        apart.append(float(np.median(np.hypot(*(a - b).T))))
    assert apart[0] > 50.0
    assert apart[1] < 6.0
