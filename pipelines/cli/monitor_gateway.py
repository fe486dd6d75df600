"""`yaoxun monitor serve`, `packets` and `import`: devices over TCP, what was kept of them, and files of packets."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines import clock
from pipelines.cli import show
from pipelines.cli.parser import Commands, home_of, user_of, wants_json
from pipelines.errors import Refusal

if TYPE_CHECKING:
    from pipelines.store.telemetry.packets import PacketRow

LOOPBACK = "127.0.0.1"


def register(commands: Commands) -> None:
    """Add the commands of this file."""
    serve = commands.add(
        "monitor serve", monitor_serve, "the HJ 212 gateway: takes, keeps and answers what devices send"
    )
    serve.add_argument("--port", type=int, required=True, help="TCP port; 0 takes a free one")
    serve.add_argument("--address", default=LOOPBACK, help="address to listen on; loopback where none is given")
    packets = commands.add("monitor packets", monitor_packets, "what was received and kept; one JSON object a line")
    packets.add_argument("--mn", help="of this device only")
    packets.add_argument("--last", type=int, metavar="N", help="the last N only")
    taken = commands.add("monitor import", monitor_import, "packets out of files: logs of a platform, captures")
    taken.add_argument("files", nargs="+", metavar="FILE", help="files in which packets stand, whatever else does")


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

    with Store.open(home) as store:
        done = serve(store, load(home, os.environ).gateway, host=args.address, port=args.port, ready=ready)
    if wants_json(args):
        show.line({"done": done})
    else:
        show.text([f"{done['packets']} packets taken, {done['refused']} refused, {done['answered']} answered"])
    return 0


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


def monitor_import(args: argparse.Namespace) -> int:
    """`monitor import FILE…`: exit 2 where nothing of them was taken."""
    from pipelines.gateway.logs import import_logs
    from pipelines.gateway.serve import caught_up
    from pipelines.store import Store

    with Store.open(home_of(args)) as store, caught_up(store) as index:
        done = import_logs(store, index, [Path(name) for name in args.files], by=user_of(args), now=clock.now())
    answer = {
        "files": len(args.files), "unchanged": done.unchanged, "packets": sum(one.packets for one in done.brought),
        "rejected": sum(one.rejected for one in done.brought), "refused": show.refused_items(done.refused),
        "journal_entry": done.journal_entry,
    }  # fmt: skip
    for where, reason, detail in done.refused:
        show.refusal("monitor import", where, reason, detail)
    if wants_json(args):
        show.document(answer)
    else:
        show.text(
            [f"{answer['packets']} packets taken, {answer['rejected']} refused; {answer['unchanged']} files unchanged"]
        )
    return 2 if len(done.refused) == len(args.files) else 0


def _line(row: PacketRow) -> dict[str, Any]:
    return {
        "received_at": row.received_at, "mn": row.mn, "qn": row.qn, "cn": row.cn, "status": row.status,
        "sha256": row.sha256, "reason": row.reason, "detail": row.detail, "st": row.st, "pnum": row.pnum,
        "pno": row.pno, "data_at": row.data_at, "crc_mode": row.crc_mode, "warnings": list(row.warnings),
        "registered": row.registered, "answer": row.answer, "clock_s": row.clock_s, "delay_s": row.delay_s,
        "out_of_order": row.out_of_order, "repeats": row.repeats, "seq": row.seq, "length": row.length,
    }  # fmt: skip
