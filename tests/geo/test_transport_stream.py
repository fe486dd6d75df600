"""KLV in a transport stream that is put together here byte by byte, and what the packets' angles come to."""

from __future__ import annotations

import numpy as np
import pytest

from geo.attitude import angles_of, ned_rotation
from geo.camera import camera_of
from geo.errors import NotATrack
from geo.klv import read_klv
from geo.srt import read_srt
from geo.track import read_track
from geo.track_tags import tags_at
from geo.transport_stream import is_transport_stream, klv_payloads, picture_start_s
from tests.geo.test_track import PACKET, klv_packet, signed, unsigned

PMT_PID, VIDEO_PID, KLV_PID = 0x100, 0x101, 0x102


def section(table, number, body):
    length = 5 + len(body) + 4
    return (
        bytes([table, 0xB0 | length >> 8, length & 0xFF])
        + number.to_bytes(2, "big")
        + b"\xc1\x00\x00"
        + body
        + bytes(4)
    )


def pat():
    return section(0x00, 1, (1).to_bytes(2, "big") + (0xE000 | PMT_PID).to_bytes(2, "big"))


def pmt(kind, descriptors=b""):
    streams = bytes([0x1B]) + (0xE000 | VIDEO_PID).to_bytes(2, "big") + b"\xf0\x00"
    streams += bytes([kind]) + (0xE000 | KLV_PID).to_bytes(2, "big") + (0xF000 | len(descriptors)).to_bytes(2, "big")
    return section(0x02, 1, (0xE000 | VIDEO_PID).to_bytes(2, "big") + b"\xf0\x00" + streams + descriptors)


def pes(payload, seconds=None, stream=0xBD):
    stamp = b""
    if seconds is not None:
        ticks = round(seconds * 90_000)
        stamp = bytes([0x21 | (ticks >> 29 & 0xE), ticks >> 22 & 0xFF, 0x01 | (ticks >> 14 & 0xFE), ticks >> 7 & 0xFF,
                       0x01 | (ticks << 1 & 0xFE)])  # fmt: skip
    flags = bytes([0x84, 0x80 if stamp else 0x00, len(stamp)])
    body = flags + stamp + payload
    return b"\x00\x00\x01" + bytes([stream]) + len(body).to_bytes(2, "big") + body


def packets(pid, unit, table=False):
    """Cut a unit into packets of 188 bytes; the last is filled up by its adaptation field."""
    rest, out, first, counter = (b"\x00" if table else b"") + unit, b"", True, 0
    while rest:
        head = bytes([0x47, (0x40 if first else 0) | pid >> 8, pid & 0xFF])
        take = min(184, len(rest))
        if take == 184:
            out += head + bytes([0x10 | counter]) + rest[:184]
        elif take == 183:
            out += head + bytes([0x30 | counter, 0]) + rest[:183]
        else:
            filling = bytes([183 - take, 0]) + b"\xff" * (182 - take)
            out += head + bytes([0x30 | counter]) + filling + rest[:take]
        rest, first, counter = rest[take:], False, (counter + 1) & 0xF
    return out


def stream(*units, kind=0x06, descriptors=b"\x05\x04KLVA", tables=True):
    data = packets(0, pat(), True) + packets(PMT_PID, pmt(kind, descriptors), True) if tables else b""
    for unit in units:
        data += packets(VIDEO_PID, pes(b"\x00\x00\x00\x01\x09" + b"\x55" * 400, 0.0, 0xE0)) + packets(KLV_PID, unit)
    return data


def packet(lat=31.25, extra=()):
    items = [(tag, signed(lat, 90) if tag == 13 else raw) for tag, raw in PACKET]
    return klv_packet([*items, *extra])


def access_unit(data):
    return b"\x00\x00\xdf" + len(data).to_bytes(2, "big") + data


@pytest.mark.parametrize(("kind", "wrapped"), [(0x06, False), (0x15, True), (0x15, False)])
def test_klv_is_taken_out_of_both_kinds_of_stream(tmp_path, kind, wrapped):
    wrap = access_unit if wrapped else bytes
    data = stream(pes(wrap(packet(31.25)), 10.0, 0xFC), pes(wrap(packet(31.2501)), 10.5, 0xFC), kind=kind)
    assert len(data) % 188 == 0
    (tmp_path / "x.ts").write_bytes(data)
    track = read_track(tmp_path / "x.ts")
    assert track.format == "misb_st0601"
    assert track.lat == pytest.approx([31.25, 31.2501], abs=1e-7)
    assert track.times_s == pytest.approx([10.0, 10.5])  # the video's first picture is at 0.0 on the stream's clock
    assert track.verified.all()
    assert tags_at(track, 10.25, 1920, 1080).lat == pytest.approx(31.25005, abs=1e-6)


def test_second_0_is_the_first_picture_or_the_first_packet_whether_it_has_a_place_or_not():
    """A receiver that finds its place three seconds into the clip does not make that second 0."""
    blind = [(tag, b"\x80\x00\x00\x00" if tag == 13 else raw) for tag, raw in PACKET]
    data = stream(pes(klv_packet(blind), 7.0, 0xFC), pes(packet(31.25), 10.0, 0xFC), pes(packet(31.26), 10.5, 0xFC))
    assert picture_start_s(data) == 0.0
    assert read_klv(data, "x").times_s == pytest.approx([10.0, 10.5])
    clocks = [(1_764_000_000 + second) * 1_000_000 for second in (0, 3, 4)]
    bare = [with_clock(blind, clocks[0]), with_clock(PACKET, clocks[1]), with_clock(PACKET, clocks[2])]
    assert read_klv(b"".join(bare), "x").times_s == pytest.approx([3.0, 4.0])


