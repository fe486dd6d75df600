"""The version that every row made by a machine carries."""

from __future__ import annotations

CODE_VERSION = "0.1.0"
"""Held equal to `pyproject.toml` by a test; a new version makes new rows beside the old ones."""
