"""`yaoxun models evaluate`: a detector against labelled pictures."""

from __future__ import annotations

import argparse
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.cli import show
from pipelines.cli.parser import Commands, home_of, wants_json
from pipelines.errors import Refusal

if TYPE_CHECKING:
    from models.vision.datasets.labelled import LabelledSet
    from models.vision.evaluation.evaluate import Evaluation

WHOLE_CURVE = 0.001
"""Threshold under which average precision is measured, so that the curve is whole."""
ROOT = Path(__file__).resolve().parents[2]
FROZEN = "models/vision"
SHOWN = ("model", "images", "sites", "map50", "map50_95", "confidence", "false_boxes_per_empty_image", "ece")


def register(commands: Commands) -> None:
    """Add the command."""
    evaluate = commands.add("models evaluate", models_evaluate, "score a model on labelled pictures (YOLO, COCO, VOC)")
    evaluate.add_argument("data", metavar="DATA", help="data.yaml, a COCO file, or the set's folder")
    evaluate.add_argument("--model", metavar="NAME", default="yolo11n_coco")
    evaluate.add_argument("--confidence", type=float, metavar="P", help="operating point; without it the model's own")
    evaluate.add_argument("--iou", type=float, default=0.5, metavar="T")
    evaluate.add_argument("--split", metavar="NAME", help="part of the set; without it val, else test, else train")
    evaluate.add_argument(
        "--map", action="append", default=[], metavar="CLASS=WORD", help="a class of the set as our word"
    )
    evaluate.add_argument(
        "--trained-on", metavar="SET", help="refuse where a picture nearly equals one of this set's train"
    )
    evaluate.add_argument("--report", metavar="FILE.html", help="write a page with curves and the worst cases")
    evaluate.add_argument("--seed", type=int, default=0, metavar="N", help="of the intervals")


def models_evaluate(args: argparse.Namespace) -> int:
    """`models evaluate DATA`: average precision sees every box, precision and recall those at the threshold."""
    from models.errors import ModelsError

    frozen = thresholds_commit(ROOT)
    try:
        evaluation = _evaluated(args)
    except ModelsError as error:
        where = args.data if error.where == args.data else f"{args.data}: {error.where}"
        raise Refusal(where, error.reason, error.detail) from error
    if args.report:
        _write_report(Path(args.report), evaluation, f"{args.model} on {args.data}", frozen)
    answer = {**evaluation.document, "thresholds": frozen, "report": args.report}
    if wants_json(args):
        show.document(answer)
    else:
        show.text(_lines(answer))
    return 0


def _evaluated(args: argparse.Namespace) -> Evaluation:
    from models.vision import zoo
    from models.vision.datasets.labelled import mapping_of
    from models.vision.datasets.reading import read_set
    from models.vision.datasets.twins import require_no_twins
    from models.vision.evaluation.evaluate import evaluate

    own, mapping = home_of(args) / zoo.OWN_FILE, mapping_of(args.map)
    threshold = zoo.entry(args.model, own=own).default_confidence if args.confidence is None else args.confidence
    labelled = read_set(Path(args.data), args.split)
    if args.trained_on:
        trained = read_set(Path(args.trained_on), "train")
        require_no_twins([p.file for p in trained.pictures], [p.file for p in labelled.pictures])
    detector = zoo.load(args.model, confidence=WHOLE_CURVE, own=own)
    return evaluate(
        labelled, detector, confidence=threshold, iou_at_least=args.iou, mapping=mapping, heights=_heights(labelled),
        seed=args.seed,
    )  # fmt: skip


def _heights(labelled: LabelledSet) -> Mapping[str, str]:
    """Bands of height above take-off, of the pictures whose tags tell one."""
    from geo.errors import GeoError
    from geo.tags import read_tags
    from models.vision.datasets.about import band_of

    found: dict[str, str] = {}
    for picture in labelled.pictures:
        try:
            height = read_tags(picture.file).relative_altitude_m
        except GeoError:
            continue  # a picture without readable tags is measured all the same; its height is unknown
        if height is not None:
            found[picture.file.name] = band_of(max(height, 0.0))
    return found


def thresholds_commit(root: Path) -> Mapping[str, Any] | None:
    """The commit that last changed models and thresholds, and whether they were changed since; None without git."""
    git = shutil.which("git")
    if git is None or not (root / ".git").exists():
        return None

    def said(*words: str) -> str:
        done = subprocess.run([git, "-C", str(root), *words], capture_output=True, text=True, check=False)  # noqa: S603
        return done.stdout.strip() if done.returncode == 0 else ""

    commit = said("log", "-1", "--format=%H", "--", FROZEN)
    return {"commit": commit, "clean": not said("status", "--porcelain", "--", FROZEN)} if commit else None


def _write_report(file: Path, evaluation: Evaluation, title: str, frozen: Mapping[str, Any] | None) -> None:
    from models.vision.evaluation.report import page

    text = page(evaluation, title=title, frozen=frozen)
    beside = file.with_name(f".{file.name}.part")
    try:
        beside.write_text(text, "utf-8")
        beside.replace(file)
    except OSError as error:
        raise Refusal(str(file), "cannot_write", error.strerror or "") from error


def _lines(answer: Mapping[str, Any]) -> list[str]:
    lines = [f"{key:<28} {answer[key]}" for key in SHOWN]
    for word, figures in answer["classes"].items():
        told = ", ".join(f"{key} {figures[key]}" for key in ("boxes", "precision", "recall", "ap50", "ap30", "ap50_95"))
        lines.append(f"{word:<28} {told}")
    return lines
