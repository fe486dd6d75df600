"""Rows that differ between two sets: new, gone, changed; where a row stands is not what it says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from enforcement.errors import PolicyRowBad
from enforcement.policy import FOLDER, Policy, load, load_from, load_with
from enforcement.policy_changes import changes


def test_a_set_does_not_differ_from_itself_wherever_its_rows_stand() -> None:
    moved = Policy(tuple(replace(row, file="other.toml", row=99) for row in load().rows), "x")
    assert changes(load(), moved) == []


def test_new_gone_and_changed_rows_are_named_with_what_differs() -> None:
    first, second, *rest = load().rows
    later = replace(first, effective_from=date(2031, 1, 1), note="later")
    other = replace(second, source="another", note="n")
    found = changes(load(), Policy((other, later, *rest), "x"))
    assert {(one.ref, one.before is None, one.after is None, one.fields) for one in found} == {
        (first.ref, False, True, ()), (later.ref, True, False, ()), (second.ref, False, False, ("source", "note")),
    }  # fmt: skip


def test_files_of_the_same_name_replace_ours_and_others_are_added(tmp_path) -> None:
    (tmp_path / "dust.toml").write_text((FOLDER / "dust.toml").read_text("utf-8"), "utf-8")
    assert load_with(tmp_path).version == load_from(FOLDER).version
    (tmp_path / "dust.toml").write_text("", "utf-8")
    gone = {one.ref.partition("@")[0] for one in changes(load(), load_with(tmp_path))}
    assert "dust_quarter_hour_limit_1" in gone


def test_an_empty_folder_is_no_set(tmp_path) -> None:
    with pytest.raises(PolicyRowBad):
        load_with(tmp_path)
