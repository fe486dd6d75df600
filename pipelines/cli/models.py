"""`yaoxun models …`: what the zoo holds, and running it on pictures without a data home."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines import clock
from pipelines.cli import show
from pipelines.cli.parser import Commands, home_of, wants_json
from pipelines.errors import Refusal

if TYPE_CHECKING:
    from models.vision.detections import Detector
    from models.vision.sources import PictureSource
    from models.vision.zoo import ZooEntry

LARGE_BYTES = 64 << 20
"""A TIFF beyond this is read window by window."""


def register(commands: Commands) -> None:
    """Add the commands of this file."""
    commands.add("models list", models_list, "the model zoo: hash, licence, training data, figures")
    detect = commands.add("models detect", models_detect, "look for anomalies in pictures; one JSON object a line")
    detect.add_argument("paths", metavar="PATH", nargs="+", help="pictures, or folders of pictures")
    detect.add_argument("--model", metavar="NAME", help="one of `models list`; without it the default set")
    detect.add_argument("--confidence", type=float, metavar="P", help="show boxes from this raw confidence on")
    card = commands.add("models card", models_card, "a model's card: what it is for, what it was measured on")
    card.add_argument("name", metavar="NAME")


def models_list(args: argparse.Namespace) -> int:
    """`models list`."""
    from models.vision import zoo

    own = own_zoo(args)
    entries = [_entry(entry) for entry in zoo.entries(own=own)]
    if wants_json(args):
        show.document({"models": entries, "default": list(zoo.default_set(own=own))})
    else:
        rows = [[e["name"], e["kind"], ", ".join(e["labels"]), e["licence"], e["sha256"][:12]] for e in entries]
        show.text(show.table(rows, ("name", "kind", "labels", "licence", "sha256")))
    return 0


def own_zoo(args: argparse.Namespace) -> Path:
    """Where the home lists its own models; there need not be one."""
    from models.vision import zoo

    return home_of(args) / zoo.OWN_FILE


def _entry(entry: ZooEntry) -> dict[str, Any]:
    return {
        "name": entry.name, "kind": entry.kind, "labels": list(entry.words), "licence": entry.licence,
        "sha256": entry.sha256, "source": entry.source, "training_data": entry.training_data,
        "default_confidence": entry.default_confidence, "figures": dict(entry.figures), "default": entry.default,
    }  # fmt: skip


def models_card(args: argparse.Namespace) -> int:
    """`models card NAME`."""
    from models.errors import ModelsError
    from models.vision import zoo

    try:
        text = zoo.card(args.name, own=own_zoo(args))
    except ModelsError as error:
        raise Refusal(args.name, error.reason, error.detail) from error
    if wants_json(args):
        show.document({"name": args.name, "card": text})
    else:
        show.text([text])
    return 0


def models_detect(args: argparse.Namespace) -> int:
    """`models detect`: *lines*; exit 2 where no picture could be read."""
    from models.errors import ModelsError
    from models.vision import zoo

    started = clock.seconds()
    pictures = list(_pictures(args.paths))
    try:
        own = own_zoo(args)
        names = [args.model] if args.model else zoo.default_set(own=own)
        detectors = [zoo.load(name, own=own) for name in names]
    except ModelsError as error:
        raise Refusal(args.model or "models", error.reason, error.detail) from error
    found, refused = 0, []
    for path in pictures:
        try:
            rows = list(_boxes(path, detectors, args.confidence))
        except ModelsError as error:
            refused.append((str(path), error.reason, error.detail))
            show.refusal("models detect", str(path), error.reason, error.detail)
            continue
        found += len(rows)
        for row in rows:
            show.line(row)
    summary = {
        "images": len(pictures) - len(refused), "detections": found, "seconds": round(clock.seconds() - started, 3),
        "refused_count": len(refused), "refused": show.refused_items(refused),
    }  # fmt: skip
    show.line({"summary": summary})
    return 2 if len(refused) == len(pictures) else 0


def _pictures(paths: Sequence[str]) -> Iterator[Path]:
    for text in paths:
        path = Path(text)
        if not path.exists():
            raise Refusal(text, "no_such_file")
        if path.is_dir():
            yield from sorted(
                p for p in path.rglob("*") if p.suffix.lower() in {".jpg", ".jpeg", ".png", ".tif", ".tiff"}
            )
        else:
            yield path


def _boxes(path: Path, detectors: Sequence[Detector], confidence: float | None) -> Iterator[dict[str, Any]]:
    from models.vision import compose

    found = compose.detect_source(_source(path), detectors)
    for i in range(len(found)):
        if confidence is not None and found.confidence[i] < confidence:
            continue
        yield {
            "image": str(path), "time_s": None, "label": str(found.label[i]),
            "confidence": round(float(found.confidence[i]), 4), "box": [round(float(v), 1) for v in found.box[i]],
            "model": str(found.model[i]), "cues": {k: float(v) for k, v in found.cues[i].items()},
        }  # fmt: skip


def _source(path: Path) -> PictureSource:
    """A raster of many pixels is read window by window, everything else whole."""
    from models.vision import pictures, sources

    if path.suffix.lower() in {".tif", ".tiff"} and path.stat().st_size > LARGE_BYTES:
        return sources.open_raster(path)
    return sources.ArraySource(pictures.read_picture(path))
