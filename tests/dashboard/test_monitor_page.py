"""The monitors page: trouble first, a curve that breaks at gaps, limits by day, the same points as CSV and as PNG."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dashboard import monitor_chart, monitor_text
from dashboard.labels import Words
from enforcement.formats import BEIJING
from pipelines import clock
from pipelines.casework.monitors import LimitLine, Look, Monitor
from pipelines.monitor.curve import Band, Curve
from pipelines.monitor.picture import curve_png
from pipelines.store import Store
from pipelines.store.monitor_records import StoredClue, StoredExceedance, StoredMean
from tests.casework.test_monitors import DUST_MN, NOON, bring, minutes, run, store
from tests.dashboard.test_pages import html_of, page

__all__ = ["page", "store"]  # fixtures

EN, ZH = Words("en"), Words("zh")
DAY = date(2026, 11, 24)
TEN = datetime(2026, 11, 24, 10, tzinfo=BEIJING)


def a_curve(*minutes_of_day: int, step: int = 15) -> Curve:
    at = np.datetime64("2026-11-23T16:00", "m") + np.array(minutes_of_day, "m8[m]")
    mean = np.arange(len(at), dtype=float)
    return Curve(step, at, mean, mean - 0.5, mean + 0.5)


def a_look(curve: Curve) -> Look:
    exceeded = StoredExceedance(
        "e", "M1", "P", None, "G", "a34001", "dust_quarter_hour", DAY, TEN, TEN + timedelta(minutes=30), 2.5, 2.0,
        "mg/m3", "dust_quarter_hour_limit_1@2016-01-01", "dust_comparison@2016-01-01", 1, False, 0,
        (StoredMean(TEN, 2.5, 15), StoredMean(TEN + timedelta(minutes=15), 2.4, 15)), ("BA-1",), "0" * 64, TEN,
    )  # fmt: skip
    clue = StoredClue("c", "flat_line", "M1", "P", "a34001", None, DAY, TEN, TEN + timedelta(hours=12), 1e-7,
                      {"samples": 12.0}, ("calm_and_coarse",), TEN)  # fmt: skip
    return Look(
        curve, (Band(TEN, TEN + timedelta(hours=1), "M"),),
        (LimitLine(2.0, "mg/m3", "<b>row</b>", DAY, DAY), LimitLine(1.0, "mg/m3", "row 2", DAY, DAY)), (exceeded,),
        (clue,),
    )  # fmt: skip


def test_a_line_breaks_where_values_are_missing() -> None:
    frame = monitor_chart.points(a_look(a_curve(0, 15, 30, 240, 255)))
    assert frame["piece"].tolist() == [0, 0, 0, 1, 1]
    assert str(frame["at"][0]) == "2026-11-24 00:00:00"  # as Beijing's clocks show it
    assert monitor_chart.points(a_look(a_curve())).empty


def test_the_chart_holds_limits_flags_clues_and_means_beyond() -> None:
    drawn = monitor_chart.chart(a_look(a_curve(0, 15, 30)), "mg/m3", EN).to_dict()
    marks = [layer["mark"]["type"] for layer in drawn["layer"]]
    assert marks == ["rect", "rect", "area", "line", "rule", "text", "point"]
    told = str(drawn["datasets"])
    for word in ("M maintenance", "2 mg/m3 · <b>row</b>", "one and the same value"):
        assert word in told
    assert any("bind" in str(param) and param["name"] == "zoom" for param in drawn["params"])


def test_the_table_of_exceedances_escapes_and_says_what_may_explain_them() -> None:
    shown = monitor_text.exceedances(a_look(a_curve()).exceedances, ZH)
    for words in ("2026-11-24 10:00", "10:30", "2 / 1", "2.5", "BA-1", "dust_quarter_hour_limit_1@2016-01-01"):
        assert words in shown
    other = monitor_text.clues(a_look(a_curve()).clues, EN)
    assert "calm air" in other
    assert "1e-07" in other


def test_a_csv_holds_every_point_with_its_offset() -> None:
    text = monitor_text.csv_of(a_look(a_curve(0, 15)), "=M1", "a34001", "mg/m3").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["begin"] for row in rows] == ["2026-11-24T00:00:00+08:00", "2026-11-24T00:15:00+08:00"]
    assert [(row["mn"], row["mean"], row["least"]) for row in rows] == [("'=M1", "0.0", "-0.5"), ("'=M1", "1.0", "0.5")]


def test_a_png_is_drawn_from_the_same_points_and_is_the_same_again() -> None:
    look = a_look(a_curve(0, 15, 30, 240))
    told = {
        "title": "M1", "unit": "mg/m3", "bands": look.bands, "limits": [(2.0, DAY, DAY)], "beyond": [(TEN, 2.5)],
    }  # fmt: skip
    first = curve_png(look.curve, **told)
    assert first == curve_png(look.curve, **told)
    with Image.open(io.BytesIO(first)) as picture:
        assert picture.size == (1430, 546)
        reds = np.asarray(picture.convert("RGB")).reshape(-1, 3)
    assert ((abs(reds.astype(int) - (213, 94, 0)) < 8).all(axis=1)).sum() > 50  # the limit's dashes
    assert first != curve_png(a_curve(0, 15, 30), **told)
    assert curve_png(a_curve(), title="none", unit="").startswith(b"\x89PNG")


def test_a_device_nobody_registered_is_shown_by_its_number() -> None:
    stranger = Monitor("M9", None, ("stranger",), None, NOON, None, (), ())
    assert monitor_text.name(stranger) == "M9"
    assert "M9" in monitor_text.board([stranger], EN)
    assert "not registered" in monitor_text.troubles(stranger, EN)


@pytest.fixture()
def at_noon(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(seconds=30))
    yield


@pytest.mark.usefixtures("at_noon")
def test_the_page_shows_the_worst_device_with_its_exceedance(page, store: Store, home: Path, tmp_path: Path) -> None:
    bring(store, minutes(DUST_MN, 690, [2.5] * 30 + [0.2]), NOON, tmp_path)
    run(store, NOON)
    shown = html_of(page(home, "monitors", language="en"))
    for words in ("1 exceeded", "1 silent", "一号", DUST_MN, "dust, quarter hours", "2 / 1", "2026-11-24 11:30"):
        assert words in shown, words
