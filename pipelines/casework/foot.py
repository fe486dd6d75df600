"""Was somebody there? What the last finding in the field says of an alert."""

from __future__ import annotations

from datetime import datetime

from enforcement import policy as law
from enforcement.verdicts import VerdictValue, finding_verdict
from pipelines.casework.acting import beijing_day
from pipelines.store import Store
from pipelines.store.read import checks


def last_found(store: Store, alert_id: str, at: datetime) -> str | None:
    """The last word of who was there; None where nobody was, or nobody reached it."""
    on = beijing_day(at)
    found = [
        one.found
        for one in checks.findings(store, at, alert_id=alert_id)
        if finding_verdict(one.found, policy=law.load(), on=on) is not VerdictValue.CANNOT_TELL
    ]
    return found[-1] if found else None


def foot_checked(store: Store, alert_id: str, at: datetime) -> bool:
    """Whether what was seen from the air was found there, by the row `foot_check`."""
    return last_found(store, alert_id, at) in law.load().at("foot_check", beijing_day(at)).words("confirms")
