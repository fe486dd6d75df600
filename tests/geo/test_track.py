"""Tracks: dialects of subtitles, and KLV."""

from __future__ import annotations

import numpy as np
import pytest

from geo.errors import EmptyFile, GeoError, NoBlocks, NoHeight, NotATrack, Truncated, UnreadableFile
from geo.klv import LOCAL_SET_KEY, checksum, packets_of, read_klv
from geo.pose import pose_of
from geo.positioning import Positioning
from geo.srt import blocks_of, read_srt
from geo.terrain import flat
from geo.track import read_track
from geo.track_tags import tags_at
from geo.vertical import Datum


def srt(*bodies, start=0):
    blocks = [
        f"{n + 1}\n00:00:{n + start:02d},000 --> 00:00:{n + start + 1:02d},000\n{b}\n" for n, b in enumerate(bodies)
    ]
    return "\n".join(blocks).encode()


def gps(a, b, rest="16) BAROMETER:10.5"):
    return f"HOME({a},{b}) 2026.11.24 08:15:00\nGPS({a},{b},{rest}\nISO:100"


def test_longitude_first_is_seen_by_its_size():
    track = read_srt(srt(gps(121.4, 31.25)), "x.srt")
    assert (track.lon[0], track.lat[0], track.warnings) == (121.4, 31.25, ("coarse_positions",))


def test_latitude_first_is_seen_by_its_size():
    track = read_srt(srt(gps(31.25, 121.4), gps(31.2501, 121.4001)), "x.srt")
    assert track.lon.tolist() == [121.4, 121.4001]
    assert track.lat.tolist() == [31.25, 31.2501]


def test_an_order_that_the_file_does_not_settle_is_warned_of():
    track = read_srt(srt(gps(8.209, 47.4692)), "x.srt")
    assert (track.lon[0], track.lat[0]) == (8.209, 47.4692)
    assert "axis_order_unproved" in track.warnings


@pytest.mark.parametrize("latitude_first", [False, True])
def test_the_stated_speed_settles_the_order(latitude_first):
    """Ten metres a second along a parallel at 60 N, where a degree of longitude is half as long."""
    step = 10.0 / (111_195.0 * np.cos(np.radians(60.0)))
    places = [(10.0 + k * step, 60.0) for k in range(20)]
    bodies = []
    for lon, lat in places:
        a, b = (lat, lon) if latitude_first else (lon, lat)
        bodies.append(f"F/2.8, SS 100, GPS ({a:.6f}, {b:.6f}, 17), D 1.00m, H 45.60m, H.S 10.00m/s, V.S 0.00m/s")
    track = read_srt(srt(*bodies), "x.srt")
    assert track.lon == pytest.approx([p[0] for p in places], abs=1e-6)
    assert "axis_order_unproved" not in track.warnings
    assert (track.altitude_kind, track.altitude_m[0]) == ("takeoff", 45.6)


def test_a_place_given_by_name_settles_the_order_of_the_other_dialect():
    named = "[latitude: 47.469200] [longitude: 8.209000] [altitude: 100.0] "
    track = read_srt(srt(gps(47.4692, 8.2090), named), "x.srt")
    assert track.lon.tolist() == [8.209, 8.209]
    assert track.format == "dji_srt_mixed"
    assert "several_dialects" in track.warnings


def test_the_third_number_is_no_height():
    track = read_srt(srt("GPS(121.4,31.25,16)\nISO:100"), "x.srt")
    assert (track.altitude_kind, np.isnan(track.altitude_m[0])) == ("none", True)


@pytest.mark.parametrize("longitude", ["longitude:", "longtitude :", "Longitude : "])
def test_bracket_keys_in_every_spelling(longitude):
    track = read_srt(srt(f"[iso : 100] [latitude : 31.250001] [{longitude} 121.400001] [altitude: 27.3] "), "x.srt")
    assert (track.lon[0], track.lat[0]) == (121.400001, 31.250001)
    assert (track.altitude_kind, track.altitude_m[0]) == ("undeclared", 27.3)


def test_the_newest_dialect_has_two_heights_and_angles():
    body = (
        "<font>FrameCnt: 1, DiffTime: 33ms\n2026-11-24 08:15:00.123\n[iso: 100] [shutter: 1/80.0] [focal_len: 24.00] "
        "[latitude: 31.250001] [longitude: 121.400001] [rel_alt: 81.300 abs_alt: 95.2] "
        "[gb_yaw: 12.1 gb_pitch: -45.0 gb_roll: 0.0] </font>"
    )
    track = read_srt(srt(body), "x.srt")
    assert (track.altitude_kind, track.altitude_m[0], track.absolute_altitude_m[0]) == ("takeoff", 81.3, 95.2)
    assert (track.yaw_true_deg[0], track.pitch_deg[0], track.roll_deg[0]) == (12.1, -45.0, 0.0)
    assert track.focal_35mm[0] == 24.0
    assert track.clock == ["2026-11-24T08:15:00.123"]


