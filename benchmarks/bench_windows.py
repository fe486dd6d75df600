"""A large picture through windows: ours beside SAHI and beside plain ultralytics, same weights, windows and threads.

Needs the `train` extra; SAHI where it is installed (`pip install sahi --no-deps` and what it then asks for: its own
requirement would bring a second OpenCV), else its row says so. Also 20,000 boxes to be suppressed and merged.

    python -m benchmarks.bench_windows [PICTURE]
"""

from __future__ import annotations

import importlib
import os
import platform
import statistics
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from models.vision import zoo
from models.vision.adapters.onnx import open_detector
from models.vision.adapters.ultralytics import import_ultralytics
from models.vision.compose import detect_image
from models.vision.detections import Detections, UInt8Image
from models.vision.merge import kept_by_nms, merge_seams
from models.vision.pictures import read_picture

WINDOW_PX, OVERLAP, CONFIDENCE = 640, 0.2, 0.25
SIZE = (5472, 3648)  # a 20-megapixel sensor
ROUNDS, SEED, BOXES = 3, 7, 20_000
PLAIN_PX = 1280


def picture(argument: str | None) -> UInt8Image:
    """The given picture, else patches of the sample flight, at the size of a 20-megapixel sensor."""
    root = Path(__file__).resolve().parents[1]
    image = read_picture(Path(argument) if argument else root / "data_samples/flight/DJI_0003.JPG")
    tiles = np.tile(image, (-(-SIZE[1] // image.shape[0]), -(-SIZE[0] // image.shape[1]), 1))
    return np.ascontiguousarray(tiles[: SIZE[1], : SIZE[0]])


def timed(work: Callable[[], int]) -> tuple[float, int]:
    """Median seconds of some rounds after one that warms up, and the boxes found."""
    found = work()
    spent = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        spent.append(time.perf_counter() - start)
    return statistics.median(spent), found


def ours(image: UInt8Image) -> Callable[[], int]:
    """This project's windows on onnxruntime."""
    entry = zoo.entry("yolo11n_coco")
    detector = open_detector(
        entry.path, name="m", sha256="", labels=entry.labels, confidence=CONFIDENCE, size_px=WINDOW_PX,
        window_px=WINDOW_PX,
    )  # fmt: skip
    return lambda: len(detect_image(image, [detector], overlap_fraction=OVERLAP))


def sahi(image: UInt8Image) -> Callable[[], int] | None:
    """SAHI's windows on the same ONNX file through ultralytics; None where SAHI is not installed."""
    import_ultralytics()
    try:
        model = importlib.import_module("sahi").AutoDetectionModel
        predict = importlib.import_module("sahi.predict").get_sliced_prediction
    except ModuleNotFoundError as error:
        print(f"SAHI: not measured, no module {error.name}")
        return None
    detector = model.from_pretrained(
        model_type="ultralytics", model_path=str(zoo.entry("yolo11n_coco").path), confidence_threshold=CONFIDENCE,
        device="cpu", image_size=WINDOW_PX,
    )  # fmt: skip
    options = {
        "slice_height": WINDOW_PX, "slice_width": WINDOW_PX, "overlap_height_ratio": OVERLAP,
        "overlap_width_ratio": OVERLAP, "perform_standard_pred": False, "verbose": 0,
    }  # fmt: skip
    wanted = set(zoo.entry("yolo11n_coco").labels)
    return lambda: sum(
        one.category.name in wanted for one in predict(image, detector, **options).object_prediction_list
    )


def plain(image: UInt8Image) -> Callable[[], int]:
    """Ultralytics on the whole picture made smaller: quick, and blind to what is small."""
    network = import_ultralytics().YOLO(str(zoo.entry("yolo11n_coco").path), task="detect")
    bgr = np.ascontiguousarray(image[:, :, ::-1])
    options = {"imgsz": PLAIN_PX, "conf": CONFIDENCE, "classes": [2, 5, 7], "verbose": False, "device": "cpu"}
    return lambda: len(network.predict(bgr, **options)[0].boxes)


def many_boxes() -> None:
    """Suppression and merging of boxes that lie about as those of a large flight do."""
    random = np.random.default_rng(SEED)
    corner = np.repeat(random.uniform(0, 30_000, (BOXES // 20, 2)), 20, axis=0) + random.normal(0, 6, (BOXES, 2))
    box = np.hstack([corner, corner + random.uniform(30, 80, (BOXES, 2))]).astype(np.float32)
    found = Detections.of(box, ["vehicle"] * BOXES, random.uniform(0, 1, BOXES), "m")
    cut = random.uniform(size=BOXES) < 0.3
    for name, work in (
        ("suppression", lambda: len(kept_by_nms(found.box, found.confidence, found.label, iou_above=0.5))),
        ("merge over seams", lambda: len(merge_seams(found, cut, iou_above=0.5))),
    ):
        seconds, left = timed(work)
        tracemalloc.start()
        work()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        print(f"{name:<18} {BOXES} boxes → {left}: {seconds:.3f} s, {peak / 1e6:.1f} MB")


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["YOLO_CONFIG_DIR"] = folder
        image = picture(sys.argv[1] if len(sys.argv) > 1 else None)
        print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, {cv2.getNumThreads()} threads")
        print(f"{SIZE[0]} x {SIZE[1]}, windows of {WINDOW_PX}, overlap {OVERLAP}, yolo11n_coco.onnx")
        rows = {"ours": timed(ours(image))}
        peer = sahi(image)
        if peer is not None:
            rows["SAHI"] = timed(peer)
        rows[f"ultralytics at {PLAIN_PX}, no windows"] = timed(plain(image))
        for name, (seconds, boxes) in rows.items():
            print(f"{name:<36} {seconds:7.2f} s  {boxes:5d} boxes  ratio to ours {seconds / rows['ours'][0]:.2f}")
        many_boxes()


if __name__ == "__main__":
    main()
