"""Readings on the disk: by Beijing day, once, as of any instant, whole after a kill, merged without being seen."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.readings import Readings
from pipelines.store.telemetry import readings as store
from tests.monitor.making import DAY, readings

NEXT = DAY + timedelta(days=1)


def plain(said: Readings) -> list[tuple[str, str, np.datetime64, float, int]]:
    return list(zip(said.mn, said.code, said.at, said.value.tolist(), said.seq.tolist(), strict=True))


def test_what_is_written_is_read_by_the_day_of_beijing(tmp_path: Path) -> None:
    said = readings([("M1", "a34001", 0, 0.1, "N"), ("M1", "a34001", 1439, 0.2, "N"), ("M1", "a34001", 1440, 0.3, "N")])
    assert store.add(tmp_path, said) == [DAY, NEXT]
    assert store.days(tmp_path) == [DAY, NEXT]
    assert store.of_day(tmp_path, DAY).value.tolist() == [0.1, 0.2]
    assert store.of_day(tmp_path, NEXT).value.tolist() == [0.3]
    assert len(store.of_day(tmp_path, date(2020, 1, 1))) == 0
    assert [day for day, _ in store.between(tmp_path, DAY, DAY)] == [DAY]


def test_columns_come_back_as_they_were(tmp_path: Path) -> None:
    said = readings([("工地三号", "a34001", 5, float("nan"), "D"), ("M1", "w01018", 7, 1 / 3, "")]).ordered()
    store.add(tmp_path, said)
    back = store.of_day(tmp_path, DAY)
    for name in ("mn", "code", "period", "flag", "at", "received_at", "seq"):
        assert (getattr(back, name) == getattr(said, name)).all(), name
        assert getattr(back, name).dtype == getattr(said, name).dtype, name
    assert np.array_equal(back.value, said.value, equal_nan=True)


def test_written_twice_it_is_read_once(tmp_path: Path) -> None:
    said = readings([("M1", "a34001", 5, 0.1, "N"), ("M2", "a34001", 5, 0.2, "N")])
    store.add(tmp_path, said)
    once = plain(store.of_day(tmp_path, DAY))
    store.add(tmp_path, said)
    store.add(tmp_path, said.take(slice(0, 1)))
    assert plain(store.of_day(tmp_path, DAY)) == once


def test_a_correction_counts_from_its_arrival_on(tmp_path: Path) -> None:
    first = readings([("M1", "a34001", 5, 0.1, "N")])
    mended = readings([("M1", "a34001", 5, 0.9, "N")], first_seq=9)
    later = first.received_at[0] + np.timedelta64(2, "h")
    mended = Readings(*(later[None] if name == "received_at" else getattr(mended, name) for name in FIELDS))
    store.add(tmp_path, mended)
    store.add(tmp_path, first)
    came = datetime(2026, 11, 23, 16, 5, 30, tzinfo=UTC)
    assert store.of_day(tmp_path, DAY).value.tolist() == [0.9]
    assert store.of_day(tmp_path, DAY, as_of=came + timedelta(hours=2)).value.tolist() == [0.9]
    assert store.of_day(tmp_path, DAY, as_of=came + timedelta(hours=1)).value.tolist() == [0.1]
    assert store.of_day(tmp_path, DAY, as_of=came - timedelta(seconds=1)).value.tolist() == []


FIELDS = ("mn", "code", "period", "at", "value", "low", "high", "total", "flag", "received_at", "seq")


def test_one_device_only(tmp_path: Path) -> None:
    store.add(tmp_path, readings([("M1", "a34001", 5, 0.1, "N"), ("M2", "a34001", 5, 0.2, "N")]))
    assert store.of_day(tmp_path, DAY, mn="M2").value.tolist() == [0.2]


def test_many_parts_become_one_that_says_the_same(tmp_path: Path) -> None:
    parts = [readings([("M1", "a34001", k, k / 10, "N")], first_seq=k + 1) for k in range(store.MOST_PARTS + 1)]
    for part in parts[:-1]:
        store.add(tmp_path, part)
    before = plain(store.of_day(tmp_path, DAY))
    store.add(tmp_path, parts[-1])
    files = list((tmp_path / store.FOLDER / str(DAY)).glob("*.parquet"))
    assert [file.name for file in files] == ["000000000001-000000000013.parquet"]
    assert plain(store.of_day(tmp_path, DAY)) == before + plain(parts[-1])


def test_what_a_kill_left_beside_is_not_read(tmp_path: Path) -> None:
    store.add(tmp_path, readings([("M1", "a34001", 5, 0.1, "N")]))
    folder = tmp_path / store.FOLDER / str(DAY)
    (folder / ".000000000002-000000000002.parquet.77").write_bytes(b"PAR1 half")
    assert store.of_day(tmp_path, DAY).value.tolist() == [0.1]


def test_merged_and_killed_before_the_old_parts_went_it_says_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for k in range(store.MOST_PARTS):
        store.add(tmp_path, readings([("M1", "a34001", k, k / 10, "N")], first_seq=k + 1))
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", lambda *_, **__: None)
        store.add(tmp_path, readings([("M1", "a34001", 40, 4.0, "N")], first_seq=90))
    assert len(list((tmp_path / store.FOLDER / str(DAY)).glob("*.parquet"))) == store.MOST_PARTS + 2
    assert store.of_day(tmp_path, DAY).value.tolist() == [k / 10 for k in range(store.MOST_PARTS)] + [4.0]


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    store.add(tmp_path, readings([("M1", "a34001", 5, 0.1, "N")]))
    monkeypatch.setattr(pq, "write_table", full)
    with pytest.raises(OSError, match="No space"):
        store.add(tmp_path, readings([("M1", "a34001", 6, 0.2, "N")], first_seq=2))
    monkeypatch.undo()
    assert len(list((tmp_path / store.FOLDER / str(DAY)).iterdir())) == 1
    assert store.of_day(tmp_path, DAY).value.tolist() == [0.1]


@given(st.lists(st.tuples(st.sampled_from(["M1", "M2"]), st.integers(-100, 1600), st.floats(0, 9)), max_size=30),
       st.lists(st.integers(0, 29), max_size=4))  # fmt: skip
def test_however_it_is_cut_into_parts_the_same_is_read(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, int, float]], cuts: list[int]
) -> None:
    said = readings([(mn, "a34001", minute, value, "N") for mn, minute, value in rows])
    home = tmp_path_factory.mktemp("home")
    edges = sorted({0, len(rows), *(cut for cut in cuts if cut < len(rows))})
    for first, last in itertools.pairwise(edges):
        store.add(home, said.take(slice(first, last)))
    read = [row for _, day in store.between(home, date.min, date.max) for row in plain(day)]
    latest = {(mn, minute): value for mn, minute, value in rows}
    assert len(read) == len(latest)
    assert sorted(row[3] for row in read) == sorted(latest.values())
