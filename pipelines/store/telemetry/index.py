"""The index over packets: a database of its own beside the home's, made anew from the segments whenever it is gone.

It is derived, so no journal answers for it; the segments it points into are sealed in the journal. It is written many
times a second, which the home's database, with one writer at a time, should not be.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pipelines.store.canonical import from_instant, from_instant_or_none, instant, instant_or_none
from pipelines.store.errors import HomeUnusable, refusal_of
from pipelines.store.telemetry import readings
from pipelines.store.telemetry.packets import FROM_A_FILE, Asking, Lately, LostMessage, PacketRow, Reached
from pipelines.store.transaction import Values

FILE = Path("telemetry") / "packets.sqlite"
FORM = 3
READ_AT_ONCE = 5000
BUSY_MS = 60_000
SCHEMA = """
CREATE TABLE packet (
    seq           INTEGER PRIMARY KEY,
    received_at   TEXT NOT NULL,
    connection    INTEGER NOT NULL,
    at_byte       INTEGER NOT NULL,
    length        INTEGER NOT NULL,
    segment       TEXT NOT NULL,
    place         INTEGER NOT NULL,
    mn            TEXT,
    st            TEXT,
    cn            TEXT,
    qn            TEXT,
    pnum          INTEGER,
    pno           INTEGER,
    data_at       TEXT,
    status        TEXT NOT NULL CHECK (status IN ('ok', 'refused')),
    reason        TEXT,
    detail        TEXT,
    warnings      TEXT NOT NULL,
    crc_mode      TEXT NOT NULL,
    registered    INTEGER NOT NULL,
    answer        TEXT,
    clock_s       REAL,
    delay_s       REAL,
    out_of_order  INTEGER NOT NULL,
    repeats       INTEGER REFERENCES packet (seq),
    sha256        TEXT NOT NULL,
    UNIQUE (connection, at_byte)
) STRICT;
CREATE INDEX packet_by_device ON packet (mn, seq);
CREATE INDEX packet_by_time ON packet (received_at);
CREATE INDEX packet_by_hash ON packet (sha256, seq);
CREATE TABLE latest (
    mn           TEXT NOT NULL,
    cn           TEXT NOT NULL,
    received_at  TEXT NOT NULL,
    data_at      TEXT,
    PRIMARY KEY (mn, cn)
) STRICT, WITHOUT ROWID;
CREATE TABLE asked (
    qn           TEXT NOT NULL,
    mn           TEXT NOT NULL,
    cn           TEXT NOT NULL,
    begin_at     TEXT NOT NULL,
    end_at       TEXT NOT NULL,
    asked_at     TEXT NOT NULL,
    state        TEXT NOT NULL,
    answered_at  TEXT,
    PRIMARY KEY (mn, qn)
) STRICT;
CREATE TABLE lost (
    mn     TEXT NOT NULL,
    qn     TEXT NOT NULL,
    cn     TEXT NOT NULL,
    parts  TEXT NOT NULL,
    of     INTEGER NOT NULL,
    reason TEXT NOT NULL,
    at     TEXT NOT NULL
) STRICT;
CREATE TABLE readings (id INTEGER PRIMARY KEY CHECK (id = 0), seq INTEGER NOT NULL) STRICT;
CREATE TABLE reached (segment TEXT PRIMARY KEY, place INTEGER NOT NULL, done INTEGER NOT NULL) STRICT;
"""
HEARD = f"CASE WHEN connection >= {FROM_A_FILE} AND data_at IS NOT NULL THEN data_at ELSE received_at END"
"""When a device spoke: of what a file brought, when its data are of."""
SILENCES = f"""
SELECT * FROM (
    SELECT mn, heard AS at, lag(heard) OVER (PARTITION BY mn ORDER BY heard) AS before
    FROM (
        SELECT mn, {HEARD} AS heard FROM packet WHERE status = 'ok' AND received_at BETWEEN :since AND :until
        UNION ALL
        SELECT mn, (SELECT {HEARD} FROM packet WHERE packet.mn = known.mn AND received_at < :since AND status = 'ok'
                    ORDER BY seq DESC LIMIT 1)
        FROM (SELECT DISTINCT mn FROM latest) AS known
    ) WHERE heard IS NOT NULL
) WHERE at >= :since AND (julianday(at) - julianday(before)) * 86400 > :longer ORDER BY mn, at
"""  # noqa: S608  our own words only
LAST_HEARD = f"""
SELECT mn, (SELECT {HEARD} FROM packet WHERE packet.mn = known.mn AND received_at <= ? AND status = 'ok'
            ORDER BY seq DESC LIMIT 1) AS at
