"""Map tiles: the right ground at the right place, nothing beyond, nothing by a path."""

from __future__ import annotations

import asyncio
import math
from pathlib import Path

import cv2
import numpy as np
import pytest
import rasterio
from starlette.applications import Starlette

from dashboard import served
from dashboard.tiles import NOTHING, NoSuchTile, tile_png
from geo.cog import write_cog
from geo.crs import project
from pipelines.store import Store, derived, journal
from pipelines.store.write.derived import NewDerived, set_current
from tests.store.making import NOW

LON, LAT, SIDE, CELL = 121.40, 31.25, 1600, 0.25


@pytest.fixture(scope="module")
def raster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """400 m about a place in EPSG:4549: red in the west, green in the east, the southern quarter empty."""
    folder = tmp_path_factory.mktemp("raster")
    x, y = project([[LON, LAT]], "EPSG:4549")[0]
    cells = np.zeros((4, SIDE, SIDE), np.uint8)
    cells[0, :, : SIDE // 2], cells[1, :, SIDE // 2 :], cells[3, : SIDE * 3 // 4] = 200, 200, 255
    transform = rasterio.Affine(CELL, 0, x - SIDE * CELL / 2, 0, -CELL, y + SIDE * CELL / 2)
    profile = {"driver": "GTiff", "width": SIDE, "height": SIDE, "count": 4, "dtype": "uint8", "crs": "EPSG:4549"}
    with rasterio.open(folder / "raw.tif", "w", transform=transform, alpha="yes", photometric="rgb", **profile) as out:
        out.write(cells)
    write_cog(folder / "raw.tif", folder / "map.tif")
    return folder / "map.tif"


def address(lon: float, lat: float, z: int) -> tuple[int, int, int, int]:
    """Tile x, y and the pixel in it, by the formula of the slippy map."""
    across = (lon + 180) / 360 * 2**z
    down = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z
    return int(across), int(down), int(across % 1 * 256), int(down % 1 * 256)


def colour(path: Path, lon: float, lat: float, z: int) -> np.ndarray:
    x, y, column, row = address(lon, lat, z)
    png = tile_png(path, z, x, y)
    image = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    return image[row, column, [2, 1, 0, 3]] if image.shape[0] == 256 else np.zeros(4)


@pytest.mark.parametrize("z", [15, 17, 19, 21])
def test_colours_stand_where_the_ground_stands_at_every_zoom(raster, z):
    east = 40 / 95_000
    west_side, east_side = colour(raster, LON - east, LAT, z), colour(raster, LON + east, LAT, z)
    assert west_side == pytest.approx([200, 0, 0, 255], abs=12)
    assert east_side == pytest.approx([0, 200, 0, 255], abs=12)
    assert colour(raster, LON + east, LAT - 150 / 111_000, z)[3] == 0, "the empty quarter is transparent"
    assert colour(raster, LON + 0.01, LAT, z)[3] == 0


@pytest.mark.parametrize("numbers", [(-1, 0, 0), (25, 0, 0), (3, 8, 0), (3, 0, -1)])
def test_numbers_beyond_the_world_are_no_tile(raster, numbers):
    with pytest.raises(NoSuchTile):
        tile_png(raster, *numbers)
    with pytest.raises(NoSuchTile):
        tile_png(raster.parent / "gone.tif", 3, 1, 1)


def test_far_away_nothing_is_drawn_and_a_file_made_anew_is_read_anew(raster, tmp_path):
    assert tile_png(raster, 4, 0, 0) == NOTHING
    copy = tmp_path / "copy.tif"
    copy.write_bytes(raster.read_bytes())
    x, y, *_ = address(LON, LAT, 18)
    before = tile_png(copy, 18, x, y)
    with rasterio.open(copy) as source:
        profile = {**source.profile, "crs": source.crs}
    with rasterio.open(copy, "w", **profile) as out:
        out.write(np.full((3, SIDE, SIDE), 9, np.uint8))
    assert tile_png(copy, 18, x, y) != before


@pytest.fixture()
def served_home(home, raster, monkeypatch) -> Path:
    """A home whose first derived file is a raster, and the second none."""
    monkeypatch.setenv("YAOXUN_HOME", str(home))
    with Store.open(home) as store:
        for kind, name, data in (("basemap", "m.tif", raster.read_bytes()), ("flight_report", "r.json", b"{}")):
            kept = derived.keep(store, data, kind, name)
            with store.transaction() as tx:
                new = NewDerived(kind, "home", "k", name, *kept, facts={})
                set_current(tx, new, made_by="owner", run_id=None, at=NOW)
                journal.append(tx, at=NOW, actor="owner", role="owner", kind="test", subject=name, payload={})
    return home


def asked(path: str) -> tuple[int, bytes, dict[bytes, bytes]]:
    """Status, body and headers of a GET, without a socket."""
    said = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        said.append(message)

    scope = {
        "type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"", "headers": [],
        "scheme": "http", "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 1), "root_path": "",
        "http_version": "1.1",
    }  # fmt: skip
    asyncio.run(Starlette(routes=[served.TILES])(scope, receive, send))
    body = b"".join(message.get("body", b"") for message in said)
    return said[0]["status"], body, dict(said[0]["headers"])


def test_a_tile_is_served_by_the_number_of_its_raster_and_nothing_else_is(served_home):
    x, y, *_ = address(LON, LAT, 17)
    status, body, headers = asked(f"/tiles/1/17/{x}/{y}.png")
    assert (status, headers[b"content-type"], body[:4]) == (200, b"image/png", b"\x89PNG")
    refused = [
        f"/tiles/2/17/{x}/{y}.png", f"/tiles/9/17/{x}/{y}.png", "/tiles/1/30/0/0.png", "/tiles/../../etc/1/1/1.png",
        f"/tiles/-1/17/{x}/{y}.png", f"/tiles/../yaoxun.sqlite/17/{x}/{y}.png", "/tiles/1/17/1.5/2.png",
    ]  # fmt: skip
    assert {asked(path)[0] for path in refused} == {404}
