"""Findings of monitors stored by `run`, withdrawn where late data take them back; the board with the worst first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from enforcement import policy
from enforcement.formats import BEIJING
from enforcement.permits import Permit, PermitLimit, PermitOutlet
from enforcement.registry import MonitorPoint
from pipelines.casework import monitors
from pipelines.engine.execute import execute
from pipelines.engine.monitor_stages import CLUES, MONITOR
from pipelines.engine.stage import Context
from pipelines.gateway.logs import import_logs
from pipelines.gateway.serve import caught_up
from pipelines.monitor.curve import step_for
from pipelines.settings import Settings
from pipelines.store import Store
from pipelines.store.read import journal
from pipelines.store.read import monitor as read
from pipelines.store.telemetry.packets import Lately
from pipelines.store.verify import verify
from tests.monitor import making
from tests.monitor.making import minute_packet
from tests.store.making import tell

DAY = date(2026, 11, 24)
MORNING = datetime(2026, 11, 24, tzinfo=BEIJING)
NOON = MORNING + timedelta(hours=12)
DUST_MN, WATER_MN = "310107A1000001", "310107W1000002"
KNOWN = {"received_at": datetime(2026, 1, 1, tzinfo=UTC), "source_sha256": "ab" * 32, "source_row": "1"}
FIRM = "91310107JH8KKJ0MY0"


def minutes(mn: str, first: int, values: list[float], code: str = "a34001", flag: str = "N", st: str = "39") -> bytes:
    return b"".join(
        minute_packet(mn, MORNING + timedelta(minutes=first + k), {code: value}, st=st, flag=flag)
        for k, value in enumerate(values)
    )


@pytest.fixture()
def store(home: Path) -> Iterator[Store]:
    with Store.open(home) as opened:
        permit = {"permit_number": f"{FIRM}001P", "enterprise": FIRM, **KNOWN}
        limit = {**permit, "outlet": "DW001", "pollutant": "化学需氧量", "unit": "mg/L", "period": "hour"}
        tell(opened, [
            MonitorPoint(code="YC-1", name="一号", mn=DUST_MN, kind="扬尘", site_id="G1", units="mg/m3",
                         interval_s=60.0, **KNOWN),
            MonitorPoint(code="FS-1", name="总排口", mn=WATER_MN, kind="废水", enterprise=FIRM, units="mg/L",
                         interval_s=60.0, **KNOWN),
            Permit(outlets=("DW001",), **permit), PermitOutlet(outlet="DW001", medium="water", **permit),
            PermitLimit(value=80.0, valid_to=date(2026, 11, 23), **limit),
            PermitLimit(value=50.0, valid_from=DAY, **limit),
        ])  # fmt: skip
        yield opened


def bring(store: Store, data: bytes, at: datetime, tmp_path: Path) -> None:
    file = tmp_path / f"{at:%d%H%M%S}.log"
    file.write_bytes(data + f"{at:%d%H%M%S}".encode())
    with caught_up(store) as index:
        import_logs(store, index, [file], by=None, now=at)


def run(store: Store, at: datetime) -> list[int]:
    return [execute(store, stage, Context.at(at, Settings())).done for stage in (MONITOR, CLUES)]


def found(store: Store, as_of: datetime | None = None) -> list[tuple[str, str, float]]:
    return [(e.mn, e.kind, e.worst) for e in read.exceedances(store, DAY, DAY, as_of=as_of)]


def test_an_exceedance_is_stored_with_where_it_came_from_and_a_second_run_does_nothing(store, tmp_path) -> None:
    bring(store, minutes(DUST_MN, 600, [2.5] * 30), NOON, tmp_path)
    assert run(store, NOON) == [1, 0]
    (one,) = read.exceedances(store, DAY, DAY)
    assert (one.point, one.site_id, one.limit, one.allowed, len(one.means), one.below) == (
        "YC-1",
        "G1",
        2.0,
        1,
        2,
        False,
    )
    assert len(one.values_sha256) == 64
    row = store.rows("SELECT run_id, policy_version FROM exceedance")[0]
    assert row["run_id"].startswith("run-monitor-")
    assert row["policy_version"] == policy.load().version
    before = journal.tail(store, 1)
    assert run(store, NOON) == [0, 0]
    assert journal.tail(store, 1) == before
    assert verify(store).ok


def test_late_data_that_take_it_back_end_it_and_what_was_known_before_stays(store, tmp_path) -> None:
    bring(store, minutes(DUST_MN, 600, [2.5] * 30), NOON, tmp_path)
    run(store, NOON)
    later = NOON + timedelta(hours=1)
    bring(store, minutes(DUST_MN, 600, [0.3] * 30), later, tmp_path)
    assert run(store, later) == [1, 0]
    assert found(store) == []
    assert found(store, NOON) == [(DUST_MN, "dust_quarter_hour", 2.5)]
    assert found(store, later) == []
    (ended,) = store.rows("SELECT id FROM exceedance")
    assert read.exceedance(store, ended["id"]) is not None
    bring(store, minutes(DUST_MN, 600, [3.5] * 30), later + timedelta(hours=1), tmp_path)
    run(store, later + timedelta(hours=1))
    assert found(store) == [(DUST_MN, "dust_quarter_hour", 3.5)]
    assert [row["id"] for row in store.rows("SELECT id FROM exceedance")] == [ended["id"]] * 2


def test_a_registry_that_changed_is_judged_by_anew(store, tmp_path) -> None:
    bring(store, minutes(DUST_MN, 600, [9.0] * 30), NOON, tmp_path)
    run(store, NOON)
    assert len(found(store)) == 1
    later = NOON + timedelta(hours=1)
    tell(store, [MonitorPoint(code="YC-1", name="一号", mn=DUST_MN, kind="扬尘", site_id="G1", units="ug/m3",
                              interval_s=60.0, **{**KNOWN, "received_at": later})], at=later)  # fmt: skip
    assert run(store, later) == [1, 0]
    assert found(store) == []
    assert len(found(store, NOON)) == 1


def test_the_board_has_the_worst_first_and_says_each_trouble(store, tmp_path) -> None:
    data = minutes(DUST_MN, 690, [2.5] * 30 + [0.2]) + minutes("310107A1777777", 600, [0.1])
    bring(store, data, NOON, tmp_path)
    run(store, NOON)
    board = monitors.board(store, policy.load(), as_of=NOON + timedelta(seconds=170), days=7, drift_s=30.0)
    told = {one.mn: one.troubles for one in board}
    assert [one.mn for one in board] == [DUST_MN, WATER_MN, "310107A1777777"]
    assert told[WATER_MN] == ("silent",)
    assert told[DUST_MN][0] == "exceeded"
    assert "silent" not in told[DUST_MN]
    assert told["310107A1777777"][-1] == "stranger"
    silent = monitors.board(store, policy.load(), as_of=NOON + timedelta(seconds=190), days=7, drift_s=30.0)
    assert {one.mn: one.troubles for one in silent}[DUST_MN][:2] == ("exceeded", "silent")


@pytest.mark.parametrize(
    ("lately", "said"),
    [(Lately(4, 0, 29.0, 1), []), (Lately(4, 0, 31.0, 1), ["drifts"]), (Lately(4, 0, -31.0, 1), ["drifts"]),
     (Lately(2, 2, 99.0, 1), []), (Lately(4, 2, None, 1), []), (Lately(4, 3, None, 1), ["repeats"])],
)  # fmt: skip
def test_repeats_and_clocks_are_judged_by_a_few_packets_at_least(lately: Lately, said: list[str]) -> None:
    device = making.device()
    assert list(monitors.troubles_of(device, None, lately, (), (), drift_s=30.0)) == said


def test_a_home_without_any_device_has_an_empty_board_and_makes_no_files(home: Path) -> None:
    with Store.open(home) as opened:
        assert monitors.board(opened, policy.load(), as_of=NOON, days=7, drift_s=30.0) == []
        assert run(opened, NOON) == [0, 0]
        assert not (home / "telemetry" / "packets.sqlite").exists()


def test_a_curve_has_its_limits_by_day_its_flags_as_bands_and_its_exceedances(store, tmp_path) -> None:
    data = minutes(WATER_MN, 0, [40.0] * 60, "w01018", st="32") + minutes(WATER_MN, 60, [70.0] * 60, "w01018", st="32")
    data += minutes(WATER_MN, 120, [0.0] * 30, "w01018", flag="M", st="32")
    data += minutes(WATER_MN, -60, [70.0] * 60, "w01018", st="32")
    bring(store, data, NOON, tmp_path)
    run(store, NOON)
    yesterday = DAY - timedelta(days=1)
    look = monitors.look(store, policy.load(), WATER_MN, "w01018", first=yesterday, last=DAY, as_of=NOON)
    assert look.curve.minutes == 1
    assert len(look.curve.at) == 180  # what is flagged M counts for nothing
    assert look.curve.at[60] == np.datetime64("2026-11-23T16:00")
    assert look.curve.mean[[0, 60, 120]].tolist() == [70.0, 40.0, 70.0]
    assert [(b.begin, b.end, b.flag) for b in look.bands] == [
        (MORNING + timedelta(hours=2), MORNING + timedelta(hours=2, minutes=30), "M")
    ]
    assert [(line.value, line.first, line.last) for line in look.limits] == [
        (80.0, yesterday, yesterday),
        (50.0, DAY, DAY),
    ]
    assert [(e.day, e.worst, e.limit) for e in look.exceedances] == [(DAY, 70.0, 50.0)]
    assert monitors.reported(store, WATER_MN, as_of=NOON, until=DAY, days=2) == ["w01018"]


@pytest.mark.parametrize(
    ("days", "step"), [(1, 1), (8, 1), (9, 5), (41, 5), (42, 15), (125, 15), (126, 60), (3660, 60)]
)
def test_a_longer_look_has_coarser_steps(days: int, step: int) -> None:
    assert step_for(days) == step


def test_an_hour_of_a_year_keeps_its_least_and_most(store, tmp_path) -> None:
    bring(store, minutes(DUST_MN, 0, [0.1] * 59 + [0.9]), NOON, tmp_path)
    run(store, NOON)
    look = monitors.look(
        store, policy.load(), DUST_MN, "a34001", first=DAY - timedelta(days=364), last=DAY, as_of=NOON
    )  # fmt: skip
    assert (look.curve.minutes, len(look.curve.at)) == (60, 1)
    assert (look.curve.least[0], look.curve.most[0]) == (0.1, 0.9)
    assert look.curve.mean[0] == pytest.approx((59 * 0.1 + 0.9) / 60)
