"""The detectors there are: hash, licence, training data, figures, and how each is opened."""

from __future__ import annotations

import hashlib
import importlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from models.errors import BadZoo, UnknownModel, WeightsChanged, WeightsMissing
from models.vision.detections import Detector

HERE = Path(__file__).parent

OPENED_BY: Mapping[str, str] = {
    "onnx": "models.vision.adapters.onnx",
    "ultralytics": "models.vision.adapters.ultralytics",
    "eager": "models.vision.adapters.eager",
    "opacity": "models.vision.adapters.opacity",
    "haze": "models.vision.haze",
    "water": "models.vision.water",
}
"""Kind of an entry → module whose `open_detector` builds it. Imported only when such an entry is loaded."""

AUTO = "auto"
OWN_FILE = "models/zoo.toml"
"""Where a home keeps the list of its own models, beneath its folder."""
SOURCE_KINDS = frozenset({"haze", "water"})
SHARED_SOURCES = ("imaging.py", "merge.py", "pairs.py")


@dataclass(frozen=True, slots=True)
class ZooEntry:
    """One detector of the zoo.

    Attributes:
        name: written beside each box it finds.
        kind: which module opens it, a key of `OPENED_BY`.
        file: weights, or the source file of a detector without weights; relative to the zoo file's folder.
        sha256: of that file; for a detector without weights, of its source and the steps it shares with others.
        licence: SPDX, or what the source declares.
        source: where the file comes from.
        training_data: what it learnt from.
        labels: class of the network → word of the product.
        default_confidence: boxes below are dropped.
        figures: what was measured, by name.
        window_px: side of the windows it looks through; None: at the whole picture.
        size_px: longer side of the network's input.
        default: part of the set that runs where nobody chose.
        folder: where `file` and the card lie.
    """

    name: str
    kind: str
    file: str
    sha256: str
    licence: str
    source: str
    training_data: str
    labels: Mapping[str, str]
    default_confidence: float
    figures: Mapping[str, float | str]
    window_px: int | None
    size_px: int
    default: bool
    folder: Path

    @property
    def path(self) -> Path:
        """The file itself."""
        return self.folder / self.file

    @property
    def windowed(self) -> bool:
        """Whether a large picture is cut into windows for it."""
        return self.window_px is not None

    @property
    def words(self) -> tuple[str, ...]:
        """The labels it can give, sorted."""
        return tuple(sorted(set(self.labels.values())))


def entries(file: Path | None = None, own: Path | None = None) -> tuple[ZooEntry, ...]:
    """All entries, in the order of the zoo file.

    Args:
        file: a zoo file; by default the one that comes with the product.
        own: a second one, of the home's own models; one that is not there holds none.

    Raises:
        BadZoo: unknown or missing keys, an unknown kind, two entries of one name.
        WeightsMissing: a source file that is to be hashed is not there.
    """
    found = _read(file or HERE / "zoo.toml")
    if own is None or not own.is_file():
        return found
    beside = _parsed(own)
    twice = sorted({e.name for e in found} & {e.name for e in beside})
    if twice:
        raise BadZoo(str(own), f"names of the product's own: {', '.join(twice)}")
    return found + beside


def entry(name: str, file: Path | None = None, own: Path | None = None) -> ZooEntry:
    """The entry of a name. Arguments as in `entries`.

    Raises:
        UnknownModel: there is none; the detail names those there are.
    """
    known = {e.name: e for e in entries(file, own)}
    if name not in known:
        raise UnknownModel(name, f"there are {', '.join(sorted(known))}")
    return known[name]


def default_set(file: Path | None = None, own: Path | None = None) -> tuple[str, ...]:
    """Names of the detectors that run where nobody chose. Arguments as in `entries`."""
    return tuple(e.name for e in entries(file, own) if e.default)


