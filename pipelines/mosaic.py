"""A flight's pictures side by side on the ground: a quick orthophoto, good enough as a map for triage.

Each picture is taken where its tags put it; nothing is matched. How far neighbours then disagree is measured and told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from rasterio.warp import transform_bounds
from shapely import Polygon

from geo.camera import Camera
from geo.crs import project
from geo.errors import GeoError
from geo.footprint import footprint_of
from geo.mosaic import Mosaic, grid_over, mosaic
from geo.mosaic_balance import SeamOffset, gains_of, seam_offsets
from geo.mosaic_grid import Reader, UInt8Image, View
from geo.pose import CameraPose
from geo.terrain import Dem, Terrain, flat
from models.errors import ModelsError
from models.vision.health import read_reduced
from pipelines.records import Done, Flight, Frame, Outcome, Refused
from pipelines.settings import MosaicSettings


@dataclass(frozen=True, slots=True)
class PictureToMosaic:
    """A picture with its original, and where it stood."""

    frame: Frame
    path: Path
    camera: Camera
    pose: CameraPose


@dataclass(frozen=True, slots=True)
class FlightToMosaic:
    """A flight, its pictures with poses in one CRS, and the file to write.

    `left_out` counts the frames without a pose and those of videos; `cell_m` None leaves the cells to us.
    """

    flight: Flight
    pictures: tuple[PictureToMosaic, ...]
    left_out: int
    terrain: str
    cell_m: float | None
    target: Path


@dataclass(frozen=True, slots=True)
class FlightMosaic:
    """The file that was written, and `facts` about it as JSON values: docs/formats/flight_report.md."""

    flight_id: str
    path: Path
    facts: dict[str, Any]


def run(work: Iterable[FlightToMosaic], *, as_of: datetime, run_id: str, settings: MosaicSettings) -> Iterator[Outcome]:
    """Lay the pictures of flights side by side.

    Yields, one for each flight and in its order, `Done(flight id, FlightMosaic)`, or `Refused` where no picture has a
    place on the ground, or one cannot be decoded. Writes the one file that its work names, and nothing else.
    """
    for item in work:
        try:
            yield Done(item.flight.id, FlightMosaic(item.flight.id, item.target, _made(item, settings)))
        except (GeoError, ModelsError) as error:
            yield Refused(item.flight.id, error.reason, error.detail)


def _made(item: FlightToMosaic, settings: MosaicSettings) -> dict[str, Any]:
    terrain: Terrain = Dem.open(Path(item.terrain)) if item.terrain else flat()
    views, kept = views_of(item.pictures, terrain)
    grid = grid_over(views, cell_m=item.cell_m, most_cells=settings.most_cells)
    read = _reader(kept)
    made = mosaic(views, read, terrain, grid, item.target, gains=gains_of(views, read, terrain))
    seams = seam_offsets(views, read, terrain, cell_m=grid.cell_m)
    return _facts(made, seams, len(views), item.left_out + len(item.pictures) - len(kept))


def views_of(pictures: Sequence[PictureToMosaic], terrain: Terrain) -> tuple[list[View], list[PictureToMosaic]]:
    """The pictures that have a footprint in the CRS of the first of them, as views; and the same again."""
    views: list[View] = []
    kept: list[PictureToMosaic] = []
    for picture in pictures:
        footprint = footprint_of(picture.camera, picture.pose, terrain)
        same = not views or picture.pose.crs == views[0].pose.crs
        if footprint.polygon is None or footprint.gsd_m is None or not same:
            continue
        corners = project(np.array(footprint.polygon.exterior.coords), picture.pose.crs)
        views.append(View(picture.camera, picture.pose, Polygon(corners), footprint.gsd_m))
        kept.append(picture)
    return views, kept


def _reader(pictures: Sequence[PictureToMosaic]) -> Reader:
    def read(number: int, reduction: int) -> UInt8Image:
        return read_reduced(pictures[number].path, reduction, name=pictures[number].frame.name)

    return read


def _facts(made: Mosaic, seams: Sequence[SeamOffset], views: int, left_out: int) -> dict[str, Any]:
    grid = made.grid
    east, south = grid.west_m + grid.columns * grid.cell_m, grid.north_m - grid.rows * grid.cell_m
    bounds = transform_bounds(grid.crs, "EPSG:4326", grid.west_m, south, east, grid.north_m, densify_pts=21)
    apart = sorted(seam.metres for seam in seams)
    return {
        "crs": grid.crs,
        "bounds": [round(float(edge), 8) for edge in bounds],
        "gsd_m": round(grid.cell_m, 5),
        "width": grid.columns,
        "height": grid.rows,
        "covered_fraction": round(made.covered_fraction, 4),
        "pictures": views,
        "pictures_used": made.views_used,
        "left_out": left_out,
        "seams": {
            "pairs": len(apart),
            "median_m": round(float(np.median(apart)), 2) if apart else None,
            "largest_m": round(apart[-1], 2) if apart else None,
        },
    }
