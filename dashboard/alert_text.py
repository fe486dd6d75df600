"""One alert in words: the machine's part and the people's part, never mixed. Gives HTML with all text escaped."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

from dashboard import markup, palette
from dashboard.components.queue import QueueRow
from dashboard.labels import Words
from dashboard.layers import CHI2_95_2DOF
from enforcement.attribution import Attribution, Candidate
from pipelines.records import Alert, AlertView, GroundEllipse, Verdict

CANDIDATE_MARKS = {"outfall": "registered_outfall", "site": "site", "enterprise": "enterprise"}
SHOWN_CANDIDATES = 5
CUE_PREFIX = "cue_"


def queue_row(view: AlertView, words: Words) -> QueueRow:
    """The line of an alert in the queue."""
    alert = view.alert
    return QueueRow(
        id=alert.id,
        kind=alert.kind,
        title=words.of("kind", alert.kind),
        source=source_words(view.attribution, words),
        figure=words.when(alert.observed_at)[5:],
        state=view.state,
        state_words=_state_words(view, words),
        seen=view.seen,
    )


def _state_words(view: AlertView, words: Words) -> str:
    if view.verdict is None or view.state == "second":
        return words.of("state", view.state)
    return words.of("verdict", view.verdict.value)


def named_candidate(attribution: Attribution) -> Candidate | None:
    """The candidate that the attribution names, if it names one."""
    if attribution.answer != "named":
        return None
    return next((candidate for candidate in attribution.candidates if candidate.id == attribution.named), None)


def source_words(attribution: Attribution, words: Words) -> str:
    """Whose it is, in a few words: a name, nobody registered, or cannot tell."""
    named = named_candidate(attribution)
    if named:
        return named.name
    return words("triage.cannot_tell" if attribution.answer == "cannot_tell" else "triage.none_registered")


def machine_part(view: AlertView, words: Words, *, frame_name: str) -> str:
    """What the machine says: kind, how sure, whose, why, what else it could be, where and when."""
    alert = view.alert
    sure = (
        words("triage.probability", value=words.percent(alert.probability))
        if alert.probability is not None
        else words("triage.confidence", value=f"{alert.confidence:.2f}")
    )
    return "".join(
        (
            f'<span class="yx-who yx-who-machine">{escape(words("triage.machine"))}</span>',
            f'<div class="yx-alert-head">{palette.mark_html(alert.kind)}{escape(words.of("kind", alert.kind))}'
            f"<small>{escape(alert.id)}</small></div>",
            f'<div class="yx-note">{escape(sure)}</div>',
            _sub(words("triage.candidates")),
            candidates(view.attribution, words),
            f'<div class="yx-note">{escape(words.reason(view.attribution.reason))}</div>',
            _sub(words("triage.why")),
            _why(alert, words),
            _sub(words("triage.else")) if alert.alternatives else "",
            markup.bullets(words.reasons(alert.alternatives)),
            markup.facts(_place_and_time(view, words, frame_name)),
        )
    )


def _why(alert: Alert, words: Words) -> str:
    """Why it fired; what the detector measured is folded away below it."""
    cues = words.reasons(reason for reason in alert.why if reason.code.startswith(CUE_PREFIX))
    rest = words.reasons(reason for reason in alert.why if not reason.code.startswith(CUE_PREFIX))
    if not cues:
        return markup.bullets(rest)
    summary = escape(words("triage.cues", count=len(cues)))
    return (
        f'{markup.bullets(rest)}<details class="yx-cues"><summary>{summary}</summary>{markup.bullets(cues)}</details>'
    )


def _sub(text: str) -> str:
    return f'<div class="yx-sub">{escape(text)}</div>'


def _place_and_time(view: AlertView, words: Words, frame_name: str) -> list[tuple[str, str]]:
    ground = view.alert.ground
    return [
        (words("triage.observed"), words.when(view.alert.observed_at)),
        (words("triage.place"), f"{ground.lon:.6f}, {ground.lat:.6f}"),
        (words("triage.error"), error_words(ground, words)),
        (
            words("triage.seen_in"),
            words("triage.seen_in_value", frame=frame_name, flight=view.flight_id, count=view.observations),
        ),
    ]


def error_words(ground: GroundEllipse, words: Words) -> str:
    """The 95 % ellipse: semi-axes and the major one's azimuth from true north."""
    grown = math.sqrt(CHI2_95_2DOF)
    return words(
        "triage.error_value",
        major=words.metres(ground.sigma_major_m * grown),
        minor=words.metres(ground.sigma_minor_m * grown),
        azimuth=f"{ground.sigma_azimuth_deg % 180:.0f}",
    )


def candidates(attribution: Attribution, words: Words) -> str:
    """Sources with their probabilities; *none registered* and *cannot tell* are answers of the same rank."""
    rows = [
        (
            f"{palette.mark_html(CANDIDATE_MARKS.get(candidate.kind, candidate.kind))} {escape(candidate.name)}"
            f"<small>{escape(words('triage.distance', metres=words.metres(candidate.distance_m)))}</small>",
            candidate.probability,
            "named" if candidate.id == attribution.named else "",
        )
        for candidate in attribution.candidates[:SHOWN_CANDIDATES]
    ]
    rows.append((escape(words("triage.none_registered")), attribution.none_registered, "nobody"))
    rows.append((escape(words("triage.cannot_tell")), attribution.cannot_tell, "nobody"))
    lines = "".join(
        f'<div class="yx-candidate {css}"><span class="name">{name}</span>'
        f'<span class="yx-bar"><i style="width:{share * 100:.1f}%"></i></span>'
        f'<span class="share">{words.percent(share)}</span></div>'
        for name, share, css in rows
    )
    return f'<div class="yx-candidates">{lines}</div>'


def person_part(verdicts: Sequence[Verdict], words: Words, *, names: Mapping[str, str]) -> str:
    """What people said, newest first; that nobody said anything is said too.

    Args:
        verdicts: of one alert, in any order.
        words: the language.
        names: user id → name.
    """
    head = markup.person_sign(words("triage.person"))
    if not verdicts:
        return head + f'<div class="yx-nobody">{escape(words("triage.no_verdict"))}</div>'
    lines = "".join(_verdict(verdict, words, names) for verdict in sorted(verdicts, key=lambda v: v.at, reverse=True))
    return head + f'<div style="margin-top:.45rem">{lines}</div>'


def _verdict(verdict: Verdict, words: Words, names: Mapping[str, str]) -> str:
    by = names.get(verdict.by, verdict.by)
    if verdict.simulated:
        by += f" · {words('app.simulated')}"
    signed = " · ".join((by, words.of("role", verdict.role), words.when(verdict.at)))
    reason = f"<p>{escape(verdict.reason)}</p>" if verdict.reason else ""
    really = f" · {escape(words.of('really', verdict.really))}" if verdict.really else ""
    return (
        f'<div class="yx-verdict" data-verdict="{escape(verdict.value)}">'
        f"<b>{escape(words.of('verdict', verdict.value))}{really}</b> <small>{escape(signed)}</small>{reason}</div>"
    )
