"""Each act: role, law, change and one entry in one transaction; refused or broken, it leaves nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from pipelines import casework, wording
from pipelines import store as store_package
from pipelines.casework import acting
from pipelines.casework.freeze_week import freeze_week
from pipelines.casework.lead import open_lead
from pipelines.casework.registry import import_registry, set_basemap, set_district
from pipelines.casework.requests import request_flight, request_run
from pipelines.casework.seen import mark_seen
from pipelines.casework.users import add_user
from pipelines.casework.verdict import record_verdict
from pipelines.errors import Refusal
from pipelines.records import Act
from pipelines.store import files, journal
from pipelines.store.home import DATABASE
from pipelines.store.read import alerts, counts, jobs, people, registry, weekly
from pipelines.store.read import journal as read_journal
from tests.casework.desk import everything
from tests.store import making
from tests.store.making import FIRM, NOW, OTHER_FIRM


def _registry_file(folder, text="uscc\n") -> tuple:
    source = folder / "企业.csv"
    source.write_text(text, "utf-8")
    return source, files.sha256_of(source)


def _district(store, folder, by, wkb=b"wkb"):
    source, _ = _registry_file(folder, "outline")
    box = (121.3, 31.2, 121.5, 31.3)
    return set_district(
        store, name="普陀", outline_wkb=wkb, crs="EPSG:4326", area_km2=54.9, box=box, source=source, by=by, at=NOW
    )


def _import(store, folder, by, **changes):
    source, sha = _registry_file(folder)
    return import_registry(store, [making.enterprise_of(source=sha, **changes)], source=source, by=by, at=NOW)


def _basemap(store, folder, by):
    source = folder / "water.geojson"
    source.write_text(json.dumps({"type": "FeatureCollection", "features": []}))
    return set_basemap(store, "water", source, by=by, at=NOW)


def _lead(store, folder, by):
    return open_lead(store, ["A-1"], by=by, at=NOW, next_step="letter", reason="扬尘")


ACTS: dict[str, tuple[Callable, str, str, str]] = {
    # name: (the act, a role that may, one that may not, the entry's kind)
    "verdict": (lambda s, f, by: record_verdict(s, "A-1", "lawful", by=by, at=NOW), "analyst", "admin", "verdict"),
    "lead": (_lead, "leader", "operator", "lead_opened"),
    "freeze": (lambda s, f, by: freeze_week(s, "2026-W48", by=by, at=NOW), "leader", "analyst", "week_frozen"),
    "user": (lambda s, f, by: add_user(s, "neu", "station", by=by, at=NOW), "admin", "leader", "user_added"),
    "run": (lambda s, f, by: request_run(s, by=by, at=NOW), "operator", "auditor", "work_requested"),
    "flight": (lambda s, f, by: request_flight(s, [f], by=by, at=NOW), "operator", "contractor", "work_requested"),
    "seen": (lambda s, f, by: mark_seen(s, ["A-1"], by=by, at=NOW), "inspector", "auditor", "alerts_seen"),
    "registry": (lambda s, f, by: _import(s, f, by).act, "analyst", "operator", "registry_imported"),
    "district": (_district, "admin", "inspector", "district_set"),
    "basemap": (_basemap, "analyst", "contractor", "basemap_set"),
}  # fmt: skip


@pytest.mark.parametrize("name", ACTS)
def test_an_act_writes_one_entry_in_the_name_and_role_of_who_did_it(busy, tmp_path, name):
    act, role, _, kind = ACTS[name]
    before = counts.totals(busy)["journal_entries"]
    done = act(busy, tmp_path, role)
    assert isinstance(done, Act)
    assert counts.totals(busy)["journal_entries"] == before + 1
    entry = read_journal.entry(busy, done.journal_entry)
    account = people.user(busy, role)
    assert (entry.seq, entry.actor, entry.role, entry.kind, entry.at) == (
        before + 1,
        account.id,
        account.role,
        kind,
        NOW,
    )
    assert "simulated" not in entry.payload
    assert journal.verify(busy).ok


@pytest.mark.parametrize("name", ACTS)
def test_an_act_done_again_changes_nothing_and_names_the_first_entry(busy, tmp_path, name):
    act, role, _, _ = ACTS[name]
    first = act(busy, tmp_path, role)
    before = everything(busy)
    if name == "freeze":
        with pytest.raises(Refusal) as refused:
            act(busy, tmp_path, role)
        assert refused.value.reason == "week_already_frozen"
    else:
        again = act(busy, tmp_path, role)
        assert (again.id, again.journal_entry) == (first.id, first.journal_entry)
    assert everything(busy) == before


@pytest.mark.parametrize("name", ACTS)
def test_a_role_that_may_not_is_refused_and_leaves_a_note_at_most(busy, tmp_path, name):
    act, _, role, _ = ACTS[name]
    before = everything(busy)
    held = sorted((busy.home / "evidence").rglob("*"))
    with pytest.raises(Refusal) as refused:
        act(busy, tmp_path, role)
    assert refused.value.reason == "role_forbids"
    assert "act_" in refused.value.detail
    after = everything(busy)
    noted = {"journal", "journal_row", "refused_act"}
    assert {name: rows for name, rows in after.items() if name not in noted} == {
        name: rows for name, rows in before.items() if name not in noted
    }
    added = after["journal"][len(before["journal"]) :]
    assert after["journal"][: len(before["journal"])] == before["journal"]
    assert [entry[4] for entry in added] in ([], ["act_refused"])
    assert len(after["refused_act"]) == len(added)
    assert sorted((busy.home / "evidence").rglob("*")) == held


@pytest.mark.parametrize("name", ACTS)
def test_an_act_that_breaks_off_before_its_entry_leaves_nothing(busy, tmp_path, name, monkeypatch):
    act, role, _, _ = ACTS[name]
    before = everything(busy)

    def broken(*_args, **_options):
        raise OSError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(acting.journal, "append", broken)
        with pytest.raises(OSError, match="full"):
            act(busy, tmp_path, role)
    assert everything(busy) == before
    assert act(busy, tmp_path, role).journal_entry == before["journal"][-1][0] + 1
    assert journal.verify(busy).ok


@pytest.mark.parametrize("name", ACTS)
def test_an_act_of_a_made_up_person_says_so(store, tmp_path, name):
    act, role, _, _ = ACTS[name]
    add_user(store, "admin", "administrator", by=None, at=NOW, simulated=True)
    for one in ("analyst", "operator", "inspector", "leader"):
        add_user(store, one, one, by="admin", at=NOW, simulated=True)
    making.add_whole(store)
    making.add_draft(store)
    record_verdict(store, "A-1", "confirmed", by="inspector", at=NOW)
    if name == "user":
        done = add_user(store, "neu", "station", by="admin", at=NOW, simulated=True)
    else:
        done = act(store, tmp_path, role)
    assert read_journal.entry(store, done.journal_entry).payload["simulated"] is True


def test_an_act_holds_the_database_to_itself_from_its_role_check_on(busy, tmp_path):
    """A second process cannot slip a change between check and write: it is the only writer from the start."""
    import sqlite3

    other = sqlite3.connect(busy.home / DATABASE, timeout=0, isolation_level=None)
    with acting.acting(busy, "analyst", "verdict", NOW) as (_, user):
        assert user.id == "analyst"
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
    other.execute("BEGIN IMMEDIATE")
    other.close()


# ---- the week -------------------------------------------------------------------------------------------------------


def test_a_frozen_week_stays_as_it_is_whatever_is_drafted_later(busy):
    frozen = freeze_week(busy, "2026-W48", by="leader", at=NOW)
    plan = weekly.in_force(busy, "2026-W48")
    assert (frozen.id, plan.state, plan.frozen_by, plan.frozen_at) == ("2026-W48/1", "frozen", "leader", NOW)
    assert read_journal.entry(busy, frozen.journal_entry).payload["sha256"] == plan.sha256
    newer = making.add_draft(busy, making.plan_of(seed=8))
    assert (newer.version, newer.state) == (2, "draft")
    assert weekly.latest(busy, "2026-W48") == newer
    assert weekly.in_force(busy, "2026-W48") == plan
    with pytest.raises(Refusal) as refused:
        freeze_week(busy, "2026-W48", by="leader", at=NOW)
    assert refused.value.reason == "week_already_frozen"
    assert weekly.in_force(busy, "2026-W48") == plan
    assert journal.verify(busy).ok


def test_a_list_is_frozen_only_while_it_is_the_one_that_was_looked_at(busy):
    seen = weekly.latest(busy, "2026-W48")
    newer = making.add_draft(busy, making.plan_of(seed=8))
    before = everything(busy)
    with pytest.raises(Refusal) as refused:
        freeze_week(busy, "2026-W48", by="leader", at=NOW, sha256=seen.sha256)
    assert (refused.value.reason, refused.value.where) == ("draft_moved", "2026-W48/2")
    assert newer.sha256[:12] in refused.value.detail
    assert everything(busy) == before
    assert freeze_week(busy, "2026-W48", by="leader", at=NOW, sha256=newer.sha256).id == "2026-W48/2"


def test_the_database_itself_allows_one_frozen_plan_a_week(busy):
    import sqlite3

    freeze_week(busy, "2026-W48", by="leader", at=NOW)
    making.add_draft(busy, making.plan_of(seed=8))
    with pytest.raises(sqlite3.IntegrityError), busy.transaction() as tx:
        tx.execute("UPDATE weekly_plan SET state = 'frozen' WHERE version = 2")


def test_the_same_draft_again_is_the_same_version(busy):
    draft = weekly.latest(busy, "2026-W48")
    assert making.add_draft(busy, making.plan_of(at=NOW + timedelta(days=1))) == draft
    assert making.add_draft(busy, making.plan_of(firms=(FIRM, OTHER_FIRM))).version == 2
    expected = making.plan_of()
    assert (draft.targets, draft.exempt, draft.week, draft.seed) == (expected.targets, expected.exempt, "2026-W48", 7)
    assert weekly.weeks(busy) == ["2026-W48"]


def test_only_a_draft_that_was_there_is_frozen(busy):
    for week, at in (("2026-W49", NOW), ("2026-W48", NOW - timedelta(seconds=1))):
        with pytest.raises(Refusal) as refused:
            freeze_week(busy, week, by="leader", at=at)
        assert refused.value.reason == "no_draft_of_week"


def test_a_draft_that_was_altered_behind_the_journal_is_not_frozen(busy):
    import sqlite3

    raw = sqlite3.connect(busy.home / DATABASE)
    raw.execute("UPDATE weekly_target SET name = '别家'")
    raw.commit()
    raw.close()
    with pytest.raises(Refusal) as refused:
        freeze_week(busy, "2026-W48", by="leader", at=NOW)
    assert refused.value.reason == "draft_altered"
    assert [b.reason for b in journal.verify(busy).breaks] == ["row_changed"]


# ---- asking for work, marks, registry -------------------------------------------------------------------------------


def test_work_that_is_asked_for_waits_with_all_the_worker_needs(busy, tmp_path):
    (tmp_path / "DJI 航").mkdir()
    done = request_flight(busy, [tmp_path / "DJI 航"], by="operator", at=NOW, name="飞行二")
    job = jobs.get(busy, int(done.id))
    assert (job.kind, job.state, job.asked_by) == ("add_flight", "waiting", "operator")
    assert job.payload == {
        "paths": [str(tmp_path / "DJI 航")], "name": "飞行二", "track": None, "camera": None, "by": "operator"
    }  # fmt: skip
    asked = request_run(busy, by="analyst", at=NOW, stages=("detect", "locate"))
    assert jobs.get(busy, int(asked.id)).payload == {"stages": ["detect", "locate"]}
    assert request_run(busy, by="leader", at=NOW, stages=("detect", "locate")) == asked


def test_a_delivery_that_is_not_there_is_refused(busy, tmp_path):
    for paths, reason in (([], "nothing_delivered"), ([tmp_path, tmp_path / "absent"], "no_such_file")):
        with pytest.raises(Refusal) as refused:
            request_flight(busy, paths, by="operator", at=NOW)
        assert refused.value.reason == reason
    assert jobs.all(busy) == []


def test_seen_is_each_persons_own(busy):
    mark_seen(busy, ["A-1"], by="analyst", at=NOW)
    analyst, leader = people.user(busy, "analyst"), people.user(busy, "leader")
    seen = [alerts.view(busy, "A-1", NOW, user=user).seen for user in (analyst, "analyst", leader, None)]
    assert seen == [True, True, False, False]
    with pytest.raises(Refusal) as refused:
        mark_seen(busy, ["A-1", "A-0"], by="leader", at=NOW)
    assert refused.value.reason == "unknown_alert"
    assert not alerts.view(busy, "A-1", NOW, user=leader).seen


def test_a_registry_file_is_held_and_its_rows_name_it(busy, tmp_path):
    done = _import(busy, tmp_path, "analyst")
    assert (done.imported, done.changed, done.unchanged, done.refused) == (1, 0, 0, ())
    assert files.path_of(busy, done.act.id).read_text() == "uscc\n"
    (firm,) = registry.at(busy, NOW).enterprises
    assert firm.source_sha256 == done.act.id
    again = _import(busy, tmp_path, "analyst")
    assert (again.act.state, again.unchanged) == ("unchanged", 1)


def test_facts_of_another_file_are_a_defect_of_the_caller(busy, tmp_path):
    source, _ = _registry_file(tmp_path)
    with pytest.raises(ValueError, match="not from"):
        import_registry(busy, [making.enterprise_of()], source=source, by="analyst", at=NOW)


def test_a_newer_outline_replaces_the_one_before(busy, tmp_path):
    assert _district(busy, tmp_path, "analyst").state == "set"
    assert _district(busy, tmp_path, "analyst").state == "unchanged"
    assert _district(busy, tmp_path, "analyst", wkb=b"other").state == "set"
    assert registry.district(busy).outline_wkb == b"other"


@pytest.mark.parametrize("text", ["{", "[]", '{"type": "Feature"}', "外"])
def test_a_basemap_that_is_none_is_refused(busy, tmp_path, text):
    source = tmp_path / "x.geojson"
    source.write_text(text, "utf-8")
    with pytest.raises(Refusal) as refused:
        set_basemap(busy, "water", source, by="analyst", at=NOW)
    assert refused.value.reason == "not_a_feature_collection"


WORD = re.compile(
    r"""(?:Refusal|Refused|Break)\((?:[^()]|\([^()]*\))*?, "([a-z]+(?:_[a-z]+)+)"|^    reason = "([a-z_]+)\"""",
    re.MULTILINE,
)


def test_every_word_with_which_store_and_acts_refuse_has_its_sentence():
    """The words as they stand in the code: the second argument of a refusal, or the class's own."""
    folders = [Path(module.__file__).parent for module in (casework, store_package)]
    code = "\n".join(file.read_text("utf-8") for folder in folders for file in folder.rglob("*.py"))
    words = {a or b for a, b in WORD.findall(code)} | {"worker_lost", "not_attributed_yet"}
    assert {"who_acts", "journal_gap", "no_home", "registry_row_twice", "week_already_frozen", "row_removed"} <= words
    assert words - set(wording.sentences()) == set()
