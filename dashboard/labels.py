"""The words of the pages in the language of the reader, and figures as that reader expects them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from importlib import resources

from pipelines import wording
from pipelines.records import Reason

LANGUAGES: Mapping[str, str] = {"zh": "中文", "en": "English"}
VALUE_LISTS: Mapping[str, str] = {"class": "credit", "role": "role", "state": "state"}
"""Placeholders of reason sentences whose values are words of a fixed list, and the section that names them."""
SHOWN_ZONE = timezone(timedelta(hours=8), "Asia/Shanghai")


@cache
def entries() -> dict[str, dict[str, str]]:
    """All labels as `section.key` → {"zh": …, "en": …}, from every file `labels*.toml`.

    Raises:
        ValueError: two files hold the same label.
    """
    found: dict[str, dict[str, str]] = {}
    for file in sorted(resources.files("dashboard").iterdir(), key=lambda one: one.name):
        if not (file.name.startswith("labels") and file.name.endswith(".toml")):
            continue
        for section, table in tomllib.loads(file.read_text("utf-8")).items():
            for key, words in table.items():
                if f"{section}.{key}" in found:
                    raise ValueError(f"{file.name}: {section}.{key} stands in another file too")
                found[f"{section}.{key}"] = words
    return found


@dataclass(frozen=True, slots=True)
class Words:
    """Labels in one language: `words("triage.title")`.

    Args:
        language: `zh` or `en`.
    """

    language: str

    def __call__(self, key: str, **values: object) -> str:
        """The label of `section.key` with its placeholders filled.

        Raises:
            KeyError: there is no such label.
        """
        return entries()[key][self.language].format(**values)

    def of(self, section: str, word: str) -> str:
        """The label of a word of a fixed list (a kind, a role …); a word without a label stands for itself."""
        entry = entries().get(f"{section}.{word}")
        return entry[self.language] if entry else word

    def reason(self, code: str, values: Mapping[str, object] | None = None) -> str:
        """A reason word as a sentence; values that are themselves words of a fixed list are said in words too.

        A refusal's `detail` is no part of the sentence: it is in English and for whoever looks into it.
        """
        said = {name: self._value(name, value) for name, value in (values or {}).items()}
        try:
            return wording.say(code, said, self.language)
        except wording.MissingWord:
            return code

    def _value(self, name: str, value: object) -> object:
        section = VALUE_LISTS.get(name)
        return self.of(section, value) if section and isinstance(value, str) else value

    def reasons(self, reasons: Iterable[Reason]) -> list[str]:
        """Reasons as sentences, in their order."""
        return [self.reason(reason.code, reason.values) for reason in reasons]

    def when(self, instant: datetime | None) -> str:
        """An instant in Shanghai time, to the minute."""
        if instant is None:
            return self("app.unknown")
        aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
        return aware.astimezone(SHOWN_ZONE).strftime("%Y-%m-%d %H:%M")

    def day(self, day: date | datetime | str | None) -> str:
        """A day as ISO 8601."""
        if day is None or day == "":
            return self("app.not_recorded")
        if isinstance(day, datetime):
            return self.when(day)
        return day if isinstance(day, str) else day.isoformat()

    @staticmethod
    def percent(fraction: float | None) -> str:
        """A share as whole percent; what is not nought never reads as nought."""
        if fraction is None:
            return "—"
        if 0 < fraction < 0.01:
            return "<1%"
        return f"{fraction * 100:.0f}%"

    @staticmethod
    def metres(length_m: float) -> str:
        """A length with as many digits as it deserves."""
        return f"{length_m:.1f}" if 0.05 <= length_m < 10 else f"{length_m:.0f}"
