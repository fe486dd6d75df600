"""What a labelled set is to us, whatever form it was written in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from models.errors import BadDataset
from models.vision.detections import BoolArray, FloatArray, StrArray

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".webp"})
WORDS = ("dust_plume", "bare_soil", "outfall", "discharge", "foam", "smoke", "vehicle")
OUR_WORD: Mapping[str, str] = {
    **{w: w for w in WORDS},
    **dict.fromkeys(("car", "truck", "bus", "minibus", "van", "lorry", "motorcycle"), "vehicle"),
    "dust": "dust_plume",
}
"""Class name of a set, in lower case → word of the product. Other classes are left out of a measure."""


class LabelledPicture(NamedTuple):
    """A picture and what is drawn in it.

    Attributes:
        file: the picture.
        number: (m,) class numbers of the set.
        box: (m, 4) u0, v0, u1, v1 in shares of width and height.
        ignored: (m,) True for a box that is neither to be found nor false where found: COCO's crowds, VOC's difficult.
    """

    file: Path
    number: np.ndarray
    box: FloatArray
    ignored: BoolArray


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """Pictures with boxes.

    Attributes:
        root: folder that the pictures lie in; what lies beneath it by folder is one site.
        names: class name of each number.
        pictures: sorted by path.
        form: `yolo`, `coco` or `voc`.
        licence: as the set declares; "" where it does not.
    """

    root: Path
    names: Mapping[int, str]
    pictures: tuple[LabelledPicture, ...]
    form: str
    licence: str = ""

    def words(self, picture: LabelledPicture, mapping: Mapping[str, str] = OUR_WORD) -> StrArray:
        """(m,) our word for each box of one of its pictures, "" for a class that the mapping leaves out."""
        return np.array([mapping.get(self.names[int(n)].lower(), "") for n in picture.number], dtype=np.str_)


def mapping_of(pairs: Sequence[str]) -> Mapping[str, str]:
    """A class mapping as people write it on the command line, on top of `OUR_WORD`.

    Args:
        pairs: `name=word`; `name=` leaves a class out.

    Raises:
        BadDataset: no `=`, or a word that the product does not have.
    """
    found = dict(OUR_WORD)
    for pair in pairs:
        name, sign, word = (part.strip() for part in pair.partition("="))
        if not sign or not name or (word and word not in WORDS):
            raise BadDataset(pair, f"a mapping is CLASS=WORD, words are {', '.join(WORDS)}")
        found[name.lower()] = word
    return {name: word for name, word in found.items() if word}


def table_of(rows: Sequence[Sequence[float]]) -> FloatArray:
    """(m, 4) of m boxes, also where m is 0."""
    return np.array(rows, np.float64).reshape(-1, 4)
