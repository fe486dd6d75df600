"""No figure of the law stands in code: the syntax trees hold no number but 0, 1, 2 and 100 outside the one file."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

import enforcement

ALLOWED = {0, 1, 2, 100}
FILES = sorted(Path(enforcement.__file__).parent.glob("*.py"))


def figures(source: str) -> set[float]:
    nodes = (node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant))
    return {value for value in nodes if isinstance(value, int | float) and not isinstance(value, bool)}


@pytest.mark.parametrize("path", [path for path in FILES if path.name != "formats.py"], ids=lambda path: path.name)
def test_code_holds_no_figure(path):
    assert figures(path.read_text(encoding="utf-8")) <= ALLOWED


def test_the_check_sees_a_figure_that_is_put_in():
    assert figures("days = 7") - ALLOWED == {7}
    assert figures("share = 0.2") - ALLOWED == {0.2}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_only_the_standard_library_is_imported(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names | {"enforcement"}
