"""The bytes of packets, read in the order they came: one open file, no search."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from pipelines.store.telemetry import segments
from pipelines.store.telemetry.packets import PacketRow


class RawPackets:
    """Gives the bytes of packets of the index; use it as a context."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._name, self._file = "", None  # type: tuple[str, BinaryIO | None]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def of(self, packets: Iterable[PacketRow]) -> Iterator[tuple[PacketRow, bytes]]:
        """Each packet with its bytes; one whose segment no longer holds all of them is left out."""
        for packet in packets:
            raw = self._quick(packet)
            if raw is None:
                raw = segments.data_at(
                    self._home, packet.segment, packet.place, packet.connection, packet.at_byte, packet.length
                )
            if len(raw) == packet.length:
                yield packet, raw

    def _quick(self, packet: PacketRow) -> bytes | None:
        """Where all of it lies in the one record that it begins in, as nearly always."""
        kept = segments.record_at(self._opened(packet.segment), packet.segment, packet.place)
        if kept is None or kept.chunk.connection != packet.connection:
            return None
        first = packet.at_byte - kept.chunk.at_byte
        found = kept.chunk.data[first : first + packet.length]
        return found if first >= 0 and len(found) == packet.length else None

    def _opened(self, name: str) -> BinaryIO:
        if self._file is None or name != self._name:
            if self._file is not None:
                self._file.close()
            self._name, self._file = name, (self._home / segments.FOLDER / name).open("rb")
        return self._file
