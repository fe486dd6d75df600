"""A small home for the pages, built once and copied for each test that writes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.dashboard import small_home


@pytest.fixture(scope="session")
def built_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small home as it was built; not to be written to."""
    home = tmp_path_factory.mktemp("dashboard") / "home"
    small_home.build(home)
    return home


@pytest.fixture()
def small(built_home: Path, tmp_path: Path) -> Path:
    """A copy of the small home."""
    return Path(shutil.copytree(built_home, tmp_path / "home"))
