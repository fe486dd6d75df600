"""Opening a home, transactions, migrations."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from pipelines.store import Store, journal, migrate
from pipelines.store.canonical import instant
from pipelines.store.errors import HomeIsNewer, HomeUnusable, NoHome, NotADatabase, NotJournaled
from pipelines.store.home import DATABASE
from pipelines.store.read import counts, flights, frames
from tests.store import making
from tests.store.making import NOW


def _entry(tx):
    return journal.append(tx, at=NOW, actor="a", role="owner", kind="k", subject="s", payload={})


def _flight(tx, name="F-1"):
    tx.execute("INSERT INTO flight VALUES (?, 'n', 'a', ?)", (name, instant(NOW)))


def test_a_home_is_made_once_and_opened_again(home):
    with Store.open(home) as store:
        assert counts.totals(store)["flights"] == 0
    with Store.open(home, create=False) as again:
        assert again.row("SELECT count(*) FROM schema_migration")[0] == len(migrate.known())
    assert (home / "journal.head").is_file()


def test_a_home_that_is_not_there_is_refused_and_not_made(home):
    with pytest.raises(NoHome) as refused:
        Store.open(home, create=False)
    assert refused.value.reason == "no_home"
    assert not home.exists()


def test_a_file_that_is_no_database_is_refused(home):
    home.mkdir()
    (home / DATABASE).write_bytes(b"not a database, " * 1000)
    with pytest.raises(NotADatabase) as refused:
        Store.open(home)
    assert refused.value.reason == "not_a_database"


def test_a_home_that_cannot_be_made_or_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("x")
    for home in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(HomeUnusable) as refused:
            Store.open(home)
        assert refused.value.reason == "home_unusable"
    (tmp_path / "home" / DATABASE).mkdir(parents=True)
    with pytest.raises(HomeUnusable):
        Store.open(tmp_path / "home")


def test_a_home_that_another_process_keeps_to_itself_is_refused_in_time(home, monkeypatch):
    monkeypatch.setattr("pipelines.store.home.BUSY_TIMEOUT_MS", 50)
    with Store.open(home) as store:
        store.row("PRAGMA busy_timeout = 50")
        other = sqlite3.connect(home / DATABASE, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(HomeUnusable, match="locked"), store.transaction():
            pass
        assert flights.all(store) == [], "reading goes on"
        other.execute("ROLLBACK")
        other.close()


def test_a_home_of_a_later_version_is_refused(home):
    with Store.open(home):
        pass
    raw = sqlite3.connect(home / DATABASE)
    raw.execute("INSERT INTO schema_migration VALUES (9999, 'later', 'x', 'y')")
    raw.commit()
    raw.close()
    with pytest.raises(HomeIsNewer):
        Store.open(home)


def test_commits_are_safe_against_power_loss_and_foreign_keys_hold(store):
    assert store.row("PRAGMA journal_mode")[0] == "wal"
    assert store.row("PRAGMA synchronous")[0] == 2  # FULL
    with pytest.raises(sqlite3.IntegrityError), store.transaction() as tx:
        tx.execute("INSERT INTO frame_footprint (frame_id, status, run_id) VALUES ('nobody', 'ok', 'none')")


def test_whatever_is_raised_in_a_transaction_rolls_it_back_whole(store):
    with pytest.raises(KeyError), store.transaction() as tx:
        _flight(tx)
        _entry(tx)
        raise KeyError("in the middle")
    assert flights.all(store) == []
    assert counts.totals(store)["journal_entries"] == 0
    with store.transaction() as tx:  # and the next one starts clean
        _flight(tx)
        _entry(tx)
    assert len(flights.all(store)) == 1


def test_rows_without_an_entry_are_not_kept(store):
    with pytest.raises(NotJournaled, match="flight F-1"), store.transaction() as tx:
        _flight(tx)
    with pytest.raises(NotJournaled), store.transaction() as tx:
        _entry(tx)
        _flight(tx)  # after the entry
    assert counts.totals(store)["flights"] == counts.totals(store)["journal_entries"] == 0


def test_our_own_code_can_neither_delete_a_journaled_row_nor_touch_the_journal(store):
    with store.transaction() as tx:
        _flight(tx)
        _entry(tx)
    for sql in (
        "DELETE FROM flight",
        "DELETE FROM journal_row",
        "UPDATE journal SET actor = 'x'",
        "DELETE FROM journal",
    ):
        with pytest.raises(sqlite3.IntegrityError), store.transaction() as tx:
            tx.execute(sql)
    assert journal.verify(store).ok


def test_a_snapshot_shows_one_state_while_another_process_writes(home):
    with Store.open(home) as reader, Store.open(home) as writer:
        with reader.snapshot():
            assert flights.all(reader) == []
            with writer.transaction() as tx:
                _flight(tx)
                _entry(tx)
            assert flights.all(reader) == []
        assert len(flights.all(reader)) == 1


def test_threads_share_a_store_and_none_sees_half_a_transaction(store):
    half, seen = threading.Event(), []

    def read() -> None:
        half.wait(5)
        seen.append(counts.totals(store)["flights"])

    reader = threading.Thread(target=read)
    reader.start()
    with store.transaction() as tx:
        _flight(tx, "F-1")
        half.set()
        reader.join(0.2)
        _flight(tx, "F-2")
        _entry(tx)
    reader.join(5)
    assert seen == [2]


def test_no_file_stays_open_when_a_home_is_closed(home):
    def open_files() -> int:
        return sum(1 for link in Path("/proc/self/fd").iterdir() if str(home) in str(link.resolve(strict=False)))

    with Store.open(home) as store:
        making.add_whole(store)
        assert open_files() > 0
    assert open_files() == 0


# ---- migrations -----------------------------------------------------------------------------------------------------


def test_the_kept_old_home_comes_to_todays_form_and_still_verifies(old_home):
    with Store.open(old_home) as store:
        assert store.row("SELECT max(number) FROM schema_migration")[0] == len(migrate.known())
        (flight,) = flights.all(store)
        assert flight.flight.id == "F-2026-1124-01"
        assert [f.name for f in frames.all(store)] == ["a.jpg", "b.jpg"]
        # its originals are not kept with it: nothing else may be amiss
        assert {b.reason for b in journal.verify(store).breaks} == {"evidence_missing"}


def test_migrations_that_were_shipped_are_not_edited():
    """Their hashes: a change of a shipped form is a new file."""
    shipped = {
        line.split()[0]: line.split()[1]
        for line in (Path(__file__).parent / "shipped_migrations.txt").read_text().splitlines()
    }
    assert {f"{m.number:04d}_{m.name}": m.sha256 for m in migrate.known()} == shipped


def _scratch() -> sqlite3.Connection:
    return sqlite3.connect(":memory:", isolation_level=None)


def test_a_migration_that_fails_leaves_the_form_before_it():
    scratch = _scratch()
    first = migrate.Migration(1, "first", "CREATE TABLE a (x); INSERT INTO a VALUES (1);")
    bad = migrate.Migration(2, "bad", "ALTER TABLE a ADD COLUMN y; CREATE TABLE a (x);")
    good = migrate.Migration(2, "good", "ALTER TABLE a ADD COLUMN y;")
    assert migrate.bring_up_to_date(scratch, "t", [first]) == 1
    with pytest.raises(sqlite3.OperationalError):
        migrate.bring_up_to_date(scratch, "t", [first, bad])
    assert [c[1] for c in scratch.execute("PRAGMA table_info(a)")] == ["x"]
    assert migrate.bring_up_to_date(scratch, "t", [first, good]) == 1
    assert migrate.bring_up_to_date(scratch, "t", [first, good]) == 0
    assert [r[0] for r in scratch.execute("SELECT name FROM schema_migration")] == ["first", "good"]
    scratch.close()


def test_a_script_falls_into_its_statements():
    sql = (
        "CREATE TABLE a (x); -- one; two\n"
        "CREATE TRIGGER t AFTER INSERT ON a BEGIN\n  DELETE FROM a;\n  DELETE FROM a;\nEND;\n"
        "-- end\n"
    )
    found = list(migrate.statements(sql))
    assert len(found) == 2
    assert found[1].count("DELETE") == 2
    with pytest.raises(ValueError, match="without its end"):
        list(migrate.statements("CREATE TABLE a (x)"))


def test_a_question_to_a_damaged_part_of_the_file_is_refused_by_name(home):
    with Store.open(home) as store:
        store.row("PRAGMA wal_checkpoint(TRUNCATE)")
        page = store.row("PRAGMA page_size")[0]
        with (home / DATABASE).open("r+b") as file:
            size = file.seek(0, 2)
            for start in range(page, size, page):
                file.seek(start)
                file.write(b"\xff" * 64)
        store.row("PRAGMA shrink_memory")
        with pytest.raises(NotADatabase):
            store.rows("SELECT * FROM alert")
