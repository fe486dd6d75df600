"""Why bytes are not taken as a packet. Each class is one reason; a stream never raises them, it yields `Rejected`."""

from __future__ import annotations

from typing import ClassVar


class Hj212Error(Exception):
    """Bytes that hj212 cannot use.

    Args:
        where: the offset in the stream, in words.
        detail: what exactly was seen.
    """

    reason: ClassVar[str]

    def __init__(self, where: str, detail: str = "") -> None:
        super().__init__(f"{where}: {self.reason}" + (f" ({detail})" if detail else ""))
        self.where, self.detail = where, detail


class LengthWrong(Hj212Error):
    """The four digits after `##` are not there, or do not lead to the end of the packet."""

    reason = "length"


class Incomplete(Hj212Error):
    """The packet was cut: another begins, or the stream ends, before the announced length."""

    reason = "incomplete"


class CrcWrong(Hj212Error):
    """The check sum agrees with no known way of computing it."""

    reason = "crc"


class CrcDialect(Hj212Error):
    """The check sum is a known dialect that was not accepted for this device."""

    reason = "crc_dialect"


class FieldsMissing(Hj212Error):
    """ST, CN or CP is not there."""

    reason = "hj212_field_missing"


class DeviceUnnamed(Hj212Error):
    """MN is missing or empty: nobody can say whose data this is."""

    reason = "mn_missing"


REASONS: tuple[str, ...] = tuple(
    error.reason for error in (LengthWrong, Incomplete, CrcWrong, CrcDialect, FieldsMissing, DeviceUnnamed)
)
