"""The runner behind `make test`: what it counts, what it refuses to call a success."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from tests.house.loading import load_script

SUITE = """
import pytest
def test_good(): pass
def test_other(): pass
{more}
"""


@pytest.fixture(scope="module")
def checks() -> ModuleType:
    return load_script("checks")


def run_suite(checks: ModuleType, folder: Path, more: str, lacking: dict[str, str] | None = None):
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n  browser: b\n  given: g\n  proof: p\n  torch: t\n")
    (folder / "test_it.py").write_text(SUITE.format(more=more))
    command = (*checks.PYTEST, "-p", "no:cacheprovider", "-c", str(folder / "pytest.ini"))
    return checks.run_check(checks.Check("it", command, (str(folder),)), 1.0, lacking or {})


def test_passed_and_failed_tests_are_counted(checks: ModuleType, tmp_path: Path) -> None:
    result = run_suite(checks, tmp_path, "def test_bad(): assert False")
    assert (result.passed, result.failed) == (2, 1)
    text, status = checks.summary([result], strict=False)
    assert status == 1
    assert text.splitlines()[-1] == "2 passed, 1 failed"


def test_a_fixture_that_breaks_is_a_failure(checks: ModuleType, tmp_path: Path) -> None:
    result = run_suite(checks, tmp_path, "@pytest.fixture\ndef f(): raise OSError\ndef test_bad(f): pass")
    assert (result.passed, result.failed) == (2, 1)


def test_a_file_that_cannot_be_imported_is_a_failure(checks: ModuleType, tmp_path: Path) -> None:
    result = run_suite(checks, tmp_path, "import no_such_module_anywhere")
    assert result.failed
    assert "no_such_module_anywhere" in result.output


def test_a_module_without_tests_is_a_failure(checks: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "test_none.py").write_text("")
    command = (*checks.PYTEST, "-p", "no:cacheprovider")
    assert checks.run_check(checks.Check("none", command, (str(tmp_path),)), 1.0, {}).failed == 1


def test_a_skip_is_not_run_and_fails_where_ci_is_set(checks: ModuleType, tmp_path: Path) -> None:
    result = run_suite(checks, tmp_path, "@pytest.mark.skip(reason='no camera here')\ndef test_skipped(): pass")
    assert len(result.not_run) == 1
    assert "no camera here" in result.not_run[0]
    assert checks.summary([result], strict=False)[1] == 0
    text, status = checks.summary([result], strict=True)
    assert status == 1
    assert text.splitlines()[-1] == "2 passed, 0 failed, 1 skipped"


def test_what_needs_a_missing_tool_is_counted_as_not_run(checks: ModuleType, tmp_path: Path) -> None:
    more = "@pytest.mark.browser\ndef test_page(): assert False\n@pytest.mark.browser\ndef test_map(): assert False"
    result = run_suite(checks, tmp_path, more, {"browser": "Chromium is missing"})
    assert (result.passed, result.failed) == (2, 0)
    assert result.not_run == ["2 browser tests of it: Chromium is missing"]


def test_given_files_that_are_absent_are_no_failure_and_present_ones_must_be_read(
    checks: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = "@pytest.mark.skip(reason='NOT GIVEN: the folder ../shared is absent')\ndef test_real(): pass"
    monkeypatch.setattr(checks, "SHARED", tmp_path / "absent")
    result = run_suite(checks, tmp_path, more)
    assert len(result.not_given) == 1
    assert checks.summary([result], strict=True)[1] == 0
    monkeypatch.setattr(checks, "SHARED", tmp_path)
    assert len(run_suite(checks, tmp_path, more).not_run) == 1


def test_proofs_are_left_to_make_proof(checks: ModuleType, tmp_path: Path) -> None:
    result = run_suite(checks, tmp_path, "@pytest.mark.proof\ndef test_long(): assert False")
    assert (result.passed, result.failed, result.not_run) == (2, 0, [])


def test_more_than_twice_its_budget_is_a_failure(checks: ModuleType) -> None:
    slow = checks.Check("slow", (sys.executable, "-c", "import time; time.sleep(0.5)"))
    assert checks.run_check(slow, 0.5 / 60, {}).failed == 0
    assert "budget" in checks.run_check(slow, 0.2 / 60, {}).remark
    stopped = checks.run_check(
        checks.Check("stuck", (sys.executable, "-c", "import time; time.sleep(60)")), 0.1 / 60, {}
    )
    assert stopped.failed == 2
    assert stopped.seconds < 10


def test_a_check_without_a_budget_is_a_failure(checks: ModuleType) -> None:
    assert checks.run_check(checks.Check("new", (sys.executable, "-c", "")), None, {}).failed == 1


def test_a_check_that_is_no_program_here_is_a_failure(checks: ModuleType) -> None:
    assert checks.run_check(checks.Check("gone", ("/no/such/program",)), 1.0, {}).failed == 1


def test_what_reads_shared_is_not_given_without_it(
    checks: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "SHARED", tmp_path / "absent")
    result = checks.run_check(checks.Check("contract", ("false",), needs_shared=True), 1.0, {})
    assert (result.failed, len(result.not_given)) == (0, 1)


def test_programs_run_without_what_make_left_in_the_environment(
    checks: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAKEFLAGS", "-j8")
    status, said = checks.run_program([sys.executable, "-c", "import os; print(os.environ.get('MAKEFLAGS'))"], 20)
    assert (status, said.strip()) == (0, "None")


def test_every_module_of_tests_is_run_and_has_a_budget(checks: ModuleType, root: Path) -> None:
    budget = tomllib.loads((root / ".ci" / "budget.toml").read_text(encoding="utf-8"))
    modules = checks.tests_of(root)
    assert set(modules) <= set(budget)
    covered = [path for paths in modules.values() for path in paths]
    for test in (root / "tests").rglob("test_*.py"):
        name = test.relative_to(root).as_posix()
        if name.startswith("tests/proof/"):
            assert "pytestmark = pytest.mark.proof" in test.read_text(encoding="utf-8"), name
            continue
        assert any(name == path or name.startswith(f"{path}/") for path in covered), name
    assert sum(row["minutes"] for row in budget.values()) < 45
