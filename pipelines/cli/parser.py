"""The parser of `yaoxun`: common options before and after the command's name, and usage errors on one line."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from pipelines import clock
from pipelines.errors import Refusal

Handler = Callable[[argparse.Namespace], int]


FIRST_YEAR, LAST_YEAR = 1970, 2100


class Parser(argparse.ArgumentParser):
    """An argument parser that refuses in one line instead of printing its usage, and takes no shortened options."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"allow_abbrev": False, **options})

    def error(self, message: str) -> NoReturn:
        """Refuse the command line.

        Raises:
            Refusal: `bad_usage`, always.
        """
        raise Refusal(self.prog, "bad_usage", f"{message}; see `{self.prog} --help`")


def common() -> argparse.ArgumentParser:
    """The options that every command takes, before and after its name."""
    options = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    group = options.add_argument_group("common options")
    group.add_argument("--home", metavar="DIR", help="the data home (or YAOXUN_HOME; default ./var)")
    group.add_argument("--as", dest="user", metavar="USER", help="who acts (or YAOXUN_USER)")
    group.add_argument("--json", action="store_true", help="print one JSON document and nothing else")
    group.add_argument("--as-of", metavar="TIME", help="look at things as they were known then (ISO 8601 with offset)")
    return options


class Commands:
    """A tree of commands: `add("geo pixel", handler, help)` gives the parser of that leaf, however deep it stands."""

    def __init__(self, prog: str, description: str) -> None:
        self._common = common()
        self.root = Parser(prog=prog, description=description, parents=[self._common])
        self.names: list[str] = []
        self._groups: dict[str, Any] = {"": self.root.add_subparsers(metavar="COMMAND", parser_class=Parser)}

    def add(self, name: str, handler: Handler, help_line: str, *, looks_back: bool = False) -> argparse.ArgumentParser:
        """Add a command of one word or several; `looks_back` where its answer depends on the day, and takes --as-of."""
        *group, leaf = name.split()
        self.names.append(name)
        parent = self._group(" ".join(group))
        parser: argparse.ArgumentParser = parent.add_parser(
            leaf, help=help_line, description=help_line, parents=[self._common]
        )
        parser.set_defaults(handler=handler, command=name, looks_back=looks_back)
        return parser

    def _group(self, name: str) -> Any:
        if name not in self._groups:
            *above, leaf = name.split()
            parser = self._group(" ".join(above)).add_parser(
                leaf, help=f"`yaoxun {name} --help` lists them", parents=[self._common]
            )
            self._groups[name] = parser.add_subparsers(metavar="COMMAND", parser_class=Parser, required=True)
        return self._groups[name]


def refuse_back_dating(args: argparse.Namespace) -> None:
    """Refuse `--as-of` where it would date back what is written now, or mean nothing.

    Raises:
        Refusal: `as_of_not_here`.
    """
    if getattr(args, "as_of", None) is not None and not args.looks_back:
        raise Refusal(args.command, "as_of_not_here")


def home_of(args: argparse.Namespace) -> Path:
    """The data home that the command line or the environment names."""
    return Path(getattr(args, "home", None) or os.environ.get("YAOXUN_HOME") or "var").expanduser().absolute()


def user_of(args: argparse.Namespace) -> str | None:
    """Who acts, where somebody was named."""
    return getattr(args, "user", None) or os.environ.get("YAOXUN_USER") or None


def wants_json(args: argparse.Namespace) -> bool:
    """Whether a program reads the answer."""
    return bool(getattr(args, "json", False))


def as_of(args: argparse.Namespace) -> datetime:
    """The instant to look from: `--as-of`, or now.

    Raises:
        Refusal: `bad_time` where it is not ISO 8601 with an offset.
    """
    text = getattr(args, "as_of", None)
    return clock.now() if text is None else instant_of("--as-of", text)


def instant_of(option: str, text: str) -> datetime:
    """An instant on the command line.

    Raises:
        Refusal: `bad_time` where it is not ISO 8601 with an offset.
    """
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refusal(f"{option} {text}", "bad_time", "write 2026-11-24T08:15:00+08:00") from error
    if instant.tzinfo is None:
        raise Refusal(f"{option} {text}", "bad_time", "the offset is missing: write 2026-11-24T08:15:00+08:00")
    if not FIRST_YEAR <= instant.year <= LAST_YEAR:
        raise Refusal(f"{option} {text}", "bad_time", f"a year from {FIRST_YEAR} to {LAST_YEAR}")
    return instant
