"""A flight's report in words, both languages; what is foreign is escaped."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dashboard import report_text
from dashboard.labels import Words
from pipelines.store.records import DerivedFile, FlightPapers

NOW = datetime(2026, 5, 6, 4, tzinfo=UTC)
RING = [[121.0, 31.0], [121.1, 31.0], [121.1, 31.1], [121.0, 31.0]]
REPORT = {
    "frames": 9, "placed": 8, "looked_at": 9, "without_place": {"no_attitude": 1}, "refused": {}, "unreadable": {},
    "cannot_judge": {"night": 2},
    "coverage": {"area_m2": 70_800.0, "twice_fraction": 0.67, "holes_count": 1},
    "overlap": {"forward": {"min": 0.5, "median": 0.75, "max": 0.8}, "side": None},
    "gsd_m": {"min": 0.05, "median": 0.061, "max": 0.09}, "sigma_major_m": {"min": 1.0, "median": 2.6, "max": 3.0},
    "sharpness": {"threshold": 1.5, "median": 1.9, "blurred_count": 1},
    "exposure": {"too_dark_count": 0, "too_bright_count": 2},
    "sanity": {"first_observed_at": "2026-05-06T03:00:00+00:00", "last_observed_at": "2026-05-06T03:10:00+00:00"},
    "contradictions": [], "notes": [{"code": "holes_in_coverage", "values": {"count": 1, "largest_m2": 120.0}}],
    "findings": [
        {"label": "outfall", "answer": "only_larger", "detector": False, "reason": "finding_only_larger",
         "values": {"smallest_m": 1.04, "least_px": 16.0, "sigma_m": 2.6, "sought_m": 0.3}},
        {"label": "smoke", "answer": "no", "detector": False, "reason": "finding_no_place", "values": {}},
    ],
    "map": {"seen": [RING], "twice": [], "holes": [RING]},
}  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_part_has_its_words(language):
    words = Words(language)
    shown = report_text.figures(REPORT, words) + report_text.findings_table(REPORT, words)
    assert "7.08" in shown and "75%" in shown and "6.1" in shown and "1.04" in shown
    assert len(report_text.remarks(REPORT, words)) == 3
    assert shown.count(words("report.by_eye")) == 1, "where the answer is no, nobody needs to look"
    assert words("report.answer_only_larger") in shown


def test_holes_are_drawn_above_what_was_seen_and_rasters_by_flight():
    words = Words("en")
    areas = report_text.areas(REPORT, words)
    assert [area.title for area in areas] == ["seen once", "hole"]
    assert "hole" in report_text.legend(areas) and "twice" not in report_text.legend(areas)
    rasters = [raster(3, "mosaic", "F-1"), raster(4, "mosaic", "F-2"), raster(5, "basemap", "home")]
    assert [layer.id for layer in report_text.tile_layers(rasters, words, flights=["F-1"])] == [5, 3]


def raster(number: int, kind: str, subject: str) -> DerivedFile:
    facts = {"bounds": [121.0, 31.0, 121.1, 31.1]}
    return DerivedFile(number, kind, subject, "k", "m.tif", "derived/m.tif", "0" * 64, 1, facts, "system", NOW, None)


def test_papers_show_what_was_said_and_escape_it():
    papers = FlightPapers(1, "F-1", "<b>陈</b>", None, "沪-7", None, "owner", "owner", NOW, False)
    shown = report_text.papers_facts(papers, Words("zh"))
    assert "&lt;b&gt;陈" in shown and "沪-7" in shown and "航空器" not in shown
