"""Into the index: what waits for it, and what cannot stand there as it is."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pipelines.store.errors import StoreRefusal
from pipelines.store.telemetry.index import PacketIndex
from pipelines.store.telemetry.packets import Asking, LostMessage, PacketRow, Reached

DEFECT = "defect"
MOST_DETAIL = 200
log = logging.getLogger("yaoxun.gateway")


def enter(
    index: PacketIndex, rows: Sequence[PacketRow], reached: Sequence[Reached], lost: Sequence[LostMessage] = ()
) -> None:
    """Enter packets. A row that the index cannot hold, a defect of ours, stands there as refused with `defect`.

    Raises:
        StoreRefusal: the index cannot be written now.
    """
    try:
        index.add(rows, reached, lost)
    except (OverflowError, ValueError, TypeError):
        log.exception("a defect; %d packets are entered one by one", len(rows))
        for row in rows:
            _alone(index, row)
        index.add((), reached, lost)


def _alone(index: PacketIndex, row: PacketRow) -> None:
    try:
        index.add([row], ())
    except (OverflowError, ValueError, TypeError) as error:
        index.add([bare(row, error)], ())


def bare(row: PacketRow, error: Exception) -> PacketRow:
    """A row that says no more of a packet than where its bytes are."""
    return replace(
        row, mn=None, st=None, cn=None, qn=None, pnum=None, pno=None, data_at=None, status="refused", reason=DEFECT,
        detail=f"{type(error).__name__}: {error}"[:MOST_DETAIL], warnings=(), answer=None, clock_s=None, delay_s=None,
        out_of_order=False,
    )  # fmt: skip


@dataclass(slots=True)
class Entering:
    """What waits to be entered. It stays until the index has it; until then its segments are not done with."""

    index: PacketIndex
    rows: list[PacketRow] = field(default_factory=list)
    lost: list[LostMessage] = field(default_factory=list)
    askings: list[Asking] = field(default_factory=list)
    over: list[Reached] = field(default_factory=list)

    async def enter(self, reached: Sequence[Reached]) -> bool:
        """Enter all of it; False where the index cannot be written now, and everything goes on waiting."""
        rows, lost, askings, over = list(self.rows), list(self.lost), list(self.askings), list(self.over)
        if not (rows or lost or askings or over):
            return True
        try:
            if rows or lost or over:
                await asyncio.to_thread(enter, self.index, rows, [*reached, *over], lost)
                del self.rows[: len(rows)], self.lost[: len(lost)], self.over[: len(over)]
            for asking in askings:
                await asyncio.to_thread(self.index.ask, asking)
                del self.askings[0]
        except StoreRefusal as error:
            log.error("the index cannot be written now, %d packets wait for it: %s", len(self.rows), error)
            return False
        return True
