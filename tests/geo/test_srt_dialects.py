"""Subtitles of firmwares that are not among the samples: the file's own words decide, not its maker."""

from __future__ import annotations

import math

import numpy as np
import pytest

from geo.errors import NoAttitude
from geo.pose import pose_of
from geo.srt import read_srt
from geo.srt_values import values_of
from geo.terrain import flat
from geo.track_tags import tags_at


def code(n, step=1.0):
    return f"00:00:{n * step:06.3f} --> 00:00:{(n + 1) * step:06.3f}".replace(".", ",")


def srt(*bodies, step=1.0):
    return "\n".join(f"{n + 1}\n{code(n, step)}\n{b}\n" for n, b in enumerate(bodies)).encode()


def angles(track, row=0):
    return track.yaw_true_deg[row], track.pitch_deg[row], track.roll_deg[row]


PLACE = "[latitude: 31.250001] [longitude: 121.400001] [rel_alt: 79.969 abs_alt: 96.474]"


@pytest.mark.parametrize(
    "body",
    [
        # M30, M3E, M3T: the clock stands behind the frame count, zoom and focal length with decimals
        "FrameCnt: 0 2026-07-08 16:12:57.018\n[focal_len: 40.00] [dzoom_ratio: 1.00], "
        + PLACE
        + " [gb_yaw: -67.6 gb_pitch: -30.0 gb_roll: 0.0]",
        # each angle in brackets of its own
        '<font size="28">SrtCnt : 1, DiffTime : 33ms\n2026-07-08 16:12:57.018\n[focal_len : 40.00] '
        + PLACE
        + " [gb_yaw: -67.6] [gb_pitch: -30.0] [gb_roll: 0.0] </font>",
        # longer names
        "2026-07-08 16:12:57.018 [focal_len: 40.00] "
        + PLACE
        + " [gimbal_yaw: -67.6 gimbal_pitch: -30.0 gimbal_roll: 0.0]",
        # groups, and the aircraft's angles beside the gimbal's
        "2026-07-08 16:12:57.018 [focal_len: 40.00] "
        + PLACE
        + " [Drone: Yaw:1.9, Pitch:-3.1, Roll:1.5] [Gimbal: Yaw:-67.6, Pitch:-30.0, Roll:0.0] [unknown: ???]",
        # M300: spread over lines with blank ones and a stray number between
        "2026-07-08 16:12:57.018\n[iso: 100] [focal_len: 40.00] [dzoom: 1.0]\n"
        + PLACE
        + "\n[drone_speedx: 1.0 drone_speedy: 0.0 drone_speedz: 0.0]\n[drone_yaw: 1.9 drone_pitch: -3.1 drone_roll: "
        "1.5]\n[gb_yaw: -67.6 gb_pitch: -30.0 gb_roll: 0.0]\n\n0\n[ae_meter_md : 1] [ct : 5000]",
        # full-width colons and no-break spaces of an editor
        "2026-07-08 16:12:57.018 [focal_len：40.00] "
        + PLACE.replace(": ", "：").replace("] [", "]\u00a0[")
        + " [gb_yaw： -67.6 gb_pitch： -30.0 gb_roll： 0.0]",
    ],
)
def test_the_gimbals_angles_in_whatever_brackets(body):
    track = read_srt(srt(body + " "), "x.srt")
    assert (track.lon[0], track.lat[0]) == (121.400001, 31.250001)
    assert (track.altitude_kind, track.altitude_m[0], track.absolute_altitude_m[0]) == ("takeoff", 79.969, 96.474)
    assert angles(track) == (-67.6, -30.0, 0.0)
    assert track.focal_35mm[0] == 40.0
    assert track.clock == ["2026-07-08T16:12:57.018"]
    assert pose_of(tags_at(track, 0.0, 1920, 1080), flat()).pitch_deg == -30.0


