"""`yaoxun models add` and `models promote`: a network of the house, and whether it may run by default."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines import clock
from pipelines.cli.acts import print_act
from pipelines.cli.parser import Commands, home_of, user_of
from pipelines.errors import Refusal

if TYPE_CHECKING:
    from pipelines.casework.own_models import OwnModel


def register(commands: Commands) -> None:
    """Add the commands of this file."""
    add = commands.add(
        "models add", models_add, "bring a network of your own: a checkpoint (.pt), .onnx or .safetensors"
    )
    add.add_argument("file", metavar="FILE")
    add.add_argument("--name", required=True, metavar="NAME", help="letters, digits and _")
    add.add_argument(
        "--map", action="append", required=True, metavar="CLASS=WORD", help="a class of the network as our word"
    )
    add.add_argument("--licence", default="", help="of weights and pictures, as their source declares")
    add.add_argument("--training-data", default="not said", help="what it learnt from")
    add.add_argument("--confidence", type=float, default=0.25, metavar="P", help="boxes below are dropped")
    add.add_argument("--size", type=int, default=640, metavar="PX", help="longer side of the network's input")
    add.add_argument("--window", type=int, metavar="PX", help="cut large pictures into windows of this side")
    promote = commands.add(
        "models promote", models_promote, "let a model of your own run by default, if it passes the gate"
    )
    promote.add_argument("name", metavar="NAME")
    promote.add_argument("--on", required=True, metavar="SET", help="labelled pictures that it was not trained on")
    promote.add_argument("--split", metavar="NAME", help="part of the set; without it val, else test, else train")
    promote.add_argument(
        "--trained-on", metavar="SET", help="refuse where a picture nearly equals one of this set's train"
    )


def models_add(args: argparse.Namespace) -> int:
    """`models add FILE --name NAME --map CLASS=WORD --licence L`."""
    from models.errors import ModelsError
    from models.vision.adapters.checkpoint import to_onnx
    from models.vision.runtimes import REFERENCE, module_of
    from pipelines.casework.own_models import add_model
    from pipelines.store import Store

    said = _said(args)
    with Store.open(home_of(args)) as store, tempfile.TemporaryDirectory() as folder:
        onnx = Path(folder) / "network.onnx"
        try:
            to_onnx(Path(args.file), onnx)
            module_of(REFERENCE).open_detector(
                onnx, name=said.name, sha256="", labels=said.labels, confidence=said.confidence, size_px=said.size_px
            )
        except ModelsError as error:
            raise Refusal(args.file, error.reason, error.detail) from error
        act = add_model(store, onnx, said, source=Path(args.file).name, by=user_of(args), at=clock.now())
    return print_act(args, act)


def _said(args: argparse.Namespace) -> OwnModel:
    from models.vision.datasets.labelled import WORDS
    from pipelines.casework.own_models import OwnModel

    labels: dict[str, str] = {}
    for pair in args.map:
        name, _, word = (part.strip() for part in pair.rpartition("="))
        if not name or word not in WORDS:
            raise Refusal(pair, "bad_dataset", f"a mapping is CLASS=WORD, words are {', '.join(WORDS)}")
        labels[name] = word
    if not 0 < args.confidence < 1 or args.size < 32 or (args.window is not None and args.window < 32):
        raise Refusal(args.name, "bad_settings", "--confidence lies between 0 and 1, --size and --window from 32 on")
    return OwnModel(args.name, labels, args.licence, args.training_data, args.confidence, args.size, args.window)


def models_promote(args: argparse.Namespace) -> int:
    """`models promote NAME --on SET`: measured here and now, beside what runs by default."""
    from models.errors import ModelsError
    from pipelines.casework.own_models import promote_model, write_zoo
    from pipelines.store import Store

    with Store.open(home_of(args), create=False) as store:
        own = write_zoo(store)
        try:
            mine, standing = _measured(args, own)
        except ModelsError as error:
            raise Refusal(error.where, error.reason, error.detail) from error
        act = promote_model(store, args.name, mine, standing, by=user_of(args), at=clock.now())
    return print_act(args, act)


def _measured(args: argparse.Namespace, own: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The model's document, and for each of its words that of the default model which finds it."""
    from models.vision import zoo
    from models.vision.datasets.reading import read_set
    from models.vision.datasets.twins import require_no_twins
    from models.vision.evaluation.evaluate import evaluate
    from pipelines.cli.models_evaluate import WHOLE_CURVE

    labelled = read_set(Path(args.on), args.split)
    if args.trained_on:
        trained = read_set(Path(args.trained_on), "train")
        require_no_twins([p.file for p in trained.pictures], [p.file for p in labelled.pictures])

    def document(name: str) -> dict[str, Any]:
        point = zoo.entry(name, own=own).default_confidence
        return evaluate(labelled, zoo.load(name, confidence=WHOLE_CURVE, own=own), confidence=point).document

    words = zoo.entry(args.name, own=own).words
    before = {word: name for name in zoo.default_set(own=own) for word in zoo.entry(name, own=own).words}
    known = {name: document(name) for name in sorted({before[w] for w in words if w in before} - {args.name})}
    return document(args.name), {word: known[before[word]] for word in words if before.get(word) in known}