FROM (SELECT DISTINCT mn FROM latest) AS known
"""  # noqa: S608  our own words only
LATELY = f"""
SELECT mn, count(*), sum(repeats IS NOT NULL), avg(clock_s), sum(registered) > 0
FROM packet WHERE received_at > ? AND received_at <= ? AND status = 'ok' AND connection < {FROM_A_FILE} GROUP BY mn
"""  # noqa: S608  our own words only
COLUMNS = (
    "received_at", "connection", "at_byte", "length", "segment", "place", "mn", "st", "cn", "qn", "pnum", "pno",
    "data_at", "status", "reason", "detail", "warnings", "crc_mode", "registered", "answer", "clock_s", "delay_s",
    "out_of_order", "sha256",
)  # fmt: skip


def _number(column: str) -> str:
    return f"?{COLUMNS.index(column) + 1}"


INSERT = f"""
INSERT INTO packet ({", ".join(COLUMNS)}, repeats)
VALUES ({", ".join(f"?{k}" for k in range(1, len(COLUMNS) + 1))}, (SELECT min(seq) FROM packet
        WHERE sha256 = {_number("sha256")} AND mn IS {_number("mn")} AND status = 'ok' AND {_number("status")} = 'ok'))
ON CONFLICT (connection, at_byte) DO NOTHING
"""  # noqa: S608 - column names of this file


LATEST = """
INSERT INTO latest VALUES (?, ?, ?, ?) ON CONFLICT (mn, cn) DO UPDATE SET
    received_at = max(received_at, excluded.received_at),
    data_at = coalesce(max(data_at, excluded.data_at), data_at, excluded.data_at)
