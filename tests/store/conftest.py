"""An open store on an empty home, and a home as the first form left it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.store import Store
from pipelines.store.home import DATABASE

OLD_HOME = Path(__file__).parent / "kept_home_0001.sql"


@pytest.fixture()
def store(home: Path) -> Iterator[Store]:
    with Store.open(home) as opened:
        yield opened


@pytest.fixture()
def old_home(home: Path) -> Path:
    """The kept home in form 1, not opened yet: a dump with its head beside it, which is never written anew."""
    home.mkdir()
    raw = sqlite3.connect(home / DATABASE)
    raw.executescript(OLD_HOME.read_text("utf-8"))
    raw.close()
    shutil.copy(OLD_HOME.with_suffix(".head"), home / "journal.head")
    return home
