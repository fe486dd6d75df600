"""The gateway under load: devices on loopback, each a packet a second; how long the answer takes, and memory over time.

    python -m benchmarks.bench_gateway [--devices 2000] [--seconds 600] [--burst]

The gateway runs as users run it (`yaoxun monitor serve`), in a process of its own; the devices share the machine with
it. Printed: packets sent, answered and kept, p50, p99 and the longest wait in milliseconds, the gateway's time on the
processor for each packet, and its resident memory at every tenth of the time. `--burst` lets all devices speak at the
same instant instead of one after another. What else the machine does shows in the figures: the load before is printed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from hj212.answers import packet
from hj212.fields import BEIJING
from pipelines import clock

VALUES = ";".join(f"a{34000 + k}-Rtd={k * 1.7:.1f},a{34000 + k}-Flag=N" for k in range(8))
TICK_S = 0.002
AT_ONCE = 200  # connections begun together: the kernel's queue is no part of what is measured


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--burst", action="store_true")
    args = parser.parse_args()
    print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as home:
        gateway = subprocess.Popen(
            [sys.executable, "-m", "pipelines.cli", "--home", home, "monitor", "serve", "--port", "0", "--json"],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        port = int(json.loads(gateway.stdout.readline() if gateway.stdout else "")["gateway"].rpartition(":")[2])
        waits, sent, memory, spent_s = asyncio.run(_load(port, gateway.pid, args))
        gateway.send_signal(signal.SIGTERM)
        told = json.loads(gateway.communicate(timeout=60)[0].splitlines()[-1])["done"]
        size = sum(file.stat().st_size for file in Path(home).rglob("*") if file.is_file())
    waits_ms = np.array(waits) * 1000
    print(f"devices {args.devices}, seconds {args.seconds:.0f}, {'all at once' if args.burst else 'one after another'}")
    print(f"sent {sent}, answered {len(waits)}, taken {told['packets']}, refused {told['refused']}")
    quantiles = ", ".join(f"p{q} {np.percentile(waits_ms, q):.1f}" for q in (50, 90, 99, 99.9))
    print(f"answer in ms: {quantiles}, most {waits_ms.max():.0f}")
    print(f"gateway on the processor: {spent_s / sent * 1e6:.0f} microseconds a packet")
    print("memory MiB:", " ".join(f"{m:.0f}" for m in memory), f"; on disk {size / 2**20:.0f} MiB")


class _Device(asyncio.Protocol):
    """One device: says when it sent, notes when it was answered."""

    def __init__(self, number: int, waits: list[float]) -> None:
        self.number, self.waits, self.sent_at = number, waits, 0.0
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        if data.endswith(b"\r\n"):
            self.waits.append(time.perf_counter() - self.sent_at)
            self.sent_at = 0.0

    def speak(self, stamp: str) -> None:
        head = f"QN={stamp}{self.number % 1000:03d};ST=22;CN=2011;PW=1;MN=BENCH{self.number:08d};Flag=5;"
        words = packet(f"{head}CP=&&DataTime={stamp};{VALUES}&&")
        self.sent_at = time.perf_counter()
        if self.transport is not None:
            self.transport.write(words)


async def _load(port: int, pid: int, args: argparse.Namespace) -> tuple[list[float], int, list[float], float]:
    loop = asyncio.get_running_loop()
    waits: list[float] = []
    devices: list[_Device] = []
    for first in range(0, args.devices, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, args.devices))
        made = [loop.create_connection(lambda k=k: _Device(k, waits), "127.0.0.1", port) for k in numbers]  # type: ignore[misc]
        devices += [protocol for _, protocol in await asyncio.gather(*made)]
    watching = asyncio.create_task(_memory(pid, args.seconds))
    before = _processor_s(pid)
    sent = await _speak(devices, args)
    spent = _processor_s(pid) - before
    for device in devices:
        if device.transport is not None:
            device.transport.close()
    return waits, sent, await watching, spent


async def _speak(devices: list[_Device], args: argparse.Namespace) -> int:
    """Each device once a second, `args.seconds` times; one that was not answered yet waits with its next packet."""
    loop = asyncio.get_running_loop()
    begin, sent = loop.time() + 0.5, 0
    turns = int(args.seconds) * len(devices)
    for turn in range(turns):
        second, place = divmod(turn, len(devices))
        due = begin + second + (0.0 if args.burst else place / len(devices))
        while (late := due - loop.time()) > 0:
            await asyncio.sleep(max(TICK_S, min(late, 0.05)))
        if turn % 20 == 0:
            await asyncio.sleep(0)  # answers are read although we are behind
        while devices[place].sent_at:
            await asyncio.sleep(TICK_S)
        devices[place].speak(f"{clock.now().astimezone(BEIJING):%Y%m%d%H%M%S}")
        sent += 1
    until = loop.time() + 30
    while any(device.sent_at for device in devices) and loop.time() < until:
        await asyncio.sleep(0.01)
    return sent


async def _memory(pid: int, seconds: float) -> list[float]:
    found = []
    for _ in range(10):
        await asyncio.sleep(seconds / 10)
        found.append(_resident_mib(pid))
    return found


def _resident_mib(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _processor_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
