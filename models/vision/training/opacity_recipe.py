"""The training of an opacity network, written down: photographs with their licences, what is painted, sizes, seed."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from models.vision.training.recipe import FREE, read_in

FOLDER = Path(__file__).parent / "recipes" / "opacity"


@dataclass(frozen=True, slots=True)
class Photographs:
    """A folder of photographs without plumes.

    Attributes:
        folder: beneath the data folder; searched with all that lies beneath it.
        licence: as its source declares; which picture has which stands in the folder's own list.
        credit: whom to name.
        above: they look down from a drone.
        leave_out: patterns of file names.
    """

    folder: str
    licence: str
    credit: str
    above: bool
    leave_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RealPlumes:
    """A labelled set whose boxes hold real smoke; its pictures without any box count as photographs without plumes."""

    folder: str
    split: str
    word: str
    licence: str
    credit: str


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of the training: how many samples, how large, how many a step."""

    samples: int
    side_px: int
    batch: int


@dataclass(frozen=True, slots=True)
class OpacityRecipe:
    """All of a training but the pictures themselves.

    Attributes:
        name: of the recipe and of the model it makes.
        seed: of everything that is drawn.
        real_share: share of real smoke among the samples.
        tinted_share: share of those that is given a dust's colour.
        plain_share: share of plain photographs among the rest.
        lookalike_share: share of painted look-alikes among the rest.
        encoder_rate: AdamW's rate for the encoder.
        rate: its rate for the decoder.
        frozen_blocks: blocks of the encoder, from the stem on, that keep ImageNet's values.
        phases: one after the other, the rates falling along a cosine over all of them.
        photographs: without plumes.
        real: real smoke.
        note: what a reader of the card should know.
    """

    name: str
    seed: int
    real_share: float
    tinted_share: float
    plain_share: float
    lookalike_share: float
    encoder_rate: float
    rate: float
    frozen_blocks: int
    phases: tuple[Phase, ...]
    photographs: tuple[Photographs, ...]
    real: tuple[RealPlumes, ...]
    note: str

    @property
    def releasable(self) -> bool:
        """Whether every picture that is trained on may stand behind a released model."""
        licences = [part.licence for part in self.photographs] + [part.licence for part in self.real]
        return all(licence.startswith(FREE) for licence in licences)


def names() -> tuple[str, ...]:
    """The opacity recipes that come with the product."""
    return tuple(sorted(file.stem for file in FOLDER.glob("*.toml")))


def is_one(file: Path) -> bool:
    """Whether a file of one's own is a recipe of this kind: it lists photographs."""
    try:
        return "photographs" in tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return False


def read(name_or_file: str) -> OpacityRecipe:
    """A recipe by its name or from a file.

    Raises:
        BadRecipe: there is none, or a key is missing, unknown or impossible.
    """
    return read_in(FOLDER, name_or_file, _recipe)


def _recipe(name: str, said: Mapping[str, Any]) -> OpacityRecipe:
    strangers = sorted(set(said) - {field.name for field in fields(OpacityRecipe)})
    if strangers:
        raise ValueError(f"no such keys: {', '.join(strangers)}")
    phases = tuple(Phase(int(p["samples"]), int(p["side_px"]), int(p["batch"])) for p in said["phases"])
    uneven = [p.side_px for p in phases if p.side_px % 32 or p.side_px <= 0]
    if uneven or not phases:
        raise ValueError(f"phases need sides of multiples of 32 px, not {uneven or 'none'}")
    shares = {key: float(said[key]) for key in ("real_share", "tinted_share", "plain_share", "lookalike_share")}
    if any(not 0 <= share <= 1 for share in shares.values()):
        raise ValueError("a share lies outside 0–1")
    photographs = tuple(
        Photographs(str(p["folder"]), str(p["licence"]), str(p.get("credit", "")), bool(p.get("above", False)),
                    tuple(p.get("leave_out", ())))
        for p in said["photographs"]
    )  # fmt: skip
    real = tuple(
        RealPlumes(str(p["folder"]), str(p["split"]), str(p["word"]), str(p["licence"]), str(p.get("credit", "")))
        for p in said.get("real", ())
    )
    return OpacityRecipe(
        name=name, seed=int(said["seed"]), **shares, encoder_rate=float(said["encoder_rate"]), rate=float(said["rate"]),
        frozen_blocks=int(said.get("frozen_blocks", 0)), phases=phases, photographs=photographs, real=real,
        note=str(said.get("note", "")),
    )  # fmt: skip
