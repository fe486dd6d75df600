"""Run every check in order, say in one line each how it went, and end with what passed, failed and did not run.

    .venv/bin/python .ci/checks.py               everything (`make test`)
    .venv/bin/python .ci/checks.py ruff geo      only these

A check fails when its program says so or when it takes more than twice its row in budget.toml. What could not run
because a tool is missing is NOT RUN, and a failure where CI is set; what reads ../shared where that folder is absent
is NOT GIVEN, and no failure. The output of a failed check is shown whole, that of the others is not.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
import xml.etree.ElementTree as ElementTree  # the files are our own pytest's
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
BIN = ROOT / ".venv" / "bin"
HOUSE, PROOF = "house", "proof"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
NOT_GIVEN, NOT_RUN = "NOT GIVEN", "NOT RUN"
NO_TESTS_COLLECTED = 5
PYTEST = (sys.executable, "-m", "pytest", "-q", "--no-header")


@dataclasses.dataclass(frozen=True)
class Check:
    """One line of the report: a program, or pytest with options on the paths of tests, whose results are counted."""

    name: str
    command: tuple[str, ...]
    paths: tuple[str, ...] = ()
    workers: int = 1
    needs_shared: bool = False


@dataclasses.dataclass
class Result:
    """How a check went. `passed` and `failed` count tests, or the check itself where it is not pytest."""

    name: str
    seconds: float = 0.0
    passed: int = 0
    failed: int = 0
    not_run: list[str] = dataclasses.field(default_factory=list)
    not_given: list[str] = dataclasses.field(default_factory=list)
    output: str = ""
    remark: str = ""


def tests_of(root: Path) -> dict[str, list[str]]:
    """The modules of tests: each folder under tests/ is one, the files beside them and tests/house are `house`.

    tests/proof is not among them: `make proof` runs it.
    """
    modules: dict[str, list[str]] = {}
    for path in sorted((root / "tests").glob("test_*.py")):
        modules.setdefault(HOUSE, []).append(path.relative_to(root).as_posix())
    for folder in sorted(path for path in (root / "tests").iterdir() if path.is_dir() and path.name != PROOF):
        if next(folder.rglob("test_*.py"), None):
            modules.setdefault(folder.name, []).append(folder.relative_to(root).as_posix())
    return modules


def missing_tools() -> dict[str, str]:
    """Marks whose tests cannot run here, with what is missing."""
    lacking = {}
    if not any(shutil.which(name) for name in BROWSERS):
        lacking["browser"] = "Chromium is missing: apt-get install chromium fonts-noto-cjk"
    if importlib.util.find_spec("torch") is None or importlib.util.find_spec("ultralytics") is None:
        lacking["torch"] = "torch and ultralytics are missing: make install-tests"
    return lacking


def all_checks(root: Path, budget: Mapping[str, Mapping[str, float]]) -> list[Check]:
    """Every check in the order in which it runs: quick ones first."""
    checks = [
        Check("ruff", (str(BIN / "ruff"), "check", ".")),
        Check("format", (str(BIN / "ruff"), "format", "--check", ".")),
        Check("types", (str(BIN / "mypy"),)),
        Check("imports", (str(BIN / "lint-imports"), "--no-cache")),
    ]
    for name, paths in tests_of(root).items():
        workers = int(budget.get(name, {}).get("workers", 1))
        checks.append(Check(name, PYTEST, tuple(paths), workers))
    contract = (sys.executable, str(SHARED / "checks" / "contract.py"), "--exe", str(BIN / "yaoxun"))
    checks.append(Check("contract", (*contract, "--without", "draw,monitors,clock"), needs_shared=True))
    return checks


def run_check(check: Check, minutes: float | None, lacking: Mapping[str, str]) -> Result:
    """Run one check within its budget."""
    result = Result(check.name)
    if check.needs_shared and not SHARED.is_dir():
        result.not_given.append(f"{check.name}: reads ../shared")
        return result
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="checks-") as folder:
        report = Path(folder) / "tests.xml"
        command = [*check.command, *(pytest_words(check, report, lacking) if check.paths else ())]
        status, result.output = run_program(command, None if minutes is None else 4 * 60 * minutes)
        result.seconds = time.monotonic() - began
        if check.paths:
            count_tests(result, status, report, lacking, check)
        else:
            result.passed, result.failed = int(status == 0), int(status != 0)
    judge_time(result, minutes)
    return result


def run_program(command: Sequence[str], limit_s: float | None) -> tuple[int, str]:
    """Run `command` without standard input and without what a make above left in the environment.

    Returns:
        Exit status and what was printed; 124 when the limit passed.
    """
    env = {key: value for key, value in os.environ.items() if key not in {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}}
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=limit_s,
        )
    except subprocess.TimeoutExpired as late:
        said = late.stdout or b""
        return 124, (
            said if isinstance(said, str) else said.decode(errors="replace")
        ) + "\nstopped: four times its budget"
    except OSError as error:
        return 127, str(error)
    return done.returncode, done.stdout


def pytest_words(check: Check, report: Path, lacking: Mapping[str, str]) -> list[str]:
    """The tests without the long proofs and without what cannot run here; results as XML."""
    marks = " and ".join(f"not {mark}" for mark in ("proof", *lacking))
    spread = ["-n", str(check.workers)] if check.workers > 1 else []
    return [*check.paths, *spread, "-m", marks, "--junitxml", str(report), "-o", "junit_logging=no"]


def count_tests(result: Result, status: int, report: Path, lacking: Mapping[str, str], check: Check) -> None:
    """Fill the counts of `result` from pytest's report; what was skipped is NOT GIVEN or NOT RUN, never silent."""
    for test, outcome, message in outcomes(report):
        if outcome == "passed":
            result.passed += 1
        elif outcome == "failed":
            result.failed += 1
        elif message.startswith(NOT_GIVEN) and not SHARED.is_dir():
            result.not_given.append(f"{test}: {message.removeprefix(NOT_GIVEN).lstrip(': ')}")
        else:
            result.not_run.append(f"{test}: {message.removeprefix(NOT_RUN).lstrip(': ')}")
    for mark, why in lacking.items():
        count = collected(mark, check)
        if count:
            result.not_run.append(f"{count} {mark} tests of {result.name}: {why}")
    if status and not result.failed and not (status == NO_TESTS_COLLECTED and result.not_run):
        result.failed += 1
        result.remark = f"pytest ended with {status}"


