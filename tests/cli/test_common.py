"""What holds for every command: where options stand, how refusals look, which exit codes there are."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines.cli import show
from pipelines.cli.commands import commands

from .conftest import Yaoxun


def test_options_are_taken_before_and_after_the_command(yaoxun: Yaoxun, tmp_path: Path) -> None:
    yaoxun("run", "--home", tmp_path / "a")
    before = yaoxun("--json", "--home", tmp_path / "a", "status")
    after = yaoxun("status", "--json", "--home", tmp_path / "a")
    assert before.code == after.code == 0
    assert before.document["home"] == after.document["home"] == str(tmp_path / "a")


@pytest.mark.parametrize(
    "words",
    [
        ("run", "--no-such-option"),
        ("no-such-command",),
        ("geo", "pixel"),
        ("geo", "pixel", "x.jpg", "1"),
        ("geo", "pixel", "x.jpg", "one", "two"),
        ("geo", "convert", "1", "2", "--from", "EPSG:1", "--to", "GCJ-02"),
        ("geo", "convert", "1", "2", "--from", "EPSG:4326", "--to", "MARS"),
        ("geo", "convert", "31.25", "121.4", "--from", "EPSG:4326", "--to", "EPSG:4549"),
        ("verdict", "A-1", "guilty"),
        ("alerts", "list", "--as-of", "yesterday"),
        ("alerts", "list", "--as-of", "2026-11-24T08:00:00"),
        ("weekly", "plan", "--week", "2026-W60", "--targets", "5", "--seed", "1"),
        ("weekly", "plan", "--week", "2026-W48", "--targets", "0", "--seed", "1"),
        ("monitor", "decode", "/nowhere"),
        ("models", "detect", "/nowhere"),
        ("models", "card", "no_such_model"),
        ("flights", "add", "/nowhere"),
        ("registry", "import", "/nowhere"),
        ("registry", "district", "/nowhere"),
        ("flights", "add", ".", "--camera", "/nowhere"),
        ("evidence", "verify"),
        ("serve", "--port", "0"),
        ("serve", "--address", "0.0.0.0"),
        ("--home", "/tmp/x", "--js"),
        ("alerts", "list", "--as-of", "9999-12-31T23:59:59-12:00"),
        ("weekly", "plan", "--week", "2026-W48", "--targets", "5", "--seed", "99999999999999999999999999"),
        ("geo", "pixel", "x.jpg", "nan", "inf"),
        ("run", "--processes", "0"),
        ("run", "--as", "nobody"),
        ("--home", "/tmp/" + "x" * 300, "run"),
    ],
)
def test_a_refusal_is_one_line_and_exit_2(yaoxun: Yaoxun, words: tuple[str, ...]) -> None:
    said = yaoxun(*words)
    assert said.code == 2
    assert len(said.err) == 1, said.err
    assert said.err[0].startswith("refused: ")
    assert "Traceback" not in said.out + said.err[0]


def test_with_json_a_refusal_is_a_document_with_its_reason_word(yaoxun: Yaoxun) -> None:
    said = yaoxun("run", "--no-such-option", "--json")
    assert said.code == 2
    (item,) = said.document["refused"]
    assert item["reason"] == "bad_usage"
    assert "--no-such-option" in item["detail"]


def test_every_command_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    for name in commands().names:
        with pytest.raises(SystemExit) as left:
            commands().root.parse_args([*name.split(), "--help"])
        assert left.value.code == 0
        assert name in capsys.readouterr().out


def test_without_a_command_the_help_is_shown(yaoxun: Yaoxun) -> None:
    said = yaoxun()
    assert said.code == 0
    assert "flights" in said.out


def test_columns_stand_under_each_other_with_chinese_in_them_and_instants_are_beijing_time():
    rows = [("普陀示例", datetime(2026, 11, 24, 0, 5, tzinfo=UTC), ["major", "serious"]), ("ab", None, [])]
    lines = list(show.table(rows, ("whose", "at", "marks")))
    assert lines == [
        "whose     at                marks",
        "普陀示例  2026-11-24 08:05  major, serious",
        "ab",
    ]
