"""The gateway under load: devices on loopback, each a packet a second; how long the answer takes, and memory over time.

    python -m benchmarks.bench_gateway [--devices 2000] [--seconds 600] [--burst]

The gateway runs as users run it (`yaoxun monitor serve`), in a process of its own; the devices share the machine with
it. Printed: packets sent, answered and kept, p50, p99 and the longest wait in milliseconds, and the gateway's resident
memory at every tenth of the time. `--burst` lets all devices speak at the same instant instead of one after another.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
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


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--burst", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        gateway = subprocess.Popen(
            [sys.executable, "-m", "pipelines.cli", "--home", home, "monitor", "serve", "--port", "0", "--json"],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        port = int(json.loads(gateway.stdout.readline() if gateway.stdout else "")["gateway"].rpartition(":")[2])
        waits, sent, memory = asyncio.run(_load(port, gateway.pid, args))
        gateway.send_signal(signal.SIGTERM)
        told = json.loads(gateway.communicate(timeout=60)[0].splitlines()[-1])["done"]
        size = sum(file.stat().st_size for file in Path(home).rglob("*") if file.is_file())
    spent = np.array(waits) * 1000
    print(f"devices {args.devices}, seconds {args.seconds:.0f}, {'all at once' if args.burst else 'one after another'}")
    print(f"sent {sent}, answered {len(waits)}, taken {told['packets']}, refused {told['refused']}")
    print(
        f"answer p50 {np.quantile(spent, 0.5):.1f} ms, p99 {np.quantile(spent, 0.99):.1f} ms, most {spent.max():.0f} ms"
    )
    print("memory MiB:", " ".join(f"{m:.0f}" for m in memory), f"; on disk {size / 2**20:.0f} MiB")


async def _load(port: int, pid: int, args: argparse.Namespace) -> tuple[list[float], int, list[float]]:
    waits: list[float] = []
    sent = itertools.count()
    ends = time.perf_counter() + args.seconds + 3
    devices = [
        asyncio.create_task(_device(port, k, 3 + (0.0 if args.burst else k / args.devices), ends, waits, sent))
        for k in range(args.devices)
    ]
    memory = []
    for _ in range(10):
        await asyncio.sleep(args.seconds / 10)
        memory.append(_resident_mib(pid))
    await asyncio.gather(*devices)
    return waits, next(sent), memory


async def _device(port: int, number: int, first: float, ends: float, waits: list[float], sent: itertools.count) -> None:  # type: ignore[type-arg]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    loop = asyncio.get_running_loop()
    due = loop.time() + first
    while time.perf_counter() < ends:
        await asyncio.sleep(max(0.0, due - loop.time()))
        due += 1
        stamp = f"{clock.now().astimezone(BEIJING):%Y%m%d%H%M%S}"
        head = f"QN={stamp}{number % 1000:03d};ST=22;CN=2011;PW=1;MN=BENCH{number:08d};Flag=5;"
        text = f"{head}CP=&&DataTime={stamp};{VALUES}&&"
        began = time.perf_counter()
        writer.write(packet(text))
        next(sent)
        await reader.readuntil(b"\r\n")
        waits.append(time.perf_counter() - began)
    writer.close()


def _resident_mib(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    main()
