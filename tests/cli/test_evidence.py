"""The record on the command line: signed heads that are kept outside, by roles that may see the record."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from pipelines.store import Store
from tests.casework import desk

from .conftest import Yaoxun


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("made") / "home"
    with Store.open(home) as store:
        desk.furnish(store)
    return home


@pytest.fixture()
def office(made: Path, home: Path, yaoxun: Yaoxun):
    """Commands on a home with accounts and two alerts."""
    shutil.copytree(made, home)

    def run(*words: object, code: int = 0):
        said = yaoxun(*words, "--json")
        assert said.code == code, said
        return said.document

    return run


def test_a_head_is_signed_kept_outside_and_held_against_the_home(office, home, tmp_path):
    kept = tmp_path / "kept.jsonl"
    (refused,) = office("evidence", "sign", "--as", "analyst", code=2)["refused"]
    assert refused["reason"] == "role_forbids"
    assert not (home / "head.key").exists()
    first = office("evidence", "sign", "--as", "auditor", "--out", kept)
    assert first["unchanged"] is False
    assert office("evidence", "sign", "--as", "auditor", "--out", kept) == first | {"unchanged": True}
    (line,) = kept.read_text("utf-8").splitlines()
    assert json.loads(line) == {name: value for name, value in first.items() if name != "unchanged"}
    office("verdict", "A-1", "confirmed", "--as", "analyst")
    verify = ("evidence", "verify", "--head", kept, "--key", first["public_key"], "--as", "auditor")
    assert (office(*verify)["ok"], office(*verify)["heads"]) == (True, 2)
    other = ("evidence", "verify", "--key", "A" * 43 + "=", "--as", "auditor")
    assert {one["reason"] for one in office(*other, code=3)["breaks"]} == {"signed_head_other_key"}
    (refused,) = office("evidence", "verify", "--head", tmp_path / "none", "--as", "auditor", code=2)["refused"]
    assert refused["reason"] == "signed_head_unreadable"


def test_without_json_the_line_that_is_kept_is_printed(office, yaoxun):
    said = yaoxun("evidence", "sign")
    assert said.code == 0
    assert json.loads(said.out)["form"] == "yaoxun-head-1"
    assert "outside the home" in said.err[0]
    assert "1 signed heads: whole" in yaoxun("evidence", "verify").out
