"""Makes `import torchvision` work where its binary does not fit the torch beside it.

A torchvision built for CUDA beside a CPU build of torch fails at import, because `torchvision::nms` is never
registered. ultralytics needs the module, but of its compiled part only that one function, and carries its own.
"""

from __future__ import annotations

import importlib
import sys

import torch

_registered: list[torch.library.Library] = []  # a Library takes its operators away when it is collected


def make_importable() -> bool:
    """Import torchvision; where its operators are missing, declare them and import again.

    Returns:
        True where it imported as it is, False where the way round was needed.

    Raises:
        RuntimeError: it failed for another reason than the missing operators.
    """
    try:
        importlib.import_module("torchvision")
    except RuntimeError as error:
        if "torchvision::nms" not in str(error):
            raise
        _declare_and_import()
        return False
    return True


def _declare_and_import() -> None:
    for name in [n for n in sys.modules if n == "torchvision" or n.startswith("torchvision.")]:
        del sys.modules[name]
    library = torch.library.Library("torchvision", "DEF")
    library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    _registered.append(library)
    importlib.import_module("torchvision")
    plain = importlib.import_module("ultralytics.utils.nms").TorchNMS.nms
    for module in ("torchvision.ops", "torchvision.ops.boxes"):
        importlib.import_module(module).nms = plain  # type: ignore[attr-defined]
