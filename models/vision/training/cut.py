"""Labelled pictures of several sources to one set in YOLO form, cut into windows where they are large."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from models.errors import BadDataset, BadRecipe
from models.vision.datasets.labelled import LabelledPicture
from models.vision.datasets.reading import read_set
from models.vision.datasets.twins import require_no_twins
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


def cut(recipe: Recipe, data: Path, target: Path, names: Mapping[int, str] | None = None) -> CutSet:
    """Write the windows of a recipe's sources as a set that a trainer reads.

    Args:
        recipe: what to use.
        data: the folder that its sources lie in.
        target: an empty folder.
        names: classes of the network, where the recipe keeps those of its start weights.

    Raises:
        BadRecipe: a source has no pictures, or none that it keeps.
        LeakedSplit: a picture that is watched nearly equals one that is trained on.
    """
    parts = {
        "train": [_kept(source, data) for source in recipe.train],
        "val": [_kept(source, data) for source in recipe.validate],
    }
    files = {part: [p.file for one in kept for p in one.pictures] for part, kept in parts.items()}
    require_no_twins(files["train"], files["val"])
    numbers = dict(zip(recipe.words, recipe.start_classes if names else range(len(recipe.words)), strict=True))
    digest = hashlib.sha256()
    windows: dict[str, int] = {}
    boxes: dict[str, int] = {}
    for part, kept in (("train", parts["train"]), ("val", parts["val"] or parts["train"])):
        windows[part] = boxes[part] = 0
        for number, one in enumerate(kept):
            for picture in one.pictures:
                digest.update(f"{part} {one.source.folder} {picture.file.name}\n".encode() + picture.file.read_bytes())
                digest.update(picture.box.tobytes() + picture.number.tobytes())
                for name, image, drawn in _windows_of(picture, one, numbers):
                    turns = 2 if recipe.quarter_turns and part == "train" else 1
                    for turn in range(turns):
                        _write(target, part, f"{number}_{name}_{turn}", *_turned(image, drawn, turn))
                    windows[part] += turns
                    boxes[part] += turns * len(drawn)
    yaml = target / "data.yaml"
    names = dict(names or enumerate(recipe.words))
    lines = [f"path: {json.dumps(str(target.resolve()))}", "train: images/train", "val: images/val"]
    yaml.write_text("\n".join([*lines, f"names: {json.dumps(names)}"]) + "\n", "utf-8")
    return CutSet(yaml, windows, boxes, digest.hexdigest())


@dataclass(frozen=True, slots=True)
class _Kept:
    """What a source gives: its pictures that are used, and the number of our word for each class number of the set."""

    source: Source
    pictures: tuple[LabelledPicture, ...]
    names: Mapping[int, str]

    def word(self, number: int) -> str | None:
        """Our word for a class of the set, by its number or its name; None where the recipe leaves it out."""
        return self.source.words.get(str(number), self.source.words.get(self.names[number]))


def _kept(source: Source, data: Path) -> _Kept:
    try:
        found = read_set(data / source.folder, source.split)
    except BadDataset as error:
        raise BadRecipe(source.folder, f"{error.where}: {error.detail}") from error
    pictures = tuple(p for p in found.pictures if source.takes(p.file.name))
    if not pictures:
        raise BadRecipe(source.folder, f"no picture of {source.split} is kept")
    return _Kept(source, pictures, found.names)


def _windows_of(
    picture: LabelledPicture, kept: _Kept, numbers: Mapping[str, int]
) -> Iterator[tuple[str, UInt8Image, FloatArray]]:
    """Each window with its boxes (m, 5): class, centre u, v, width, height in shares of the window."""
    image = read_picture(picture.file)
    height, width = image.shape[:2]
    said = [kept.word(int(number)) for number in picture.number]
    number = np.array([-1 if word is None else numbers[word] for word in said], dtype=np.float64)
    known = (number >= 0) & ~picture.ignored
    box, number = picture.box[known] * np.array([width, height, width, height]), number[known]
    side = kept.source.window_px or max(width, height)
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


def _turned(image: UInt8Image, drawn: FloatArray, turn: int) -> tuple[UInt8Image, FloatArray]:
    """A window and its rows (class, centre u, v, width, height in shares), turned left by so many quarters."""
    for _ in range(turn):
        image = np.rot90(image)
        drawn = np.column_stack([drawn[:, 0], drawn[:, 2], 1 - drawn[:, 1], drawn[:, 4], drawn[:, 3]])
    return np.ascontiguousarray(image), drawn


def _write(target: Path, part: str, name: str, image: UInt8Image, drawn: FloatArray) -> None:
    picture = target / "images" / part / f"{name}.png"
    label = target / "labels" / part / f"{name}.txt"
    for file in (picture, label):
        file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(picture, compress_level=1)
    rows = [f"{int(row[0])} " + " ".join(f"{value:.6f}" for value in row[1:]) for row in drawn]
    label.write_text("\n".join(rows) + ("\n" if rows else ""), "utf-8")
