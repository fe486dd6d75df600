"""Alerts: the machine's word, and what people made of it by an instant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from sqlite3 import Row

from enforcement.attribution import Attribution
from pipelines.records import OPEN_STATES, Alert, AlertView, Lead, User, Verdict
from pipelines.store import rows
from pipelines.store.canonical import from_instant, instant, to_json
from pipelines.store.errors import UnknownRow
from pipelines.store.home import Store
from pipelines.store.read import attributions
from pipelines.store.records import AttributionRow, KnownAlert
from pipelines.store.transaction import Asked

ALL = "SELECT * FROM alert WHERE received_at <= ?1 AND (?2 IS NULL OR id = ?2) ORDER BY received_at DESC, id"
LINKS = """
SELECT l.alert_id, l.observation_id, o.confidence, o.sigma_major_m, o.frame_id, o.flight_id, o.detection_id,
    coalesce(o.observed_at, o.received_at) AS seen_at
FROM alert_observation AS l
JOIN observation AS o ON o.row = (
    SELECT max(row) FROM observation WHERE id = l.observation_id AND received_at <= ?1
)
WHERE l.linked_at <= ?1 AND (l.ended_at IS NULL OR l.ended_at > ?1) AND (?2 IS NULL OR l.alert_id = ?2)
ORDER BY l.alert_id, l.id
"""
FIRST_LINKS = LINKS.replace("AND (l.ended_at IS NULL OR l.ended_at > ?1)", "")
ATTRIBUTIONS = """
SELECT alert_id, attribution_id FROM alert_attribution
WHERE linked_at <= ?1 AND (ended_at IS NULL OR ended_at > ?1) AND (?2 IS NULL OR alert_id = ?2) ORDER BY id
"""
VERDICTS = """
SELECT * FROM verdict
WHERE at <= ?1 AND (?2 IS NULL OR alert_id = ?2) AND undoes IS NULL
    AND id NOT IN (SELECT undoes FROM verdict WHERE undoes IS NOT NULL AND at <= ?1)
ORDER BY at, id
"""
LED = """
SELECT a.alert_id FROM lead_alert AS a JOIN lead AS l ON l.id = a.lead_id
WHERE l.at <= ?1 AND (?2 IS NULL OR a.alert_id = ?2)
    AND NOT EXISTS (SELECT 1 FROM lead_close AS c WHERE c.lead_id = l.id AND c.at <= ?1)
