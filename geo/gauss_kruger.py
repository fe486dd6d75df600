"""The Gauss-Krüger zones of China: which EPSG code is which meridian, and what an easting says of its zone.

A zone has two codes: in one its number stands before the easting (40 633048), in the other it does not (633048).
"""

from __future__ import annotations

from dataclasses import dataclass

CGCS2000, XIAN_1980, BEIJING_1954 = "CGCS2000", "Xian 1980", "Beijing 1954"
ZONE_STEP_M = 1_000_000.0
THREE_DEGREE_ZONES, SIX_DEGREE_ZONES = range(25, 46), range(13, 24)

# (datum, width of the zone in degrees, numbered): EPSG code of the first zone; the others follow one by one.
_FIRST_CODE: dict[tuple[str, int, bool], int] = {
    (CGCS2000, 6, True): 4491,
    (CGCS2000, 6, False): 4502,
    (CGCS2000, 3, True): 4513,
    (CGCS2000, 3, False): 4534,
    (XIAN_1980, 6, True): 2327,
    (XIAN_1980, 6, False): 2338,
    (XIAN_1980, 3, True): 2349,
    (XIAN_1980, 3, False): 2370,
    (BEIJING_1954, 6, True): 21413,
    (BEIJING_1954, 6, False): 21453,
    (BEIJING_1954, 3, True): 2401,
    (BEIJING_1954, 3, False): 2422,
}


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone: `number` 25–45 of the 3-degree, 13–23 of the 6-degree ones; `numbered`: eastings begin with it."""

    datum: str
    width_deg: int
    number: int
    numbered: bool

    @property
    def meridian_deg(self) -> int:
        """Its central meridian, degrees east."""
        return 3 * self.number if self.width_deg == 3 else 6 * self.number - 3

    @property
    def crs(self) -> str:
        """Its code, as 'EPSG:4549'."""
        first = _zones(self.width_deg).start
        return f"EPSG:{_FIRST_CODE[self.datum, self.width_deg, self.numbered] + self.number - first}"

    def with_number(self, numbered: bool) -> Zone:
        """The same zone with, or without, its number before the easting."""
        return Zone(self.datum, self.width_deg, self.number, numbered)


def zone_of(crs: str) -> Zone | None:
    """The zone of a code such as 'EPSG:4549'; None where it is no Gauss-Krüger zone of China."""
    digits = crs.strip().upper().removeprefix("EPSG:")
    if not digits.isdigit():
        return None
    for (datum, width, numbered), first in _FIRST_CODE.items():
        zones = _zones(width)
        if first <= int(digits) < first + len(zones):
            return Zone(datum, width, zones[int(digits) - first], numbered)
    return None


def zone_in_easting(easting_m: float) -> Zone | None:
    """The CGCS2000 zone whose number stands before an easting; None where none does.

    40 633048.4 is the 3-degree zone 40 (meridian 120), 21 347200.0 the 6-degree zone 21 (meridian 123). Which datum it
    is, the number does not say; the zone of CGCS2000 stands for them all.
    """
    number = int(easting_m // ZONE_STEP_M)
    for width in (3, 6):
        if number in _zones(width):
            return Zone(CGCS2000, width, number, True)
    return None


def zones_near(lon: float, *, datum: str = CGCS2000) -> list[Zone]:
    """The zones, without number, whose metres may be in use at a longitude: the 3-degree zone and its neighbours, and
    the 6-degree one where its meridian is none of theirs. Nearest meridian first.

    A 6-degree zone has the metres of the 3-degree zone on its meridian. It is named where the place lies within its
    3 degrees and beyond the other's 1.5.
    """  # noqa: D205 - one sentence
    three = [Zone(datum, 3, n, False) for n in THREE_DEGREE_ZONES if abs(3 * n - lon) <= 4.5]
    six = {6 * n - 3: Zone(datum, 6, n, False) for n in SIX_DEGREE_ZONES}
    named = [
        six[zone.meridian_deg] if 1.5 < abs(zone.meridian_deg - lon) <= 3 and zone.meridian_deg in six else zone
        for zone in three
    ]
    return sorted(named, key=lambda zone: abs(zone.meridian_deg - lon))


def _zones(width_deg: int) -> range:
    return THREE_DEGREE_ZONES if width_deg == 3 else SIX_DEGREE_ZONES
