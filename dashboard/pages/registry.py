"""Registry 登记资料: a file of an office is read, looked at, accepted, and taken back where it was wrong."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import streamlit as st

from dashboard import layers, look, markup, registered, registry_desk, registry_text, session
from dashboard.components.live_map import live_map
from dashboard.labels import Words
from dashboard.mapping_form import mapping_form
from enforcement.registry import Placed
from pipelines import clock
from pipelines.casework.registry_imports import Reading, Wishes, take_in, undo_import
from pipelines.casework.registry_mapping import look_at
from pipelines.errors import Refusal
from pipelines.registry_import.refused import refused_suffix, refused_table
from pipelines.store import Store
from pipelines.store.read import counts, registry_imports
from pipelines.store.read.registry_imports import Changes
from pipelines.store.records import RegistryImport

MAP_PX, MAPPED = 320, 5000


def show() -> None:
    """The page."""
    words = session.words()
    with session.open_store() as store:
        past = registry_imports.all_imports(store)
        held_rows = sum(counts.registry(store).values())
        look.page_head(store, words("registry.title"), words("registry.subtitle", imports=len(past), rows=held_rows))
        with st.container(key="split"):
            left, right = st.columns([5.0, 5.0], gap="small")
        with left:
            _incoming(store, past, words)
        with right:
            _past(store, past, words)


def _incoming(store: Store, past: Sequence[RegistryImport], words: Words) -> None:
    if not look.offered(store, "registry_import"):
        return
    upload = st.file_uploader(
        words("registry.file"), type=list(registry_desk.SUFFIXES), help=words("registry.file_hint"), key=_field_key()
    )
    try:
        held = registry_desk.take_upload(upload)
    except OSError as error:
        st.warning(words("registry.upload_gone"))
        st.html(markup.technical(str(error)))
        return
    if held is None:
        title = "registry.choose_first" if past else "registry.empty"
        look.empty(words(title), words(f"{title}_next"))
        return
    _desk(store, held, words)


def _field_key() -> str:
    """The upload field's key; another one empties it after a file was accepted or put aside."""
    return f"registry_upload {st.session_state.get('registry_uploads', 0)}"


def _desk(store: Store, held: registry_desk.Held, words: Words) -> None:
    st.text_input(
        words("registry.office"),
        key=registry_desk.OFFICE,
        placeholder=words("registry.office_hint"),
        width=300,
    )
    wishes = Wishes(
        mapping=st.session_state.get(registry_desk.MAPPING),
        office=str(st.session_state.get(registry_desk.OFFICE, "")),
    )
    read: tuple[Reading, Changes] | None = None
    bar = st.empty()
    with st.spinner(words("app.loading")):
        try:
            read = registry_desk.reading(store, held, wishes, partial(_told, bar, words))
        except Refusal as refusal:
            st.warning(markup.escaped(words.reason(refusal.reason)), icon=":material/block:")
            st.html(markup.technical(session.technical(refusal)))
    if read is not None:
        look.section(words("registry.read_as"), held.path.name)
        st.html(registry_text.read_as(read[0], words))
    _mapping(store, held, read[0] if read else None, words)
    if read is not None:
        _changes(*read, words)
        _accept_buttons(read[1], words)
        _map(store, read[0], words)


def _told(bar: Any, words: Words, _stage: str, done: int, total: int) -> None:
    """How far the reading is; gone when it ends."""
    if done < total:
        bar.progress(done / total, text=words("registry.rows_read", done=done, total=total))
    else:
        bar.empty()


def _mapping(store: Store, held: registry_desk.Held, reading: Reading | None, words: Words) -> None:
    used = reading.mapping if reading else st.session_state.get(registry_desk.MAPPING)
    try:
        looked = look_at(held.path)
    except Refusal:
        return
    with st.expander(words("registry.columns"), icon=":material/table_view:", expanded=reading is None):
        look.note(words("registry.columns_hint"))
        mapping_form(store, held, looked, used)


def _changes(reading: Reading, changes: Changes, words: Words) -> None:
    refused = registry_text.refused(reading, changes)
    look.section(words("registry.changes"))
    if not changes.new and not changes.changed:
        look.note(words("registry.nothing_new"))
    figures = {
        "changed": len(changes.changed),
        "new": len(changes.new),
        "refused": len(refused),
        "gone": len(changes.gone),
        "warnings": len(reading.file.warnings),
    }
    tabs = st.tabs([f"{words(f'registry.{name}')} {count}" for name, count in figures.items()])
    look.note(f"{words('registry.unchanged')} {changes.unchanged}")
    with tabs[0]:
        _listed(registry_text.changed_table(changes.changed, words), figures["changed"], words)
    with tabs[1]:
        _listed(registry_text.things_table(changes.new, words), figures["new"], words)
    with tabs[2]:
        _listed(registry_text.items_table(refused, words), figures["refused"], words)
        if reading.file.to_correct:
            _download(reading, words)
    with tabs[3]:
        look.note(words("registry.gone_note"))
        _listed(registry_text.things_table(changes.gone, words), figures["gone"], words)
    with tabs[4]:
        _listed(registry_text.items_table(reading.file.warnings, words), figures["warnings"], words)


