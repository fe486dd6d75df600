"""The one place that reads the wall clock. Everything else is told the time."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")
"""The zone that days are counted in; no daylight saving time since 1991."""


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def seconds() -> float:
    """A monotonic reading in seconds, for measuring how long something took."""
    return time.perf_counter()
