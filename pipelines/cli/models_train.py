"""`yaoxun models train` and `models export`: weights by a recipe, and weights as ONNX. Both need the train extra."""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

from pipelines import clock
from pipelines.cli import show
from pipelines.cli.parser import Commands, wants_json
from pipelines.errors import Refusal


def register(commands: Commands) -> None:
    """Add the commands of this file."""
    train = commands.add("models train", models_train, "train a detector by a recipe; hours on a processor")
    train.add_argument("recipe", metavar="RECIPE", help="a name of models/vision/training/recipes, or a TOML file")
    train.add_argument("--data", required=True, metavar="FOLDER", help="what the recipe's folders lie in")
    train.add_argument("--out", required=True, metavar="FOLDER", help="an empty folder for set, run and weights")
    train.add_argument("--threads", type=int, default=0, help="of torch; 0 leaves it to torch")
    export = commands.add("models export", models_export, "weights (safetensors) as an ONNX file")
    export.add_argument("weights", metavar="FILE.safetensors")
    export.add_argument("target", metavar="FILE.onnx")


def models_train(args: argparse.Namespace) -> int:
    """`models train RECIPE --data FOLDER --out FOLDER`."""
    from models.errors import ModelsError
    from models.vision.adapters.train import train
    from models.vision.training import recipe as recipes

    out, started = Path(args.out), clock.seconds()
    if out.exists() and any(out.iterdir()):
        raise Refusal(args.out, "folder_not_empty")
    try:
        recipe = recipes.read(args.recipe)
        out.mkdir(parents=True, exist_ok=True)
        done = train(recipe, Path(args.data), out, threads=args.threads)
    except ModelsError as error:
        raise Refusal(error.where, error.reason, error.detail) from error
    answer = {
        "recipe": recipe.name, "weights": str(done.weights), "releasable": recipe.releasable,
        "sha256": hashlib.sha256(done.weights.read_bytes()).hexdigest(), "windows": done.cut.windows,
        "boxes": done.cut.boxes, "set_sha256": done.cut.pictures_sha256, "seed": recipe.seed,
        "start_tensors": done.fitted, "tensors": done.tensors, "curve": [dict(row) for row in done.curve],
        "seconds": round(clock.seconds() - started, 1),
    }  # fmt: skip
    if wants_json(args):
        show.document(answer)
    else:
        show.text(f"{key:<14} {value}" for key, value in answer.items())
    return 0


def models_export(args: argparse.Namespace) -> int:
    """`models export FILE.safetensors FILE.onnx`."""
    from models.errors import ModelsError
    from models.vision.adapters.export import export_onnx

    weights = Path(args.weights)
    if not weights.is_file():
        raise Refusal(args.weights, "no_such_file")
    try:
        sha256 = export_onnx(weights, Path(args.target))
    except ModelsError as error:
        raise Refusal(args.weights, error.reason, error.detail) from error
    if wants_json(args):
        show.document({"file": args.target, "sha256": sha256})
    else:
        show.text([f"{args.target}   {sha256}"])
    return 0
