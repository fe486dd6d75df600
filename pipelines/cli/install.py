"""Whether the packages that run are ours: a top-level `models` or `geo` of another distribution overwrites silently."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from pipelines.errors import Refusal

PACKAGES = ("geo", "models", "pipelines", "enforcement", "hj212")


def require_own_packages() -> None:
    """Check that our packages lie beside each other.

    Raises:
        Refusal: `foreign_package`, naming what lies elsewhere and where.
    """
    here = Path(__file__).resolve().parents[2]
    for name in PACKAGES:
        spec = find_spec(name)
        origin = Path(spec.origin).resolve().parent.parent if spec and spec.origin else None
        if origin != here:
            raise Refusal(
                name, "foreign_package", f"found in {origin}, ours is {here}; use a virtual environment of its own"
            )
