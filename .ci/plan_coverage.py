"""Write docs/plan_coverage.md from the tests in tests/plan (`make plan`); a test holds the two equal.

Nothing is run: the words of `covers` are literals, read from the syntax trees. That they are true is the tests' own
business: the clerk in tests/plan/proof.py fails a test whose words say more than it showed.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "tests" / "plan"
PAGE = ROOT / "docs" / "plan_coverage.md"
HEAD = """\
# Which requirements of the district's plan have a test that acts

Made from `tests/plan/` by `make plan`. Each test of this page acts **as its role through the command line**, is refused
for a wrong role and for a step that is not lawful then, opens the document made, and replays the journal entry: its
hash from its cells, its list of rows from the rows as they stand, and the whole record verified. The clerk in
`tests/plan/proof.py` fails a test whose words here say more than it showed. C is core, S supporting.

What is not in the first table has no such test. It may be built and have other tests all the same; it is not claimed
here.
"""


def page(folder: Path) -> str:
    """The page: what is covered, a line a test, and what is not."""
    asked = {row["id"]: row for row in requirements(folder)}
    found = sorted(covered(folder), key=lambda one: list(asked).index(one["id"]))
    ids = {one["id"] for one in found}
    lines = [HEAD, f"{len(ids)} of {len(asked)} requirements.", "", "## Covered", ""]
    lines += ["| id | | asks | acts | refused roles | refused steps | document | lacks | test |"]
    lines += ["|---|---|---|---|---|---|---|---|---|"]
    lines += [_line(one, asked[one["id"]]) for one in found]
    lines += ["", "## Not covered", "", "| id | | asks |", "|---|---|---|"]
    lines += [f"| {row['id']} | {row['class']} | {row['asks']} |" for row in asked.values() if row["id"] not in ids]
    return "\n".join(lines) + "\n"


def requirements(folder: Path) -> list[dict[str, str]]:
    """The plan's requirements in their order."""
    return list(tomllib.loads((folder / "requirements.toml").read_text(encoding="utf-8"))["requirement"])


def covered(folder: Path) -> Iterator[dict[str, Any]]:
    """The words of each `@covers(…)` with the file and name of its test.

    Raises:
        ValueError: an argument is not a literal.
    """
    for file in sorted(folder.glob("test_*.py")):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.FunctionDef):
                continue
            for mark in node.decorator_list:
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "covers":
                    said = {str(key.arg): ast.literal_eval(key.value) for key in mark.keywords}
                    yield {**said, "id": ast.literal_eval(mark.args[0]), "file": file.name, "test": node.name}


def _line(one: dict[str, Any], row: dict[str, str]) -> str:
    cells = (
        one["id"],
        row["class"],
        row["asks"],
        ", ".join(one["acts"].split()),
        ", ".join(one["wrong"].split()),
        ", ".join(f"`{word}`" for word in one["illegal"].split()),
        one["document"],
        one.get("lacks", ""),
        f"`{one['file']}` {one['test'].removeprefix('test_').replace('_', ' ')}",
    )
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    PAGE.write_text(page(FOLDER), encoding="utf-8")
    sys.exit(0)
