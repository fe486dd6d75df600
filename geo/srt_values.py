"""What one subtitle block says, dialect or no dialect: names and numbers, brackets, units, hemispheres.

Nothing here knows an aircraft. A name is taken for what it says (`rel_alt`, `Hb`, `H`, `gb_yaw`, `G.PRY`), a number
with the unit that stands behind it, a pair in `GPS(…)` with the hemisphere letters where there are any.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

FOOT_M = 0.3048
_TAGS = re.compile(r"<[^<>\n]*>")
_DIGITS = r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]\d{1,2}(?![\d.]))?"
_DECIMAL_COMMA = r"[+-]?\d+,\d+(?![\d.,])"  # [latitude: 31,240500], as phones set to German or Russian write it
# A value that the end of the file cuts off is no value: something must follow it.
_KEY = re.compile(
    rf"(?<![A-Za-z_])([A-Za-z][A-Za-z_]+)[\"']?\s*[:=]\s*[\"']?([NSEW](?=[ \t]?\d))?[ \t]?"
    rf"({_DECIMAL_COMMA}|{_DIGITS})(?=[^\d.])[ \t]*°?[ \t]*([NSEW](?![A-Za-z])(?![ \t]*[:=\d])|ft\b|feet\b|m\b|rad\b)?",
    re.IGNORECASE,
)
_GROUP = re.compile(r"\[\s*(drone|aircraft|flight|gimbal|camera)\s*:\s*([^\[\]]*)\]", re.IGNORECASE)
_PLACE = re.compile(r"\b(GPS|RTK|HOME)\s*[:=]?\s*[(\[]([^()\[\]]*)[)\]]", re.IGNORECASE)
_SIDED_PLACE = re.compile(
    r"\b(?:([NS])\s?(\d+\.\d{3,})\s?°?[,;\s]+([EW])\s?(\d+\.\d{3,})|([EW])\s?(\d+\.\d{3,})\s?°?[,;\s]+([NS])\s?(\d+\.\d{3,}))"
)
"""`N31.2405 E121.4005` without a name before it."""
_SEXAGESIMAL = re.compile(r"(\d{1,3})\s*°\s*(\d{1,2})\s*['′’]\s*(\d{1,2})(?:\.(\d{1,6}))?\s*(?:[\"″”]|'')")
_TURNS = re.compile(r"\b([FG])\.(PRY|YPR|RPY)\s*\(([^()]*)\)")
_HEIGHT = re.compile(rf"\bH[ \t]*:?[ \t]*({_DIGITS})[ \t]*(m|ft|feet)\b")
_SPEED = re.compile(rf"\bH\.S[ \t]*:?[ \t]*({_DIGITS})[ \t]*m/s")
_HEMISPHERE = re.compile(rf"\s*([NSEW])\s*:?\s*({_DIGITS})\s*°?\s*|\s*({_DIGITS})\s*°?\s*([NSEW])\s*")
_NUMBER = re.compile(rf"\s*({_DIGITS})\s*°?\s*")

# Name in lower case without underscores → what it is.
_FIELDS = {
    "latitude": "lat", "lat": "lat", "gpslatitude": "lat",
    "longitude": "lon", "longtitude": "lon", "lon": "lon", "lng": "lon", "long": "lon",
    "gpslongitude": "lon", "gpslongtitude": "lon",
    "relalt": "height_takeoff", "relativealtitude": "height_takeoff", "relheight": "height_takeoff",
    "barometer": "height_takeoff", "hb": "height_takeoff",
    "absalt": "height_sea", "absolutealtitude": "height_sea",
    "altitude": "height_undeclared", "alt": "height_undeclared",
    "gbyaw": "yaw", "gimbalyaw": "yaw", "gyaw": "yaw", "camerayaw": "yaw",
    "gbpitch": "pitch", "gimbalpitch": "pitch", "gpitch": "pitch", "camerapitch": "pitch",
    "gbroll": "roll", "gimbalroll": "roll", "groll": "roll", "cameraroll": "roll",
    "droneyaw": "flight_yaw", "flightyaw": "flight_yaw", "aircraftyaw": "flight_yaw",
    "focallen": "focal", "focallength": "focal", "dzoomratio": "zoom", "dzoom": "zoom", "digizoom": "zoom",
}  # fmt: skip
_CHINESE = {
    "经度": " longitude", "纬度": " latitude", "相对高度": " rel_alt", "绝对高度": " abs_alt",
    "云台俯仰": " gimbal_pitch", "云台横滚": " gimbal_roll", "云台偏航": " gimbal_yaw",
}  # fmt: skip
_METRES = {"m": 1.0, "ft": FOOT_M, "feet": FOOT_M}


_SIDES = {"lat": "NS", "lon": "EW"}


@dataclass
class Values:
    """Numbers by what they are, as far as the block has them.

    Attributes:
        numbers: 'lat', 'lon', 'height_takeoff', 'height_sea', 'height_undeclared' (metres), 'yaw', 'pitch', 'roll'
            (of the camera), 'flight_yaw', 'focal', 'zoom', 'speed' (m/s).
        written: the same as they stand in the file, where a place or a focal length is concerned.
        pairs: 'GPS' and 'HOME' → the first two numbers as written, in the order of the file.
        sided: 'GPS' and 'HOME' → longitude and latitude, where letters say which is which.
        says_where: the block is whole as far as its position goes, be it N/A.
        feet: a height was written in feet.
    """

    numbers: dict[str, float] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)
    pairs: dict[str, tuple[str, str]] = field(default_factory=dict)
    sided: dict[str, tuple[str, str]] = field(default_factory=dict)
    says_where: bool = False
    feet: bool = False


def values_of(text: str) -> Values:
    """Read a block's text."""
    plain = _TAGS.sub(" ", text).replace("\u00a0", " ").replace("\uff1a", ":")  # no-break space, full-width colon
    for said, name in _CHINESE.items():
        plain = plain.replace(said, name)
    plain = _SEXAGESIMAL.sub(_in_degrees, plain)
    found = Values()
    _read_groups(plain, found)
    _read_keys(_PLACE.sub(" ", _GROUP.sub(" ", plain)), found)
    _read_places(plain, found)
    _read_bare_places(plain, found)
    _read_turns(plain, found)
    height, speed = _HEIGHT.search(plain), _SPEED.search(plain)
    if height and "height_takeoff" not in found.numbers:
        _put_height(found, "height_takeoff", height.group(1), height.group(2))
    if speed:
        found.numbers["speed"] = float(speed.group(1))
    found.says_where |= "lat" in found.numbers
    return found


