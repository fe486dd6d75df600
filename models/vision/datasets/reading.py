"""A labelled set in whichever of the known forms it is."""

from __future__ import annotations

from pathlib import Path

from models.errors import BadDataset
from models.vision.datasets.coco import find_coco, read_coco
from models.vision.datasets.labelled import LabelledSet
from models.vision.datasets.voc import looks_like_voc, read_voc
from models.vision.datasets.yolo import read_yolo


def read_set(path: Path, split: str | None = None) -> LabelledSet:
    """Read a labelled set.

    Args:
        path: data.yaml, a COCO file, or the folder of a set in YOLO, COCO or Pascal VOC form.
        split: which part; by default the one that a measure is made on (val, else test, else train).

    Raises:
        BadDataset: no such path, no form that is known, or a set that cannot be used.
    """
    if path.is_file():
        return read_coco(path) if path.suffix.lower() == ".json" else read_yolo(path, split)
    if not path.is_dir():
        raise BadDataset(str(path), "no such file or folder")
    annotations = find_coco(path, split)
    if annotations is not None:
        return read_coco(annotations)
    if looks_like_voc(path):
        return read_voc(path, split)
    return read_yolo(path, split)
