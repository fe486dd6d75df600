"""Bringing the index up to the segments: after a kill, after an import, or from nothing where it was lost."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime

from pipelines.gateway.entering import enter
from pipelines.gateway.registered import Registered
from pipelines.gateway.taking import Taken, Taking
from pipelines.store import Store
from pipelines.store.telemetry import segments
from pipelines.store.telemetry.index import PacketIndex
from pipelines.store.telemetry.packets import Reached
from pipelines.store.telemetry.segments import Damage
from pipelines.store.write.telemetry import seal_segments
from pipelines.version import code_identity

ROWS = 5000


def catch_up(
    store: Store,
    index: PacketIndex,
    registered: Callable[[], Mapping[str, Registered]],
    *,
    now: datetime,
    names: Collection[str] | None = None,
) -> int:
    """Seal what no writer holds and enter all of its packets. Call it for all only while no gateway runs on the home.

    Answers are not given: what was not answered comes again from the device. Whether it was known to the registry is
    judged by what the registry says now.

    Args:
        store: the home.
        index: of its packets.
        registered: gives the devices by MN.
        names: of these segments only.
        now: the instant; pieces of connections that are gone are entered as refused.

    Returns:
        How many packets, taken or refused, were looked at.
    """
    seal_segments(store, at=now, code_version=code_identity())
    sealed = {row["name"] for row in store.rows("SELECT name FROM raw_segment")}
    reached = index.reached()
    todo = [
        name
        for name in segments.names(store.home)
        if name in sealed and not _done(reached, name) and (names is None or name in names)
    ]
    if not todo:
        return 0
    taking = Taking(registered, begin_at=index.end_of, latest=latest_of(index))
    count = 0
    for name in todo:
        waiting: list[Taken] = []
        for kept in segments.read(store.home, name, reached[name].place if name in reached else 0):
            if isinstance(kept, Damage):
                continue
            waiting += taking.take(kept)
            if len(waiting) >= ROWS:
                count += _entered(index, waiting, taking.reached())
                waiting = []
        count += _entered(index, waiting, taking.reached())
    left = [one for connection in taking.connections() for one in taking.close(connection, now)]
    over = [Reached(name, (store.home / segments.FOLDER / name).stat().st_size, done=True) for name in todo]
    return count + _entered(index, left, over)


def latest_of(index: PacketIndex) -> dict[tuple[str, str], datetime]:
    """The last `DataTime` of each (MN, CN) in the index."""
    return {(mn, cn): at for mn, cn, at in index.last_periods()}


def _done(reached: Mapping[str, Reached], name: str) -> bool:
    return name in reached and reached[name].done


def _entered(index: PacketIndex, taken: list[Taken], reached: list[Reached]) -> int:
    enter(index, [replace(one.row, answer=None) for one in taken], reached)
    return len(taken)
