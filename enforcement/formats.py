"""Constants of written formats, which are neither law nor choice. The one file of enforcement that may hold figures."""

from __future__ import annotations

from datetime import timedelta, timezone

# GB 32100-2015, unified social credit code: 18 characters of this alphabet (no I, O, S, V, Z). Characters 1 and 2 say
# the registering office and the kind, 3 to 8 the administrative division in digits, 9 to 17 the organisation, 18 is the
# check character: 31 less the sum of value times 3**position, modulo 31.
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_LENGTH = 18
USCC_WEIGHTS = tuple(pow(3, position, 31) for position in range(17))
USCC_MODULUS = 31
USCC_DIVISION = slice(2, 8)

# Number of a pollutant discharge permit: the credit code, 3 digits for the site, 1 letter for the kind.
PERMIT_LENGTH = 22
PERMIT_DIGITS = slice(18, 21)

LON_LIMIT_DEG, LAT_LIMIT_DEG = 180.0, 90.0
RING_POINTS_AT_LEAST = 4  # GeoJSON, RFC 7946: a closed ring has four positions or more
TRIANGLE_DIVISOR = 6.0  # centroid of a polygon: sums over 6 times the area
LAST_LEAP_DAY = (2, 29)

# Registration number of a firm 工商注册号 (15 digits, until 2015) and organisation code 组织机构代码 (GB 11714: 8
# characters and a check character), both still found in old lists.
OLD_NUMBER_LENGTH = 15
ORG_CODE_LENGTH = 9
FIRM_DIGEST_LENGTH = 16  # hexadecimal digits of the key of a firm that has only a name: 64 bits
LINE_POINTS_AT_LEAST = 2  # GeoJSON, RFC 7946

BEIJING = timezone(timedelta(hours=8))  # the law's days are Beijing days; one zone, no summer time
MINUTES_OF_A_DAY = 24 * 60
MEAN_DECIMALS = 9
"""Devices send six decimals at most: a mean is rounded here before it is compared, so that no limit is exceeded by a
rounding of binary fractions."""
SATURDAY = 5  # datetime.date.weekday()
