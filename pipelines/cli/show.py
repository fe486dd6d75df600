"""How answers look: one JSON document for programs, short lines for people, progress and refusals on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Protocol

from pipelines import clock
from pipelines.wording import MissingWord, say

SILENCE_S = 10.0
"""Without a terminal, progress is one line in so many seconds."""


class Refused(Protocol):
    """Anything with a reason word: an outcome of a stage, or an exception of a package."""

    reason: str
    detail: str


def document(value: Any) -> None:
    """Print one JSON document."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=_plain, allow_nan=False))


def line(value: Mapping[str, Any]) -> None:
    """Print one JSON object on a line of its own, at once."""
    print(json.dumps(value, ensure_ascii=False, default=_plain, allow_nan=False), flush=True)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form here")


def text(lines: Iterable[str]) -> None:
    """Print lines for a person."""
    for entry in lines:
        print(entry)


def table(rows: Sequence[Sequence[object]], head: Sequence[str]) -> Iterator[str]:
    """Rows under headings, columns as wide as they need: a Chinese character is two wide. Instants in Beijing time."""
    from rich.cells import cell_len

    cells = [[str(c) for c in head], *([_cell(c) for c in row] for row in rows)]
    widths = [max(cell_len(row[i]) for row in cells) for i in range(len(head))]
    for row in cells:
        wide = (cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(wide).rstrip()


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(clock.BEIJING):%Y-%m-%d %H:%M}"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def refusal(command: str, where: str, reason: str, detail: str) -> None:
    """One line on stderr: what was refused, where, why, and what to do."""
    said = f"refused: {command} {where}: {sentence(reason, last_line(reason, detail))}"
    print(" ".join(said.split()), file=sys.stderr)


def note(text: str) -> None:
    """One line on standard error, beside an answer that stands."""
    print(text, file=sys.stderr)


def last_line(reason: str, detail: str) -> str:
    """Of a defect's traceback only what it says at its end; the whole of it stands with the item in the home."""
    return detail.strip().splitlines()[-1] if reason == "defect" and detail.strip() else detail


def sentence(reason: str, detail: str = "") -> str:
    """A reason word as an English sentence with the word itself in brackets."""
    try:
        said = say(reason, {"detail": detail}, "en")
    except MissingWord:
        said = reason.replace("_", " ")
    shown = f" [{detail}]" if detail and detail not in said else ""
    return f"{said} ({reason}){shown}"


def refused_items(items: Iterable[tuple[str, str, str]]) -> list[dict[str, str]]:
    """The `refused` list of every JSON answer, from (item, reason, detail)."""
    return [{"item": item, "reason": reason, "detail": last_line(reason, detail)} for item, reason, detail in items]


class Progress:
    """Counts shown while something runs."""

    def __init__(self, advance: Any) -> None:
        self._advance = advance

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Say that `done` of `total` items of a stage are through."""
        self._advance(stage, done, total)


@contextmanager
def progress(quiet: bool = False) -> Iterator[Progress]:
    """A bar on a terminal, else a line every ten seconds; nothing where `quiet`."""
    if quiet or not sys.stderr.isatty():
        yield Progress(_lines(quiet))
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description:<12}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bars(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, Any] = {}

        def advance(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield Progress(advance)


def _lines(quiet: bool) -> Any:
    last = clock.seconds()

    def advance(stage: str, done: int, total: int) -> None:
        nonlocal last
        if not quiet and clock.seconds() - last >= SILENCE_S:
            last = clock.seconds()
            print(f"{stage}: {done} of {total}", file=sys.stderr, flush=True)

    return advance
