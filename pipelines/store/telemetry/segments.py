"""Raw segments: the bytes of devices in the order they came, written and fsynced before anything is made of them.

A segment is a file that only ever grows: a line that says what it is, then records, each a header and bytes as they
came from a connection. Each writer has a file of its own, held by a lock that ends with its process. Once no writer
holds it, it is sealed: cut behind its last whole record, and its SHA-256 entered in the journal. What was cut off, the
beginning of a record that never was acknowledged, is kept beside it. docs/formats/segments.md has the layout.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import FileIO
from pathlib import Path
from typing import BinaryIO

FOLDER = Path("telemetry") / "segments"
SUFFIX = ".seg"
UNFINISHED = ".part"
HEAD = b"yaoxun raw segment 1\n"
MARK = b"\xa5YX\x01"
RECORD = struct.Struct(">4sqqqII")
"""Mark, arrival (microseconds since 1970), connection, place in its stream, length, CRC-32 of header and bytes."""
ROTATE_BYTES = 64 << 20
ROTATE_AFTER = timedelta(days=1)
LONGEST = 1 << 20
NUMBERS = itertools.count(1)
"""Of this process's segments: two that are begun at the same instant stay in their order."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bytes as they came from one connection.

    Attributes:
        received_at: when they came.
        connection: a number that no other connection has.
        at_byte: how many bytes of this connection came before them.
        data: at most a mebibyte.
    """

    received_at: datetime
    connection: int
    at_byte: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """A chunk and where it lies: the name of its segment, and the byte its record begins at."""

    segment: str
    place: int
    chunk: Chunk


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes of a segment that are no record, though records follow: a disk's fault, or somebody's hand."""

    segment: str
    start: int
    end: int


class SegmentWriter:
    """Appends chunks. `write` returns once they are on the disk.

    Args:
        home: the data home.
        unfinished: what is written counts only once `finish` is called; a kill before leaves nothing.
        rotate_bytes: from this size on the next chunk begins a new file, and so it does after a day, so that what came
            is sealed soon.
    """

    def __init__(self, home: Path, *, rotate_bytes: int = ROTATE_BYTES, unfinished: bool = False) -> None:
        self._folder, self._rotate_bytes = home / FOLDER, rotate_bytes
        self._suffix = SUFFIX + UNFINISHED if unfinished else SUFFIX
        self._written: list[Path] = []
        self._folder.mkdir(parents=True, exist_ok=True)
        self._begun = EPOCH
        self._file: FileIO | None = None

    @property
    def segment(self) -> str:
        """Name of the file that is being written, which the first chunk begins; "" before it."""
        return "" if self._file is None else Path(str(self._file.name)).name

    def write(self, chunks: Sequence[Chunk]) -> list[Kept]:
        """Append, and wait for the disk: one fsync for all of them.

        Raises:
            ValueError: a chunk is longer than `LONGEST`.
            OSError: the disk is full or gone; what was given is then not kept, and must not be acknowledged.
        """
        if not chunks:
            return []
        file = self._current(chunks[0].received_at)
        start = place = file.tell()
        kept, records = [], [record_of(chunk) for chunk in chunks]
        for chunk, record in zip(chunks, records, strict=True):
            kept.append(Kept(self.segment, place, chunk))
            place += len(record)
        try:
            _write_all(file.fileno(), b"".join(records))
            os.fdatasync(file.fileno())
        except OSError:
            os.ftruncate(file.fileno(), start)
            file.seek(start)
            raise
        return kept

    def close(self) -> None:
        """Close the file and give up its lock."""
        if self._file is not None:
            self._file.close()

    def finish(self) -> list[str]:
        """Close what was written `unfinished`, and let it count; gives the names of its segments."""
        self.close()
        whole = [path.with_suffix("") for path in self._written]
        for path, name in zip(self._written, whole, strict=True):
            path.rename(name)
        self._sync_folder()
        return [path.name for path in whole]

    def drop(self) -> None:
        """Close, and take away what was written `unfinished`."""
        self.close()
        for path in self._written:
            path.unlink(missing_ok=True)

    def _current(self, now: datetime) -> FileIO:
        if self._file is not None:
            if self._file.tell() < self._rotate_bytes and now - self._begun < ROTATE_AFTER:
                return self._file
            self._file.close()
        self._file = self._begin(now)
        return self._file

    def _begin(self, now: datetime) -> FileIO:
        self._begun = now
        name = f"{now.astimezone(UTC):%Y%m%dT%H%M%S%f}-{os.getpid()}-{next(NUMBERS):06d}{self._suffix}"
        file = (self._folder / name).open("xb", buffering=0)
        if self._suffix != SUFFIX:
            self._written.append(self._folder / name)
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(HEAD)
        os.fsync(file.fileno())
        self._sync_folder()
        return file

    def _sync_folder(self) -> None:
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def record_of(chunk: Chunk) -> bytes:
    """A chunk as it lies in a segment.

    Raises:
        ValueError: it is longer than `LONGEST`.
    """
    if len(chunk.data) > LONGEST:
        raise ValueError(f"a chunk of {len(chunk.data)} bytes")
    micros = (chunk.received_at - EPOCH) // timedelta(microseconds=1)
    bare = RECORD.pack(MARK, micros, chunk.connection, chunk.at_byte, len(chunk.data), 0)
    check = zlib.crc32(chunk.data, zlib.crc32(bare))
    return RECORD.pack(MARK, micros, chunk.connection, chunk.at_byte, len(chunk.data), check) + chunk.data