"""


class PacketIndex:
    """The open index. Threads share it under a lock, processes by SQLite's."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()

    @classmethod
    def open(cls, home: Path) -> Self:
        """Open it; one of another form is thrown away, to be made anew.

        Raises:
            HomeUnusable: no right, no room.
            NotADatabase: what lies there is none.
        """
        path = home / FILE
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            connection = _connect(path)
            if connection.execute("PRAGMA user_version").fetchone()[0] not in (0, FORM):
                connection.close()
                for file in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
                    file.unlink(missing_ok=True)
                connection = _connect(path)
            if _make(connection):  # readings name packets by number, and these are numbered anew
                shutil.rmtree(home / readings.FOLDER, ignore_errors=True)
        except OSError as error:
            raise HomeUnusable(str(path), error.strerror or type(error).__name__) from error
        except sqlite3.DatabaseError as error:
            raise refusal_of(str(path), error) from error
        return cls(connection)

    def close(self) -> None:
        """Close it."""
        with self._lock:
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def add(self, packets: Sequence[PacketRow], reached: Sequence[Reached], lost: Sequence[LostMessage] = ()) -> None:
        """Enter packets, lost messages, and how far segments are done with: all or nothing. Known packets stay.

        Raises:
            HomeUnusable: no room, or another process writes for longer than one waits.
            OverflowError, ValueError: a packet holds what no column can: a defect of whoever made the row.
        """
        with self._lock, _named(), self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(INSERT, map(_values, packets))
            self._connection.executemany(LATEST, _latest(packets))
            self._connection.executemany(
                "INSERT INTO lost VALUES (?, ?, ?, ?, ?, ?, ?)",
                ((m.mn, m.qn, m.cn, json.dumps(m.parts), m.of, m.reason, instant(m.at)) for m in lost),
            )
            self._connection.executemany(
                "INSERT INTO reached VALUES (?, ?, ?) ON CONFLICT (segment) DO UPDATE SET"
                " place = max(place, excluded.place), done = max(done, excluded.done)",
                ((r.segment, r.place, int(r.done)) for r in reached),
            )

    def reached(self) -> dict[str, Reached]:
        """How far each segment is done with; one that is not named: not begun."""
        rows = self._all("SELECT segment, place, done FROM reached")
        return {r["segment"]: Reached(r["segment"], r["place"], bool(r["done"])) for r in rows}

    def end_of(self, connection: int) -> int:
        """The byte of a connection's stream behind its last packet in the index."""
        row = self._one("SELECT max(at_byte + length) AS last FROM packet WHERE connection = ?", (connection,))
        return 0 if row is None or row["last"] is None else int(row["last"])

    def packets(self, *, mn: str | None = None, after: int = 0, last: int | None = None) -> Iterator[PacketRow]:
        """Packets in the order they arrived.

        Args:
            mn: of this device only.
            after: only those whose `seq` is larger.
            last: only the last so many.
        """
        chosen = "mn = ?" if mn is not None else "? IS NULL"
        if last is not None:
            sql = f"SELECT seq FROM packet WHERE {chosen} ORDER BY seq DESC LIMIT 1 OFFSET ?"  # noqa: S608 - ours
            row = self._one(sql, (mn, max(0, last)))
            after = max(after, row["seq"] if row is not None else 0)
        while some := self._all(
            f"SELECT * FROM packet WHERE {chosen} AND seq > ? ORDER BY seq LIMIT {READ_AT_ONCE}",  # noqa: S608 - ours
            (mn, after),
        ):
            yield from map(_packet, some)
            after = some[-1]["seq"]

    def first_of(self, connection: int) -> PacketRow | None:
        """The first packet of a connection."""
        row = self._one("SELECT * FROM packet WHERE connection = ? ORDER BY at_byte LIMIT 1", (connection,))
        return None if row is None else _packet(row)

    def counts_of(self, connection: int) -> dict[str, int]:
        """How many packets of a connection have which status."""
        sql = "SELECT status, count(*) AS n FROM packet WHERE connection = ? GROUP BY status"
        return {row["status"]: row["n"] for row in self._all(sql, (connection,))}

    def silences(self, *, since: datetime, until: datetime, longer_s: float) -> list[tuple[str, datetime, datetime]]:
        """Stretches without packets of a device (mn, last before, first after) that ended between two instants."""
        rows = self._all(SILENCES, {"since": instant(since), "until": instant(until), "longer": longer_s})
        return [(row["mn"], from_instant(row["before"]), from_instant(row["at"])) for row in rows]

    def last_heard(self, until: datetime) -> dict[str, datetime]:
        """Of each device when its last packet before an instant came."""
        return {row["mn"]: from_instant(row["at"]) for row in self._all(LAST_HEARD, (instant(until),)) if row["at"]}

    def lately(self, since: datetime, until: datetime) -> dict[str, Lately]:
        """What each device sent in a stretch of time, as figures of its packets; without what files brought."""
        return {row["mn"]: Lately(*tuple(row)[1:]) for row in self._all(LATELY, (instant(since), instant(until)))}

    def readings_reached(self) -> int:
        """Up to which packet values are written; 0: none."""
        row = self._one("SELECT seq FROM readings")
        return 0 if row is None else int(row["seq"])

    def reach_readings(self, seq: int) -> None:
        """Note that the values of all packets up to this one are written."""
        with self._lock, self._connection:
            self._connection.execute(
                "INSERT INTO readings VALUES (0, ?) ON CONFLICT (id) DO UPDATE SET seq = max(seq, excluded.seq)", (seq,)
            )

    def ask(self, asking: Asking) -> None:
        """Note a request, or what became of it.

        Raises:
            HomeUnusable: as `add`.
        """
        with self._lock, _named(), self._connection:
            self._connection.execute(
                "INSERT INTO asked VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (mn, qn) DO UPDATE SET"
                " state = excluded.state, answered_at = excluded.answered_at",
                (asking.qn, asking.mn, asking.cn, instant(asking.begin), instant(asking.end),
                 instant(asking.asked_at), asking.state, instant_or_none(asking.answered_at)),
            )  # fmt: skip

    def asked(self, mn: str | None = None) -> list[Asking]:
        """Requests, the oldest first."""
        rows = self._all("SELECT * FROM asked WHERE ? IS NULL OR mn = ? ORDER BY asked_at, qn", (mn, mn))
        return [
            Asking(r["qn"], r["mn"], r["cn"], from_instant(r["begin_at"]), from_instant(r["end_at"]),
                   from_instant(r["asked_at"]), r["state"], from_instant_or_none(r["answered_at"]))
            for r in rows
        ]  # fmt: skip

    def lost(self) -> list[LostMessage]:
        """Messages that lack parts, in the order they were given up."""
        rows = self._all("SELECT * FROM lost ORDER BY rowid")
        return [
            LostMessage(r["mn"], r["qn"], r["cn"], tuple(json.loads(r["parts"])), r["of"], r["reason"],
                        from_instant(r["at"]))
            for r in rows
        ]  # fmt: skip

    def last_periods(self) -> Iterator[tuple[str, str, datetime]]:
        """Of each device and command (mn, cn, the latest `DataTime`), where the gaps of a restart are measured from."""
        rows = self._all("SELECT mn, cn, data_at FROM latest WHERE data_at IS NOT NULL ORDER BY mn, cn")
        return ((r["mn"], r["cn"], from_instant(r["data_at"])) for r in rows)

    def between(self, since: datetime, until: datetime, *, mn: str | None = None) -> Iterator[PacketRow]:
        """Packets that came from `since` until just before `until`, in order of arrival.

        Args:
            since: aware.
            until: aware.
            mn: of this device only.
        """
        chosen = "received_at >= ? AND received_at < ?" + ("" if mn is None else " AND mn = ?")
        ends = (instant(since), instant(until), *(() if mn is None else (mn,)))
        after = ("", 0)
        while some := self._all(
            f"SELECT * FROM packet WHERE {chosen} AND (received_at, seq) > (?, ?)"  # noqa: S608 - ours
            f" ORDER BY received_at, seq LIMIT {READ_AT_ONCE}",
            (*ends, *after),
        ):
            yield from map(_packet, some)
            after = (some[-1]["received_at"], some[-1]["seq"])

    def _all(self, sql: str, values: Values = ()) -> list[sqlite3.Row]:
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def _one(self, sql: str, values: Values = ()) -> sqlite3.Row | None:
        found = self._all(sql, values)
        return found[0] if found else None


