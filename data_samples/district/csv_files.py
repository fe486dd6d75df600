"""CSV as offices write it, and the entry of `files.json` that tells what a file holds."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data_samples.district.datum import gcj02_of
from data_samples.district.place import lonlat_of

Row = list[str]
Place = Sequence[float] | NDArray[np.float64]


def save(path: Path, heading: str, rows: list[Row], encoding: str = "utf-8") -> None:
    """Write a file with line ends as spreadsheets make them."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(heading.split())
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))


def entry(
    file: str, kind: str, rows: list[Row], refused: Sequence[tuple[int, str]] = (), crs: str | None = None
) -> dict[str, Any]:
    """What a file holds.

    Args:
        file: its name.
        kind: what a row is.
        rows: all rows.
        refused: numbers of rows that an import must refuse, from 1, and why.
        crs: of its places.
    """
    found: dict[str, Any] = {
        "file": file, "kind": kind, "rows": len(rows), "imported": len(rows) - len(refused),
        "must_refuse": [{"item": f"row {number}", "why": why} for number, why in refused],
    }  # fmt: skip
    return {**found, "crs": crs} if crs else found


def degrees(xy: Place, *, gcj: bool = False) -> Row:
    """Longitude and latitude with six decimals, WGS 84 or GCJ-02."""
    place = lonlat_of(np.array(xy, float))
    lon, lat = (gcj02_of(place) if gcj else place)[0]
    return [f"{lon:.6f}", f"{lat:.6f}"]


def polygon(outline: NDArray[np.float64]) -> str:
    """An outline as WKT in WGS 84."""
    return f"POLYGON(({_ring(np.vstack([outline, outline[:1]]))}))"


def line(points: NDArray[np.float64]) -> str:
    """A line as WKT in WGS 84."""
    return f"LINESTRING({_ring(points)})"


def _ring(points: NDArray[np.float64]) -> str:
    return ",".join(f"{lon:.7f} {lat:.7f}" for lon, lat in lonlat_of(points))
