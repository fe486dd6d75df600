"""What a packet says in values."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np

from hj212.fields import Fields
from hj212.words import DAY as DAY_DATA
from hj212.words import HOUR as HOUR_DATA
from hj212.words import MINUTE as MINUTE_DATA
from hj212.words import REAL_TIME
from pipelines.readings import DAY, HOUR, MINUTE, NOW, Readings

PERIOD_OF = {REAL_TIME: NOW, MINUTE_DATA: MINUTE, HOUR_DATA: HOUR, DAY_DATA: DAY}
KINDS = ("O", "O", "O", "M8[us]", "f8", "f8", "f8", "f8", "O", "M8[us]", "i8")
AHEAD, BEHIND = timedelta(days=1), timedelta(days=400)


class Message(NamedTuple):
    """A whole message: its fields, when its last packet came, and that packet's number in the index."""

    fields: Fields
    received_at: datetime
    seq: int


def readings_of(messages: Iterable[Message]) -> Readings:
    """All values of messages that hold data.

    A message without a readable `DataTime`, or with one more than a day ahead of its arrival or 400 days behind it,
    gives none: nobody can say when that was. Values that are no numbers are NaN and keep their flag.
    """
    rows = [row for message in messages for row in _rows(message)]
    if not rows:
        return Readings.empty()
    columns = zip(*rows, strict=True)
    return Readings(*(np.array(column, kind) for column, kind in zip(columns, KINDS, strict=True)))


def when(fields: Fields, received_at: datetime) -> datetime | None:
    """`DataTime`, where it can be true."""
    at = fields.data_time
    if at is None or not received_at - BEHIND <= at <= received_at + AHEAD:
        return None
    return at


def _rows(message: Message) -> Iterable[tuple[object, ...]]:
    fields, came, seq = message
    period, at = PERIOD_OF.get(fields.cn), when(fields, came)
    if period is None or at is None:
        return
    names = ("Rtd", "Avg") if period == NOW else ("Avg", "Rtd")
    stamp, arrived = _bare(at), _bare(came)
    for code, said in fields.values.items():
        value = next((said[name] for name in names if name in said), None)
        if value is None and "Cou" not in said:
            continue
        yield (fields.mn, code, period, stamp, _number(value), _number(said.get("Min")), _number(said.get("Max")),
               _number(said.get("Cou")), _flag(said), arrived, seq)  # fmt: skip


def _flag(said: Mapping[str, str]) -> str:
    return said.get("Flag", "").strip().upper()


def _number(text: str | None) -> float:
    try:
        value = float(text) if text is not None else math.nan
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan


def _bare(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(tzinfo=None)