@contextmanager
def _named() -> Iterator[None]:
    """Name what keeps the index from being written."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise refusal_of(str(FILE), error) from error


def _latest(packets: Sequence[PacketRow]) -> list[tuple[str, str, str, str | None]]:
    found: dict[tuple[str, str], tuple[datetime, datetime | None]] = {}
    for p in packets:
        if p.status == "ok" and p.mn and p.cn:
            came, at = found.get((p.mn, p.cn), (p.received_at, None))
            found[p.mn, p.cn] = max(came, p.received_at), max(filter(None, (at, p.data_at)), default=None)
    return [(mn, cn, instant(came), instant_or_none(at)) for (mn, cn), (came, at) in found.items()]


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    # NORMAL: what a power cut takes from the index stands in the segments, from which it is made again.
    for pragma in (f"busy_timeout = {BUSY_MS}", "journal_mode = WAL", "synchronous = NORMAL"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _make(connection: sqlite3.Connection) -> bool:
    """Whether its tables were not there and had to be made."""
    connection.execute("BEGIN IMMEDIATE")
    with connection:
        if connection.execute("PRAGMA user_version").fetchone()[0] != 0:
            return False
        for statement in filter(str.strip, SCHEMA.split(";")):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {FORM}")
        return True


def _values(p: PacketRow) -> tuple[Any, ...]:
    """In the order of `COLUMNS`."""
    return (
        instant(p.received_at), p.connection, p.at_byte, p.length, p.segment, p.place, p.mn, p.st, p.cn, p.qn, p.pnum,
        p.pno, instant_or_none(p.data_at), p.status, p.reason, p.detail, json.dumps(p.warnings), p.crc_mode,
        p.registered, p.answer, p.clock_s, p.delay_s, p.out_of_order, p.sha256,
    )  # fmt: skip


def _packet(row: sqlite3.Row) -> PacketRow:
    held = dict(row)
    return PacketRow(
        **{
            **held,
            "received_at": from_instant(held["received_at"]),
            "data_at": from_instant_or_none(held["data_at"]),
            "warnings": tuple(json.loads(held["warnings"])),
            "registered": bool(held["registered"]),
            "out_of_order": bool(held["out_of_order"]),
        }
    )
