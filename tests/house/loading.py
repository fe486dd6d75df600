"""The scripts of `.ci` are no package; tests load them by path."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType

from tests.house.source import ROOT


def load_script(name: str) -> ModuleType:
    """`.ci/NAME.py` as a module."""
    spec = importlib.util.spec_from_file_location(f"ci_{name}", ROOT / ".ci" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
