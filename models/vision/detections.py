"""The one word between detectors, windows, measures and stages: boxes in columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.errors import BadShape

UInt8Image: TypeAlias = NDArray[np.uint8]
"""(h, w, 3) uint8, red green blue, row 0 on top, as stored in the file."""
FloatArray: TypeAlias = NDArray[np.floating]
BoolArray: TypeAlias = NDArray[np.bool_]
StrArray: TypeAlias = NDArray[np.str_]


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """n boxes found in one picture, in columns of one length.

    Attributes:
        box: (n, 4) float32, pixels u0, v0, u1, v1 of the picture as stored; u right, v down, (0, 0) the outer corner of
            the top left pixel; u0 <= u1 and v0 <= v1.
        label: (n,) str, the fixed words of the product (`dust_plume`, `vehicle`, …).
        confidence: (n,) float32 in 0–1, raw: comparable only within one model.
        probability: (n,) float32 in 0–1, calibrated; NaN where no calibration stands behind it.
        cues: n mappings from a cue's name to its figure: what the model saw, for people to check.
        model: (n,) str, name of the model that found it.

    Raises:
        BadShape: columns of different lengths, a box that is not finite or turned inside out, a confidence or a
            probability outside 0–1.
    """

    box: FloatArray
    label: StrArray
    confidence: FloatArray
    probability: FloatArray
    cues: tuple[Mapping[str, float], ...]
    model: StrArray

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "box", np.asarray(self.box, np.float32))
        put(self, "label", np.asarray(self.label, dtype=np.str_))
        put(self, "confidence", np.asarray(self.confidence, np.float32))
        put(self, "probability", np.asarray(self.probability, np.float32))
        put(self, "cues", tuple(self.cues))
        put(self, "model", np.asarray(self.model, dtype=np.str_))
        _require_columns(self)
        _require_boxes(self.box)
        _require_shares("confidence", self.confidence, nan_allowed=False)
        _require_shares("probability", self.probability, nan_allowed=True)

    def __len__(self) -> int:
        return len(self.cues)

    @classmethod
    def empty(cls) -> Detections:
        """No boxes."""
        return cls(np.zeros((0, 4)), np.zeros(0, np.str_), np.zeros(0), np.zeros(0), (), np.zeros(0, np.str_))

    @classmethod
    def of(
        cls,
        box: FloatArray,
        label: Sequence[str] | StrArray,
        confidence: FloatArray,
        model: str,
        *,
        cues: Sequence[Mapping[str, float]] | None = None,
    ) -> Detections:
        """Boxes of one model without a calibration.

        Args:
            box: (n, 4) pixels.
            label: n words.
            confidence: (n,) raw.
            model: the model's name.
            cues: n mappings; none given means no cues.
        """
        n = len(label)
        return cls(box, label, confidence, np.full(n, np.nan), cues or ({},) * n, np.full(n, model))  # type: ignore[arg-type]

    @classmethod
    def concat(cls, parts: Sequence[Detections]) -> Detections:
        """The rows of all parts, in their order."""
        if not parts:
            return cls.empty()
        return cls(
            np.concatenate([p.box for p in parts]),
            np.concatenate([p.label for p in parts]),
            np.concatenate([p.confidence for p in parts]),
            np.concatenate([p.probability for p in parts]),
            tuple(c for p in parts for c in p.cues),
            np.concatenate([p.model for p in parts]),
        )

    def select(self, which: BoolArray | NDArray[np.integer]) -> Detections:
        """The rows named by a mask of length n, or by row numbers in the order wanted."""
        which = np.asarray(which)
        if which.dtype == np.bool_ and which.shape != (len(self),):
            raise BadShape("which", f"a mask of {which.shape} for {len(self)} rows")
        rows = np.flatnonzero(which) if which.dtype == np.bool_ else which.astype(np.intp)
        return Detections(
            self.box[rows],
            self.label[rows],
            self.confidence[rows],
            self.probability[rows],
            tuple(self.cues[int(i)] for i in rows),
            self.model[rows],
        )

    def moved(self, u: float, v: float) -> Detections:
        """The same rows, their boxes shifted by (u, v) pixels."""
        shift = np.array([u, v, u, v], np.float32)
        return Detections(self.box + shift, self.label, self.confidence, self.probability, self.cues, self.model)

    def scaled(self, factor: float) -> Detections:
        """The same rows, found in a picture that was made smaller by `factor`, in pixels of the picture itself."""
        box = self.box * np.float32(factor)
        return Detections(box, self.label, self.confidence, self.probability, self.cues, self.model)


class Detector(Protocol):
    """Finds boxes in pictures and keeps nothing between two calls."""

    @property
    def name(self) -> str:
        """The zoo's name of it, written beside each box."""

    @property
    def sha256(self) -> str:
        """Of the weights, or of the source where there are none: part of a row's provenance."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The words it can give."""

    @property
    def window_px(self) -> int | None:
        """Side of the square windows that a large picture is cut into for it; None: it looks at the whole picture."""

    def detect(self, images: Sequence[UInt8Image]) -> list[Detections]:
        """Boxes of each picture, in the order of `images` and in each picture's own pixels.

        Args:
            images: (h, w, 3) uint8 RGB, sizes may differ.

        Raises:
            BadShape: one of them is no such array.
        """


def require_image(image: UInt8Image, where: str = "image") -> None:
    """Raise `BadShape` unless `image` is a non-empty (h, w, 3) uint8 array."""
    ok = isinstance(image, np.ndarray) and image.dtype == np.uint8 and image.ndim == 3 and image.shape[2] == 3
    if not ok or image.size == 0:
        seen = f"{image.dtype} {image.shape}" if isinstance(image, np.ndarray) else type(image).__name__
        raise BadShape(where, f"expected (h, w, 3) uint8, got {seen}")


def _require_columns(d: Detections) -> None:
    n = len(d.cues)
    if d.box.shape != (n, 4):
        raise BadShape("box", f"expected ({n}, 4), got {d.box.shape}")
    for name in ("label", "confidence", "probability", "model"):
        shape = getattr(d, name).shape
        if shape != (n,):
            raise BadShape(name, f"expected ({n},), got {shape}")


def _require_boxes(box: FloatArray) -> None:
    if not np.isfinite(box).all():
        raise BadShape("box", "a corner is not finite")
    if (box[:, 2:] < box[:, :2]).any():
        raise BadShape("box", "u1 < u0 or v1 < v0")


def _require_shares(name: str, values: FloatArray, *, nan_allowed: bool) -> None:
    inside = (values >= 0) & (values <= 1)
    if nan_allowed:
        inside |= np.isnan(values)
    if not inside.all():
        raise BadShape(name, f"{values[~inside][0]} is outside 0–1")
