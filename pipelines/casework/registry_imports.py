"""A file of an office as a person takes it in: read, looked at, accepted, and taken back where it was wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import shapely

from geo.errors import GeoError
from pipelines.casework.acting import acting, noted
from pipelines.casework.registry import Delivery, ImportDone, import_registry
from pipelines.casework.registry_mapping import OfficeMapping, UsedMapping, for_headings, look_at, named_or_file
from pipelines.casework.registry_surroundings import surroundings
from pipelines.errors import Refusal
from pipelines.records import Act
from pipelines.registry_import import RegistryFile, read_registry
from pipelines.registry_import.mapping import FileMapping
from pipelines.store import Store
from pipelines.store.read import registry as read_registry_rows
from pipelines.store.read import registry_imports as read
from pipelines.store.read.journal import first_entry_of_kind
from pipelines.store.read.registry_imports import Changes
from pipelines.store.records import Undone
from pipelines.store.write import registry_imports as write

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person says of a file; None leaves it to the saved mapping, then to the file itself.

    `mapping` is a saved name, a JSON file, or what a page has just been told.
    """

    crs: str | None = None
    encoding: str | None = None
    kind: str | None = None
    sheet: str | None = None
    mapping: str | Mapping[str, str] | UsedMapping | None = None
    office: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """A file as it was read, with the mapping that was used, and whose file it is."""

    path: Path
    file: RegistryFile
    mapping: UsedMapping | None
    office: str

    @property
    def delivery(self) -> Delivery:
        """What the import notes of it."""
        return Delivery(
            kind=self.file.kind, rows=self.file.row_count, refused=len(self.file.refused), office=self.office,
            mapping_id=self.mapping.id if self.mapping else None, crs=self.file.crs,
            crs_evidence=self.file.crs_evidence, encoding=self.file.encoding,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ImportUndone:
    """What an undo did. `ended` and `said_again` are 0 where it was undone before."""

    act: Act
    ended: int
    said_again: int


def read_file(store: Store, path: Path, wishes: Wishes, *, at: datetime, progress: Progress | None = None) -> Reading:
    """Read an office's file with what a person says of it, else with the saved mapping whose headings it has.

    Raises:
        Refusal: the file cannot be read, nobody can say what its rows are, or the mapping is unknown or unfit.
    """
    if not path.is_file():
        raise Refusal(str(path), "no_such_file")
    used = _mapping(store, path, wishes)
    said = used.map.file if used else FileMapping()
    wanted = replace(
        said,
        kind=wishes.kind or said.kind,
        encoding=wishes.encoding or said.encoding,
        crs=wishes.crs or said.crs,
        sheet=wishes.sheet or said.sheet,
    )
    try:
        file = read_registry(
            path, received_at=at, mapping=wanted, outline=outline(store),
            surroundings=lambda: surroundings(store, at), progress=progress,
        )  # fmt: skip
    except GeoError as error:
        raise Refusal(path.name, error.reason, error.detail) from error
    return Reading(path, file, used, wishes.office.strip() or (used.name if used and used.id is not None else ""))


def preview(store: Store, reading: Reading) -> Changes:
    """What accepting the file would change in what is held now. Nothing is written."""
    return read.compare(store, reading.file.kind, reading.file.rows, office=reading.office)


def take_in(
    store: Store, reading: Reading, *, by: str | None, at: datetime, changes_sha256: str | None = None
) -> ImportDone:
    """Accept a file that was read, and looked at where `changes_sha256` says so.

    Raises:
        Refusal: as `casework.registry.import_registry`.
    """
    rows = [replace(fact, received_at=at) for fact in reading.file.rows]
    return import_registry(
        store, rows, source=reading.path, by=by, at=at, delivery=reading.delivery, changes_sha256=changes_sha256
    )


def undo_import(store: Store, import_id: str, *, by: str | None, at: datetime, reason: str) -> ImportUndone:
    """Take an import back: what holds by it is ended, what the imports that stand said there is said again.

    Imports may be taken back in any order. What was known before stays as it was.

    Args:
        store: the home.
        import_id: as `imports` lists it.
        by: the account, or None for the local owner.
        at: when; the statements that are said again are received then.
        reason: in the person's own words; it must be given.

    Returns:
        The act's state is `undone`, or `unchanged` where it was undone before.

    Raises:
        Refusal: the role may not, `unknown_import`, `undo_without_reason`.
    """
    with acting(store, by, "registry_undo", at) as (tx, user):
        done = read.get(tx, import_id)
        if done is None or done.at > at:
            raise Refusal(import_id or "(empty)", "unknown_import")
        if done.undone is not None:
            entry = first_entry_of_kind(tx, import_id, "registry_import_undone")
            return ImportUndone(Act(import_id, "unchanged", entry, True), 0, 0)
        if not reason.strip():
            raise Refusal(import_id, "undo_without_reason")
        back = write.undo_import(tx, import_id, Undone(user.id, at, reason.strip()), role=user.role)
        payload = {
            "file": done.file_name,
            "sha256": done.file_sha256,
            "ended": back.ended,
            "said_again": back.said_again,
            "reason": reason.strip(),
        }
        entry = noted(tx, user, at=at, kind="registry_import_undone", subject=import_id, payload=payload)
        return ImportUndone(Act(import_id, "undone", entry), back.ended, back.said_again)


def outline(store: Store, as_of: datetime | None = None) -> shapely.Geometry | None:
    """The district's outline, against which files are judged, today's or as known at an instant; None: not set."""
    district = read_registry_rows.district(store, as_of)
    return None if district is None else shapely.from_wkb(district.outline_wkb)


def _mapping(store: Store, path: Path, wishes: Wishes) -> UsedMapping | None:
    if isinstance(wishes.mapping, UsedMapping):
        return wishes.mapping
    if isinstance(wishes.mapping, str):
        return named_or_file(store, wishes.mapping)
    if wishes.mapping is not None:
        return UsedMapping(OfficeMapping(FileMapping.of(wishes.mapping)), "", "file")
    if not read.mappings(store):
        return None
    return for_headings(store, look_at(path, encoding=wishes.encoding))
