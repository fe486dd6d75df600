"""Every word of the pages, in both languages."""

from __future__ import annotations

import re
import string
from datetime import UTC, datetime

import pytest

from dashboard import labels, palette
from enforcement.leads import NEXT_STEPS
from enforcement.roles import ROLES
from enforcement.verdicts import VALUES

QUOTED = re.compile(r"""["']([a-z_]+\.[a-z_{}.\[\]]+)["']""")
LISTS = ("kind.", "state.", "verdict.", "role.", "credit.", "next_step.", "nav.", "flights.job_kind_", "week.arm_")


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", labels.entries())
def test_label_has_both_languages_with_the_same_placeholders(key):
    entry = labels.entries()[key]
    assert set(entry) == set(labels.LANGUAGES)
    assert all(entry.values())
    assert placeholders(entry["zh"]) == placeholders(entry["en"])


def as_pattern(key: str) -> str:
    return "".join("[a-z_]+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{[^}]*\})", key))


def test_every_label_that_the_code_names_exists_and_every_label_is_named(root):
    code = "\n".join(path.read_text("utf-8") for path in (root / "dashboard").rglob("*.py"))
    known = set(labels.entries())
    sections = {key.partition(".")[0] for key in known}
    named = {key for key in QUOTED.findall(code) if key.partition(".")[0] in sections}
    calls = re.findall(r"_heads\((.*?)\)", code)
    heads = {f"enterprise.{name}" for call in calls for name in re.findall(r'"([a-z_]+)', call)}
    exact = {key for key in named if "{" not in key}
    patterns = [re.compile(as_pattern(key)) for key in named - exact]
    assert {key for key in exact | heads if not key.endswith(".py")} - known == set()
    unused = known - exact - heads
    assert {k for k in unused if not k.startswith(LISTS) and not any(p.fullmatch(k) for p in patterns)} == set()


@pytest.mark.parametrize(
    ("section", "entries"),
    [
        ("verdict", VALUES),
        ("next_step", NEXT_STEPS),
        ("role", ROLES),
        ("kind", [k for k in palette.MARKS if k not in ("mandated", "risk", "random")]),
    ],
)
def test_every_word_of_a_fixed_list_has_a_label(section, entries):
    known = labels.entries()
    assert [word for word in entries if f"{section}.{word}" not in known] == []


def test_instants_are_shown_in_shanghai_time():
    assert labels.Words("zh").when(datetime(2026, 11, 24, 16, 30, tzinfo=UTC)) == "2026-11-25 00:30"


def test_a_small_share_never_reads_as_nought():
    assert labels.Words("en").percent(0.004) == "<1%"
    assert labels.Words("en").percent(0.0) == "0%"
    assert labels.Words("en").percent(None) == "—"


def test_a_reason_without_a_sentence_shows_its_word_rather_than_failing_the_page():
    assert labels.Words("zh").reason("no_such_reason_word") == "no_such_reason_word"