def with_clock(items, microseconds, **how):
    return klv_packet([(tag, microseconds.to_bytes(8, "big") if tag == 2 else raw) for tag, raw in items], **how)


def test_a_packet_longer_than_a_transport_packet_and_one_over_two_units():
    long = packet(31.25, [(tag, b"mission " * 15) for tag in (3, 10, 11, 12)])
    assert len(long) > 2 * 188
    assert read_klv(stream(pes(long)), "x").frames == 1
    assert read_klv(stream(pes(long[:300]), pes(long[300:]), pes(packet(31.3))), "x").frames == 2


def test_private_streams_that_nobody_registers_as_klv_are_known_by_the_key():
    data = stream(pes(packet()), descriptors=b"", tables=True)
    assert read_klv(data, "x").frames == 1
    assert read_klv(stream(pes(packet()), tables=False), "x").frames == 1


@pytest.mark.parametrize(("before", "behind"), [(4, 0), (0, 16)])
def test_packets_of_192_and_204_bytes(before, behind):
    plain = stream(pes(packet(), 1.0), pes(packet(31.26), 2.0))
    odd = b"".join(b"\x00" * before + plain[at : at + 188] + b"\x01" * behind for at in range(0, len(plain), 188))
    assert read_klv(odd, "x").frames == 2


def test_a_stream_that_begins_within_a_packet_and_lost_some_is_still_read():
    whole = stream(pes(packet(31.25), 1.0), pes(packet(31.26), 2.0), pes(packet(31.27), 3.0))
    assert read_klv(whole[100:], "x").frames == 3
    assert read_klv(whole[: 188 * 9] + whole[188 * 9 + 50 :], "x").frames >= 1


def test_a_stream_without_klv_is_refused():
    with pytest.raises(NotATrack):
        read_klv(stream(pes(b"something else")), "x")


def test_subtitles_with_a_g_every_188_bytes_are_no_stream():
    block = "{n}\n00:00:{n:02d},000 --> 00:00:{n:02d},900\nGPS(121.400000,31.250000,16) BAROMETER:1.9 "
    text = "".join((block.format(n=n)).ljust(187) + "\n" for n in range(10, 40)).encode()
    start = text.index(b"G")
    assert set(text[start::188]) == {0x47}
    assert not is_transport_stream(text)
    assert not is_transport_stream(text[start:])
    assert len(read_srt(text, "x")) == 30
    assert klv_payloads(text) == []


# ---- angles ---------------------------------------------------------------------------------------------------------


def test_the_sensors_turns_follow_the_platforms_whatever_its_attitude():
    """The optical axis by plain vectors: the platform's axes first, then azimuth and elevation within them."""
    heading, pitch, roll, azimuth, elevation = 200.0, 8.0, -20.0, 75.0, -50.0
    items = dict(PACKET)
    items |= {5: unsigned(heading, 0, 360, 2), 6: signed(pitch, 20, 2), 7: signed(roll, 50, 2)}
    items |= {18: unsigned(azimuth, 0, 360, 4), 19: signed(elevation, 180)}
    track = read_klv(klv_packet(list(items.items())), "x")
    h, p, r, a, e = np.radians([heading, pitch, roll, azimuth, elevation])
    forward = np.array([np.cos(h) * np.cos(p), np.sin(h) * np.cos(p), -np.sin(p)])
    level_right = np.array([-np.sin(h), np.cos(h), 0.0])
    down = np.cross(forward, level_right)
    right = level_right * np.cos(r) + down * np.sin(r)
    belly = np.cross(forward, right)
    axis = np.cos(e) * (np.cos(a) * forward + np.sin(a) * right) - np.sin(e) * belly
    yaw, tilt = np.degrees(np.arctan2(axis[1], axis[0])) % 360, -np.degrees(np.arcsin(axis[2]))
    assert (track.yaw_true_deg[0], track.pitch_deg[0]) == pytest.approx((yaw, tilt), abs=0.02)


def test_full_range_tags_take_over_where_the_narrow_ones_end():
    items = dict(PACKET) | {6: b"\x80\x00", 90: signed(35.0, 90), 91: signed(0.0, 90)}
    track = read_klv(klv_packet(list(items.items())), "x")
    expected = angles_of(ned_rotation(90, 35, 0) @ ned_rotation(90, -45, 0))
    assert (track.yaw_true_deg[0], track.pitch_deg[0], track.roll_deg[0]) == pytest.approx(expected, abs=0.01)


def test_a_frame_centre_in_another_direction_is_a_contradiction():
    """The camera looks south (heading 90, azimuth 90); a centre in the north cannot be."""
    south = [(23, signed(31.2464, 90)), (24, signed(121.4, 180)), (21, unsigned(600.0, 0, 5_000_000, 4))]
    north = [(23, signed(31.2536, 90)), *south[1:]]
    assert "frame_centre_contradicts" not in read_klv(packet(extra=south), "x").warnings
    assert "frame_centre_contradicts" in read_klv(packet(extra=north), "x").warnings


def test_the_angle_of_view_gives_the_focal_length():
    track = read_klv(packet(extra=[(16, unsigned(60.0, 0, 180, 2))]), "x")
    tags = tags_at(track, 0.0, 1920, 1080)
    assert tags.hfov_deg == pytest.approx(60.0, abs=0.01)
    assert camera_of(tags).fx_px == pytest.approx(960 / np.tan(np.radians(30)), rel=1e-3)


@pytest.mark.given
def test_the_given_packets_are_no_flight_that_could_be(shared):
    for path in (shared / "data/klv").glob("*.bin"):
        assert {"frame_centre_contradicts", "platform_implausible"} <= set(read_track(path).warnings)
