"""Running `yaoxun` in this process, with a home that is thrown away."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pipelines.cli import main


@dataclass(frozen=True)
class Said:
    """What a command said: exit code, standard output, the lines on standard error."""

    code: int
    out: str
    err: list[str]

    @property
    def document(self) -> Any:
        """The one JSON document on standard output."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """One JSON object a line."""
        return [json.loads(line) for line in self.out.splitlines()]


Yaoxun = Callable[..., Said]


@pytest.fixture()
def yaoxun(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Yaoxun:
    """Run a command on the home of this test."""
    monkeypatch.setenv("YAOXUN_HOME", str(home))
    monkeypatch.delenv("YAOXUN_USER", raising=False)
    monkeypatch.setenv("YAOXUN_DETECT_DETECTORS", "haze_baseline")

    def run(*words: object) -> Said:
        capsys.readouterr()
        code = main([str(word) for word in words])
        said = capsys.readouterr()
        return Said(code, said.out, [line for line in said.err.splitlines() if line.strip()])

    return run
