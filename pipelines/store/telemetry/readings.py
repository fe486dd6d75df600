"""Readings on the disk: Parquet, a folder a Beijing day, rows sorted by device.

Derived from the packets, so that they can be thrown away and made anew. A part is written beside its place and renamed;
parts of a day are merged once there are many. docs/decisions/0022 says why Parquet.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.readings import Readings

FOLDER = Path("telemetry") / "readings"
EXPORTS = Path("telemetry") / "exports"
"""Readings of platforms' exports, likewise: no packets lie behind them, so that no index makes them anew."""
LOCK = Path("telemetry") / "readings.lock"
BEIJING = timezone(timedelta(hours=8))
OFFSET = np.timedelta64(8, "h")
MOST_PARTS = 12
ROW_GROUP = 20_000
TEXT = ("mn", "code", "period", "flag")
TIMES = ("at", "received_at")
SCHEMA = pa.schema(
    [
        (column.name, pa.dictionary(pa.int32(), pa.string()) if column.name in TEXT else pa.timestamp("us")
         if column.name in TIMES else pa.int64() if column.name == "seq" else pa.float64())
        for column in fields(Readings)
    ]
)  # fmt: skip


def add(home: Path, readings: Readings) -> list[date]:
    """Write readings; the same ones again change nothing that is read.

    Args:
        home: the data home.
        readings: in any order.

    Returns:
        The days they belong to.

    Raises:
        OSError: the disk is full; the days written before stand.
    """
    if not len(readings):
        return []
    day = (readings.at + OFFSET).astype("datetime64[D]")
    days = np.unique(day)
    for one in days:
        part = readings.take(day == one)
        folder = home / FOLDER / str(one)
        _write(folder / f"{int(part.seq.min()):012d}-{int(part.seq.max()):012d}.parquet", part)
        _merge(folder)
    return [one.astype(date) for one in days]


def add_export(home: Path, sha256: str, readings: Readings) -> None:
    """Write the readings of an export, a file a day under the export's own name; again it is the same."""
    day = (readings.at + OFFSET).astype("datetime64[D]")
    for one in np.unique(day):
        _write(home / EXPORTS / str(one) / f"{sha256}.parquet", readings.take(day == one))


@contextmanager
def entering(home: Path) -> Iterator[None]:
    """Hold the lock of those who write readings of a home; waits for another one. It ends with the process."""
    path = home / LOCK
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def tidy(home: Path, *, before: date) -> None:
    """Merge the parts of days that are over, so that a year is read in as many pieces as it has days."""
    for on in days(home):
        if on < before:
            _merge(home / FOLDER / on.isoformat(), most=1)


def days(home: Path) -> list[date]:
    """The Beijing days of which there are readings."""
    found = {folder.name for place in (FOLDER, EXPORTS) for folder in (home / place).glob("????-??-??")}
    return sorted(map(date.fromisoformat, found))


def parts(home: Path, on: date) -> list[str]:
    """Names and sizes of a day's parts: they change where something came, or was merged."""
    found = sorted(part for place in (FOLDER, EXPORTS) for part in (home / place / on.isoformat()).glob("*.parquet"))
    return [f"{part.name} {part.stat().st_size}" for part in found]


def of_day(home: Path, on: date, *, mn: str | None = None, as_of: datetime | None = None) -> Readings:
    """Readings whose `DataTime` lies on a Beijing day; of values said more than once the last one.

    Args:
        home: the data home.
        on: the day.
        mn: of this device only.
        as_of: only what had come by then.

    Returns:
        Sorted by device, code, period and time.
    """
    chosen = [] if mn is None else [("mn", "==", mn)]
    found = Readings.concat([_parts(home / place / on.isoformat(), chosen) for place in (FOLDER, EXPORTS)])
    if as_of is not None:
        found = found.take(found.received_at <= np.datetime64(as_of.astimezone(UTC).replace(tzinfo=None), "us"))
    return found.ordered().latest()


def between(home: Path, first: date, last: date, **chosen: object) -> Iterator[tuple[date, Readings]]:
    """`of_day` for each day from first to last, both with it, that has readings."""
    for on in days(home):
        if first <= on <= last:
            yield on, of_day(home, on, **chosen)  # type: ignore[arg-type]


def day_of(at: datetime) -> date:
    """The Beijing day of an instant."""
    return at.astimezone(BEIJING).date()


def begin_of(on: date) -> np.datetime64:
    """Midnight in Beijing as datetime64[us] in UTC."""
    return np.datetime64(datetime.combine(on, time()), "us") - OFFSET


def _parts(folder: Path, chosen: Collection[tuple[str, str, str]]) -> Readings:
    """All parts of a day; where one was merged away meanwhile, all are looked at again."""
    while True:
        try:
            return Readings.concat([_read(part, chosen) for part in sorted(folder.glob("*.parquet"))])
        except FileNotFoundError:
            continue


def _write(path: Path, part: Readings) -> None:
    part = part.ordered()
    columns = {
        column.name: pa.array(getattr(part, column.name), type=SCHEMA.field(column.name).type)
        for column in fields(Readings)
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("wb") as file:
            pq.write_table(pa.table(columns, schema=SCHEMA), file, compression="zstd", row_group_size=ROW_GROUP)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _merge(folder: Path, most: int = MOST_PARTS) -> None:
    """All parts of a day into one, once there are more: what a reader sees stays the same at every instant."""
    parts = sorted(folder.glob("*.parquet"))
    if len(parts) <= most:
        return
    firsts, lasts = zip(*(part.stem.split("-") for part in parts), strict=True)
    whole = folder / f"{min(firsts)}-{max(lasts)}.parquet"
    _write(whole, Readings.concat([_read(part, []) for part in parts]))
    for part in parts:
        if part != whole:
            part.unlink(missing_ok=True)


def _read(path: Path, chosen: Collection[tuple[str, str, str]]) -> Readings:
    table = pq.read_table(path, filters=list(chosen) or None, use_threads=False, memory_map=True)
    return Readings(*(_column(table, column.name) for column in fields(Readings)))


def _column(table: pa.Table, name: str) -> np.ndarray:
    column = table.column(name)
    if name in TEXT:  # the few words once each, and of each row which
        words = column.cast(SCHEMA.field(name).type).unify_dictionaries().combine_chunks()
        if not len(words):
            return np.array([], object)
        return np.array(words.dictionary.to_pylist(), object)[words.indices.to_numpy()]
    return column.to_numpy()