def _in_degrees(match: re.Match[str]) -> str:
    """31°14'24.0" → 31.24000, with as many decimals as the seconds are worth."""
    degrees, minutes, seconds, fraction = match.groups()
    value = int(degrees) + int(minutes) / 60.0 + float(f"{seconds}.{fraction or 0}") / 3600.0
    return f"{value:.{4 + len(fraction or '')}f}"


def _read_groups(text: str, found: Values) -> None:
    """`[Drone: Yaw:1.9, Pitch:-3.1, Roll:1.5]`, `[Gimbal: …]`: the names within belong to the name outside."""
    for group in _GROUP.finditer(text):
        outer = "gimbal" if group.group(1).lower() in ("gimbal", "camera") else "drone"
        for name, _, value, _ in _KEY.findall(group.group(2) + " "):
            kind = _FIELDS.get(outer + name.lower())
            if kind:
                found.numbers.setdefault(kind, float(value.replace(",", ".")))


def _read_keys(text: str, found: Values) -> None:
    for name, before, said, unit in _KEY.findall(text):
        value = said.replace(",", ".")
        kind = _FIELDS.get(name.lower().replace("_", ""))
        if kind is None:
            continue
        if kind.startswith("height"):
            _put_height(found, kind, value, unit)
            continue
        side = (before or unit).upper()
        if side and side in _SIDES.get(kind, ""):
            value = _side_of(side, value)
        number = math.degrees(float(value)) if unit.lower() == "rad" else float(value)
        if kind not in found.numbers:
            found.numbers[kind], found.written[kind] = number, value


