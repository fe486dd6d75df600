"""`yaoxun monitor serve`, `packets` and `import`: devices over TCP, what was kept of them, and files of packets."""

from __future__ import annotations

import argparse
import dataclasses
import logging
import os
import signal
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines import clock
from pipelines.cli import show
from pipelines.cli.parser import Commands, as_of, home_of, user_of, wants_json
from pipelines.errors import Refusal

if TYPE_CHECKING:
    from pipelines.engine.monitor_exports import ExportTaken
    from pipelines.gateway.logs import Imported
    from pipelines.store import Store
    from pipelines.store.telemetry.packets import PacketRow

LOOPBACK = "127.0.0.1"
MOST_HOURS = 24 * 3660
DEVICE_COLUMNS = ("mn", "registered", "packets", "refused", "repeats", "late", "out_of_order", "clock_s", "delay_s",
                  "asked", "done", "lost", "last_received_at")  # fmt: skip


def register(commands: Commands) -> None:
    """Add the commands of this file."""
    serve = commands.add(
        "monitor serve", monitor_serve, "the HJ 212 gateway: takes, keeps and answers what devices send"
    )
    serve.add_argument("--port", type=int, required=True, help="TCP port; 0 takes a free one")
    serve.add_argument("--address", default=LOOPBACK, help="address to listen on; loopback where none is given")
    serve.add_argument("--end-with", type=int, metavar="PID", help=argparse.SUPPRESS)
    packets = commands.add("monitor packets", monitor_packets, "what was received and kept; one JSON object a line")
    packets.add_argument("--mn", help="of this device only")
    packets.add_argument("--last", type=int, metavar="N", help="the last N only")
    devices = commands.add(
        "monitor devices", monitor_devices, "how well devices send: duplicates, late packets, clocks", looks_back=True
    )
    devices.add_argument("--hours", type=float, default=24.0, help="how far back from --as-of, 24 without it")
    devices.add_argument("--mn", help="this device only")
    taken = commands.add("monitor import", monitor_import, "packets out of files: logs of a platform, captures")
    taken.add_argument(
        "files", nargs="+", metavar="FILE", help="logs in which packets stand, or tables that were exported"
    )
    taken.add_argument("--mn", help="the device, for an export that names none")


def monitor_serve(args: argparse.Namespace) -> int:
    """`monitor serve`: until SIGTERM or Ctrl-C."""
    from pipelines.gateway.serve import serve
    from pipelines.settings import load
    from pipelines.store import Store

    if not 0 <= args.port <= 65535:
        raise Refusal(f"--port {args.port}", "bad_usage", "a port is a number from 0 to 65535")
    logging.basicConfig(stream=sys.stderr, format="%(message)s", level=logging.WARNING)
    home = home_of(args)

    def ready(port: int) -> None:
        if wants_json(args):
            show.line({"gateway": f"{args.address}:{port}", "home": str(home)})
        else:
            show.text([f"gateway     {args.address}:{port}   (Ctrl-C ends it)"])
        sys.stdout.flush()

    if args.end_with is not None:
        threading.Thread(target=_end_with, args=(args.end_with,), daemon=True).start()
    with Store.open(home) as store:
        done = serve(store, load(home, os.environ).gateway, host=args.address, port=args.port, ready=ready)
    if wants_json(args):
        show.line({"done": done})
    else:
        show.text([f"{done['packets']} packets taken, {done['refused']} refused, {done['answered']} answered"])
    return 0


def _end_with(parent: int) -> None:
    """End in order once the process that began this one is gone, however it ended."""
    while os.getppid() == parent:
        time.sleep(1.0)
    os.kill(os.getpid(), signal.SIGTERM)


def monitor_packets(args: argparse.Namespace) -> int:
    """`monitor packets`: in order of arrival. Where there is no home nothing was received."""
    from pipelines.gateway.serve import caught_up
    from pipelines.store import Store
    from pipelines.store.errors import NoHome

    try:
        store = Store.open(home_of(args), create=False)
    except NoHome:
        show.note(f"{home_of(args)}: nothing was received here yet")
        return 0
    with store, caught_up(store) as index:
        for row in index.packets(mn=args.mn, last=args.last):
            show.line(_line(row))
    return 0