def test_focal_length_240_is_24():
    assert read_srt(srt("[focal_len : 240] [latitude: 1.5] [longitude: 100.5] "), "x.srt").focal_35mm[0] == 24.0


@pytest.mark.parametrize(
    ("written", "clock"),
    [
        ("2017.08.05 14:11:51", "2017-08-05T14:11:51"),
        ("2017.8.5 14:11:51", "2017-08-05T14:11:51"),
        ("2022-08-07 13:40:40,774,808", "2022-08-07T13:40:40.774808"),
        ("2017.08.05 14:11:51,393,525,393,525", "2017-08-05T14:11:51.393525"),
    ],
)
def test_three_clocks(written, clock):
    assert read_srt(srt(f"{written}\nGPS(121.4,31.25,9) "), "x.srt").clock == [clock]


def test_byte_order_mark_crlf_and_blank_lines_within_a_block_change_nothing():
    plain = srt(gps(121.4, 31.25), gps(121.5, 31.25))
    odd = b"\xef\xbb\xbf" + plain.replace(b"ISO:100", b"\n\nISO:100").replace(b"\n", b"\r\n")
    assert np.array_equal(read_srt(odd, "x").lon, read_srt(plain, "x").lon)
    assert len(blocks_of(odd.decode("utf-8-sig").replace("\r\n", "\n"))) == 2


def test_positions_that_are_none_are_dropped_and_counted():
    bodies = ["GPS(N/A,N/A,3) BAROMETER:0.0", gps(0.0, 0.0), gps(121.4, 31.25), "GPS(200.0,95.0,3)", "ISO:100"]
    track = read_srt(srt(*bodies), "x.srt")
    assert (track.frames, track.dropped, len(track)) == (5, 4, 1)


def test_no_position_at_all_is_a_track_of_no_fixes():
    track = read_srt(srt("[iso : 100] [shutter : 1/240.0] "), "x.srt")
    assert (track.frames, len(track), track.warnings) == (1, 0, ("no_fix",))


@pytest.mark.parametrize("cut", ["[latitude: 31.25] [longitude: 121.4", "GPS(121.4,31.2", "[latitude: 3"])
def test_a_number_cut_off_by_the_end_of_the_file_is_none(cut):
    whole = srt("[latitude: 31.250001] [longitude: 121.400001] ")
    track = read_srt(whole + f"\n2\n00:00:01,000 --> 00:00:02,000\n{cut}".encode(), "x.srt")
    assert (track.frames, track.dropped) == (2, 1)
    assert track.lon.tolist() == [121.400001]


@pytest.mark.parametrize("number", ["\x1d1", "1" * 5000, "0\x1c"])
def test_a_line_that_is_nearly_a_number_is_no_trouble(number):
    data = f"{number}\n00:00:00,000 --> 00:00:01,000\n{gps(121.4, 31.25)}\n".encode()
    assert read_srt(data, "x.srt").lon.tolist() == [121.4]


def test_joined_clips_go_on_in_time():
    track = read_srt(srt(gps(121.4, 31.25), gps(121.4, 31.25)) + b"\n" + srt(gps(121.4, 31.25), gps(121.4, 31.25)), "x")
    assert (np.diff(track.times_s) >= 0).all()
    assert "several_clips" in track.warnings


def test_repeated_fixes_are_no_hover():
    track = read_srt(srt(*[gps(121.4, 31.25)] * 6), "x.srt")
    assert track.distinct_positions == 1
    assert "fixes_repeat" in track.warnings
    assert track.resolution_m > 10


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", EmptyFile),
        (b"1\n", NoBlocks),
        (b"no subtitles here", NotATrack),
        (b"\x47" + b"\x00" * 187 + b"\x47", NotATrack),
    ],
)
def test_what_is_no_track_is_refused(tmp_path, data, refusal):
    (tmp_path / "x.srt").write_bytes(data)
    with pytest.raises(refusal):
        read_track(tmp_path / "x.srt")
    with pytest.raises(UnreadableFile):
        read_track(tmp_path / "none.srt")


# ---- KLV ------------------------------------------------------------------------------------------------------------


def klv_packet(items, *, wrong_sum=False):
    body = b"".join(bytes([tag, len(raw)]) + raw for tag, raw in items)
    length = len(body) + 4
    head = LOCAL_SET_KEY + (bytes([length]) if length < 128 else b"\x82" + length.to_bytes(2, "big"))
    covered = head + body + b"\x01\x02"
    total = 0
    for place, byte in enumerate(covered):
        total += byte << (8 * ((place + 1) % 2))
    return covered + ((total + wrong_sum) & 0xFFFF).to_bytes(2, "big")


