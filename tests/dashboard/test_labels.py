"""Every word of the pages, in both languages."""

from __future__ import annotations

import re
import string
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dashboard import flight_text, labels, palette
from enforcement import audit, cases, checks, policy
from enforcement.clocks import PREFIX
from enforcement.deadlines import ClockState
from enforcement.duties import DUTIES
from enforcement.leads import NEXT_STEPS, OUTCOMES
from enforcement.permits import FILING_KINDS, LIMIT_KINDS, LIMIT_PERIODS, MEDIA, PERMIT_STATES
from enforcement.registry import KINDS, QUIRKS
from enforcement.roles import ROLES
from enforcement.tasks import ITEM_KINDS
from enforcement.tasks import KINDS as TASK_KINDS
from enforcement.verdicts import REALLY, VALUES
from pipelines import store
from pipelines.casework import requests
from pipelines.records import Status
from pipelines.registry_quality import CHECKS
from pipelines.store.desk_records import STATES

QUOTED = re.compile(r"""["']([a-z_]+\.[a-z_{}.\[\]]+)["']""")
LISTS = (
    *("kind.", "state.", "verdict.", "role.", "credit.", "next_step.", "nav.", "flights.job_kind_", "week.arm_"),
    *("registry_kind.", "crs_method.", "crs_kind.", "crs_reason.", "medium.", "quirk.", "limit.", "period.", "filing."),
    *("permit_state.", "firm_word.", "act.", "basis.", "looked_at.", "judgement.", "check_step.", "check_state."),
    *("question.", "really.", "clock_state.", "clock_name.", "task_kind.", "law_row.", "sure_word."),
    *("case_state.", "lead_state.", "case_step.", "step_need.", "evidence_kind.", "review_opinion.", "legal_opinion."),
    *("mark.", "outcome.", "pause_reason.", "duty_name.", "duty_state.", "task_state.", "task_item."),
    *("exceedance.", "flag.", "clue_figure.", "pollutant."),
    *("exceedance_state.", "audit_kind.", "audit_judgement.", "audit_cause.", "audit_period."),
)


PAGES = Path(labels.__file__).parent
MIGRATIONS = sorted((Path(store.__file__).parent / "migrations").glob("*.sql"))
SCHEMA = "\n".join(path.read_text("utf-8") for path in MIGRATIONS)
JOB_KINDS = sorted(set(re.findall(r"_requested\(tx, user, ([A-Z_]+),", Path(requests.__file__).read_text("utf-8"))))


OFFERED = sorted(
    set(re.findall(r"""offered\(store, "([a-z_]+)"\)""", "\n".join(p.read_text("utf-8") for p in PAGES.rglob("*.py"))))
)


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


def allowed(table: str, column: str) -> list[str]:
    """The words that the database itself lets into a column."""
    found = re.search(rf"CREATE TABLE {table} \(.*?\b{column} IN \((.*?)\)", SCHEMA, flags=re.S)
    return re.findall("'([a-z_]+)'", found.group(1))


@pytest.mark.parametrize(
    ("section", "entries"),
    [
        ("verdict", VALUES),
        ("next_step", NEXT_STEPS),
        ("basis", checks.BASES),
        ("looked_at", checks.LOOKED_AT),
        ("judgement", checks.JUDGEMENTS),
        ("check_step", checks.NEXT_STEPS),
        ("check_state", (checks.OPEN, checks.CLOSED, checks.RECTIFYING, checks.RECHECKED)),
        ("question", checks.QUESTIONS),
        ("really", REALLY),
        ("clock_state", ClockState),
        ("clock_name", [row.removeprefix(PREFIX) for row in policy.load().ids(PREFIX)]),
        ("task_kind", TASK_KINDS),
        ("task_item", ITEM_KINDS),
        ("task_state", policy.load().latest("task_open_states").words()),
        ("case_step", [one for one in cases.STEPS if one != "decline"]),
        ("step_need", cases.NEEDS),
        ("mark", cases.MARKS),
        ("outcome", OUTCOMES),
        ("duty_name", DUTIES),
        ("pause_reason", policy.load().latest("clock_pauses").words("case_decision")),
        ("exceedance_state", STATES),
        ("audit_kind", audit.EVIDENCE),
        ("audit_judgement", audit.JUDGEMENTS),
        ("audit_cause", audit.CAUSES),
        ("audit_period", audit.PERIODS),
        ("role", ROLES),
        ("credit", policy.at("weekly_points_by_credit_class", date(2026, 11, 24)).table()),
        ("state", Status),
        ("state", allowed("job", "state")),
        ("state", allowed("weekly_plan", "state")),
        ("flights", [f"job_kind_{kind}" for kind in (getattr(requests, name) for name in JOB_KINDS)]),
        ("flights", [f"stage_{stage}" for stage in flight_text.STAGES]),
        ("week", [f"arm_{arm}" for arm in allowed("weekly_target", "arm")]),
        ("registry_kind", KINDS),
        ("act", OFFERED),
        ("medium", MEDIA),
        ("quirk", QUIRKS),
        ("limit", LIMIT_KINDS),
        ("period", LIMIT_PERIODS),
        ("filing", FILING_KINDS),
        ("permit_state", [state for state in PERMIT_STATES if state]),
        ("firm_word", allowed("firm_decision", "value")),
        ("quality", [word for check in CHECKS for word in (check, f"{check}_why")]),
        ("quality", [f"group_{group}" for group, _ in CHECKS.values()]),
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


@pytest.mark.parametrize(
    ("language", "said"), [("zh", "环境信用等级 黄：10 分"), ("en", "credit class yellow: 10 points")]
)
def test_values_of_a_reason_that_are_words_are_said_in_the_reader_s_language(language, said):
    assert labels.Words(language).reason("score_credit_class", {"class": "yellow", "points": 10}) == said


def test_a_value_that_is_no_word_of_a_list_stays_as_it_is():
    assert labels.Words("zh").reason("score_credit_class", {"class": "<A>", "points": 1.5}).endswith("<A>：1.5 分")


def test_a_reason_without_a_sentence_shows_its_word_rather_than_failing_the_page():
    assert labels.Words("zh").reason("no_such_reason_word") == "no_such_reason_word"