def monitor_devices(args: argparse.Namespace) -> int:
    """`monitor devices`: what was measured of what came."""
    from pipelines.gateway.measures import measured
    from pipelines.gateway.serve import caught_up
    from pipelines.settings import load
    from pipelines.store import Store

    if not 0 < args.hours <= MOST_HOURS:
        raise Refusal(f"--hours {args.hours}", "bad_usage", f"a number above 0, at most {MOST_HOURS}")
    until = as_of(args)
    since = until - timedelta(hours=args.hours)
    late_after_s = load(home_of(args), os.environ).gateway.late_after_s
    with Store.open(home_of(args), create=False) as store, caught_up(store) as index:
        asked = [one for one in index.asked(args.mn) if since <= one.asked_at < until]
        lost = [one for one in index.lost() if since <= one.at < until]
        found = measured(index.between(since, until, mn=args.mn), asked, lost, late_after_s=late_after_s)
    rows = [dataclasses.asdict(one) for one in found]
    if wants_json(args):
        show.document({"since": since, "until": until, "devices": rows})
    else:
        show.text(show.table([[_shown(row[name]) for name in DEVICE_COLUMNS] for row in rows], DEVICE_COLUMNS))
    return 0


def _shown(value: object) -> object:
    return round(value, 1) if isinstance(value, float) else value


def monitor_import(args: argparse.Namespace) -> int:
    """`monitor import FILE…`: logs of packets and exports of platforms; exit 2 where nothing of them was taken."""
    from pipelines.engine.monitor_exports import is_export
    from pipelines.store import Store

    args.files = [str(Path(name)) for name in args.files]
    paths = [Path(name) for name in args.files]
    tables = [path for path in paths if path.is_file() and is_export(path)]
    with Store.open(home_of(args)) as store:
        logs = _logs(store, args, [path for path in paths if path not in tables])
        taken, refused = _exports(store, args, tables)
    refused = sorted([*logs.refused, *refused], key=lambda one: args.files.index(one[0]))
    answer: dict[str, Any] = {
        "files": len(paths), "unchanged": logs.unchanged + sum(one.unchanged for one in taken),
        "packets": sum(one.packets for one in logs.brought), "rejected": sum(one.rejected for one in logs.brought),
        "values": sum(one.values for one in taken if not one.unchanged),
        "rows_refused": [{"where": where, "reason": reason} for one in taken for where, reason in one.refused],
        "refused": show.refused_items(refused),
        "journal_entry": logs.journal_entry or max((one.journal_entry for one in taken), default=None),
    }  # fmt: skip
    for where, reason, detail in refused:
        show.refusal("monitor import", where, reason, detail)
    if wants_json(args):
        show.document(answer)
    else:
        show.text([
            f"{answer['packets']} packets taken, {answer['rejected']} refused; {answer['values']} values of exports, "
            f"{len(answer['rows_refused'])} rows refused; {answer['unchanged']} files unchanged"
        ])  # fmt: skip
    return 2 if len(refused) == len(paths) else 0


def _logs(store: Store, args: argparse.Namespace, paths: list[Path]) -> Imported:
    from pipelines.gateway.logs import Imported, import_logs
    from pipelines.gateway.serve import caught_up

    if not paths:
        return Imported()
    with caught_up(store) as index:
        return import_logs(store, index, paths, by=user_of(args), now=clock.now())


def _exports(
    store: Store, args: argparse.Namespace, paths: list[Path]
) -> tuple[list[ExportTaken], list[tuple[str, str, str]]]:
    from pipelines.engine.monitor_exports import take_export

    taken, refused = [], []
    for path in paths:
        try:
            taken.append(take_export(store, path, mn=args.mn, by=user_of(args), at=clock.now()))
        except Refusal as error:
            refused.append((str(path), error.reason, f"{error.where} {error.detail}".strip()))
    return taken, refused


def _line(row: PacketRow) -> dict[str, Any]:
    return {
        "received_at": row.received_at, "mn": row.mn, "qn": row.qn, "cn": row.cn, "status": row.status,
        "sha256": row.sha256, "reason": row.reason, "detail": row.detail, "st": row.st, "pnum": row.pnum,
        "pno": row.pno, "data_at": row.data_at, "crc_mode": row.crc_mode, "warnings": list(row.warnings),
        "registered": row.registered, "answer": row.answer, "clock_s": row.clock_s, "delay_s": row.delay_s,
        "out_of_order": row.out_of_order, "repeats": row.repeats, "seq": row.seq, "length": row.length,
    }  # fmt: skip
