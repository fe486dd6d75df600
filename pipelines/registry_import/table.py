"""Files to sheets of text, told apart by their first bytes, not by their names. No meaning is given here."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipelines.errors import Refusal
from pipelines.registry_import.encodings import decoded
from pipelines.registry_import.geodata import is_geodata, read_geodata
from pipelines.registry_import.headings import GEOMETRY
from pipelines.registry_import.html_table import is_html, read_html
from pipelines.registry_import.separated import separated_rows
from pipelines.registry_import.sheets import Book, Sheet, features_book, text_of
from pipelines.registry_import.workbook import is_workbook, read_workbook

__all__ = ["Book", "declared_crs_of", "read_book", "text_of"]

JSON_NAMES = (".geojson", ".json")
JSON_OBJECT = re.compile(r'\s*\{\s*"type"\s*:')
TELLTALES = {
    b"%PDF": "a PDF",
    b"\xff\xd8\xff": "a picture",
    b"\x89PNG": "a picture",
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf": "a 7z archive",
}
XML_SPREADSHEET = b"urn:schemas-microsoft-com:office:spreadsheet"


def read_book(path: Path, *, encoding: str | None = None) -> Book:
    """Read a file as sheets of text, without giving its cells a meaning.

    Args:
        path: CSV and its kin, XLSX, XLS, XLSB, ODS, an HTML table, GeoJSON, GeoPackage or a zipped Shapefile.
        encoding: of a text file or Shapefile; without it marks, UTF-8, GB18030 and UTF-16 are tried.

    Raises:
        Refusal: `registry_file_unreadable`, `registry_file_locked`, `registry_file_too_large`, `encoding_unknown`,
            `registry_empty`.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Refusal(path.name, "registry_file_unreadable", error.strerror or str(error)) from error
    return book_of(path.name, data, encoding=encoding)


def book_of(name: str, data: bytes, *, encoding: str | None = None) -> Book:
    """As `read_book`, of bytes at hand; `name` is the file's."""
    if not data.strip():
        raise Refusal(name, "registry_empty", "the file holds nothing")
    if is_geodata(data):
        document, used = read_geodata(name, data, encoding=encoding)
        return _of_features(name, document, used)
    if is_workbook(data):
        return read_workbook(name, data)
    if is_html(data):
        return read_html(name, data, encoding=encoding)
    _refuse_others(name, data)
    text, used = decoded(name, data, encoding)
    if name.lower().endswith(JSON_NAMES) or JSON_OBJECT.match(text):
        return _of_features(name, _json(name, text), used)
    return Book((Sheet("", separated_rows(name, text)),), used)


def _refuse_others(name: str, data: bytes) -> None:
    for beginning, what in TELLTALES.items():
        if data.startswith(beginning):
            raise Refusal(name, "registry_file_unreadable", f"it is {what}")
    if XML_SPREADSHEET in data[:4096]:
        raise Refusal(name, "registry_file_unreadable", "an XML spreadsheet of Excel 2003; save it as XLSX")


def _of_features(name: str, document: Mapping[str, Any], encoding: str) -> Book:
    features = document.get("features") if document.get("type") == "FeatureCollection" else [document]
    if not isinstance(features, list) or not all(map(_is_feature, features)):
        raise Refusal(name, "registry_file_unreadable", "no GeoJSON features")
    return features_book(features, encoding, declared_crs_of(document), GEOMETRY)


def _is_feature(one: Any) -> bool:
    return isinstance(one, dict) and one.get("type") == "Feature" and isinstance(one.get("properties") or {}, dict)


def _json(name: str, text: str) -> Mapping[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
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
