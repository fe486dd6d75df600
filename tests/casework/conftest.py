"""An open store on an empty home, and one on a furnished home that is made once and copied."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.store import Store
from tests.casework import desk as furniture


@pytest.fixture()
def store(home: Path) -> Iterator[Store]:
    with Store.open(home) as opened:
        yield opened


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home as `desk.furnish` makes it; to be copied, not opened."""
    home = tmp_path_factory.mktemp("furnished") / "home"
    with Store.open(home) as store:
        furniture.furnish(store)
    return home


@pytest.fixture()
def office(furnished: Path, home: Path) -> Iterator[Store]:
    """A copy of the furnished home."""
    shutil.copytree(furnished, home)
    with Store.open(home) as opened:
        yield opened
