"""The page docs/plan_coverage.md is that of the tests, and the clerk believes no words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house.loading import load_script
from tests.plan import proof
from tests.store.making import NOW

FOLDER = Path(__file__).parent


def test_the_page_is_that_of_the_tests(root: Path) -> None:
    made = load_script("plan_coverage").page(FOLDER)
    assert (root / "docs/plan_coverage.md").read_text(encoding="utf-8") == made, "run `make plan`"


def test_every_test_of_a_requirement_says_which_and_none_twice() -> None:
    script = load_script("plan_coverage")
    said = list(script.covered(FOLDER))
    known = {row["id"] for row in script.requirements(FOLDER)}
    assert {one["id"] for one in said} <= known
    assert len({one["id"] for one in said}) == len(said)
    named = {(one["file"], one["test"]) for one in said}
    for file in sorted(FOLDER.glob("test_[gt][0-9_]*.py")):
        tests = re.findall(r"^def (test_\w+)", file.read_text(encoding="utf-8"), re.MULTILINE)
        assert {(file.name, test) for test in tests} <= named


@pytest.mark.given
def test_the_requirements_are_those_of_the_given_list(shared: Path) -> None:
    text = (shared / "standards" / "SEED_TASKS.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ((?:T\d\d|G|P)\.\d+) \| (.*?) \| ([CS]) \|", text, re.MULTILINE)
    held = load_script("plan_coverage").requirements(FOLDER)
    assert [(row["id"], row["asks"], row["class"]) for row in held] == rows
    assert len(re.findall(r"^\| (?:T\d\d|G|P)\.", text, re.MULTILINE)) == len(rows)


WORDS = proof.Covers("T02.1", ("leader",), ("auditor",), ("case_step_illegal",), "XLSX")


def shown(**less: object) -> proof.Clerk:
    """A clerk before whom all of it was shown, but for what is taken away."""
    clerk = proof.Clerk(FOLDER, lambda: None, lambda _: None, NOW, {})
    said = {
        "acted": {"leader"}, "refused_roles": {"auditor"}, "refused_steps": {"case_step_illegal"},
        "documents": {"XLSX"}, "replayed": [1],
    }  # fmt: skip
    for name, value in {**said, **less}.items():
        setattr(clerk, name, value)
    return clerk


def test_a_test_that_shows_all_passes() -> None:
    shown().close(WORDS)


@pytest.mark.parametrize(
    "less",
    [
        {"acted": set()}, {"refused_roles": set()}, {"refused_roles": {"auditor", "legal"}}, {"refused_steps": set()},
        {"documents": set()}, {"documents": {"PDF"}}, {"replayed": []},
    ],
)  # fmt: skip
def test_a_test_that_shows_less_than_its_words_fails(less) -> None:
    with pytest.raises(AssertionError):
        shown(**less).close(WORDS)
