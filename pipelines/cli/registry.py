"""`yaoxun registry …`: the district's outline, and the offices' files."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from pipelines import clock
from pipelines.cli import show
from pipelines.cli.parser import Commands, home_of, user_of, wants_json
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
    load.add_argument("--crs", metavar="CRS", help="EPSG:NNNN, GCJ-02 or BD-09; without it the file is tested")
    load.add_argument("--encoding", metavar="ENC", help="without it UTF-8 and GB18030 are tried")
    load.add_argument("--mapping", metavar="FILE", help="JSON: our field to the file's heading")
    load.add_argument("--kind", metavar="KIND", help="what the rows are, where the headings leave it open")


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

    mapping: dict[str, Any] | None = None
    if args.mapping:
        try:
            mapping = json.loads(Path(args.mapping).read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise Refusal(args.mapping, "bad_mapping_file", str(error)) from error
    with Store.open(home_of(args)) as store:
        done = import_file(
            store, Path(args.file), crs=args.crs, encoding=args.encoding, mapping=mapping, kind=args.kind,
            by=user_of(args), at=clock.now(),
        )  # fmt: skip
    answer = {
        "kind": done.kind, "rows": done.rows, "imported": done.imported, "changed": done.changed,
        "unchanged": done.unchanged, "refused": show.refused_items(done.refused),
        "warnings": [{"item": item, "reason": reason, "detail": detail} for item, reason, detail in done.warnings],
        "crs": done.crs, "crs_evidence": done.crs_evidence, "encoding": done.encoding,
    }  # fmt: skip
    if wants_json(args):
        show.document(answer)
    else:
        show.text([f"{done.rows} rows of {done.kind}: {done.imported} imported, {done.changed} changed, "
                   f"{done.unchanged} unchanged, {len(done.refused)} refused   CRS {done.crs}"])  # fmt: skip
        for item, reason, detail in done.refused:
            show.refusal("registry import", item, reason, detail)
    return 0 if done.imported + done.changed + done.unchanged else 2
