"""A registry file in words and tables: how it was read, what it would change, what was refused. Text is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from dashboard import markup
from dashboard.labels import Words
from pipelines.casework.registry_imports import Reading
from pipelines.registry_import import headings
from pipelines.store.read.registry_imports import Change, Changes, FieldChange, Gone, kinds_of
from pipelines.store.records import RegistryImport

SHOWN = 100
LONGEST_VALUE = 60
AS_WRITTEN = ("place_given", "crs_given")
"""How a place was written; said only where nothing else changed."""
WORDS_OF_FIELDS = {"credit_class": "credit", "state": "permit_state", "medium": "medium", "filing_kind": "filing"}
Item = tuple[str, str, str]


def read_as(reading: Reading, words: Words) -> str:
    """How a file was read: kind, rows, encoding, coordinate system with its evidence, mapping."""
    file = reading.file
    crs = words("registry.crs_cannot_tell") if file.crs == "cannot_tell" else file.crs
    pairs = [
        (words("registry.kind"), kinds_words(file.kind, words)),
        (words("registry.rows"), str(file.row_count)),
        (words("registry.encoding"), file.encoding),
        (words("registry.crs"), crs),
        *((words("registry.evidence"), line) for line in evidence(file.crs_evidence, words)),
        (words("registry.mapping_used"), mapping_words(reading, words)),
    ]
    return markup.facts(pairs)


def kinds_words(kind: str, words: Words) -> str:
    """The kind of a file's rows, or the kinds of its sheets."""
    return words("app.comma").join(words.of("registry_kind", one) for one in kinds_of(kind))


def evidence(told: Mapping[str, Any], words: Words) -> list[str]:
    """What a coordinate system rests on, a line a thing: how it was told, what was counted, how sure that makes."""
    lines = [words.of("crs_method", str(told["method"]))] if told.get("method") else []
    inside, points = told.get("inside"), told.get("points")
    if isinstance(inside, Mapping):
        lines.append(
            words(
                "registry.inside",
                counts=words("app.comma").join(f"{crs} {count}/{points}" for crs, count in inside.items()),
            )
        )
    for kind, said in (told.get("kinds") or {}).items():
        odds = words("app.comma").join(f"{crs} {value:+.1f}" for crs, value in said.get("log_odds", {}).items())
        if kind != "outline" and odds:
            lines.append(words("registry.odds", kind=words.of("crs_kind", kind), odds=odds))
    if "log_odds_to_next" in told:
        lines.append(words("registry.odds_to_next", value=f"{told['log_odds_to_next']:.1f}"))
    if told.get("reason"):
        lines.append(words("registry.doubt", reason=words.of("crs_reason", str(told["reason"]))))
    return lines


def mapping_words(reading: Reading, words: Words) -> str:
    """Which mapping was used, and how it was found."""
    used = reading.mapping
    return words("registry.mapping_none") if used is None else words(f"registry.mapping_{used.found}", name=used.name)


def field_name(kind: str, field: str, words: Words) -> str:
    """A field as the offices call it: the first heading of the table in that language."""
    if field == "place":
        return words("enterprise.place")
    spellings = headings.table().get(kind, {}).get("fields", {}).get(field, ())
    if words.language == "zh" and spellings:
        return str(spellings[0])
    return field.replace("_", " ")


def changed_table(changed: Sequence[Change], words: Words) -> str:
    """What changes, field by field, old beside new."""
    heads = [
        (words("registry.row"), "figure"),
        (words("registry.key"), "code"),
        (words("registry.thing"), ""),
        (words("registry.what_changed"), ""),
    ]
    rows = [
        [escape(one.row), escape(one.key), escape(one.title), _fields(one.kind, one.fields, words)]
        for one in changed[:SHOWN]
    ]
    return markup.table(heads, rows, height_px=360)


