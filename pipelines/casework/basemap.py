"""The raster below the maps of a home: any orthophoto that the office has."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from geo.cog import MapRaster, map_raster_of, write_cog
from geo.errors import GeoError
from pipelines.casework.acting import acting, noted
from pipelines.casework.people import permitted
from pipelines.errors import Refusal
from pipelines.records import Act
from pipelines.store import Store
from pipelines.store import derived as derived_files
from pipelines.store.files import sha256_of
from pipelines.store.read import derived
from pipelines.store.read.journal import first_entry_of_row
from pipelines.store.write.derived import NewDerived, set_current

KIND, SUBJECT = "basemap", "home"


def set_basemap(store: Store, file: Path, *, by: str | None, at: datetime) -> Act:
    """Let a raster be the ground of the maps. It is copied into the home, as a Cloud Optimized GeoTIFF if it is none.

    Args:
        store: the home.
        file: a GeoTIFF of 8 bits in 1, 3 or 4 bands that names its coordinate system.
        by: the account, or None for the local owner.
        at: when.

    Returns:
        The raster's number, state `current`. The same file again gives the earlier entry and writes nothing.

    Raises:
        Refusal: the role may not, `no_such_file`, `not_a_map_raster`.
    """
    permitted(store, by, "basemap_set", at=at)  # before a large file is copied; asked again in the transaction
    if not file.is_file():
        raise Refusal(str(file), "no_such_file")
    sha256 = sha256_of(file)
    before = derived.current(store, KIND, SUBJECT)
    if before is not None and before.key == sha256 and (store.home / before.path).is_file():
        return Act(str(before.id), "current", first_entry_of_row(store, "derived_file", str(before.id)))
    try:
        raster = map_raster_of(file)
        copy = derived_files.scratch(store, f"basemap-{sha256[:16]}.tif")
        write_cog(file, copy)
    except GeoError as error:
        raise Refusal(str(file), error.reason, error.detail) from error
    kept = derived_files.keep(store, copy, KIND, f"{sha256[:16]}.tif")
    new = NewDerived(KIND, SUBJECT, sha256, file.name, *kept, facts=_facts(raster))
    with acting(store, by, "basemap_set", at) as (tx, user):
        old = set_current(tx, new, made_by=user.id, run_id=None, at=at)
        row = derived.current(tx, KIND, SUBJECT)
        payload = {"file": file.name, "file_sha256": sha256, "crs": raster.crs, "bounds": list(raster.bounds)}
        entry = noted(tx, user, at=at, kind="basemap_set", subject=SUBJECT, payload=payload)
    if old is not None:
        derived_files.drop(store.home, old)
    return Act(str(row.id if row else ""), "current", entry)


def _facts(raster: MapRaster) -> dict[str, Any]:
    return {
        "crs": raster.crs,
        "bounds": [round(edge, 8) for edge in raster.bounds],
        "width": raster.width,
        "height": raster.height,
    }
