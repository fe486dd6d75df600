"""What comes round once a Beijing day without anybody asking: the signed head of the journal."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from pipelines.settings import Settings
from pipelines.store import Store, head, signed_heads
from pipelines.store.canonical import BEIJING, from_instant
from pipelines.store.signed_heads import SignedHead


def sign_head_of_day(store: Store, settings: Settings, *, at: datetime) -> SignedHead | None:
    """Sign the journal's last entry, where nothing was signed yet on this Beijing day.

    Args:
        store: the home.
        settings: `engine.signed_heads_to` names a file to which the head is added as well.
        at: now.

    Returns:
        The head that was signed, or None where this day has one, or the journal is empty.

    Raises:
        Refusal: as `signed_heads.sign` and `signed_heads.keep`.
    """
    last = signed_heads.last(store.home)
    if last is not None and _day(from_instant(last.at)) >= _day(at):
        return None
    if head.in_database(store).seq == 0:
        return None
    made, _ = signed_heads.sign(store, at)
    if settings.engine.signed_heads_to:
        signed_heads.keep(Path(settings.engine.signed_heads_to).expanduser(), made)
    return made


def _day(at: datetime) -> str:
    return at.astimezone(BEIJING).date().isoformat()
