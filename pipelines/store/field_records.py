"""Plain types of a visit's record, and of what the city's platform sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipelines.store.case_records import Signed


@dataclass(frozen=True, slots=True)
class FieldPhoto:
    """A photograph of a visit, held among the originals; time, device and place as far as it says them."""

    sha256: str
    name: str
    taken_at: datetime | None
    device: str
    lon: float | None
    lat: float | None


@dataclass(frozen=True, slots=True)
class FieldRecord:
    """现场检查记录: who was there, whether identity was shown and notice given, what the party said, who signed."""

    id: str
    finding_id: str
    lead_id: str
    began_at: datetime
    ended_at: datetime
    inspectors: tuple[str, ...]
    identity_shown: bool
    notice_given: bool
    party: str
    statement: str
    signature: str
    reason: str
    rules: tuple[str, ...]
    signed: Signed
    photos: tuple[FieldPhoto, ...] = ()


@dataclass(frozen=True, slots=True)
class PlatformRecord:
    """A row of the city's platform: our fields in `content`, columns that the mapping does not name in `others`."""

    kind: str
    key: str
    content: Mapping[str, Any]
    others: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PlatformImport:
    """A file of the platform that came in, with the mapping by which it was read."""

    id: str
    kind: str
    file_sha256: str
    mapping_sha256: str
    columns: tuple[str, ...]
    rows: int
    signed: Signed
