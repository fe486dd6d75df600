"""The station's desk on the command line: each act as its role, refused for others and out of order; the documents."""

from __future__ import annotations

import csv
import io
import json
import shutil
from datetime import timedelta
from pathlib import Path

import numpy as np
import pypdfium2
import pytest

from pipelines import clock
from pipelines.readings import Readings
from pipelines.store import Store
from pipelines.store.read import journal
from pipelines.store.telemetry import readings
from tests.casework import desk
from tests.store.making import FIRM, NOW

from .conftest import Yaoxun

ENTER = (
    "exceedance", "enter", "M-1", "--pollutant", "TSP", "--period", "dust_quarter_hour",
    "--begin", "2026-11-24T07:30:00+08:00", "--end", "2026-11-24T08:45:00+08:00", "--value", 2.71, "--limit", 2,
    "--unit", "mg/m3", "--limit-link", "rule:dust_quarter_hour_limit_1", "--document", "市平台 7",
    "--enterprise", FIRM, "--as",
)  # fmt: skip
LOOKED = {"curve": "曲线截图 1", "validity": "平台 2", "flags": "平台 3", "calibration": "校准记录 4"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("made") / "home"
    with Store.open(home) as store:
        desk.furnish(store)
    return home


@pytest.fixture()
def day(monkeypatch: pytest.MonkeyPatch):
    """Set the day after the home was furnished on which commands run."""

    def on(days: float) -> None:
        monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=days))

    on(0)
    return on


@pytest.fixture()
def station(made: Path, home: Path, yaoxun: Yaoxun, day):
    shutil.copytree(made, home)

    def run(*words: object, code: int = 0):
        said = yaoxun(*words, "--json")
        assert said.code == code, said
        return said.document

    return run


def reason(document) -> str:
    (item,) = document["refused"]
    return item["reason"]


def look(station, exceedance: str, *kinds: str) -> None:
    for kind in kinds or LOOKED:
        link = f"document:{LOOKED[kind]}"
        station("exceedance", "evidence", exceedance, kind, link, "--showed", "正常", "--as", "station")


