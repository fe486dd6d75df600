"""A case as people read it: its facts, and everything that was done, in tables with names and Beijing times."""

from __future__ import annotations

from collections.abc import Mapping

from enforcement import policy as law
from enforcement.cases import standing
from enforcement.clocks import Deadline
from enforcement.deadlines import COUNTINGS
from pipelines.casework.case import evidence_of
from pipelines.casework.case_matters import CaseMatters, Medium
from pipelines.documents import words
from pipelines.documents.book import Book, Cell, Section, columns, lines
from pipelines.documents.field_sheet import SIGNATURES
from pipelines.documents.words import said, when
from pipelines.records import Verdict
from pipelines.store.case_records import Signed
from pipelines.store.field_records import FieldRecord

Names = Mapping[str, str]
FOOT = (
    "案卷由日志和登记数据生成，时间为北京时间。每个文件的 SHA-256 见 manifest-sha256.txt；"
    "日志条目见 data/journal.jsonl，每条的哈希可以重算；有签名的日志末端见 data/signed_heads.jsonl。"
)


def book_of(matters: CaseMatters, names: Names, firms: Names) -> Book:
    """The book of a case.

    Args:
        matters: the case with all that belongs to it.
        names: of accounts, by id.
        firms: names by credit code.
    """
    case = matters.case
    party = case.party or ""
    facts = (
        ("案件编号", case.id), ("状态", said(words.CASE_STATES, case.state)),
        ("当事人", firms.get(party, "未登记")), ("统一社会信用代码", party or "—"),
        ("线索", case.lead_id), ("立案", f"{_who(case.signed, names)} {when(case.signed.at)}"),
        ("标注", "、".join(said(words.MARKS, one) for one in sorted(case.marked)) or "无"),
        ("日志条目", f"{len(matters.entries)} 条"),
    )  # fmt: skip
    sections = (
        _steps(matters, names), _clocks(matters), _evidence(matters, names), _opinions(matters, names),
        _alerts(matters, names), _checks(matters, names), _reports(matters, names), _findings(matters, names),
        _media(matters), _entries(matters, names),
    )  # fmt: skip
    return Book(case.id, "案卷", facts, sections, matters.simulated, FOOT)


def _who(signed: Signed, names: Names) -> str:
    return f"{names.get(signed.by, signed.by)}（{said(words.ROLES, signed.role)}）"


def _signed(signed: Signed, names: Names) -> str:
    return lines(_who(signed, names), when(signed.at))


def _steps(matters: CaseMatters, names: Names) -> Section:
    heads, shares = columns(("步骤", 22), ("文书", 20), ("理由", 38), ("经办", 20))
    rows = tuple(
        (f"{one.number} {said(words.STEPS, one.step)}", one.document, one.reason, _signed(one.signed, names))
        for one in matters.case.steps
    )
    return Section("一、办理过程", heads, rows, shares)


def _clocks(matters: CaseMatters) -> Section:
    heads, shares = columns(
        ("期限", 22), ("对象", 20), ("起算日（不计入）", 16), ("自然日／顺延／工作日", 26), ("状态", 16)
    )
    rows = tuple(
        (
            said(words.CLOCKS, one.name), one.clock.subject, one.clock.started.isoformat(),
            lines(*_dates(one)),
            lines(said(words.CLOCK_STATES, one.state.value), f"结束 {one.clock.ended}" if one.clock.ended else ""),
        )
        for one in matters.clocks
    )  # fmt: skip
    return Section("二、期限", heads, rows, shares)


def _dates(one: Deadline) -> list[str]:
    """The last day; where it is not settled how days are counted, all three."""
    counted = [one.due.counting] if one.due.counting in COUNTINGS else COUNTINGS
    return [getattr(one.due, name).isoformat() for name in counted]


def _evidence(matters: CaseMatters, names: Names) -> Section:
    heads, shares = columns(("证据", 20), ("状态", 12), ("审核", 48), ("入卷", 20))
    review = law.load().latest("evidence_review")
    stand = {one.id: standing(one, review) for one in evidence_of(matters.case)}
    rows = tuple(
        (
            lines(f"{one.id} {said(words.KINDS, one.kind)}", one.ref), said(words.STANDING, stand[one.id]),
            lines(*(
                f"{said(words.REVIEWS, word.kind)}：{said(words.REVIEWS, word.opinion)} {word.reason} "
                f"{_who(word.signed, names)} {when(word.signed.at)}"
                for word in one.reviews
            )),
            _signed(one.signed, names),
        )
        for one in matters.case.evidence
    )  # fmt: skip
    return Section("三、证据及审核", heads, rows, shares)


def _opinions(matters: CaseMatters, names: Names) -> Section:
    heads, shares = columns(("意见", 14), ("文书", 22), ("理由", 44), ("法制科", 20))
    rows = tuple(
        (said(words.OPINIONS, one.opinion), one.document, one.reason, _signed(one.signed, names))
        for one in matters.case.opinions
    )
    return Section("四、重大执法决定法制审核", heads, rows, shares)