def _listed(table: str, total: int, words: Words) -> None:
    if not total:
        look.note(words("registry.none_here"))
        return
    st.html(table)
    if total > registry_text.SHOWN:
        st.caption(words("registry.first_shown", shown=registry_text.SHOWN, total=total))


def _download(reading: Reading, words: Words) -> None:
    st.download_button(
        words("registry.download_refused"),
        partial(refused_table, reading.file.to_correct, words.language),
        file_name=f"{reading.path.stem}-refused{refused_suffix(reading.file.to_correct)}",
        icon=":material/download:",
        on_click="ignore",
        key="download_refused",
    )


def _accept_buttons(changes: Changes, words: Words) -> None:
    with st.container(key="accept_buttons", horizontal=True):
        st.button(
            words("registry.accept"),
            type="primary",
            icon=":material/check:",
            key="accept",
            on_click=_accept,
            args=(changes.sha256,),
        )
        st.button(words("registry.cancel"), key="cancel", on_click=_cancel)


def _accept(changes_sha256: str) -> None:
    """Take in what stood on the page, and nothing else."""
    words, kept = session.words(), st.session_state.get(registry_desk.READ)
    if kept is None:
        return
    reading: Reading = kept[1]
    with session.open_store() as store:
        by = session.by(store)
        done = registry_desk.remembered(
            lambda: take_in(store, reading, by=by, at=clock.now(), changes_sha256=changes_sha256)
        )
    if done is None:
        return
    _cancel()
    if done.import_id is None:
        session.say(words("registry.done_unchanged"))
        return
    session.say(
        words(
            "registry.done",
            id=done.import_id,
            imported=done.imported,
            changed=done.changed,
            unchanged=done.unchanged,
            refused=len(done.refused) + len(reading.file.refused),
        )
    )


def _cancel() -> None:
    registry_desk.put_aside()
    st.session_state["registry_uploads"] = st.session_state.get("registry_uploads", 0) + 1


def _map(store: Store, reading: Reading, words: Words) -> None:
    """Where the file's rows lie: the eye sees a wrong coordinate system at once."""
    placed = [fact for fact in reading.file.rows[:MAPPED] if isinstance(fact, Placed) and fact.place is not None]
    if not placed:
        return
    things = tuple(
        layers.Thing(
            f"row {fact.source_row}",
            fact.place.lon,
            fact.place.lat,
            registered.mark_kind(fact.KIND),
            _title(fact, words),
        )
        for fact in placed
        if fact.place
    )
    base, key = registered.basemap(store)
    bounds = layers.bounds_of([(thing.lon, thing.lat) for thing in things], at_least_m=800)
    view = layers.View(bounds, reading.file.sha256) if bounds else None
    look.section(words("registry.map"), str(len(things)))
    content = layers.MapContent(base=base, base_key=key, things=things, view=view)
    live_map(content, key="registry_map", title=words("registry.map"), height_px=MAP_PX)


def _title(fact: Placed, words: Words) -> str:
    return f"{words('registry.row')} {fact.source_row} · {getattr(fact, 'name', '') or getattr(fact, 'key', '')}"


def _past(store: Store, past: Sequence[RegistryImport], words: Words) -> None:
    look.section(words("registry.past"), str(len(past)) if past else "")
    if not past:
        look.note(words("registry.past_none"))
        return
    st.html(registry_text.imports_table(past, words, names=session.names(store)))
    standing = [one for one in past if one.undone is None]
    if standing and look.offered(store, "registry_undo"):
        _undo_panel(standing, words)
    saved = registry_imports.mappings(store)
    if saved:
        look.section(words("registry.mappings"), str(len(saved)))
        st.html(markup.facts([(one.name, words.of("registry_kind", one.kind)) for one in saved]))


def _undo_panel(standing: Sequence[RegistryImport], words: Words) -> None:
    names = {one.id: f"{one.id} · {registry_text.kinds_words(one.kind, words)} · {one.file_name}" for one in standing}
    with st.popover(words("registry.undo"), icon=":material/undo:"):
        st.selectbox(words("registry.undo_which"), list(names), format_func=lambda one: names[one], key="undo_which")
        st.text_input(words("registry.undo_reason"), key="undo_reason")
        look.note(words("registry.undo_note"))
        st.button(words("registry.undo_button"), type="primary", key="undo", on_click=_undo)


def _undo() -> None:
    which, reason = st.session_state["undo_which"], str(st.session_state.get("undo_reason", ""))
    with session.open_store() as store:
        by = session.by(store)
        registry_desk.remembered(lambda: undo_import(store, which, by=by, at=clock.now(), reason=reason))


if __name__ == "__main__":
    show()
