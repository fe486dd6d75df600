"""`yaoxun monitor decode`: what HJ 212 packets say, one JSON object a line."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from pipelines.cli import show
from pipelines.cli.parser import Commands
from pipelines.errors import Refusal


def register(commands: Commands) -> None:
    """Add the commands of this file."""
    decode = commands.add("monitor decode", monitor_decode, "decode HJ 212 packets; one JSON object a line")
    decode.add_argument("file", metavar="FILE", help="a file of raw packets, or - for standard input")
    decode.add_argument(
        "--accept", action="append", default=[], metavar="MODE", choices=("hj212_swapped", "modbus", "none"),
        help="a checksum dialect that this device is known to speak",
    )  # fmt: skip


def monitor_decode(args: argparse.Namespace) -> int:
    """`monitor decode FILE`: exit 2 where no packet is valid."""
    import hj212

    try:
        data = sys.stdin.buffer.read() if args.file == "-" else Path(args.file).read_bytes()
    except FileNotFoundError as error:
        raise Refusal(args.file, "no_such_file") from error
    except OSError as error:
        raise Refusal(args.file, "unreadable_file", error.strerror or type(error).__name__) from error
    summary: dict[str, Any] = {}
    for row in hj212.lines(data, accept=frozenset(args.accept)):
        summary = row.get("summary", summary)
        show.line(row)
    if not summary.get("valid"):
        show.refusal("monitor decode", args.file, "no_valid_packet", "")
        return 2
    return 0
