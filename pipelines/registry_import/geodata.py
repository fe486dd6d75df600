"""GeoPackage and zipped Shapefile, read by geopandas into what a GeoJSON would say, so that all three go one way."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

from shapely.geometry import mapping

from pipelines.errors import Refusal

SQLITE, ZIP = b"SQLite format 3\x00", b"PK\x03\x04"
PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
SHAPEFILE_ENCODINGS = ("utf-8", "gb18030")
NO_REGISTRY = frozenset(("layer_styles", "qgis_projects"))  # what QGIS keeps in a GeoPackage beside the data
UNPACKED_AT_MOST = 2 * 1024**3  # bytes
WKT_MATCH_AT_LEAST = 70  # per cent; below it pyproj has guessed


def is_geodata(data: bytes) -> bool:
    """Whether a file is a GeoPackage or a zip with a Shapefile, by its first bytes and what the zip lists."""
    return data.startswith(SQLITE) or bool(_shapefiles(data))


def read_geodata(name: str, data: bytes, *, encoding: str | None = None) -> tuple[dict[str, Any], str]:
    """Read a GeoPackage or a zipped Shapefile.

    Args:
        name: the file's, for refusals.
        data: the whole file.
        encoding: of a Shapefile's table; without it what its `.cpg` says, else UTF-8 and GB18030 are tried.

    Returns:
        A GeoJSON FeatureCollection whose `crs` is `EPSG:…` as the file declares it, None where it declares none that
        has a code (positions are as in the file, x east and y north); and the encoding, or `gpkg`.

    Raises:
        Refusal: `registry_file_unreadable`, `registry_file_too_large`, `encoding_unknown`.
    """
    with TemporaryDirectory() as folder:
        if data.startswith(SQLITE):
            path = Path(folder) / "layer.gpkg"
            path.write_bytes(data)
            return _document(_frame(name, path, layer=_layer(name, path))), "gpkg"
        path = _unpacked(name, data, Path(folder))
        candidates = [encoding] if encoding else [None] if path.with_suffix(".cpg").exists() else SHAPEFILE_ENCODINGS
        for candidate in candidates:
            try:
                return _document(_frame(name, path, encoding=candidate)), candidate or "shapefile"
            except (UnicodeDecodeError, LookupError):
                continue
    raise Refusal(name, "encoding_unknown", f"not readable as {encoding or ', '.join(SHAPEFILE_ENCODINGS)}")


def _shapefiles(data: bytes) -> list[str]:
    if not data.startswith(ZIP):
        return []
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile:
        return []
    return [name for name in names if name.lower().endswith(".shp") and not name.startswith("__MACOSX")]


def _unpacked(name: str, data: bytes, folder: Path) -> Path:
    """The one Shapefile's parts under names of ours: nothing that the zip is called reaches the disk."""
    found = _shapefiles(data)
    if len(found) > 1:
        raise Refusal(name, "registry_file_unreadable", f"{len(found)} Shapefiles: {', '.join(found)}; keep one")
    stem = PurePosixPath(found[0]).with_suffix("")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
            if unpacked > UNPACKED_AT_MOST:
                raise Refusal(name, "registry_file_too_large", f"it unpacks to {unpacked // 1024**2} MiB")
            for part in archive.namelist():
                path = PurePosixPath(part)
                if path.with_suffix("") == stem and path.suffix.lower() in PARTS:
                    (folder / f"layer{path.suffix.lower()}").write_bytes(archive.read(part))
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:  # cut, encrypted, packed in another way
        raise Refusal(name, "registry_file_unreadable", str(error)) from error
    return folder / "layer.shp"


def _layer(name: str, path: Path) -> str:
    import geopandas  # here and below: it takes a second, which only such files are worth
    from pyogrio.errors import DataSourceError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of GDAL, about what it mends by itself
            table = geopandas.list_layers(path)
    except DataSourceError as error:
        raise Refusal(name, "registry_file_unreadable", f"no GeoPackage: {error}") from error
    layers = dict(zip(table["name"], table["geometry_type"], strict=True))
    layers = {layer: geometry for layer, geometry in layers.items() if layer not in NO_REGISTRY}
    with_places = [layer for layer, geometry in layers.items() if geometry] or list(layers)
    if len(with_places) != 1:
        found = ", ".join(map(str, with_places))
        raise Refusal(name, "registry_file_unreadable", f"{len(with_places)} layers: {found}; keep one")
    return str(with_places[0])


def _frame(name: str, path: Path, **options: Any) -> Any:
    import geopandas
    from pyogrio.errors import DataLayerError, DataSourceError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return geopandas.read_file(path, engine="pyogrio", **options)
    except (DataSourceError, DataLayerError) as error:
        raise Refusal(name, "registry_file_unreadable", str(error)) from error


def _document(frame: Any) -> dict[str, Any]:
    fields = frame[[column for column in frame.columns if column != "geometry"]].astype(object)
    properties = fields.where(fields.notna(), None).to_dict("records") if len(fields.columns) else [{}] * len(frame)
    shapes = list(frame["geometry"]) if "geometry" in frame.columns else [None] * len(frame)
    return {
        "type": "FeatureCollection",
        "crs": _declared(getattr(frame, "crs", None)),
        "features": [
            {"type": "Feature", "properties": cells, "geometry": None if shape is None else mapping(shape)}
            for cells, shape in zip(properties, shapes, strict=True)
        ],
    }


def _declared(crs: Any) -> Mapping[str, Any] | None:
    code = None if crs is None else crs.to_epsg(min_confidence=WKT_MATCH_AT_LEAST)
    return None if code is None else {"type": "name", "properties": {"name": f"EPSG:{code}"}}
