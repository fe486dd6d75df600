"""Registry files for the tests, written in the forms in which they circulate."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import openpyxl

from pipelines.registry_import import RegistryFile, read_registry

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
PLACE = ("121.40", "31.25")
CODES = (
    "91310107JH8KKJ0MY0", "92310107LK69G34A85", "513101076A3DD8FPYF", "91310107W7ACYGM81X", "92310107Q7BQE3J3QR",
    "51310107YC9HMX60CN", "91310107U0MDU9F1KF", "92310107UAU3UBR7RC", "513101079C6MHHEPTT",
)  # fmt: skip
ENTERPRISE = ("统一社会信用代码", "企业名称", "行业类别", "环境信用等级", "重点排污单位", "经度", "纬度")


def enterprise(number: int = 0, *, x: object = 121.4, y: object = 31.25, **other: object) -> tuple[object, ...]:
    row = {"code": CODES[number], "name": f"第{number}厂", "industry": "C26", "credit": "绿牌", "key": "是", **other}
    return (*row.values(), x, y)


def write_csv(
    path: Path, headings: tuple[str, ...], rows: list, *, encoding: str = "utf-8", newline: str = "\r\n"
) -> Path:
    text = io.StringIO()
    csv.writer(text, lineterminator=newline).writerows([headings, *rows])
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def write_xlsx(path: Path, rows: list) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    book.save(path)
    return path


def write_geojson(path: Path, features: list[tuple[dict, dict | None]], **top: object) -> Path:
    document = {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "properties": p, "geometry": g} for p, g in features],
        **top,
    }
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return path


def read(path: Path, **options) -> RegistryFile:
    return read_registry(path, received_at=NOW, **options)


def read_rows(tmp_path: Path, headings: tuple[str, ...], rows: list, **options) -> RegistryFile:
    return read(write_csv(tmp_path / "file.csv", headings, rows), **options)
