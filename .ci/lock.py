"""Write constraints.txt anew from what `.venv` holds (`make lock`)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEAD = """\
# The whole set that was tested together: runtime, train and test. Made by `make lock`; pip reads it with -c everywhere.
# torch without a local version: the pin resolves to the CPU build where one is offered, to the CUDA build elsewhere.
"""


def locked(freeze: str) -> list[str]:
    """The lines of `pip freeze` that mean the same on another machine.

    Local versions (`+cpu`) go; editable and file installs, pip's own tools and CUDA libraries are left out.
    """
    lines = []
    for line in freeze.splitlines():
        name, exact, version = line.partition("==")
        if not exact or name.lower() in {"yaoxun", "pip", "setuptools", "wheel"} or name.startswith("nvidia-cu"):
            continue
        lines.append(f"{name}=={version.partition('+')[0]}")
    return sorted(lines, key=str.lower)


def main() -> None:
    """Freeze, clean, write."""
    freeze = [sys.executable, "-m", "pip", "freeze", "--exclude-editable", "--disable-pip-version-check"]
    lines = locked(subprocess.run(freeze, capture_output=True, text=True, check=True).stdout)
    (ROOT / "constraints.txt").write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    print(f"constraints.txt: {len(lines)} packages")


if __name__ == "__main__":
    main()
