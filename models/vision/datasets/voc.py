"""The Pascal VOC form: an XML file of boxes for each picture."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from models.errors import BadDataset
from models.vision.datasets.labelled import SUFFIXES, LabelledPicture, LabelledSet, table_of

FORBIDDEN = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
Drawn = tuple[str, list[float], bool]


def looks_like_voc(folder: Path) -> bool:
    """Whether a folder holds Annotations/ as VOC keeps it, or XML files beside pictures as Roboflow exports them."""
    return (folder / "Annotations").is_dir() or any(folder.glob("*.xml")) or any(folder.glob("*/*.xml"))


def read_voc(folder: Path, split: str | None = None) -> LabelledSet:
    """Read a set by its folder.

    Args:
        folder: holds Annotations/ and JPEGImages/ (or images/); or XML files beside pictures, in it or in one folder
            a split.
        split: a list of ImageSets/Main, or a folder; by default everything there is.

    Raises:
        BadDataset: an XML file that is none, without size or corners, or whose picture is not there.
    """
    files = _files(folder, split)
    if not files:
        raise BadDataset(str(folder), "no XML files" + (f" for {split}" if split else ""))
    read = [(_picture_of(file, folder), *_boxes(file)) for file in files]
    names = sorted({name for _, drawn, _ in read for name, _, _ in drawn})
    numbers = {name: number for number, name in enumerate(names)}
    pictures = [_labelled(picture, drawn, size, numbers) for picture, drawn, size in read]
    root = folder / "JPEGImages" if (folder / "JPEGImages").is_dir() else folder
    return LabelledSet(root, dict(enumerate(names)), tuple(sorted(pictures, key=lambda p: str(p.file))), "voc")


def _files(folder: Path, split: str | None) -> list[Path]:
    notes = folder / "Annotations"
    if not notes.is_dir():
        return sorted((folder / split if split else folder).rglob("*.xml"))
    listed = folder / "ImageSets" / "Main" / f"{split}.txt"
    if split is None:
        return sorted(notes.rglob("*.xml"))
    if not listed.is_file():
        raise BadDataset(str(folder), f"no ImageSets/Main/{split}.txt")
    return [notes / f"{line.split()[0]}.xml" for line in listed.read_text("utf-8").splitlines() if line.strip()]


def _boxes(file: Path) -> tuple[list[Drawn], tuple[float, float]]:
    try:
        raw = file.read_bytes()
        if FORBIDDEN.search(raw):
            raise BadDataset(str(file), "entities are not read")
        root = ET.fromstring(raw)  # noqa: S314 - entities were refused above
        drawn = [_drawn(one) for one in root.iter("object")]
        size = (float(root.findtext("size/width") or 0), float(root.findtext("size/height") or 0))
    except (OSError, ET.ParseError, ValueError) as error:
        raise BadDataset(str(file), str(error)) from error
    if drawn and min(size) <= 0:
        raise BadDataset(str(file), "no size of the picture")
    return drawn, size


def _drawn(one: ET.Element) -> Drawn:
    corners = [float(one.findtext(f"bndbox/{key}") or "nan") for key in ("xmin", "ymin", "xmax", "ymax")]
    if not np.isfinite(corners).all():
        raise ValueError("an object without xmin, ymin, xmax, ymax")
    # VOC counts pixels from 1 and names the last one inside
    return (
        (one.findtext("name") or "").strip(),
        [corners[0] - 1, corners[1] - 1, *corners[2:]],
        ((one.findtext("difficult") or "0").strip() == "1"),
    )


def _picture_of(file: Path, folder: Path) -> Path:
    found = next(_candidates(file, folder), None)
    if found is None:
        raise BadDataset(str(file), "its picture is not there")
    return found


def _candidates(file: Path, folder: Path) -> Iterator[Path]:
    for place in (folder / "JPEGImages", folder / "images", file.parent):
        for suffix in sorted(SUFFIXES | {s.upper() for s in SUFFIXES}):
            picture = place / f"{file.stem}{suffix}"
            if picture.is_file():
                yield picture


def _labelled(picture: Path, drawn: list[Drawn], size: tuple[float, float], numbers: dict[str, int]) -> LabelledPicture:
    box = table_of([corners for _, corners, _ in drawn]) / np.array([*size, *size] if drawn else [1.0] * 4)
    number = np.array([numbers[name] for name, _, _ in drawn], int)
    return LabelledPicture(picture, number, box, np.array([hard for *_, hard in drawn], bool))
