"""Every reason word that our code can utter, found in the syntax trees and in the rule rows."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.house.source import ROOT, ROOT_PACKAGES, python_files, tree_of

POSITION = {"Refusal": 1, "Refused": 1, "Reason": 0, "WeeklyReason": 0, "Break": 1}
"""Which argument of a call is the reason word."""
COLLECTED = {"warnings", "doubts", "notes"}
"""Lists of words that are said beside an answer."""


@cache
def reason_words() -> dict[str, tuple[str, ...]]:
    """Each word with the files that utter it."""
    found: dict[str, set[str]] = {}
    for path in python_files(*ROOT_PACKAGES):
        for word in words_in(tree_of(path)):
            found.setdefault(word, set()).add(path.relative_to(ROOT).as_posix())
    return {word: tuple(sorted(places)) for word, places in sorted(found.items())}


def words_in(tree: ast.AST) -> Iterator[str]:
    """Words given to an error class, to a call that takes one, or to an argument called `reason` or `code`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield from class_words(node)
        elif isinstance(node, ast.Call):
            yield from call_words(node)


def class_words(node: ast.ClassDef) -> Iterator[str]:
    """`reason = "word"` in the body of a class; the members of a status of points, but for OK."""
    members = [line.targets[0] for line in node.body if isinstance(line, ast.Assign)]
    if node.name == "GroundStatus":
        yield from (ast.unparse(name).lower() for name in members if ast.unparse(name) != "OK")
    if [ast.unparse(base) for base in node.bases] == ["Exception"]:
        return  # the root of a package's errors is never raised itself
    for line in node.body:
        target = (
            line.target
            if isinstance(line, ast.AnnAssign)
            else line.targets[0]
            if isinstance(line, ast.Assign)
            else None
        )
        if isinstance(target, ast.Name) and target.id == "reason" and is_word(line.value):  # type: ignore[attr-defined]
            yield line.value.value  # type: ignore[attr-defined]


def call_words(node: ast.Call) -> Iterator[str]:
    """`Refusal(where, "word")`, `Reason("word")`."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name == "append" and ast.unparse(node.func).partition(".")[0] in COLLECTED and is_word(node.args[0]):
        yield node.args[0].value  # type: ignore[attr-defined]
    position = POSITION.get(name)
    if position is None:
        return
    given = node.args[position : position + 1] + [key.value for key in node.keywords if key.arg in ("reason", "code")]
    yield from (value.value for value in given if is_word(value))  # type: ignore[attr-defined]


def is_word(node: ast.AST | None) -> bool:
    """Whether this is a string of the form of a reason word."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier()


def places_of_words() -> list[Path]:
    """The files that may utter a word: code and rule rows."""
    return [*python_files(*ROOT_PACKAGES), *sorted((ROOT / "enforcement/policy").glob("*.toml"))]


def made_words() -> tuple[str, ...]:
    """Beginnings of words that are put together, as in `f"mandate_{kind}"`."""
    strings = (node for path in places_of_words() if path.suffix == ".py" for node in ast.walk(tree_of(path)))
    first = (node.values[0] for node in strings if isinstance(node, ast.JoinedStr) and len(node.values) == 2)
    texts = (part.value for part in first if isinstance(part, ast.Constant))
    return tuple(
        sorted({text for text in texts if isinstance(text, str) and text.isidentifier() and text.endswith("_")})
    )
