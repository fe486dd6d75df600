"""The pages of cases, deadlines, duties and tasks on the small home: what they show, and the acts done on them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pipelines import clock
from pipelines.casework.case import file_case
from pipelines.casework.clocks import deadlines
from pipelines.casework.lead import open_lead
from pipelines.casework.task import assign_task
from pipelines.casework.verdict import record_verdict
from pipelines.records import User
from pipelines.store import Store, journal
from pipelines.store.read import cases, tasks
from pipelines.store.write import people
from tests.dashboard import small_home
from tests.dashboard.test_case_pages import ALERT, button
from tests.dashboard.test_pages import html_of, page

__all__ = ["page"]
MORE = (User("xu", "徐法", "legal", simulated=True), User("tang", "唐站", "station", simulated=True))


@pytest.fixture()
def led(small):
    """The small home with somebody of the legal office and the station, and a lead."""
    with Store.open(small) as store, store.transaction() as tx:
        for user in MORE:
            people.insert_user(tx, user, added_by="system", at=small_home.T0)
        journal.append(tx, at=small_home.T0, actor="system", role="system", kind="users", subject="t", payload={})
    with Store.open(small) as store:
        record_verdict(store, ALERT, "confirmed", by="lin", at=clock.now())
        open_lead(store, [ALERT], by="zhou", at=clock.now(), next_step="site_visit")
    return small


def only_case(home):
    with Store.open(home) as store:
        (found,) = cases.cases(store, clock.now())
    return found


def test_a_case_is_filed_and_taken_further_on_the_page(page, led):
    test = page(led, "case", actor="zhou")
    shown = html_of(test)
    assert "立案审查" in shown and "后续：" in shown
    test.text_input(key="file document").input("立1").run()
    button(test, "file_case").click().run()
    assert only_case(led).steps[0].document == "立1"
    assert {one.key for one in test.button} & {"take_step", "set_mark", "add_evidence"}
    test.selectbox(key="step").select("investigate").run()
    button(test, "take_step").click().run()
    assert only_case(led).state == "investigated"
    assert "调查终结" in html_of(test)
    test.text_input(key="mark reason").input("影响大").run()
    button(test, "set_mark").click().run()
    assert only_case(led).marked == {"major"}
    assert not test.exception


def test_two_people_review_and_the_notice_waits_for_them(page, led):
    with Store.open(led) as store:
        case = file_case(store, store.row("SELECT id FROM lead")["id"], by="zhou", at=clock.now()).id
    test = page(led, "case", actor="zhou", case=case)
    test.selectbox(key="step").select("investigate").run()
    button(test, "take_step").click().run()
    test.selectbox(key="step").select("notice").run()
    test.text_input(key="step document").input("告1").run()
    button(test, "take_step").click().run()
    assert any("审核" in warning.value for warning in test.warning)
    for actor, kind in (("xu", "legal"), ("tang", "technical")):
        reviewing = page(led, "case", actor=actor, case=case)
        assert f"review_{kind}" in {one.key for one in reviewing.button}
        button(reviewing, f"review_{kind}").click().run()
    assert {word.kind for word in only_case(led).evidence[0].reviews} == {"legal", "technical"}
    done = page(led, "case", actor="zhou", case=case)
    done.selectbox(key="step").select("notice").run()
    done.text_input(key="step document").input("告1").run()
    button(done, "take_step").click().run()
    assert only_case(led).state == "noticed"


def test_an_auditor_reads_a_case_and_finds_no_button(page, led):
    test = page(led, "case", actor="wu")
    assert {one.key for one in test.button} & {"file_case", "close_lead", "take_step"} == set()
    assert "立案审查" in html_of(test)


def test_a_clock_is_paused_and_extended_on_the_board(page, led):
    with Store.open(led) as store:
        case = file_case(store, store.row("SELECT id FROM lead")["id"], by="zhou", at=clock.now()).id
    which = f"{case} case_decision"
    test = page(led, "clocks", actor="zhou")
    test.selectbox(key="clock_which").select(which).run()
    test.text_input(key="clock_document").input("听1").run()
    button(test, "clock_do").click().run()
    with Store.open(led) as store:
        (one,) = [one for one in deadlines(store, by=None, as_of=clock.now()) if one.name == "case_decision"]
    assert (one.state.value, one.clock.pauses[0].document) == ("paused", "听1")
    assert "中止" in html_of(test)
    legal = page(led, "clocks", actor="xu")
    legal.selectbox(key="clock_which").select(which).run()
    assert [one.key for one in legal.button if one.key == "clock_do"] == ["clock_do"]
    assert "clock_which" not in {one.key for one in page(led, "clocks", actor="wu").selectbox}


def test_the_duty_page_shows_the_log_and_the_leaders_list(page, led):
    with Store.open(led) as store:
        due = (clock.now() + timedelta(days=2)).date()
        assign_task(store, "lin", "other", by="zhou", at=clock.now(), text="汇总", due_on=due)
    test = page(led, "duty", actor="zhou")
    shown = html_of(test)
    for words in ("立案审查", "任务", "负责人（任一人）", "问责", "越权"):
        assert words in shown, words
    assert [one.label for one in test.get("download_button")] == ["下载统计表 (XLSX)"]
    assert not test.exception


def test_work_is_given_and_judged_on_the_page(page, led):
    test = page(led, "tasks", actor="zhou")
    test.selectbox(key="give_to").select("lin").run()
    test.text_input(key="give_text").input("排查雨水口").run()
    button(test, "give").click().run()
    with Store.open(led) as store:
        (one,) = tasks.tasks(store, clock.now())
    assert (one.task.assigned_to, one.task.text) == ("lin", "排查雨水口")
    mine = page(led, "tasks", actor="lin")
    button(mine, "task_submit").click().run()
    assert any("证据" in warning.value for warning in mine.warning)
    assert "排查雨水口" in html_of(mine)
