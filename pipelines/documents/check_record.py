"""The record of a non-site check 非现场检查记录 as a PDF: what opened it, what was looked at, judgement, next step."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from pipelines.documents import page

TITLE = "非现场检查记录"
BASES = {"alert": "告警", "plan": "计划", "complaint": "投诉", "clue": "线索"}
LOOKED_AT = {
    "online_data": "在线数据", "video": "视频", "drone": "无人机影像", "permit": "许可证", "filing": "备案",
    "declaration": "申报",
}  # fmt: skip
JUDGEMENTS = {"violation": "涉嫌违法", "doubtful": "存疑", "compliant": "合规", "cannot_tell": "无法判断"}
STEPS = {
    "close": "结束", "guidance_letter": "提示函", "remote_rectification": "远程整改", "site_visit": "现场检查",
    "sampling": "采样监测", "referral": "移送其他部门", "criminal_referral": "涉嫌犯罪移送",
}  # fmt: skip
STATES = {"open": "进行中", "closed": "已关闭", "rectifying": "整改中", "rechecked": "已复查"}
BEIJING = timezone(timedelta(hours=8))


def check_record(
    check: Mapping[str, Any], *, enterprise: str, names: Mapping[str, str], entries: int, simulated: bool
) -> bytes:
    """The record.

    Args:
        check: as the command line's JSON gives it.
        enterprise: name of the firm, empty where none is named.
        names: what an account is called.
        entries: the number of the last journal entry it rests on.
        simulated: whether made-up people stand behind it; then every page says so.
    """
    pieces = [page.text(TITLE, "title"), page.facts(_head(check, enterprise, names)), page.text("查看内容", "head")]
    pieces.append(
        page.table(
            ("序号", "种类", "看到了什么", "当时", "链接", "查看人"),
            [
                (item["id"], LOOKED_AT.get(item["kind"], item["kind"]), item["showed"], _when(item["seen_from"]),
                 item["link"], names.get(item["by"], item["by"]))
                for item in check["looked_at"]
            ],
            (1, 2, 5, 3, 5, 2),
        )
    )  # fmt: skip
    pieces += [page.text("结论与后续", "head"), page.facts(_end(check, names))]
    footer = f"{check['id']} · 记录至日志第 {entries} 条"
    return page.pdf(pieces, title=f"{TITLE} {check['id']}", footer=footer, simulated=simulated)


def _head(check: Mapping[str, Any], enterprise: str, names: Mapping[str, str]) -> list[tuple[str, object]]:
    return [
        ("编号", check["id"]), ("状态", STATES[check["state"]]),
        ("启动依据", f"{BASES[check['basis']]} {check['ref']}"), ("启动人", names.get(check["by"], check["by"])),
        ("启动时间", _when(check["at"])), ("企业", f"{enterprise} {check['enterprise'] or '未写明'}".strip()),
        ("说明", check["reason"] or "－"),
    ]  # fmt: skip


def _end(check: Mapping[str, Any], names: Mapping[str, str]) -> list[tuple[str, object]]:
    done, again = check["closed"], check["recheck"]
    if done is None:
        return [("结论", "尚未作出")]
    rows: list[tuple[str, object]] = [
        ("结论", JUDGEMENTS[check["judgement"]]), ("后续措施", STEPS[check["next_step"]]),
        ("作出人", names.get(done["by"], done["by"])), ("作出时间", _when(done["at"])),
        ("构成现场检查依据", "是" if check["mandate"] else "否"),
        ("理由", done["reason"] or "－"),
    ]  # fmt: skip
    if check["within_days"] is not None:
        rows.append(("整改期限", f"{check['within_days']} 天"))
    rows += [(f"移送清单：{question}", "是" if said else "否") for question, said in (check["checklist"] or {}).items()]
    if again is not None:
        rows.append(("复查", f"{'已整改' if again['mended'] else '未整改'}，{again['link']}，{again['reason']}"))
    return rows


def _when(instant: datetime | str) -> str:
    at = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    return f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M}"
