"""Dust on real pictures that nothing was trained on: what each detector finds, and how often it cries wolf.

    python -m benchmarks.bench_dust ../shared/data [--models dust,haze_baseline,smoke] [--thresholds 0.6,0.7,0.8]

Site dust by boxes at IoU 0.3 (real_eval), road dust by pictures in which boxes hold at least 30 % of the mask
(real_eval_dust), plain pictures by boxes a picture: natural scenes (bsds), drone frames of flights and of vehicles/val.
Every box counts, whatever its label, so that the smoke detector is measured alike.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from models.vision import zoo
from models.vision.datasets.reading import read_set
from models.vision.detections import Detections, Detector
from models.vision.merge import iou
from models.vision.pictures import read_picture

SUFFIXES = {".jpg", ".jpeg", ".png"}
ROAD_SHARE = 0.3


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--models", default="dust,haze_baseline,smoke")
    parser.add_argument("--thresholds", default="0.5,0.6,0.7,0.8")
    args = parser.parse_args()
    print(
        "model threshold | site dust | dust or smoke on it as dust | road dust | false: natural, flights, vehicles | s"
    )
    for name in args.models.split(","):
        detector = zoo.load(name, confidence=0.05)
        started = time.perf_counter()
        seen = {part: list(_looked(detector, files)) for part, files in _parts(args.shared).items()}
        seconds = time.perf_counter() - started
        for threshold in map(float, args.thresholds.split(",")):
            print(name, threshold, "|", *_row(args.shared, seen, threshold), "|", round(seconds, 1))


def _parts(shared: Path) -> dict[str, list[Path]]:
    detection = shared / "detection"
    flights = [f for f in _files(shared / "flights") if "caliterra" not in str(f)]
    return {
        "site": [f for f in _files(detection / "real_eval" / "images") if f.name.startswith("dust")],
        "road": _files(detection / "real_eval_dust" / "images"),
        "natural": _files(detection / "backgrounds" / "bsds"),
        "flights": flights[:: max(1, len(flights) // 40)],
        "vehicles": _files(detection / "vehicles" / "images" / "val"),
    }


def _files(folder: Path) -> list[Path]:
    return sorted(f for f in folder.rglob("*") if f.suffix.lower() in SUFFIXES)


def _looked(detector: Detector, files: Sequence[Path]) -> Iterator[tuple[Path, Detections, tuple[int, int]]]:
    for file in files:
        image = read_picture(file)
        found = detector.detect([image])[0]
        yield file, found, (image.shape[0], image.shape[1])


def _row(shared: Path, seen: dict[str, list[tuple[Path, Detections, tuple[int, int]]]], threshold: float) -> list[str]:
    labelled = {p.file.name: p.box for p in read_set(shared / "detection" / "real_eval").pictures}
    hit = whole = dust = 0
    for file, found, (height, width) in seen["site"]:
        sure = found.select(found.confidence >= threshold)
        truth = labelled[file.name] * [width, height, width, height]
        over = iou(truth, sure.box) if len(sure) else np.zeros((len(truth), 0))
        hit += int((over.max(axis=1, initial=0) >= 0.3).sum())
        dust += int((over[:, sure.label == "dust_plume"].max(axis=1, initial=0) >= 0.3).sum())
        whole += len(truth)
    road = [_share_held(shared, *one, threshold) for one in seen["road"]]
    judged = [share for share in road if share is not None]
    false = [
        np.mean([(f.confidence >= threshold).sum() for _, f, _ in seen[p]]) for p in ("natural", "flights", "vehicles")
    ]
    return [f"{hit}/{whole} | {dust}/{whole} | {sum(s >= ROAD_SHARE for s in judged)}/{len(judged)} |",
            " ".join(f"{x:.2f}" for x in false)]  # fmt: skip


def _share_held(shared: Path, file: Path, found: Detections, size: tuple[int, int], threshold: float) -> float | None:
    """The share of a picture's mask that lies in boxes; None where its mask is empty."""
    masks = shared / "detection" / "real_eval_dust" / "masks"
    mask = read_picture(next(masks.glob(f"{file.stem}*")))[..., 0] > 127
    if not mask.any():
        return None
    held = np.zeros(mask.shape, bool)
    factor = np.tile([mask.shape[1] / size[1], mask.shape[0] / size[0]], 2)
    for box, sure in zip(found.box * factor, found.confidence >= threshold, strict=True):
        if sure:
            u0, v0, u1, v1 = (round(float(x)) for x in box)
            held[v0:v1, u0:u1] = True
    return float(held[mask].mean())


if __name__ == "__main__":
    main()
