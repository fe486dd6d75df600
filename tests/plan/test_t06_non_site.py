"""T06, non-site supervision: the check as a procedure, its sources, the station's report, the seven days."""

from __future__ import annotations

import json
from pathlib import Path

import bagit
import pypdfium2

from tests.plan.proof import Clerk, covers
from tests.store.making import FIRM

ENTER = (
    "exceedance", "enter", "M-1", "--pollutant", "TSP", "--period", "dust_quarter_hour",
    "--begin", "2026-11-24T07:30:00+08:00", "--end", "2026-11-24T08:45:00+08:00", "--value", 2.71, "--limit", 2,
    "--unit", "mg/m3", "--limit-link", "rule:dust_quarter_hour_limit_1", "--document", "市平台 7",
    "--enterprise", FIRM,
)  # fmt: skip
LOOKED = ("curve", "validity", "flags", "calibration")


def text_of(file: Path) -> str:
    """The text of a PDF, read by another program, without the ends of its lines."""
    document = pypdfium2.PdfDocument(file.read_bytes())
    try:
        said = "".join(page.get_textpage().get_text_range() for page in document)
        return said.replace("\r", "").replace("\n", "")
    finally:
        document.close()


def exported(clerk: Clerk, case: str, tmp_path: Path) -> Path:
    """A case as a bag that another program finds whole."""
    folder = tmp_path / "案卷"
    clerk.act("leader", "evidence", "export", case, "-o", folder)
    assert bagit.Bag(str(folder)).is_valid()
    clerk.opened("BagIt")
    return folder


@covers("T06.1", acts="analyst inspector", wrong="contractor auditor operator", document="PDF",
        illegal="check_without_items judgement_forbids_step check_is_closed")  # fmt: skip
def test_the_non_site_check_is_a_procedure_with_a_record(clerk: Clerk, tmp_path: Path) -> None:
    clerk.wrong_role("contractor", "check", "open", "--alert", "A-1")
    check = clerk.act("analyst", "check", "open", "--alert", "A-1")["id"]
    close = ("check", "close", check, "--judgement", "violation", "--next-step")
    clerk.illegal("check_without_items", "analyst", *close, "site_visit")
    clerk.act("inspector", "check", "record", check, "drone", "alert:A-1", "--showed", "料堆未覆盖，扬尘明显")
    clerk.illegal("judgement_forbids_step", "analyst", *close, "close")
    clerk.wrong_role("operator", *close, "site_visit")
    clerk.wrong_role("auditor", *close, "site_visit")
    done = clerk.act("analyst", *close, "site_visit", "--reason", "明显")
    item = ("check", "record", check, "drone", "alert:W-1", "--showed", "x")
    clerk.illegal("check_is_closed", "inspector", *item)
    file = tmp_path / "检查.pdf"
    clerk.act("analyst", "check", "print", check, "-o", file)
    said = text_of(file)
    for word in (
        "非现场检查记录",
        check,
        "明显",
        "料堆未覆盖",
        "涉嫌违法",
        "现场检查",
        "alert:A-1",
        FIRM,
        "analyst",
        "inspector",
    ):
        assert word in said, word
    clerk.opened("PDF")
    lead = clerk.act("analyst", "lead", "open", "--check", check, "--next-step", "site_visit")
    clerk.replay(done["journal_entry"], kind="check_closed", by="analyst", judgement="violation", mandate=True, items=1)
    assert lead["state"] == "open"


@covers("T06.3", acts="analyst inspector", wrong="contractor", illegal="link_leads_nowhere link_unfit", document="PDF",
        lacks="the one screen is a page: tests/dashboard shows it")  # fmt: skip
def test_picture_online_data_permit_and_filing_are_set_against_each_other_and_a_lead_is_made(
    clerk: Clerk, tmp_path: Path
) -> None:
    check = clerk.act("analyst", "check", "open", "--alert", "A-1")["id"]
    record = ("check", "record", check)
    clerk.wrong_role("contractor", *record, "drone", "alert:A-1", "--showed", "x")
    clerk.illegal("link_leads_nowhere", "analyst", *record, "permit", "permit:没有", "--showed", "x")
    clerk.illegal("link_unfit", "analyst", *record, "permit", "alert:A-1", "--showed", "x")
    for kind, link, showed in (
        ("drone", "alert:A-1", "料堆扬尘"), ("online_data", "document:平台截图 1", "PM10 超限"),
        ("filing", "document:扬尘防治备案 3", "应当覆盖"), ("declaration", "document:月报 10", "未报停产"),
    ):  # fmt: skip
        clerk.act("inspector", *record, kind, link, "--showed", showed)
    clerk.act("analyst", "check", "close", check, "--judgement", "violation", "--next-step", "site_visit")
    lead = clerk.act("analyst", "lead", "open", "--check", check, "--next-step", "site_visit", "--reason", "四项不符")
    file = tmp_path / "检查.pdf"
    clerk.act("analyst", "check", "print", check, "-o", file)
    said = text_of(file)
    for word in ("无人机影像", "在线数据", "备案", "申报", "应当覆盖", "未报停产"):
        assert word in said, word
    clerk.opened("PDF")
    clerk.replay(
        lead["journal_entry"],
        kind="lead_opened",
        by="analyst",
        others=[f"check {check}"],
        reason="四项不符",
        mandate=True,
    )


