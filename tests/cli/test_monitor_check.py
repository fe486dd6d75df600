"""`yaoxun monitor check`: from packets of a log to exceedances, gaps and clues, as of any instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from enforcement.formats import BEIJING
from enforcement.registry import Filing, MonitorPoint
from pipelines import clock
from pipelines.store import Store
from pipelines.store.telemetry.index import PacketIndex
from tests.cli.conftest import Yaoxun
from tests.monitor.making import minute_packet
from tests.store.making import tell

MORNING = datetime(2026, 11, 24, 0, 0, tzinfo=BEIJING)
CAME = datetime(2026, 11, 24, 13, 0, tzinfo=BEIJING)
MN, OTHER = "310107A1000001", "310107A1000002"
KNOWN = {"received_at": datetime(2026, 1, 1, tzinfo=UTC), "source_sha256": "ab" * 32, "source_row": "1"}


def minutes(mn: str, first: int, count: int, value: float, flag: str = "N") -> bytes:
    at = MORNING + timedelta(minutes=first)
    return b"".join(
        minute_packet(mn, at + timedelta(minutes=k), {"a34001": value}, flag=flag) for k in range(count)
    )  # fmt: skip


@pytest.fixture()
def known(home: Path) -> None:
    point = {"kind": "扬尘", "site_id": "G1", "units": "mg/m3", "interval_s": 60.0, **KNOWN}
    with Store.open(home) as store:
        tell(store, [MonitorPoint(code="YC-1", name="一号", mn=MN, **point),
                     MonitorPoint(code="YC-2", name="二号", mn=OTHER, **point)])  # fmt: skip


@pytest.fixture()
def bring(yaoxun: Yaoxun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def brought(data: bytes, at: datetime = CAME) -> None:
        monkeypatch.setattr(clock, "now", lambda: at.astimezone(UTC))
        file = tmp_path / f"{at:%H%M}.log"
        file.write_bytes(data)
        assert yaoxun("monitor", "import", file).code == 0

    return brought


def check(yaoxun: Yaoxun, as_of: datetime = CAME, *more: str) -> dict:
    said = yaoxun("monitor", "check", "--as-of", as_of.isoformat(), "--json", *more)
    assert said.code == 0, said.err
    return said.document


@pytest.mark.usefixtures("known")
def test_half_an_hour_of_dust_is_an_exceedance_with_its_rule_and_means(yaoxun: Yaoxun, bring) -> None:
    bring(minutes(MN, 0, 600, 0.2) + minutes(MN, 600, 30, 2.5) + minutes(MN, 630, 150, 0.2))
    (one,) = check(yaoxun)["exceedances"]
    assert {name: one[name] for name in ("kind", "mn", "point", "site", "pollutant", "worst", "count", "day")} == {
        "kind": "dust_quarter_hour", "mn": MN, "point": "YC-1", "site": "G1", "pollutant": "a34001", "worst": 2.5,
        "count": 2, "day": "2026-11-24",
    }  # fmt: skip
    assert datetime.fromisoformat(one["begin"]) == MORNING + timedelta(hours=10)
    assert [mean["value"] for mean in one["means"]] == [2.5, 2.5]
    assert one["rule"].startswith("dust_quarter_hour_limit")


@pytest.mark.usefixtures("known")
def test_what_had_not_come_by_then_is_not_known_then(yaoxun: Yaoxun, bring) -> None:
    bring(minutes(MN, 0, 600, 0.2))
    bring(minutes(MN, 600, 30, 2.5), CAME + timedelta(hours=2))
    assert check(yaoxun, CAME + timedelta(hours=1))["exceedances"] == []
    assert len(check(yaoxun, CAME + timedelta(hours=2))["exceedances"]) == 1


@pytest.mark.usefixtures("known")
def test_values_of_a_device_under_maintenance_accuse_nobody(yaoxun: Yaoxun, bring) -> None:
    bring(minutes(MN, 600, 30, 9.0, flag="M"))
    assert check(yaoxun)["exceedances"] == []


@pytest.mark.usefixtures("known")
def test_a_filing_that_may_explain_it_stands_beside_it(home: Path, yaoxun: Yaoxun, bring) -> None:
    def filing(filing_id: str, what: str, first: int, last: int) -> Filing:
        begin, end = MORNING + timedelta(hours=first), MORNING + timedelta(hours=last)
        return Filing(filing_id=filing_id, filing_kind=what, site_id="G1", starts_at=begin, ends_at=end, **KNOWN)

    with Store.open(home) as store:
        tell(store, [filing("BA-1", "maintenance", 9, 12), filing("BA-2", "maintenance", 11, 12),
                     filing("BA-3", "night_work", 9, 12)])  # fmt: skip
    bring(minutes(MN, 600, 30, 2.5))
    (one,) = check(yaoxun)["exceedances"]
    assert one["excused_by"] == ["BA-1"]  # BA-2 came after it, and night works excuse no dust


@pytest.mark.usefixtures("known")
def test_a_device_that_stopped_and_one_that_was_never_heard(yaoxun: Yaoxun, bring) -> None:
    bring(minutes(MN, 0, 781, 0.2))  # the last one is of 13:00
    gaps = {gap["mn"]: gap for gap in check(yaoxun, CAME + timedelta(minutes=4))["gaps"]}
    assert set(gaps) == {MN, OTHER}
    assert datetime.fromisoformat(gaps[MN]["begin"]) == CAME
    assert gaps[MN]["end"] is None
    assert gaps[OTHER]["begin"] is None
    assert {gap["mn"] for gap in check(yaoxun, CAME + timedelta(minutes=3))["gaps"]} == {OTHER}


@pytest.mark.usefixtures("known")
def test_what_a_file_lacks_is_a_gap_of_the_time_that_its_data_are_of(yaoxun: Yaoxun, bring) -> None:
    bring(minutes(MN, 0, 60, 0.2) + minutes(MN, 64, 717, 0.2))
    (gap,) = [one for one in check(yaoxun)["gaps"] if one["mn"] == MN]
    ends = [datetime.fromisoformat(gap[name]) - MORNING for name in ("begin", "end")]
    assert ends == [timedelta(minutes=59), timedelta(minutes=64)]


@pytest.mark.usefixtures("known")
def test_the_index_lost_and_made_anew_changes_nothing(home: Path, yaoxun: Yaoxun, bring) -> None:
    bring(minutes(MN, 600, 30, 2.5))
    before = check(yaoxun)
    for file in (home / "telemetry").glob("*.sqlite*"):
        file.unlink()
    assert check(yaoxun) == before
    with PacketIndex.open(home) as index:
        assert index.readings_reached() == 30


def test_strangers_are_said_and_not_judged(yaoxun: Yaoxun, bring) -> None:
    bring(minutes("310107A1999999", 600, 30, 9.0))
    found = check(yaoxun)
    assert found["exceedances"] == []
    assert found["not_judged"] == [{"mn": "310107A1999999", "code": "a34001", "reason": "unregistered_device"}]


def test_a_message_in_parts_is_one_whatever_came_between(home: Path, yaoxun: Yaoxun, bring) -> None:
    from tests.hj212.wire import packet

    def part(number: int, inside: str) -> bytes:
        head = f"QN=20261124100000000;ST=39;CN=2051;PW=1;MN={MN};Flag=7;PNUM=2;PNO={number};"
        return packet(f"{head}CP=&&DataTime=20261124100000;{inside}&&".encode())

    bring(part(1, "a34001-Avg=9.0,a34001-Flag=N") + minutes(MN, 601, 5, 0.2))
    check(yaoxun)  # the first part is read, and nothing of it is said
    bring(part(2, "a01007-Avg=3.1,a01007-Flag=N"), CAME + timedelta(minutes=1))
    check(yaoxun)
    from pipelines.store.telemetry import readings

    said = readings.of_day(home, MORNING.date())
    ten = said.take(said.at == np.datetime64("2026-11-24T02:00:00"))
    assert dict(zip(ten.code, ten.value.tolist(), strict=True)) == {"a34001": 9.0, "a01007": 3.1}


@pytest.mark.usefixtures("known")
def test_a_day_without_change_after_weeks_of_it_is_a_clue_with_what_else_it_could_be(yaoxun: Yaoxun, bring) -> None:
    rng = np.random.default_rng(5)
    data = bytearray()
    for hour in range(-50 * 24, 13):
        at = MORNING + timedelta(hours=hour)
        value = 0.31 if -30 <= hour < -4 else round(float(rng.gamma(4, 0.05)), 3)
        data += minute_packet(MN, at, {"a34001": value})
    bring(bytes(data))
    found = [one for one in check(yaoxun)["clues"] if one["kind"] == "flat_line"]
    assert [(one["mn"], one["figures"]["samples"]) for one in found] == [(MN, 26)]
    assert found[0]["could_be"]
    assert datetime.fromisoformat(found[0]["begin"]) == MORNING - timedelta(hours=30)


def test_no_day_is_no_look(yaoxun: Yaoxun, home: Path) -> None:
    with Store.open(home):
        pass
    assert yaoxun("monitor", "check", "--days", "0").code == 2
    assert check(yaoxun) == {"first": "2026-11-18", "last": "2026-11-24", "exceedances": [], "clues": [], "gaps": [],
                             "not_judged": []}  # fmt: skip
