"""Files to tables of text: CSV in any usual encoding, XLSX, GeoJSON, other geodata. No meaning is given here."""

from __future__ import annotations

import csv
import io
import json
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from pipelines.errors import Refusal
from pipelines.registry_import.geodata import is_geodata, read_geodata
from pipelines.registry_import.headings import GEOMETRY

ENCODINGS = ("utf-8-sig", "gb18030")
BYTE_ORDER_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


@dataclass(frozen=True, slots=True)
class Grid:
    """All rows of a file as text, headings among them, and how it was written. `declared_crs` as a GeoJSON names it."""

    rows: tuple[tuple[str, ...], ...]
    encoding: str
    declared_crs: str | None = None


def read_grid(path: Path, *, encoding: str | None = None) -> Grid:
    """Read a file as text, without giving its cells a meaning.

    Args:
        path: CSV, TSV, XLSX, GeoJSON, GeoPackage or a zipped Shapefile, told by its first bytes and its name.
        encoding: of a text file or Shapefile; without it a byte order mark, UTF-8 and GB18030 are tried.

    Raises:
        Refusal: `registry_file_unreadable`, `encoding_unknown`, `registry_empty`.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Refusal(path.name, "registry_file_unreadable", error.strerror or str(error)) from error
    if not data.strip():
        raise Refusal(path.name, "registry_empty", "the file holds nothing")
    if is_geodata(data):
        return _features_grid(path.name, *read_geodata(path.name, data, encoding=encoding))
    if data[:4] == b"PK\x03\x04":
        return Grid(_xlsx_rows(path.name, data), "xlsx")
    text, used = _decoded(path.name, data, encoding)
    if path.suffix.lower() in (".geojson", ".json"):
        return _features_grid(path.name, _json(path.name, text), used)
    return Grid(_csv_rows(path.name, text), used)


def text_of(value: Any) -> str:
    """A spreadsheet's or JSON's cell as people would write it."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value).strip()


def _decoded(name: str, data: bytes, encoding: str | None) -> tuple[str, str]:
    marked = BYTE_ORDER_MARKS.get(data[:2])
    for candidate in [encoding] if encoding else [marked] if marked else ENCODINGS:
        try:
            return data.decode(candidate), "utf-8" if candidate == "utf-8-sig" else candidate
        except UnicodeDecodeError:
            continue
        except LookupError as error:
            raise Refusal(name, "encoding_unknown", f"no encoding is called {candidate}") from error
    tried = encoding or ", ".join(ENCODINGS)
    raise Refusal(name, "encoding_unknown", f"not readable as {tried}")


def _csv_rows(name: str, text: str) -> tuple[tuple[str, ...], ...]:
    first = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(",\t;，", key=first.count)
    try:
        rows = tuple(tuple(cell.strip() for cell in row) for row in csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error as error:
        raise Refusal(name, "registry_file_unreadable", str(error)) from error
    return rows


def _xlsx_rows(name: str, data: bytes) -> tuple[tuple[str, ...], ...]:
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings(
                "ignore", module="openpyxl"
            )  # a missing default style, an extension it does not know
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        raise Refusal(name, "registry_file_unreadable", f"no workbook: {error}") from error
    try:
        sheet = book.worksheets[0]
        return tuple(tuple(text_of(cell) for cell in row) for row in sheet.iter_rows(values_only=True))
    finally:
        book.close()


def _features_grid(name: str, document: Mapping[str, Any], encoding: str) -> Grid:
    features = document.get("features") if document.get("type") == "FeatureCollection" else [document]
    if not isinstance(features, list) or not all(
        isinstance(one, dict) and one.get("type") == "Feature" for one in features
    ):
        raise Refusal(name, "registry_file_unreadable", "no GeoJSON features")
    properties = [one.get("properties") or {} for one in features]
    names = list(dict.fromkeys(key for one in properties for key in one if key != GEOMETRY))
    rows = [
        (*(text_of(one.get(key)) for key in names), text_of(feature.get("geometry")))
        for one, feature in zip(properties, features, strict=True)
    ]
    return Grid(((*names, GEOMETRY), *rows), encoding, declared_crs_of(document))


def _json(name: str, text: str) -> Mapping[str, Any]:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise Refusal(name, "registry_file_unreadable", f"no JSON: {error}") from error
    if not isinstance(document, dict):
        raise Refusal(name, "registry_file_unreadable", "no GeoJSON object")
    return document


def declared_crs_of(document: Mapping[str, Any]) -> str | None:
    """The CRS that geodata or an older GeoJSON names, as `EPSG:4549`; None where none, or degrees of WGS 84.

    Degrees are not believed: RFC 7946 makes them the default, and web maps of GCJ-02 are written under it.
    """
    declared = document.get("crs")
    properties = declared.get("properties") if isinstance(declared, dict) else None
    named = str(properties.get("name", "")) if isinstance(properties, dict) else ""
    code = named.upper().replace("URN:OGC:DEF:CRS:", "").replace("::", ":")
    return code if code.startswith("EPSG:") and code not in ("EPSG:4326", "EPSG:4490") else None


def data_rows(rows: Sequence[Sequence[str]], header: int) -> list[tuple[int, Sequence[str]]]:
    """The rows below the headings that hold anything, each with its number from 1 at the first row below them."""
    below = list(rows[header + 1 :])
    return [(number, row) for number, row in enumerate(below, start=1) if any(row)]
