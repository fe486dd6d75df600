"""Unified social credit codes 统一社会信用代码 (GB 32100-2015) and the permit numbers that are made of them."""

from __future__ import annotations

import unicodedata

from enforcement import formats
from enforcement.errors import InvalidPermitNumber, InvalidUscc


def normalised(text: str) -> str:
    """The text as a code is written: full-width to plain (NFKC), upper case, without blanks, dashes and marks."""
    plain = unicodedata.normalize("NFKC", text).upper()
    return "".join(letter for letter in plain if letter.isalnum())


def problem_of(code: str) -> str | None:
    """What is wrong with a code as written, in words; None where it is valid.

    Source: GB 32100-2015, as restated in `enforcement.formats`.
    """
    if len(code) != formats.USCC_LENGTH:
        return f"{len(code)} characters, not {formats.USCC_LENGTH}"
    strangers = sorted(set(code) - set(formats.USCC_ALPHABET))
    if strangers:
        return f"holds {' '.join(strangers)}, which no code holds"
    if not code[formats.USCC_DIVISION].isdigit():
        return f"division {code[formats.USCC_DIVISION]} is not digits"
    expected = check_character(code[:-1])
    return None if code[-1] == expected else f"check character is {code[-1]}, should be {expected}"


def is_valid(code: str) -> bool:
    """Whether the code, exactly as written, is one. `normalised` first where people typed it."""
    return problem_of(code) is None


def parse(text: str) -> str:
    """The code that was typed, normalised.

    Raises:
        InvalidUscc: it is none; the detail says why.
    """
    code = normalised(text)
    problem = problem_of(code)
    if problem:
        raise InvalidUscc(text.strip() or "(empty)", problem)
    return code


def check_character(body: str) -> str:
    """The last character that belongs to the first 17.

    Raises:
        InvalidUscc: not 17 characters of the alphabet.
    """
    if len(body) != len(formats.USCC_WEIGHTS) or set(body) - set(formats.USCC_ALPHABET):
        raise InvalidUscc(body or "(empty)", f"not {len(formats.USCC_WEIGHTS)} characters of a code")
    values = (formats.USCC_ALPHABET.index(letter) for letter in body)
    total = sum(value * weight for value, weight in zip(values, formats.USCC_WEIGHTS, strict=True))
    return formats.USCC_ALPHABET[-total % formats.USCC_MODULUS]


def parse_permit_number(text: str) -> str:
    """The number of a discharge permit, normalised: a valid credit code, 3 digits, 1 letter.

    Raises:
        InvalidPermitNumber: it is none; the detail says why.
    """
    number = normalised(text)
    where = text.strip() or "(empty)"
    if len(number) != formats.PERMIT_LENGTH:
        raise InvalidPermitNumber(where, f"{len(number)} characters, not {formats.PERMIT_LENGTH}")
    problem = problem_of(number[: formats.USCC_LENGTH])
    if problem:
        raise InvalidPermitNumber(where, f"its credit code: {problem}")
    digits, kind = number[formats.PERMIT_DIGITS], number[-1]
    if not (digits.isascii() and digits.isdigit() and kind.isascii() and kind.isalpha()):
        raise InvalidPermitNumber(where, f"ends in {digits}{kind}, not in three digits and a letter")
    return number


def uscc_of_permit(number: str) -> str:
    """The credit code within a valid permit number.

    Raises:
        InvalidPermitNumber: the number is not valid.
    """
    return parse_permit_number(number)[: formats.USCC_LENGTH]
