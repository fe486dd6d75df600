"""What the house's tests read in our own source: syntax trees, not text, so that a comment breaks no rule."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ROOT_PACKAGES: tuple[str, ...] = tuple(CONFIG["tool"]["importlinter"]["root_packages"])
NO_PACKAGES = {"tests", "benchmarks", "notebooks", "docs", "build", "dist", "var"}
PLAIN_FIGURES = {0, 1, 2, 100}
CLOCK_WORDS = {"now", "utcnow", "today", "time", "time_ns", "localtime", "gmtime", "ctime", "asctime", "strftime"}
CLOCK_OWNERS = {"datetime", "date", "time", "Timestamp", "dt"}
PASSED_A_VALUE = {"localtime", "gmtime", "ctime", "asctime", "strftime"}


def python_files(*packages: str, root: Path = ROOT) -> list[Path]:
    """Every Python file under `packages`."""
    return sorted(path for package in packages for path in (root / package).rglob("*.py"))


def tree_of(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def module_name(path: Path, root: Path = ROOT) -> str:
    """`geo/crs.py` is `geo.crs`, `geo/__init__.py` is `geo`."""
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def import_statements(tree: ast.AST) -> list[ast.Import | ast.ImportFrom]:
    """All imports, those inside functions too."""
    return [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]


def imported_roots(tree: ast.AST) -> set[str]:
    """The top-level names that a tree imports; relative imports are our own package's."""
    roots = set()
    for node in import_statements(tree):
        if isinstance(node, ast.Import):
            roots |= {alias.name.partition(".")[0] for alias in node.names}
        elif not node.level:
            roots.add((node.module or "").partition(".")[0])
    return roots


def loaded_by_name(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and name of each `import_module("name")`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module") and node.args:
            if isinstance(node.args[0], ast.Constant):
                yield node.lineno, str(node.args[0].value)


def figures(tree: ast.AST) -> Iterator[tuple[int, float]]:
    """Line and value of each number that is not 0, 1, 2 or 100."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and type(node.value) in (int, float, complex):
            if abs(node.value) not in PLAIN_FIGURES:
                yield node.lineno, node.value


def clock_readings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and text of each call or import that reads the wall clock."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and reads_clock(node, node.func):
            yield node.lineno, ast.unparse(node)
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            if CLOCK_WORDS & {alias.name for alias in node.names}:
                yield node.lineno, ast.unparse(node)


def reads_clock(call: ast.Call, name: ast.Attribute) -> bool:
    """Whether a call such as `time.gmtime()` asks the clock; `time.gmtime(0)` and `when.strftime(…)` do not."""
    owner = ast.unparse(name.value).rpartition(".")[2]
    if name.attr not in CLOCK_WORDS or owner not in CLOCK_OWNERS:
        return False
    if name.attr not in PASSED_A_VALUE:
        return True
    return owner == "time" and len(call.args) <= (name.attr == "strftime")
