"""`yaoxun demo` and `yaoxun serve`: the sample district from nothing, and the dashboard with its worker."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import ipaddress
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines import clock
from pipelines.cli import show
from pipelines.cli.parser import Commands, home_of, wants_json
from pipelines.errors import Refusal

if TYPE_CHECKING:
    from pipelines.sample import Built
    from pipelines.settings import Settings
    from pipelines.store import Store

LOOPBACK = "127.0.0.1"
FIRST_PORT, PORTS_TRIED = 8501, 20
GATEWAY_PORT = 9212
READY_WITHIN_S = 60.0
IDLE_S = 1.0


def register(commands: Commands) -> None:
    """Add the commands of this file."""
    commands.add("demo", demo, "build the sample district and run the whole chain on it")
    serve_ = commands.add("serve", serve, "the dashboard and the worker behind it; prints the address")
    serve_.add_argument("--address", default=LOOPBACK, help="which loopback address to listen on")
    serve_.add_argument("--port", type=int, help=f"without it the first free one from {FIRST_PORT} on")
    serve_.add_argument(
        "--gateway", type=int, nargs="?", const=GATEWAY_PORT, metavar="PORT",
        help=f"also the HJ 212 gateway on loopback, on port {GATEWAY_PORT} where none is given",
    )  # fmt: skip
    commands.add("worker", worker, "the worker alone: takes the jobs that pages ask for")


def demo(args: argparse.Namespace) -> int:
    """`demo`: the same home is built once; a second call says what it holds."""
    from pipelines import sample

    with show.progress(quiet=wants_json(args)) as progress:
        built = sample.build(home_of(args), os.environ, progress=progress)
    if wants_json(args):
        show.document(dataclasses.asdict(built))
    else:
        show.text(_summary(built))
    return 0


def _summary(built: Built) -> list[str]:
    lines = [
        "",
        f"遥巡 yaoxun   sample district, home {built.home}",
        f"  flights {built.flights}   pictures {built.images}   detections {built.detections}   "
        f"alerts {built.alerts}   leads {built.leads}   cases {built.cases}   targets {built.targets}   "
        f"{built.seconds:.1f} s",
        "",
        *(f"  {line}" for line in show.table(built.stages, ("stage", "done", "skipped", "refused", "seconds"))),
        "",
        *(f"  {line}" for line in show.table(built.queue, ("alert", "kind", "where, 1 sigma", "whose", "state"))),
        "",
        *(f"  {line}" for line in show.table(built.week, ("rank", "arm", "firm", "why"))),
        "",
        "  The persons of the sample are simulated; nothing they did can be published.",
    ]
    return lines


def serve(args: argparse.Namespace) -> int:
    """`serve`: until SIGTERM or Ctrl-C, which end dashboard, worker and gateway together."""
    from pipelines.store import Store

    home = home_of(args)
    if not _is_loopback(args.address):
        raise Refusal(args.address, "address_not_loopback")
    if not home.exists():
        raise Refusal(str(home), "no_home", "`yaoxun demo` builds a sample, `yaoxun flights add` starts your own")
    with Store.open(home, create=False):
        port = _port(args)
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    command = [sys.executable, "-m", "dashboard", "--address", args.address, "--port", str(port)]
    command += ["--end-with", str(os.getpid())]
    environment = os.environ | {"YAOXUN_HOME": str(home)}
    pages = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603  our own interpreter
    with contextlib.ExitStack() as ending:
        ending.callback(_end, pages, 10.0)
        gateway = None if args.gateway is None else _gateway(args, home)
        if gateway is not None:
            ending.callback(_end, gateway, 60.0)
        _wait_until_ready(pages, args.address, port, over)
        if not over.is_set():
            _say_where(args, f"http://{args.address}:{port}")
            _work_until(over, home, pages, gateway)
    return 0


def _end(process: subprocess.Popen[bytes], within_s: float) -> None:
    process.terminate()
    process.wait(timeout=within_s)


def _gateway(args: argparse.Namespace, home: Path) -> subprocess.Popen[bytes]:
    """The gateway in a process of its own, whose address it says itself; what it refuses stands on stderr.

    Raises:
        Refusal: `gateway_ended`: it did not start.
    """
    command = [sys.executable, "-m", "pipelines.cli", "--home", str(home), "monitor", "serve"]
    command += ["--port", str(args.gateway), "--end-with", str(os.getpid()), "--json"]
    gateway = subprocess.Popen(command, stdout=subprocess.PIPE)  # noqa: S603  our own interpreter
    line = gateway.stdout.readline() if gateway.stdout is not None else b""
    if b'"gateway"' not in line:
        raise Refusal(f"--gateway {args.gateway}", "gateway_ended", f"its exit code is {gateway.wait(10)}")
    print(line.decode().strip() if wants_json(args) else f"gateway     {json.loads(line)['gateway']}", flush=True)
    return gateway


def _say_where(args: argparse.Namespace, address: str) -> None:
    if wants_json(args):
        show.line({"dashboard": address, "home": str(home_of(args))})
    else:
        show.text([f"dashboard   {address}   (Ctrl-C ends it)"])
    sys.stdout.flush()


def _is_loopback(address: str) -> bool:
    try:
        return address == "localhost" or ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _port(args: argparse.Namespace) -> int:
    """The port that was asked for, where it is free; else the first free one."""
    if args.port is None:
        return _free_port(args.address, range(FIRST_PORT, FIRST_PORT + PORTS_TRIED))
    if not 1 <= args.port <= 65535:
        raise Refusal(f"--port {args.port}", "bad_usage", "a port is a number from 1 to 65535")
    return _free_port(args.address, [args.port])


def _free_port(address: str, ports: Sequence[int]) -> int:
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError:
                continue
            return port
    raise Refusal(f"{address}:{ports[0]}", "no_free_port", "give another with --port")


def _wait_until_ready(pages: subprocess.Popen[bytes], address: str, port: int, over: threading.Event) -> None:
    until = clock.seconds() + READY_WITHIN_S
    while clock.seconds() < until and not over.is_set():
        if pages.poll() is not None:
            raise Refusal(f"{address}:{port}", "dashboard_did_not_start", f"its exit code is {pages.returncode}")
        try:
            with urllib.request.urlopen(f"http://{address}:{port}/_stcore/health", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            over.wait(0.2)
    if not over.is_set():
        raise Refusal(f"{address}:{port}", "dashboard_did_not_start", f"no answer within {READY_WITHIN_S:.0f} s")


def _work_until(
    over: threading.Event, home: Path, pages: subprocess.Popen[bytes] | None, gateway: subprocess.Popen[bytes] | None
) -> None:
    from pipelines.engine.work import work_one
    from pipelines.settings import load
    from pipelines.store import Store

    settings, signed_on = load(home, os.environ), ""
    with Store.open(home) as store:
        while not over.is_set():
            if pages is not None and pages.poll() is not None:
                raise Refusal("dashboard", "dashboard_did_not_start", f"it ended with exit code {pages.returncode}")
            if gateway is not None and gateway.poll() is not None:
                raise Refusal("gateway", "gateway_ended", f"its exit code is {gateway.returncode}")
            job = work_one(store, settings)
            if job is None:
                signed_on = _sign_once_a_day(store, settings, signed_on)
                over.wait(IDLE_S)
            else:
                print(f"job {job.id} ({job.kind}) done", file=sys.stderr, flush=True)


def _sign_once_a_day(store: Store, settings: Settings, signed_on: str) -> str:
    """Sign the journal's head of a Beijing day that `signed_on` is not; what refuses it is said once that day."""
    from pipelines.engine.daily import sign_head_of_day

    today = clock.now().astimezone(clock.BEIJING).date().isoformat()
    if today != signed_on:
        try:
            sign_head_of_day(store, settings, at=clock.now())
        except Refusal as refusal:
            show.refusal("evidence sign", refusal.where, refusal.reason, refusal.detail)
    return today


def worker(args: argparse.Namespace) -> int:
    """`worker`: until SIGTERM or Ctrl-C; a job in hand is finished first."""
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    _work_until(over, home_of(args), None, None)
    return 0
