"""The version that every row made by a machine carries."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

CODE_VERSION = "0.1.0"
"""Held equal to `pyproject.toml` by a test; a new version makes new rows beside the old ones."""
PACKAGES = ("enforcement", "geo", "hj212", "models", "pipelines")


@cache
def code_identity() -> str:
    """The version with the first digits of a SHA-256 over all source and rule files: 0.1.0+3f0c9a12b4d7.

    Two machines with the same digits ran the same code, committed or not.
    """
    root = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for package in PACKAGES:
        for file in sorted(p for p in (root / package).rglob("*") if p.suffix in {".py", ".toml", ".sql"}):
            digest.update(str(file.relative_to(root)).encode() + b"\0" + file.read_bytes())
    return f"{CODE_VERSION}+{digest.hexdigest()[:12]}"
