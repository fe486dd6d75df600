"""A training, written down: start weights, pictures with their licences, what is left out, sizes, epochs, seed."""

from __future__ import annotations

import fnmatch
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from models.errors import BadRecipe
from models.vision.datasets.labelled import WORDS

R = TypeVar("R")
FOLDER = Path(__file__).parent / "recipes"
FREE = ("CC0", "CC-BY", "CC-BY-SA", "MIT", "BSD", "Unsplash", "Pexels", "own")
"""What the licence of a picture may begin with that stands behind released weights. Unsplash and Pexels let pictures be
used for anything but selling them as they are."""


@dataclass(frozen=True, slots=True)
class Source:
    """One labelled folder, in YOLO form.

    Attributes:
        folder: beneath the data folder that is given to the command; a set in any form that `read_set` knows.
        split: which part of it.
        licence: of its pictures, as its source declares.
        credit: whom to name.
        keep: patterns of file names that are used.
        leave_out: patterns that are not, though kept; why stands in the recipe's note.
        words: class of the set, by its number or its name → our word; other classes are left out.
        window_px: side of the windows that pictures are cut into; None: whole pictures.
    """

    folder: str
    split: str
    licence: str
    credit: str
    keep: tuple[str, ...]
    leave_out: tuple[str, ...]
    words: Mapping[str, str]
    window_px: int | None

    def takes(self, name: str) -> bool:
        """Whether a picture of that file name is used."""
        kept = any(fnmatch.fnmatch(name, pattern) for pattern in self.keep)
        return kept and not any(fnmatch.fnmatch(name, pattern) for pattern in self.leave_out)

    @property
    def is_free(self) -> bool:
        """Whether its licence lets a released model train on it."""
        return self.licence.startswith(FREE)


@dataclass(frozen=True, slots=True)
class Recipe:
    """All of a training but the pictures themselves.

    Attributes:
        name: of the recipe and of the model it makes.
        network: yaml of ultralytics.
        start: safetensors beneath the data folder to start from; "" starts from nothing.
        start_licence: of the weights and the pictures behind them.
        start_classes: for each word the class of the start weights that it continues; empty where there is none.
        keep_start_classes: the network keeps all classes of its start weights, and a word is its start class: nothing
            of the head is thrown away. Otherwise its classes are the words.
        words: classes of the network, in order.
        image_px: side of the network's input in training.
        quarter_turns: each window of the training part stands there upright and turned by a quarter; exact, where the
            trainer's free rotation would leave boxes too large.
        epochs: over all windows.
        stop_after: epochs after which the training ends, its schedule laid out for all; 0 runs to the end.
        batch: windows a step.
        seed: of everything that is drawn.
        options: further arguments of the trainer.
        train: folders that are trained on.
        validate: folders that are watched, never trained on.
        note: what a reader of the card should know.
    """

    name: str
    network: str
    start: str
    start_licence: str
    start_classes: tuple[int, ...]
    keep_start_classes: bool
    words: tuple[str, ...]
    image_px: int
    quarter_turns: bool
    epochs: int
    stop_after: int
    batch: int
    seed: int
    options: Mapping[str, float | int | bool | str]
    train: tuple[Source, ...]
    validate: tuple[Source, ...]
    note: str

    @property
    def releasable(self) -> bool:
        """Whether every picture that is trained on may stand behind a released model."""
        return all(source.is_free for source in self.train)


def names() -> tuple[str, ...]:
    """The recipes that come with the product."""
    return tuple(sorted(file.stem for file in FOLDER.glob("*.toml")))


def read(name_or_file: str) -> Recipe:
    """A recipe by its name or from a file.

    Raises:
        BadRecipe: there is none, or a key is missing, unknown or impossible.
    """
    return read_in(FOLDER, name_or_file, _recipe)


def read_in(folder: Path, name_or_file: str, build: Callable[[str, Mapping[str, Any]], R]) -> R:
    """A recipe of any kind, by its name within the kind's folder or from a file; `build` makes it of name and keys.

    Raises:
        BadRecipe: there is none, or `build` raises KeyError, TypeError or ValueError.
    """
    file = folder / f"{name_or_file}.toml"
    if not file.is_file():
        file = Path(name_or_file)
    try:
        said = tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        known = ", ".join(sorted(one.stem for one in folder.glob("*.toml")))
        raise BadRecipe(name_or_file, f"{error}; there are {known}") from error
    try:
        return build(file.stem, said)
    except (KeyError, TypeError, ValueError) as error:
        raise BadRecipe(file.name, f"{type(error).__name__}: {error}") from error


def _recipe(name: str, said: Mapping[str, Any]) -> Recipe:
    words = tuple(said["words"])
    unknown = [word for word in words if word not in WORDS]
    if unknown or not words:
        raise ValueError(f"words are {', '.join(WORDS)}, not {', '.join(unknown) or 'none'}")
    known = {field.name for field in fields(Recipe)} - {"name"}
    strangers = sorted(set(said) - known)
    if strangers:
        raise ValueError(f"no such keys: {', '.join(strangers)}")
    if said.get("keep_start_classes") and len(said.get("start_classes", ())) != len(words):
        raise ValueError("keep_start_classes needs a start class for each word")
    return Recipe(
        name=name, network=str(said["network"]), start=str(said.get("start", "")),
        start_licence=str(said.get("start_licence", "")),
        start_classes=tuple(said.get("start_classes", ())), words=words, image_px=int(said["image_px"]),
        keep_start_classes=bool(said.get("keep_start_classes", False)),
        quarter_turns=bool(said.get("quarter_turns", False)),
        epochs=int(said["epochs"]), stop_after=int(said.get("stop_after", 0)), batch=int(said["batch"]),
        seed=int(said["seed"]),
        options=dict(said.get("options", {})), train=tuple(_source(one, words) for one in said["train"]),
        validate=tuple(_source(one, words) for one in said.get("validate", ())), note=str(said.get("note", "")),
    )  # fmt: skip


def _source(said: Mapping[str, Any], words: tuple[str, ...]) -> Source:
    classes = {str(name): str(word) for name, word in said["words"].items()}
    unknown = sorted(set(classes.values()) - set(words))
    if unknown:
        raise ValueError(f"{said['folder']}: {', '.join(unknown)} is no class of the network")
    return Source(
        folder=str(said["folder"]), split=str(said["split"]), licence=str(said["licence"]),
        credit=str(said.get("credit", "")), keep=tuple(said.get("keep", ("*",))),
        leave_out=tuple(said.get("leave_out", ())), words=classes, window_px=said.get("window_px"),
    )  # fmt: skip
