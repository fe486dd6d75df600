"""What belongs to a case: lead, alerts, checks, reports, findings, clocks, journal entries, its originals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from enforcement.clocks import Deadline
from pipelines.casework.clocks import standing
from pipelines.errors import Refusal
from pipelines.records import AlertView, Frame, JournalEntry, Lead, Verdict
from pipelines.store import Store, files
from pipelines.store.case_records import CaseFile, FieldFinding, NonSiteCheck
from pipelines.store.desk_records import DeskMatter, ReportFile
from pipelines.store.errors import UnknownRow
from pipelines.store.field_records import FieldRecord
from pipelines.store.read import alerts, cases, checks, desk, field, flights, frames, journal, observations


@dataclass(frozen=True, slots=True)
class Medium:
    """An original behind a case: its hash, what it is, when and with what it was taken, where, and how it came in."""

    sha256: str
    name: str
    of: str
    observed_at: datetime | None
    device: str
    lon: float | None
    lat: float | None
    received_at: datetime | None
    added_by: str

    @property
    def place(self) -> str:
        """Its path in a bag, below `data/`."""
        return f"evidence/{self.sha256[:12]}_{self.name.rsplit('/', 1)[-1]}"


@dataclass(frozen=True, slots=True)
class CaseMatters:
    """A case with all that belongs to it, as known at an instant."""

    case: CaseFile
    lead: Lead
    alerts: tuple[AlertView, ...]
    verdicts: tuple[Verdict, ...]
    checks: tuple[NonSiteCheck, ...]
    exceedances: tuple[DeskMatter, ...]
    findings: tuple[FieldFinding, ...]
    visits: tuple[FieldRecord, ...]
    clocks: tuple[Deadline, ...]
    media: tuple[Medium, ...]
    entries: tuple[JournalEntry, ...]

    @property
    def simulated(self) -> bool:
        """Whether made-up people stand behind any part of it."""
        signed = [self.case.signed, *(one.signed for one in self.case.steps), *(one.signed for one in self.findings)]
        words = (*(one.simulated for one in signed), *(one.simulated for one in self.verdicts), self.lead.simulated)
        return any(words)


def matters_of(store: Store, case_id: str, at: datetime) -> CaseMatters:
    """Gather a case.

    Args:
        store: the home; several questions of one state.
        case_id: a case.
        at: as known then.

    Raises:
        Refusal: `unknown_case`.
    """
    with store.snapshot():
        case = cases.case(store, case_id, at)
        if case is None:
            raise Refusal(case_id or "(empty)", "unknown_case")
        (lead,) = alerts.leads(store, at, lead_id=case.lead_id)
        of = {kind: _refs(case, kind) for kind in ("alert", "check", "report")}
        views = tuple(alerts.view(store, one, at) for one in dict.fromkeys((*lead.alert_ids, *of["alert"])))
        asked = (checks.check(store, one, at) for one in of["check"])
        held = tuple(one for one in asked if one is not None)
        on_desk = tuple(_exceedances(store, of["report"], at))
        found = tuple(checks.findings(store, at, lead_id=lead.id))
        visits = tuple(field.records(store, at, lead_id=lead.id))
        subjects = [case.id, lead.id, *(v.alert.id for v in views), *(c.id for c in held), *of["report"]]
        subjects += [one.exceedance.id for one in on_desk]
        clocks = tuple(one for one in standing(store, at) if one.clock.subject in subjects)
        return CaseMatters(
            case, lead, views, tuple(v for view in views for v in alerts.verdicts(store, view.alert.id, as_of=at)),
            held, on_desk, found, visits, clocks, (*_media(store, case, views, held, on_desk, at), *_photos(visits)),
            tuple(_entries(store, subjects, at)),
        )  # fmt: skip


def _refs(case: CaseFile, kind: str) -> list[str]:
    return [one.ref for one in case.evidence if one.kind == kind]


def _exceedances(store: Store, reports: Sequence[str], at: datetime) -> Iterator[DeskMatter]:
    for name in reports:
        for report in cases.reports(store, at, report_id=name):
            found = desk.matter(store, report.exceedance, at)
            if found is not None:
                yield found


def _entries(store: Store, subjects: Iterable[str], at: datetime) -> list[JournalEntry]:
    about = [one for name in dict.fromkeys(subjects) for one in journal.of_subject(store, name)]
    found = {one.seq: one for one in about if one.at <= at}
    return [found[seq] for seq in sorted(found)]


def _media(
    store: Store,
    case: CaseFile,
    views: Sequence[AlertView],
    held: Sequence[NonSiteCheck],
    on_desk: Sequence[DeskMatter],
    at: datetime,
) -> Iterator[Medium]:
    """Each original once: pictures of the alerts, what checks and audits link to, files of reports and of the case."""
    seen: set[str] = set()
    links = [(item.link, one.id) for one in held for item in one.items]
    links += [(e.link, one.exceedance.id) for one in on_desk for e in one.evidence]
    links += [(f"file:{ref}", case.id) for ref in _refs(case, "file")]
    for view in views:
        links += [(f"frame:{o.frame_id}", view.alert.id) for o in observations.of_alert(store, view.alert.id, as_of=at)]
    files_ = [(f, r.id) for one in on_desk for r in one.reports for f in desk.files_of(store, r.id)]
    for medium in (*_of_links(store, links), *(_of_report(*pair) for pair in files_)):
        if medium.sha256 not in seen and files.place_of(store.home, medium.sha256).is_file():
            seen.add(medium.sha256)
            yield medium


def _of_links(store: Store, links: Iterable[tuple[str, str]]) -> Iterator[Medium]:
    for link, of in links:
        where, _, name = link.partition(":")
        try:
            if where == "frame":
                yield _of_frame(store, frames.get(store, name), of)
            elif where == "file":
                held = frames.by_file(store, [name]).get(name, [])
                yield _of_frame(store, held[0], of) if held else _of_file(store, name, of)
        except UnknownRow:
            continue


def _of_frame(store: Store, frame: Frame, of: str) -> Medium:
    tags = frame.tags
    device = " ".join(str(tags[key]) for key in ("make", "model", "serial_number") if tags.get(key))
    by = flights.get(store, frame.flight_id).added_by
    lon, lat = (_number(tags.get(key)) for key in ("lon", "lat"))
    return Medium(
        frame.file_sha256,
        frame.name.partition(" @ ")[0],
        of,
        frame.observed_at,
        device,
        lon,
        lat,
        frame.received_at,
        by,
    )


def _of_file(store: Store, sha256: str, of: str) -> Medium:
    held = cases.held_file(store, sha256)
    if held is None:
        raise UnknownRow(f"file {sha256[:12]}")
    return Medium(sha256, held.name, of, None, "", None, None, held.received_at, "")


def _of_report(file: ReportFile, report_id: str) -> Medium:
    return Medium(file.sha256, file.name, report_id, None, "", None, None, None, "")


def _photos(visits: Sequence[FieldRecord]) -> Iterator[Medium]:
    for one in visits:
        for p in one.photos:
            yield Medium(p.sha256, p.name, one.id, p.taken_at, p.device, p.lon, p.lat, one.signed.at, one.signed.by)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