def _put_height(found: Values, kind: str, value: str, unit: str) -> None:
    factor = _METRES.get(unit.lower(), 1.0)
    found.feet |= factor != 1.0
    found.numbers.setdefault(kind, float(value) * factor)


def _read_places(text: str, found: Values) -> None:
    """`GPS(a,b,n)`, `RTK (a, b, n)`, `GPS(E: 121.4, N: 31.2, 84.1m)`; a third number with a unit is a height."""
    for place in _PLACE.finditer(text):
        kind = "HOME" if place.group(1).upper() == "HOME" else "GPS"
        parts = place.group(2).split(",")
        found.says_where |= kind == "GPS"
        if len(parts) < 2:
            continue
        sides = [_HEMISPHERE.fullmatch(part) for part in parts[:2]]
        bare = [_NUMBER.fullmatch(part) for part in parts[:2]]
        if sides[0] and sides[1]:
            _put_sided(found, kind, [_side(side) for side in sides if side])
        elif bare[0] and bare[1]:
            found.pairs.setdefault(kind, (bare[0].group(1), bare[1].group(1)))
        third = re.fullmatch(rf"\s*({_DIGITS})\s*(m|ft|feet)\s*", parts[2]) if len(parts) > 2 else None
        if third and kind == "GPS":
            _put_height(found, "height_undeclared", third.group(1), third.group(2))


def _read_bare_places(text: str, found: Values) -> None:
    """`N31.2405 E121.4005` without a name."""
    for bare in _SIDED_PLACE.finditer(_PLACE.sub(" ", _KEY.sub(" ", text))):
        north, lat, east, lon, east_first, lon_first, north_last, lat_last = bare.groups()
        sides = [(north or north_last, lat or lat_last), (east or east_first, lon or lon_first)]
        _put_sided(found, "GPS", [(letter, _side_of(letter, number)) for letter, number in sides])
        found.says_where = True


def _side(match: re.Match[str]) -> tuple[str, str]:
    letter, number = (match.group(1), match.group(2)) if match.group(1) else (match.group(4), match.group(3))
    return letter, _side_of(letter, number)


def _side_of(letter: str, number: str) -> str:
    return f"-{number.lstrip('+-')}" if letter in "SW" else number


def _put_sided(found: Values, kind: str, sides: list[tuple[str, str]]) -> None:
    by_letter = {"lon" if letter in "EW" else "lat": number for letter, number in sides}
    if len(by_letter) == 2:
        found.sided.setdefault(kind, (by_letter["lon"], by_letter["lat"]))


def _read_turns(text: str, found: Values) -> None:
    """`G.PRY (-40.0°, 0.0°, 28.2°)`: the letters name the order; F is the aircraft, G the gimbal."""
    for turn in _TURNS.finditer(text):
        parts = [_NUMBER.fullmatch(part) for part in turn.group(3).split(",")]
        if len(parts) != 3 or not all(parts):
            continue
        numbers = {letter: float(part.group(1)) for letter, part in zip(turn.group(2), parts, strict=True) if part}
        if turn.group(1) == "F":
            found.numbers.setdefault("flight_yaw", numbers["Y"])
            continue
        for kind, letter in (("yaw", "Y"), ("pitch", "P"), ("roll", "R")):
            found.numbers.setdefault(kind, numbers[letter])


def focal_35mm_of(written: str | None) -> float | None:
    """'240' is 24.0 mm, '24.00' and '24' are 24 mm: without a point the firmware writes tenths, from 15 mm up."""
    if written is None:
        return None
    value = float(written)
    return value / 10.0 if "." not in written and value >= 150 else value


def zoom_of(written: str | None) -> float | None:
    """'10000' and '1.00' are no zoom, '20000' and '2.00' are twice."""
    if written is None:
        return None
    value = float(written)
    return value / 10_000.0 if value >= 1000 else value
