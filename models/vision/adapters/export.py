"""State dicts to ONNX files that run without torch. Needs the `train` extra, once.

python -m models.vision.adapters.export WEIGHTS.safetensors models/vision/weights/NAME.onnx
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from models.errors import TrainExtraMissing
from models.vision.adapters.ultralytics import load_network

OPSET = 18


def export_onnx(weights: Path, target: Path) -> str:
    """Write a network as ONNX: input (b, 3, h, w) with free b, h, w, h and w multiples of 32; 32-bit floats.

    Args:
        weights: safetensors as in `load_network`.
        target: written whole or not at all; a file that is there is replaced.

    Returns:
        SHA-256 of the file. The same weights and library versions give the same bytes: the time of export and the
        exporter's notes on each node are left out.

    Raises:
        TrainExtraMissing: a package of the `train` extra is not installed.
        UnknownOutput: see `load_network`.
    """
    return export_network(load_network(weights), target, hashlib.sha256(weights.read_bytes()).hexdigest())


def export_network(network: Any, target: Path, source_sha256: str) -> str:
    """Write an `ultralytics.YOLO` as ONNX; see `export_onnx`.

    Args:
        network: with its class names.
        target: written whole or not at all; a file that is there is replaced.
        source_sha256: of the file that it came from, kept in the metadata.

    Raises:
        TrainExtraMissing: onnx is not installed.
    """
    try:
        import onnx
    except ModuleNotFoundError as error:
        raise TrainExtraMissing("onnx", f"no module {error.name}") from error
    with tempfile.TemporaryDirectory() as folder:
        network.model.pt_path = str(Path(folder) / "network.pt")  # the exporter writes beside this
        written = network.export(format="onnx", dynamic=True, opset=OPSET, imgsz=640, simplify=True, device="cpu")
        model = onnx.load(written)
    return written_whole(
        model,
        target,
        {
            "names": str(dict(network.model.names)),
            "stride": str(int(max(network.model.stride))),
            "licence": "AGPL-3.0 (Ultralytics)",
            "source_sha256": source_sha256,
        },
    )


def written_whole(model: Any, target: Path, said: Mapping[str, str]) -> str:
    """Write an ONNX model without its exporter's notes, whole or not at all.

    Args:
        model: an `onnx.ModelProto`.
        target: replaced where it is there.
        said: its metadata.

    Returns:
        SHA-256 of the file.
    """
    import onnx

    _strip(model)
    onnx.helper.set_model_props(model, dict(said))
    onnx.checker.check_model(model)
    data = model.SerializeToString(deterministic=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    part.write_bytes(data)
    part.replace(target)
    return hashlib.sha256(data).hexdigest()


def _strip(model: Any) -> None:
    """Take the exporter's notes out: a megabyte of source lines, and the time."""
    graph = model.graph
    for part in (model, graph, *graph.node, *graph.initializer, *graph.input, *graph.output):
        del part.metadata_props[:]
        part.doc_string = ""
    del graph.value_info[:]


if __name__ == "__main__":
    sys.stdout.write(export_onnx(Path(sys.argv[1]), Path(sys.argv[2])) + "\n")