def names(home: Path) -> list[str]:
    """All segments, the oldest first."""
    return sorted(file.name for file in (home / FOLDER).glob(f"*{SUFFIX}"))


def clear_unfinished(home: Path) -> None:
    """Take away what killed writers left `unfinished`."""
    for path in (home / FOLDER).glob(f"*{SUFFIX}{UNFINISHED}"):
        with path.open("r+b") as file, suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink(missing_ok=True)


def read(home: Path, name: str, start: int = 0) -> Iterator[Kept | Damage]:
    """The chunks of a segment from a place on, whether it is being written or not.

    A torn record at the end is not given: it is on its way, or was when the power went.

    Args:
        home: the data home.
        name: of the segment.
        start: the byte that a record begins at; 0 is the first.
    """
    with (home / FOLDER / name).open("rb") as file:
        place = max(start, len(HEAD))
        size = os.fstat(file.fileno()).st_size
        while place < size:
            kept = record_at(file, name, place)
            if kept is not None:
                yield kept
                place += RECORD.size + len(kept.chunk.data)
                continue
            following = _next_record(file, name, place + 1, size)
            if following is None:
                return
            yield Damage(name, place, following)
            place = following


def data_at(home: Path, name: str, place: int, connection: int, at_byte: int, length: int) -> bytes:
    """So many bytes of a connection's stream, from the chunk on in which they begin; they may go on in later segments.

    Returns:
        The bytes; fewer where the segments no longer hold them.
    """
    found = b""
    every = names(home)
    for later in every[every.index(name) :] if name in every else ():
        for kept in read(home, later, place if later == name else 0):
            if isinstance(kept, Damage) or kept.chunk.connection != connection:
                continue
            skip = at_byte + len(found) - kept.chunk.at_byte
            if skip < 0:
                return found
            found += kept.chunk.data[skip : skip + length - len(found)]
            if len(found) == length:
                return found
    return found


def seal(home: Path, name: str) -> int | None:
    """Cut a segment behind its last whole record, if no writer holds it; what is cut off is kept as `NAME.torn`.

    Returns:
        How many bytes it holds from now on; None where a writer still holds it.
    """
    path = home / FOLDER / name
    with path.open("r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None
        end = len(HEAD)
        for kept in read(home, name):
            end = kept.end if isinstance(kept, Damage) else kept.place + RECORD.size + len(kept.chunk.data)
        size = os.fstat(file.fileno()).st_size
        if size > end:
            file.seek(end)
            path.with_name(f"{name}.torn").write_bytes(file.read())
            file.truncate(end)
            os.fsync(file.fileno())
        path.chmod(0o444)
        return min(size, end)


def _write_all(descriptor: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]


def record_at(file: BinaryIO, name: str, place: int) -> Kept | None:
    """The record that begins at a byte of an open segment; None where none does, or it is torn or damaged."""
    file.seek(place)
    head = file.read(RECORD.size)
    if len(head) < RECORD.size:
        return None
    mark, micros, connection, at_byte, length, check = RECORD.unpack(head)
    if mark != MARK or length > LONGEST:
        return None
    data = file.read(length)
    bare = RECORD.pack(mark, micros, connection, at_byte, length, 0)
    if len(data) < length or zlib.crc32(data, zlib.crc32(bare)) != check:
        return None
    return Kept(name, place, Chunk(EPOCH + timedelta(microseconds=micros), connection, at_byte, data))


def _next_record(file: BinaryIO, name: str, place: int, size: int) -> int | None:
    """Where the next whole record begins at or after `place`; None where there is none."""
    while place < size:
        file.seek(place)
        window = file.read(1 << 20)
        at = window.find(MARK)
        if at < 0:
            place += max(1, len(window) - len(MARK) + 1)
        elif record_at(file, name, place + at) is not None:
            return place + at
        else:
            place += at + 1
    return None