def test_the_survey_dialect_names_the_order_of_its_turns():
    """Phantom 4 RTK: RTK instead of GPS, HOME with a height, pitch before roll before yaw."""
    body = (
        "F/6.3, SS 60, ISO 100, EV 0, RTK (120.083799, 30.213635, 28), HOME (120.084146, 30.214243, 103.55m), "
        "D 75.36m, H 76.19m, H.S 0.30m/s, V.S 0.00m/s, F.PRY (-5.3°, 2.1°, 28.3°), G.PRY (-40.0°, 0.0°, 28.2°)"
    )
    track = read_srt(srt(body, body), "x.srt")
    assert (track.lon[0], track.lat[0], track.altitude_kind, track.altitude_m[0]) == (
        120.083799, 30.213635, "takeoff", 76.19,
    )  # fmt: skip
    assert angles(track) == (28.2, -40.0, 0.0)


@pytest.mark.parametrize(("east", "north", "lon", "lat"), [("E", "N", 1, 1), ("W", "S", -1, -1), ("E", "S", 1, -1)])
def test_hemispheres_beside_the_numbers_settle_order_and_sign(east, north, lon, lat):
    """Autel: letters in the brackets, the third number is a height with its unit."""
    body = (
        f"HOME({east}: 20.000000, {north}: 21.000000) 2026-11-24 08:15:01\nGPS({east}: 20.000001, {north}: 21.000001, "
        "84.05m) \nISO:100 SHUTTER:30 EV:0.0 F-NUM:2.8 \nF.PRY (-1.0°, 1.0°, 100.1°), G.PRY (-20.5°, 0.1°, 100.2°)"
    )
    track = read_srt(srt(body), "x.srt")
    assert (track.lon[0], track.lat[0]) == (lon * 20.000001, lat * 21.000001)
    assert (track.altitude_kind, track.altitude_m[0]) == ("undeclared", 84.05)
    assert angles(track) == (100.2, -20.5, 0.1)
    assert "axis_order_unproved" not in track.warnings


def test_blocks_without_numbers_and_other_time_codes():
    text = (
        "WEBVTT\n\n00:01.000 --> 00:02.000\n[latitude: 31.250001] [longitude: 121.400001] \n\n"
        "00:00:02:500 –> 00:00:03:000\n[latitude: 31.250002] [longitude: 121.400001] \n"
    )
    track = read_srt(text.encode(), "x.srt")
    assert track.times_s.tolist() == [1.0, 2.5]


def test_a_clock_with_chinese_words_and_one_with_a_slash():
    for written in ("2026年11月24日 08:15:00", "2026/11/24 08:15:00", "2026-11-24T08:15:00"):
        assert read_srt(srt(f"{written}\n{PLACE} "), "x").clock == ["2026-11-24T08:15:00"]


# ---- units ----------------------------------------------------------------------------------------------------------


def test_degrees_times_ten_million_are_recognised():
    track = read_srt(srt("[latitude: 312500010] [longitude: 1214000010] [rel_alt: 20.0 abs_alt: 30.0] "), "x")
    assert (track.lon[0], track.lat[0]) == pytest.approx((121.400001, 31.250001))
    assert "position_scaled" in track.warnings


def test_radians_are_recognised_because_there_is_no_land_at_their_degrees():
    lon, lat = math.radians(121.4), math.radians(31.25)
    track = read_srt(srt(*[f"[latitude: {lat + n * 1e-7:.9f}] [longitude: {lon:.9f}] " for n in range(4)]), "x")
    assert (track.lon[0], track.lat[0]) == pytest.approx((121.4, 31.25), abs=1e-6)
    assert "position_in_radians" in track.warnings


def test_places_in_africa_are_not_taken_for_radians():
    track = read_srt(srt("[latitude: 5.560000] [longitude: -0.200000] "), "x")
    assert (track.lon[0], track.lat[0], track.warnings) == (-0.2, 5.56, ())


def test_swapped_keys_are_put_right_and_said():
    track = read_srt(srt("[latitude: 121.400001] [longitude: 31.250001] "), "x")
    assert (track.lon[0], track.lat[0], track.warnings) == (121.400001, 31.250001, ("axis_keys_swapped",))


@pytest.mark.parametrize(
    "body", ["GPS(121.4,31.25,9), D 1.0m, H 100.0ft, H.S 0.0m/s", PLACE.replace("79.969", "100.0ft")]
)
def test_feet_are_turned_into_metres(body):
    track = read_srt(srt(body + " "), "x")
    assert track.altitude_m[0] == pytest.approx(30.48)
    assert "height_in_feet" in track.warnings


