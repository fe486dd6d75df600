"""Messages that came in several packets, put together by (MN, QN, CN) in whatever order their parts arrive."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from hj212.fields import Fields, instant_of

MOST_PARTS = 9999
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Lost:
    """A message of which not all parts came in time, or that the memory had no room for.

    `reason` is `part_missing` or `too_much_waiting`; `parts` are the numbers that came, `of` how many there should be.
    """

    key: Key
    reason: str
    parts: tuple[int, ...]
    of: int


@dataclass(slots=True)
class _Waiting:
    since_s: float
    of: int
    parts: dict[int, Fields]
    size: int


class Assembler:
    """Takes packets as they come, gives whole messages.

    Args:
        timeout_s: how long a message waits for its parts since the first of them.
        most_bytes: of all that wait; beyond it the oldest is given up.
    """

    def __init__(self, *, timeout_s: float = 60.0, most_bytes: int = 32 * 1024 * 1024) -> None:
        self._timeout_s, self._most_bytes = timeout_s, most_bytes
        self._waiting: OrderedDict[Key, _Waiting] = OrderedDict()
        self._bytes = 0
        self.lost: list[Lost] = []

    @property
    def waiting_bytes(self) -> int:
        """How much waits for its other parts."""
        return self._bytes

    def take(self, fields: Fields, size: int, now_s: float) -> Fields | None:
        """A packet that came.

        Args:
            fields: of it.
            size: its bytes.
            now_s: monotonic seconds.

        Returns:
            The message, where it is whole: values of all parts, the first part's head; None where parts are missing.
            What was given up meanwhile is added to `lost`.
        """
        self.give_up(now_s)
        of = 1 if fields.pnum is None else fields.pnum
        part = 1 if fields.pno is None else fields.pno
        if of <= 1 or of > MOST_PARTS or not 1 <= part <= of:
            return fields
        key = fields.mn, fields.qn, fields.cn
        held = self._waiting.get(key)
        if held is None or held.of != of:
            self._drop(key, "part_missing")
            held = self._waiting[key] = _Waiting(now_s, of, {}, 0)
        if part not in held.parts:
            held.parts[part] = fields
            held.size += size
            self._bytes += size
        if len(held.parts) == of:
            self._forget(key)
            return _whole([held.parts[number] for number in sorted(held.parts)])
        while self._bytes > self._most_bytes:
            self._drop(next(iter(self._waiting)), "too_much_waiting")
        return None

    def close(self) -> None:
        """Nothing more will come: what waits is lost."""
        for key in list(self._waiting):
            self._drop(key, "part_missing")

    def give_up(self, now_s: float) -> None:
        """Wait no longer for what has waited too long; `take` does so, too."""
        while self._waiting:
            key, held = next(iter(self._waiting.items()))
            if now_s - held.since_s <= self._timeout_s:
                return
            self._drop(key, "part_missing")

    def _drop(self, key: Key, reason: str) -> None:
        held = self._forget(key)
        if held is not None:
            self.lost.append(Lost(key, reason, tuple(sorted(held.parts)), held.of))

    def _forget(self, key: Key) -> _Waiting | None:
        held = self._waiting.pop(key, None)
        if held is not None:
            self._bytes -= held.size
        return held


def _whole(parts: list[Fields]) -> Fields:
    """One message out of its parts; of a value that two parts give, the first counts."""
    values: dict[str, dict[str, str]] = {}
    params: dict[str, str] = {}
    for part in parts:
        _add(values, part.values)
        for name, text in part.params.items():
            params.setdefault(name, text)
    warnings = dict.fromkeys(word for part in parts for word in part.warnings)
    at = instant_of(params.get("DataTime", ""))
    whole = replace(parts[0], values=values, params=params, pnum=None, pno=None, data_time=at)
    return replace(whole, warnings=tuple(warnings))


def _add(values: dict[str, dict[str, str]], more: Mapping[str, Mapping[str, str]]) -> None:
    for code, by_suffix in more.items():
        known = values.setdefault(code, {})
        for suffix, text in by_suffix.items():
            known.setdefault(suffix, text)
