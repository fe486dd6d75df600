"""Values of online monitors, many at once: columns of one length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
from numpy.typing import NDArray

NOW, MINUTE, HOUR, DAY = "now", "minute", "hour", "day"
PERIODS = (NOW, MINUTE, HOUR, DAY)
Strings = NDArray[np.object_]
Floats = NDArray[np.float64]
Instants = NDArray[np.datetime64]


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """One row a value that a device sent, all columns of one length.

    Attributes:
        mn: the device.
        code: pollutant or quantity as on the wire.
        period: one of `PERIODS`: a momentary value, or the mean of a minute, an hour, a day.
        at: `DataTime` as sent, datetime64[us] in UTC; which end of the period it names is the device's own way.
        value: `Rtd` of momentary values, else `Avg`; in the device's unit; NaN where none was sent.
        low: `Min`, NaN where none was sent.
        high: `Max`, likewise.
        total: `Cou`, likewise.
        flag: `Flag`, "" where none was sent.
        received_at: when the packet came, datetime64[us] in UTC.
        seq: of the packet in the index.
    """

    mn: Strings
    code: Strings
    period: Strings
    at: Instants
    value: Floats
    low: Floats
    high: Floats
    total: Floats
    flag: Strings
    received_at: Instants
    seq: NDArray[np.int64]

    def __post_init__(self) -> None:
        lengths = {len(getattr(self, column.name)) for column in fields(self)}
        if len(lengths) != 1:
            raise ValueError(f"columns of lengths {sorted(lengths)}")

    def __len__(self) -> int:
        return len(self.mn)

    def take(self, which: NDArray[np.bool_] | NDArray[np.intp] | slice) -> Readings:
        """Some of the rows, by mask or number."""
        return Readings(*(getattr(self, column.name)[which] for column in fields(self)))

    @classmethod
    def empty(cls) -> Readings:
        """No rows."""
        text, number, instant = np.array([], object), np.array([], float), np.array([], "datetime64[us]")
        return cls(text, text, text, instant, number, number, number, number, text, instant, np.array([], np.int64))

    @classmethod
    def concat(cls, parts: Sequence[Readings]) -> Readings:
        """Rows of several, one after the other."""
        if not parts:
            return cls.empty()
        return cls(*(np.concatenate([getattr(part, column.name) for part in parts]) for column in fields(cls)))

    def series(self) -> tuple[list[tuple[str, str]], NDArray[np.int64]]:
        """The series (device, code) in order of their first row, and of each row which of them it belongs to."""
        (mn, numbers), (code, codes) = (pd.factorize(column) for column in (self.mn, self.code))
        which, found = pd.factorize(mn.astype(np.int64) * max(len(codes), 1) + code)
        keys = [(str(numbers[k // len(codes)]), str(codes[k % len(codes)])) for k in found.tolist()]
        return keys, which.astype(np.int64)

    def ordered(self) -> Readings:
        """Sorted by device, code, period, time and arrival; a value that stands here twice, once."""
        text = [pd.factorize(column, sort=True)[0] for column in (self.period, self.code, self.mn)]
        rows = self.take(np.lexsort((self.seq, self.at, *text)))
        if not len(rows):
            return rows
        return rows.take(np.append(True, ~(rows._same_as_before() & (rows.seq[1:] == rows.seq[:-1]))))

    def latest(self) -> Readings:
        """Of values said more than once (device, code, period, time) the last; of rows that are `ordered`."""
        return self.take(np.append(~self._same_as_before(), True)) if len(self) else self

    def _same_as_before(self) -> NDArray[np.bool_]:
        return np.asarray(
            (self.mn[1:] == self.mn[:-1]) & (self.code[1:] == self.code[:-1])
            & (self.period[1:] == self.period[:-1]) & (self.at[1:] == self.at[:-1]), bool,
        )  # fmt: skip