def reported(clerk: Clerk) -> tuple[str, dict[str, object]]:
    """An exceedance with what was looked at, and the act of the report on it."""
    name = clerk.act("station", *ENTER)["id"]
    for number, kind in enumerate(LOOKED):
        clerk.act("station", "exceedance", "evidence", name, kind, f"document:记录 {number}", "--showed", "正常")
    issue = ("report", "issue", name, "--judgement", "valid", "--reason", "数据有效")
    return name, clerk.act("station", *issue)


@covers("T06.4", acts="station leader", wrong="inspector auditor", document="PDF",
        illegal="audit_evidence_missing audit_cause_unfit")  # fmt: skip
def test_the_station_audits_an_exceedance_and_issues_its_report(clerk: Clerk, tmp_path: Path) -> None:
    clerk.wrong_role("inspector", *ENTER)
    name = clerk.act("station", *ENTER)["id"]
    issue = ("report", "issue", name, "--reason", "数据有效", "--judgement")
    clerk.illegal("audit_evidence_missing", "station", *issue, "valid")
    clerk.act("station", "exceedance", "evidence", name, "curve", "document:曲线 1", "--showed", "两小时超限")
    clerk.illegal("audit_cause_unfit", "station", *issue, "not_valid")
    for kind in LOOKED[1:]:
        clerk.act("station", "exceedance", "evidence", name, kind, "document:记录 2", "--showed", "正常")
    clerk.wrong_role("auditor", *issue, "valid")
    issued = clerk.act("station", *issue, "valid")
    files = clerk.act("leader", "report", "export", issued["id"], "-o", tmp_path / "out")["files"]
    held = {Path(one).suffix: Path(one) for one in files}
    said = text_of(held[".pdf"])
    for word in ("超标数据审核报告", issued["id"], "2.71 mg/m3", "超标数据有效", "两小时超限", "总悬浮颗粒物"):
        assert word in said, word
    told = json.loads(held[".json"].read_text("utf-8"))
    assert (told["judgement"]["word"], told["judgement"]["role"]) == ("valid", "station")
    clerk.opened("PDF")
    clerk.replay(issued["journal_entry"], kind="report_issued", by="station", report=issued["id"], valid=True)


@covers("T06.5", acts="station inspector leader", wrong="station analyst", document="BagIt",
        illegal="report_not_received report_not_delivered late_without_reason")  # fmt: skip
def test_from_the_receipt_the_seven_days_run_by_three_counts_until_a_case_is_filed(
    clerk: Clerk, tmp_path: Path
) -> None:
    name, issued = reported(clerk)
    report = str(issued["id"])
    open_lead = ("lead", "open", "--report", report, "--next-step", "site_visit")
    receive = ("receipt", "record", report)
    clerk.illegal("report_not_delivered", "inspector", *receive)
    clerk.illegal("report_not_received", "leader", *open_lead)
    clerk.act("station", "report", "deliver", report, "--document", "沪普监 7")
    clerk.wrong_role("station", *receive)
    receipt = clerk.act("inspector", *receive)
    lead = clerk.act("leader", *open_lead)["id"]
    seven = {}
    for day in (1, 4, 8, 9, 10, 11):
        clerk.on(day)
        clocks = clerk.act("leader", "clock")["deadlines"]
        (seven[day],) = [one for one in clocks if one["rule"] == "case_after_audit_report"]
    assert [seven[1][f"due_{way}"] for way in ("calendar", "rolled", "working")] == [
        "2026-12-02", "2026-12-02", "2026-12-04",
    ]  # fmt: skip
    assert [seven[day]["state"] for day in seven] == [
        "running",
        "running",
        "warning",
        "disputed",
        "disputed",
        "overdue",
    ]
    clerk.wrong_role("analyst", "case", "file", lead)
    clerk.illegal("late_without_reason", "leader", "case", "file", lead)
    case = clerk.act("leader", "case", "file", lead, "--reason", "等待复核")["id"]
    (done,) = [one for one in clerk.act("leader", "clock")["deadlines"] if one["rule"] == "case_after_audit_report"]
    assert (done["state"], done["case"]) == ("met_late", case)
    clerk.act("inspector", "finding", "record", lead, "violation", "--text", "现场确认")
    folder = exported(clerk, case, tmp_path)
    assert any(report in file.name for file in folder.rglob("*"))
    clerk.replay(receipt["journal_entry"], kind="receipt_recorded", by="inspector", valid=True)
    assert name


@covers("T06.6", acts="analyst leader inspector", wrong="operator", document="BagIt",
        illegal="outfall_needs_foot_check")  # fmt: skip
def test_where_somebody_must_go_there_the_rows_say_so_and_hold(clerk: Clerk, tmp_path: Path) -> None:
    clerk.act("analyst", "verdict", "W-1", "needs_foot")
    shown = clerk.act("analyst", "alerts", "show", "W-1")
    assert shown["verdict"] == "needs_foot"
    lead = clerk.act("leader", "lead", "open", "W-1", "--next-step", "foot_check")["id"]
    clerk.illegal("outfall_needs_foot_check", "leader", "case", "file", lead)
    found = ("finding", "record", lead, "violation", "--text", "暗管排水")
    clerk.wrong_role("operator", *found)
    clerk.act("inspector", *found)
    case = clerk.act("leader", "case", "file", lead)
    folder = exported(clerk, case["id"], tmp_path)
    index = next(folder.rglob("*.html")).read_text("utf-8")
    assert "暗管排水" in index
    clerk.replay(case["journal_entry"], kind="case_filed", by="leader", lead=lead)
