"""What a server says to a device: answers to data and notices, the clock, and requests for what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hj212.crc import CrcMode, crc_hj212, crc_modbus, swapped
from hj212.fields import BEIJING, Fields
from hj212.words import (
    CLOCK_WANTED,
    DATA,
    DATA_ANSWER,
    INTERACTION,
    NOTICE_ANSWER,
    NOTICES,
    PERIODS,
    SET_CLOCK,
)

VERSION_2017 = 4
"""Flag with the version bits of 2017 and no answer wanted."""
ANSWER_WANTED = 1
LONGEST_SEGMENT = 9999


@dataclass(frozen=True, slots=True)
class Spoken:
    """How a device speaks, so that it is answered alike.

    Attributes:
        mn: its number.
        st: system code of its data.
        pw: its password, as it sends it; never shown.
        flags: whether it sends QN and Flag, as 2017 has it; in the forms of 2005 both may be missing.
        crc_mode: its check sum.
        encoding: of what it writes beyond ASCII.
    """

    mn: str
    st: str
    pw: str
    flags: bool = True
    crc_mode: CrcMode = CrcMode.HJ212
    encoding: str = "gb18030"

    @classmethod
    def by(cls, fields: Fields, crc_mode: CrcMode) -> Spoken:
        """As one of its packets shows."""
        has_flags = bool(fields.qn) or fields.flag is not None
        return cls(fields.mn, fields.st, fields.pw, has_flags, crc_mode, fields.encoding)


def packet(segment: str, crc_mode: CrcMode = CrcMode.HJ212, encoding: str = "gb18030") -> bytes:
    """A segment as it goes on the wire: `##`, its length, itself, its check sum, CR LF.

    Raises:
        ValueError: it is longer than four digits can say.
    """
    data = segment.encode(encoding)
    if len(data) > LONGEST_SEGMENT:
        raise ValueError(f"a segment of {len(data)} bytes")
    return f"##{len(data):04d}".encode() + data + f"{_check(data, crc_mode):04X}".encode() + b"\r\n"


def _check(data: bytes, crc_mode: CrcMode) -> int:
    if crc_mode is CrcMode.MODBUS:
        return crc_modbus(data)
    return swapped(crc_hj212(data)) if crc_mode is CrcMode.HJ212_SWAPPED else crc_hj212(data)


def answer_to(fields: Fields, crc_mode: CrcMode, *, always: bool = False) -> bytes | None:
    """The answer that a device's packet is owed: 9014 for data, 9013 for a notice; None where it wants none.

    None also where the answer would be longer than a packet can be.

    Args:
        fields: of a packet whose check sum is good: a bad one is never answered, so that it comes again.
        crc_mode: which it speaks.
        always: answer also where it does not ask for it (bit A of Flag), as some devices of 2005 expect.
    """
    wanted = fields.answer_wanted or (always and fields.flag is None)
    kind = DATA_ANSWER if fields.cn in DATA else NOTICE_ANSWER if fields.cn in NOTICES else ""
    if not kind or not wanted:
        return None
    segment = _head(fields.qn, INTERACTION, kind, Spoken.by(fields, crc_mode), VERSION_2017) + "CP=&&&&"
    if len(segment.encode(fields.encoding)) > LONGEST_SEGMENT:  # QN, PW or MN of thousands of letters: nobody's packet
        return None
    return packet(segment, crc_mode, fields.encoding)


def clock_wanted(fields: Fields) -> bool:
    """Whether a device asks for the time (1013)."""
    return fields.cn == CLOCK_WANTED


def set_clock(spoken: Spoken, *, qn: str, at: datetime) -> bytes:
    """The request that sets a device's clock (1012).

    Args:
        spoken: whose.
        qn: of the request.
        at: the time it is to show; sent in Beijing time.
    """
    inside = f"SystemTime={at.astimezone(BEIJING):%Y%m%d%H%M%S}"
    return packet(_request(spoken, SET_CLOCK, qn) + f"CP=&&{inside}&&", spoken.crc_mode, spoken.encoding)


def ask_for(spoken: Spoken, cn: str, *, qn: str, begin: datetime, end: datetime) -> bytes:
    """The request for minute, hour or day data of a stretch of time (2051, 2061, 2031).

    Args:
        spoken: whom.
        cn: which.
        qn: of the request.
        begin: first period.
        end: last period.

    Raises:
        ValueError: `cn` is none of these, or the stretch ends before it begins.
    """
    if cn not in PERIODS or end < begin:
        raise ValueError(f"cannot ask for {cn} from {begin} to {end}")
    comma = "," if spoken.flags else ";"  # 2017 separates the two by a comma, devices of 2005 by a semicolon
    times = comma.join(
        f"{name}={at.astimezone(BEIJING):%Y%m%d%H%M%S}" for name, at in (("BeginTime", begin), ("EndTime", end))
    )
    return packet(_request(spoken, cn, qn) + f"CP=&&{times}&&", spoken.crc_mode, spoken.encoding)


def qn_of(at: datetime) -> str:
    """A request's number: the instant to the millisecond, in Beijing time."""
    here = at.astimezone(BEIJING)
    return f"{here:%Y%m%d%H%M%S}{here.microsecond // 1000:03d}"


def _request(spoken: Spoken, cn: str, qn: str) -> str:
    return _head(qn, spoken.st, cn, spoken, VERSION_2017 | ANSWER_WANTED)


def _head(qn: str, st: str, cn: str, spoken: Spoken, flag: int) -> str:
    first = f"QN={qn};" if qn else ""
    last = f"Flag={flag};" if spoken.flags else ""
    return f"{first}ST={st};CN={cn};PW={spoken.pw};MN={spoken.mn};{last}"