def signed(value, span, size=4):
    return round(value / span * (2 ** (8 * size - 1) - 1)).to_bytes(size, "big", signed=True)


def unsigned(value, low, high, size):
    return round((value - low) / (high - low) * (2 ** (8 * size) - 1)).to_bytes(size, "big")


PACKET = [
    (2, (1_764_000_000_000_000).to_bytes(8, "big")),
    (5, unsigned(90.0, 0, 360, 2)),
    (6, signed(0.0, 20, 2)),
    (7, signed(0.0, 50, 2)),
    (13, signed(31.25, 90)),
    (14, signed(121.4, 180)),
    (15, unsigned(500.0, -900, 19000, 2)),
    (18, unsigned(90.0, 0, 360, 4)),
    (19, signed(-45.0, 180)),
    (20, unsigned(0.0, 0, 360, 4)),
]


def test_a_packet_is_read_and_its_checksum_judged():
    track = read_klv(klv_packet(PACKET) + klv_packet(PACKET, wrong_sum=True), "x.klv")
    assert track.lon == pytest.approx([121.4] * 2, abs=1e-7)
    assert track.lat == pytest.approx([31.25] * 2, abs=1e-7)
    assert track.altitude_m == pytest.approx([500.0] * 2, abs=0.2)
    assert (track.altitude_kind, track.verified.tolist()) == ("sea", [True, False])
    assert "checksum_wrong" in track.warnings
    assert track.clock[0] == "2025-11-24T16:00:00.000000Z"


def test_the_sensors_angles_stand_on_the_platforms():
    track = read_klv(klv_packet(PACKET), "x.klv")
    assert (track.yaw_true_deg[0], track.pitch_deg[0], track.roll_deg[0]) == pytest.approx(
        (180.0, -45.0, 0.0), abs=0.01
    )


def test_out_of_range_is_no_number():
    items = [(tag, b"\x80\x00\x00\x00" if tag == 13 else raw) for tag, raw in PACKET]
    track = read_klv(klv_packet(items), "x.klv")
    assert (track.frames, track.dropped) == (1, 1)


def clocked(microseconds, lat=31.25, **how):
    values = {2: microseconds.to_bytes(8, "big"), 13: signed(lat, 90)}
    return klv_packet([(tag, values.get(tag, raw)) for tag, raw in PACKET], **how)


NOW = 1_764_000_000_000_000


@pytest.mark.parametrize("clock", [2**64 - 1, 2**63, 253_402_300_800_000_000])
def test_a_clock_beyond_the_calendar_is_no_clock(clock):
    packet = next(packets_of(clocked(clock), "x"))
    assert packet.time_utc is None
    track = read_klv(clocked(NOW) + clocked(clock) + clocked(NOW + 500_000), "x")
    assert track.times_s == pytest.approx([0.0, 0.5])
    assert len(read_klv(clocked(clock), "x")) == 1


def test_packets_whose_clock_steps_back_or_belongs_to_another_day_are_dropped_and_said():
    instants = [NOW, 0, NOW + 1_000_000, NOW + 500_000, NOW + 2_000_000]
    track = read_klv(b"".join(clocked(at) for at in instants), "x")
    assert track.times_s == pytest.approx([0.0, 1.0, 2.0])
    assert (track.frames, track.dropped) == (5, 2)
    assert "clock_goes_back" in track.warnings
    assert "clock_goes_back" not in read_klv(clocked(NOW) + clocked(NOW), "x").warnings
    first = read_klv(b"".join(clocked(at) for at in (0, NOW, NOW + 1_000_000)), "x")
    assert first.times_s == pytest.approx([0.0, 1.0])


def test_a_damaged_packet_is_kept_in_the_track_and_no_place_comes_of_it():
    """One bit of a latitude: 2.8 km. Its checksum notices, since the encoder gets the others right."""
    instants, bent = [NOW + k * 500_000 for k in range(4)], bytearray(clocked(NOW + 1_000_000))
    at = bytes(bent).index(signed(31.25, 90))
    bent[at + 1] ^= 0x04
    data = b"".join([clocked(instants[0]), clocked(instants[1]), bytes(bent), clocked(instants[3])])
    track = read_klv(data, "x")
    assert track.verified.tolist() == [True, True, False, True]
    assert abs(track.lat[2] - 31.25) > 0.01
    assert tags_at(track, 0.9, 1920, 1080).lat == pytest.approx(31.25, abs=1e-6)
    assert track.trusted().dropped == 1
    wrong = read_klv(
        b"".join(clocked(at, wrong_sum=True) for at in instants), "x"
    )  # an encoder that never gets it right
    assert len(wrong.trusted()) == 4


