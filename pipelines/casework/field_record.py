"""现场检查记录: the record of a visit, written with what was found, its photographs held as originals."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from enforcement import policy as law
from enforcement.field import Visit, may_record
from geo.errors import GeoError
from geo.tags import Tags, tags_of
from pipelines.casework.acting import acting, beijing_day, noted, signed
from pipelines.casework.finding import found_in_the_field
from pipelines.casework.people import acting_user
from pipelines.errors import Refusal
from pipelines.records import Act, StoredFile
from pipelines.store import Store, Tx, files, numbers
from pipelines.store.canonical import BEIJING
from pipelines.store.field_records import FieldPhoto, FieldRecord
from pipelines.store.read import field
from pipelines.store.read.journal import first_entry_of_row
from pipelines.store.write import field as write
from pipelines.store.write import flights

RECORDED = "recorded"


@dataclass(frozen=True, slots=True)
class Told:
    """What a person says of a visit: as `enforcement.field.Visit`, the inspectors by account."""

    lead: str
    found: str
    text: str
    began_at: datetime
    ended_at: datetime
    inspectors: Sequence[str]
    identity_shown: bool
    notice_given: bool
    party: str
    signature: str
    statement: str = ""
    reason: str = ""
    alert: str | None = None
    really: str | None = None


def record_visit(store: Store, told: Told, photos: Sequence[Path] = (), *, by: str | None, at: datetime) -> Act:
    """Write the record of a visit. What was found stands as a finding, too, and in the case's file where there is one.

    Args:
        store: the home.
        told: the record.
        photos: pictures taken there; each is held by its hash, with time, device and place where the picture says them.
        by: the account that was there, or None for the local owner.
        at: when it is written.

    Returns:
        The record's id, state `recorded`. The same again by the same account gives the earlier entry.

    Raises:
        Refusal: the role may not, `unknown_user`, `no_such_file` for a photograph that cannot be read, what
            `enforcement.field.may_record` forbids, or what `finding.record_finding` refuses.
    """
    held = [_photo(path) for path in photos]
    with acting(store, by, "finding_record", at) as (tx, user):
        people = [acting_user(store, name) for name in told.inspectors]
        visit = Visit(
            told.began_at, told.ended_at, [(one.id, one.role) for one in people], told.identity_shown,
            told.notice_given, told.party, told.signature, told.reason,
        )  # fmt: skip
        rules = may_record(visit, at, policy=law.load(), on=beijing_day(told.began_at))
        record = FieldRecord(
            "", "", told.lead, told.began_at, told.ended_at, tuple(one.id for one in people), told.identity_shown,
            told.notice_given, told.party, told.statement.strip(), told.signature, told.reason.strip(), rules,
            signed(user, at), tuple(photo for photo, _ in held),
        )  # fmt: skip
        done = _before(tx, record, told, at)
        if done is not None:
            return done
        finding, payload = found_in_the_field(
            store, tx, user, told.lead, told.found, at=at, text=told.text, alert_id=told.alert, really=told.really,
            seen_on=beijing_day(told.began_at),
        )  # fmt: skip
        record = replace(record, id=numbers.next_id(tx, "field_record", at), finding_id=finding.id)
        for photo, content in held:
            files.hold(store, content, photo.sha256)
            flights.insert_files(tx, None, [StoredFile(photo.sha256, len(content), photo.name, "image/jpeg", at)])
        write.insert_record(tx, record)
        payload |= {
            "record": record.id, "began_at": record.began_at.isoformat(), "ended_at": record.ended_at.isoformat(),
            "inspectors": list(record.inspectors), "identity_shown": record.identity_shown,
            "notice_given": record.notice_given, "party": record.party, "signature": record.signature,
            "reason": record.reason, "photos": [photo.sha256 for photo in record.photos], "rules": list(rules),
        }  # fmt: skip
        entry = noted(tx, user, at=at, kind="visit_recorded", subject=told.lead, payload=payload)
        return Act(record.id, RECORDED, entry)


def _before(tx: Tx, record: FieldRecord, told: Told, at: datetime) -> Act | None:
    """The act that wrote the same record before."""
    for before, finding in field.records_with_findings(tx, at, lead_id=told.lead):
        same = replace(before, id="", finding_id="", signed=record.signed, rules=record.rules) == record
        words = (before.signed.by, finding.found, finding.text)
        if same and words == (record.signed.by, told.found, told.text.strip()):
            return Act(before.id, RECORDED, first_entry_of_row(tx, "field_record", before.id), True)
    return None


def _photo(path: Path) -> tuple[FieldPhoto, bytes]:
    """A photograph with what it says of itself; one that says nothing is held all the same."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Refusal(str(path), "no_such_file", error.strerror or "") from error
    sha256 = hashlib.sha256(content).hexdigest()
    try:
        tags = tags_of(content, path.name)
    except GeoError as error:
        raise Refusal(path.name, error.reason, error.detail) from error
    device = " ".join(word for word in (tags.make, tags.model) if word)
    return FieldPhoto(sha256, path.name, _taken(tags), device, tags.lon, tags.lat), content


def _taken(tags: Tags) -> datetime | None:
    """When it was taken by its own clock; without an offset, in Beijing time."""
    if tags.taken_at is None:
        return None
    taken = datetime.fromisoformat(tags.taken_at)
    if taken.tzinfo is not None:
        return taken
    if tags.utc_offset is None:
        return taken.replace(tzinfo=BEIJING)
    try:
        return datetime.fromisoformat(f"{tags.taken_at}{tags.utc_offset}")
    except ValueError:
        return taken.replace(tzinfo=BEIJING)
