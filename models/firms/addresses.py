"""An address taken apart as far as telling two firms apart needs: street and house number."""

from __future__ import annotations

import re
from dataclasses import dataclass

from models.firms.names import DIGITS, plain

FRONT = re.compile(r"^(?:中国)?(?:上海市?)?(?:普陀(?!山|路)区?|[一-鿿]{2}(?:新区|区))?")
ROAD = re.compile(r"(?P<street>[一-鿿]{1,8}?(?:大道|公路|路|大街|街))(?:[东西南北]段)?")
PLACE = re.compile(r"(?P<street>[一-鿿]{1,8}?(?:弄堂|巷|村|里|滨|浜))")
NUMBER = re.compile(r"(?P<lane>\d+弄)?(?P<number>\d+)?号?")


@dataclass(frozen=True, slots=True)
class AddressParts:
    """`number` is lane and house number as `12弄3`, "" where none is given; `street` "" where none is recognised."""

    street: str
    number: str


def address_of(address: str) -> AddressParts:
    """Street and number of an address: `上海市普陀区真北路 958号 2幢301室` → 真北路, 958."""
    text = FRONT.sub("", "/".join(plain(word) for word in address.split()))
    found = ROAD.search(text) or PLACE.search(text)
    if not found:
        return AddressParts("", "")
    after = NUMBER.match(text[found.end() :].lstrip("/").translate(DIGITS))
    lane, number = (after["lane"] or "", after["number"] or "") if after else ("", "")
    return AddressParts(found["street"], f"{lane}{number}")
