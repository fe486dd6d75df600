"""Labelled pictures of several sources to one set in YOLO form, cut into windows where they are large."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from models.errors import BadRecipe
from models.vision.datasets import SUFFIXES, LabelledPicture, LabelledSet, pictures_of
from models.vision.detections import FloatArray, UInt8Image
from models.vision.pictures import read_picture
from models.vision.training.recipe import Recipe, Source
from models.vision.windows import Window, windows_over

OVERLAP = 0.2
LEAST_SEEN = 0.4  # a box of which a window shows less is not drawn there


@dataclass(frozen=True, slots=True)
class CutSet:
    """A set written to a folder: its data.yaml, and how many windows and boxes each part holds."""

    yaml: Path
    windows: dict[str, int]
    boxes: dict[str, int]
    pictures_sha256: str
    """Of names and contents of all pictures and labels that went in: which set exactly a model was trained on."""


def cut(recipe: Recipe, data: Path, target: Path) -> CutSet:
    """Write the windows of a recipe's sources as a set that a trainer reads.

    Args:
        recipe: what to use.
        data: the folder that its sources lie in.
        target: an empty folder.

    Raises:
        BadRecipe: a source has no pictures, or none that it keeps.
    """
    digest = hashlib.sha256()
    windows: dict[str, int] = {}
    boxes: dict[str, int] = {}
    for part, sources in (("train", recipe.train), ("val", recipe.validate or recipe.train)):
        windows[part] = boxes[part] = 0
        for number, source in enumerate(sources):
            for picture in _kept(source, data):
                digest.update(f"{part} {source.folder} {picture.file.name}\n".encode() + picture.file.read_bytes())
                digest.update(picture.box.tobytes() + picture.number.tobytes())
                for name, image, drawn in _windows_of(picture, source, recipe.words):
                    _write(target, part, f"{number}_{name}", image, drawn)
                    windows[part] += 1
                    boxes[part] += len(drawn)
    yaml = target / "data.yaml"
    names = {number: word for number, word in enumerate(recipe.words)}
    lines = [f"path: {json.dumps(str(target.resolve()))}", "train: images/train", "val: images/val"]
    yaml.write_text("\n".join([*lines, f"names: {json.dumps(names)}"]) + "\n", "utf-8")
    return CutSet(yaml, windows, boxes, digest.hexdigest())


def _kept(source: Source, data: Path) -> Iterable[LabelledPicture]:
    images = data / source.folder / "images" / source.split
    if not images.is_dir():
        raise BadRecipe(source.folder, f"no folder images/{source.split} beneath the data folder")
    names = {number: str(number) for number in range(1000)}
    found = [p for p in pictures_of(LabelledSet(images, names)) if source.takes(p.file.name)]
    if not found or any(p.file.suffix.lower() not in SUFFIXES for p in found):
        raise BadRecipe(source.folder, f"no picture of images/{source.split} is kept")
    return found


def _windows_of(
    picture: LabelledPicture, source: Source, words: tuple[str, ...]
) -> Iterator[tuple[str, UInt8Image, FloatArray]]:
    """Each window with its boxes (m, 5): class, centre u, v, width, height in shares of the window."""
    image = read_picture(picture.file)
    height, width = image.shape[:2]
    known = np.isin(picture.number, list(source.words))
    box = picture.box[known] * np.array([width, height, width, height])
    number = np.array([words.index(source.words[int(n)]) for n in picture.number[known]], dtype=np.float64)
    side = source.window_px or max(width, height)
    for window in windows_over(width, height, side, OVERLAP):
        inside = seen_in(window, box)
        shown = np.column_stack([number[inside[0]], inside[1]])
        name = f"{picture.file.stem}_{window.u0}_{window.v0}"
        yield name, image[window.v0 : window.v1, window.u0 : window.u1], shown


def seen_in(window: Window, box: FloatArray) -> tuple[np.ndarray, FloatArray]:
    """Which boxes a window shows enough of, and their part in it.

    Returns:
        (n,) bool, and (m, 4) centre u, v, width, height in shares of the window's sides.
    """
    low, high = np.array([window.u0, window.v0]), np.array([window.u1, window.v1])
    clipped = np.hstack([np.clip(box[:, :2], low, high), np.clip(box[:, 2:], low, high)])
    shown = np.prod(clipped[:, 2:] - clipped[:, :2], axis=1)
    whole = np.prod(box[:, 2:] - box[:, :2], axis=1)
    keep = shown >= LEAST_SEEN * np.maximum(whole, 1e-9)
    keep &= whole > 0
    part = clipped[keep] - np.hstack([low, low])
    size = np.hstack([high - low, high - low]).astype(np.float64)
    share = part / size
    return keep, np.hstack([(share[:, :2] + share[:, 2:]) / 2, share[:, 2:] - share[:, :2]])


def _write(target: Path, part: str, name: str, image: UInt8Image, drawn: FloatArray) -> None:
    picture = target / "images" / part / f"{name}.png"
    label = target / "labels" / part / f"{name}.txt"
    for file in (picture, label):
        file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(picture, compress_level=1)
    rows = [f"{int(row[0])} " + " ".join(f"{value:.6f}" for value in row[1:]) for row in drawn]
    label.write_text("\n".join(rows) + ("\n" if rows else ""), "utf-8")
