"""超标数据审核报告: the station's report as PDF for people, as JSON and CSV for programs."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from reportlab.platypus import Flowable

from pipelines.documents import words
from pipelines.documents.curve import Curve, CurveDrawing
from pipelines.documents.page import facts, gap, pdf, table, text, together

FORM = "yaoxun-audit-report-1"
TITLE = "超标数据审核报告"


@dataclass(frozen=True, slots=True)
class LookedAt:
    """What was looked at: its kind, where it is found again, when that was so, what it showed, who looked and when."""

    kind: str
    link: str
    seen_from: datetime
    showed: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Limit:
    """The limit: where it stands, and of a rule row its source and how sure the row is."""

    value: float
    unit: str
    below: bool
    link: str
    source: str = ""
    confidence: str = ""


@dataclass(frozen=True, slots=True)
class AuditPaper:
    """All that the report says. Instants aware; `firm` and `point` by name, `uscc` and `mn` by number."""

    id: str
    exceedance: str
    source: str
    withdrawn: bool
    times: int
    allowed: int
    firm: str
    uscc: str
    point: str
    mn: str
    pollutant: str
    pollutant_name: str
    period: str
    begin: datetime
    end: datetime
    value: float
    limit: Limit
    document: str
    known_at: datetime
    looked_at: tuple[LookedAt, ...]
    not_looked_at: tuple[str, ...]
    filings: tuple[tuple[str, str, str], ...]
    judgement: str
    cause: str | None
    reason: str
    replaces: str | None
    issued_by: str
    role: str
    issued_at: datetime
    simulated: bool
    rules: tuple[str, ...]
    curve: Curve | None


def files(paper: AuditPaper) -> dict[str, bytes]:
    """The report's files by kind: `pdf`, `json`, and `csv` where this home holds values. Same paper, same bytes."""
    made = {"pdf": _pdf(paper), "json": _json(paper)}
    return made if paper.curve is None else made | {"csv": _csv(paper.curve)}


def _pdf(paper: AuditPaper) -> bytes:
    pieces: list[Flowable] = [text(TITLE, "title"), gap(2), facts(_head(paper)), gap(2)]
    pieces += [text("一、监测曲线", "head"), *_curve(paper.curve)]
    pieces += [text("二、审核内容", "head"), *_looked_at(paper)]
    end = [text("三、审核结论", "head"), facts(_judgement(paper), columns=1), gap(3), facts(_signatures(paper)), gap(2)]
    pieces.append(together([*end, text(_foot(paper), "small")]))
    return pdf(pieces, title=f"{TITLE} {paper.id}", footer=f"{TITLE} {paper.id}", simulated=paper.simulated)


def _head(paper: AuditPaper) -> list[tuple[str, object]]:
    below = "低于下限" if paper.limit.below else "高于限值"
    return [
        ("报告编号", paper.id), ("超标编号", f"{paper.exceedance}（{words.SOURCES[paper.source]}）"),
        ("单位名称", paper.firm or "未登记"), ("统一社会信用代码", paper.uscc or "未登记"),
        ("监测点位", paper.point or "未登记"), ("设备编号", paper.mn),
        ("污染物", f"{paper.pollutant_name}（{paper.pollutant}）"), ("数据类型", words.PERIODS[paper.period]),
        ("超标时段", f"{words.when(paper.begin)} 至 {words.when(paper.end)}"),
        ("监测值", f"{words.figure(paper.value)} {paper.limit.unit}，{below}{_counted(paper)}"),
        ("限值", f"{words.figure(paper.limit.value)} {paper.limit.unit}"), ("限值依据", _basis(paper.limit)),
        ("知悉时间", words.when(paper.known_at)), ("数据来源", paper.document or "设备联网报文"),
    ]  # fmt: skip


def _counted(paper: AuditPaper) -> str:
    again = "；复算后机器已撤回" if paper.withdrawn else ""
    return f"（当日 {paper.times} 个均值超过，允许 {paper.allowed} 个）{again}" if paper.times else ""


def _basis(limit: Limit) -> str:
    sure = f"（{words.CONFIDENCE[limit.confidence]}）" if limit.confidence else ""
    return f"{limit.link} {limit.source}{sure}".strip()


