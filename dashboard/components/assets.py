"""Static files of the package as text. They go into the page inline: no static folder needs to be served."""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def text_of(name: str) -> str:
    """A file under `dashboard/static/`, decoded as UTF-8."""
    return resources.files("dashboard").joinpath("static").joinpath(name).read_text("utf-8")


@cache
def leaflet_module() -> str:
    """JavaScript that defines `L` inside an ES module from Leaflet's own build, leaving the page's globals alone."""
    source = text_of("leaflet/leaflet.js")
    return (
        "const L = (() => { const exports = {}; const module = { exports };\n"
        f"{source}\nreturn module.exports; }})();\n"
    )