def test_heights_in_different_units_are_doubted():
    bodies = [
        f"[latitude: 31.25] [longitude: 121.4] [rel_alt: {h / 0.3048:.2f} abs_alt: {h + 9:.2f}] "
        for h in range(5, 60, 5)
    ]
    assert "height_units_differ" in read_srt(srt(*bodies), "x").warnings
    same = [f"[latitude: 31.25] [longitude: 121.4] [rel_alt: {h:.2f} abs_alt: {h + 9:.2f}] " for h in range(5, 60, 5)]
    assert "height_units_differ" not in read_srt(srt(*same), "x").warnings


@pytest.mark.parametrize(
    ("written", "mm"), [("240", 24.0), ("24.00", 24.0), ("24", 24.0), ("1660", 166.0), ("166.00", 166.0)]
)
def test_focal_lengths_in_tenths_or_not(written, mm):
    assert read_srt(srt(f"[focal_len: {written}] {PLACE} "), "x").focal_35mm[0] == mm


@pytest.mark.parametrize(("written", "zoom"), [("10000, delta:0", 1.0), ("1.00", 1.0), ("20000", 2.0), ("7.0", 7.0)])
def test_digital_zoom_in_both_spellings(written, zoom):
    track = read_srt(srt(f"[dzoom_ratio: {written}] {PLACE} "), "x")
    assert track.digital_zoom[0] == zoom
    assert tags_at(track, 0.0, 1920, 1080).digital_zoom == zoom


# ---- angles that are none -------------------------------------------------------------------------------------------


def turning(yaw, pitch):
    return [f"{PLACE} [drone_yaw: {n * 15.0:.1f}] [gb_yaw: {yaw} gb_pitch: {pitch} gb_roll: 0.0] " for n in range(8)]


@pytest.mark.parametrize(
    ("yaw", "pitch", "word"),
    [
        ("0.0", "-45.0", "yaw_perhaps_of_the_body"),
        ("0.0", "0.0", "gimbal_all_zero"),
        ("1.2", "-1.5708", "angles_perhaps_radians"),
    ],
)
def test_angles_that_cannot_be_give_no_attitude(yaw, pitch, word):
    track = read_srt(srt(*turning(yaw, pitch)), "x")
    assert word in track.warnings
    with pytest.raises(NoAttitude):
        pose_of(tags_at(track, 2.0, 1920, 1080), flat())


def test_a_gimbal_that_turns_with_its_aircraft_is_believed():
    bodies = [
        f"{PLACE} [drone_yaw: {n * 15.0:.1f}] [gb_yaw: {n * 15.0 + 1:.1f} gb_pitch: -45.0 gb_roll: 0.0] "
        for n in range(8)
    ]
    track = read_srt(srt(*bodies), "x")
    assert track.warnings == ("fixes_repeat",)
    assert tags_at(track, 2.5, 1920, 1080).gimbal_yaw_deg == pytest.approx(38.5)


# ---- between samples ------------------------------------------------------------------------------------------------


def test_yaw_goes_the_shorter_way_round():
    two = [f"{PLACE} [gb_yaw: {yaw} gb_pitch: -45.0 gb_roll: 0.0] " for yaw in ("179.0", "-179.0")]
    assert abs(tags_at(read_srt(srt(*two), "x"), 0.5, 1920, 1080).gimbal_yaw_deg) == pytest.approx(180.0)


def test_repeated_fixes_are_flown_over_and_not_stood_on():
    """Ten metres a second in fifths of a second, a new fix every second: half way between fixes is half way flown."""
    step = 10.0 / 111_195.0
    bodies = [f"[latitude: {31.25 + (n // 5) * step:.7f}] [longitude: 121.4000000] [rel_alt: 50.0] " for n in range(21)]
    track = read_srt(srt(*bodies, step=0.2), "x")
    at = tags_at(track, 1.5, 1920, 1080)
    assert (at.lat - 31.25) / step == pytest.approx(1.5, abs=0.02)
    assert at.position_doubt_m == pytest.approx(3.0, abs=0.1)  # ten metres a second, 0.3 s late


def test_a_hover_stays_where_it_is():
    places = [31.25] * 6 + [31.2502]
    bodies = [f"[latitude: {lat:.6f}] [longitude: 121.400000] [rel_alt: 50.0] " for lat in places]
    assert tags_at(read_srt(srt(*bodies), "x"), 3.0, 1920, 1080).lat == 31.25


