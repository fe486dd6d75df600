"""`yaoxun models explain`: why a detector says what it says of one picture."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.cli import show
from pipelines.cli.models import own_zoo
from pipelines.cli.parser import Commands, wants_json
from pipelines.errors import Refusal

if TYPE_CHECKING:
    from models.vision.detections import Detections
    from models.vision.explain import Explanation


def register(commands: Commands) -> None:
    """Add the command."""
    explain = commands.add(
        "models explain", models_explain, "what in a picture a detection rests on: cues and a heat map"
    )
    explain.add_argument("picture", metavar="PICTURE")
    explain.add_argument("--model", metavar="NAME", default="yolo11n_coco")
    explain.add_argument("--number", type=int, default=1, metavar="K", help="which detection, the surest first")
    explain.add_argument("--out", metavar="FILE.jpg", help="write the crop with the map over it")


def models_explain(args: argparse.Namespace) -> int:
    """`models explain PICTURE --number K`."""
    from models.errors import ModelsError
    from models.vision import compose, explain, pictures, zoo

    own = own_zoo(args)
    try:
        image = pictures.read_picture(Path(args.picture))
        found = compose.detect_image(image, [zoo.load(args.model, own=own)])
        if not 1 <= args.number <= len(found):
            raise Refusal(args.picture, "no_such_detection", f"{args.model} found {len(found)}")
        told = explain.explain(image, found, args.number - 1, zoo.load(args.model, confidence=0.001, own=own))
    except ModelsError as error:
        raise Refusal(args.picture, error.reason, error.detail) from error
    if args.out:
        _write(Path(args.out), explain.over_picture(image, told))
    answer = {**_answer(found, args.number - 1, told), "model": args.model, "out": args.out}
    if wants_json(args):
        show.document(answer)
    else:
        show.text(f"{key:<22} {value}" for key, value in answer.items() if key != "heat")
    return 0


def _answer(found: Detections, row: int, told: Explanation) -> dict[str, Any]:
    return {
        "label": str(found.label[row]),
        "confidence": round(float(found.confidence[row]), 4),
        "box": [round(float(v), 1) for v in found.box[row]],
        "cues": {k: float(v) for k, v in found.cues[row].items()},
        "crop": told.crop.tolist(),
        "confidence_in_crop": round(told.confidence, 4),
        "heat": [[round(float(v), 4) for v in cells] for cells in told.heat],
    }


def _write(file: Path, image: Any) -> None:
    from PIL import Image

    try:
        Image.fromarray(image).save(file, "JPEG", quality=90)
    except OSError as error:
        raise Refusal(str(file), "cannot_write", error.strerror or str(error)) from error
