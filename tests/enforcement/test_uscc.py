"""Credit codes against the given vectors and against python-stdnum, a second implementation."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc as second

from enforcement.errors import InvalidPermitNumber, InvalidUscc
from enforcement.uscc import (
    check_character,
    is_valid,
    normalised,
    parse,
    parse_permit_number,
    problem_of,
    uscc_of_permit,
)

CODE = "91310107JH8KKJ0MY0"
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
PREFIXES = st.text("0123456789", min_size=8, max_size=8)  # the second implementation knows digits only here
BODIES = st.tuples(PREFIXES, st.text(ALPHABET, min_size=9, max_size=9)).map("".join)


@pytest.mark.given
def test_the_given_codes_are_judged_as_their_truth_says(shared):
    vectors = json.loads((shared / "standards" / "misc_vectors.json").read_text(encoding="utf-8"))["uscc"]
    assert len(vectors) == 15
    for vector in vectors:
        code, valid = vector["code"], vector["valid"]
        assert is_valid(code) == (valid is True), vector
        assert (problem_of(normalised(code)) is None) == (valid is not False), vector


@given(BODIES)
def test_the_check_character_agrees_with_the_second_implementation(body):
    assert check_character(body) == second.calc_check_digit(body)


@given(BODIES.map(lambda body: body + second.calc_check_digit(body)), st.integers(0, 17), st.sampled_from(ALPHABET))
def test_any_single_character_that_is_changed_is_noticed(code, place, letter):
    assert is_valid(code)
    changed = code[:place] + letter + code[place + 1 :]
    assert is_valid(changed) == (changed == code)
    if changed[:8].isdigit():
        assert is_valid(changed) == second.is_valid(changed)


@given(st.text(max_size=25))
def test_any_text_is_judged_without_failing(text):
    assert is_valid(normalised(text)) == (problem_of(normalised(text)) is None)


@pytest.mark.parametrize(
    "typed", [CODE.lower(), f" {CODE} ", "91310107-JH8KKJ0MY-0", "９１３１０１０７ＪＨ８ＫＫＪ０ＭＹ０"]
)
def test_what_people_type_is_normalised(typed):
    assert parse(typed) == CODE


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "0 characters"),
        (CODE[:-1], "17 characters"),
        (CODE[:-1] + "1", "should be 0"),
        ("91310107IH8KKJ0MY0", "holds I"),
        ("9131010XJH8KKJ0MY0", "division"),
    ],
)
def test_what_is_wrong_is_said(typed, why):
    with pytest.raises(InvalidUscc, match=why):
        parse(typed)


def test_a_permit_number_is_the_code_three_digits_and_a_letter():
    assert parse_permit_number(f"{CODE.lower()}001p") == f"{CODE}001P"
    assert uscc_of_permit(f"{CODE}001P") == CODE


@pytest.mark.parametrize(
    "number", ["", CODE, f"{CODE}001", f"{CODE}0011", f"{CODE}0A1P", f"{CODE[:-1]}1001P", f"{CODE}001Pp"]
)
def test_what_is_no_permit_number_is_refused(number):
    with pytest.raises(InvalidPermitNumber):
        parse_permit_number(number)
