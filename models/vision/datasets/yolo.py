"""The YOLO form: a data.yaml, a folder images/, and a text file of boxes for each picture beneath labels/."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from models.errors import BadDataset
from models.vision.datasets.labelled import SUFFIXES, LabelledPicture, LabelledSet

SPLITS = ("val", "test", "train")
CLASS_FILES = ("classes.txt", "obj.names")


def read_yolo(file: Path, split: str | None = None) -> LabelledSet:
    """Read a set by its data.yaml, or by its folder where that holds one, or images/, labels/ and classes.txt.

    Args:
        file: data.yaml, or the folder.
        split: `val`, `test` or `train`; by default the first of these that the set has.

    Raises:
        BadDataset: no names, no folder of pictures, a line that is no box, a class without a name.
    """
    said, base = _said(file)
    names = _names(said.get("names"), file)
    images = _images(said, base, split, file)
    pictures = tuple(_pictures(images, names))
    return LabelledSet(images, names, pictures, "yolo", str(said.get("license", said.get("licence", ""))))


def _said(file: Path) -> tuple[Mapping[str, Any], Path]:
    if file.is_dir():
        described = next((file / n for n in ("data.yaml", "data.yml", "dataset.yaml") if (file / n).is_file()), None)
        if described is None:
            return _without_description(file), file
        file = described
    try:
        said = yaml.safe_load(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadDataset(str(file), " ".join(str(error).split())) from error
    if not isinstance(said, dict):
        raise BadDataset(str(file), "no mapping of keys")
    return said, file.parent / str(said.get("path") or ".")


def _without_description(folder: Path) -> Mapping[str, Any]:
    named = next((folder / n for n in CLASS_FILES if (folder / n).is_file()), None)
    if named is None:
        raise BadDataset(str(folder), f"neither data.yaml nor {' nor '.join(CLASS_FILES)}")
    return {"names": [n.strip() for n in named.read_text("utf-8").splitlines() if n.strip()]}


def _names(said: object, file: Path) -> dict[int, str]:
    rows = dict(enumerate(said)) if isinstance(said, list) else said
    if not isinstance(rows, dict) or not rows:
        raise BadDataset(str(file), "no names")
    try:
        return {int(number): str(name) for number, name in rows.items()}
    except (TypeError, ValueError) as error:
        raise BadDataset(str(file), f"names: {error}") from error


def _images(said: Mapping[str, Any], base: Path, split: str | None, file: Path) -> Path:
    wanted = (split,) if split else SPLITS
    for one in wanted:
        folder = base / str(said[one]) if isinstance(said.get(one), str) else base / "images" / one
        if folder.is_dir():
            return folder
        if one in said:
            raise BadDataset(str(file), f"{one}: no folder {said[one]}")
    if split is None and (base / "images").is_dir():
        return base / "images"
    raise BadDataset(str(file), f"no pictures for {' or '.join(wanted)}")


def _pictures(images: Path, names: Mapping[int, str]) -> Iterator[LabelledPicture]:
    """The pictures with their drawn boxes, sorted by path. A picture without a text file has none."""
    files = sorted(f for f in images.rglob("*") if f.suffix.lower() in SUFFIXES)
    if not files:
        raise BadDataset(str(images), "no pictures")
    for file in files:
        yield _labelled(file, names)


def _labelled(file: Path, names: Mapping[int, str]) -> LabelledPicture:
    text = _label_of(file)
    try:
        lines = text.read_text("utf-8").splitlines() if text.is_file() else []
        rows = [_row(line.split()) for line in lines if line.strip()]
    except (ValueError, OSError) as error:
        raise BadDataset(str(text), str(error)) from error
    table = np.array(rows, np.float64).reshape(-1, 5)
    number = table[:, 0].astype(int)
    if not np.isfinite(table).all() or not np.isin(number, list(names)).all():
        raise BadDataset(str(text), "a class number that the set does not name, or a figure that is none")
    return LabelledPicture(file, number, table[:, 1:], np.zeros(len(table), bool))


def _label_of(file: Path) -> Path:
    """The last folder `images` of its path becomes `labels`; without one the text lies beside the picture."""
    parts = list(file.parts)
    at = len(parts) - 1 - parts[::-1].index("images") if "images" in parts else None
    text = file if at is None else Path(*parts[:at], "labels", *parts[at + 1 :])
    return text.with_suffix(".txt")


def _row(cells: list[str]) -> tuple[float, ...]:
    """Class and corners: of `class u v width height`, or of a polygon `class u v u v u v …`."""
    values = [float(cell) for cell in cells]
    if len(values) < 5:
        raise ValueError(f"{len(values)} figures in a line; a box has class, u, v, width, height")
    if len(values) in (5, 6):  # a sixth is a confidence
        u, v, half_w, half_h = values[1], values[2], values[3] / 2, values[4] / 2
        return values[0], u - half_w, v - half_h, u + half_w, v + half_h
    if len(values) % 2 == 0:
        raise ValueError(f"{len(values)} figures in a line: neither a box nor a polygon")
    return values[0], min(values[1::2]), min(values[2::2]), max(values[1::2]), max(values[2::2])
