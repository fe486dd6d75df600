"""The COCO form: one JSON file that names pictures, classes and boxes."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from models.errors import BadDataset
from models.vision.datasets.labelled import LabelledPicture, LabelledSet, table_of

MOST_BYTES = 2 << 30
ROBOFLOW = "_annotations.coco.json"


def find_coco(folder: Path, split: str | None) -> Path | None:
    """The JSON file of a folder in COCO form, named as COCO or as Roboflow names it; None: there is none."""
    splits = (split,) if split else ("val", "valid", "val2017", "test", "train", "train2017")
    names = [f"annotations/instances_{one}.json" for one in splits] + [f"{one}/{ROBOFLOW}" for one in splits]
    names += [] if split else [ROBOFLOW, "annotations.json"]
    return next((folder / name for name in names if (folder / name).is_file()), None)


def read_coco(file: Path, images: Path | None = None) -> LabelledSet:
    """Read a set by its JSON file.

    Args:
        file: the JSON.
        images: folder of the pictures; by default found beside the file.

    Raises:
        BadDataset: no such form, a box of an unknown picture or class, a picture that is not there.
    """
    said = _said(file)
    try:
        names = {int(row["id"]): str(row["name"]) for row in said["categories"]}
        rows = {int(row["id"]): row for row in said["images"]}
        drawn = _by_picture(said.get("annotations", []), rows, names, file)
        root = images or _folder(file, [str(row["file_name"]) for row in rows.values()])
        pictures = [_picture(root / str(row["file_name"]), row, drawn[number]) for number, row in rows.items()]
    except (KeyError, TypeError, ValueError) as error:
        raise BadDataset(str(file), f"{type(error).__name__}: {error}") from error
    missing = [p.file.name for p in pictures if not p.file.is_file()]
    if missing or not pictures:
        raise BadDataset(str(file), f"{len(missing)} pictures are not there, the first {missing[:1]}")
    licence = "; ".join(str(row.get("name", "")) for row in said.get("licenses", []) if isinstance(row, dict))
    return LabelledSet(root, names, tuple(sorted(pictures, key=lambda p: str(p.file))), "coco", licence)


def _said(file: Path) -> Mapping[str, Any]:
    try:
        if file.stat().st_size > MOST_BYTES:
            raise BadDataset(str(file), f"larger than {MOST_BYTES} bytes")
        said = json.loads(file.read_text("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise BadDataset(str(file), str(error)) from error
    if not isinstance(said, dict) or not {"images", "categories"} <= set(said):
        raise BadDataset(str(file), "no COCO file: it has no images or no categories")
    return said


def _by_picture(
    annotations: Sequence[Mapping[str, Any]], pictures: Mapping[int, Any], names: Mapping[int, str], file: Path
) -> Mapping[int, list[tuple[int, list[float], bool]]]:
    drawn: dict[int, list[tuple[int, list[float], bool]]] = defaultdict(list)
    for row in annotations:
        picture, number = int(row["image_id"]), int(row["category_id"])
        if picture not in pictures or number not in names:
            raise BadDataset(str(file), f"box {row.get('id')}: no picture {picture} or no class {number}")
        box = [float(value) for value in row["bbox"]]
        if len(box) != 4 or not np.isfinite(box).all():
            raise BadDataset(str(file), f"box {row.get('id')}: {box} is no u, v, width, height")
        drawn[picture].append((number, box, bool(row.get("iscrowd", 0))))
    return drawn


def _picture(file: Path, row: Mapping[str, Any], drawn: Sequence[tuple[int, list[float], bool]]) -> LabelledPicture:
    size = np.array([float(row["width"]), float(row["height"])] * 2)
    if not (size > 0).all():
        raise ValueError(f"picture {row['file_name']} has no size")
    box = table_of([one for _, one, _ in drawn])
    corners = np.hstack([box[:, :2], box[:, :2] + box[:, 2:]]) / size
    return LabelledPicture(
        file, np.array([n for n, _, _ in drawn], int), corners, np.array([c for *_, c in drawn], bool)
    )


def _folder(file: Path, names: Sequence[str]) -> Path:
    """Where the first picture lies: beside the file, in images/, or in images/SPLIT as COCO's own names say."""
    split = file.stem.removeprefix("instances_")
    base = file.parent.parent if file.parent.name == "annotations" else file.parent
    near = [file.parent, base, base / "images", base / split, base / "images" / split]
    return next((folder for folder in near if names and (folder / names[0]).is_file()), file.parent)
