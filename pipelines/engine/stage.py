"""What the engine needs to know of a stage, and the key by which work counts as done."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from enforcement import policy as law
from pipelines.records import Done, Outcome, Provenance, Refused, Status
from pipelines.settings import Settings, digest
from pipelines.store import Store
from pipelines.store.write.runs import WorkDone
from pipelines.version import CODE_VERSION, code_identity


@dataclass(frozen=True, slots=True)
class Context:
    """What one execution of a stage is told: the instant it looks from, its settings, the law in force."""

    as_of: datetime
    settings: Settings
    policy_version: str
    week: str | None = None
    targets: int | None = None
    seed: int | None = None
    flight: str | None = None
    cell_m: float | None = None

    @classmethod
    def at(cls, as_of: datetime, settings: Settings, **weekly: Any) -> Context:
        """The context for an instant, with the law as it is installed."""
        return cls(as_of=as_of, settings=settings, policy_version=law.load().version, **weekly)


@dataclass(frozen=True, slots=True)
class Work:
    """One item for a stage. `payload` is the stage's own type; `key` says when it need not be done again."""

    item: str
    key: str
    payload: Any


RunFunction = Callable[..., Iterator[Outcome]]


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage as the engine sees it.

    Args:
        name: the stage's word, in runs, keys and JSON.
        pending: all items there are, done or not, in the order they are to be run.
        run: the stage's function.
        settings: this stage's part of the settings.
        save: stores the outcomes of a chunk; called inside the transaction that also marks them done.
        model: SHA-256 over the models (or the height model) in use, where there are any.
        ready: refuses the whole run where something it needs is missing, before an item could be blamed for it.
        lawful: whether the policy's version is part of the key.
        spread: whether chunks may run in other processes; else the whole work is one chunk.
        one_to_one: whether the stage yields one outcome for each item, in order.
    """

    name: str
    pending: Callable[[Store, Context], Sequence[Work]]
    run: RunFunction
    settings: Callable[[Settings], object]
    save: Callable[[Any, Sequence[Work], Sequence[Outcome], Provenance, Context], None]
    model: Callable[[Settings], str | None] = lambda settings: None
    ready: Callable[[Settings], None] = lambda settings: None
    lawful: bool = False
    spread: bool = True
    one_to_one: bool = True

    def key(self, context: Context, *inputs: str) -> str:
        """Stage, inputs, settings, code, models and policy in one word: the same word is the same work."""
        parts = {
            "stage": self.name, "inputs": inputs, "settings": digest(self.settings(context.settings)),
            "code": CODE_VERSION, "model": self.model(context.settings),
            "policy": context.policy_version if self.lawful else None,
        }  # fmt: skip
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def provenance(self, context: Context, run_id: str) -> Provenance:
        """What every row of this run carries."""
        return Provenance(
            run_id=run_id, code_version=code_identity(), settings_sha256=digest(self.settings(context.settings)),
            model_sha256=self.model(context.settings), policy_version=context.policy_version if self.lawful else None,
        )  # fmt: skip


def work_done(stage: str, work: Work, outcome: Outcome) -> WorkDone:
    """The mark that an item need not be done again, with how it ended."""
    if isinstance(outcome, Refused):
        return WorkDone(work.key, stage, work.item, Status.REFUSED, outcome.reason, outcome.detail)
    said = "; ".join(" ".join([note.code, *map(str, note.values.values())]) for note in outcome.warnings)
    return WorkDone(work.key, stage, work.item, outcome.status, outcome.reason, said)


def results(outcomes: Iterable[Outcome]) -> list[Any]:
    """What the finished outcomes hold, in order."""
    return [outcome.result for outcome in outcomes if isinstance(outcome, Done)]


def refusals(outcomes: Iterable[Outcome]) -> list[Refused]:
    """The refused ones, in order."""
    return [outcome for outcome in outcomes if isinstance(outcome, Refused)]
