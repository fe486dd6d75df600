"""The key of a firm: its credit code, or what stands in for it where a row has no valid one."""

from __future__ import annotations

import hashlib
import unicodedata

from enforcement import formats, uscc
from enforcement.errors import FirmNameless

OLD, ORGANISATION, NAMELESS = "reg-", "org-", "noname-"


def firm_key(code: str = "", old_number: str = "", name: str = "", address: str = "", *, org_code: str = "") -> str:
    """The one key under which a firm is held.

    The first that applies, of whatever stands in `code`, `old_number` or `org_code`: a valid credit code, as it is;
    `reg-` and a registration number 注册号 of 15 digits; `org-` and an organisation code 组织机构代码 of 9 characters;
    `noname-` and a digest of name and address. Full-width letters, blanks and dashes make no difference.

    Raises:
        FirmNameless: no code of any kind and no name.
    """
    written = [uscc.normalised(text) for text in (code, old_number, org_code)]
    for is_one, before in ((uscc.is_valid, ""), (is_old_number, OLD), (is_org_code, ORGANISATION)):
        for text in written:
            if is_one(text):
                return before + text
    told = _told(name)
    if not told:
        raise FirmNameless("firm", "neither code nor name")
    digest = hashlib.sha256(f"{told}\n{_told(address)}".encode()).hexdigest()
    return NAMELESS + digest[: formats.FIRM_DIGEST_LENGTH]


def is_old_number(text: str) -> bool:
    """Whether it has the form of a registration number 工商注册号: 15 digits."""
    return len(text) == formats.OLD_NUMBER_LENGTH and text.isascii() and text.isdigit()


def is_org_code(text: str) -> bool:
    """Whether it has the form of an organisation code (GB 11714) without its dash: 8 letters or digits and one more."""
    return len(text) == formats.ORG_CODE_LENGTH and text.isascii() and text.isalnum()


def _told(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in plain if not letter.isspace())