def test_coarse_positions_are_doubted_by_their_rounding():
    bodies = ["GPS(121.4000,31.2500,9) BAROMETER:10.0"] * 2
    doubt = tags_at(read_srt(srt(*bodies), "x"), 0.5, 1920, 1080).position_doubt_m
    assert doubt == pytest.approx(11.1195 / np.sqrt(12), abs=0.01)


def test_a_decimal_comma_is_a_decimal_sign_and_not_the_end_of_the_number():
    body = "[latitude: 31,240512] [longitude: 121,405034] [rel_alt: 50,100 abs_alt: 62,300] [gb_yaw: 10,5]"
    values = values_of(body)
    assert (values.numbers["lat"], values.numbers["lon"]) == (31.240512, 121.405034)
    assert (values.numbers["height_takeoff"], values.numbers["height_sea"], values.numbers["yaw"]) == (50.1, 62.3, 10.5)
    listed = values_of("lat=31.24, lon=121.4, alt=50, yaw=10\n")
    assert (listed.numbers["lat"], listed.numbers["lon"], listed.numbers["height_undeclared"]) == (31.24, 121.4, 50.0)


def test_a_line_of_a_million_letters_is_read_in_the_time_of_its_length():
    counted = {n: values_of("A" * n + "\n") for n in (10, 1_000_000)}  # quadratic, it would take an hour
    assert not counted[1_000_000].numbers


@pytest.mark.parametrize(
    "body",
    [
        "Latitude: 31.2405° S, Longitude: 121.4005° W, Altitude: 12.5 m",
        "[latitude: 31.2405S] [longitude: 121.4005W] [rel_alt: 10.0 abs_alt: 20.0]",
        "lat: S 31.2405 lon: W 121.4005",
        "S31.2405 W121.4005 H 12.5m",
        "W121.4005, S31.2405",
        "HOME(W121.9000, S31.9000) GPS(W: 121.4005, S: 31.2405, 100.12m)",
        "GPS(121°24'1.8\"W, 31°14'25.8\"S, 17)",
    ],
)
def test_a_letter_before_or_behind_a_number_is_its_hemisphere(body):
    """Left aside the place would lie in China instead of the South Pacific."""
    track = read_srt(srt(body, body), "x.srt")
    assert (track.lon[0], track.lat[0]) == (pytest.approx(-121.4005, abs=1e-6), pytest.approx(-31.2405, abs=1e-6))


@pytest.mark.parametrize(
    "body",
    [
        "[latitude: 3.12405e+01] [longitude: 1.214005E+02] [rel_alt: 1.25e+01 abs_alt: 20.0]",
        '{"latitude": 31.2405, "longitude": 121.4005, "rel_alt": 12.5, "sats": 17}',
        '"latitude":"31.2405","longtitude":"121.4005","rel_alt":"12.5"',
        "gps(121.4005,31.2405,17) barometer: 12.5",
        "GPS: [31.2405, 121.4005] barometer: 12.5",
        "经度: 121.4005, 纬度: 31.2405, 相对高度: 12.5m",
        "N31.2405 E121.4005 H 12.5m, S: 3, speed N 1.5 E 2.5",
        "latitude: 31.2405 S: 17 longitude: 121.4005 W: 3 rel_alt: 12.5 m",
    ],
)
def test_numbers_with_exponents_quotes_and_other_names_are_read(body):
    track = read_srt(srt(body, body), "x.srt")
    assert (track.lon[0], track.lat[0], track.altitude_m[0]) == pytest.approx((121.4005, 31.2405, 12.5))
    assert track.altitude_kind == "takeoff"


def test_utf_16_without_its_mark_is_read_and_one_axis_of_zero_is_no_place():
    body = "GPS(121.4005,31.2405,17) BAROMETER:12.5"
    for encoding in ("utf-16-le", "utf-16-be"):
        assert read_srt(srt(body).decode().encode(encoding), "x.srt").lon.tolist() == [121.4005]
    blind = read_srt(srt("[latitude: 31.2405] [longitude: 0.000000] [rel_alt: 5.2 abs_alt: 20.0] "), "x.srt")
    assert (len(blind), blind.dropped) == (0, 1)
