"""The station's desk on the page: from what was exceeded to the brigade's receipt, each by its own office."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from dashboard import curve_svg
from dashboard.labels import Words
from pipelines import clock
from pipelines.casework.audit_paper import curve_of
from pipelines.casework.exceedance import record_evidence
from pipelines.store import Store
from pipelines.store.read import desk
from tests.dashboard import small_home, station_home
from tests.dashboard.test_case_pages import button
from tests.dashboard.test_pages import html_of, page

__all__ = ["page"]
NEEDED = ("curve", "validity", "flags", "calibration")


@pytest.fixture()
def exceeded(small):
    """The small home with two exceedances; gives the id of the one of dust."""
    return station_home.furnish(small, clock.now())[0]


def matter(home, name):
    with Store.open(home) as store:
        return desk.matter(store, name, clock.now())


def test_an_exceedance_is_judged_handed_over_and_received_on_the_page(page, small, exceeded):
    test = page(small, "station", actor="jiang", exceedance=exceeded)
    shown = html_of(test)
    for words in (
        "待监测站 2",
        small_home.NAMES[0],
        "总悬浮颗粒物",
        "2.71",
        "待审核",
        "还没有记录",
        "420 个值，计入 390 个",
        "市平台 7",
    ):
        assert words in shown, words
    assert "receive" not in {one.key for one in test.button}
    for kind in NEEDED:
        test.selectbox(key="audit_kind").select(kind).run()
        test.text_input(key=f"audit_link {kind}").input("平台 1").run()
        test.text_input(key="audit_showed").input("正常").run()
        button(test, "record_audit").click().run()
    assert [(e.kind, e.link) for e in matter(small, exceeded).evidence] == [
        (kind, "document:平台 1") for kind in NEEDED
    ]
    test.button_group(key="audit_judgement").select("valid").run()
    button(test, "issue_report").click().run()
    assert any("理由" in warning.value for warning in test.warning)
    test.text_input(key="audit_reason").input("数据有效").run()
    button(test, "issue_report").click().run()
    assert matter(small, exceeded).state == "reported"
    assert [one.label for one in test.get("download_button")] == ["PDF", "JSON", "CSV"]
    button(test, "deliver").click().run()
    assert any("文书" in warning.value or "文号" in warning.value for warning in test.warning)
    test.text_input(key="deliver_document").input("沪监 1").run()
    button(test, "deliver").click().run()
    assert matter(small, exceeded).state == "delivered"
    assert "receive" not in {one.key for one in test.button}, "the station does not receive for the brigade"
    test = page(small, "station", actor="he", exceedance=exceeded)
    assert not {"issue_report", "record_audit", "deliver"} & {one.key for one in test.button}
    button(test, "receive").click().run()
    assert matter(small, exceeded).state == "received"
    assert "已签收" in html_of(test)


def test_one_that_does_not_hold_names_its_cause(page, small, exceeded):
    with Store.open(small) as store:
        record_evidence(
            store, exceeded, "curve", f"monitor:{station_home.MN}", by="jiang", at=clock.now(), showed="尖峰"
        )
    test = page(small, "station", actor="jiang", exceedance=exceeded)
    test.button_group(key="audit_judgement").select("not_valid").run()
    test.selectbox(key="audit_cause").select("device_fault").run()
    test.text_input(key="audit_reason").input("采样泵故障").run()
    button(test, "issue_report").click().run()
    told = matter(small, exceeded)
    assert (told.state, told.report.cause) == ("not_valid", "device_fault")
    shown = html_of(test)
    assert "设备故障" in shown and "数据无效" in shown


def test_without_an_exceedance_the_page_says_where_one_comes_from(page, small):
    assert "yaoxun exceedance enter" in html_of(page(small, "station", actor="lin"))


def test_the_auditor_sees_the_desk_and_no_button(page, small, exceeded):
    test = page(small, "station", actor="wu", exceedance=exceeded)
    assert not {one.key for one in test.button} & {"record_audit", "issue_report", "deliver", "receive"}


def test_the_curve_is_one_image_whose_points_lie_where_their_values_say(small, exceeded):
    with Store.open(small) as store:
        curve = curve_of(store, matter(small, exceeded).exceedance, clock.now())
    paths = [
        one for one in ElementTree.fromstring(curve_svg.svg(curve, Words("en"))).iter() if one.tag.endswith("}path")
    ]
    (path,) = [one.get("d") for one in paths if one.get("stroke-width")]
    heights = [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", path)]
    counted = [point.value for point in curve.points if point.counts]
    assert len(heights) == len(counted) == 390
    order = sorted(range(390), key=lambda k: counted[k])
    assert all(heights[a] >= heights[b] for a, b in pairwise(order))
    assert path.count("M") == 2, "the line is broken where thirty minutes do not count"
    assert sum(one.get("d", "").count("l4 4") for one in paths) == 30
    assert "data:image/svg+xml," in curve_svg.drawn(curve, Words("en"))
