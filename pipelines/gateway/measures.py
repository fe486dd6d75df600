"""How well devices send: duplicates, late and refused packets, clocks, requests; a line a device."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median

from hj212.words import DAY, HOUR, MINUTE
from pipelines.store.telemetry.packets import Asking, LostMessage, PacketRow

LONGEST_PERIOD_S = {MINUTE: 3600.0, HOUR: 3600.0, DAY: 86400.0}
"""`DataTime` names a period's beginning, its data come at its end: the longest that each command's may last."""


@dataclass(frozen=True, slots=True)
class DeviceMeasures:
    """Of one device, in a stretch of time.

    Attributes:
        mn: its number; None gathers packets of which it could not be read.
        registered: whether the registry knew it, the last time.
        packets: taken.
        refused: kept, and not taken.
        repeats: of the packets, those whose bytes had come before.
        late: of the packets, those that came long after their period.
        out_of_order: of the packets, those that came after later data of their command.
        clock_s: by how much its clock is ahead, the median; None where no packet shows it.
        delay_s: from `DataTime` to arrival, the median.
        last_received_at: when it was heard last in this stretch.
        asked: requests of ours to it.
        done: of these, those that it fulfilled.
        lost: messages of which parts are missing.
    """

    mn: str | None
    registered: bool
    packets: int
    refused: int
    repeats: int
    late: int
    out_of_order: int
    clock_s: float | None
    delay_s: float | None
    last_received_at: datetime
    asked: int
    done: int
    lost: int


@dataclass(slots=True)
class _Sums:
    last: PacketRow
    packets: int = 0
    refused: int = 0
    repeats: int = 0
    late: int = 0
    out_of_order: int = 0
    clocks: list[float] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)

    def add(self, row: PacketRow, late_after_s: float) -> None:
        self.last = row
        if row.status != "ok":
            self.refused += 1
            return
        self.packets += 1
        self.repeats += row.repeats is not None
        self.out_of_order += row.out_of_order
        if row.clock_s is not None:
            self.clocks.append(row.clock_s)
        if row.delay_s is not None:
            self.delays.append(row.delay_s)
            self.late += row.delay_s > LONGEST_PERIOD_S.get(row.cn or "", 0.0) + late_after_s


def measured(
    rows: Iterable[PacketRow], asked: Iterable[Asking], lost: Iterable[LostMessage], *, late_after_s: float
) -> list[DeviceMeasures]:
    """Measure what came.

    Args:
        rows: packets of the stretch, in order of arrival.
        asked: requests made in it.
        lost: messages given up in it.
        late_after_s: so long after the end of its period a packet may come before it is late.

    Returns:
        By MN; packets whose MN could not be read come last, as one.
    """
    sums: dict[str | None, _Sums] = {}
    for row in rows:
        if row.mn not in sums:
            sums[row.mn] = _Sums(row)
        sums[row.mn].add(row, late_after_s)
    requests, parts = list(asked), Counter(message.mn for message in lost)
    made, done = Counter(r.mn for r in requests), Counter(r.mn for r in requests if r.state == "done")
    found = []
    for mn, one in sorted(sums.items(), key=lambda pair: (pair[0] is None, pair[0] or "")):
        known = mn or ""
        found.append(
            DeviceMeasures(
                mn, one.last.registered, one.packets, one.refused, one.repeats, one.late, one.out_of_order,
                median(one.clocks) if one.clocks else None, median(one.delays) if one.delays else None,
                one.last.received_at, made[known], done[known], parts[known],
            )
        )  # fmt: skip
    return found
