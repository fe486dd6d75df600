"""Which library runs a network fastest on this machine: measured once, remembered, and only where the boxes agree."""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import os
import platform
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models.errors import ModelsError, RuntimeMissing
from models.vision.detections import Detections, Detector, UInt8Image
from models.vision.merge import iou

RUNTIMES: Mapping[str, str] = {
    "onnxruntime": "models.vision.adapters.onnx",
    "openvino": "models.vision.adapters.openvino",
}
"""Name → module whose `open_detector` opens an ONNX file. The first is always there and the one to agree with."""
REFERENCE = "onnxruntime"
SAME_IOU = 0.95
WARM_UP, RUNS = 2, 5


@dataclass(frozen=True, slots=True)
class Timed:
    """One runtime on this machine: seconds a picture (median), whether it agrees with the reference, or why not."""

    runtime: str
    seconds: float | None
    agrees: bool
    why: str = ""


def measure(
    opened: Callable[[str], Detector],
    pictures: Sequence[UInt8Image],
    clock: Callable[[], float],
    *,
    threshold: float = 0.0,
) -> tuple[Timed, ...]:
    """Time each runtime on the same pictures.

    Args:
        opened: given a runtime's name, the detector on it.
        pictures: to look at, as large as those to come.
        clock: seconds that only go forward.
        threshold: of the detectors: what lies just above it may fall on either side.

    Returns:
        One row a runtime, the reference first.

    Raises:
        ModelsError: the reference itself cannot open the network.
    """
    reference = opened(REFERENCE).detect(pictures)
    return tuple(_timed(name, opened, pictures, reference, clock, threshold) for name in RUNTIMES)


def _timed(
    name: str,
    opened: Callable[[str], Detector],
    pictures: Sequence[UInt8Image],
    reference: Sequence[Detections],
    clock: Callable[[], float],
    threshold: float,
) -> Timed:
    try:
        detector = opened(name)
        found = detector.detect(pictures)
    except RuntimeMissing:
        return Timed(name, None, False, "not installed")
    except ModelsError as error:
        return Timed(name, None, False, error.detail)
    spent = []
    for run in range(WARM_UP + RUNS):
        start = clock()
        detector.detect(pictures)
        if run >= WARM_UP:
            spent.append((clock() - start) / max(len(pictures), 1))
    agrees = all(agree(a, b, threshold=threshold) for a, b in zip(reference, found, strict=True))
    return Timed(name, statistics.median(spent), agrees, "" if agrees else "its boxes differ from the reference's")


def agree(
    one: Detections, other: Detections, *, threshold: float = 0.0, iou_at_least: float = SAME_IOU, margin: float = 0.02
) -> bool:
    """Whether two runs found the same boxes of the same labels.

    Args:
        one: of a picture.
        other: of the same picture.
        threshold: of both runs.
        iou_at_least: a box has its counterpart at this overlap.
        margin: a box within so much of the threshold may be missing from the other run.
    """
    sure = threshold + margin
    return _all_in(one, other, sure, iou_at_least) and _all_in(other, one, sure, iou_at_least)


def _all_in(these: Detections, those: Detections, sure_from: float, iou_at_least: float) -> bool:
    sure = these.select(these.confidence >= sure_from)
    if not len(sure):
        return True
    if not len(those):
        return False
    same = (iou(sure.box, those.box) >= iou_at_least) & (sure.label[:, None] == those.label[None, :])
    return bool(same.any(axis=1).all())


def fastest(rows: Sequence[Timed]) -> str:
    """The quickest of those that agree with the reference."""
    able = [row for row in rows if row.seconds is not None and row.agrees]
    return min(able, key=lambda row: row.seconds or 0.0).runtime if able else REFERENCE


def machine(sha256: str, size_px: int, threads: int) -> str:
    """What a measurement holds for: network, input, threads, processor, versions of the libraries."""
    versions = []
    for package in RUNTIMES:
        try:
            versions.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            versions.append(f"{package} -")
    return "; ".join([sha256[:16], f"{size_px} px", f"{threads} threads", _processor(), *versions])


def _processor() -> str:
    """The processor's name, as Linux tells it; else what Python knows."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text("utf-8").splitlines() if told.is_file() else []
    named = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    cores = sum(line.startswith("processor") for line in lines)
    return f"{named or platform.processor() or platform.machine()} x{cores}"


def remembered(file: Path, key: str) -> str | None:
    """What was measured for a key (`machine`) before; None where nothing was, or the file cannot be read as such."""
    known = _known(file).get(key)
    name = known.get("fastest") if isinstance(known, dict) else None
    return name if name in RUNTIMES else None


def remember(file: Path, key: str, rows: Sequence[Timed]) -> None:
    """Write a measurement beside those that are there; whole or not at all."""
    known = _known(file)
    known[key] = {
        "fastest": fastest(rows),
        "seconds": {row.runtime: row.seconds for row in rows},
        "why": {row.runtime: row.why for row in rows if row.why},
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.part")
    part.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", "utf-8")
    part.replace(file)


def _known(file: Path) -> dict[str, Any]:
    """The file's content; a damaged file is as good as none, since it is measured again."""
    try:
        said = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def cache_file() -> Path:
    """Where measurements of this machine are kept: beneath XDG_CACHE_HOME, else ~/.cache."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path("~/.cache").expanduser()) / "yaoxun" / "runtimes.json"


def preferred(sha256: str, size_px: int, threads: int) -> str:
    """The runtime that was measured to be fastest here for a network; the reference where nothing was measured."""
    return remembered(cache_file(), machine(sha256, size_px, threads)) or REFERENCE


def module_of(runtime: str) -> Any:
    """The adapter of a runtime.

    Raises:
        RuntimeMissing: there is none of that name.
    """
    if runtime not in RUNTIMES:
        raise RuntimeMissing(runtime, f"there are {', '.join(RUNTIMES)}")
    return importlib.import_module(RUNTIMES[runtime])


def plain_pictures(side_px: int, count: int = 2, seed: int = 0) -> list[UInt8Image]:
    """Pictures to time on: rough patches, as large as those to come."""
    random = np.random.default_rng(seed)
    rough = [random.integers(0, 255, (12, 12, 3)).astype(np.uint8) for _ in range(count)]
    step = -(-side_px // 12)
    return [np.kron(one, np.ones((step, step, 1), np.uint8))[:side_px, :side_px] for one in rough]
