"""Reading the registry under decisions: chains, loops, and the pair that nobody may merge."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enforcement.errors import TwoValidCodes
from enforcement.registry import Enterprise, Inspection
from enforcement.same_firm import SameFirm, require_one_firm

LEARNT = {"received_at": datetime(2026, 11, 24, tzinfo=UTC), "source_sha256": "0" * 64, "source_row": "1"}
CODE, OTHER = "91310107MA1FT4R979", "91310107MA1FQ5J764"


def firm(key: str) -> Enterprise:
    return Enterprise(**LEARNT, uscc=key, name=key)


def visit(enterprise: str | None) -> Inspection:
    return Inspection(**LEARNT, inspection_id="V1", enterprise=enterprise, on=date(2026, 10, 1), found=True)


def test_a_chain_is_followed_to_its_end():
    same = SameFirm({("enterprise", "a"): "b", ("enterprise", "b"): CODE})
    assert same.read([firm("a"), firm("b"), firm(CODE), visit("a")]) == [firm(CODE), visit(CODE)]


def test_a_row_that_is_linked_itself_points_at_the_firm():
    assert SameFirm({("inspection", "V1"): "a", ("enterprise", "a"): CODE}).read([visit(None)]) == [visit(CODE)]


def test_without_decisions_nothing_changes():
    assert SameFirm({}).read([firm("a"), visit("a")]) == [firm("a"), visit("a")]


@given(st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("abcdef"), max_size=6), st.sampled_from("abcdef"))
def test_any_decisions_end(said, key):
    same = SameFirm({("enterprise", left): right for left, right in said.items()})
    assert same.key_of(key) in set("abcdef")


def test_two_valid_codes_are_never_one_firm():
    with pytest.raises(TwoValidCodes):
        require_one_firm(CODE, OTHER)
    require_one_firm(CODE, CODE)
    require_one_firm("org-MA1FT4R97", CODE)
