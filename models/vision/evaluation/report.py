"""An evaluation as one HTML page that needs nothing beside it: figures, curves, splits, the worst cases as pictures."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from models.vision.detections import FloatArray
from models.vision.evaluation import scores, worst
from models.vision.evaluation.evaluate import LOOSE_IOU, Evaluation
from models.vision.evaluation.judged import gathered
from models.vision.pictures import read_picture

STYLE = """
body{font:15px/1.5 system-ui,"Noto Sans CJK SC",sans-serif;
margin:2rem auto;max-width:72rem;padding:0 1rem;color:#1d2733}
table{border-collapse:collapse;margin:.6rem 0 1.4rem}td,th{padding:.25rem .7rem;border-bottom:1px solid #d8dee6;
text-align:right}td:first-child,th:first-child{text-align:left}h2{margin-top:2rem}figure{display:inline-block;margin:.4rem}
figcaption{font-size:12px;max-width:17rem}svg{background:#f7f9fb;margin-right:1rem}.note{color:#5a6775}
"""
SIDE_PX = 260
ROUND = 3


def page(evaluation: Evaluation, *, title: str, frozen: Mapping[str, Any] | None = None) -> str:
    """The report.

    Args:
        evaluation: from `evaluate`.
        title: of the page.
        frozen: which commit holds the thresholds, and whether anything was changed since; None where unknown.
    """
    said = evaluation.document
    labels = tuple(said["classes"])
    parts = [
        f"<h1>{html.escape(title)}</h1>",
        _head(said, frozen),
        "<h2>Classes</h2>",
        _classes(said["classes"]),
        *(_curves(evaluation, word) for word in labels),
        "<h2>False boxes</h2>",
        _false_boxes(said),
        "<h2>Said and come true</h2>",
        _calibration(said),
        *(f"<h2>By {html.escape(key)}</h2>{_split(rows)}" for key, rows in said["by"].items()),
        *_worst(evaluation, labels),
    ]
    return f"<!doctype html><meta charset='utf-8'><title>{html.escape(title)}</title><style>{STYLE}</style>" + "".join(
        parts
    )


def _head(said: Mapping[str, Any], frozen: Mapping[str, Any] | None) -> str:
    if frozen is None or not frozen.get("commit"):
        commit = "thresholds: not under version control here, so nobody can say when they were fixed"
    else:
        changed = "" if frozen.get("clean") else ", <b>but files were changed since</b>"
        commit = f"thresholds frozen by commit {html.escape(str(frozen['commit'])[:12])}{changed}"
    licence = html.escape(str(said["licence"]) or "not declared")
    return (
        f"<p>Model {html.escape(said['model'])}, SHA-256 {said['sha256'][:16]}…; {said['images']} pictures of "
        f"{said['sites']} sites; licence of the set: {licence}.<br>Operating point {said['confidence']}, overlap "
        f"{said['iou']}; {commit}. Seed of the intervals {said['seed']}.</p>"
    )


def _classes(classes: Mapping[str, Mapping[str, Any]]) -> str:
    keys = ("boxes", "precision", "recall", "ap50", "ap30", "ap50_95")
    rows = []
    for word, figures in classes.items():
        cells = [_figure(figures[key]) + _interval(figures["intervals"].get(key)) for key in keys]
        rows.append([word, *cells])
    return _table(("class", *keys), rows) + "<p class='note'>In brackets 95 % of what sites drawn anew give.</p>"


def _interval(ends: Any) -> str:
    if ends is None:
        return ""
    return f" <span class='note'>({ends if isinstance(ends, str) else f'{ends[0]:.2f}–{ends[1]:.2f}'})</span>"


def _false_boxes(said: Mapping[str, Any]) -> str:
    return (
        _table(
            ("", "boxes"),
            [
                [f"an empty picture ({said['empty_images']} of them)", _figure(said["false_boxes_per_empty_image"])],
                ["an hour of flight", _figure(said["false_boxes_per_flight_hour"])],
                ["a camera-day", _figure(said["false_boxes_per_camera_day"])],
            ],
        )
        + f"<p class='note'>The last two are the first, times {said['looks_per_flight_hour']:g} looks an hour and "
        f"{said['looks_per_camera_day']:g} a day: as if no look were like the one before.</p>"
    )


def _calibration(said: Mapping[str, Any]) -> str:
    drawn = []
    for key, title in (("reliability", "probability"), ("reliability_of_confidence", "raw confidence")):
        if said[key]:
            error = said["ece" if key == "reliability" else "ece_of_confidence"]
            points = [(row["said"], row["came"]) for row in said[key]]
            drawn.append(
                f"<figure>{_plot([points], diagonal=True)}<figcaption>{title}: error {error:.3f}</figcaption></figure>"
            )
    return "".join(drawn) or "<p>Too few boxes to speak of it.</p>"


def _curves(evaluation: Evaluation, word: str) -> str:
    lines = []
    for overlap in (0.5, LOOSE_IOU):
        recall, precision = scores.curve(gathered(evaluation.judged, word, overlap))
        lines.append(list(zip(recall.tolist(), precision.tolist(), strict=True)))
    caption = f"{html.escape(word)}: precision over recall at IoU 0.5 (dark) and {LOOSE_IOU} (light)"
    return f"<figure>{_plot(lines)}<figcaption>{caption}</figcaption></figure>"


def _plot(lines: Sequence[Sequence[tuple[float, float]]], *, diagonal: bool = False) -> str:
    """Lines over the unit square, as SVG."""
    colours = ("#1f4e79", "#8fb4d6")
    drawn = ["<path d='M20 10V230H240' fill='none' stroke='#5a6775'/>"]
    if diagonal:
        drawn.append("<path d='M20 230L240 10' stroke='#c3ccd6'/>")
    for colour, line in zip(colours, lines, strict=False):
        points = " ".join(f"{20 + 220 * u:.1f},{230 - 220 * v:.1f}" for u, v in line)
        drawn.append(f"<polyline points='{points}' fill='none' stroke='{colour}' stroke-width='2'/>")
    return f"<svg width='250' height='240' viewBox='0 0 250 240'>{''.join(drawn)}</svg>"


def _split(rows: Mapping[str, Mapping[str, Any]]) -> str:
    keys = ("images", "boxes", "map50", "precision", "recall")
    return _table(("", *keys), [[part, *(_figure(figures[k]) for k in keys)] for part, figures in rows.items()])


def _worst(evaluation: Evaluation, labels: Sequence[str]) -> list[str]:
    said = evaluation.document
    point = {"confidence": said["confidence"], "iou_at_least": said["iou"]}
    parts = []
    for title, cases in (
        ("Missed, the largest first", worst.misses(evaluation.judged, labels, **point)),
        ("False, the surest first", worst.false_alarms(evaluation.judged, labels, **point)),
    ):
        drawn = "".join(_case(case) for case in cases) or "<p>None.</p>"
        parts.append(f"<h2>{title}</h2>{drawn}")
    return parts


def _case(case: worst.Case) -> str:
    caption = f"{case.file.name}: {case.word}, confidence {case.confidence:.2f}, nearest overlap {case.overlap:.2f}"
    return (
        f"<figure><img src='data:image/jpeg;base64,{_crop(case)}' alt='{html.escape(case.word)}'>"
        f"<figcaption>{html.escape(caption)}</figcaption></figure>"
    )


def _crop(case: worst.Case) -> str:
    """The box with as much again around it, as a small JPEG in base64."""
    image = Image.fromarray(read_picture(case.file))
    box: FloatArray = np.asarray(case.box, float)
    size = np.maximum(box[2:] - box[:2], 24)
    frame = np.hstack([box[:2] - size, box[2:] + size])
    frame = np.clip(frame, 0, [image.width, image.height] * 2).astype(int)
    ImageDraw.Draw(image).rectangle([*box.tolist()], outline="#ff2d2d", width=max(2, image.width // 400))
    shown = image.crop(frame.tolist())
    shown.thumbnail((SIDE_PX, SIDE_PX))
    out = io.BytesIO()
    shown.save(out, "JPEG", quality=80)
    return base64.b64encode(out.getvalue()).decode("ascii")


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    top = "".join(f"<th>{html.escape(cell)}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{top}</tr>{body}</table>"


def _figure(value: Any) -> str:
    if value is None:
        return "–"
    return html.escape(f"{value:.{ROUND}f}" if isinstance(value, float) else str(value))
