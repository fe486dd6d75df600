"""The pictures that an opacity network learns from, one after another: a function of seed and number."""

from __future__ import annotations

import fnmatch
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from models.errors import BadDataset, BadRecipe
from models.vision.datasets.labelled import SUFFIXES, LabelledPicture
from models.vision.datasets.reading import read_set
from models.vision.detections import FloatArray, StrArray, UInt8Image
from models.vision.imaging import fitted
from models.vision.pictures import read_picture
from models.vision.training.composites.noise import fractal_tiles
from models.vision.training.composites.painted import DUSTS, painted
from models.vision.training.composites.plain import lookalike, photographed
from models.vision.training.opacity_recipe import OpacityRecipe, Photographs, RealPlumes

KEPT_PX = 640
SKIP = -1.0


class Sample(NamedTuple):
    """One picture with what is known of it.

    Attributes:
        image: (h, w, 3) uint8 RGB.
        opacity: (h, w) float32, the truth where it is known everywhere; zero outside `inside`.
        inside: (h, w) bool, where only this is known: somewhere in here is a plume (boxes around real smoke).
        weak: whether `inside` says what is known, rather than `opacity`.
        smoke: 1 smoke, 0 dust, `SKIP` neither is known.
        photograph: number of the photograph behind it, for the mining of negatives.
    """

    image: UInt8Image
    opacity: FloatArray
    inside: FloatArray
    weak: bool
    smoke: float
    photograph: int


@dataclass(slots=True)
class Stream:
    """Photographs in memory, and samples made of them.

    Attributes:
        plain: photographs without plumes.
        above: for each, whether it looks down from a drone.
        real: photographs of real smoke with their boxes (m, 4) in shares.
        recipe: shares of what is shown, seed.
        fooled: for each plain photograph how opaque the network has lately called it; those that fool it are shown
            more often. Written by the trainer.
        digest: SHA-256 over names and contents of all that was read.
    """

    plain: Sequence[UInt8Image]
    above: Sequence[bool]
    real: Sequence[tuple[UInt8Image, FloatArray]]
    recipe: OpacityRecipe
    digest: str
    fooled: FloatArray = field(init=False)
    tiles: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        self.fooled = np.full(len(self.plain), 0.02)
        self.tiles = fractal_tiles(self.recipe.seed, 48, 11 / 6)

    def sample(self, number: int, side_px: int) -> Sample:
        """The sample of a number; it also depends on what `fooled` holds by then."""
        random = np.random.default_rng((self.recipe.seed, number))
        share = random.uniform()
        if self.real and share < self.recipe.real_share:
            return self._weak(random, side_px)
        which = self._which(random)
        image = view_of(self.plain[which], random, side_px, turned=self.above[which])
        nothing = np.zeros(image.shape[:2], np.float32)
        share = random.uniform()
        if share < self.recipe.plain_share:
            return Sample(photographed(image, random), nothing, nothing, False, SKIP, which)
        if share < self.recipe.plain_share + self.recipe.lookalike_share:
            alike = photographed(lookalike(image, random, self.tiles), random)
            return Sample(alike, nothing, nothing, False, SKIP, -1)
        made = painted(image, self.above[which], random, self.tiles)
        return Sample(photographed(made.image, random), made.opacity, nothing, False, made.smoke, -1)

    def _which(self, random: np.random.Generator) -> int:
        weight = 0.02 + self.fooled
        return int(random.choice(len(self.plain), p=weight / weight.sum()))

    def _weak(self, random: np.random.Generator, side_px: int) -> Sample:
        image, box = self.real[int(random.integers(len(self.real)))]
        mask = np.zeros(image.shape[:2], np.float32)
        for u0, v0, u1, v1 in box * np.tile([image.shape[1], image.shape[0]], 2):
            mask[int(v0) : int(np.ceil(v1)), int(u0) : int(np.ceil(u1))] = 1
        both = np.dstack([image, (mask * 255).astype(np.uint8)])
        both = view_of(both, random, side_px, turned=False)
        image, mask = np.ascontiguousarray(both[..., :3]), (both[..., 3] > 127).astype(np.float32)
        smoke = 1.0
        if random.uniform() < self.recipe.tinted_share:
            image, smoke = _tinted(image, mask, random), SKIP
        return Sample(photographed(image, random), np.zeros_like(mask), mask, True, smoke, -1)


