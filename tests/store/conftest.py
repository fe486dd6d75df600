"""An open store on an empty home."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.store import Store


@pytest.fixture()
def store(home: Path) -> Iterator[Store]:
    with Store.open(home) as opened:
        yield opened
