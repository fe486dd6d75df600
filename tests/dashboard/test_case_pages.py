"""The check, the clocks board and the tasks on the small home, run without a browser."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import check_text
from dashboard.labels import entries
from enforcement.policy import RuleConfidence
from pipelines import clock
from pipelines.casework.lead import open_lead
from pipelines.casework.task import assign_task
from pipelines.casework.verdict import record_verdict
from pipelines.records import User
from pipelines.store import Store, journal
from pipelines.store.read import alerts, checks
from pipelines.store.write import people
from tests.dashboard import small_home
from tests.dashboard.test_pages import html_of, page

__all__ = ["page"]
ALERT = "A-2026-0115-001"


def held(home):
    with Store.open(home) as store:
        return checks.checks(store, clock.now())


def button(test: AppTest, key: str):
    return next(one for one in test.button if one.key == key)


def test_a_check_is_opened_recorded_and_closed_on_the_page(page, small):
    test = page(small, "check", alert=ALERT, actor="lin")
    button(test, "open_check").click().run()
    (check,) = held(small)
    assert (check.basis, check.basis_ref, check.enterprise_uscc) == ("alert", ALERT, small_home.CODES[0])
    shown = html_of(test)
    for words in (
        "001P",
        "DA001",
        "化学需氧量",
        "dust_quarter_hour_limit_1",
        "扬尘限值一",
        "法条原文",
        "case_filing_decision",
        "东港扬尘点",
        "还没有记录",
    ):
        assert words in shown, words
    test.text_input(key="item_showed").input("堆场上方有扬尘").run()
    button(test, "record_item").click().run()
    assert [(item.kind, item.link, item.showed) for item in held(small)[0].items] == [
        ("drone", f"alert:{ALERT}", "堆场上方有扬尘")
    ]
    test.button_group(key="judgement").select("violation").run()
    test.selectbox(key="next_step violation").select("remote_rectification").run()
    test.number_input(key="within_days").set_value(20).run()
    button(test, "close_check").click().run()
    closing = held(small)[0].closing
    assert (closing.judgement, closing.next_step, closing.within_days) == ("violation", "remote_rectification", 20)
    assert "整改中" in html_of(test)
    assert not test.exception


def test_one_key_records_a_verdict_from_the_check(page, small):
    test = page(small, "check", alert=ALERT, actor="lin")
    button(test, "verdict_confirmed").click().run()
    with Store.open(small) as store:
        assert alerts.view(store, ALERT, clock.now()).verdict.value == "confirmed"
    button(test, "undo_verdict").click().run()
    assert any("理由" in warning.value for warning in test.warning)
    test.text_input(key=f"reason {ALERT}").input("看错").run()
    button(test, "undo_verdict").click().run()
    with Store.open(small) as store:
        assert alerts.view(store, ALERT, clock.now()).verdict is None


def test_nothing_looked_at_nothing_closed_on_the_page(page, small):
    test = page(small, "check", alert=ALERT, actor="lin")
    button(test, "open_check").click().run()
    test.button_group(key="judgement").select("compliant").run()
    button(test, "close_check").click().run()
    assert held(small)[0].closing is None
    assert any("尚未记录" in warning.value for warning in test.warning)


def test_the_auditor_sees_the_check_and_no_button(page, small):
    test = page(small, "check", alert=ALERT, actor="wu")
    keys = {one.key for one in test.button}
    assert not keys & {"open_check", "verdict_confirmed", "record_item", "close_check"}
    assert "研判员" in html_of(test)


def test_the_board_shows_three_dates_and_how_far_the_holidays_are_known(page, small):
    with Store.open(small) as store:
        record_verdict(store, ALERT, "confirmed", by="lin", at=clock.now())
        lead = open_lead(store, [ALERT], by="zhou", at=clock.now(), next_step="site_visit").id
    test = page(small, "clocks", actor="zhou")
    shown = html_of(test)
    for words in (
        lead,
        small_home.NAMES[0],
        "立案审查",
        "追责时效",
        "自然日",
        "遇假顺延",
        "工作日",
        "2026-12-31",
        "计算中",
    ):
        assert words in shown, words
    assert [one.label for one in test.get("download_button")] == ["下载日历文件 (ICS)"]


@pytest.fixture()
def contracted(small):
    with Store.open(small) as store, store.transaction() as tx:
        people.insert_user(tx, User("qi", "齐工", "contractor", simulated=True), added_by="system", at=small_home.T0)
        journal.append(tx, at=small_home.T0, actor="system", role="system", kind="users", subject="t", payload={})
    with Store.open(small) as store:
        assign_task(store, "qi", "survey", by="zhou", at=clock.now(), text="排查雨水口")
        assign_task(store, "lin", "flight", by="zhou", at=clock.now(), text="复飞东港")
    return small


def test_a_contractor_gets_its_tasks_and_no_other_page(page, contracted, monkeypatch):
    monkeypatch.setenv("YAOXUN_HOME", str(contracted))
    test = page(contracted, "triage", actor="qi")
    shown = html_of(test)
    assert "任务" in shown and "排查雨水口" in shown
    assert "复飞东港" not in shown
    assert "告警队列" not in shown and ALERT not in shown


def test_everybody_else_sees_all_tasks(page, contracted):
    shown = html_of(page(contracted, "tasks", actor="zhou"))
    assert "排查雨水口" in shown and "复飞东港" in shown


def test_every_row_that_a_check_shows_has_its_name_and_every_certainty_its_word():
    ids = {one for rows in check_text.OF_KINDS.values() for one in rows} | set(check_text.EVERY)
    assert {key for key in entries() if key.startswith("law_row.")} == {f"law_row.{one}" for one in ids}
    certainties = {key for key in entries() if key.startswith("sure_word.")}
    assert certainties == {f"sure_word.{one.value}" for one in RuleConfidence}
