"""A case as a BagIt bag: index and book for people, data for programs, originals, journal entries, a signed head."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from enforcement.registry import Enterprise
from pipelines.casework.acting import beijing_day
from pipelines.casework.case_book import book_of
from pipelines.casework.case_matters import CaseMatters, matters_of
from pipelines.casework.people import may_look
from pipelines.documents import bag, book
from pipelines.errors import Refusal
from pipelines.records import JournalEntry
from pipelines.store import Store, files, signed_heads
from pipelines.store.canonical import instant, to_json
from pipelines.store.chain import entry_hash
from pipelines.store.read import people, registry
from pipelines.version import CODE_VERSION

FORM = "yaoxun-case-1"
JOURNAL, HEADS, DATA = "journal.jsonl", "signed_heads.jsonl", "case.json"
ENTRY_CELLS = ("seq", "at", "actor", "role", "kind", "subject", "payload", "previous_hash")


@dataclass(frozen=True, slots=True)
class Bagged:
    """A bag that stands: its folder, how many files its payload has, and whether it stood there before."""

    case: str
    folder: Path
    files: int
    unchanged: bool


@dataclass(frozen=True, slots=True)
class BagChecked:
    """What of a bag was looked at, and what does not stand: (reason, what)."""

    files: int
    entries: int
    faults: tuple[tuple[str, str], ...]


def export_case(store: Store, case_id: str, folder: Path, *, by: str | None, at: datetime) -> Bagged:
    """Write a case as a bag.

    Args:
        store: the home.
        case_id: a case.
        folder: the bag to be; one that holds the same already stays as it is.
        by: who takes it out; None where nobody was named.
        at: now; the case as it stands.

    Raises:
        Refusal: the role may not look at cases, `unknown_case`, `bag_exists` where something else stands there,
            `evidence_changed` where an original has other bytes than it came with, `file_not_written`.
    """
    may_look(store, by, "cases", at=at)
    matters = matters_of(store, case_id, at)
    payload = dict(_payload(store, matters, at))
    if folder.exists():
        return _standing(case_id, folder, payload)
    info = {
        "Bagging-Date": beijing_day(at).isoformat(), "External-Identifier": case_id,
        "Bag-Software-Agent": f"yaoxun {CODE_VERSION}", "Internal-Sender-Description": f"案件 {case_id} 全卷",
    }  # fmt: skip
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        bag.write(folder, payload, info, {medium.place: medium.sha256 for medium in matters.media})
    except bag.AnotherHash as error:
        raise Refusal(str(error), "evidence_changed") from error
    except OSError as error:
        raise Refusal(str(folder), "file_not_written", error.strerror or "") from error
    return Bagged(case_id, folder, len(payload), False)


def check_bag(folder: Path, *, public_key: str | None = None) -> BagChecked:
    """Hold a bag against itself: manifests, the hash of each journal entry in it, the signature of each head.

    Args:
        folder: the bag.
        public_key: the key (base64) with which heads must be signed; None takes each head's own.
    """
    found = [(one.reason, one.name) for one in bag.faults(folder)]
    entries = 0
    try:
        named = bag.payload_of(folder)
        for line in (folder / "data" / JOURNAL).read_text("utf-8").splitlines():
            entries += 1
            told = json.loads(line)
            if entry_hash(tuple(told[name] for name in ENTRY_CELLS)) != told["hash"]:
                found.append(("entry_changed", str(told["seq"])))
        heads = folder / "data" / HEADS
        for one in signed_heads.from_file(heads) if heads.exists() else ():
            if public_key is not None and one.public_key != public_key:
                found.append(("signed_head_other_key", str(one.seq)))
            elif not signed_heads.signature_holds(one):
                found.append(("signed_head_forged", str(one.seq)))
    except Refusal as refusal:
        found.append((refusal.reason, refusal.where))
    except (OSError, ValueError, KeyError, TypeError) as error:
        found.append(("bag_unreadable", str(error)))
        named = {}
    return BagChecked(len(named), entries, tuple(dict.fromkeys(found)))


def _standing(case_id: str, folder: Path, payload: Mapping[str, Path | bytes]) -> Bagged:
    """The bag that stands there already, where it is whole and holds the same."""
    try:
        named = bag.payload_of(folder)
        same = not list(bag.faults(folder)) and named == bag.sums(payload)
    except (OSError, ValueError):
        same = False
    if not same:
        raise Refusal(str(folder), "bag_exists")
    return Bagged(case_id, folder, len(payload), True)


def _payload(store: Store, matters: CaseMatters, at: datetime) -> Iterator[tuple[str, Path | bytes]]:
    names = {account.id: account.name for account in people.users(store)}
    firms = {firm.uscc: firm.name for firm in registry.ever(store, Enterprise, at)}
    made = book_of(matters, names, firms)
    yield "index.html", book.html(made)
    yield "case.pdf", book.paper(made)
    yield DATA, (json.dumps(_document(matters), ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()
    yield JOURNAL, "".join(to_json(_entry(one)) + "\n" for one in matters.entries).encode()
    for medium in matters.media:
        yield medium.place, files.path_of(store, medium.sha256)
    heads = [one for one in signed_heads.in_home(store.home) if matters.entries and one.seq >= matters.entries[-1].seq]
    if heads:
        yield HEADS, (to_json(heads[0].document()) + "\n").encode()


def _entry(one: JournalEntry) -> dict[str, Any]:
    """An entry as it stands in the journal: its payload is the text that was hashed."""
    return {
        "seq": one.seq, "at": instant(one.at), "actor": one.actor, "role": one.role, "kind": one.kind,
        "subject": one.subject, "payload": to_json(one.payload), "previous_hash": one.previous_hash, "hash": one.hash,
    }  # fmt: skip


def _document(matters: CaseMatters) -> dict[str, Any]:
    told = {
        field.name: _plain(getattr(matters, field.name))
        for field in dataclasses.fields(matters)
        if field.name not in ("entries", "clocks")
    }
    clocks = [
        {
            "subject": one.clock.subject, "name": one.name, "row": one.clock.rule.ref,
            "started": one.clock.started.isoformat(), "ended": _plain(one.clock.ended),
            "calendar": one.due.calendar.isoformat(), "rolled": one.due.rolled.isoformat(),
            "working": one.due.working.isoformat(),
        }
        for one in matters.clocks
    ]  # fmt: skip
    return {"form": FORM, **told, "clocks": clocks}


def _plain(value: Any) -> Any:
    """A record as JSON values, by the names of its fields."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, tuple | list | frozenset | set):
        return [_plain(one) for one in value]
    return value