def load(
    name: str,
    *,
    confidence: float | None = None,
    threads: int = 0,
    runtime: str = "",
    file: Path | None = None,
    own: Path | None = None,
) -> Detector:
    """Open a detector, its file checked against the zoo.

    Args:
        name: of an entry.
        confidence: threshold; by default the entry's.
        threads: for its runtime; 0 leaves it to that. Detectors without a network run on OpenCV's threads.
        runtime: the library that runs an ONNX file, a name of `runtimes.RUNTIMES`; "" takes onnxruntime, `auto` the
            one that was measured to be fastest on this machine.
        file: see `entries`.
        own: see `entries`.

    Raises:
        UnknownModel: no entry of this name.
        WeightsMissing: its file is not there.
        WeightsChanged: the file's SHA-256 is another one.
        TrainExtraMissing: a kind that needs torch, where that is not installed.
        RuntimeMissing: no such runtime, or it is not installed.
        UnknownOutput: the file holds a network that is not understood.
    """
    found = entry(name, file, own)
    verify(found)
    module = _opener(found, runtime, threads)
    options: dict[str, Any] = {
        "name": found.name,
        "sha256": found.sha256,
        "labels": found.labels,
        "confidence": found.default_confidence if confidence is None else confidence,
        "size_px": found.size_px,
        "window_px": found.window_px,
        "threads": threads,
    }
    detector: Detector = module.open_detector(found.path, **options)
    return detector


def _opener(found: ZooEntry, runtime: str, threads: int) -> Any:
    if found.kind != "onnx" or not runtime:
        return importlib.import_module(OPENED_BY[found.kind])
    runtimes = importlib.import_module("models.vision.runtimes")
    name = runtimes.preferred(found.sha256, found.size_px, threads) if runtime == AUTO else runtime
    return runtimes.module_of(name)


def verify(found: ZooEntry) -> None:
    """Check an entry's file.

    Raises:
        WeightsMissing: it is not there.
        WeightsChanged: its SHA-256 is not the entry's.
    """
    seen = _digest(found.path, found.kind)
    if seen != found.sha256:
        raise WeightsChanged(found.name, f"{found.path} has {seen[:12]}…, the zoo says {found.sha256[:12]}…")


def card(name: str, file: Path | None = None, own: Path | None = None) -> str:
    """The card of an entry, in Markdown; of one without a written card what its entry says.

    Raises:
        UnknownModel: no entry of this name.
    """
    found = entry(name, file, own)
    path = found.folder / "cards" / f"{name}.md"
    return path.read_text("utf-8") if path.is_file() else _plain_card(found)


def _plain_card(found: ZooEntry) -> str:
    classes = ", ".join(f"{theirs} as {word}" for theirs, word in found.labels.items())
    return (
        f"# {found.name}\n\n- Finds: {classes}\n- Licence: {found.licence}\n- Trained on: {found.training_data}\n"
        f"- Came from: {found.source}\n- SHA-256: {found.sha256}\n- Threshold: {found.default_confidence}\n"
        f"- Runs by default: {'yes' if found.default else 'no'}\n"
    )


def _digest(path: Path, kind: str) -> str:
    digest = hashlib.sha256()
    try:
        for file in (path, *(HERE / name for name in SHARED_SOURCES if kind in SOURCE_KINDS)):
            digest.update(file.read_bytes())
    except OSError as error:
        raise WeightsMissing(str(path), error.strerror or "") from error
    return digest.hexdigest()


@cache
def _read(file: Path) -> tuple[ZooEntry, ...]:
    return _parsed(file)


def _parsed(file: Path) -> tuple[ZooEntry, ...]:
    try:
        rows = tomllib.loads(file.read_text("utf-8")).get("model", [])
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadZoo(str(file), str(error)) from error
    found = tuple(_entry(row, file, k) for k, row in enumerate(rows))
    names = [e.name for e in found]
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise BadZoo(str(file), f"two entries named {', '.join(twice)}")
    return found


OPTIONAL: Mapping[str, Any] = {"sha256": "", "window_px": None, "size_px": 640, "default": False, "figures": {}}


def _entry(row: Mapping[str, Any], file: Path, number: int) -> ZooEntry:
    where = f"{file}: model {row.get('name', number)}"
    keys = {f.name for f in fields(ZooEntry)} - {"folder"}
    unknown, missing = set(row) - keys, keys - set(row) - set(OPTIONAL)
    if unknown or missing:
        raise BadZoo(where, f"unknown keys {sorted(unknown)}, missing keys {sorted(missing)}")
    if row["kind"] not in OPENED_BY:
        raise BadZoo(where, f"unknown kind {row['kind']!r}")
    values = {**OPTIONAL, **row, "folder": file.parent}
    values["sha256"] = values["sha256"] or _digest(file.parent / row["file"], row["kind"])
    return ZooEntry(**values)
