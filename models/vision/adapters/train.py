"""Training a box detector by a recipe: start weights that fit by name and shape, ultralytics' trainer, safetensors out.

Needs the `train` extra. Runs on the CPU, and on a GPU where torch sees one. No network is asked.
"""

from __future__ import annotations

import csv
import importlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.errors import BadRecipe, TrainExtraMissing
from models.vision.adapters.ultralytics import import_ultralytics
from models.vision.training.cut import CutSet, cut
from models.vision.training.recipe import Recipe

QUIET = {"plots": False, "verbose": False, "workers": 0, "exist_ok": True, "amp": False, "deterministic": True}


@dataclass(frozen=True, slots=True)
class Trained:
    """What came of a training: the weights, the set, the curve, and how much of the start weights fitted."""

    weights: Path
    cut: CutSet
    curve: tuple[Mapping[str, float], ...]
    fitted: int
    tensors: int


def train(recipe: Recipe, data: Path, target: Path, *, threads: int = 0) -> Trained:
    """Train by a recipe.

    Args:
        recipe: what, from what, how long.
        data: the folder that its sources and start weights lie in.
        target: a folder for the set, the runs and the weights; `weights.safetensors` is written there at the end.
        threads: of torch; 0 leaves it to torch.

    Raises:
        TrainExtraMissing: torch, ultralytics or safetensors is not installed.
        BadRecipe: a source or the start weights are not there, or nothing of them fits.
    """
    ultralytics = import_ultralytics(target / "settings")
    torch = importlib.import_module("torch")
    if threads:
        torch.set_num_threads(threads)
    start, start_names = _start_state(data / recipe.start) if recipe.start else ({}, {})
    names = start_names if recipe.keep_start_classes else dict(enumerate(recipe.words))
    found = cut(recipe, data, target / "set", start_names if recipe.keep_start_classes else None)
    network = ultralytics.YOLO(recipe.network, task="detect")
    fitted = _Fitted()
    network.add_callback("on_pretrain_routine_end", lambda trainer: fitted.into(trainer, start, recipe.start_classes))
    if recipe.stop_after:
        network.add_callback("on_fit_epoch_end", lambda trainer: _stop(trainer, recipe.stop_after))
    device = 0 if torch.cuda.is_available() else "cpu"
    network.train(
        data=str(found.yaml), epochs=recipe.epochs, imgsz=recipe.image_px, batch=recipe.batch, seed=recipe.seed,
        device=device, project=str(target), name="run", pretrained=False, **QUIET, **recipe.options,
    )  # fmt: skip
    best = ultralytics.YOLO(str(target / "run" / "weights" / "best.pt"))
    weights = target / "weights.safetensors"
    save(best.model, recipe, weights, names)
    return Trained(weights, found, _curve(target / "run" / "results.csv"), fitted.count, fitted.of)


def _stop(trainer: Any, after: int) -> None:
    """Called by the trainer at an epoch's end; it leaves its loop where `stop` is set."""
    if trainer.epoch + 1 >= after:
        trainer.stop = True


class _Fitted:
    """Puts the tensors of the start weights that fit into a network, and counts them."""

    def __init__(self) -> None:
        self.count = self.of = 0

    def into(self, trainer: Any, start: Mapping[str, Any], classes: Sequence[int]) -> None:
        """Called by the trainer once its network stands; the average that it keeps starts from the same values."""
        for network in (trainer.model, trainer.ema.ema):
            state = network.state_dict()
            fitting = {k: _for(v, state[k], classes) for k, v in start.items() if k in state}
            fitting = {k: v for k, v in fitting.items() if v.shape == state[k].shape}
            network.load_state_dict(fitting, strict=False)
            self.count, self.of = len(fitting), len(state)
        if start and not self.count:
            raise BadRecipe("start", "no tensor of the start weights fits the network")


def _for(tensor: Any, wanted: Any, classes: Sequence[int]) -> Any:
    """A tensor of the start weights; of one that holds a row a class, the rows of the classes that are continued."""
    one_a_class = tensor.ndim and tensor.shape[1:] == wanted.shape[1:] and tensor.shape[0] > wanted.shape[0]
    if one_a_class and len(classes) == wanted.shape[0] and max(classes) < tensor.shape[0]:
        tensor = tensor[list(classes)]
    return tensor.to(wanted.dtype)


def _start_state(file: Path) -> tuple[dict[str, Any], dict[int, str]]:
    """Tensors by name, and class names by number."""
    try:
        safetensors = importlib.import_module("safetensors")
    except ModuleNotFoundError as error:
        raise TrainExtraMissing("safetensors", f"no module {error.name}") from error
    if not file.is_file():
        raise BadRecipe(str(file), "the start weights are not there")
    with safetensors.safe_open(str(file), "pt") as opened:
        names = json.loads((opened.metadata() or {}).get("names", "{}"))
        tensors = {name: opened.get_tensor(name) for name in opened.keys()}
    return tensors, {int(number): str(name) for number, name in names.items()}


def save(network: Any, recipe: Recipe, target: Path, classes: Mapping[int, str]) -> None:
    """Write a network as safetensors with the metadata that `load_network` reads: its yaml and its classes."""
    torch_file = importlib.import_module("safetensors.torch")
    state = {name: tensor.detach().cpu().contiguous().float() if tensor.is_floating_point() else tensor.cpu()
             for name, tensor in network.state_dict().items()}  # fmt: skip
    names = json.dumps({str(number): word for number, word in classes.items()})
    torch_file.save_file(state, str(target), metadata={"yaml": recipe.network, "names": names})


def _curve(file: Path) -> tuple[Mapping[str, float], ...]:
    with file.open(encoding="utf-8", newline="") as opened:
        return tuple({key.strip(): float(value) for key, value in row.items()} for row in csv.DictReader(opened))
