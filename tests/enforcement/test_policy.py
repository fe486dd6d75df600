"""Rows with dates: the one in force is given, and what cannot be used is refused at load with file and row."""

from __future__ import annotations

import pickle
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enforcement.errors import NoRuleInForce, PolicyRowBad
from enforcement.policy import FOLDER, RuleConfidence, at, load, load_from

GOOD = """
[[rule]]
id = "limit"
value = { days = 7, counting = "unknown" }
source = "a document"
effective_from = 2020-01-01
effective_to = 2020-12-31
confidence = { days = "law", counting = "default" }
checked_on = 2026-11-24

[[rule]]
id = "limit"
value = { days = 5, counting = "working" }
source = "its successor"
effective_from = 2021-01-01
confidence = "guidance"
checked_on = 2026-11-24
"""


def loaded(folder, text, name="rows.toml"):
    (folder / name).write_text(text, encoding="utf-8")
    return load_from(folder)


def test_the_row_in_force_on_the_day_is_given_to_its_last_day(tmp_path):
    policy = loaded(tmp_path, GOOD)
    assert policy.at("limit", date(2020, 12, 31)).number("days") == 7
    assert policy.at("limit", date(2021, 1, 1)).number("days") == 5
    assert policy.at("limit", date(2099, 1, 1)).ref == "limit@2021-01-01"


@given(st.dates(date(2019, 1, 1), date(2023, 1, 1)))
def test_on_any_day_at_most_one_row_is_in_force(day):
    holding = [row for row in load().rows if row.id == "dust_quarter_hour_limit_1" and row.holds(day)]
    assert len(holding) == 1


def test_a_day_before_the_first_row_and_an_unknown_id_have_no_rule(tmp_path):
    policy = loaded(tmp_path, GOOD)
    with pytest.raises(NoRuleInForce, match="2019-12-31"):
        policy.at("limit", date(2019, 12, 31))
    with pytest.raises(NoRuleInForce, match="no row has this id"):
        policy.at("another", date(2020, 1, 1))