def text_of(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    try:
        return "".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def test_from_an_exceedance_to_the_clock_of_the_brigade(station, day, home, tmp_path):
    assert reason(station(*ENTER, "inspector", code=2)) == "role_forbids"
    name = station(*ENTER, "station")["id"]
    assert name == "X-2026-1124-01"
    assert station(*ENTER, "station")["unchanged"] is True
    issue = ("report", "issue", name, "--judgement", "valid", "--reason", "数据有效", "--as")
    assert reason(station(*issue, "station", code=2)) == "audit_evidence_missing"
    look(station, name)
    assert reason(station(*issue, "leader", code=2)) == "role_forbids"
    assert reason(station(*issue, "auditor", code=2)) == "role_forbids"
    issued = station(*issue, "station")
    report = issued["id"]
    assert (report, issued["state"]) == ("AR-2026-1124-01", "reported")
    assert station(*issue, "station")["unchanged"] is True
    receipt = ("receipt", "record", report, "--as")
    assert reason(station(*receipt, "inspector", code=2)) == "report_not_delivered"
    deliver = ("report", "deliver", report, "--document", "沪普监 7", "--as")
    assert reason(station(*deliver, "inspector", code=2)) == "role_forbids"
    day(1)
    assert station(*deliver, "station")["state"] == "delivered"
    assert station(*deliver, "station")["unchanged"] is True
    assert reason(station(*receipt, "station", code=2)) == "role_forbids"
    rows = {row["rule"]: row for row in station("clock")["deadlines"]}
    assert set(rows) == {"exceedance_audit"} and rows["exceedance_audit"]["state"] == "met"
    day(2)
    assert station(*receipt, "inspector")["state"] == "received"
    rows = {(row["subject"], row["rule"]): row for row in station("clock")["deadlines"]}
    seven = rows[report, "case_after_audit_report"]
    assert (seven["started"], seven["due_calendar"], seven["state"]) == ("2026-11-26", "2026-12-03", "running")
    shown = station("exceedance", "show", name)
    assert (shown["state"], shown["waits"], len(shown["looked_at"])) == ("received", "", 4)
    with Store.open(home) as store:
        kinds = [entry.kind for entry in journal.of_subject(store, name) + journal.of_subject(store, report)]
    assert kinds == [
        "exceedance_entered",
        *["audit_recorded"] * 4,
        "report_issued",
        "report_delivered",
        "receipt_recorded",
    ]
    assert station("evidence", "verify")["ok"] is True


def test_the_papers_say_what_was_judged_and_hold_the_bytes_that_the_journal_names(station, home, tmp_path):
    at = np.datetime64("2026-11-23T22:00", "us") + np.arange(240) * np.timedelta64(60_000_000, "us")
    value = np.where((np.arange(240) >= 90) & (np.arange(240) < 165), 2.7, 0.5)
    flag = np.array(["N"] * 240, object)
    flag[10:20] = "C"
    words, nan = (lambda word: np.array([word] * 240, object)), np.full(240, np.nan)
    sent = Readings(
        words("M-1"), words("a34001"), words("minute"), at, value, nan, nan, nan, flag, at, np.arange(240),
    )  # fmt: skip
    readings.add(home, sent)
    name = station(*ENTER, "station")["id"]
    look(station, name)
    report = station("report", "issue", name, "--judgement", "valid", "--reason", "标记正常", "--as", "station")["id"]
    written = station("report", "export", report, "-o", tmp_path / "out", "--as", "leader")["files"]
    content = {Path(path).suffix: Path(path).read_bytes() for path in written}
    assert set(content) == {".pdf", ".json", ".csv"}
    told = json.loads(content[".json"])
    assert told["form"] == "yaoxun-audit-report-1"
    assert told["judgement"] | {"word": "valid", "reason": "标记正常", "role": "station"} == told["judgement"]
    assert told["exceedance"]["limit"]["source"] == "DB31/964-2016"
    rows = list(csv.DictReader(io.StringIO(content[".csv"].decode(), newline="")))
    assert [float(row["value"]) for row in rows] == value.tolist()
    assert [row["at"] for row in rows[:2]] == ["2026-11-23T22:00:00+00:00", "2026-11-23T22:01:00+00:00"]
    assert sum(row["counts"] == "0" for row in rows) == 10 == sum(row["flag"] == "C" for row in rows)
    said = text_of(content[".pdf"])
    for word in (report, "超标数据审核报告", "企业 1A", "总悬浮颗粒物", "2026-11-24 07:30", "2.71 mg/m3",
                 "240 个", "超标数据有效", "计入 230 个", "市平台 7", "标记正常",
                 "未审核：运行、停运情况、气象、视频影像"):  # fmt: skip
        assert word in said, word
    shown = station("report", "show", report)
    assert {f["kind"] for f in shown["files"]} == {"pdf", "json", "csv"}
    place = home / "evidence" / shown["files"][0]["sha256"][:2] / shown["files"][0]["sha256"]
    place.chmod(0o600)
    place.write_bytes(content[".pdf"] + b" ")
    assert reason(station("report", "export", report, "-o", tmp_path / "out", code=2)) == "evidence_changed"
    assert {b["reason"] for b in station("evidence", "verify", code=3)["breaks"]} == {"evidence_changed"}


def test_one_that_does_not_hold_ends_at_the_desk_with_its_cause(station):
    name = station(*ENTER, "station")["id"]
    look(station, name, "curve")
    issue = ("report", "issue", name, "--judgement", "not_valid", "--reason", "校准期间", "--as", "station")
    assert reason(station(*issue, code=2)) == "audit_cause_unfit"
    assert station(*issue, "--cause", "calibration")["state"] == "not_valid"
    (row,) = station("exceedance", "list")["exceedances"]
    assert (row["state"], row["waits"], row["clock"]) == ("not_valid", "", "met")
    assert station("exceedance", "list", "--open")["exceedances"] == []


def test_a_report_is_replaced_by_name_and_only_until_the_brigade_has_it(station):
    name = station(*ENTER, "station")["id"]
    look(station, name)
    issue = ("report", "issue", name, "--as", "station")
    first = station(*issue, "--judgement", "valid", "--reason", "有效")["id"]
    other = (*issue, "--judgement", "not_valid", "--cause", "device_fault", "--reason", "故障")
    assert reason(station(*other, code=2)) == "report_issued_already"
    second = station(*other, "--replaces", first)["id"]
    assert station(*other, "--replaces", first)["unchanged"] is True
    deliver = ("--document", "7", "--as", "station")
    assert reason(station("report", "deliver", first, *deliver, code=2)) == "report_replaced"
    station("report", "deliver", second, *deliver)
    station("receipt", "record", second, "--as", "leader")
    third = (*issue, "--judgement", "valid", "--reason", "有效", "--replaces", second)
    assert reason(station(*third, code=2)) == "report_received_already"
    states = {row["id"]: row["state"] for row in station("report", "list")["reports"]}
    assert states == {first: "replaced", second: "received"}
    assert reason(station("exceedance", "evidence", name, "weather", "document:9", "--showed", "x", "--as", "station",
                          code=2)) == "report_issued_already"  # fmt: skip


def test_a_station_that_sits_on_an_exceedance_is_seen(station, day):
    """Known Tue 24 Nov 2026: five working days end Tue 1 Dec."""
    name = station(*ENTER, "station")["id"]
    (row,) = station("exceedance", "list", "--open")["exceedances"]
    assert (row["due"], row["clock"], row["waits"]) == ("2026-12-01", "running", "station")
    look(station, name)
    station("report", "issue", name, "--judgement", "valid", "--reason", "有效", "--as", "station")
    day(7)
    (row,) = station("exceedance", "list", "--open")["exceedances"]
    assert (row["state"], row["clock"]) == ("reported", "warning"), "a report in the drawer is not delivered"
    day(8)
    (row,) = station("exceedance", "list", "--open", "--as", "leader")["exceedances"]
    assert row["clock"] == "overdue"
    (late,) = station("clock", "--open")["deadlines"]
    assert (late["subject"], late["rule"], late["state"]) == (name, "exceedance_audit", "overdue")
    assert station("exceedance", "list", "--as-of", "2026-11-24T10:59:59+08:00")["exceedances"] == []


def test_what_is_unknown_or_unregistered_is_refused(station):
    assert reason(station("exceedance", "show", "X-9", code=2)) == "unknown_exceedance"
    assert reason(station("report", "show", "AR-9", code=2)) == "unknown_report"
    assert reason(station("report", "export", "AR-9", "-o", "x", code=2)) == "unknown_report"
    assert (
        reason(station("report", "deliver", "AR-9", "--document", "1", "--as", "station", code=2)) == "unknown_report"
    )
    words = [str(word) for word in ENTER]
    words[words.index(FIRM)] = "91310107MA1G00009X"
    assert reason(station(*words, "station", code=2)) == "unknown_enterprise"
    assert reason(station("exceedance", "list", "--as", "contractor", code=2)) == "role_forbids"
    assert reason(station("report", "list", "--as", "admin", code=2)) == "role_forbids"