def _curve(curve: Curve | None) -> list[Flowable]:
    if curve is None:
        return [text("本系统没有该设备在此时段的联网数据，曲线见下列审核内容所附材料。")]
    flags = Counter(point.flag or "无标记" for point in curve.points)
    counted = sum(point.counts for point in curve.points)
    told = "，".join(f"{flag} {count} 个" for flag, count in sorted(flags.items()))
    unit = "" if curve.limit is not None else "设备单位未登记，按设备所报数值绘制，不画限值线。"
    said = f"{words.PERIODS[curve.period]} {len(curve.points)} 个，计入 {counted} 个；数据标记：{told}。"
    return [CurveDrawing(curve), text(f"{said}时间为设备报文 DataTime。{unit}", "small")]


def _looked_at(paper: AuditPaper) -> list[Flowable]:
    rows = [
        (words.EVIDENCE[one.kind], one.showed, one.link, words.when(one.seen_from), f"{one.by}\n{words.when(one.at)}")
        for one in paper.looked_at
    ]
    pieces: list[Flowable] = [table(("内容", "情况", "材料", "材料时间", "审核人、时间"), rows, (13, 30, 23, 17, 17))]
    if paper.filings:
        pieces += [gap(2), table(("备案申报", "种类", "时段"), paper.filings, (24, 24, 52))]
    if paper.not_looked_at:
        left = "、".join(words.EVIDENCE[kind] for kind in paper.not_looked_at)
        pieces.append(text(f"未审核：{left}。", "small"))
    return pieces


def _judgement(paper: AuditPaper) -> list[tuple[str, object]]:
    rows: list[tuple[str, object]] = [("结论", words.JUDGEMENTS[paper.judgement])]
    if paper.cause is not None:
        rows.append(("无效原因", words.CAUSES[paper.cause]))
    rows.append(("理由", paper.reason))
    if paper.replaces is not None:
        rows.append(("替换", f"本报告替换 {paper.replaces}"))
    return rows


def _signatures(paper: AuditPaper) -> list[tuple[str, object]]:
    return [
        ("审核人", f"{paper.issued_by}（{words.ROLES[paper.role]}）"), ("出具时间", words.when(paper.issued_at)),
        ("监测站（章）", "\n\n"), ("大队签收", "\n\n"),
    ]  # fmt: skip


def _foot(paper: AuditPaper) -> str:
    return (
        f"依据规则行：{'、'.join(paper.rules)}。联网监测数据须经法制和技术审核后方可作为证据；七日自大队登记签收之次日起算。"
        "本报告的数据文件与本文件同时入库，以 SHA-256 记入日志。"
    )


def _json(paper: AuditPaper) -> bytes:
    return (json.dumps(document(paper), ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


def document(paper: AuditPaper) -> Mapping[str, object]:
    """The report as data (docs/formats/audit_report.md)."""
    limit = {"value": paper.limit.value, "unit": paper.limit.unit, "below": paper.limit.below, "link": paper.limit.link}
    return {
        "form": FORM, "report": paper.id, "replaces": paper.replaces, "simulated": paper.simulated,
        "exceedance": {
            "id": paper.exceedance, "source": paper.source, "enterprise": paper.uscc or None, "name": paper.firm,
            "point": paper.point, "mn": paper.mn, "pollutant": paper.pollutant, "period": paper.period,
            "begin": paper.begin.isoformat(), "end": paper.end.isoformat(), "value": paper.value,
            "limit": limit | {"source": paper.limit.source, "confidence": paper.limit.confidence},
            "times": paper.times, "allowed": paper.allowed, "withdrawn": paper.withdrawn,
            "document": paper.document, "known_at": paper.known_at.isoformat(),
        },
        "looked_at": [
            {
                "kind": one.kind, "link": one.link, "seen_from": one.seen_from.isoformat(), "showed": one.showed,
                "by": one.by, "at": one.at.isoformat(),
            }
            for one in paper.looked_at
        ],
        "not_looked_at": list(paper.not_looked_at),
        "filings": [list(one) for one in paper.filings],
        "judgement": {
            "word": paper.judgement, "cause": paper.cause, "reason": paper.reason, "by": paper.issued_by,
            "role": paper.role, "at": paper.issued_at.isoformat(), "rules": list(paper.rules),
        },
        "values": 0 if paper.curve is None else len(paper.curve.points),
    }  # fmt: skip


def _csv(curve: Curve) -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(["at", "period", "value", "unit", "flag", "counts"])
    for point in curve.points:
        writer.writerow(
            [point.at.isoformat(), curve.period, repr(point.value), curve.unit or "", point.flag, int(point.counts)]
        )
    return buffer.getvalue().encode()
