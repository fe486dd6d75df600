"""The Chinese words of the papers for the fixed words of acts and rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8))
EVIDENCE: Mapping[str, str] = {
    "curve": "监测曲线", "validity": "数据有效性", "flags": "数据标记", "calibration": "校准校验",
    "running": "运行、停运情况", "weather": "气象", "camera": "视频影像",
}  # fmt: skip
JUDGEMENTS: Mapping[str, str] = {"valid": "超标数据有效", "not_valid": "超标数据无效"}
CAUSES: Mapping[str, str] = {
    "calibration": "校准期间", "maintenance": "维护期间", "device_fault": "设备故障",
    "start_up_shut_down": "启停机期间", "communication": "通讯异常", "unit_or_clock": "单位或时钟有误", "other": "其他",
}  # fmt: skip
PERIODS: Mapping[str, str] = {
    "dust_quarter_hour": "15 分钟均值", "permit_hour": "小时均值", "permit_day": "日均值", "minute": "分钟数据",
    "hour": "小时数据", "day": "日数据", "now": "实时数据",
}  # fmt: skip
SOURCES: Mapping[str, str] = {"written": "监测站人员登记", "monitor": "本系统由联网数据判出"}
CONFIDENCE: Mapping[str, str] = {"law": "有条文", "guidance": "转引，待核", "default": "本系统默认，待法制科确认"}
ROLES: Mapping[str, str] = {
    "analyst": "研判员", "operator": "无人机飞手", "station": "监测站", "inspector": "执法人员",
    "leader": "大队负责人", "legal": "法制科", "contractor": "第三方", "auditor": "审计", "administrator": "管理员",
    "owner": "本机所有者", "system": "系统",
}  # fmt: skip


def when(at: datetime) -> str:
    """An instant in Beijing time, to the minute."""
    return f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M}"


def figure(value: float) -> str:
    """A figure without needless digits."""
    return f"{value:.6g}"


STEPS: Mapping[str, str] = {
    "file": "立案", "investigate": "调查终结", "notice": "事先告知", "hear": "陈述申辩、听证",
    "penalty": "行政处罚决定",
    "no_penalty": "不予处罚决定", "withdraw": "撤销立案", "transfer": "移送", "close": "结案",
}  # fmt: skip
CASE_STATES: Mapping[str, str] = {
    "filed": "已立案", "investigated": "已调查终结", "noticed": "已告知", "heard": "已听取", "decided": "已决定",
    "withdrawn": "已撤销", "transferred": "已移送", "closed": "已结案",
}  # fmt: skip
REVIEWS: Mapping[str, str] = {"legal": "法制审核", "technical": "技术审核", "admit": "采信", "reject": "不采信"}
STANDING: Mapping[str, str] = {"admitted": "已采信", "rejected": "不采信", "waiting": "待审核"}
OPINIONS: Mapping[str, str] = {"agree": "同意", "disagree": "不同意"}
MARKS: Mapping[str, str] = {"major": "重大案件", "serious_harm": "涉及生命健康安全"}
KINDS: Mapping[str, str] = {
    "alert": "告警", "check": "非现场检查", "report": "审核报告", "finding": "现场结果", "file": "文件",
}  # fmt: skip
VERDICTS: Mapping[str, str] = {
    "confirmed": "属实", "lawful": "合法", "duplicate": "重复", "machine_wrong": "误报", "cannot_tell": "无法判断",
    "needs_drone": "需复飞", "needs_foot": "需现场", "undone": "撤回",
}  # fmt: skip
FINDINGS: Mapping[str, str] = {
    "violation": "发现违法", "lawful": "合法", "nothing": "未发现", "something_else": "另有其他",
    "not_reached": "未能到达",
}  # fmt: skip
CHECK_JUDGEMENTS: Mapping[str, str] = {
    "violation": "涉嫌违法", "doubtful": "存疑", "compliant": "未发现问题", "cannot_tell": "无法判断",
}  # fmt: skip
CLOCKS: Mapping[str, str] = {
    "case_after_audit_report": "七日立案", "case_filing_decision": "立案审查", "case_decision": "作出处罚决定",
    "limitation": "追责时效", "rectification": "远程整改", "exceedance_audit": "超标数据审核",
}  # fmt: skip
CLOCK_STATES: Mapping[str, str] = {
    "running": "计算中", "warning": "临近", "disputed": "有争议", "overdue": "逾期", "paused": "中止", "met": "按期",
    "met_disputed": "按期与否有争议", "met_late": "逾期办结",
}  # fmt: skip
LABELS: Mapping[str, str] = {
    "dust_plume": "扬尘", "bare_soil": "裸土", "outfall": "排污口", "discharge": "排水", "foam": "泡沫",
    "smoke": "烟羽",
    "vehicle": "车辆",
}  # fmt: skip


def said(words: Mapping[str, str], word: str) -> str:
    """A fixed word in Chinese; one that has none stays as it is."""
    return words.get(word, word)
