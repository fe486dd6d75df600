"""Unified social credit codes (GB 32100-2015) with an organisation code inside (GB 11714), made up but well formed."""

from __future__ import annotations

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
BODY_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
ORGANISATION_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def with_check(first_17: str) -> str:
    """A code of 18 characters: weights are powers of 3 modulo 31, the check makes the sum a multiple of 31."""
    total = sum(ALPHABET.index(letter) * pow(3, place, 31) for place, letter in enumerate(first_17))
    return first_17 + ALPHABET[-total % 31]


def organisation(first_8: str) -> str:
    """An organisation code of 9 characters, the last its check by modulus 11."""
    total = sum(
        ORGANISATION_ALPHABET.index(letter) * weight for letter, weight in zip(first_8, BODY_WEIGHTS, strict=True)
    )
    rest = 11 - total % 11
    return first_8 + {10: "X", 11: "0"}.get(rest, str(rest))


def company(first_8: str) -> str:
    """The code of an invented company registered in Putuo (category 91, division 310107)."""
    return with_check("91310107" + organisation(first_8))
