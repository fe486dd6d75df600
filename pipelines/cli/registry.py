"""`yaoxun registry …`: the district's outline, and the offices' files."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pipelines import clock
from pipelines.cli import show
from pipelines.cli.parser import Commands, home_of, user_of, wants_json
from pipelines.cli.registry_imports import reading_options
from pipelines.errors import Refusal


def register(commands: Commands) -> None:
    """Add the commands of this file."""
    district = commands.add("registry district", registry_district, "set the outline against which files are judged")
    district.add_argument("file", metavar="FILE")
    district.add_argument(
        "--crs", metavar="CRS", help="EPSG:NNNN, GCJ-02 or BD-09; a GeoJSON says WGS 84 by definition"
    )
    district.add_argument("--name", help="which of several districts in the file, by name or code")
    load = commands.add(
        "registry import",
        registry_import,
        "take an office's file in: table, GeoJSON, GeoPackage or zipped Shapefile",
    )
    load.add_argument("file", metavar="FILE")
    reading_options(load)
    load.add_argument("--refused-to", metavar="FILE", help="write the refused rows there, to be mended and given again")


def registry_district(args: argparse.Namespace) -> int:
    """`registry district FILE`."""
    from pipelines.engine.registry import set_outline
    from pipelines.store import Store

    with Store.open(home_of(args)) as store:
        district = set_outline(store, Path(args.file), crs=args.crs, name=args.name, by=user_of(args), at=clock.now())
    answer = {"district": district.name, "crs": district.crs, "area_km2": district.area_km2}
    if wants_json(args):
        show.document(answer)
    else:
        show.text([f"{district.name}   {district.area_km2:.2f} km²   {district.crs}"])
    return 0


def registry_import(args: argparse.Namespace) -> int:
    """`registry import FILE`: exit 2 where no row is in."""
    from pipelines.engine.registry import import_file
    from pipelines.store import Store

    with Store.open(home_of(args)) as store, show.progress(wants_json(args)) as progress:
        done = import_file(
            store, Path(args.file), crs=args.crs, encoding=args.encoding, mapping=args.mapping, kind=args.kind,
            sheet=args.sheet, office=args.office, by=user_of(args), at=clock.now(), progress=progress,
        )  # fmt: skip
    refused_file = _written(Path(args.refused_to), done.bad_rows) if args.refused_to and done.bad_rows else None
    answer = {
        "kind": done.kind, "rows": done.rows, "imported": done.imported, "changed": done.changed,
        "unchanged": done.unchanged, "refused": show.refused_items(done.refused),
        "warnings": [{"item": item, "reason": reason, "detail": detail} for item, reason, detail in done.warnings],
        "crs": done.crs, "crs_evidence": done.crs_evidence, "encoding": done.encoding,
        "import": done.import_id, "office": done.office, "refused_file": refused_file and str(refused_file),
        "mapping": None if done.mapping is None else {"name": done.mapping.name, "found": done.mapping.found},
    }  # fmt: skip
    if wants_json(args):
        show.document(answer)
    else:
        show.text([f"{done.rows} rows of {done.kind}: {done.imported} imported, {done.changed} changed, "
                   f"{done.unchanged} unchanged, {len(done.refused)} refused   CRS {done.crs}"
                   + (f"   mapping {done.mapping.name} ({done.mapping.found})" if done.mapping else "")])  # fmt: skip
        for item, reason, detail in done.refused:
            show.refusal("registry import", item, reason, detail)
        for item, reason, detail in done.warnings:
            show.note(f"note: {item}: {show.sentence(reason, detail)}")
    return 0 if done.imported + done.changed + done.unchanged else 2


def _written(path: Path, rows: bytes) -> Path:
    """Write the refused rows; those of several sheets are a workbook, and named so."""
    path = path.with_suffix(".xlsx") if rows.startswith(b"PK") else path
    try:
        path.write_bytes(rows)
    except OSError as error:
        raise Refusal(str(path), "refused_rows_not_written", error.strerror or str(error)) from error
    print(f"refused rows: {path}", file=sys.stderr)
    return path
