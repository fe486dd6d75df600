"""`yaoxun models fastest`: which library runs a network fastest on this machine; measured once, then remembered."""

from __future__ import annotations

import argparse
from functools import partial
from typing import TYPE_CHECKING

from pipelines import clock
from pipelines.cli import show
from pipelines.cli.parser import Commands, wants_json
from pipelines.errors import Refusal

if TYPE_CHECKING:
    from models.vision.detections import Detector
    from models.vision.runtimes import Timed


def register(commands: Commands) -> None:
    """Add the command."""
    fastest = commands.add("models fastest", models_fastest, "which library runs a network fastest here; remembered")
    fastest.add_argument("--model", metavar="NAME", default="yolo11n_coco")
    fastest.add_argument("--threads", type=int, default=0, help="of the runtime; 0 leaves it to that")


def models_fastest(args: argparse.Namespace) -> int:
    """`models fastest`."""
    from models.errors import ModelsError
    from models.vision import runtimes, zoo

    try:
        entry = zoo.entry(args.model)
        if entry.kind != "onnx":
            raise Refusal(args.model, "not_a_network", f"it is opened by {entry.kind}")
        opened = partial(_opened, args.model, args.threads)
        pictures = runtimes.plain_pictures(entry.size_px)
        rows = runtimes.measure(opened, pictures, clock.seconds, threshold=entry.default_confidence)
    except ModelsError as error:
        raise Refusal(error.where, error.reason, error.detail) from error
    runtimes.remember(runtimes.cache_file(), runtimes.machine(entry.sha256, entry.size_px, args.threads), rows)
    answer = {
        "model": entry.name, "fastest": runtimes.fastest(rows), "runtimes": [_row(row) for row in rows],
        "remembered": str(runtimes.cache_file()),
    }  # fmt: skip
    if wants_json(args):
        show.document(answer)
    else:
        cells = [[r.runtime, f"{r.seconds or float('nan'):.3f}", "yes" if r.agrees else "no", r.why] for r in rows]
        table = show.table(cells, ("runtime", "s a picture", "agrees", "why"))
        show.text([*table, f"fastest: {answer['fastest']}"])
    return 0


def _row(row: Timed) -> dict[str, object]:
    return {"runtime": row.runtime, "seconds": row.seconds, "agrees": row.agrees, "why": row.why}


def _opened(name: str, threads: int, runtime: str) -> Detector:
    from models.vision import zoo

    return zoo.load(name, threads=threads, runtime=runtime)
