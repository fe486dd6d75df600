"""What the server runs: Streamlit's application, the HTML that stands at the address of every page, and map tiles.

Streamlit's client takes the path of a page for a folder of the server and asks there first, which gives two 404 where
a page other than the first is opened by its address. The HTML given here names the server outright. The first page
has the address `/`; its name leads there.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from streamlit.starlette import App

from dashboard import session
from dashboard.options import ENTRY
from dashboard.routing import FIRST, ICONS
from dashboard.tiles import NoSuchTile, tile_png
from pipelines.errors import Refusal
from pipelines.store import Store
from pipelines.store.read import derived

RASTERS = frozenset({"mosaic", "basemap"})
"""The kinds of derived files that are drawn on maps."""

HEAD = "<head>"
SERVER = "<script>window.__streamlit = {BACKEND_BASE_URL: window.location.origin};</script>"


@cache
def html() -> str:
    """Streamlit's own HTML, with the server named before anything else is loaded."""
    index = Path(streamlit.__file__).parent / "static" / "index.html"
    return index.read_text("utf-8").replace(HEAD, HEAD + SERVER, 1)


def page(request: Request) -> HTMLResponse:
    """The HTML of any page; which one it is, the client reads from the address."""
    return HTMLResponse(html(), headers={"Cache-Control": "no-cache"})


def to_first(request: Request) -> RedirectResponse:
    """From the first page's name to its address, keeping what was asked of it."""
    return RedirectResponse(f"/?{request.url.query}")


def tile(request: Request) -> Response:
    """A tile of a raster that is the current one of its kind. `layer` is its number in the store, never a path."""
    asked = request.path_params
    try:
        with Store.open(session.home(), create=False) as store:
            raster = derived.get(store, asked["layer"])
            place = store.home / raster.path
        if raster.kind not in RASTERS:
            return Response(status_code=404)
        png = tile_png(place, asked["z"], asked["x"], asked["y"])
    except (Refusal, NoSuchTile):
        return Response(status_code=404)
    return Response(png, media_type="image/png", headers={"Cache-Control": "private, max-age=3600"})


PAGES = [Route(f"/{name}", to_first if name == FIRST else page) for name in ICONS]
TILES = Route("/tiles/{layer:int}/{z:int}/{x:int}/{y:int}.png", tile)

app = App(ENTRY, routes=[*PAGES, TILES])
