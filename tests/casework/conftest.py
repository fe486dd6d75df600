"""An open store on an empty home, on a furnished one that is made once and copied, and on one that work was done in."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.casework.lead import open_lead
from pipelines.casework.users import add_user
from pipelines.casework.verdict import record_verdict
from pipelines.store import Store
from tests.casework import desk as furniture
from tests.store import making
from tests.store.making import NOW


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


@pytest.fixture()
def desk(office: Store) -> Store:
    """A furnished home with a lead on the dust alert."""
    record_verdict(office, "A-1", "confirmed", by="analyst", at=NOW)
    open_lead(office, ["A-1"], by="leader", at=NOW, next_step="site_visit")
    return office


def _accounts(store: Store) -> None:
    add_user(store, "admin", "administrator", by=None, at=NOW)
    for role in ("analyst", "operator", "inspector", "leader", "auditor", "contractor"):
        add_user(store, role, role, by="admin", at=NOW)


@pytest.fixture()
def busy(store: Store) -> Store:
    """A home with accounts, an alert that was confirmed, and a draft of the week."""
    _accounts(store)
    making.add_whole(store)
    making.add_draft(store)
    record_verdict(store, "A-1", "confirmed", by="inspector", at=NOW)
    return store
