"""Training the opacity network by a recipe. Needs the `train` extra; a processor of two cores is enough.

The loss of a painted picture is cross-entropy against its opacity, made steep (`opacity.taught`), and a soft Dice term
(Milletari et al. 2016); of a real one, whose boxes are weak truth, nothing may be opaque outside them, and within, the
most opaque two fifths must be. What is dust and what smoke counts only where there is something.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from models.errors import TrainExtraMissing
from models.vision.adapters.opacity_network import build
from models.vision.opacity import taught
from models.vision.training.composites.stream import SKIP, Sample, Stream, opened
from models.vision.training.opacity_recipe import OpacityRecipe

STRONGEST = 0.4
FORGETS = 0.7
SAVED_EVERY = 100


@dataclass(frozen=True, slots=True)
class TrainedOpacity:
    """What came of it: the weights, how many photographs stood behind it, their digest, and the curve."""

    weights: Path
    photographs: int
    real: int
    digest: str
    curve: tuple[Mapping[str, float], ...]


def train(
    recipe: OpacityRecipe,
    data: Path,
    target: Path,
    *,
    threads: int = 0,
    tell: Callable[[str], None] = lambda line: None,
) -> TrainedOpacity:
    """Train by a recipe; a run that was cut off goes on where it last saved.

    Args:
        recipe: what, from what, how long.
        data: the folder that its sources lie in.
        target: a folder; `weights.safetensors` and `curve.json` are written there, `state.pt` in between.
        threads: of torch; 0 leaves it to torch.
        tell: is given one line at every hundredth step.

    Raises:
        TrainExtraMissing: a package is not installed.
        BadRecipe: a source is not there.
    """
    try:
        torch = importlib.import_module("torch")
        save = importlib.import_module("safetensors.torch").save_file
    except ModuleNotFoundError as error:
        raise TrainExtraMissing("opacity training", f"no module {error.name}") from error
    if threads:
        torch.set_num_threads(threads)
    torch.manual_seed(recipe.seed)
    stream = opened(recipe, data)
    run = _Run(torch, recipe, stream, target / "state.pt")
    for step, samples in _batches(recipe, stream, run.step):
        run.learn(samples)
        if step % SAVED_EVERY == 0:
            run.keep()
            tell(json.dumps(run.curve[-1]))
    weights = target / "weights.safetensors"
    save({k: v.contiguous() for k, v in run.average.state_dict().items()}, str(weights), metadata={"kind": "opacity"})
    (target / "curve.json").write_text(json.dumps(run.curve), "utf-8")
    return TrainedOpacity(weights, len(stream.plain), len(stream.real), stream.digest, tuple(run.curve))


def _batches(recipe: OpacityRecipe, stream: Stream, done: int) -> Iterator[tuple[int, list[Sample]]]:
    """Steps that are still to do, each batch made while the one before it is learnt from."""
    plan = [
        (number, phase.side_px, min(phase.batch, end - number))
        for phase, start, end in _spans(recipe)
        for number in range(start, end, phase.batch)
    ]

    def made(job: tuple[int, int, int]) -> list[Sample]:
        number, side, count = job
        return [stream.sample(number + k, side) for k in range(count)]

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(made, plan[done]) if done < len(plan) else None
        for step in range(done, len(plan)):
            samples = waiting.result() if waiting is not None else []
            waiting = pool.submit(made, plan[step + 1]) if step + 1 < len(plan) else None
            yield step + 1, samples


def _spans(recipe: OpacityRecipe) -> Iterator[tuple[Any, int, int]]:
    start = 0
    for phase in recipe.phases:
        yield phase, start, start + phase.samples
        start += phase.samples


def steps_of(recipe: OpacityRecipe) -> int:
    """Steps of a whole training."""
    return sum(-(-phase.samples // phase.batch) for phase in recipe.phases)


class _Run:
    """Network, its running average, optimiser and curve; kept on disk so that a training may be cut off."""

    def __init__(self, torch: Any, recipe: OpacityRecipe, stream: Stream, file: Path) -> None:
        self.torch, self.stream, self.file = torch, stream, file
        self.steps, self.step = steps_of(recipe), 0
        self.curve: list[dict[str, float]] = []
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.network = build(pretrained=True).to(self.device).to(memory_format=torch.channels_last)
        decay = torch.optim.swa_utils.get_ema_multi_avg_fn(0.99)
        self._averaged = torch.optim.swa_utils.AveragedModel(self.network, multi_avg_fn=decay, use_buffers=True)
        self.average = self._averaged.module
        self.frozen = [self.network.stem, self.network.stem_norm, *self.network.blocks[: recipe.frozen_blocks]]
        for part in self.frozen:
            part.requires_grad_(False)
        encoder = [p for part in (self.network.stem, self.network.blocks) for p in part.parameters() if p.requires_grad]
        known = {id(p) for p in encoder}
        rest = [p for p in self.network.parameters() if p.requires_grad and id(p) not in known]
        groups = [{"params": encoder, "lr": recipe.encoder_rate}, {"params": rest, "lr": recipe.rate}]
        self.optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
        rates = [recipe.encoder_rate, recipe.rate]
        cycle = torch.optim.lr_scheduler.OneCycleLR
        self.rate = cycle(self.optimiser, rates, total_steps=self.steps + 1, pct_start=0.05)
        if file.is_file():
            self._go_on()

    def learn(self, samples: list[Sample]) -> None:
        """One step."""
        torch = self.torch
        image, truth, weak, smoke, is_weak = self._arrays(samples)
        self.network.train()
        for part in self.frozen:
            part.eval()
        out = self.network(image.contiguous(memory_format=torch.channels_last))
        loss, clean = _loss(torch, out, truth, weak, smoke, is_weak)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 2.0)
        self.optimiser.step()
        self.rate.step()
        self._averaged.update_parameters(self.network)
        self.step += 1
        for sample, opaque in zip(samples, clean.tolist(), strict=True):
            if sample.photograph >= 0:
                old = self.stream.fooled[sample.photograph]
                self.stream.fooled[sample.photograph] = FORGETS * old + (1 - FORGETS) * opaque
        self.curve.append({"step": self.step, "loss": round(float(loss.detach()), 4)})

    def keep(self) -> None:
        """Write the whole state, whole or not at all."""
        part = self.file.with_suffix(".part")
        self.torch.save(
            {"step": self.step, "network": self.network.state_dict(), "averaged": self._averaged.state_dict(),
             "optimiser": self.optimiser.state_dict(), "rate": self.rate.state_dict(), "curve": self.curve,
             "fooled": self.torch.from_numpy(self.stream.fooled)}, part,
        )  # fmt: skip
        part.replace(self.file)

    def _go_on(self) -> None:
        state = self.torch.load(self.file, weights_only=True)
        self.network.load_state_dict(state["network"])
        self._averaged.load_state_dict(state["averaged"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.rate.load_state_dict(state["rate"])
        self.step, self.curve = int(state["step"]), list(state["curve"])
        self.stream.fooled[:] = state["fooled"].numpy()

    def _arrays(self, samples: list[Sample]) -> tuple[Any, Any, Any, Any, Any]:
        torch = self.torch
        image = np.stack([s.image for s in samples]).transpose(0, 3, 1, 2).astype(np.float32) / 255
        truth = np.stack([_quarter(taught(s.opacity)) for s in samples])
        inside = np.stack([_quarter(s.inside) for s in samples]) > 0.5
        smoke = np.array([s.smoke for s in samples], np.float32)
        is_weak = np.array([s.weak for s in samples])
        return tuple(torch.from_numpy(x).to(self.device) for x in (image, truth, inside, smoke, is_weak))


def _quarter(field: np.ndarray) -> np.ndarray:
    side = field.shape[0] // 4, field.shape[1] // 4
    return np.asarray(cv2.resize(field, side[::-1], interpolation=cv2.INTER_AREA), dtype=np.float32)


def _loss(torch: Any, out: Any, truth: Any, inside: Any, smoke: Any, is_weak: Any) -> tuple[Any, Any]:
    """The loss of a batch, and for each picture the mean of its most opaque hundredth."""
    F = torch.nn.functional
    logit, kind = out[:, 0], out[:, 1]
    opaque = logit.sigmoid()
    strongest = opaque.detach().flatten(1).topk(max(1, opaque[0].numel() // 100), dim=1).values.mean(1)
    total = logit.new_zeros(())
    if (~is_weak).any():
        some, soft = logit[~is_weak], truth[~is_weak]
        cross = F.binary_cross_entropy_with_logits(some, soft, reduction="none").mean((1, 2))
        share = some.sigmoid()
        dice = 1 - (2 * (share * soft).sum((1, 2)) + 20) / ((share**2 + soft**2).sum((1, 2)) + 20)
        total = total + (cross + 0.5 * dice).sum()
    for k in torch.nonzero(is_weak).flatten().tolist():
        total = total + _weak_loss(F, logit[k], inside[k])
    seen = torch.where(is_weak[:, None, None], (opaque.detach() > 0.25) & inside, truth > 0.1)
    seen &= (smoke != SKIP)[:, None, None]
    if seen.any():
        wanted = smoke[:, None, None].expand_as(kind)[seen]
        total = total + 0.3 * len(out) * F.binary_cross_entropy_with_logits(kind[seen], wanted)
    return total / len(out), strongest


def _weak_loss(F: Any, logit: Any, inside: Any) -> Any:
    outside = logit[~inside]
    loss = F.softplus(outside).sum() / logit.numel()
    within = logit[inside]
    if within.numel() > 4:
        strongest = within.topk(max(1, int(STRONGEST * within.numel()))).values
        loss = loss + 0.5 * F.softplus(-strongest).mean() * min(1.0, 4 * within.numel() / logit.numel() + 0.2)
    return loss
