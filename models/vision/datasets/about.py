"""Where and how each picture of a set was taken: what a measure is split by, and what its intervals are drawn over."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from models.errors import BadDataset
from models.vision.datasets.labelled import LabelledPicture, LabelledSet
from models.vision.detections import UInt8Image

FILE = "about.csv"
COLUMNS = ("site", "camera", "height", "light")
HEIGHTS_M = (20, 60, 120)
MAKE, MODEL = 0x010F, 0x0110
DARK, BRIGHT = 70, 140  # median level of 255


@dataclass(frozen=True, slots=True)
class About:
    """Of one picture; `unknown` where nothing tells it."""

    site: str
    camera: str
    height: str
    light: str


def read_about(labelled: LabelledSet) -> Mapping[str, Mapping[str, str]]:
    """The rows of an about.csv in the set's folder or one above, by file name; empty where there is none.

    Its columns: `file`, and any of `site`, `camera`, `height_m`, `light`.

    Raises:
        BadDataset: a file without a column `file`, or a height that is no number.
    """
    places = [labelled.root, *list(labelled.root.parents)[:2]]
    found = next((place / FILE for place in places if (place / FILE).is_file()), None)
    if found is None:
        return {}
    with found.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.DictReader(opened))
    if rows and "file" not in rows[0]:
        raise BadDataset(str(found), "no column `file`")
    return {row["file"]: _stated(row, found) for row in rows}


def _stated(row: Mapping[str, str | None], file: Path) -> Mapping[str, str]:
    said = {key: (row.get(key) or "").strip() for key in ("site", "camera", "light")}
    height = (row.get("height_m") or "").strip()
    try:
        said["height"] = band_of(float(height)) if height else ""
    except ValueError as error:
        raise BadDataset(str(file), f"{row['file']}: {error}") from error
    return {key: value for key, value in said.items() if value}


def about(
    picture: LabelledPicture, labelled: LabelledSet, image: UInt8Image, stated: Mapping[str, Mapping[str, str]]
) -> About:
    """What is known of a picture: as stated, else by its folder or name, its EXIF, its brightness.

    Args:
        picture: of `labelled`.
        labelled: its set.
        image: (h, w, 3) uint8 RGB.
        stated: from `read_about`, perhaps with what the caller knows beside it (`height` by the tags).
    """
    said = stated.get(picture.file.name, {})
    return About(
        site=said.get("site") or site_of(picture.file, labelled.root),
        camera=said.get("camera") or _camera(picture.file),
        height=said.get("height") or "unknown",
        light=said.get("light") or light_of(image),
    )


def site_of(file: Path, root: Path) -> str:
    """The folder below the pictures' root, or the letters that the file's name begins with: one flight, one source."""
    parts = file.relative_to(root).parts if file.is_relative_to(root) else file.parts[-1:]
    if len(parts) > 1:
        return parts[0]
    found = re.match(r"[^\W\d_]+", file.stem)
    return found.group() if found else "other"


def band_of(height_m: float) -> str:
    """The band of a height over ground, in metres."""
    if not np.isfinite(height_m):
        raise ValueError(f"{height_m} is no height")
    edges = [0, *HEIGHTS_M]
    at = int(np.searchsorted(HEIGHTS_M, height_m, side="right"))
    return f"{edges[at]}-{HEIGHTS_M[at]} m" if at < len(HEIGHTS_M) else f"over {HEIGHTS_M[-1]} m"


def light_of(image: UInt8Image) -> str:
    """`dark`, `middling` or `bright`, by the median level."""
    level = float(np.median(image[::4, ::4]))
    return "dark" if level < DARK else "bright" if level >= BRIGHT else "middling"


def _camera(file: Path) -> str:
    with Image.open(file) as opened:
        tags = opened.getexif()
    words = [str(tags.get(tag, "")).strip().strip("\0") for tag in (MAKE, MODEL)]
    return " ".join(word for word in words if word) or "unknown"
