"""Exports of monitoring platforms taken in: the original is held, readings are written, who brought it is journaled."""

from __future__ import annotations

import math
import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipelines.casework.acting import acting, noted
from pipelines.casework.monitor_days import Known
from pipelines.casework.packets import ACT, may_bring
from pipelines.errors import Refusal
from pipelines.monitor.exports import Headings, Row, headings_of, readings_of_rows
from pipelines.records import StoredFile
from pipelines.registry_import.days import NoDay, read_instant
from pipelines.registry_import.figures import read_figure
from pipelines.registry_import.sheets import Sheet
from pipelines.registry_import.table import read_book
from pipelines.store import Store, files
from pipelines.store.read.journal import first_entry_of_row
from pipelines.store.telemetry import readings
from pipelines.store.write import flights

HEADINGS_WITHIN = 15
PACKET_MARK = b"##"
TABLES = frozenset((".csv", ".tsv", ".htm", ".html", ".xls", ".xlsx", ".xlsb", ".ods"))
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


@dataclass(frozen=True, slots=True)
class ExportTaken:
    """What became of an export.

    Attributes:
        values: readings that it holds.
        rows: of the table that were read.
        refused: (row, reason) of those that were not.
        unchanged: the home holds this file already; nothing was written.
        journal_entry: of the act, or of the one before.
    """

    values: int
    rows: int
    refused: tuple[tuple[str, str], ...]
    unchanged: bool
    journal_entry: int


def is_export(path: Path) -> bool:
    """Whether a file is a table by its name or its first bytes, and no log of packets: there is no `##` in those."""
    with path.open("rb") as file:
        head = file.read(1 << 16)
    return head.startswith(WORKBOOKS) or (path.suffix.lower() in TABLES and PACKET_MARK not in head)


def take_export(store: Store, path: Path, *, mn: str | None, by: str | None, at: datetime) -> ExportTaken:
    """Take an export in; the same file again changes nothing.

    Args:
        store: the home.
        path: CSV, XLSX and its kin.
        mn: the device, for a table that names none.
        by: account that brings it.
        at: when.

    Raises:
        Refusal: the role may not; the table cannot be read, names no time and pollutant (`export_not_understood`) or no
            device (`export_without_device`), or its rows fit no period (`export_period_unknown`).
    """
    may_bring(store, by=by, at=at)
    sha256 = files.sha256_of(path)
    sheet, start, headings = _table(path)
    rows, refused = _rows(path.name, sheet, start, headings, mn)
    devices = Known.of(store, at).devices(readings.day_of(at))
    try:
        said = readings_of_rows(rows, headings, devices, received_at=at, number_of=_number)
    except ValueError as error:
        raise Refusal(path.name, "export_period_unknown", str(error)) from error
    files.hold(store, path, sha256)
    media = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    with acting(store, by, ACT, at) as (tx, user):
        flights.insert_files(tx, None, [StoredFile(sha256, path.stat().st_size, path.name, media, at)])
        if not tx.touched():
            known = first_entry_of_row(tx, "file", sha256)
            return ExportTaken(len(said), len(rows), tuple(refused), True, known)
        readings.add_export(store.home, sha256, said)  # before the entry: killed between, it is taken in anew
        payload = {"file": path.name, "read": len(rows), "values": len(said), "refused": len(refused)}
        entry = noted(tx, user, at=at, kind="monitor_export_imported", subject=sha256, payload=payload)
    return ExportTaken(len(said), len(rows), tuple(refused), False, entry)


def _table(path: Path) -> tuple[Sheet, int, Headings]:
    """The first sheet that reads as an export, its first row of data and its headings."""
    for sheet in read_book(path).sheets:
        for number, cells in enumerate(sheet.rows[:HEADINGS_WITHIN]):
            headings = headings_of(cells)
            if headings is not None:
                return sheet, number + 1, headings
    raise Refusal(path.name, "export_not_understood", "no row with a time and a pollutant as headings")


def _rows(
    name: str, sheet: Sheet, start: int, headings: Headings, mn: str | None
) -> tuple[list[Row], list[tuple[str, str]]]:
    if headings.mn is None and mn is None:
        raise Refusal(name, "export_without_device", "no column of it; name it with --mn")
    rows: list[Row] = []
    refused: list[tuple[str, str]] = []
    for number, cells in enumerate(sheet.rows[start:], start + 1):
        if not any(cells):
            continue
        device = mn if headings.mn is None else _cell(cells, headings.mn).strip()
        at = _instant(_cell(cells, headings.time))
        if at is None or not device:
            refused.append((f"{name} row {number}", "time_unreadable" if at is None else "export_without_device"))
        else:
            rows.append(Row(number, device, at, cells))
    return rows, refused


def _instant(cell: str) -> datetime | None:
    try:
        return read_instant(cell)
    except NoDay:
        return None


def _number(cell: str) -> float:
    try:
        exact = read_figure(cell).exact
    except ValueError:
        return math.nan
    return math.nan if exact is None else exact


def _cell(cells: Sequence[str], place: int) -> str:
    return cells[place] if place < len(cells) else ""
