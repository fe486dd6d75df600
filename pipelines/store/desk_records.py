"""Plain types of the station's desk: an exceedance that is judged, what was looked at, the report's files, delivery."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pipelines.store.case_records import AuditReport, Receipt, Signed

WRITTEN, MONITOR = "written", "monitor"
"""Who says that a limit was exceeded: a person who read it elsewhere, or the machine from what devices sent here."""
OPEN, NOT_VALID, REPORTED, DELIVERED, RECEIVED = "open", "not_valid", "reported", "delivered", "received"
STATES = (OPEN, REPORTED, DELIVERED, RECEIVED, NOT_VALID)


@dataclass(frozen=True, slots=True)
class DeskExceedance:
    """An exceedance as it lies on the station's desk.

    Attributes:
        id: `X-…` where a person wrote it down, else the machine's.
        source: `written` or `monitor`.
        mn: the device; its own number, or how the person called it.
        point: code of its monitor point; "" where none is registered.
        enterprise_uscc: the firm, where one is known.
        pollutant: its code or name.
        period: one of `enforcement.audit.PERIODS`.
        begin: of the first mean beyond the limit.
        end: of the last one.
        value: the mean farthest beyond.
        limit: in `unit`.
        below: whether it lies below a least value (pH).
        unit: of both.
        limit_link: where the limit stands: `rule:…`, `permit:…`, `document:…`.
        document: where a person read it; "" of the machine's.
        known_at: since when this home knows of it.
        signed: who wrote it down; None of the machine's.
        excused_by: filings that may explain it.
        times: how many means of the day lie beyond the limit, where the machine counted them.
        allowed: how many may.
        withdrawn: the machine, judging anew, does not find it any more; kept where somebody acted on it.
    """

    id: str
    source: str
    mn: str
    point: str
    enterprise_uscc: str | None
    pollutant: str
    period: str
    begin: datetime
    end: datetime
    value: float
    limit: float
    below: bool
    unit: str
    limit_link: str
    document: str
    known_at: datetime
    signed: Signed | None
    excused_by: tuple[str, ...] = ()
    times: int = 0
    allowed: int = 0
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class AuditEvidence:
    """What the station's person looked at: `link` finds it again, `seen_from` is when that was so."""

    id: int
    exceedance: str
    kind: str
    link: str
    seen_from: datetime
    showed: str
    signed: Signed


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A file of a report, held among the originals."""

    kind: str  # pdf | json | csv
    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class ReportDelivery:
    """That a report went to the brigade, and under which number."""

    report_id: str
    document: str
    signed: Signed


@dataclass(frozen=True, slots=True)
class DeskMatter:
    """An exceedance with all that was done about it until an instant."""

    exceedance: DeskExceedance
    evidence: tuple[AuditEvidence, ...]
    reports: tuple[AuditReport, ...]
    delivery: ReportDelivery | None
    receipt: Receipt | None

    @property
    def report(self) -> AuditReport | None:
        """The report that stands: the last one."""
        return self.reports[-1] if self.reports else None

    @property
    def state(self) -> str:
        """One of `STATES`."""
        if self.report is None:
            return OPEN
        if self.receipt is not None:
            return RECEIVED
        if self.delivery is not None:
            return DELIVERED
        return REPORTED if self.report.valid else NOT_VALID

    @property
    def waits_for_the_station(self) -> bool:
        """Whether the next step is the station's."""
        return self.state in (OPEN, REPORTED)
