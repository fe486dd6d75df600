"""Broken bytes end in a refusal or in an answer, never in a traceback."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import GeoError
from geo.klv import LOCAL_SET_KEY, read_klv
from geo.srt import read_srt
from geo.tags import Tags, tags_of
from tests.geo.pictures import BRIGHTON_LIKE, gps_at, jpeg, xmp_packet

WHOLE = jpeg(
    xmp_packet(BRIGHTON_LIKE),
    exif={0x0110: "FC300S", 0x0112: 1},
    details={0x9003: "2026:11:24 08:15:00", 0x920A: 3.61},
    gps=gps_at(121.4, 31.25),
)
HEADER = WHOLE.index(b"\xff\xda")
SUBTITLES = (
    "1\n00:00:01,000 --> 00:00:02,000\nHOME(149.0251,-20.2532) 2017.08.05 14:11:51\nGPS(149.0251,-20.2533,16) "
    "BAROMETER:1.9\n\n2\n00:00:02,000 --> 00:00:03,000\n[latitude: -20.25] [longtitude : 149.02] [altitude: 27.3] \n"
)
PACKET = (
    LOCAL_SET_KEY + bytes([20]) + b"\x0d\x04\x55\x95\xb6\x6d\x0e\x04\x5b\x53\x60\xc4\x02\x00\x0f\x02\x01\x02\x01\x00"
)


def spoilt(data, places):
    found = bytearray(data)
    for place, value in places:
        found[place % len(found)] = value
    return bytes(found)


edits = st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(0, 255)), max_size=12)


@given(st.lists(st.tuples(st.integers(0, HEADER - 1), st.integers(0, 255)), max_size=12), st.integers(0, len(WHOLE)))
@settings(max_examples=120, deadline=None)
def test_a_spoilt_picture(places, length):
    for data in (spoilt(WHOLE, places), WHOLE[:length]):
        try:
            tags = tags_of(data, "x.jpg")
        except GeoError:
            continue
        assert tags.lat is None or -90 <= tags.lat <= 90
        assert Tags.from_json(tags.to_json()) == tags


@given(edits, st.integers(0, len(SUBTITLES)))
@settings(max_examples=80, deadline=None)
def test_spoilt_subtitles(places, length):
    for data in (spoilt(SUBTITLES.encode(), places), SUBTITLES[:length].encode()):
        try:
            track = read_srt(data, "x.srt")
        except GeoError:
            continue
        assert len(track) + track.dropped == track.frames
        assert np.isfinite(track.lon).all()


@given(edits, st.integers(17, len(PACKET)))
@settings(max_examples=80, deadline=None)
def test_spoilt_klv(places, length):
    for data in (spoilt(PACKET, places), PACKET[:length], PACKET + PACKET[:length]):
        try:
            track = read_klv(data, "x.klv")
        except GeoError:
            continue
        assert (np.abs(track.lat) <= 90).all()


@given(st.binary(max_size=200))
@settings(max_examples=100, deadline=None)
def test_any_bytes(data):
    for read in (tags_of, read_srt, read_klv):
        with pytest.raises(GeoError):
            read(data, "x")
