"""The sample: an independent renderer, a rendered flight, what is true in it, registry files as offices send them."""

from pathlib import Path

FOLDER = Path(__file__).resolve().parent
"""Where the committed sample lies: flight/, truth.json, registry/, basemap.geojson, district.geojson."""
