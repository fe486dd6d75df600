"""现场检查（勘察）记录: the sheet that inspectors take along, and the same sheet once the visit is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from reportlab.platypus import Flowable

from pipelines.documents import words
from pipelines.documents.page import facts, gap, pdf, table, text, together

TITLE = "现场检查（勘察）记录"
EMPTY, FULL = "□", "■"
PARTIES = {"present": "当事人在场", "absent": "当事人不在场"}
SIGNATURES = {"signed": "已签名", "refused": "拒绝签名", "absent": "无人签名"}
RIGHTS = (
    "检查人员出示执法证件、说明来意后，告知：当事人有权要求与案件有利害关系的检查人员回避；有权陈述和申辩；"
    "应当如实回答询问、协助检查，不得阻碍。"
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What led there: number, kind, when it was seen, where with its 1-sigma radius."""

    id: str
    kind: str
    observed_at: datetime
    lon: float
    lat: float
    sigma_m: float


@dataclass(frozen=True, slots=True)
class Photo:
    """A photograph of the visit."""

    name: str
    taken_at: datetime | None
    device: str
    place: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Filled:
    """What the record says once it is written; `inspectors` by name."""

    id: str
    began_at: datetime
    ended_at: datetime
    inspectors: tuple[str, ...]
    identity_shown: bool
    notice_given: bool
    party: str
    found: str
    text: str
    statement: str
    signature: str
    reason: str
    photos: tuple[Photo, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet; `filled` None is the one to take along."""

    lead: str
    firm: str
    uscc: str
    address: str
    reason: str
    seen: tuple[Seen, ...]
    permits: tuple[str, ...]
    simulated: bool
    filled: Filled | None = None


def paper(sheet: Sheet) -> bytes:
    """The sheet as PDF. The same sheet, the same bytes."""
    done = sheet.filled
    pieces: list[Flowable] = [text(TITLE, "title"), gap(2), facts(_head(sheet)), gap(1)]
    pieces += [text("一、检查缘由", "head"), *_seen(sheet)]
    pieces += [text("二、表明身份、告知", "head"), facts(_notice(done), columns=1), text(RIGHTS, "small")]
    pieces += [text("三、检查情况", "head"), facts(_findings(done), columns=1)]
    pieces += [text("四、照片、录像", "head"), _photos(done)]
    pieces.append(together([text("五、签名", "head"), facts(_signatures(done))]))
    name = sheet.lead if done is None else done.id
    return pdf(pieces, title=f"{TITLE} {name}", footer=f"{TITLE} {name}", simulated=sheet.simulated)


def _head(sheet: Sheet) -> list[tuple[str, object]]:
    done = sheet.filled
    times = "____年__月__日__时__分 至 __时__分"
    if done is not None:
        times = f"{words.when(done.began_at)} 至 {words.when(done.ended_at)}"
    return [
        ("记录编号", "" if done is None else done.id), ("线索", sheet.lead), ("单位名称", sheet.firm or "未登记"),
        ("统一社会信用代码", sheet.uscc or "未登记"), ("地址", sheet.address or "未登记"), ("检查时间", times),
        ("检查人员", "" if done is None else "、".join(done.inspectors)), ("执法证号", "\n"),
    ]  # fmt: skip


def _seen(sheet: Sheet) -> list[Flowable]:
    rows = [
        (one.id, words.said(words.LABELS, one.kind), words.when(one.observed_at),
         f"{one.lon:.6f}, {one.lat:.6f}（1σ {one.sigma_m:.1f} m）")
        for one in sheet.seen
    ]  # fmt: skip
    pieces: list[Flowable] = [text(sheet.reason or "见线索", "body")]
    if rows:
        pieces += [gap(1), table(("告警", "机器所见", "时间", "经度、纬度（WGS 84）"), rows, (24, 16, 22, 38))]
    if sheet.permits:
        pieces.append(text(f"登记的许可、备案：{'；'.join(sheet.permits)}", "small"))
    return pieces


def _box(ticked: bool | None) -> str:
    return FULL if ticked else EMPTY


def _notice(done: Filled | None) -> list[tuple[str, object]]:
    shown, given = (None, None) if done is None else (done.identity_shown, done.notice_given)
    party = "　".join(f"{_box(done is not None and done.party == word)} {name}" for word, name in PARTIES.items())
    return [
        ("出示执法证件", f"{_box(shown)} 已向当事人或者有关人员出示执法证件"),
        ("告知", f"{_box(given)} 已告知检查事由、依据和当事人的权利义务"),
        ("当事人", party),
    ]


def _findings(done: Filled | None) -> list[tuple[str, object]]:
    result = "　".join(
        f"{_box(done is not None and done.found == word)} {name}" for word, name in words.FINDINGS.items()
    )
    return [
        ("结果", result), ("现场情况", "\n" * 9 if done is None else done.text),
        ("当事人陈述", "\n" * 5 if done is None else done.statement or "无"),
    ]  # fmt: skip


def _photos(done: Filled | None) -> Flowable:
    if done is None:
        return table(("文件名", "拍摄时间", "拍摄内容"), [("\n\n", "", "")] * 3, (30, 26, 44))
    rows = [
        (one.name, "" if one.taken_at is None else words.when(one.taken_at), one.device, one.place, one.sha256)
        for one in done.photos
    ]
    heads = ("文件名", "拍摄时间", "设备", "位置", "SHA-256")
    return table(heads, rows, (20, 20, 16, 18, 26)) if rows else text("无", "small")


def _signatures(done: Filled | None) -> list[tuple[str, object]]:
    signed = "\n\n" if done is None else f"{SIGNATURES[done.signature]} {done.reason}\n"
    return [("当事人签名", signed), ("检查人员签名", "\n\n"), ("见证人签名", "\n\n"), ("日期", "\n\n")]
