"""Running the gateway on a home until it is told to stop: lock, what a kill left behind, the registry, the seals."""

from __future__ import annotations

import asyncio
import fcntl
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pipelines import clock
from pipelines.errors import Refusal
from pipelines.gateway.registered import Registered, registered_at
from pipelines.gateway.replay import catch_up
from pipelines.gateway.server import Gateway
from pipelines.settings import GatewaySettings
from pipelines.store import Store
from pipelines.store.telemetry.index import PacketIndex
from pipelines.store.write.telemetry import seal_segments
from pipelines.version import code_identity

LOCK = Path("telemetry") / "gateway.lock"
REREAD_S = 60.0


def serve(
    store: Store, settings: GatewaySettings, *, host: str, port: int, ready: Callable[[int], None]
) -> dict[str, Any]:
    """Run until SIGTERM or SIGINT.

    Args:
        store: the home.
        settings: of the gateway.
        host: address to listen on.
        port: 0 takes any.
        ready: is given the port once devices can connect.

    Returns:
        What was done, as counts.

    Raises:
        Refusal: `gateway_runs_already` on this home, or `port_taken`.
    """
    with alone(store.home), PacketIndex.open(store.home) as index:
        known = _Known(store)
        catch_up(store, index, known, now=clock.now())
        gateway = Gateway(store.home, index, known, settings, now=clock.now, seconds=clock.seconds)
        try:
            asyncio.run(_until_told(gateway, known, host, port, ready))
        except OSError as error:
            raise Refusal(f"{host}:{port}", "port_taken", error.strerror or type(error).__name__) from error
        catch_up(store, index, known, now=clock.now())
    return asdict(gateway.counts)


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Hold the gateway's lock of a home; it ends with the process.

    Raises:
        Refusal: `gateway_runs_already`.
    """
    path = home / LOCK
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Refusal(str(home), "gateway_runs_already") from error
        yield


def caught_up(store: Store) -> PacketIndex:
    """The index, brought up to the segments where no gateway does so. The caller closes it."""
    index = PacketIndex.open(store.home)
    try:
        with alone(store.home):
            catch_up(store, index, _Known(store), now=clock.now())
    except Refusal as error:
        if error.reason != "gateway_runs_already":
            index.close()
            raise
    return index


class _Known:
    """The registered devices, read anew every minute by `renew`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._devices = registered_at(store, clock.now())

    def __call__(self) -> Mapping[str, Registered]:
        return self._devices

    def renew(self) -> None:
        """Read the registry, and seal segments that are no longer written."""
        self._devices = registered_at(self._store, clock.now())
        seal_segments(self._store, at=clock.now(), code_version=code_identity())


async def _until_told(gateway: Gateway, known: _Known, host: str, port: int, ready: Callable[[int], None]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    renewing = asyncio.create_task(_renewed(known))
    try:
        await gateway.run(host, port, stop, ready)
    finally:
        renewing.cancel()


async def _renewed(known: _Known) -> None:
    while True:
        await asyncio.sleep(REREAD_S)
        await asyncio.to_thread(known.renew)
