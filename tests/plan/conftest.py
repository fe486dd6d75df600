"""A furnished home, made once and copied, and the clerk that runs commands on it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines import clock
from pipelines.store import Store
from tests.casework import desk
from tests.cli.conftest import Yaoxun, yaoxun
from tests.plan.proof import Clerk, closing
from tests.store.making import NOW

__all__ = ["yaoxun"]
SECOND = {"analyst2": "analyst", "leader2": "leader", "legal2": "legal", "admin": "administrator"}


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Accounts named after their roles, two firms, a dust and a discharge alert."""
    home = tmp_path_factory.mktemp("plan") / "home"
    with Store.open(home) as store:
        desk.furnish(store)
    return home


@pytest.fixture()
def clerk(
    made: Path, home: Path, yaoxun: Yaoxun, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Clerk]:
    """The clerk; at the end the words of `covers` are held against what was shown."""
    shutil.copytree(made, home)
    roles = {role: role for role in desk.ROLES} | SECOND
    one = Clerk(home, yaoxun, lambda at: monkeypatch.setattr(clock, "now", lambda: at), NOW, roles)
    one.on(1)
    yield one
    if not getattr(request.node, "failed", False):
        closing(request, one)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Remember a failure: whose test failed need not hear what it did not show."""
    outcome = yield
    if call.when == "call" and outcome.get_result().failed:
        item.failed = True  # type: ignore[attr-defined]


@pytest.fixture()
def picture(tmp_path: Path) -> Path:
    """A file to hand in."""
    file = tmp_path / "雨水口.jpg"
    file.write_bytes(b"\xff\xd8 kept as it is, whatever it shows")
    return file
