"""What one office's files mean, said once by a person: kind, encoding, CRS, sheet, row of headings, columns, words."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipelines.errors import Refusal

PARTS = ("kind", "encoding", "crs", "sheet", "header_row", "columns", "words")


@dataclass(frozen=True, slots=True)
class FileMapping:
    """How to read the files of a source. Whatever is None or absent is told by the file itself.

    Args:
        kind: what the rows are, a name of `enforcement.registry.KINDS`.
        encoding: of a text file.
        crs: of the places, as `EPSG:4549` or `GCJ-02`.
        sheet: of a workbook, by its name; only this one is read.
        header_row: where the headings stand, from 1 at the top of the sheet or file; of two rows the upper one.
        columns: our field to the file's heading.
        words: our word to what the file writes for it, by the name of the list in `headings.toml`
            (`{"yes": {"yes": ["有问题"]}}`); beside the words that are known anyway.
    """

    kind: str | None = None
    encoding: str | None = None
    crs: str | None = None
    sheet: str | None = None
    header_row: int | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)

    @classmethod
    def of(cls, given: FileMapping | Mapping[str, Any] | None) -> FileMapping:
        """A mapping from its JSON form, or from the short form: our field to the file's heading and nothing else.

        Raises:
            Refusal: `registry_mapping_bad`.
        """
        if isinstance(given, FileMapping):
            return given
        if not given:
            return cls()
        if not any(isinstance(given.get(part), Mapping) for part in ("columns", "words")) and not set(given) <= set(
            PARTS[:5]
        ):
            given = {"columns": given}
        unknown = sorted(set(given) - set(PARTS))
        if unknown:
            raise Refusal(unknown[0], "registry_mapping_bad", f"a mapping has {', '.join(PARTS)}")
        return cls(
            **{part: _text(part, given.get(part)) for part in PARTS[:4]},
            header_row=_row(given.get("header_row")),
            columns=_columns(given.get("columns")),
            words=_words(given.get("words")),
        )

    def spelled_words(self) -> dict[str, dict[str, str]]:
        """The words turned round: of each list what the file writes, as cells are compared, to our word."""
        return {
            name: {
                unicodedata.normalize("NFKC", one).strip().lower(): word
                for word, spellings in words.items()
                for one in spellings
            }
            for name, words in self.words.items()
        }

    def as_json(self) -> dict[str, Any]:
        """The JSON form, without what is not said; `of` takes it back."""
        said: dict[str, Any] = {part: getattr(self, part) for part in PARTS[:5]}
        said["columns"] = dict(self.columns)
        said["words"] = {
            name: {word: list(spellings) for word, spellings in words.items()} for name, words in self.words.items()
        }
        return {part: value for part, value in said.items() if value not in (None, {})}


def _text(part: str, value: Any) -> str | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise Refusal(part, "registry_mapping_bad", f"{value} is no text")
    return value


def _row(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise Refusal("header_row", "registry_mapping_bad", f"{value} is no number of a row, counted from 1")
    return value


def _columns(value: Any) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise Refusal("columns", "registry_mapping_bad", "expected our field to the file's heading")
    for name, heading in value.items():
        if not isinstance(heading, str):
            raise Refusal(str(name), "registry_mapping_bad", f"{heading} is no heading")
    return {str(name): heading for name, heading in value.items()}


def _words(value: Any) -> dict[str, dict[str, tuple[str, ...]]]:
    if value is None:
        return {}
    try:
        return {
            str(name): {str(word): tuple(str(one) for one in spellings) for word, spellings in words.items()}
            for name, words in value.items()
        }
    except (AttributeError, TypeError) as error:
        raise Refusal(
            "words", "registry_mapping_bad", "expected list, then our word, then what the file writes"
        ) from error
