"""Pictures that are nearly the same: a set whose test pictures were seen in training measures memory, not skill."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from models.errors import BadShape, LeakedSplit
from models.vision.detections import UInt8Image
from models.vision.pictures import read_picture

SAME_BITS = 8
"""Of 64; unlike photographs differ in 20 and more, one saved again or made smaller in 0 to 6 (tests)."""
WORK_PX, KEPT = 32, 8
EXPORTED = re.compile(r"(_(jpe?g|png))?\.rf\.[0-9a-f]{16,}$", re.IGNORECASE)
"""What Roboflow adds to a file's name at each export and augmentation."""
BITS = np.array([bin(k).count("1") for k in range(256)], np.uint8)


class Twin(NamedTuple):
    """Two pictures, and in how many of 64 bits they differ; 0 where only their names tell."""

    one: str
    other: str
    bits: int
    why: str


def fingerprints(image: UInt8Image) -> NDArray[np.uint64]:
    """The perceptual hashes of a picture in its eight positions (turned by quarters, mirrored).

    Args:
        image: (h, w, 3) uint8 RGB.

    Returns:
        (8,) uint64, the picture as it is first.

    Source: pHash: the signs of the 8 x 8 lowest cosines of a 32 x 32 picture against their median.
    """
    if image.ndim != 3:
        raise BadShape("image", f"{image.shape}")
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY))
    small = cv2.resize(grey, (WORK_PX, WORK_PX), interpolation=cv2.INTER_AREA).astype(np.float32)
    turned = [np.rot90(side, k) for side in (small, small[:, ::-1]) for k in range(4)]
    return np.array([_hash(np.ascontiguousarray(one)) for one in turned], np.uint64)


def _hash(small: NDArray[np.float32]) -> np.uint64:
    low = np.asarray(cv2.dct(small))[:KEPT, :KEPT].ravel()
    bits = low > np.median(low)
    return np.uint64(int("".join("1" if bit else "0" for bit in bits), 2))


def distance(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """(n, m) bits in which (n,) and (m,) hashes differ."""
    differ = (one[:, None] ^ other[None, :]).view(np.uint8).reshape(len(one), len(other), 8)
    return np.asarray(BITS[differ].sum(axis=2, dtype=np.uint8))


def source_name(file: Path) -> str:
    """The name that a picture had before a labelling service exported it."""
    return EXPORTED.sub("", file.stem).lower()


def twins(train: Sequence[Path], test: Sequence[Path], *, same_bits: int = SAME_BITS) -> Iterator[Twin]:
    """Test pictures that nearly equal a training picture, in any turn, or come from the same source file.

    Args:
        train: pictures that were trained on.
        test: pictures to measure on.
        same_bits: at most so many of 64 bits differ.

    Raises:
        UnreadablePicture: one cannot be decoded.
    """
    if not train:
        return
    seen = np.array([fingerprints(read_picture(file))[0] for file in train], np.uint64)
    exported = {source_name(file): file for file in train if EXPORTED.search(file.stem)}
    for file in test:
        origin = exported.get(source_name(file))
        if origin is not None:
            yield Twin(str(file), str(origin), 0, "same source name")
            continue
        apart = distance(fingerprints(read_picture(file)), seen).min(axis=0)
        nearest = int(apart.argmin())
        if apart[nearest] <= same_bits:
            yield Twin(str(file), str(train[nearest]), int(apart[nearest]), "nearly the same picture")


def require_no_twins(train: Sequence[Path], test: Sequence[Path]) -> None:
    """Refuse a split that leaks.

    Raises:
        LeakedSplit: a test picture nearly equals a training picture; the detail names how many and the first.
        UnreadablePicture: one cannot be decoded.
    """
    found = list(twins(train, test))
    if found:
        first = found[0]
        pair = f"{Path(first.one).name} and {Path(first.other).name}: {first.why}"
        raise LeakedSplit(f"{len(found)} of {len(test)} pictures", pair)
