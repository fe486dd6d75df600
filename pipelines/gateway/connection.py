"""One TCP connection of a device: bytes up to the gateway as they come, bytes of the gateway down to the device."""

from __future__ import annotations

import asyncio
import socket
from typing import Protocol

MOST_UNREAD = 1 << 20
"""A device that lets so many bytes of answers lie is gone, whatever TCP says."""


class Reception(Protocol):
    """What a connection talks to."""

    def opened(self, connection: Connection) -> bool:
        """A device has connected; False turns it away."""

    def came(self, connection: Connection, data: bytes) -> None:
        """Bytes have come."""

    def gone(self, connection: Connection) -> None:
        """The connection has ended."""


class Connection(asyncio.Protocol):
    """See the module.

    Attributes:
        number: which no other connection has.
        received: bytes so far.
        last_s: when something came last, monotonic.
    """

    def __init__(self, number: int, reception: Reception) -> None:
        self.number, self.received, self.last_s = number, 0, 0.0
        self._reception = reception
        self._transport: asyncio.Transport | None = None
        self._counted = self._held = self._unread = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Of asyncio."""
        if not isinstance(transport, asyncio.Transport):
            raise TypeError(f"{type(transport).__name__} is no stream")
        self._transport = transport
        plug = transport.get_extra_info("socket")
        if plug is not None:
            plug.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._counted = self._reception.opened(self)
        if not self._counted:
            transport.abort()

    def data_received(self, data: bytes) -> None:
        """Of asyncio."""
        self._reception.came(self, data)
        self.received += len(data)

    def connection_lost(self, error: Exception | None) -> None:
        """Of asyncio."""
        if self._counted:
            self._reception.gone(self)

    def say(self, data: bytes) -> bool:
        """Send; False where the device no longer takes anything."""
        if self._transport is None or self._transport.is_closing():
            return False
        self._transport.write(data)
        if self._transport.get_write_buffer_size() > MOST_UNREAD:
            self._transport.abort()
        return True

    def wait(self) -> None:
        """Read no more for now."""
        self._held = True
        self._read_or_not()

    def go_on(self) -> None:
        """Read again."""
        self._held = False
        self._read_or_not()

    def pause_writing(self) -> None:
        """Of asyncio: the device does not take its answers. Until it does, nothing more is read of it."""
        self._unread = True
        self._read_or_not()

    def resume_writing(self) -> None:
        """Of asyncio."""
        self._unread = False
        self._read_or_not()

    def _read_or_not(self) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        if self._held or self._unread:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def end(self, *, now: bool = False) -> None:
        """Close; `now` without sending what waits."""
        if self._transport is not None:
            (self._transport.abort if now else self._transport.close)()
