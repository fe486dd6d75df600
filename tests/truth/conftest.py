"""The pictures with true tags, written once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.truth import pictures


@pytest.fixture(scope="session")
def exact_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one real JPEG and one file of targets for each pose."""
    folder = tmp_path_factory.mktemp("exact")
    pictures.write_all(folder)
    return folder
