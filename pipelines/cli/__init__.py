"""The `yaoxun` command: parse, call, show. What other programs may rely on stands in `docs/cli.md`.

Exit codes: 0 done, 2 refused, 3 it ran and the answer is "no", 1 a defect of ours (the only case with a traceback).
"""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Sequence

from pipelines.cli import show
from pipelines.errors import Refusal

WITH_VALUE = frozenset({"--home", "--as", "--as-of"})
"""Common options that may stand before the command and take a value."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    command = _command_of(words)
    try:
        return _run(words)
    except Refusal as error:
        return _refused(words, command, error)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except RecursionError:
        return _refused(words, command, Refusal("input", "nested_too_deep"))
    except OSError as error:
        where = str(error.filename or command)[:200]
        return _refused(words, command, Refusal(where, "unreadable_file", error.strerror or type(error).__name__))
    except KeyboardInterrupt:
        print("stopped; what was finished is kept", file=sys.stderr)
        return 130


def _command_of(words: Sequence[str]) -> str:
    """The command's name for a refusal: the first words that are neither options nor their values."""
    named: list[str] = []
    rest = iter(words)
    for word in rest:
        if word in WITH_VALUE:
            next(rest, None)
        elif not word.startswith("-") and word.isalpha() and len(named) < 2:
            named.append(word)
        elif named:
            break
    return " ".join(named)


def _run(words: list[str]) -> int:
    from pipelines.cli.commands import commands
    from pipelines.cli.install import require_own_packages
    from pipelines.cli.parser import refuse_back_dating
    from pipelines.cli.reads import refuse_unread

    require_own_packages()
    tree = commands()
    args = tree.root.parse_args(words)
    if not hasattr(args, "handler"):
        if words:
            raise Refusal("yaoxun", "bad_usage", "a command is missing; see `yaoxun --help`")
        tree.root.print_help()
        return 0
    refuse_back_dating(args)
    refuse_unread(args)
    logging.getLogger("exifread").setLevel(logging.CRITICAL)  # what it finds odd, we say ourselves
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of libraries, about files: stderr is for our one line
        code: int = args.handler(args)
    return code


def _refused(words: Sequence[str], command: str, error: Refusal) -> int:
    if "--json" in words and command in {"models detect", "monitor decode"}:
        show.line({"refused": show.refused_items([(error.where, error.reason, error.detail)])})
    elif "--json" in words:
        show.document({"refused": show.refused_items([(error.where, error.reason, error.detail)])})
    show.refusal(command, error.where, error.reason, error.detail)
    return 2