def test_confidence_is_told_for_each_field(tmp_path):
    first, second = loaded(tmp_path, GOOD).rows
    assert first.confidence_in("days") is RuleConfidence.LAW
    assert first.confidence_in("counting") is RuleConfidence.DEFAULT
    assert second.confidence_in("days") is RuleConfidence.GUIDANCE


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("effective_to = 2020-12-31", "effective_to = 2021-01-01"), r"rows.toml row 2 limit.*overlaps row 1"),
        (("effective_to = 2020-12-31\n", ""), r"rows.toml row 2 limit.*overlaps row 1"),
        (("effective_to = 2020-12-31", "effective_to = 2020-11-30"), r"row 2 limit.*gap after row 1"),
        (("effective_to = 2020-12-31", "effective_to = 2019-12-31"), r"row 1 limit.*ends before it begins"),
        (('source = "its successor"', 'source = ""'), r"rows.toml row 2 limit.*without source"),
        (('source = "its successor"\n', ""), r"rows.toml row 2 limit.*without source"),
        (("checked_on = 2026-11-24\n\n", "\n"), r"row 1 limit.*without checked_on"),
        (('source = "a document"', 'source = "a document"\nlegal = 1'), r"row 1 limit.*unknown key legal"),
        (('confidence = "guidance"', 'confidence = "sure"'), r"row 2 limit.*confidence \['sure'\]"),
        (('counting = "default" }\nchecked', 'hours = "default" }\nchecked'), r"row 1 limit.*hours, which the row"),
        (("effective_from = 2021-01-01", 'effective_from = "2021"'), r"row 2 limit.*effective_from is not a day"),
        (("effective_from = 2021-01-01", "effective_from = 2021-01-01T00:00:00"), r"row 2 limit.*not a day"),
        (('id = "limit"\nvalue = { days = 7', 'id = 7\nvalue = { days = 7'), r"row 1 7.*id is not text"),
        (("[[rule]]\nid", "[other]\nid"), r"rows.toml.*other"),
        (("days = 7", "days = "), r"rows.toml"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_with_file_and_row(tmp_path, change, said):
    assert change[0] in GOOD
    with pytest.raises(PolicyRowBad, match=said):
        loaded(tmp_path, GOOD.replace(*change, 1))


def test_a_gap_that_is_declared_is_accepted(tmp_path):
    text = GOOD.replace("effective_to = 2020-12-31", "effective_to = 2020-11-30")
    policy = loaded(
        tmp_path, text.replace("effective_from = 2021", 'gap_before = "the first was withdrawn"\neffective_from = 2021')
    )
    with pytest.raises(NoRuleInForce):
        policy.at("limit", date(2020, 12, 15))


def test_one_id_in_two_files_is_refused(tmp_path):
    loaded(tmp_path, GOOD, "a.toml")
    with pytest.raises(PolicyRowBad, match=r"b.toml row 1 limit.*a.toml"):
        loaded(tmp_path, GOOD.replace("2020-", "2029-").replace("2021-", "2030-"), "b.toml")


def test_the_version_follows_what_the_rows_say_and_nothing_else(tmp_path):
    version = loaded(tmp_path, GOOD).version
    assert len(version) == 64
    assert loaded(tmp_path, GOOD.replace("checked_on = 2026-11-24", "checked_on = 2026-12-24")).version == version
    assert loaded(tmp_path, GOOD.replace("days = 7", "days = 8")).version != version
    assert loaded(tmp_path, GOOD.replace('"working"', '"calendar"')).version != version


def test_a_row_cannot_be_changed_and_goes_to_another_process(tmp_path):
    policy = loaded(tmp_path, GOOD)
    with pytest.raises(TypeError):
        policy.rows[0].value["days"] = 8
    again = pickle.loads(pickle.dumps(policy))
    assert again.version == policy.version
    assert again.rows[0].number("days") == 7


def test_a_figure_that_is_not_there_is_a_bad_row_and_not_a_zero(tmp_path):
    row = loaded(tmp_path, GOOD).rows[0]
    for wrong in (lambda: row.number("hours"), lambda: row.number("counting"), lambda: row.words("days"), row.number):
        with pytest.raises(PolicyRowBad):
            wrong()


def test_the_rows_of_this_version_load_and_each_is_in_force_somewhere(rows):
    assert {row.file for row in rows.rows} == {path.name for path in FOLDER.glob("*.toml")}
    for row in rows.rows:
        assert rows.at(row.id, row.effective_from) is row
        assert row.checked_on >= row.effective_from or row.effective_from.year >= 2026
    assert at("case_after_audit_report", date(2026, 9, 28)).number("days") == 7


@pytest.mark.parametrize(
    ("rule_id", "key", "figure", "confidence"),
    [
        ("case_after_audit_report", "days", 7, "law"),
        ("case_filing_decision", "days", 15, "guidance"),
        ("dust_quarter_hour_limit_1", "mean_above_mg_m3", 2.0, "law"),
        ("dust_quarter_hour_limit_1", "allowed_a_day", 1, "law"),
        ("dust_quarter_hour_limit_2", "mean_above_mg_m3", 1.0, "law"),
        ("dust_quarter_hour_limit_2", "allowed_a_day", 6, "law"),
        ("dust_quarter_hour_valid", "valid_minutes_at_least", 12, "default"),
        ("positive_list_period", "years", 3, "default"),
    ],
)
def test_figures_and_how_sure_they_are_stand_as_in_the_sources(rows, monday, rule_id, key, figure, confidence):
    """Against LAW.md and DUST_AND_MONITORS.md, read by a person."""
    row = rows.at(rule_id, monday)
    assert row.number(key) == figure
    assert row.confidence_in(key) is RuleConfidence(confidence)


def test_the_counting_of_the_seven_days_is_not_claimed_as_law(rows, monday):
    row = rows.at("case_after_audit_report", monday)
    assert row.value["counting"] == "unknown"
    assert row.confidence_in("counting") is not RuleConfidence.LAW
    assert row.succeeded == "unknown"


def test_what_is_ours_is_never_called_law(rows):
    ours = [row for row in rows.rows if row.source.startswith("yaoxun")]
    assert len(ours) > 15
    assert all(row.confidence is RuleConfidence.DEFAULT for row in ours)


def test_working_defaults_hold_on_any_day_of_a_picture(rows):
    for row in rows.rows:
        if row.file in ("attribution.toml", "leads.toml"):
            assert row.holds(date(2016, 6, 23)), row.id
            assert row.holds(date(2016, 6, 23) + timedelta(days=36500)), row.id
