"""Raw segments: what was written is read, what was torn is told, what is whole is sealed in the journal."""

from __future__ import annotations

import itertools
import os
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.store import Store, journal
from pipelines.store.telemetry import segments
from pipelines.store.telemetry.segments import FOLDER, Chunk, Damage, Kept, SegmentWriter
from pipelines.store.write.telemetry import seal_segments

NOW = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)


def chunk(data: bytes, connection: int = 1, at_byte: int = 0, at: datetime = NOW) -> Chunk:
    return Chunk(at, connection, at_byte, data)


def written(home: Path, *chunks: Chunk) -> str:
    writer = SegmentWriter(home)
    writer.write(chunks)
    writer.close()
    return segments.names(home)[-1]


def chunks_of(home: Path, name: str) -> list[Chunk]:
    return [kept.chunk for kept in segments.read(home, name) if isinstance(kept, Kept)]


def test_what_was_written_is_read_in_order_and_from_any_record(home: Path) -> None:
    given_ = [chunk(b"abc"), chunk(b"", 2), chunk(bytes(range(256)), 3, 9, NOW + timedelta(microseconds=7))]
    writer = SegmentWriter(home)
    kept = writer.write(given_)
    writer.close()
    name = segments.names(home)[0]
    assert chunks_of(home, name) == given_
    later = [one.chunk for one in segments.read(home, name, kept[1].place) if isinstance(one, Kept)]
    assert later == given_[1:]


def test_a_writer_without_chunks_leaves_no_file(home: Path) -> None:
    SegmentWriter(home).close()
    assert segments.names(home) == []


@pytest.mark.parametrize("cut", [1, 5, 35, 36, 40])
def test_a_torn_record_is_not_given_and_sealing_cuts_it_off_and_keeps_it_beside(home: Path, cut: int) -> None:
    name = written(home, chunk(b"first"), chunk(b"second", 1, 5))
    path = home / FOLDER / name
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    assert chunks_of(home, name) == [chunk(b"first")]
    size = segments.seal(home, name)
    torn = path.with_name(f"{name}.torn").read_bytes()
    assert size == path.stat().st_size
    assert path.read_bytes() + torn == whole[:-cut]
    assert chunks_of(home, name) == [chunk(b"first")]


def test_bytes_that_a_disk_changed_are_named_and_the_records_behind_them_still_read(home: Path) -> None:
    name = written(home, chunk(b"first"), chunk(b"second", 1, 5), chunk(b"third", 1, 11))
    path = home / FOLDER / name
    data = bytearray(path.read_bytes())
    data[data.index(b"second")] ^= 1
    path.write_bytes(data)
    found = list(segments.read(home, name))
    assert [type(one) for one in found] == [Kept, Damage, Kept]
    damage = found[1]
    assert isinstance(damage, Damage)
    assert b"tecond" in data[damage.start : damage.end] or b"recond" in data[damage.start : damage.end]
    assert segments.seal(home, name) == len(data)


def test_a_segment_that_is_being_written_is_not_sealed(home: Path) -> None:
    with Store.open(home) as store:
        writer = SegmentWriter(home)
        writer.write([chunk(b"still going")])
        assert seal_segments(store, at=NOW, code_version="t") == []
        writer.close()
        (name,) = seal_segments(store, at=NOW, code_version="t")
        assert seal_segments(store, at=NOW, code_version="t") == []
        assert (home / FOLDER / name).stat().st_mode & 0o222 == 0
        assert journal.verify(store).ok


@pytest.mark.parametrize("harm", ["changed", "gone", "longer"])
def test_verify_names_a_sealed_segment_whose_bytes_are_others(home: Path, harm: str) -> None:
    with Store.open(home) as store:
        name = written(home, chunk(b"evidence"))
        seal_segments(store, at=NOW, code_version="t")
        path = home / FOLDER / name
        path.chmod(0o644)
        if harm == "gone":
            path.unlink()
        else:
            path.write_bytes(path.read_bytes().replace(b"evid", b"EVID") + (b"x" if harm == "longer" else b""))
        (found,) = journal.verify(store).breaks
    assert found.reason == ("evidence_missing" if harm == "gone" else "evidence_changed")
    assert found.entry == 1
    assert name in found.detail


def test_a_new_file_is_begun_at_its_size_and_after_a_day(home: Path) -> None:
    writer = SegmentWriter(home, rotate_bytes=150)  # a line of 21 bytes, records of 36 + 60
    for k in range(3):
        writer.write([chunk(b"x" * 60, 1, 60 * k)])
    writer.close()
    assert len(segments.names(home)) == 2
    writer = SegmentWriter(home)
    for hours in (0, 23, 24, 25):
        writer.write([chunk(b"y", 2, hours, NOW + timedelta(hours=hours))])
    writer.close()
    assert len(segments.names(home)) == 4


def test_a_full_disk_keeps_nothing_of_a_batch_and_the_next_one_follows_the_last_whole_one(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = SegmentWriter(home)
    writer.write([chunk(b"before")])
    real = os.write

    def full(descriptor: int, data: bytes) -> int:
        real(descriptor, bytes(data)[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pipelines.store.telemetry.segments.os.write", full)
    with pytest.raises(OSError, match="No space"):
        writer.write([chunk(b"too much", 1, 6)])
    monkeypatch.undo()
    writer.write([chunk(b"after", 1, 6)])
    writer.close()
    assert chunks_of(home, segments.names(home)[0]) == [chunk(b"before"), chunk(b"after", 1, 6)]


@given(
    data=st.binary(min_size=1, max_size=300),
    cuts=st.lists(st.integers(1, 299), max_size=6),
    span=st.tuples(st.integers(0, 299), st.integers(1, 300)),
)
def test_any_stretch_of_a_stream_is_found_however_it_came(data: bytes, cuts: list[int], span: tuple[int, int]) -> None:
    edges = sorted({0, len(data), *(c for c in cuts if c < len(data))})
    first = min(span[0], len(data) - 1)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        writer = SegmentWriter(home, rotate_bytes=120)
        kept = []
        for a, b in itertools.pairwise(edges):
            kept += writer.write([chunk(b"other", 8, 5 * a), chunk(data[a:b], 7, a)])
        writer.close()
        begin = next(k for k in reversed(kept) if k.chunk.connection == 7 and k.chunk.at_byte <= first)
        found = segments.data_at(home, begin.segment, begin.place, 7, first, span[1])
    assert found == data[first : first + span[1]]
