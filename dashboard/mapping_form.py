"""The form in which a person says what the columns of an office's file mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from dashboard import look, markup, registry_desk, registry_text, session
from dashboard.labels import Words
from enforcement.registry import KINDS
from pipelines import clock
from pipelines.casework.registry_mapping import (
    Looked,
    OfficeMapping,
    UsedMapping,
    fields_of,
    lacking,
    meanings,
    nearest_kind,
    needed_of,
    save_mapping,
)
from pipelines.registry_import import headings as known
from pipelines.registry_import.layout import LEVELS_AT_MOST
from pipelines.registry_import.mapping import FileMapping
from pipelines.store import Store

IGNORED = ""
SAMPLES = 3
ENCODINGS = ("utf-8", "gb18030", "utf-16")
SYSTEMS = ("EPSG:4326", "EPSG:4490", "GCJ-02", "BD-09", "EPSG:4549", "EPSG:4528", "EPSG:32651")


def mapping_form(store: Store, held: registry_desk.Held, looked: Sequence[Looked], used: UsedMapping | None) -> None:
    """Draw the form.

    Args:
        store: the home.
        held: the file.
        looked: the tops of its sheets.
        used: the mapping with which it was read, to begin from; None where it was recognised, or was not.
    """
    words, said = session.words(), used.map.file if used else FileMapping()
    first = st.columns(5 if len(looked) > 1 else 4, gap="small", vertical_alignment="bottom")
    sheet = _sheet(first.pop(), held, looked, said.sheet, words) if len(looked) > 1 else looked[0]
    sheet = _with_levels(first.pop(), held, sheet, words)
    kinds = [kind for kind in KINDS if kind in known.table()]
    kind = first[0].selectbox(
        words("registry.kind"),
        kinds,
        index=kinds.index(said.kind if said.kind in kinds else nearest_kind([*sheet.headings, *sheet.lowest])),
        format_func=lambda one: words.of("registry_kind", one),
        key=f"map_kind {held.id} {sheet.sheet}",
    )
    encoding = _option(first[1], words("registry.encoding"), ENCODINGS, said.encoding, f"map_encoding {held.id}", words)
    crs = _option(first[2], words("registry.crs"), SYSTEMS, said.crs, f"map_crs {held.id}", words)
    chosen = _columns(held, sheet, kind, said, words)
    missing = lacking(kind, chosen.values())
    shown = [registry_text.field_name(kind, chosen[one], words) if one in chosen else "" for one in sheet.headings]
    below = sheet.rows[sheet.header + sheet.levels :][:SAMPLES]
    if any(shown):
        st.html(registry_text.first_rows(shown, below))
    if missing:
        look.note(words("registry.still_missing", fields="、".join(missing)))
    mapping = _mapping_of(kind, encoding, crs, sheet, chosen, several=len(looked) > 1)
    _buttons(store, held, mapping, words, ready=not missing)


def _sheet(
    place: st.delta_generator.DeltaGenerator,
    held: registry_desk.Held,
    looked: Sequence[Looked],
    said: str | None,
    words: Words,
) -> Looked:
    names = [one.sheet for one in looked]
    name = place.selectbox(
        words("registry.sheet"), names, index=names.index(said) if said in names else 0, key=f"map_sheet {held.id}"
    )
    return looked[names.index(name)]


def _with_levels(
    place: st.delta_generator.DeltaGenerator, held: registry_desk.Held, sheet: Looked, words: Words
) -> Looked:
    """The sheet with as many rows of headings as a person says; merged cells suggest how many."""
    levels: int = place.selectbox(
        words("registry.heading_rows"),
        range(1, LEVELS_AT_MOST + 1),
        index=sheet.levels - 1,
        key=f"map_levels {held.id} {sheet.sheet}",
        help=words("registry.heading_rows_help"),
    )
    return replace(sheet, levels=levels)


def _option(
    place: st.delta_generator.DeltaGenerator,
    label: str,
    known_ones: Sequence[str],
    said: str | None,
    key: str,
    words: Words,
) -> str | None:
    """A choice of a few, with "as the file tells" in the first place."""
    options = [None, *dict.fromkeys([*([said] if said else []), *known_ones])]
    chosen: str | None = place.selectbox(
        label, options, index=options.index(said), format_func=lambda one: one or words("registry.by_itself"), key=key
    )
    return chosen


def _columns(held: registry_desk.Held, sheet: Looked, kind: str, said: FileMapping, words: Words) -> dict[str, str]:
    """Heading to field, as chosen; ignored headings are left out."""
    start = _start(sheet, kind, said)
    options = [IGNORED, *fields_of(kind)]
    chosen: dict[str, str] = {}
    needed = set(needed_of(kind))
    with st.container(key="mapping"):
        for number, heading in enumerate(sheet.headings):
            if not heading or heading in sheet.headings[:number]:
                continue
            field = st.selectbox(
                markup.escaped(heading),
                options,
                index=options.index(start.get(heading, IGNORED)),
                format_func=lambda one: _field_label(kind, one, one in needed, words),
                key=f"map {held.id} {sheet.sheet} {kind} {sheet.levels} {number}",
            )
            if field != IGNORED and field not in chosen.values():
                chosen[heading] = field
    return chosen


def _start(sheet: Looked, kind: str, said: FileMapping) -> dict[str, str]:
    """What each heading is taken to mean before a person looks: as a whole, else by the lowest of its rows."""
    start = meanings(sheet.headings, kind, said.columns)
    low = meanings(sheet.lowest, kind, {}) if sheet.levels > 1 else {}
    for heading, alone in zip(sheet.headings, sheet.lowest, strict=False):
        field = low.get(alone)
        if field is not None and heading not in start and field not in (*start.values(), *said.columns):
            start[heading] = field
    return start


def _field_label(kind: str, field: str, is_needed: bool, words: Words) -> str:
    if field == IGNORED:
        return words("registry.ignore")
    name = registry_text.field_name(kind, field, words)
    return f"{name} · {words('registry.needed')}" if is_needed else name


def _mapping_of(
    kind: str, encoding: str | None, crs: str | None, sheet: Looked, chosen: dict[str, str], *, several: bool
) -> OfficeMapping:
    """What was chosen, whole: a field that no column means is said to have none."""
    columns = {field: IGNORED for field in fields_of(kind)} | {field: heading for heading, field in chosen.items()}
    headings = tuple(heading for heading in sheet.headings if heading)
    file = FileMapping(
        kind=kind, encoding=encoding, crs=crs, sheet=sheet.sheet if several else None, header_row=sheet.header + 1,
        columns=columns,
    )  # fmt: skip
    return OfficeMapping(file, headings, tuple(one for one in headings if one not in chosen))


def _buttons(store: Store, held: registry_desk.Held, mapping: OfficeMapping, words: Words, *, ready: bool) -> None:
    with st.container(key="mapping_buttons", horizontal=True, vertical_alignment="bottom"):
        st.button(
            words("registry.apply"),
            icon=":material/visibility:",
            key="map_apply",
            disabled=not ready,
            on_click=_apply,
            args=(mapping,),
        )
        if look.offered(store, "registry_mapping"):
            st.text_input(
                words("registry.save_as"),
                key=f"map_name {held.id}",
                placeholder=words("registry.office_hint"),
                width=230,
            )
            st.button(
                words("registry.save"),
                icon=":material/save:",
                key="map_save",
                disabled=not ready,
                on_click=_save,
                args=(held.id, mapping),
            )


def _apply(mapping: OfficeMapping) -> None:
    st.session_state[registry_desk.MAPPING] = UsedMapping(mapping, "", "page")


def _save(held_id: str, mapping: OfficeMapping) -> None:
    name = str(st.session_state.get(f"map_name {held_id}", ""))
    with session.open_store() as store:
        by = session.by(store)
        if session.attempt(lambda: save_mapping(store, name, mapping, by=by, at=clock.now())):
            session.say(session.words()("registry.saved", name=name.strip()))
            st.session_state.pop(registry_desk.MAPPING, None)
