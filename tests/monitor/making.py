"""Readings, devices and packets for the tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import numpy as np

from enforcement.formats import BEIJING
from enforcement.permits import Filing, PermitLimit
from pipelines.monitor.devices import Device
from pipelines.readings import MINUTE, Readings
from tests.hj212.wire import packet

DAY = date(2026, 11, 24)
LEARNT = {"received_at": datetime(2026, 1, 1, tzinfo=BEIJING), "source_sha256": "0" * 64, "source_row": "1"}
Row = tuple[str, str, int, float, str]
"""MN, code, minute of the day, value, flag."""


def device(
    mn: str = "M1", source: str = "dust", *, factor: float | None = 1.0, interval_s: float | None = 60.0,
    shift: int = 0, behind: int = 0, limits: dict[str, list[PermitLimit]] | None = None, filings: Sequence[Filing] = (),
) -> Device:  # fmt: skip
    end = timedelta(hours=behind)
    return Device(mn, f"P-{mn}", mn, source, "E", None, factor, interval_s, shift, end, limits or {}, filings)


def readings(rows: Sequence[Row], on: date = DAY, period: str = MINUTE, first_seq: int = 1) -> Readings:
    """Rows in the order in which they were said; each came half a minute after its time."""
    midnight = np.datetime64(on, "us") - np.timedelta64(8, "h")
    at = np.array([midnight + np.timedelta64(row[2], "m") for row in rows], "datetime64[us]")
    nothing = np.full(len(rows), np.nan)
    return Readings(
        np.array([r[0] for r in rows], object), np.array([r[1] for r in rows], object),
        np.array([period] * len(rows), object), at, np.array([r[3] for r in rows], float), nothing, nothing, nothing,
        np.array([r[4] for r in rows], object), at + np.timedelta64(30, "s"),
        np.arange(first_seq, first_seq + len(rows)),
    )  # fmt: skip


def minute_packet(mn: str, at: datetime, values: dict[str, float], *, st: str = "39", flag: str = "N") -> bytes:
    """A packet of minute data; `at` in Beijing time."""
    told = ";".join(f"{code}-Avg={value},{code}-Flag={flag}" for code, value in values.items())
    stamp = f"{at:%Y%m%d%H%M%S}"
    return (
        packet(f"QN={stamp}000;ST={st};CN=2051;PW=1;MN={mn};Flag=5;CP=&&DataTime={stamp};{told}&&".encode()) + b"\r\n"
    )
