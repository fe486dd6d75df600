"""Fixtures for all tests: where the given files lie, and a home that is thrown away."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("yaoxun", deadline=None)  # a busy machine is slow now and then, which is no fault
settings.load_profile("yaoxun")

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session", autouse=True)
def _no_measurements_of_this_machine(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What `models fastest` once remembered here must not choose a test's library."""
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests on the given files do not run where the folder is absent; the summary lists them as NOT GIVEN."""
    if SHARED.is_dir():
        return
    for item in items:
        if item.get_closest_marker("given"):
            item.add_marker(pytest.mark.skip(reason="NOT GIVEN: the folder ../shared is absent"))


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's root."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of given files beside the project."""
    return SHARED


@pytest.fixture()
def home(tmp_path: Path) -> Path:
    """An empty data home."""
    return tmp_path / "home"