def _alerts(matters: CaseMatters, names: Names) -> Section:
    heads, shares = columns(("告警", 22), ("机器所见", 22), ("位置（1σ）", 26), ("人的研判", 30))
    rows = []
    for view in matters.alerts:
        one = view.alert
        spoken = [word for word in matters.verdicts if word.alert_id == one.id]
        rows.append(
            (
                lines(one.id, when(one.observed_at)),
                f"{said(words.LABELS, one.kind)}，置信度 {one.confidence:.2f}",
                lines(f"{one.ground.lon:.6f}, {one.ground.lat:.6f}", f"±{one.ground.sigma_major_m:.1f} m"),
                lines(*(_verdict(word, names) for word in spoken)),
            )
        )
    return Section("五、告警及研判", heads, tuple(rows), shares)


def _verdict(word: Verdict, names: Names) -> str:
    return f"{said(words.VERDICTS, word.value)} {word.reason} {names.get(word.by, word.by)} {when(word.at)}"


def _checks(matters: CaseMatters, names: Names) -> Section:
    heads, shares = columns(("非现场检查", 20), ("查看", 48), ("结论", 32))
    rows = tuple(
        (
            lines(one.id, _signed(one.signed, names)),
            lines(*(f"{item.link}（{when(item.seen_from)}）：{item.showed}" for item in one.items)),
            "" if one.closing is None else lines(
                said(words.CHECK_JUDGEMENTS, one.closing.judgement), one.closing.reason,
                _signed(one.closing.signed, names),
            ),
        )
        for one in matters.checks
    )  # fmt: skip
    return Section("六、非现场检查", heads, rows, shares)


def _reports(matters: CaseMatters, names: Names) -> Section:
    heads, shares = columns(("审核报告", 20), ("超标", 34), ("结论", 26), ("移交、签收", 20))
    files = {(m.of, m.name): m for m in matters.media}
    rows = []
    for one in matters.exceedances:
        told = one.exceedance
        for report in one.reports:
            paper = files.get((report.id, f"{report.id}.pdf"))
            rows.append(
                (
                    report.id if paper is None else Cell(report.id, paper.place),
                    lines(f"{told.pollutant} {words.figure(told.value)} {told.unit}（限值 {words.figure(told.limit)}）",
                          f"{when(told.begin)} 至 {when(told.end)}"),
                    lines(said(words.JUDGEMENTS, report.judgement), report.reason, _who(report.signed, names)),
                    lines(f"移交 {when(one.delivery.signed.at)}" if one.delivery else "",
                          f"签收 {when(one.receipt.signed.at)}" if one.receipt else ""),
                )
            )  # fmt: skip
    return Section("七、超标数据审核报告", heads, tuple(rows), shares)


def _findings(matters: CaseMatters, names: Names) -> Section:
    heads, shares = columns(("现场结果", 20), ("结果", 14), ("情况", 46), ("经办", 20))
    visits = {one.finding_id: one for one in matters.visits}
    rows = tuple(
        (
            lines(one.id, one.seen_on.isoformat()), said(words.FINDINGS, one.found),
            lines(one.text, *_visit(visits.get(one.id), names)), _signed(one.signed, names),
        )
        for one in matters.findings
    )  # fmt: skip
    return Section("八、现场结果", heads, rows, shares)


def _visit(one: FieldRecord | None, names: Names) -> tuple[str, ...]:
    """What the record of the visit adds to a finding."""
    if one is None:
        return ()
    people = "、".join(names.get(name, name) for name in one.inspectors)
    shown = "已出示执法证件并告知" if one.identity_shown and one.notice_given else "当事人不在场"
    return (
        f"现场检查记录 {one.id}：{when(one.began_at)} 至 {when(one.ended_at)}，{people}；{shown}",
        f"当事人陈述：{one.statement}" if one.statement else "",
        f"{SIGNATURES[one.signature]} {one.reason}，照片 {len(one.photos)} 张",
    )


def _media(matters: CaseMatters) -> Section:
    heads, shares = columns(("原始文件", 24), ("来自", 18), ("时间、设备、位置", 30), ("SHA-256", 28))
    rows = tuple((_file(one), one.of, _taken(one), one.sha256) for one in matters.media)
    return Section("九、原始文件", heads, rows, shares)


def _file(one: Medium) -> Cell:
    picture = one.name.lower().endswith((".jpg", ".jpeg", ".png"))
    return Cell(one.name, one.place, picture)


def _taken(one: Medium) -> str:
    place = "" if one.lon is None or one.lat is None else f"{one.lon:.6f}, {one.lat:.6f}"
    times = (
        f"拍摄 {when(one.observed_at)}" if one.observed_at else "",
        f"入库 {when(one.received_at)}" if one.received_at else "",
    )
    return lines(*times, one.device, place)


def _entries(matters: CaseMatters, names: Names) -> Section:
    heads, shares = columns(("日志", 10), ("时间", 18), ("谁", 20), ("事项", 26), ("哈希", 26))
    rows = tuple(
        (
            str(one.seq), when(one.at), f"{names.get(one.actor, one.actor)}（{said(words.ROLES, one.role)}）",
            lines(one.kind, one.subject), one.hash[:24],
        )
        for one in matters.entries
    )  # fmt: skip
    return Section("十、全过程记录", heads, rows, shares)
