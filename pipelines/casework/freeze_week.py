"""The draft of a week becomes the week's list."""

from __future__ import annotations

from datetime import datetime

from pipelines.casework.acting import acting, noted
from pipelines.errors import Refusal
from pipelines.records import Act
from pipelines.store import Store
from pipelines.store.read import weekly as read
from pipelines.store.write import weekly as write


def freeze_week(store: Store, week: str, *, by: str | None, at: datetime, sha256: str | None = None) -> Act:
    """Freeze the youngest draft of a week. Later drafts get later versions and never touch it.

    Args:
        store: the home.
        week: ISO week, as 2026-W48.
        by: the account, or None for the local owner.
        at: when; drafts made after it are not seen.
        sha256: content hash of the draft that the person looked at; None freezes the youngest whatever it holds.

    Returns:
        The plan's id (week/version), state `frozen`; the entry holds the plan's hash.

    Raises:
        Refusal: the role may not, `no_draft_of_week`, `week_already_frozen`, `draft_moved` where a later draft
            stands in the place of the one looked at, or `draft_altered` where the stored rows no longer give the hash
            with which they were drafted.
    """
    with acting(store, by, "weekly_freeze", at) as (tx, user):
        frozen = read.frozen_in(tx, week)
        if frozen is not None:
            said = f"version {frozen.version}, by {frozen.frozen_by}"
            raise Refusal(week, "week_already_frozen", said)
        draft = read.latest(store, week, as_of=at)
        if draft is None:
            raise Refusal(week, "no_draft_of_week")
        if sha256 is not None and draft.sha256 != sha256:
            said = f"version {draft.version}, {draft.sha256[:12]}, not {sha256[:12]}"
            raise Refusal(read.plan_id(week, draft.version), "draft_moved", said)
        if write.content_sha256(draft) != draft.sha256:
            raise Refusal(read.plan_id(week, draft.version), "draft_altered", draft.sha256[:12])
        write.freeze(tx, draft, by=user.id, at=at)
        name = read.plan_id(week, draft.version)
        payload = {"week": week, "version": draft.version, "sha256": draft.sha256, "targets": len(draft.targets)}
        return Act(name, "frozen", noted(tx, user, at=at, kind="week_frozen", subject=name, payload=payload))
