"""`yaoxun policy diff`: rows that differ, and what they would have made of the days that are there."""

from __future__ import annotations

from pathlib import Path

import pytest

from enforcement import policy
from tests.cli.conftest import Yaoxun
from tests.cli.test_monitor_check import CAME, MN, bring, known, minutes

__all__ = ["bring", "known"]  # fixtures


@pytest.fixture()
def changed(tmp_path: Path) -> Path:
    """A copy of the dust rows in which the first limit is 1.8 instead of 2.0 and allows two quarter hours."""
    folder = tmp_path / "changed"
    folder.mkdir()
    text = (policy.FOLDER / "dust.toml").read_text("utf-8")
    was = "{ mean_above_mg_m3 = 2.0, allowed_a_day = 1 }"
    assert was in text
    (folder / "dust.toml").write_text(text.replace(was, "{ mean_above_mg_m3 = 1.8, allowed_a_day = 2 }"), "utf-8")
    return folder


def test_without_a_home_the_rows_are_told(yaoxun: Yaoxun, changed: Path) -> None:
    said = yaoxun("policy", "diff", changed, "--json").document
    (row,) = said["rows"]
    assert (row["ref"].partition("@")[0], row["change"]) == ("dust_quarter_hour_limit_1", "changed")
    assert list(row["fields"]) == ["value"]
    assert said["before"] == policy.load().version != said["after"]
    assert (said["days"], said["gained"], said["lost"]) == (0, [], [])


@pytest.mark.usefixtures("known")
def test_exceedances_that_come_go_and_stay_with_another_figure(yaoxun: Yaoxun, bring, changed: Path) -> None:
    # Three quarter hours at 1.9 come; two at 2.5 go, since two are allowed; nothing is stored of it.
    bring(minutes(MN, 600, 45, 1.9))
    yaoxun("monitor", "check", "--as-of", CAME.isoformat())
    said = yaoxun("policy", "diff", changed, "--as-of", CAME.isoformat(), "--json").document
    assert [(one["mn"], one["limit"], one["count"]) for one in said["gained"]] == [(MN, 1.8, 3)]
    assert (said["lost"], said["changed"], said["days"]) == ([], [], 1)
    assert policy.load().at("dust_quarter_hour_limit_1", CAME.date()).number("mean_above_mg_m3") == 2.0


@pytest.mark.usefixtures("known")
def test_what_the_changed_rows_allow_is_lost_and_what_both_say_has_both_figures(yaoxun: Yaoxun, bring, changed) -> None:
    bring(minutes(MN, 600, 30, 2.5) + minutes("310107A1000002", 600, 45, 2.5))
    yaoxun("monitor", "check", "--as-of", CAME.isoformat())
    said = yaoxun("policy", "diff", changed, "--as-of", CAME.isoformat(), "--json").document
    assert [one["mn"] for one in said["lost"]] == [MN]
    assert [(one["before"]["limit"], one["after"]["limit"], one["after"]["mn"]) for one in said["changed"]] == [
        (2.0, 1.8, "310107A1000002")
    ]


def test_a_folder_without_rows_and_a_bad_row_are_refused(yaoxun: Yaoxun, tmp_path: Path, changed: Path) -> None:
    assert yaoxun("policy", "diff", tmp_path / "none").code == 2
    (changed / "dust.toml").write_text("[[rule]]\nid = 'x'\n", "utf-8")
    said = yaoxun("policy", "diff", changed)
    assert said.code == 2
    assert "dust.toml row 1" in said.err[0]
