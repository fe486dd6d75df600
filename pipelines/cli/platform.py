"""`yaoxun platform …`: files for the city's platform 移动执法 and from it, by a mapping file."""

from __future__ import annotations

import argparse
from pathlib import Path

from pipelines import clock
from pipelines.cli import show
from pipelines.cli.acts import print_act
from pipelines.cli.checks import signed_document
from pipelines.cli.parser import Commands, as_of, home_of, user_of, wants_json
from pipelines.errors import Refusal


def register(commands: Commands) -> None:
    """Add the commands of this file."""
    out = commands.add("platform export", platform_export, "our records as a file for the city's platform 移动执法")
    _which(out)
    out.add_argument("-o", "--out", type=Path, required=True, metavar="FILE")
    out.add_argument("--import", dest="import_id", metavar="IMPORT", help="instead, what an import brought")
    into = commands.add("platform import", platform_import, "take a file of the city's platform in, as it says it")
    _which(into)
    into.add_argument("file", type=Path, metavar="FILE")
    commands.add("platform list", platform_list, "the files of the platform that came in", looks_back=True)
    one = commands.add("platform show", platform_show, "the rows of one of them", looks_back=True)
    one.add_argument("import_id", metavar="IMPORT")
    mapping = commands.add("platform mapping", platform_mapping, "write the mapping that came with this version")
    mapping.add_argument("-o", "--out", type=Path, required=True, metavar="FILE.toml")


def _which(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", metavar="KIND", help="lead, check, finding, case or task")
    parser.add_argument("--mapping", type=Path, metavar="FILE.toml", help="else the one that came with this version")


def _mapping(args: argparse.Namespace) -> bytes:
    from pipelines.documents.platform import default_mapping

    return default_mapping() if args.mapping is None else _read(args.mapping)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refusal(str(path), "no_such_file", error.strerror or "") from error


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise Refusal(str(path), "file_not_written", error.strerror or "") from error


def platform_export(args: argparse.Namespace) -> int:
    """`platform export KIND -o FILE`."""
    from pipelines.casework.platform import export_records
    from pipelines.store import Store

    with Store.open(home_of(args), create=False) as store:
        content, count = export_records(
            store, args.kind, _mapping(args), by=user_of(args), at=clock.now(), import_id=args.import_id
        )
    _write(args.out, content)
    if wants_json(args):
        show.document({"kind": args.kind, "file": str(args.out), "records": count})
    else:
        show.text([f"{count} of {args.kind}   {args.out}"])
    return 0


def platform_import(args: argparse.Namespace) -> int:
    """`platform import KIND FILE`."""
    from pipelines.casework.platform import import_records
    from pipelines.store import Store

    content = _read(args.file)
    with Store.open(home_of(args), create=False) as store:
        act = import_records(
            store, args.kind, content, args.file.name, _mapping(args), by=user_of(args), at=clock.now()
        )
    return print_act(args, act)


def platform_list(args: argparse.Namespace) -> int:
    """`platform list`."""
    from pipelines.store import Store
    from pipelines.store.read import field

    with Store.open(home_of(args), create=False) as store:
        found = [
            {"id": one.id, "kind": one.kind, "rows": one.rows, "sha256": one.file_sha256, **signed_document(one.signed)}
            for one in field.imports(store, as_of(args))
        ]
    if wants_json(args):
        show.document({"imports": found})
    else:
        columns = ("id", "kind", "rows", "by", "at")
        show.text(show.table([[row[c] for c in columns] for row in found], columns))
    return 0


def platform_show(args: argparse.Namespace) -> int:
    """`platform show IMPORT`."""
    from pipelines.store import Store
    from pipelines.store.read import field

    with Store.open(home_of(args), create=False) as store:
        if args.import_id not in {one.id for one in field.imports(store, as_of(args))}:
            raise Refusal(args.import_id, "unknown_platform_import")
        found = [
            {"key": one.key, "content": one.content, "others": one.others}
            for one in field.platform_records(store, args.import_id)
        ]
    if wants_json(args):
        show.document({"import": args.import_id, "records": found})
    else:
        show.text(f"{row['key']}   {row['content']}   {row['others'] or ''}" for row in found)
    return 0


def platform_mapping(args: argparse.Namespace) -> int:
    """`platform mapping -o FILE`."""
    from pipelines.documents.platform import default_mapping

    _write(args.out, default_mapping())
    if wants_json(args):
        show.document({"file": str(args.out)})
    else:
        show.text([str(args.out)])
    return 0
