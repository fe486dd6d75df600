"""The pictures with true tags, written once."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines import sample
from tests.truth import pictures


@pytest.fixture(scope="session")
def exact_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one real JPEG and one file of targets for each pose."""
    folder = tmp_path_factory.mktemp("exact")
    pictures.write_all(folder)
    return folder


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample home, built once."""
    home = tmp_path_factory.mktemp("sample") / "home"
    sample.build(home, {})
    return home
