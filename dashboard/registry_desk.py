"""The file that a visitor looks at on the registry page: where it is kept, how it was read, what it would change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard import session, uploads
from pipelines import clock
from pipelines.casework.registry_imports import Progress, Reading, Wishes, preview, read_file
from pipelines.store import Store
from pipelines.store.read import journal
from pipelines.store.read.registry_imports import Changes

HELD, READ, MAPPING, OFFICE = "registry_file", "registry_read", "registry_mapping", "registry_office"
SUFFIXES = ("csv", "tsv", "txt", "xlsx", "xls", "xlsb", "ods", "html", "htm", "geojson", "json", "gpkg", "zip")


@dataclass(frozen=True, slots=True)
class Held:
    """An upload as it is kept in the home until it is accepted or put aside."""

    id: str
    path: Path


def take_upload(upload: Any) -> Held | None:
    """The file that stands in the upload field, kept once; None where there is none.

    Raises:
        OSError: it could not be written.
    """
    held: Held | None = st.session_state.get(HELD)
    if upload is None:
        put_aside()
        return None
    if held is not None and held.id == upload.file_id and held.path.is_file():
        return held
    put_aside()
    (path,) = uploads.keep(session.home(), [upload], at=clock.now())
    held = Held(upload.file_id, path)
    st.session_state[HELD] = held
    return held


def put_aside() -> None:
    """Forget the file and all that was said of it."""
    held: Held | None = st.session_state.pop(HELD, None)
    for name in (READ, MAPPING):
        st.session_state.pop(name, None)
    if held is not None:
        uploads.discard([held.path])


def reading(store: Store, held: Held, wishes: Wishes, progress: Progress) -> tuple[Reading, Changes]:
    """The file as read with these wishes, and what it would change in the registry as it stands; both kept meanwhile.

    `progress` is told how many of its rows are read.

    Raises:
        Refusal: as `casework.registry_imports.read_file`.
    """
    stand = journal.tail(store, 1)
    key = (held.id, repr(wishes), stand[0].seq if stand else 0)
    kept = st.session_state.get(READ)
    if kept is None or kept[0] != key:
        read = read_file(store, held.path, wishes, at=clock.now(), progress=progress)
        kept = (key, read, preview(store, read))
        st.session_state[READ] = kept
    return kept[1], kept[2]


def remembered(act: Callable[[], Any]) -> Any:
    """What an act gave, where it was not refused; its notice is set by the session."""
    given: list[Any] = []

    def done() -> Any:
        given.append(act())
        return given[0].act

    return given[0] if session.attempt(done) else None
