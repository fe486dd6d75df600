"""The chain: what verify finds, that it names it, and that it holds under several writers and kills."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.store import Store, files, journal
from pipelines.store.errors import NotADatabase
from pipelines.store.home import DATABASE
from pipelines.store.journaled import KEYS
from pipelines.store.read import journal as read
from tests.store import making
from tests.store.making import NOW

ROOT = Path(__file__).resolve().parents[2]


def _whole(home: Path) -> None:
    with Store.open(home) as store:
        making.add_whole(store)
        making.add_draft(store)
        making.tell(store, [making.enterprise_of(), making.enterprise_of(making.OTHER_FIRM, row=2)])


def _raw(home: Path, *statements: str | tuple) -> None:
    """Write behind the store's back."""
    raw = sqlite3.connect(home / DATABASE)
    for statement in statements:
        raw.execute(*(statement if isinstance(statement, tuple) else (statement,)))
    raw.commit()
    raw.close()


def _breaks(home: Path) -> list[journal.Break]:
    with Store.open(home) as store:
        return list(journal.verify(store).breaks)


def test_a_fresh_home_verifies_and_says_what_it_looked_at(home):
    _whole(home)
    with Store.open(home) as store:
        seen = journal.verify(store)
    assert (seen.ok, seen.entries, seen.files) == (True, 6, 2)


def test_an_empty_home_verifies(store):
    assert journal.verify(store) == journal.Verification(0, 0, ())


