"""An import is one thing: looked at, accepted, taken back; and what was known at any past instant stays as it was."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enforcement.registry import Enterprise
from pipelines.casework.registry import Delivery, import_registry
from pipelines.casework.registry_imports import undo_import
from pipelines.casework.users import add_user
from pipelines.errors import Refusal
from pipelines.store import Store, files, journal
from pipelines.store.read import journal as read_journal
from pipelines.store.read import registry, registry_imports
from tests.store import making
from tests.store.making import FIRM, NOW, OTHER_FIRM

THIRD_FIRM = "91310107MA1G00003C"
DAY = timedelta(days=1)


def deliver(store: Store, folder: Path, words: dict[str, str], *, at=NOW, by=None, office="", **options):
    """Import a file that says of each firm one credit class."""
    source = folder / "企业.csv"
    source.write_text(f"{sorted(words.items())}", "utf-8")
    sha256 = files.sha256_of(source)
    facts = [
        making.enterprise_of(uscc, row=n, at=at, source=sha256, credit_class=word)
        for n, (uscc, word) in enumerate(words.items(), start=1)
    ]
    delivery = Delivery("enterprise", len(facts), office=office)
    return import_registry(store, facts, source=source, by=by, at=at, delivery=delivery, **options)


def classes(store: Store, as_of) -> dict[str, str | None]:
    return {firm.uscc: firm.credit_class for firm in registry.at(store, as_of).enterprises}


def test_an_import_notes_its_counts_and_its_rows_name_it(store, tmp_path):
    done = deliver(store, tmp_path, {FIRM: "green", OTHER_FIRM: "blue"}, office="生态环境局")
    (held,) = registry_imports.all_imports(store)
    assert (held.id, held.kind, held.office, held.by, held.undone) == (
        done.import_id, "enterprise", "生态环境局", "owner", None,
    )  # fmt: skip
    assert (held.rows, held.imported, held.changed, held.unchanged, held.refused) == (2, 2, 0, 0, 0)
    assert {row["import_id"] for row in store.rows("SELECT import_id FROM registry_row")} == {done.import_id}
    assert journal.verify(store).ok


def test_the_same_file_again_is_no_second_import(store, tmp_path):
    deliver(store, tmp_path, {FIRM: "green"})
    again = deliver(store, tmp_path, {FIRM: "green"}, at=NOW + DAY)
    assert (again.import_id, again.act.state) == (None, "unchanged")
    assert len(registry_imports.all_imports(store)) == 1


def test_a_newer_file_is_compared_field_by_field_and_missing_things_are_said_not_ended(store, tmp_path):
    deliver(store, tmp_path, {FIRM: "green", OTHER_FIRM: "blue"})
    newer = [
        making.enterprise_of(FIRM, row=1, credit_class="red"),
        making.enterprise_of(THIRD_FIRM, row=2),
        making.enterprise_of(THIRD_FIRM, row=3, name="另一家"),
    ]
    changes = registry_imports.compare(store, "enterprise", newer)
    assert [one.key for one in changes.new] == [THIRD_FIRM]
    assert [(one.key, [(f.field, f.old, f.new) for f in one.fields]) for one in changes.changed] == [
        (FIRM, [("credit_class", "green", "red")])
    ]
    assert [(gone.key, gone.source_row) for gone in changes.gone] == [(OTHER_FIRM, "2")]
    assert [(no.item, no.reason) for no in changes.refused] == [("row 3", "registry_row_twice")]
    assert changes.unchanged == 0
    assert classes(store, NOW) == {FIRM: "green", OTHER_FIRM: "blue"}


def test_what_another_office_gave_is_not_missed_in_this_office_s_file(store, tmp_path):
    deliver(store, tmp_path, {FIRM: "green"}, office="水务局")
    deliver(store, tmp_path, {OTHER_FIRM: "green"}, office="生态环境局", at=NOW + DAY)
    changes = registry_imports.compare(store, "enterprise", [], office="生态环境局")
    assert [gone.key for gone in changes.gone] == [OTHER_FIRM]


def test_what_was_looked_at_is_taken_in_and_nothing_else(store, tmp_path):
    deliver(store, tmp_path, {FIRM: "green"})
    looked_at = registry_imports.compare(store, "enterprise", [making.enterprise_of(FIRM, credit_class="red")]).sha256
    deliver(store, tmp_path, {FIRM: "yellow"}, at=NOW + DAY)
    with pytest.raises(Refusal) as refused:
        deliver(store, tmp_path, {FIRM: "red"}, at=NOW + 2 * DAY, changes_sha256=looked_at)
    assert refused.value.reason == "registry_moved"
    assert classes(store, NOW + 3 * DAY) == {FIRM: "yellow"}
    looked_at = registry_imports.compare(store, "enterprise", [making.enterprise_of(FIRM, credit_class="red")]).sha256
    assert deliver(store, tmp_path, {FIRM: "red"}, at=NOW + 3 * DAY, changes_sha256=looked_at).changed == 1


def test_an_undo_ends_what_was_written_and_says_again_what_was_ended(store, tmp_path):
    deliver(store, tmp_path, {FIRM: "green"})
    wrong = deliver(store, tmp_path, {FIRM: "red", OTHER_FIRM: "red"}, at=NOW + DAY)
    back = undo_import(store, wrong.import_id, by=None, at=NOW + 2 * DAY, reason="文件错了")
    assert (back.act.state, back.ended, back.said_again) == ("undone", 2, 1)
    assert classes(store, NOW + 2 * DAY) == {FIRM: "green"}
    assert classes(store, NOW + DAY) == {FIRM: "red", OTHER_FIRM: "red"}
    (firm,) = registry.at(store, NOW + 2 * DAY).enterprises
    assert (firm.received_at, firm.source_row) == (NOW + 2 * DAY, "1")
    entry = read_journal.entry(store, back.act.journal_entry)
    assert (entry.kind, entry.payload["reason"], entry.payload["ended"]) == ("registry_import_undone", "文件错了", 2)
    assert journal.verify(store).ok


def test_an_undo_a_second_time_changes_nothing_and_says_so(store, tmp_path):
    done = deliver(store, tmp_path, {FIRM: "green"})
    first = undo_import(store, done.import_id, by=None, at=NOW + DAY, reason="重复")
    again = undo_import(store, done.import_id, by=None, at=NOW + 2 * DAY, reason="又一次")
    assert (again.act.state, again.ended, again.act.journal_entry) == ("unchanged", 0, first.act.journal_entry)


def test_an_earlier_import_may_be_taken_back_and_what_a_later_one_said_stays(store, tmp_path):
    first = deliver(store, tmp_path, {FIRM: "green", OTHER_FIRM: "green"})
    second = deliver(store, tmp_path, {FIRM: "red"}, at=NOW + DAY)
    back = undo_import(store, first.import_id, by=None, at=NOW + 2 * DAY, reason="错")
    assert (back.ended, back.said_again) == (1, 0)
    assert classes(store, NOW + 2 * DAY) == {FIRM: "red"}
    undo_import(store, second.import_id, by=None, at=NOW + 3 * DAY, reason="错")
    assert classes(store, NOW + 3 * DAY) == {}
    assert classes(store, NOW + DAY) == {FIRM: "red", OTHER_FIRM: "green"}


def test_what_a_second_file_repeated_stays_when_the_first_is_taken_back(store, tmp_path):
    first = deliver(store, tmp_path, {FIRM: "green", OTHER_FIRM: "red"})
    second = deliver(store, tmp_path, {THIRD_FIRM: "blue", FIRM: "green"}, at=NOW + DAY)
    assert second.unchanged == 1
    back = undo_import(store, first.import_id, by=None, at=NOW + 2 * DAY, reason="错")
    assert (back.ended, back.said_again) == (2, 1)
    assert classes(store, NOW + 2 * DAY) == {FIRM: "green", THIRD_FIRM: "blue"}
    (firm,) = [one for one in registry.at(store, NOW + 2 * DAY).enterprises if one.key == FIRM]
    assert (firm.source_row, firm.received_at) == ("2", NOW + 2 * DAY)  # its word now, by its row of its file
    undo_import(store, second.import_id, by=None, at=NOW + 3 * DAY, reason="错")
    assert classes(store, NOW + 3 * DAY) == {}
    assert journal.verify(store).ok


@pytest.mark.parametrize(
    ("import_id", "reason", "word"), [("RI-0", "x", "unknown_import"), (None, "  ", "undo_without_reason")]
)
def test_an_undo_without_import_or_reason_is_refused(store, tmp_path, import_id, reason, word):
    done = deliver(store, tmp_path, {FIRM: "green"})
    with pytest.raises(Refusal) as refused:
        undo_import(store, import_id or done.import_id, by=None, at=NOW + DAY, reason=reason)
    assert refused.value.reason == word
    assert classes(store, NOW + DAY) == {FIRM: "green"}


def test_a_role_that_may_not_undoes_nothing(store, tmp_path):
    done = deliver(store, tmp_path, {FIRM: "green"})
    add_user(store, "admin", "administrator", by=None, at=NOW)
    add_user(store, "wu", "auditor", by="admin", at=NOW)
    with pytest.raises(Refusal) as refused:
        undo_import(store, done.import_id, by="wu", at=NOW + DAY, reason="x")
    assert refused.value.reason == "role_forbids"
    assert classes(store, NOW + DAY) == {FIRM: "green"}


def test_a_delivery_that_changes_nothing_is_news_and_an_undone_one_is_none(store, tmp_path):
    deliver(store, tmp_path, {FIRM: "green"})
    source = tmp_path / "同样.csv"
    source.write_text("another file that says the same", "utf-8")
    same = [making.enterprise_of(at=NOW + DAY, source=files.sha256_of(source), credit_class="green")]
    done = import_registry(store, same, source=source, by=None, at=NOW + DAY)
    assert (done.unchanged, done.import_id is not None) == (1, True)
    assert registry_imports.news(store, NOW + 2 * DAY) == {"enterprise": NOW + DAY}
    assert registry_imports.news(store, NOW) == {"enterprise": NOW}
    wrong = deliver(store, tmp_path, {FIRM: "red"}, at=NOW + 3 * DAY)
    undo_import(store, wrong.import_id, by=None, at=NOW + 4 * DAY, reason="错")
    assert registry_imports.news(store, NOW + 3 * DAY) == {"enterprise": NOW + 3 * DAY}
    assert registry_imports.news(store, NOW + 5 * DAY) == {"enterprise": NOW + DAY}


FIRMS = (FIRM, OTHER_FIRM, THIRD_FIRM)
FILES = st.dictionaries(st.sampled_from(FIRMS), st.sampled_from(("green", "blue", "red")), min_size=1)


@dataclass(frozen=True)
class Step:
    """What is imported, and which of the imports that stand are then taken back, each counted from the oldest."""

    words: dict[str, str]
    undone: list[int]


STEPS = st.lists(st.builds(Step, FILES, st.lists(st.integers(0, 4), max_size=2)), min_size=1, max_size=6)


@settings(max_examples=30, deadline=None)
@given(STEPS)
def test_the_registry_holds_what_the_standing_imports_said_and_no_past_answer_changes(steps):
    """Against a plain model: the dictionaries of the imports that stand, laid over each other in their order."""
    with TemporaryDirectory() as folder, Store.open(Path(folder) / "home") as store:
        clock, standing, past = NOW, {}, {}
        for step in steps:
            clock += DAY
            done = deliver(store, Path(folder), step.words, at=clock)
            if done.import_id is not None:
                standing[done.import_id] = step.words
            past[clock] = _answers(store, clock)
            for number in step.undone:
                if number < len(standing):
                    clock += DAY
                    name = list(standing)[number]
                    undo_import(store, name, by=None, at=clock, reason="错")
                    del standing[name]
                    past[clock] = _answers(store, clock)
            expected = {}
            for words in standing.values():
                expected |= words
            assert classes(store, clock) == expected
            assert {at: _answers(store, at) for at in past} == past
        assert journal.verify(store).ok


def _answers(store: Store, as_of) -> tuple[Enterprise, ...]:
    """What the registry says as of an instant, with where and when each row was learnt."""
    return tuple(replace(firm) for firm in registry.at(store, as_of).enterprises)
