"""`yaoxun monitor import` of tables that platforms export: read by their headings, held against limits like packets."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest

from enforcement.formats import BEIJING
from enforcement.permits import Permit, PermitLimit, PermitOutlet
from enforcement.registry import MonitorPoint
from pipelines import clock
from pipelines.store import Store
from pipelines.store.telemetry import readings
from tests.cli.conftest import Yaoxun
from tests.cli.test_monitor_check import MN, check, minutes
from tests.store.making import tell

DAY = date(2026, 11, 24)
CAME = datetime(2026, 11, 25, 9, tzinfo=BEIJING)
WATER, FIRM = "310107W1000003", "91310107JH8KKJ0MY0"
KNOWN = {"received_at": datetime(2026, 1, 1, tzinfo=UTC), "source_sha256": "ab" * 32, "source_row": "1"}
HOURS = [[f"2026-11-24 {h:02d}:00:00", WATER, "70.5" if h == 5 else "30", "N", "7.1"] for h in range(24)]
HEAD = ["监测时间", "设备编号", "化学需氧量(mg/L)", "化学需氧量标记", "pH"]


@pytest.fixture(autouse=True)
def _registered(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: CAME.astimezone(UTC))
    permit = {"permit_number": f"{FIRM}001P", "enterprise": FIRM, **KNOWN}
    with Store.open(home) as store:
        tell(store, [
            MonitorPoint(code="FS-1", name="总排口", mn=WATER, kind="废水", enterprise=FIRM, units="mg/L",
                         interval_s=3600.0, **KNOWN),
            MonitorPoint(code="YC-1", name="工地", mn=MN, kind="扬尘", site_id="G1", units="ug/m3", interval_s=60.0,
                         **KNOWN),
            Permit(outlets=("DW001",), **permit), PermitOutlet(outlet="DW001", medium="water", **permit),
            PermitLimit(outlet="DW001", pollutant="COD", unit="mg/L", period="hour", value=50.0, **permit),
        ])  # fmt: skip


def table(path: Path, rows: list[list[str]], encoding: str = "utf-8") -> Path:
    path.write_text("\n".join(",".join(row) for row in rows) + "\n", encoding)
    return path


def of_day(home: Path, mn: str) -> dict[str, list[float]]:
    said = readings.of_day(home, DAY, mn=mn)
    return {code: said.value[said.code == code].tolist() for code in sorted(set(said.code.tolist()))}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_hours_of_a_platform_are_judged_like_a_devices_own(yaoxun: Yaoxun, tmp_path: Path, encoding: str) -> None:
    file = table(tmp_path / "导出.csv", [["某平台小时数据"], HEAD, *HOURS], encoding)
    said = yaoxun("monitor", "import", file, "--json").document
    assert (said["values"], said["packets"], said["rows_refused"], said["refused"]) == (48, 0, [], [])
    (one,) = check(yaoxun, CAME)["exceedances"]
    assert (one["mn"], one["kind"], one["worst"], one["limit"]) == (WATER, "permit_hour", 70.5, 50.0)
    assert yaoxun("evidence", "verify").code == 0


def test_a_workbook_with_dates_as_dates_is_read(yaoxun: Yaoxun, home: Path, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["时间", "COD（mg/L）"])
    for h in range(4):
        book.active.append([datetime(2026, 11, 24, h), 30 + h])  # noqa: DTZ001  a cell has no zone
    book.save(tmp_path / "a.xlsx")
    assert yaoxun("monitor", "import", tmp_path / "a.xlsx").code == 2  # nobody knows of which device
    assert yaoxun("monitor", "import", tmp_path / "a.xlsx", "--mn", WATER, "--json").document["values"] == 4
    assert of_day(home, WATER) == {"w01018": [30, 31, 32, 33]}


def test_values_come_to_the_registered_unit_and_particles_at_a_site_are_tsp(
    yaoxun: Yaoxun, home: Path, tmp_path: Path
) -> None:
    rows = [[f"2026/11/24 08:{m:02d}", MN, "0.25"] for m in range(3)]
    yaoxun("monitor", "import", table(tmp_path / "a.csv", [["数据时间", "MN", "颗粒物(mg/m³)"], *rows]))
    assert of_day(home, MN) == {"a34001": [250.0] * 3}  # the registry says micrograms
    assert set(readings.of_day(home, DAY, mn=MN).period) == {"minute"}


def test_the_same_file_again_changes_nothing(yaoxun: Yaoxun, home: Path, tmp_path: Path) -> None:
    file = table(tmp_path / "a.csv", [HEAD, *HOURS])
    first = yaoxun("monitor", "import", file, "--json").document
    again = yaoxun("monitor", "import", file, "--json").document
    assert (again["unchanged"], again["values"], again["journal_entry"]) == (1, 0, first["journal_entry"])
    assert len(of_day(home, WATER)["w01018"]) == 24


def test_bad_rows_are_named_and_the_good_ones_are_in(yaoxun: Yaoxun, home: Path, tmp_path: Path) -> None:
    rows = [*HOURS[:3], ["25 o'clock", WATER, "1", "", ""], [HOURS[4][0], "", "1", "", ""], ["", "", "", "", ""],
            [HOURS[6][0], WATER, "---", "D", ""]]  # fmt: skip
    said = yaoxun("monitor", "import", table(tmp_path / "a.csv", [HEAD, *rows]), "--json").document
    assert [(one["where"].partition(" ")[2], one["reason"]) for one in said["rows_refused"]] == [
        ("row 5", "time_unreadable"), ("row 6", "export_without_device"),
    ]  # fmt: skip
    told = readings.of_day(home, DAY, mn=WATER)
    assert told.flag[told.code == "w01018"].tolist() == ["N", "N", "N", "D"]


def test_what_a_device_said_itself_counts_before_an_export(yaoxun: Yaoxun, home: Path, tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(minutes(MN, 480, 3, 100.0))
    rows = [[f"2026-11-24 08:{m:02d}", MN, "900"] for m in range(5)]
    export = table(tmp_path / "b.csv", [["时间", "MN", "TSP(ug/m3)"], *rows])
    yaoxun("monitor", "import", tmp_path / "a.log", export)
    yaoxun("monitor", "check", "--as-of", CAME.isoformat())
    assert of_day(home, MN) == {"a34001": [100.0, 100.0, 100.0, 900.0, 900.0]}


@pytest.mark.parametrize(
    ("rows", "reason"),
    [([["时间", "MN", "备注"], ["2026-11-24 08:00", MN, "x"]], "export_not_understood"),
     ([["时间", "MN", "COD"], ["2026-11-24 08:00", MN, "1"]], "export_period_unknown"),
     ([["时间", "MN", "COD"], ["2026-11-24 08:00:00", MN, "1"], ["2026-11-24 08:00:07", MN, "1"]],
      "export_period_unknown")],
)  # fmt: skip
def test_tables_that_cannot_be_understood_are_refused_and_write_nothing(
    yaoxun: Yaoxun, home: Path, tmp_path: Path, rows: list[list[str]], reason: str
) -> None:
    said = yaoxun("monitor", "import", table(tmp_path / "a.csv", rows), "--json")
    assert said.code == 2
    assert [one["reason"] for one in said.document["refused"]] == [reason]
    assert readings.days(home) == []


def test_who_may_not_bring_packets_brings_no_export(yaoxun: Yaoxun, home: Path, tmp_path: Path) -> None:
    yaoxun("users", "add", "ada", "administrator")
    yaoxun("users", "add", "wu", "auditor", "--as", "ada")
    said = yaoxun("monitor", "import", table(tmp_path / "a.csv", [HEAD, *HOURS]), "--as", "wu", "--json")
    assert [one["reason"] for one in said.document["refused"]] == ["role_forbids"]
    assert readings.days(home) == []