def test_the_hash_is_the_documented_one(home):
    """Computed here from the stored cells with nothing of ours: docs/ideas/journal.md."""
    _whole(home)
    raw = sqlite3.connect(home / DATABASE)
    previous = "0" * 64
    for row in raw.execute("SELECT * FROM journal ORDER BY seq"):
        text = json.dumps(list(row[:8]), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        assert row[7] == previous
        assert row[8] == hashlib.sha256(text.encode()).hexdigest()
        previous = row[8]
        listed = raw.execute("SELECT * FROM journal_row WHERE seq = ? ORDER BY 2, 3", (row[0],)).fetchall()
        lines = "".join(f"{t} {k} {d}\n" for _, t, k, d in listed)
        told = json.loads(row[6])
        assert (told["rows"], told["rows_sha256"]) == (len(listed), hashlib.sha256(lines.encode()).hexdigest())
    cursor = raw.execute("SELECT * FROM frame ORDER BY id LIMIT 1")
    names = [c[0] for c in cursor.description]
    cells = {n: v for n, v in zip(names, cursor.fetchone(), strict=True) if v is not None}
    digest = hashlib.sha256(
        json.dumps(cells, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    ).hexdigest()
    assert digest in {d for (d,) in raw.execute("SELECT sha256 FROM journal_row WHERE table_name = 'frame'")}
    raw.close()


def test_entries_answer_for_the_rows_they_wrote(store):
    making.add_whole(store)
    (alert_entry,) = (e for e in read.tail(store) if e.payload.get("stage") == "alert")
    assert [(t, k) for t, k, _ in read.rows_of(store, alert_entry.seq)] == [
        ("alert", "A-1"), ("alert_attribution", "1"), ("alert_observation", "1"), ("alert_observation", "2"),
    ]  # fmt: skip
    assert alert_entry.payload["rows"] == 4
    assert read.first_entry_of_row(store, "alert", "A-1") == alert_entry.seq


def test_the_journals_own_words_cannot_be_given(store):
    with pytest.raises(ValueError, match="journal's own"), store.transaction() as tx:
        journal.append(tx, at=NOW, actor="a", role="r", kind="k", subject="s", payload={"rows": 3})


@pytest.mark.parametrize(
    ("name", "statements", "expected"),
    [
        ("text of an entry", ["UPDATE journal SET actor = 'other' WHERE seq = 3"], {(3, "entry_changed")}),
        ("payload", ["UPDATE journal SET payload = replace(payload, '2', '3') WHERE seq = 2"], {(2, "entry_changed")}),
        (
            "same payload, other spelling",
            ["UPDATE journal SET payload = ' ' || payload WHERE seq = 4"],
            {(4, "entry_changed")},
        ),
        ("time", ["UPDATE journal SET at = '2020' || substr(at, 5) WHERE seq = 1"], {(1, "entry_changed")}),
        (
            "an entry removed",
            ["DELETE FROM journal_row WHERE seq = 3", "DELETE FROM journal WHERE seq = 3"],
            {(3, "journal_gap")},
        ),
        (
            "two entries swapped",
            [
                "UPDATE journal SET seq = 90 WHERE seq = 2",
                "UPDATE journal SET seq = 2 WHERE seq = 3",
                "UPDATE journal SET seq = 3 WHERE seq = 90",
            ],
            {(2, "entry_changed"), (3, "entry_changed"), (2, "entry_order"), (3, "entry_order"), (4, "entry_order")},
        ),
        (
            "the last entry cut",
            ["DELETE FROM journal_row WHERE seq = 6", "DELETE FROM journal WHERE seq = 6"],
            {(6, "journal_cut")},
        ),
        (
            "a row's digest",
            ["UPDATE journal_row SET sha256 = 'x' WHERE seq = 2 AND table_name = 'flight'"],
            {(2, "entry_rows_changed"), (2, "row_changed")},
        ),
        (
            "a row listed more",
            ["INSERT INTO journal_row VALUES (2, 'flight', 'F-9', 'x')"],
            {(2, "entry_rows_changed"), (2, "row_removed")},
        ),
        ("a journaled row", ["UPDATE alert SET confidence = 0.9"], {(4, "row_changed")}),
        ("a journaled row to nothing", ["UPDATE observation SET gsd_m = NULL"], {(3, "row_changed")}),
        ("a number of a run", ["UPDATE run SET seed = 8"], {(1, "row_changed")}),
        ("a row removed", ["DELETE FROM alert_observation WHERE id = 1"], {(4, "row_removed")}),
        ("a row brought in", ["INSERT INTO flight VALUES ('F-X', 'n', 'a', '2026')"], {(None, "row_not_journaled")}),
        (
            "a verdict brought in",
            [
                "INSERT INTO verdict (id, alert_id, value, by, role, at, reason, simulated)"
                " VALUES ('V', 'A-1', 'lawful', 'x', 'y', 'z', '', 0)"
            ],
            {(None, "row_not_journaled")},
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_each_kind_of_tampering_is_found_and_named(home, name, statements, expected):
    _whole(home)
    _raw(home, *statements)
    found = {(b.entry, b.reason) for b in _breaks(home)}
    assert expected <= found
    if name not in ("an entry removed", "the last entry cut", "two entries swapped"):  # these take more with them
        assert found == expected


def test_a_table_that_was_dropped_is_refused_by_name(home):
    _whole(home)
    _raw(home, "DROP TABLE weekly_exempt")
    with pytest.raises(NotADatabase, match="weekly_exempt"):
        Store.open(home)


def test_a_database_that_breaks_while_it_is_read_is_a_break_not_a_crash(home):
    _whole(home)
    with Store.open(home) as store:
        store.row("PRAGMA wal_checkpoint(TRUNCATE)")
        page = store.row("PRAGMA page_size")[0]
        with (home / DATABASE).open("r+b") as file:
            size = file.seek(0, 2)
            for start in range(page, size, page):
                file.seek(start)
                file.write(b"\xff" * 64)
        store.row("PRAGMA shrink_memory")
        assert "database_damaged" in {b.reason for b in journal.verify(store).breaks}


def test_a_rewritten_chain_differs_from_the_head_beside_it(home):
    """Somebody changes an entry and computes every hash anew, as only the head outside the database can tell."""
    _whole(home)
    raw = sqlite3.connect(home / DATABASE)
    previous = "0" * 64
    raw.execute("UPDATE journal SET actor = 'somebody' WHERE seq = 2")
    for row in raw.execute("SELECT * FROM journal ORDER BY seq").fetchall():
        cells = [*row[:7], previous]
        text = json.dumps(cells, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        previous = hashlib.sha256(text.encode()).hexdigest()
        raw.execute("UPDATE journal SET previous_hash = ?, hash = ? WHERE seq = ?", (cells[7], previous, row[0]))
    raw.commit()
    raw.close()
    assert [(b.entry, b.reason) for b in _breaks(home)] == [(6, "head_differs")]


@pytest.mark.parametrize(("cut_from", "reasons"), [(5, {"journal_cut"}), (6, {"head_differs"})])
def test_a_cut_stays_visible_however_much_is_written_after_it(home, cut_from, reasons):
    """Entries are cut at the end, with the rows they wrote, and the work goes on as if nothing had happened."""
    with Store.open(home) as store:
        for i in range(1, 7):
            making.start_run(store, f"r-{i}")
    _raw(
        home,
        f"DELETE FROM journal_row WHERE seq >= {cut_from}",
        f"DELETE FROM journal WHERE seq >= {cut_from}",
        f"DELETE FROM run WHERE rowid >= {cut_from}",
    )
    with Store.open(home) as store:
        making.start_run(store, "after")
        assert {b.reason for b in journal.verify(store).breaks} == reasons
        for i in range(5):
            making.start_run(store, f"later-{i}")
        assert [(b.entry, b.reason) for b in journal.verify(store).breaks] == [(6, "head_differs")]


def test_a_missing_head_is_said_and_never_made_again_in_silence(home):
    _whole(home)
    (home / "journal.head").unlink()
    with Store.open(home) as store:
        making.start_run(store, "run-2")
        assert [b.reason for b in journal.verify(store).breaks] == ["head_missing"]


def test_a_head_that_lags_after_a_kill_is_lawful_and_catches_up(home):
    _whole(home)
    (home / "journal.head").write_text(json.dumps({"seq": 0, "hash": "0" * 64}))
    assert _breaks(home) == []
    with Store.open(home) as store:
        making.start_run(store, "run-2")
    assert json.loads((home / "journal.head").read_text())["seq"] == 7


def test_originals_that_changed_or_went_are_named_with_their_entry(home):
    _whole(home)
    first, second = making.file_of("a.jpg", b"picture a.jpg").sha256, making.file_of("b.jpg", b"picture b.jpg").sha256
    place = files.place_of(home, first)
    place.chmod(0o644)
    place.write_bytes(b"picture A.jpg")
    files.place_of(home, second).unlink()
    assert {(b.entry, b.reason) for b in _breaks(home)} == {(2, "evidence_changed"), (2, "evidence_missing")}
    assert any("a.jpg" in b.detail for b in _breaks(home))


def test_a_lawful_change_of_a_row_is_journaled_anew_and_verifies(store):
    flight_id = making.add_whole(store)
    making.start_run(store, "run-2")
    frames = [making.changed(f) for f in _frames(store)]
    making.add_results(store, flight_id, frames, run_id="run-2")
    assert journal.verify(store).ok


def _frames(store):
    from pipelines.store.read import frames

    return frames.all(store)


# ---- any tampering --------------------------------------------------------------------------------------------------


def _cells(home: Path) -> list[tuple[str, str, str, object]]:
    """(table, key column, key, column) of every cell the journal answers for."""
    raw = sqlite3.connect(home / DATABASE)
    found = []
    for table, key in [*KEYS.items(), ("journal", "seq"), ("journal_row", "rowid")]:
        if table == "journal_row":
            continue
        cursor = raw.execute(f"SELECT * FROM {table}")
        names = [c[0] for c in cursor.description]
        for row in cursor:
            found += [(table, key, row[names.index(key)], name) for name in names if name != key]
    raw.close()
    return sorted(found, key=repr)


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    home = tmp_path_factory.mktemp("whole") / "home"
    _whole(home)
    return home


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_cell_that_the_journal_answers_for_can_be_changed_unnoticed(whole, data):
    table, key, name, column = data.draw(st.sampled_from(_cells(whole)))
    raw = sqlite3.connect(whole / DATABASE, isolation_level=None)
    raw.execute("PRAGMA ignore_check_constraints = ON")
    before = raw.execute(f"SELECT {column} FROM {table} WHERE {key} = ?", (name,)).fetchone()[0]
    if isinstance(before, int | float):
        after = data.draw(st.integers(-9, 9).filter(lambda v: v != before))
    else:
        text = data.draw(st.text(max_size=9).filter(lambda v: v != before))
        after = text.encode() if isinstance(before, bytes) else text
    try:
        raw.execute(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", (after, name))
    except sqlite3.DatabaseError:  # the table itself forbids it: nothing was changed
        return
    finally:
        raw.close()
    try:
        found = _breaks(whole)
        assert found, (table, name, column, before, after)
        if table != "journal":
            assert any(f"{table} {name}" in b.detail for b in found)
    finally:
        raw = sqlite3.connect(whole / DATABASE, isolation_level=None)
        raw.execute(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", (before, name))
        raw.close()
    assert _breaks(whole) == []


# ---- several writers, and kills --------------------------------------------------------------------------------------


def _append_many(home: Path, name: str, count: int) -> None:
    with Store.open(home) as store:
        for i in range(count):
            making.start_run(store, f"{name}-{i}")


def test_two_processes_append_and_the_chain_is_one(home):
    with Store.open(home):
        pass
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=_append_many, args=(home, name, 15)) for name in ("x", "y")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
        assert writer.exitcode == 0
    with Store.open(home) as store:
        seen = journal.verify(store)
        subjects = [e.subject for e in reversed(read.tail(store, 100))]
    assert (seen.ok, seen.entries) == (True, 30)
    assert {s[0] for s in subjects} == {"x", "y"}
    assert json.loads((home / "journal.head").read_text())["seq"] == 30


WRITER = """
import os, sys
from pathlib import Path
from pipelines.store import Store
from tests.store import making
home, half = Path(sys.argv[1]), sys.argv[2] == "half"
with Store.open(home) as store:
    for i in range(10_000):
        with store.transaction() as tx:
            from pipelines.store.write import runs
            runs.start_run(tx, making.run_of(f"r-{os.getpid()}-{i}"))
            if half and i == 5:
                print("half", flush=True)
                sys.stdin.read()
        print(i, flush=True)
"""


def _writer(home: Path, how: str) -> subprocess.Popen:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(home), how],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=ROOT,
    )


def _killed(writer: subprocess.Popen) -> None:
    writer.send_signal(signal.SIGKILL)
    writer.communicate(timeout=30)


def test_a_writer_killed_inside_a_transaction_leaves_nothing_of_it(home):
    writer = _writer(home, "half")
    while writer.stdout.readline().strip() != "half":
        pass
    _killed(writer)
    with Store.open(home) as store:
        seen = journal.verify(store)
        assert (seen.ok, seen.entries) == (True, 5)
        assert store.row("SELECT count(*) FROM run")[0] == 5
        making.start_run(store, "after")
        assert journal.verify(store).ok


def test_a_writer_killed_anywhere_leaves_a_home_that_verifies_with_all_it_said_was_done(home):
    rng, said = random.Random(11), 0
    for _ in range(4):
        writer = _writer(home, "whole")
        assert writer.stdout.readline().strip() == "0"
        time.sleep(rng.uniform(0.0, 0.15))
        writer.send_signal(signal.SIGKILL)
        rest, _ = writer.communicate(timeout=30)
        said += 1 + len([line for line in rest.split("\n")[:-1] if line])
        with Store.open(home) as store:
            seen = journal.verify(store)
        assert seen.ok, seen.breaks
        assert seen.entries >= said
        said = seen.entries


def test_ten_thousand_entries_verify_in_seconds(store):
    with store.transaction() as tx:
        for i in range(10_000):
            tx.execute("INSERT INTO flight VALUES (?, 'n', 'a', '2026')", (f"F-{i}",))
            journal.append(tx, at=NOW, actor="a", role="r", kind="k", subject=f"F-{i}", payload={"i": i})
    began = time.perf_counter()
    seen = journal.verify(store)
    took = time.perf_counter() - began
    assert (seen.ok, seen.entries) == (True, 10_000)
    assert took < 5, took