def outcomes(report: Path) -> Iterator[tuple[str, str, str]]:
    """Each test in pytest's XML as name, `passed`, `failed` or `skipped`, and the reason of a skip."""
    if not report.exists():
        return
    for case in ElementTree.parse(report).iter("testcase"):
        name = f"{case.get('classname', '')}::{case.get('name', '')}"
        skip = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            yield name, "failed", ""
        elif skip is not None:
            yield name, "skipped", skip.get("message") or ""
        else:
            yield name, "passed", ""


def collected(mark: str, check: Check) -> int:
    """How many tests of `check` carry `mark`."""
    command = [*check.command, "--collect-only", "-m", f"{mark} and not proof", *check.paths]
    return len(re.findall(r"^\S+::", run_program(command, 300)[1], flags=re.MULTILINE))


def judge_time(result: Result, minutes: float | None) -> None:
    """More than twice its budget is a failure; so is having none."""
    if minutes is None:
        result.failed += 1
        result.remark = "has no row in .ci/budget.toml"
    elif result.seconds > 2 * 60 * minutes:
        result.failed += 1
        result.remark = f"took {result.seconds:.0f} s, more than twice its budget of {60 * minutes:.0f} s"


def line_of(result: Result, minutes: float | None) -> str:
    """The one line of a check."""
    word = "FAILED" if result.failed else "ok" if result.passed else NOT_GIVEN if result.not_given else NOT_RUN
    counts = f"{result.passed} passed" + (f", {result.failed} failed" if result.failed else "")
    aside = [f"{len(rows)} {name}" for rows, name in ((result.not_run, NOT_RUN), (result.not_given, NOT_GIVEN)) if rows]
    if result.remark:
        aside.append(result.remark)
    share = f"of {60 * minutes:.0f} s" if minutes else ""
    return f"{result.name:<14}{word:<10}{result.seconds:6.1f} s {share:<10}{counts}" + "".join(
        f" · {row}" for row in aside
    )


def summary(results: Sequence[Result], *, strict: bool) -> tuple[str, int]:
    """What is said at the end, and the exit status."""
    lines = []
    for title, rows in (
        (NOT_GIVEN, [row for result in results for row in result.not_given]),
        (NOT_RUN, [row for result in results for row in result.not_run]),
    ):
        lines += [f"{title}  {row}" for row in rows]
    passed, failed = sum(result.passed for result in results), sum(result.failed for result in results)
    set_aside = sum(len(result.not_run) + len(result.not_given) for result in results)
    bad = [result.name for result in results if result.failed]
    if bad:
        lines.append(f"failed: {', '.join(bad)}")
    not_run = any(result.not_run for result in results)
    if not_run and strict:
        lines.append("CI: what did not run counts as a failure")
    lines.append(f"{sum(result.seconds for result in results) / 60:.1f} minutes")
    lines.append(f"{passed} passed, {failed} failed" + (f", {set_aside} skipped" if set_aside else ""))
    return "\n".join(lines), int(bool(bad) or (not_run and strict))


def main(names: Sequence[str]) -> int:
    """Run the checks called `names`, or all."""
    budget = tomllib.loads((ROOT / ".ci" / "budget.toml").read_text(encoding="utf-8"))
    checks = [check for check in all_checks(ROOT, budget) if not names or check.name in names]
    unknown = set(names) - {check.name for check in checks}
    if unknown or not checks:
        print(f"no such check: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    lacking = missing_tools()
    results = []
    for check in checks:
        minutes = budget.get(check.name, {}).get("minutes")
        print(f"{check.name:<14}…", end="\r" if sys.stdout.isatty() else "\n", flush=True)
        result = run_check(check, minutes, lacking)
        results.append(result)
        if result.failed:
            print(result.output)
        print(line_of(result, minutes), flush=True)
    text, status = summary(results, strict=os.environ.get("CI", "").lower() in {"1", "true"})
    print(f"\n{text}", flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
