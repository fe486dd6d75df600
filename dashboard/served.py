"""What the server runs: Streamlit's application, and the HTML that stands at the address of every page.

Streamlit's client takes the path of a page for a folder of the server and asks there first, which gives two 404 where
a page other than the first is opened by its address. The HTML given here names the server outright. The first page
has the address `/`; its name leads there.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse
from starlette.routing import Route
from streamlit.starlette import App

from dashboard.options import ENTRY
from dashboard.routing import FIRST, ICONS

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


app = App(ENTRY, routes=[Route(f"/{name}", to_first if name == FIRST else page) for name in ICONS])
