"""`yaoxun registry preview, imports, undo, mapping`: what a file would change, what came in, what is taken back."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines import clock
from pipelines.cli import show
from pipelines.cli.parser import Commands, home_of, user_of, wants_json

if TYPE_CHECKING:
    from pipelines.casework.registry_imports import Reading
    from pipelines.store.read.registry_imports import Change, Changes
    from pipelines.store.records import RegistryImport

EXAMPLES = 20


def register(commands: Commands) -> None:
    """Add the commands of this file."""
    look = commands.add("registry preview", registry_preview, "what a file would change; nothing is written")
    look.add_argument("file", metavar="FILE")
    reading_options(look)
    commands.add("registry imports", registry_imports, "the deliveries that came in, and which were undone")
    undo = commands.add("registry undo", registry_undo, "take an import back: what it ended is said again")
    undo.add_argument("id", metavar="IMPORT")
    undo.add_argument("--reason", required=True, metavar="TEXT", help="why; it goes into the journal")
    save = commands.add("registry mapping save", mapping_save, "save what the headings of an office's files mean")
    save.add_argument("name", metavar="NAME", help="the office")
    save.add_argument("file", metavar="FILE", help="JSON, as `registry mapping show` prints it")
    commands.add("registry mapping list", mapping_list, "the saved mappings")
    one = commands.add("registry mapping show", mapping_show, "a saved mapping, in the form in which it is given back")
    one.add_argument("name", metavar="NAME")


def reading_options(parser: argparse.ArgumentParser) -> None:
    """The options that say how a file is to be read."""
    parser.add_argument("--crs", metavar="CRS", help="EPSG:NNNN, GCJ-02 or BD-09; without it the file is tested")
    parser.add_argument("--encoding", metavar="ENC", help="without it UTF-8 and GB18030 are tried")
    parser.add_argument("--mapping", metavar="NAME|FILE", help="a saved mapping, or JSON: our field to the heading")
    parser.add_argument("--kind", metavar="KIND", help="what the rows are, where the headings leave it open")
    parser.add_argument("--sheet", metavar="NAME", help="of a workbook")
    parser.add_argument("--office", metavar="NAME", default="", help="who gave the file; default: the mapping's name")


def registry_preview(args: argparse.Namespace) -> int:
    """`registry preview FILE`: exit 2 where no row can be used."""
    from pipelines.casework.registry_imports import Wishes, preview, read_file
    from pipelines.store import Store

    wishes = Wishes(args.crs, args.encoding, args.kind, args.sheet, args.mapping, args.office)
    with Store.open(home_of(args)) as store:
        reading = read_file(store, Path(args.file), wishes, at=clock.now())
        changes = preview(store, reading)
    if wants_json(args):
        show.document(preview_answer(reading, changes))
    else:
        show.text(_preview_lines(reading, changes))
        for item, reason, detail in _refused(reading, changes):
            show.refusal("registry preview", item, reason, detail)
    return 0 if reading.file.rows else 2


def preview_answer(reading: Reading, changes: Changes) -> dict[str, Any]:
    """What `--json` prints of a preview."""
    file = reading.file
    return {
        "kind": file.kind, "rows": file.row_count, "sha256": changes.sha256,
        "new": [{"row": one.row, "kind": one.kind, "key": one.key, "title": one.title} for one in changes.new],
        "changed": [_changed(one) for one in changes.changed],
        "unchanged": changes.unchanged,
        "not_in_file": [{"kind": gone.kind, "key": gone.key, "title": gone.title} for gone in changes.gone],
        "refused": show.refused_items(_refused(reading, changes)),
        "warnings": [{"item": item, "reason": reason, "detail": detail} for item, reason, detail in file.warnings],
        "crs": file.crs, "crs_evidence": file.crs_evidence, "encoding": file.encoding,
        "mapping": mapping_words(reading), "office": reading.office,
    }  # fmt: skip


def mapping_words(reading: Reading) -> dict[str, str] | None:
    """Which mapping was used, and how it was found."""
    return None if reading.mapping is None else {"name": reading.mapping.name, "found": reading.mapping.found}


def registry_imports(args: argparse.Namespace) -> int:
    """`registry imports`."""
    from pipelines.store import Store
    from pipelines.store.read.registry_imports import all_imports

    with Store.open(home_of(args), create=False) as store:
        known = all_imports(store)
    if wants_json(args):
        show.document({"imports": [_import(one) for one in known]})
        return 0
    heads = ("id", "at", "by", "kind", "office", "file", "new", "changed", "unchanged", "refused", "undone")
    rows = [
        (one.id, f"{one.at:%Y-%m-%d %H:%M}Z", one.by, one.kind, one.office, one.file_name, one.imported, one.changed,
         one.unchanged, one.refused, one.undone.reason if one.undone else "")
        for one in known
    ]  # fmt: skip
    show.text(show.table(rows, heads))
    return 0


def registry_undo(args: argparse.Namespace) -> int:
    """`registry undo IMPORT --reason TEXT`."""
    from pipelines.casework.registry_imports import undo_import
    from pipelines.store import Store

    with Store.open(home_of(args), create=False) as store:
        done = undo_import(store, args.id, by=user_of(args), at=clock.now(), reason=args.reason)
    act = done.act
    answer = {
        "id": act.id, "state": act.state, "journal_entry": act.journal_entry, "ended": done.ended,
        "said_again": done.said_again,
    }  # fmt: skip
    if wants_json(args):
        show.document(answer)
    elif act.state == "unchanged":
        show.text([f"{act.id}   undone before, journal entry {act.journal_entry}"])
    else:
        show.text([f"{act.id}   undone: {done.ended} ended, {done.said_again} said again   "
                   f"journal entry {act.journal_entry}"])  # fmt: skip
    return 0


def mapping_save(args: argparse.Namespace) -> int:
    """`registry mapping save NAME FILE`."""
    from pipelines.casework.registry_mapping import map_of_file, save_mapping
    from pipelines.store import Store

    with Store.open(home_of(args)) as store:  # offices' headings are often the first thing that a home is told
        act = save_mapping(store, args.name, map_of_file(Path(args.file)), by=user_of(args), at=clock.now())
    if wants_json(args):
        show.document({"id": act.id, "state": act.state, "journal_entry": act.journal_entry})
    else:
        show.text([f"{act.id}   {act.state}   journal entry {act.journal_entry}"])
    return 0


def mapping_list(args: argparse.Namespace) -> int:
    """`registry mapping list`."""
    from pipelines.store import Store
    from pipelines.store.read.registry_imports import mappings

    with Store.open(home_of(args), create=False) as store:
        saved = mappings(store)
    if wants_json(args):
        show.document({"mappings": [{"name": one.name, "kind": one.kind, "by": one.by, "saved_at": one.received_at,
                                     "mapping": dict(one.content)} for one in saved]})  # fmt: skip
    else:
        rows = [(one.name, one.kind, one.by, f"{one.received_at:%Y-%m-%d %H:%M}Z") for one in saved]
        show.text(show.table(rows, ("name", "kind", "by", "saved at")))
    return 0


def mapping_show(args: argparse.Namespace) -> int:
    """`registry mapping show NAME`: with or without `--json` the JSON that `save` takes."""
    from pipelines.errors import Refusal
    from pipelines.store import Store
    from pipelines.store.read.registry_imports import mapping

    with Store.open(home_of(args), create=False) as store:
        saved = mapping(store, args.name)
    if saved is None:
        raise Refusal(args.name, "unknown_mapping")
    show.document(dict(saved.content))
    return 0


def _refused(reading: Reading, changes: Changes) -> list[tuple[str, str, str]]:
    return [*reading.file.refused, *((no.item, no.reason, no.detail) for no in changes.refused)]


def _changed(one: Change) -> dict[str, Any]:
    fields = {field.field: {"old": field.old, "new": field.new} for field in one.fields}
    return {"row": one.row, "kind": one.kind, "key": one.key, "title": one.title, "fields": fields}


def _preview_lines(reading: Reading, changes: Changes) -> list[str]:
    file = reading.file
    used = "" if reading.mapping is None else f"   mapping {reading.mapping.name} ({reading.mapping.found})"
    lines = [
        f"{file.row_count} rows of {file.kind}: {len(changes.new)} new, {len(changes.changed)} changed, "
        f"{changes.unchanged} unchanged, {len(_refused(reading, changes))} refused, {len(changes.gone)} held and not "
        f"in the file   CRS {file.crs}{used}"
    ]
    for one in changes.changed[:EXAMPLES]:
        said = "; ".join(f"{field.field}: {_short(field.old)} -> {_short(field.new)}" for field in one.fields)
        lines.append(f"  changed  row {one.row}  {one.key} {one.title}  {said}")
    lines += [f"  new      row {one.row}  {one.key} {one.title}" for one in changes.new[:EXAMPLES]]
    lines += [f"  not in the file, kept  {gone.key} {gone.title}" for gone in changes.gone[:EXAMPLES]]
    return lines


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _import(one: RegistryImport) -> dict[str, Any]:
    undone = one.undone and {"by": one.undone.by, "at": one.undone.at, "reason": one.undone.reason}
    return {
        "id": one.id, "file": one.file_name, "sha256": one.file_sha256, "office": one.office, "kind": one.kind,
        "rows": one.rows, "imported": one.imported, "changed": one.changed, "unchanged": one.unchanged,
        "refused_count": one.refused, "crs": one.crs, "crs_evidence": dict(one.crs_evidence),
        "encoding": one.encoding, "by": one.by, "at": one.at, "undone": undone,
    }  # fmt: skip
