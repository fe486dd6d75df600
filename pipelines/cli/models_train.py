"""`yaoxun models train` and `models export`: weights by a recipe, and weights as ONNX. Both need the train extra."""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path
from typing import Any

from pipelines import clock
from pipelines.cli import show
from pipelines.cli.parser import Commands, wants_json
from pipelines.errors import Refusal

STATE = "state.pt"  # of an opacity training that was cut off: it goes on there


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
    from models.vision.training import opacity_recipe

    out, started = Path(args.out), clock.seconds()
    opacity = args.recipe in opacity_recipe.names() or opacity_recipe.is_one(Path(args.recipe))
    if out.exists() and any(out.iterdir()) and not (opacity and (out / STATE).is_file()):
        raise Refusal(args.out, "folder_not_empty")
    try:
        out.mkdir(parents=True, exist_ok=True)
        answer = _opacity(args, out) if opacity else _boxes(args, out)
    except ModelsError as error:
        raise Refusal(error.where, error.reason, error.detail) from error
    answer |= {"seconds": round(clock.seconds() - started, 1)}
    if wants_json(args):
        show.document(answer)
    else:
        show.text(f"{key:<14} {value}" for key, value in answer.items())
    return 0


def _boxes(args: argparse.Namespace, out: Path) -> dict[str, Any]:
    from models.vision.adapters.train import train
    from models.vision.training import recipe as recipes

    recipe = recipes.read(args.recipe)
    done = train(recipe, Path(args.data), out, threads=args.threads)
    return {
        "recipe": recipe.name, "weights": str(done.weights), "releasable": recipe.releasable,
        "sha256": hashlib.sha256(done.weights.read_bytes()).hexdigest(), "windows": done.cut.windows,
        "boxes": done.cut.boxes, "set_sha256": done.cut.pictures_sha256, "seed": recipe.seed,
        "start_tensors": done.fitted, "tensors": done.tensors, "curve": [dict(row) for row in done.curve],
    }  # fmt: skip


def _opacity(args: argparse.Namespace, out: Path) -> dict[str, Any]:
    from models.vision.adapters.opacity_train import train
    from models.vision.training import opacity_recipe

    recipe = opacity_recipe.read(args.recipe)
    done = train(recipe, Path(args.data), out, threads=args.threads, tell=show.note)
    return {
        "recipe": recipe.name, "weights": str(done.weights), "releasable": recipe.releasable,
        "sha256": hashlib.sha256(done.weights.read_bytes()).hexdigest(), "photographs": done.photographs,
        "real_smoke": done.real, "set_sha256": done.digest, "seed": recipe.seed,
        "curve": [dict(row) for row in done.curve[:: max(1, len(done.curve) // 50)]],
    }  # fmt: skip


def models_export(args: argparse.Namespace) -> int:
    """`models export FILE.safetensors FILE.onnx`."""
    from models.errors import ModelsError
    from models.vision.adapters.export import export_onnx
    from models.vision.adapters.opacity_export import export_opacity, is_opacity

    weights = Path(args.weights)
    if not weights.is_file():
        raise Refusal(args.weights, "no_such_file")
    try:
        write = export_opacity if is_opacity(weights) else export_onnx
        sha256 = write(weights, Path(args.target))
    except ModelsError as error:
        raise Refusal(args.weights, error.reason, error.detail) from error
    if wants_json(args):
        show.document({"file": args.target, "sha256": sha256})
    else:
        show.text([f"{args.target}   {sha256}"])
    return 0