def _fields(kind: str, fields: Iterable[FieldChange], words: Words) -> str:
    told = [one for one in fields if one.field not in AS_WRITTEN] or list(fields)
    return "<br>".join(
        f"{escape(field_name(kind, one.field, words))}: <del>{escape(_said(one.field, one.old, words))}</del> → "
        f"<ins>{escape(_said(one.field, one.new, words))}</ins>"
        for one in told
    )


def _said(field: str, value: Any, words: Words) -> str:
    section = WORDS_OF_FIELDS.get(field)
    return words.of(section, value) if section and isinstance(value, str) and value else value_words(value, words)


def value_words(value: Any, words: Words) -> str:
    """A value of a field: a place as its longitude and latitude, a list by its parts, nothing as a dash."""
    if isinstance(value, Mapping) and "at" in value:
        lon, lat = value["at"]
        return f"{lon:.6f}, {lat:.6f}"
    if isinstance(value, bool):
        return words("enterprise.yes") if value else words("enterprise.no")
    if value in (None, "", []):
        return "—"
    text = "、".join(str(part) for part in value) if isinstance(value, list | tuple) else str(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def things_table(things: Sequence[Change | Gone], words: Words) -> str:
    """Statements that are new, or held and not in the file."""
    heads = [(words("registry.row"), "figure"), (words("registry.key"), "code"), (words("registry.thing"), "")]
    rows = [
        [escape(one.row if isinstance(one, Change) else one.source_row), escape(one.key), escape(one.title)]
        for one in things[:SHOWN]
    ]
    return markup.table(heads, rows, height_px=360)


def items_table(items: Sequence[Item], words: Words) -> str:
    """Refused rows or remarks: which row, the reason as a sentence, what exactly was seen."""
    heads = [(words("registry.row"), "code"), (words("registry.why"), ""), (words("registry.seen"), "")]
    rows = [
        [escape(_row(item, words)), escape(words.reason(reason)), markup.technical(detail)]
        for item, reason, detail in items[:SHOWN]
    ]
    return markup.table(heads, rows, height_px=360)


def _row(item: str, words: Words) -> str:
    return f"{words('registry.row')} {item.removeprefix('row ')}" if item.startswith("row ") else item


def refused(reading: Reading, changes: Changes) -> list[Item]:
    """All rows that would not come in, of the reader and of the comparison."""
    return [*reading.file.refused, *((no.item, no.reason, no.detail) for no in changes.refused)]


def imports_table(imports: Sequence[RegistryImport], words: Words, *, names: Mapping[str, str]) -> str:
    """The deliveries, youngest first: whose, how much, whether undone and why."""
    heads = [
        (words("registry.id"), "code"),
        (words("registry.from"), ""),
        (words("registry.counts"), "figure"),
        (words("registry.state"), ""),
    ]
    rows = [
        [
            f"{escape(one.id)}<br><span class='yx-note'>{escape(words.when(one.at))} · "
            f"{escape(names.get(one.by, one.by))}</span>",
            f"{escape(kinds_words(one.kind, words))} · {escape(one.office or words('quality.no_office'))}<br>"
            f"<span class='yx-note'>{escape(one.file_name)}</span>",
            f"{one.imported} / {one.changed} / {one.unchanged} / {one.refused}",
            _state(one, words, names),
        ]
        for one in imports[:SHOWN]
    ]
    return markup.table(heads, rows, height_px=430)


def _state(one: RegistryImport, words: Words, names: Mapping[str, str]) -> str:
    if one.undone is None:
        return markup.chip("open", words("registry.in_force"))
    who = names.get(one.undone.by, one.undone.by)
    told = words("registry.undone_why", who=who, when=words.when(one.undone.at), reason=one.undone.reason)
    return f"{markup.chip('judged', words('registry.undone'))}<br><span class='yx-note'>{escape(told)}</span>"


def first_rows(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The first rows of a file under what its columns are said to mean."""
    shown = [column for column, head in enumerate(heads) if head]
    cells = [[escape(row[column] if column < len(row) else "")[:LONGEST_VALUE] for column in shown] for row in rows]
    return markup.table([(heads[column], "") for column in shown], cells, height_px=220)