def test_a_height_that_the_standard_defines_stands_on_a_model_that_says_its_datum():
    """500 m above the sea over a levelled model, and over one above the ellipsoid: 10.9 m apart in Putuo."""
    tags = tags_at(read_klv(clocked(NOW), "x"), 0.0, 1920, 1080)
    assert (tags.relative_altitude_m, tags.altitude_datum) == (None, "egm96")
    levelled = pose_of(tags, flat(4.0), Positioning(terrain_datum=Datum.EGM96))
    assert levelled.height_m == pytest.approx(500.0, abs=0.2)
    ellipsoid = pose_of(tags, flat(14.9), Positioning(terrain_datum=Datum.ELLIPSOID))
    assert ellipsoid.height_m - levelled.height_m == pytest.approx(10.9, abs=0.2)
    assert levelled.sigma_height_m >= 4.0
    with pytest.raises(NoHeight):
        pose_of(tags, flat(4.0))
    by_ellipsoid = read_klv(klv_packet([*PACKET, (75, unsigned(510.9, -900, 19000, 2))]), "x")
    assert tags_at(by_ellipsoid, 0.0, 1920, 1080).altitude_datum == "ellipsoid"


def test_a_packet_cut_short_is_truncated_and_a_later_one_left_out():
    whole = klv_packet(PACKET)
    with pytest.raises(Truncated):
        read_klv(whole[:-5], "x.klv")
    assert read_klv(whole + whole[:-5], "x.klv").frames == 1


def test_a_checksum_by_hand():
    assert checksum(b"\x01\x02\x03") == 0x0402


# ---- the given files ------------------------------------------------------------------------------------------------


@pytest.mark.given
def test_one_flight_in_three_dialects_has_equal_positions(shared):
    reference = read_track(shared / "data/srt/mavic_pro.SRT")
    assert (len(reference), reference.distinct_positions) == (468, 160)
    for name in ("old_format.SRT", "mavic_2_style.SRT", "mavic_pro_crlf.SRT"):
        other = read_track(shared / "data/srt" / name)
        assert np.array_equal(other.lon, reference.lon), name
        assert np.array_equal(other.lat, reference.lat), name


@pytest.mark.given
@pytest.mark.parametrize(
    ("name", "frames", "dropped", "first", "kind"),
    [
        ("mavic_pro_buggy.SRT", 546, 16, (-1.2218, 42.4668), "takeoff"),
        ("mavic_mini.SRT", 117, 0, (-121.7458, 48.0771), "takeoff"),
        ("p4p_sample.SRT", 5, 0, (8.2090, 47.4692), "takeoff"),
        ("mavic_air.SRT", 2, 2, None, "none"),
        ("mavic_air2.srt", 25, 0, (2.162162, 41.420684), "undeclared"),
        ("air2s.srt", 17, 0, (2.234156, 41.424724), "undeclared"),
        ("mavic_enterprise.SRT", 10, 0, (14.637413, 49.129338), "undeclared"),
        ("broken_incomplete.SRT", 20, 1, (-58.4563, -34.7383), "takeoff"),
        ("broken_incomplete2.SRT", 6, 2, (-57.823395, -34.86995), "undeclared"),
    ],
)
def test_given_subtitles(shared, name, frames, dropped, first, kind):
    track = read_track(shared / "data/srt" / name)
    assert (track.frames, track.dropped, track.altitude_kind) == (frames, dropped, kind)
    assert (None if first is None else (track.lon[0], track.lat[0])) == first
    assert len(track) == frames - dropped


@pytest.mark.given
@pytest.mark.parametrize(("name", "reason"), [("broken_empty.SRT", "empty_file"), ("broken_empty2.SRT", "no_blocks")])
def test_given_subtitles_that_hold_nothing_are_refused(shared, name, reason):
    with pytest.raises(GeoError) as refused:
        read_track(shared / "data/srt" / name)
    assert refused.value.reason == reason


@pytest.mark.given
def test_one_of_the_given_packets_has_a_wrong_checksum_and_both_contradict_themselves(shared):
    """Sensor and frame centre are the examples printed in the standard: 60.1768 N 128.4268 E, 14190.72 m."""
    verdicts = {}
    for path in sorted((shared / "data/klv").glob("*.bin")):
        track = read_track(path)
        assert (track.lon[0], track.lat[0]) == pytest.approx((128.4267590420445, 60.17682296697838), abs=1e-9)
        assert track.altitude_m[0] == pytest.approx(14190.72, abs=0.01)
        assert "frame_centre_contradicts" in track.warnings
        verdicts[path.name] = bool(track.verified[0])
    assert sorted(verdicts.values()) == [False, True]
    nested = next(packets_of((shared / "data/klv/DynamicConstantMISMMSPacketData.bin").read_bytes(), "x"))
    assert 48 in nested.items
