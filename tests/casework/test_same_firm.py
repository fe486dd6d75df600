"""One firm or two: what a person says of a proposal, how the registry reads under it, and how it is taken back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from enforcement.registry import Enterprise, Inspection
from pipelines.casework.same_firm import decide
from pipelines.casework.users import add_user
from pipelines.engine.same_firm import look
from pipelines.errors import Refusal
from pipelines.settings import Settings
from pipelines.store import Store, files, journal
from pipelines.store.read import firms, registry, same_firm
from pipelines.store.write import flights
from pipelines.store.write import registry as write
from tests.store.making import NOW, file_of, sha

CODE, OTHER = "91310107MA1FT4R979", "91310107MA1FQ5J764"
NAME = "上海示例里建设工程有限公司"
LEARNT = {"received_at": NOW, "source_sha256": sha("book"), "source_row": "1"}
HOUR = timedelta(hours=1)


def book(store: Store, *facts, at=NOW) -> None:
    held = file_of("book.csv", b"book")
    files.hold(store, b"book", held.sha256)
    with store.transaction() as tx:
        flights.insert_files(tx, None, [held])
        write.import_facts(tx, facts)
        journal.append(tx, at=at, actor="owner", role="owner", kind="registry_imported", subject="book", payload={})


@pytest.fixture()
def told(store: Store) -> Store:
    """A firm, its twin without code, a visit that names it without code, and another firm."""
    book(
        store,
        Enterprise(**LEARNT, uscc=CODE, name=NAME, address="真北路958号"),
        Enterprise(**LEARNT, uscc="org-" + CODE[8:17], name="上海示例里工程有限责任公司", org_code=CODE[8:17]),
        Enterprise(**LEARNT, uscc=OTHER, name="上海示例家具涂装有限公司"),
        Inspection(**LEARNT, inspection_id="V1", enterprise=None, name=NAME, on=date(2026, 10, 1), found=True),
    )
    return store


def looked(store: Store, at=NOW) -> dict[tuple[str, str], str]:
    look(store, by=None, at=at, settings=Settings())
    return {one.pair.left: one.id for one in same_firm.proposals(store, at)}


VISIT, TWIN = ("inspection", "V1"), ("enterprise", "org-" + CODE[8:17])


def test_a_look_proposes_the_twin_and_the_visit_and_nothing_else(told):
    assert set(looked(told)) == {VISIT, TWIN}


def test_the_same_look_again_writes_nothing(told):
    looked(told)
    before = len(journal_of(told))
    again = look(told, by=None, at=NOW + HOUR, settings=Settings())
    assert (again.new, again.ended, again.act.state) == (0, 0, "unchanged")
    assert len(journal_of(told)) == before


def test_proposing_alone_changes_nothing_of_the_registry(told):
    before = registry.at(told, NOW)
    looked(told)
    assert registry.at(told, NOW) == before


def test_after_same_the_visit_counts_for_the_firm_and_the_twin_is_no_firm_of_its_own(told):
    found = looked(told)
    assert violations(told, NOW) == 0
    for pair in (VISIT, TWIN):
        decide(told, found[pair], "same", by=None, at=NOW + HOUR, reason="档案室核对")
    later = NOW + HOUR
    assert {firm.uscc for firm in registry.facts(told, Enterprise, later)} == {CODE, OTHER}
    assert violations(told, later) == 1
    assert {firm.uscc for firm in registry.held(told, Enterprise, later)} == {CODE, OTHER, TWIN[1]}


def test_as_of_before_the_decision_the_registry_is_as_it_was(told):
    before = registry.at(told, NOW)
    found = looked(told)
    decide(told, found[TWIN], "same", by=None, at=NOW + HOUR)
    assert registry.at(told, NOW) == before


def test_undone_it_is_as_before_and_all_three_words_stay(told):
    found = looked(told)
    before = registry.facts(told, Enterprise, NOW)
    decide(told, found[TWIN], "same", by=None, at=NOW + HOUR)
    act = decide(told, found[TWIN], "undone", by=None, at=NOW + 2 * HOUR, reason="认错了")
    assert act.state == "open"
    assert registry.facts(told, Enterprise, NOW + 2 * HOUR) == before
    assert [row["value"] for row in told.rows("SELECT value FROM firm_decision ORDER BY id")] == ["same", "undone"]
    assert journal.verify(told).ok


def test_the_same_word_twice_is_one_entry(told):
    found = looked(told)
    first = decide(told, found[TWIN], "same", by=None, at=NOW + HOUR)
    assert decide(told, found[TWIN], "same", by=None, at=NOW + 2 * HOUR) == first
    assert len(told.rows("SELECT 1 FROM firm_decision")) == 1


def test_a_decision_outlives_the_proposal_that_it_was_made_on(told):
    found = looked(told)
    decide(told, found[VISIT], "different", by=None, at=NOW + HOUR)
    later = {**LEARNT, "received_at": NOW + 2 * HOUR, "source_row": "9"}
    book(told, Enterprise(**later, uscc=CODE, name=NAME, address="真北路1号"), at=NOW + 2 * HOUR)
    looked(told, NOW + 3 * HOUR)
    [now] = [one for one in same_firm.proposals(told, NOW + 3 * HOUR) if one.pair.left == VISIT]
    assert now.decision is not None
    assert now.decision.value == "different"


@pytest.mark.parametrize(("value", "reason"), [("undone", "nothing_to_undo"), ("same", "unknown_firm_proposal")])
def test_what_cannot_be_said(told, value, reason):
    found = looked(told)
    name = found[TWIN] if value == "undone" else "FP-none"
    with pytest.raises(Refusal) as refused:
        decide(told, name, value, by=None, at=NOW)
    assert refused.value.reason == reason


def test_a_proposal_that_ended_cannot_be_accepted(told):
    found = looked(told)
    later = {**LEARNT, "received_at": NOW + HOUR, "source_row": "7"}
    changed = Enterprise(**later, uscc=TWIN[1], name="上海无关食品有限公司")
    book(told, changed, at=NOW + HOUR)
    looked(told, NOW + 2 * HOUR)
    with pytest.raises(Refusal) as refused:
        decide(told, found[TWIN], "same", by=None, at=NOW + 2 * HOUR)
    assert refused.value.reason == "firm_proposal_ended"


@pytest.mark.parametrize("role", ["operator", "station", "contractor", "auditor", "administrator", "inspector"])
def test_roles_that_may_not_decide_are_refused_by_row(told, role):
    found = looked(told)
    add_user(told, "管理员", "administrator", by=None, at=NOW)
    if role != "administrator":
        add_user(told, "其他人", role, by="管理员", at=NOW)
    with pytest.raises(Refusal) as refused:
        decide(told, found[TWIN], "same", by="管理员" if role == "administrator" else "其他人", at=NOW)
    assert refused.value.reason == "role_forbids"
    assert "act_firm_decide" in refused.value.detail


def violations(store: Store, at) -> int:
    return next(firm.violations for firm in firms.facts(store, at) if firm.enterprise == CODE)


def journal_of(store: Store) -> list:
    return store.rows("SELECT seq FROM journal")
