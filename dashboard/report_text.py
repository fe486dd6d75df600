"""A flight's quality report in words and on a map. Pure: takes the report as JSON values; text is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any

from dashboard import layers, markup, palette
from dashboard.labels import Words
from pipelines.store.records import DerivedFile, FlightPapers

CHIPS = {"yes": "yes", "only_larger": "judged", "no": "no"}
SEEN_COLOURS = {"seen": palette.ORANGE, "twice": palette.GREEN, "holes": palette.VERMILION}
PAPERS = ("pilot", "aircraft", "airspace_approval", "flight_plan")


def figures(report: Mapping[str, Any], words: Words) -> str:
    """The figures of a report, one line each; what a flight has not is left out."""
    coverage, sharp, exposed = report["coverage"], report["sharpness"], report["exposure"]
    shown = [(words("report.placed"), words("report.placed_value", placed=report["placed"], frames=report["frames"]))]
    if coverage["area_m2"]:
        area, twice = f"{coverage['area_m2'] / 1e4:.2f}", words.percent(coverage["twice_fraction"])
        value = words("report.seen_value", hectares=area, twice=twice, holes=coverage["holes_count"])
        shown.append((words("report.seen"), value))
    for name in ("forward", "side"):
        if (found := report["overlap"][name]) is not None:
            percents = {key: words.percent(found[key]) for key in ("median", "min")}
            shown.append((words(f"report.{name}"), words("report.overlap_value", **percents)))
    if report["gsd_m"]:
        centimetres = {key: f"{value * 100:.1f}" for key, value in report["gsd_m"].items()}
        shown.append((words("report.gsd"), words("report.gsd_value", **centimetres)))
    if report["sigma_major_m"]:
        median = words.metres(report["sigma_major_m"]["median"])
        shown.append((words("report.place_error"), words("report.place_error_value", median=median)))
    if sharp["threshold"] is not None:
        limits = {key: f"{sharp[key]:.2f}" for key in ("threshold", "median")}
        value = words("report.sharpness_value", blurred=sharp["blurred_count"], total=report["looked_at"], **limits)
        shown.append((words("report.sharpness"), value))
    clipped = {"dark": exposed["too_dark_count"], "white": exposed["too_bright_count"]}
    shown.append((words("report.exposure"), words("report.exposure_value", **clipped)))
    return markup.facts([*shown, *_time(report["sanity"], words)])


def _time(sanity: Mapping[str, Any], words: Words) -> list[tuple[str, str]]:
    first, last = sanity["first_observed_at"], sanity["last_observed_at"]
    if first is None:
        return []
    instants = {name: words.when(datetime.fromisoformat(at)) for name, at in (("first", first), ("last", last))}
    return [(words("report.time"), words("report.time_value", **instants))]


def findings_table(report: Mapping[str, Any], words: Words) -> str:
    """For each label whether this flight can carry a finding, and why."""
    heads = [(words("report.label"), ""), (words("report.answer"), ""), (words("report.why"), "")]
    rows = [
        [
            f"{palette.mark_html(found['label'])} {escape(words.of('kind', found['label']))}",
            markup.chip(CHIPS[found["answer"]], words(f"report.answer_{found['answer']}")),
            escape(words.reason(found["reason"], found["values"])) + _by_eye(found, words),
        ]
        for found in report["findings"]
    ]
    return markup.table(heads, rows)


def _by_eye(found: Mapping[str, Any], words: Words) -> str:
    if found["detector"] or found["answer"] == "no":
        return ""
    return f' <span class="yx-note">{escape(words("report.by_eye"))}</span>'


def remarks(report: Mapping[str, Any], words: Words) -> list[str]:
    """Everything that is to be said of a flight: notes, then what pictures lack, were refused for, or contradict."""
    said = [words.reason(note["code"], note["values"]) for note in report["notes"]]
    counted = [
        *report["without_place"].items(), *report["refused"].items(), *report["cannot_judge"].items(),
        *report["unreadable"].items(),
    ]  # fmt: skip
    said += [words("report.counted", count=count, sentence=words.reason(code)) for code, count in counted]
    said += [
        words("report.counted", count=doubt["count"], sentence=words.reason(doubt["code"], doubt["values"]))
        for doubt in report["contradictions"]
    ]
    return said


def areas(report: Mapping[str, Any], words: Words) -> list[layers.Area]:
    """Ground seen at all, seen twice, and holes, the latter above the former."""
    titles = {"seen": words("report.once"), "twice": words("report.twice"), "holes": words("report.hole")}
    return [
        layers.Area(tuple((lon, lat) for lon, lat in ring), SEEN_COLOURS[name], title, chosen=name == "holes")
        for name, title in titles.items()
        for ring in report["map"][name]
    ]


def legend(shown: Sequence[layers.Area]) -> str:
    """The colours of the coverage map with their names, those that are on it."""
    square = "display:inline-block;width:10px;height:10px;border:2px solid"
    items = "".join(
        f'<span><i style="{square} {colour}"></i> {escape(title)}</span>'
        for colour, title in dict.fromkeys((area.colour, area.title) for area in shown)
    )
    return f'<div class="yx-legend">{items}</div>'


def tile_layers(rasters: Sequence[DerivedFile], words: Words, *, flights: Sequence[str]) -> list[layers.TileLayer]:
    """Rasters as layers of a map: the home's basemap, and the mosaics of some flights."""
    found: list[layers.TileLayer] = []
    for raster in rasters:
        west, south, east, north = (float(edge) for edge in raster.facts["bounds"])
        bounds = (west, south, east, north)
        if raster.kind == "basemap":
            found.insert(0, layers.TileLayer(raster.id, words("report.basemap", name=raster.name), bounds))
        elif raster.subject in flights:
            found.append(layers.TileLayer(raster.id, words("report.mosaic", flight=raster.subject), bounds))
    return found


def mosaic_line(mosaic: DerivedFile, words: Words) -> str:
    """What a mosaic is like, in one line."""
    facts = mosaic.facts
    seam = facts["seams"]["median_m"]
    return words(
        "report.mosaic_value",
        gsd=f"{facts['gsd_m'] * 100:.1f}",
        used=facts["pictures_used"],
        seam="—" if seam is None else words.metres(seam),
    )


def papers_facts(papers: FlightPapers, words: Words) -> str:
    """Who flew, with what, under which numbers."""
    said = [(words(f"report.{name}"), getattr(papers, name)) for name in PAPERS]
    return markup.facts([(title, text) for title, text in said if text])
