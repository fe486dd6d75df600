"""The statistics of duties 履职统计 as a workbook: what figures mean, the figures, acts, the log they come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from enforcement.duty_states import Duty, DutyFigures
from enforcement.quality import QualityFigures
from pipelines.documents.workbook import Cell, Sheet, workbook

DEFINITIONS = (
    ("承办", "账号，或“role:”加角色：该角色的任何人都可办理"),
    ("事项", "规则行 duty_… 的名称：filing 立案审查，report_filing 七日立案，deciding 作出决定，checking 非现场检查，"
     "auditing 超标数据审核，receiving 签收审核报告，"
     "recheck 复查，second 第二人研判，task 任务，acceptance 验收"),
    ("起始数 begun", "本期内（含首尾两日，北京时间）开始的事项数；以下各列均为这些事项在统计时点的状态"),
    ("办结 done", "其中已办结的"),
    ("按期 met", "办结日不晚于最早的期限日"),
    ("按期有争议 met_disputed", "办结日晚于最早、不晚于最晚的期限日（自然日、顺延、工作日三种计算）"),
    ("逾期办结 met_late", "办结日晚于最晚的期限日"),
    ("无期限 undated", "已办结且没有期限的"),
    ("未办结 open", "起始数减办结"),
    ("逾期未办 overdue", "未办结且已过最晚的期限日"),
    ("无理由逾期 unexplained", "逾期办结或逾期未办，且承办人没有说明理由"),
    ("行为数", "日志中该账号在本期内写入的条目数，按条目种类"),
    ("质量：发现", "外包：任务提交的证据件数；无人机：告警数；在线监测：审核报告数"),
    ("质量：属实率、否定率", "已判定件数中的比例，附威尔逊区间；未判定的不计入"),
    ("质量：迟延率", "有期限且已完成或已过期的工作中，完成晚于期限或过期未完成的比例"),
    ("质量：一次通过率", "已验收或退回过的任务中，未经退回即通过的比例"),
    ("复算", "全部数字可由日志重新算出：yaoxun duty verify"),
)  # fmt: skip
FIGURES = (
    "承办",
    "事项",
    "起始数",
    "办结",
    "按期",
    "按期有争议",
    "逾期办结",
    "无期限",
    "未办结",
    "逾期未办",
    "无理由逾期",
)
LOG = ("事项", "对象", "承办", "开始", "期限", "办结", "结果", "状态", "理由")
ACTS = ("账号", "角色", "条目种类", "行为数")
QUALITY = (
    "来源", "对象", "工作数", "发现", "未判定", "属实率", "下限", "上限", "否定率", "下限", "上限",
    "迟延率", "下限", "上限", "一次通过率", "下限", "上限",
)  # fmt: skip


def duty_book(
    figures: Sequence[DutyFigures],
    duties: Sequence[Duty],
    acts: Sequence[tuple[str, str, str, int]],
    quality: Sequence[QualityFigures],
    names: Mapping[str, str],
    *,
    first: date,
    last: date,
    as_of: datetime,
    simulated: bool,
) -> bytes:
    """The workbook of a period.

    Args:
        figures: by holder and duty.
        duties: the log they were counted from: those that began in the period.
        acts: account, role, kind of entry, how many.
        quality: of contractors, drones and monitors.
        names: what an account is called.
        first: of the period.
        last: of the period, which belongs to it.
        as_of: the instant of the look.
        simulated: whether these are made-up people; said on the first sheet.
    """
    head: list[tuple[Cell, ...]] = [
        ("统计期间", f"{first.isoformat()} 至 {last.isoformat()}"), ("统计时点", as_of.isoformat()),
    ]  # fmt: skip
    if simulated:
        head.append(("样例数据", "人物均为虚构，不得作为考核依据"))
    return workbook(
        [
            Sheet("定义", ("名称", "含义"), [*head, *DEFINITIONS]),
            Sheet("履职", FIGURES, [_figures(one, names) for one in figures]),
            Sheet("行为", ACTS, [(names.get(who, who), role, kind, count) for who, role, kind, count in acts]),
            Sheet("质量", QUALITY, [_quality(one, names) for one in quality]),
            Sheet("台账", LOG, [_duty(one, names) for one in duties]),
        ],
        made_at=as_of,
    )


LATE = ("事项", "对象", "承办", "开始", "期限", "办结", "状态", "日志条目")
OUTSIDE = ("账号", "角色", "行为", "日期", "拒绝的规则行", "日志条目")


def accountability_book(
    late: Sequence[Mapping[str, Any]],
    outside: Sequence[Mapping[str, Any]],
    names: Mapping[str, str],
    *,
    as_of: datetime,
    simulated: bool,
) -> bytes:
    """The leader's list 问责 as a workbook: late without a reason, acts outside of a role, each with its entries.

    Args:
        late: as the command line's JSON gives them.
        outside: likewise.
        names: what an account is called.
        as_of: the instant of the look.
        simulated: whether these are made-up people.
    """
    head: list[tuple[Cell, ...]] = [("统计时点", as_of.isoformat())]
    if simulated:
        head.append(("样例数据", "人物均为虚构，不得作为问责依据"))
    said = [
        (one["duty"], one["subject"], names.get(one["holder"], one["holder"]), one["began_on"], one["due_on"],
         one["ended_on"], one["state"], _numbers(one))
        for one in late
    ]  # fmt: skip
    acts = [
        (names.get(one["by"], one["by"]), one["role"], one["act"], one["on"], one["rule"], _numbers(one))
        for one in outside
    ]
    sheets = [Sheet("说明", ("名称", "含义"), head), Sheet("逾期", LATE, said), Sheet("越权", OUTSIDE, acts)]
    return workbook(sheets, made_at=as_of)


def _numbers(one: Mapping[str, Any]) -> str:
    return ", ".join(map(str, one["journal_entries"]))


def _figures(one: DutyFigures, names: Mapping[str, str]) -> tuple[Cell, ...]:
    return (
        names.get(one.holder, one.holder), one.duty, one.begun, one.done, one.met, one.met_disputed, one.met_late,
        one.undated, one.open_now, one.overdue, one.unexplained,
    )  # fmt: skip


def _duty(one: Duty, names: Mapping[str, str]) -> tuple[Cell, ...]:
    return (
        one.duty, one.subject, names.get(one.holder, one.holder), one.began.on.isoformat(),
        "" if one.due_on is None else one.due_on.isoformat(), "" if one.ended is None else one.ended.on.isoformat(),
        "" if one.ended is None else one.ended.word, one.state, one.reason,
    )  # fmt: skip


def _quality(one: QualityFigures, names: Mapping[str, str]) -> tuple[Cell, ...]:
    shares = (one.confirmed, one.refused, one.late, one.accepted_at_once)
    cells = [number for share in shares for number in (share.value, share.low, share.high)]
    return (one.source, names.get(one.who, one.who), one.work, one.found, one.undecided, *cells)
