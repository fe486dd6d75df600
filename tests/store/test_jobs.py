"""The queue: one lease at a time, none lost, none forever."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from pipelines.store import Store
from pipelines.store.errors import UnknownRow
from pipelines.store.read import jobs as read
from pipelines.store.write import jobs
from tests.store.making import NOW


def _ask(store, kind="run", payload=None, **options):
    with store.transaction() as tx:
        return jobs.request(tx, kind, payload or {}, by="owner", at=NOW, **options)


def _later(seconds: float):
    return NOW + timedelta(seconds=seconds)


def test_the_same_work_is_not_asked_for_twice_while_it_waits(store):
    first, is_new = _ask(store, payload={"stages": ["detect"], "a": 1})
    again, again_new = _ask(store, payload={"a": 1, "stages": ["detect"]})
    other, other_new = _ask(store, payload={"stages": []})
    assert (is_new, again_new, other_new) == (True, False, True)
    assert again == first
    assert other.id != first.id
    jobs.lease(store, "w", now=NOW, seconds=60)
    third, third_new = _ask(store, payload={"a": 1, "stages": ["detect"]})
    assert third_new, "one that is being worked on may have missed what came since"
    assert third.id != first.id


def test_jobs_come_in_order_of_their_due_time_and_never_before_it(store):
    late, _ = _ask(store, payload={"n": 1}, due_at=_later(100))
    soon, _ = _ask(store, payload={"n": 2}, due_at=_later(50))
    assert jobs.lease(store, "w", now=_later(49), seconds=60) is None
    assert jobs.lease(store, "w", now=_later(200), seconds=60).id == soon.id
    assert jobs.lease(store, "w", now=_later(200), seconds=60).id == late.id


def test_a_lease_holds_while_it_beats_and_is_taken_when_it_does_not(store):
    job, _ = _ask(store)
    leased = jobs.lease(store, "w1", now=NOW, seconds=60)
    assert (leased.id, leased.state, leased.lease_owner, leased.attempts) == (job.id, "leased", "w1", 1)
    assert jobs.heartbeat(store, job.id, "w1", now=_later(50), seconds=60)
    assert jobs.lease(store, "w2", now=_later(100), seconds=60) is None
    taken = jobs.lease(store, "w2", now=_later(111), seconds=60)
    assert (taken.id, taken.lease_owner, taken.attempts) == (job.id, "w2", 2)
    assert not jobs.heartbeat(store, job.id, "w1", now=_later(112), seconds=60)
    assert not jobs.finish(store, job.id, "w1", now=_later(112))
    assert not jobs.fail(store, job.id, "w1", now=_later(112), reason="x")
    assert jobs.finish(store, job.id, "w2", now=_later(113))
    assert read.get(store, job.id).state == "done"
    assert read.pending(store) == []


def test_a_job_whose_workers_vanish_is_put_aside_and_the_next_one_is_given(store):
    doomed, _ = _ask(store, payload={"n": 1})
    for attempt in range(2):
        assert jobs.lease(store, f"w{attempt}", now=_later(attempt * 100), seconds=60, max_attempts=2).id == doomed.id
    good, _ = _ask(store, payload={"n": 2})
    assert jobs.lease(store, "w9", now=_later(500), seconds=60, max_attempts=2).id == good.id
    put_aside = read.get(store, doomed.id)
    assert (put_aside.state, put_aside.reason) == ("failed", "worker_lost")


def test_a_failed_attempt_waits_its_time_and_the_last_one_ends_the_job(store):
    job, _ = _ask(store)
    jobs.lease(store, "w", now=NOW, seconds=60)
    assert jobs.fail(store, job.id, "w", now=_later(1), reason="defect", max_attempts=2, again_after_s=30)
    waiting = read.get(store, job.id)
    assert (waiting.state, waiting.reason, waiting.lease_owner) == ("waiting", "defect", None)
    assert jobs.lease(store, "w", now=_later(30), seconds=60) is None
    jobs.lease(store, "w", now=_later(31), seconds=60)
    assert jobs.fail(store, job.id, "w", now=_later(32), reason="defect", max_attempts=2)
    assert read.get(store, job.id).state == "failed"
    assert jobs.lease(store, "w", now=_later(999), seconds=60) is None


def test_a_failed_attempt_gives_way_to_the_same_work_asked_for_meanwhile(store):
    job, _ = _ask(store)
    jobs.lease(store, "w", now=NOW, seconds=60)
    twin, _ = _ask(store)
    assert jobs.fail(store, job.id, "w", now=_later(1), reason="defect")
    assert [j.id for j in read.pending(store)] == [twin.id]


def test_a_refused_job_keeps_its_reason(store):
    job, _ = _ask(store)
    jobs.lease(store, "w", now=NOW, seconds=60)
    jobs.finish(store, job.id, "w", now=_later(1), state="refused", reason="no_such_file", detail="/x")
    assert (read.get(store, job.id).state, read.get(store, job.id).reason) == ("refused", "no_such_file")
    with pytest.raises(UnknownRow):
        read.get(store, 99)


def test_many_workers_share_many_jobs_and_each_is_given_once(home):
    with Store.open(home) as store:
        for n in range(12):
            _ask(store, payload={"n": n})
    given: list[int] = []

    def work(name: str) -> None:
        with Store.open(home) as own:
            while (job := jobs.lease(own, name, now=NOW, seconds=60)) is not None:
                given.append(job.id)

    workers = [threading.Thread(target=work, args=(f"w{i}",)) for i in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert sorted(given) == list(range(1, 13))
