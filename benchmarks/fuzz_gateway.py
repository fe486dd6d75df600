"""Bytes made up by a fuzzer, guided by what they reach, through framing, fields, answers, rows and readings.

    pip install atheris
    python -m benchmarks.fuzz_gateway -max_total_time=600 [CORPUS…]

Options are libFuzzer's. A chunk's first byte says into how many pieces the rest is cut, as a network would. It ends at
the first exception, at a stream that holds more than a packet's length, and at bytes that are not accounted for: every
byte is in a packet, in what was refused, skipped, or a line end.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import atheris

with atheris.instrument_imports():
    from hj212.answers import answer_to
    from hj212.assemble import Assembler
    from hj212.frame import Framer
    from hj212.stream import Decoder, Packet
    from pipelines.monitor.values import Message, readings_of

NOW = datetime(2026, 11, 24, tzinfo=UTC)
LONGEST = 20_100


def one_stream(data: bytes) -> None:
    """Feed some bytes in pieces, and hold every byte to account."""
    size = 1 + (data[0] if data else 0)
    stream = data[1:]
    decoder, framer, assembler = Decoder(), Framer(), Assembler(timeout_s=60.0, most_bytes=1 << 16)
    raw = 0
    for start in range(0, len(stream), size * 8):
        piece = stream[start : start + size * 8]
        raw += sum(len(found.raw) for found in framer.feed(piece))
        for found in decoder.feed(piece):
            _used(found, assembler)
        if len(stream[: start + len(piece)]) - decoder.decided > LONGEST:
            raise MemoryError(f"holds {len(stream) - decoder.decided} bytes")
    raw += sum(len(found.raw) for found in framer.close())
    for found in decoder.close():
        _used(found, assembler)
    if raw + framer.bytes_skipped + framer.bytes_between != len(stream):
        raise AssertionError("bytes that nobody accounts for")


def _used(found: object, assembler: Assembler) -> None:
    if isinstance(found, Packet):
        answer_to(found.fields, found.crc_mode)
        whole = assembler.take(found.fields, len(found.raw), 0.0)
        if whole is not None:
            readings_of([Message(whole, NOW, 1)]).ordered().latest()


def main() -> None:
    """Fuzz until the time is over, or something breaks."""
    atheris.Setup(sys.argv, one_stream)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
