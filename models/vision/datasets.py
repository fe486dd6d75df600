"""Labelled sets as YOLO keeps them: a data.yaml, a folder of pictures, a text file of boxes for each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from models.errors import BadDataset
from models.vision.detections import FloatArray

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".webp"})
WORDS = ("dust_plume", "bare_soil", "outfall", "discharge", "foam", "smoke", "vehicle")
OUR_WORD: Mapping[str, str] = {
    **{w: w for w in WORDS},
    **dict.fromkeys(("car", "truck", "bus", "minibus", "van"), "vehicle"),
    "dust": "dust_plume",
}
"""Class name of a set, in lower case → word of the product. Other classes are left out of a measure."""


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """What a data.yaml says: folder of the pictures to measure on, and the class name of each number."""

    images: Path
    names: Mapping[int, str]


class LabelledPicture(NamedTuple):
    """A picture's file, its class numbers (m,) and boxes (m, 4) u0, v0, u1, v1 in shares of width and height."""

    file: Path
    number: np.ndarray
    box: FloatArray


def read_set(file: Path) -> LabelledSet:
    """Read a data.yaml: `names` and the first of `val`, `test`, `train`, below `path` or the file's own folder.

    Raises:
        BadDataset: no such file, no names, no folder of pictures.
    """
    try:
        keys, names = _parsed(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise BadDataset(str(file), str(error)) from error
    if not names:
        raise BadDataset(str(file), "no names")
    base = file.parent / keys.get("path", ".")
    for split in ("val", "test", "train"):
        if split in keys:
            images = base / keys[split]
            if not images.is_dir():
                raise BadDataset(str(file), f"{split}: no folder {images}")
            return LabelledSet(images, names)
    raise BadDataset(str(file), "neither val nor test nor train")


def _parsed(text: str) -> tuple[dict[str, str], dict[int, str]]:
    """The few forms of YAML that data.yaml files use: `key: value`, and names as a list or a mapping, inline or not."""
    keys: dict[str, str] = {}
    names: dict[int, str] = {}
    inside_names = False
    for raw in text.splitlines():
        line = re.sub(r"(^|\s)#.*$", "", raw).rstrip()
        if not line.strip():
            continue
        if inside_names and re.match(r"\s|-", line):
            number, _, word = (
                line.strip().rpartition(":") if not line.strip().startswith("-") else ("", "", line.strip()[1:])
            )
            names[int(number) if number else len(names)] = _bare(word)
            continue
        key, _, value = line.partition(":")
        inside_names = key.strip() == "names"
        if inside_names:
            names.update(_inline(value))
        else:
            keys[key.strip()] = _bare(value)
    return keys, names


def _inline(value: str) -> dict[int, str]:
    names: dict[int, str] = {}
    for item in (i for i in value.strip().strip("[]{}").split(",") if i.strip()):
        number, colon, word = item.partition(":")
        names[int(number) if colon else len(names)] = _bare(word if colon else number)
    return names


def _bare(text: str) -> str:
    return text.strip().strip("'\"")


def pictures_of(labelled: LabelledSet) -> Iterator[LabelledPicture]:
    """The pictures with their drawn boxes, sorted by path. A picture without a text file has none.

    Raises:
        BadDataset: the folder is empty, or a line is not `class u v width height`.
    """
    files = sorted(f for f in labelled.images.rglob("*") if f.suffix.lower() in SUFFIXES)
    if not files:
        raise BadDataset(str(labelled.images), "no pictures")
    for file in files:
        yield _labelled(file, labelled)


def _labelled(file: Path, labelled: LabelledSet) -> LabelledPicture:
    parts = list(file.parts)
    at = len(parts) - 1 - parts[::-1].index("images") if "images" in parts else None
    text = file if at is None else Path(*parts[:at], "labels", *parts[at + 1 :])
    text = text.with_suffix(".txt")
    rows = [line.split() for line in text.read_text("utf-8").splitlines() if line.strip()] if text.is_file() else []
    try:
        table = np.array([[float(x) for x in row[:5]] for row in rows], np.float64).reshape(-1, 5)
    except ValueError as error:
        raise BadDataset(str(text), str(error)) from error
    number, centre, half = table[:, 0].astype(int), table[:, 1:3], table[:, 3:5] / 2
    if not np.isin(number, list(labelled.names)).all():
        raise BadDataset(str(text), "a class number that data.yaml does not name")
    return LabelledPicture(file, number, np.hstack([centre - half, centre + half]))