def view_of(image: UInt8Image, random: np.random.Generator, side_px: int, *, turned: bool) -> UInt8Image:
    """A square part of a picture, mirrored or not, `turned` also by any quarter: (side, side, channels)."""
    height, width = image.shape[:2]
    part = max(16, int(min(height, width) * random.uniform(0.45, 1.0)))
    v, u = int(random.integers(height - part + 1)), int(random.integers(width - part + 1))
    cut = image[v : v + part, u : u + part]
    if random.uniform() < 0.5:
        cut = cut[:, ::-1]
    if turned:
        cut = np.rot90(cut, int(random.integers(4)))
    way = cv2.INTER_AREA if part > side_px else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(np.ascontiguousarray(cut), (side_px, side_px), interpolation=way))


def _tinted(image: UInt8Image, mask: FloatArray, random: np.random.Generator) -> UInt8Image:
    """Real smoke in a dust's colour: what is colourless within the boxes takes it on."""
    x = image.astype(np.float32)
    grey = x.mean(axis=2, keepdims=True)
    colourless = 1 - np.clip((x.max(axis=2) - x.min(axis=2)) / 60, 0, 1)
    dust = DUSTS[int(random.integers(len(DUSTS) - 1))] ** (1 / 2.2)
    share = (cv2.GaussianBlur(mask, (0, 0), 6) * colourless * random.uniform(0.5, 1.0))[..., None]
    made = x * (1 - share) + grey * (dust / dust.mean()) * share
    return np.asarray(made.clip(0, 255), dtype=np.uint8)


def opened(recipe: OpacityRecipe, data: Path) -> Stream:
    """Read all photographs of a recipe.

    Raises:
        BadRecipe: a folder holds none that the recipe keeps.
    """
    digest = hashlib.sha256()
    plain: list[tuple[UInt8Image, bool]] = []
    real: list[tuple[UInt8Image, FloatArray]] = []
    for source in recipe.photographs:
        for file in _files(source, data):
            plain.append((_read(file, source.folder, digest), source.above))
    for weak in recipe.real:
        for picture, named in _labelled(weak, data):
            image = _read(picture.file, weak.folder, digest)
            if weak.word in named:
                real.append((image, picture.box[named == weak.word]))
            elif not len(named):
                plain.append((image, False))
    if not plain:
        raise BadRecipe(recipe.name, "no photograph without a plume")
    return Stream([p for p, _ in plain], [above for _, above in plain], real, recipe, digest.hexdigest())


def _read(file: Path, folder: str, digest: hashlib._Hash) -> UInt8Image:
    digest.update(f"{folder} {file.name}\n".encode() + file.read_bytes())
    return fitted(read_picture(file), KEPT_PX, enlarge=False)


def _labelled(weak: RealPlumes, data: Path) -> Iterator[tuple[LabelledPicture, StrArray]]:
    """Pictures of a set, each with the set's own words of its boxes."""
    try:
        found = read_set(data / weak.folder, weak.split)
    except BadDataset as error:
        raise BadRecipe(weak.folder, f"{error.where}: {error.detail}") from error
    for picture in found.pictures:
        yield picture, np.array([found.names[int(n)] for n in picture.number], dtype=np.str_)


def _files(source: Photographs, data: Path) -> list[Path]:
    folder = data / source.folder
    files = sorted(f for f in folder.rglob("*") if f.suffix.lower() in SUFFIXES)
    kept = [f for f in files if not any(fnmatch.fnmatch(f.name, pattern) for pattern in source.leave_out)]
    if not kept:
        raise BadRecipe(source.folder, "no picture there is kept")
    return kept
