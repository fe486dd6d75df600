"""A person has a flight's cameras corrected, or takes that back. The computing is the engine's; the word is theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from pipelines.casework.acting import acting, noted
from pipelines.errors import Refusal
from pipelines.records import Act, FrameCorrection, StoredFile
from pipelines.store import Store
from pipelines.store.read import geometry as read
from pipelines.store.read.journal import first_entry_of_row
from pipelines.store.records import FlightGeometry
from pipelines.store.write import flights
from pipelines.store.write.geometry import set_geometry
from pipelines.version import code_identity

UNDONE = "undone"


def correct_flight(
    store: Store,
    flight_id: str,
    *,
    kind: str,
    key: str,
    ties: bool,
    control: Sequence[Mapping[str, object]],
    source: StoredFile | None,
    terrain_sha256: str | None,
    report: Mapping[str, object],
    corrections: Sequence[FrameCorrection],
    by: str | None,
    at: datetime,
) -> Act:
    """Let corrected poses hold for a flight from now on.

    Args:
        store: the home.
        flight_id: a flight of it.
        kind: `adjusted` or `controlled`.
        key: from what they were computed; the same key again changes nothing.
        ties: whether the pictures' own tie points were used.
        control: the control points that were used.
        source: the table they came from; its original is held already.
        terrain_sha256: of the height model in use.
        report: what was found.
        corrections: one for each corrected frame.
        by: the account, or None for the local owner.
        at: when.

    Raises:
        Refusal: the role may not.
    """
    with acting(store, by, "flight_geometry", at) as (tx, user):
        now = read.current(tx, flight_id)
        if now is not None and now.key == key:
            entry = first_entry_of_row(tx, "flight_geometry", str(now.id))
            return Act(str(now.id), now.kind, entry, unchanged=True)
        if source is not None:
            flights.insert_files(tx, flight_id, [source])
        row = FlightGeometry(
            0, flight_id, kind, key, ties, tuple(control), source.sha256 if source else None, terrain_sha256, report,
            code_identity(), user.id, user.role, at, user.simulated,
        )  # fmt: skip
        number = set_geometry(tx, row, corrections)
        payload = {"kind": kind, "frames": len(corrections), "control": len(control), "ties": ties}
        entry = noted(tx, user, at=at, kind="flight_geometry_set", subject=flight_id, payload=payload)
        return Act(str(number), kind, entry)


def undo_correction(store: Store, flight_id: str, *, by: str | None, at: datetime) -> Act:
    """Let a flight's tags hold again. A new entry; what was corrected before stays on record.

    Raises:
        Refusal: the role may not, or `never_corrected`.
    """
    with acting(store, by, "flight_geometry", at) as (tx, user):
        now = read.current(tx, flight_id)
        if now is None:
            raise Refusal(flight_id, "never_corrected")
        if now.kind == UNDONE:
            entry = first_entry_of_row(tx, "flight_geometry", str(now.id))
            return Act(str(now.id), UNDONE, entry, unchanged=True)
        row = FlightGeometry(
            0, flight_id, UNDONE, "", False, (), None, None, {}, code_identity(), user.id, user.role, at, user.simulated
        )
        number = set_geometry(tx, row, ())
        entry = noted(
            tx, user, at=at, kind="flight_geometry_undone", subject=flight_id, payload={"earlier": str(now.id)}
        )
        return Act(str(number), UNDONE, entry)
