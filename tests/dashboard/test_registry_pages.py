"""The pages on the registry, run without a browser: a file is looked at, mapped, accepted and taken back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pipelines import clock
from pipelines.store import Store
from pipelines.store.read import journal, registry, registry_imports
from tests.dashboard import small_home
from tests.dashboard.test_pages import html_of, page

__all__ = ["page"]
HEADINGS = "统一社会信用代码,企业名称,行业类别,环境信用等级,经度,纬度"
NEW = "91310107JH8KKJ0MY0"
CODES, NAMES = small_home.CODES, small_home.NAMES


def csv_of(*rows: str, headings: str = HEADINGS) -> bytes:
    return "\n".join((headings, *rows)).encode()


def row(code: str, name: str, credit: str = "绿牌") -> str:
    return f"{code},{name},C30,{credit},{small_home.LON},{small_home.LAT}"


def upload(test: AppTest, content: bytes, name: str = "企业.csv") -> AppTest:
    test.file_uploader[0].upload(name, content, "text/csv").run()
    assert not test.exception
    return test


def classes(home: Path) -> dict[str, str | None]:
    with Store.open(home) as store:
        return {firm.uscc: firm.credit_class for firm in registry.at(store, clock.now()).enterprises}


def test_a_file_is_shown_with_its_evidence_and_changes_and_nothing_is_written(page, small):
    before = classes(small)
    test = upload(
        page(small, "registry", actor="lin"), csv_of(row(CODES[0], NAMES[0], "红牌"), row(NEW, "新厂"), row("X", "坏"))
    )
    shown = html_of(test)
    for words in ("识别结果", "坐标系", "依据", NAMES[0], NEW, "新厂", "统一社会信用代码不正确", NAMES[3]):
        assert words in shown
    assert re.search(r"环境信用等级: <del>黄</del> → <ins>红</ins>", shown)
    assert classes(small) == before
    assert [tab.label for tab in test.tabs] == [
        "变更 1",
        "新增 1",
        "退回 1",
        "文件中已无 3",
        f"提示 {test.tabs[4].label[-1]}",
    ]


def test_what_was_looked_at_is_accepted_in_the_name_of_who_acts_and_undone_with_a_reason(page, small):
    before = classes(small)
    test = upload(page(small, "registry", actor="lin"), csv_of(row(CODES[0], NAMES[0], "红牌"), row(NEW, "新厂")))
    test.text_input(key="registry_office").input("生态环境局").run()
    test.button(key="accept").click().run()
    assert classes(small) == before | {CODES[0]: "red", NEW: "green"}
    with Store.open(small) as store:
        done = registry_imports.all_imports(store)[0]
        entry = journal.tail(store, 1)[0]
    assert (done.office, done.by, done.imported, done.changed) == ("生态环境局", "lin", 1, 1)
    assert (entry.kind, entry.payload["simulated"]) == ("registry_imported", True)
    assert done.id in html_of(test)
    assert list((small / "uploads").iterdir()) == []
    test.selectbox(key="undo_which").select(done.id)
    test.button(key="undo").click().run()
    assert any("撤销导入须写明理由" in warning.value for warning in test.warning)
    test.selectbox(key="undo_which").select(done.id)
    test.text_input(key="undo_reason").input("文件错了")
    test.button(key="undo").click().run()
    assert classes(small) == before
    assert "文件错了" in html_of(test)


def test_a_registry_that_changed_behind_the_page_is_looked_at_again_before_anything_is_written(page, small):
    test = upload(page(small, "registry", actor="lin"), csv_of(row(CODES[0], NAMES[0], "红牌")))
    other = upload(page(small, "registry", actor="lin"), csv_of(row(CODES[0], NAMES[0], "蓝牌")))
    other.button(key="accept").click().run()
    test.button(key="accept").click().run()
    assert any("请重新查看变更" in warning.value for warning in test.warning)
    assert classes(small)[CODES[0]] == "blue"
    assert re.search(r"<del>蓝</del> → <ins>红</ins>", html_of(test))
    test.button(key="accept").click().run()
    assert classes(small)[CODES[0]] == "red"


def test_headings_that_nobody_knows_are_mapped_previewed_saved_and_found_again(page, small):
    content = csv_of(row(NEW, "新厂"), headings="代号,单位,行业类别,环境信用等级,东,北")
    test = upload(page(small, "registry", actor="lin"), content)
    assert any("无法从表头判断" in warning.value for warning in test.warning)
    assert "还缺少必填项" in html_of(test)
    for heading, field in (("代号", "uscc"), ("单位", "name"), ("东", "lon"), ("北", "lat"), ("环境信用等级", "")):
        next(box for box in test.selectbox if box.label == heading).select(field).run()
    test.button(key="map_apply").click().run()
    shown = html_of(test)
    assert "本页设定，尚未保存" in shown and NEW in shown
    next(box for box in test.text_input if box.label == "保存为（部门名称）").input("水务局").run()
    test.button(key="map_save").click().run()
    assert "水务局（表头与已保存的一致，自动采用）" in html_of(test)
    test.button(key="accept").click().run()
    assert classes(small)[NEW] is None
    with Store.open(small) as store:
        assert registry_imports.all_imports(store)[0].office == "水务局"


def test_headings_of_a_file_are_never_markdown(page, small):
    test = upload(page(small, "registry", actor="lin"), csv_of("1,2", headings="![x](http://192.0.2.1/a.png),单位"))
    labels = [box.label for box in test.selectbox]
    assert not any(re.search(r"(?<!\\)!\[", label) for label in labels)
    assert any("192" in label for label in labels)


def test_a_file_that_is_put_aside_is_not_kept(page, small):
    test = upload(page(small, "registry", actor="lin"), csv_of(row(NEW, "新厂")))
    assert len(list((small / "uploads").rglob("*.csv"))) == 1
    test.button(key="cancel").click().run()
    assert list((small / "uploads").iterdir()) == []
    assert "请先上传文件" in html_of(test)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_quality_names_rows_with_file_and_why_they_matter(page, small, language):
    shown = html_of(page(small, "quality", language=language, check="monitor_without_units"))
    for words in ("M-1", "registry.csv", {"zh": "毫克与微克", "en": "milligrams and micrograms"}[language]):
        assert words in shown


def test_enterprise_shows_permit_with_outlets_limits_filings_and_where_each_row_stands(page, small):
    shown = html_of(page(small, "enterprise", firm=CODES[0]))
    for words in ("DW001", "总排口", "化学需氧量", "50 mg/L", "DB31/199-2018", "检修", "registry.csv 第 13 行", "有效"):
        assert words in shown


@pytest.mark.parametrize(
    ("language", "said"),
    [("zh", "TSP-01 · 每 900 秒 · 时段以结束时刻标记"), ("en", "TSP-01 · every 900 s · labels a period by its end")],
)
def test_a_monitor_is_shown_with_its_device_interval_quirks_and_days(page, small, language, said):
    shown = html_of(page(small, "enterprise", language=language, firm=CODES[0]))
    assert said in shown and "2025-03-01" in shown


def test_headings_in_two_rows_are_mapped_together(page, small):
    content = csv_of(",,东,北", f"{NEW},新厂,{small_home.LON},{small_home.LAT}", headings="代号,单位,坐标,")
    test = upload(page(small, "registry", actor="lin"), content)
    next(box for box in test.selectbox if box.key.startswith("map_kind")).select("enterprise").run()
    next(box for box in test.selectbox if box.label == "表头行数").select(2).run()
    for heading, field in (("代号", "uscc"), ("单位", "name"), ("坐标东", "lon"), ("坐标北", "lat")):
        next(box for box in test.selectbox if box.label == heading).select(field).run()
    next(box for box in test.selectbox if box.label.startswith("坐标系")).select("EPSG:4326").run()
    test.button(key="map_apply").click().run()
    shown = html_of(test)
    assert NEW in shown and "还缺少必填项" not in shown
    test.button(key="accept").click().run()
    with Store.open(small) as store:
        (firm,) = (one for one in registry.at(store, clock.now()).enterprises if one.uscc == NEW)
    assert firm.place is not None and firm.place.lon == pytest.approx(small_home.LON)


def test_enterprise_is_shown_as_it_was_known_on_a_past_day(page, small):
    now = html_of(page(small, "enterprise", firm=CODES[1]))
    then = html_of(page(small, "enterprise", firm=CODES[1], as_of="2026-02-01"))
    assert "<dd>红</dd>" in now and "<dd>黄</dd>" not in now
    assert "<dd>黄</dd>" in then and "<dd>红</dd>" not in then
    assert now.count("企业名录.csv") == 1 and "企业名录.csv" not in then


def test_enterprise_of_a_day_before_anything_was_registered_says_so(page, small):
    test = page(small, "enterprise", as_of="2020-01-01")
    assert "当时还没有企业登记信息" in html_of(test)
    assert "当时还没有企业登记信息" not in html_of(page(small, "enterprise", as_of="not-a-day"))


def test_layers_of_the_map_are_switched_off_and_on(page, small):
    test = page(small, "triage", alert="A-2026-0115-001", actor="lin")
    assert html_of(test).count("许可证排放口") == 1
    (layers,) = [group for group in test.button_group if group.key == "triage_layers"]
    layers.set_value([kind for kind in layers.value if kind != "outlet"]).run()
    assert "许可证排放口" not in html_of(test)