"""
SEEN = "SELECT alert_id FROM alert_seen WHERE user_id = ?1 AND at <= ?2"
MARKS = "SELECT id, alert_id FROM alert_seen WHERE user_id = ? AND alert_id IN (SELECT value FROM json_each(?))"
DETECTIONS = """
SELECT * FROM detection WHERE row IN (
    SELECT max(row) FROM detection_span
    WHERE id IN (SELECT value FROM json_each(?1)) AND known_from <= ?2 GROUP BY id
)
"""
MEMBERS = "SELECT lead_id, alert_id FROM lead_alert WHERE lead_id IN (SELECT value FROM json_each(?)) ORDER BY id"
OPEN_LEADS_ON = """
SELECT * FROM lead
WHERE id NOT IN (SELECT lead_id FROM lead_close) AND id IN (
    SELECT lead_id FROM lead_alert WHERE alert_id IN (SELECT value FROM json_each(?))
)
ORDER BY at, id
"""
OPEN_LEADS = """
SELECT * FROM lead WHERE id IN (SELECT value FROM json_each(?)) AND id NOT IN (SELECT lead_id FROM lead_close)
ORDER BY at, id
"""
FILED = "SELECT lead_id FROM casefile WHERE ?1 IS NULL OR at <= ?1"
ENDED = "SELECT lead_id FROM lead_close WHERE ?1 IS NULL OR at <= ?1"
LEADS = "SELECT * FROM lead WHERE at <= ?1 AND (?2 IS NULL OR id = ?2) ORDER BY at DESC, id DESC"


def known(store: Store, as_of: datetime) -> list[KnownAlert]:
    """The alerts known by an instant with what they hold, in order of receipt: what new observations may join."""
    with store.snapshot():
        now = instant(as_of)
        links = _grouped(store.rows(LINKS, (now, None)))
        held = {row["alert_id"]: row["attribution_id"] for row in store.rows(ATTRIBUTIONS, (now, None))}
        alerts = [rows.alert_of(row) for row in reversed(store.rows(ALL, (now, None)))]
    return [
        KnownAlert(
            alert=alert,
            observation_ids=tuple(link["observation_id"] for link in links[alert.id]),
            last_observed_at=max((from_instant(li["seen_at"]) for li in links[alert.id]), default=alert.observed_at),
            attribution_id=held.get(alert.id),
        )
        for alert in alerts
    ]


def open(store: Store, as_of: datetime) -> list[Alert]:
    """The alerts on which nobody has said a word by an instant, youngest first."""
    return [view.alert for view in views(store, as_of, only_open=True)]


def views(
    store: Store,
    as_of: datetime,
    *,
    user: User | str | None = None,
    only_open: bool = False,
    alert_id: str | None = None,
) -> list[AlertView]:
    """Alerts as the queue shows them, youngest first.

    Args:
        store: the home.
        as_of: alerts, links, verdicts and leads after it are not seen.
        user: the account, or its id, whose mark "seen" is shown; None shows none.
        only_open: only those without a standing verdict or lead.
        alert_id: only this one.
    """
    with store.snapshot():
        seen = _Seen(store, instant(as_of), user, alert_id)
        alerts = [rows.alert_of(row) for row in store.rows(ALL, (instant(as_of), alert_id))]
        wanted = [alert for alert in alerts if not only_open or seen.state(alert.id) in OPEN_STATES]
        return seen.built(store, wanted)


def view(store: Store, alert_id: str, as_of: datetime, *, user: User | str | None = None) -> AlertView:
    """One alert as the queue shows it.

    Raises:
        UnknownRow: no such alert by that instant.
    """
    found = views(store, as_of, user=user, alert_id=alert_id)
    if not found:
        raise UnknownRow(f"alert {alert_id}")
    return found[0]


def get(store: Store, alert_id: str) -> Alert | None:
    """One alert, or None."""
    row = store.row("SELECT * FROM alert WHERE id = ?", (alert_id,))
    return None if row is None else rows.alert_of(row)


def verdicts(store: Store, alert_id: str, *, as_of: datetime | None = None) -> list[Verdict]:
    """What people said of an alert, oldest first, with what was taken back and the taking back."""
    sql = "SELECT * FROM verdict WHERE alert_id = ?1 AND (?2 IS NULL OR at <= ?2) ORDER BY at, id"
    now = None if as_of is None else instant(as_of)
    return [rows.verdict_of(row) for row in store.rows(sql, (alert_id, now))]


def leads(store: Store, as_of: datetime, *, lead_id: str | None = None) -> list[Lead]:
    """The leads opened by an instant, youngest first."""
    with store.snapshot():
        return _leads(store, store.rows(LEADS, (instant(as_of), lead_id)), instant(as_of))


def open_leads_on(asked: Asked, alert_ids: Iterable[str]) -> list[Lead]:
    """The leads that are not closed and rest on any of these alerts, also inside a transaction; oldest first."""
    heads = asked.rows(OPEN_LEADS_ON, (to_json(list(alert_ids)),))
    return _leads(asked, heads)


def open_leads(asked: Asked, lead_ids: Iterable[str]) -> list[Lead]:
    """Those of these leads that are not closed, also inside a transaction; oldest first."""
    return _leads(asked, asked.rows(OPEN_LEADS, (to_json(sorted(lead_ids)),)))


def marks_of(asked: Asked, alert_ids: Iterable[str], user_id: str) -> dict[str, str]:
    """A user's marks "seen" on these alerts, also inside a transaction: the mark's number by alert id."""
    found = asked.rows(MARKS, (user_id, to_json(list(alert_ids))))
    return {row["alert_id"]: str(row["id"]) for row in found}


def _leads(asked: Asked, heads: list[Row], now: str | None = None) -> list[Lead]:
    """The leads of these rows, each in the state of that instant, or of today."""
    members = defaultdict(list)
    states = {row["lead_id"]: "filed" for row in asked.rows(FILED, (now,))}
    states |= {row["lead_id"]: "closed" for row in asked.rows(ENDED, (now,))}
    for row in asked.rows(MEMBERS, (to_json([head["id"] for head in heads]),)):
        members[row["lead_id"]].append(row["alert_id"])
    return [
        Lead(
            id=row["id"],
            alert_ids=tuple(members[row["id"]]),
            state=states.get(row["id"], row["state"]),
            enterprise_uscc=row["enterprise_uscc"],
            next_step=row["next_step"],
            by=row["by"],
            at=from_instant(row["at"]),
            reason=row["reason"],
            simulated=bool(row["simulated"]),
        )
        for row in heads
    ]


class _Seen:
    """What stands around alerts at one instant, read in a fixed number of questions."""

    def __init__(self, store: Store, now: str, user: User | str | None, alert_id: str | None) -> None:
        self._as_of = now
        self._links = _grouped(store.rows(LINKS, (now, alert_id)))
        self._first_links = _grouped(store.rows(FIRST_LINKS, (now, alert_id)))
        self._held = {row["alert_id"]: row["attribution_id"] for row in store.rows(ATTRIBUTIONS, (now, alert_id))}
        said = store.rows(VERDICTS, (now, alert_id))
        self._verdicts = {row["alert_id"]: rows.verdict_of(row) for row in said}  # the latest that stands
        self._led = {row["alert_id"] for row in store.rows(LED, (now, alert_id))}
        user_id = user.id if isinstance(user, User) else user
        self._marks = {row["alert_id"] for row in store.rows(SEEN, (user_id, now))}

    def state(self, alert_id: str) -> str:
        """How far people got with it: open, waiting for a second person, judged or lead."""
        if alert_id in self._led:
            return "lead"
        if alert_id not in self._verdicts:
            return "open"
        return "second" if self._verdicts[alert_id].needs_second else "judged"

    def built(self, store: Store, alerts: list[Alert]) -> list[AlertView]:
        """The views of these alerts; every alert has at least the observation that raised it."""
        best = {alert.id: self._best(alert.id) for alert in alerts}
        asked = to_json([link["detection_id"] for link in best.values()])
        detections = {row["id"]: rows.detection_of(row) for row in store.rows(DETECTIONS, (asked, self._as_of))}
        weighed = attributions.by_id(store, self._held.values(), as_of=from_instant(self._as_of))
        return [
            AlertView(
                alert=alert,
                attribution=self._attribution(alert.id, weighed),
                observations=len(self._links[alert.id]),
                frame_id=best[alert.id]["frame_id"],
                detection=detections[best[alert.id]["detection_id"]],
                flight_id=best[alert.id]["flight_id"],
                state=self.state(alert.id),
                verdict=self._verdicts.get(alert.id),
                seen=alert.id in self._marks,
            )
            for alert in alerts
        ]

    def _best(self, alert_id: str) -> Row:
        """The observation that shows it best: most confident, then best placed. Ended links serve where no other is."""
        links = self._links[alert_id] or self._first_links[alert_id]
        if not links:
            raise LookupError(f"alert {alert_id} holds no observation")
        return max(links, key=lambda li: (li["confidence"], -(li["sigma_major_m"] or 0.0), li["observation_id"]))

    def _attribution(self, alert_id: str, weighed: dict[str, AttributionRow]) -> Attribution:
        held = self._held.get(alert_id)
        return weighed[held].attribution if held in weighed else attributions.NOT_ATTRIBUTED


def _grouped(links: list[Row]) -> defaultdict[str, list[Row]]:
    found = defaultdict(list)
    for link in links:
        found[link["alert_id"]].append(link)
    return found
