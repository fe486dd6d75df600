"""One coordinate as people write it: decimal, degrees-minutes-seconds in every usual spelling, metres. And how finely.

Two spellings cannot be told from a number by the cell alone, only by the whole file (`notation.py`): 121.2400 for
121°24′00″, and 1212400 for the same.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass, replace

DECIMAL, SEXAGESIMAL = "decimal", "dms"
MINUTE, SECOND = 60.0, 3600.0
CHARACTERS_AT_MOST = 64  # no coordinate is longer

_ALIKE = str.maketrans(
    {
        **dict.fromkeys("ºﾟ˚∘度", "°"),
        **dict.fromkeys("’‘′`´ʹ＇‵分", "'"),
        **dict.fromkeys("”“″〃＂˝秒", '"'),
        **dict.fromkeys("−–—﹣－", "-"),
    }
)
_SIDES = (
    ("东经", "E"),
    ("西经", "W"),
    ("北纬", "N"),
    ("南纬", "S"),
    ("东", "E"),
    ("西", "W"),
    ("北", "N"),
    ("南", "S"),
)
_PLAIN = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,15})?")
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:E[-+]?\d+)?")
_THOUSANDS = re.compile(r"([-+]?\d{1,3}(?:,\d{3})+)(\.\d+)?")
_DMS_LETTERS = re.compile(r"(\d+)D(\d+(?:\.\d+)?)M(?:(\d+(?:\.\d+)?)S)?")
_SIDE = re.compile(r"(?P<before>[NSEW]?)(?P<body>[-+]?[\d.].*?)(?P<after>[NSEW]?)")
_D, _M, _S = r"(?P<sign>[-+]?)(?P<d>\d{1,3})", r"(?P<m>\d{1,2}(?:\.\d+)?)", r"(?P<s>\d{1,2}(?:\.\d+)?)"
_DMS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_D}°(?:{_M}'?(?:{_S}\"?)?)?",  # 121°24'00.5", 121°24.5', 121°24'
        rf"{_D}(?P<gap>[-.:_ ])(?P<m>\d{{1,2}})(?P=gap){_S}",  # 121.24.00, 121-24-00, 121:24:00, 121 24 00
        rf"{_D}[-: ]{_M}",  # 121-24.5
    )
)


@dataclass(frozen=True, slots=True)
class Written:
    """A coordinate as read: its value, how it was written, and `step`, the unit of its last place.

    `digits` counts the decimals of a number in which minutes and seconds may hide, -1 of anything else; `side` is
    N, S, E or W where one is written.
    """

    value: float
    form: str
    step: float
    digits: int = -1
    side: str = ""


def read_written(text: str) -> Written | None:
    """Read a cell.

    Args:
        text: as it stands in the file; any width of digits, any of the usual marks and letters.

    Returns:
        None where it is no coordinate, also where minutes or seconds are 60 or more (60.0 seconds is carried over).
        South and west are negative.
    """
    if _PLAIN.fullmatch(text):  # nearly every cell
        digits = len(text.partition(".")[2])
        return Written(float(text), DECIMAL, 10.0**-digits, digits)
    if len(text) > CHARACTERS_AT_MOST:
        return None
    bare = unicodedata.normalize("NFKC", text.translate(_ALIKE)).translate(_ALIKE).upper().replace("''", '"')
    for word, letter in _SIDES:
        bare = bare.replace(word, letter)
    bare = _DMS_LETTERS.sub(lambda m: f"{m[1]}°{m[2]}'" + (f'{m[3]}"' if m[3] else ""), bare)  # 121d24m00s
    bare = re.sub(r"\s*([°'\"NSEW])\s*", r"\1", re.sub(r"\s+", " ", bare).strip())
    bare = re.sub(r"(?<=\d)(?:米|M)$", "", bare)
    found = _SIDE.fullmatch(bare)
    if found is None or (found["before"] and found["after"]):
        return None
    side, body = found["before"] or found["after"], found["body"].removesuffix("°")
    read = _decimal(body) or _sexagesimal(found["body"])
    if read is not None and read.form == DECIMAL and body != found["body"]:
        read = replace(read, digits=-1)  # a sign of degrees behind decimals: no minutes hide in them
    if read is None or not side:
        return read
    value = -read.value if side in "SW" and read.value > 0 else read.value
    return Written(value, read.form, read.step, read.digits, side)


def _decimal(body: str) -> Written | None:
    if re.search(r"\d \d", body):
        return None  # 121 24 00 is no 1212400
    bare = body.replace(" ", "")
    if _THOUSANDS.fullmatch(bare):
        bare = bare.replace(",", "")
    if not _NUMBER.fullmatch(bare):
        return None
    mantissa, _, power = bare.partition("E")
    digits = len(mantissa.partition(".")[2])
    value, places = float(bare), digits - int(power or 0)
    return Written(value, DECIMAL, 10.0 ** -max(-9, min(15, places)), digits) if math.isfinite(value) else None


def _sexagesimal(body: str) -> Written | None:
    for pattern in _DMS:
        found = pattern.fullmatch(body)
        if found:
            parts = found.groupdict()
            return _of_parts(parts["sign"], parts["d"], parts.get("m"), parts.get("s"))
    return None


def _of_parts(sign: str, degrees: str, minutes: str | None, seconds: str | None) -> Written | None:
    if (seconds and "." in (minutes or "")) or float(minutes or 0) >= MINUTE or float(seconds or 0) > MINUTE:
        return None
    value = float(degrees) + float(minutes or 0) / MINUTE + float(seconds or 0) / SECOND
    last = seconds or minutes or ""
    unit = SECOND if seconds else MINUTE if minutes else 1.0
    step = 10.0 ** -len(last.partition(".")[2]) / unit
    return Written(-value if sign == "-" else value, SEXAGESIMAL, step)


def as_minutes_in_decimals(written: Written) -> Written | None:
    """121.2400 read as 121°24′00″, 121.24 as 121°24′; None where the decimals cannot be minutes and seconds.

    Zeros at the end are often lost (a spreadsheet writes 121.241 for 121.2410) and are put back.
    """
    if written.form != DECIMAL or written.digits < 0:
        return None
    whole, _, decimals = f"{abs(written.value):.{written.digits}f}".partition(".")
    padded = decimals.ljust(4, "0")
    minutes, seconds = padded[:2], padded[2:4] + ("." + padded[4:] if len(padded) > 4 else "")
    if float(minutes) >= MINUTE or float(seconds) >= MINUTE:
        return None
    value = float(whole) + float(minutes) / MINUTE + float(seconds) / SECOND
    step = 1.0 / SECOND if written.digits > 2 else 1.0 / MINUTE
    return Written(value if written.value >= 0 else -value, SEXAGESIMAL, step, -1, written.side)


def as_packed(written: Written, degrees_digits: tuple[int, ...]) -> Written | None:
    """1212400 read as 121°24′00″, 311500 as 31°15′00″; None where the digits cannot be that.

    Args:
        written: a decimal number.
        degrees_digits: how many digits the degrees may have: (2, 3) for a longitude, (2,) for a latitude.
    """
    if written.form != DECIMAL or written.digits < 0 or written.value <= 0:
        return None
    whole, _, decimals = f"{written.value:.{written.digits}f}".partition(".")
    if len(whole) - 4 not in degrees_digits:
        return None
    degrees, minutes, seconds = whole[:-4], whole[-4:-2], whole[-2:] + ("." + decimals if decimals else "")
    return _of_parts("", degrees, minutes, seconds) if float(seconds) < MINUTE else None
