"""The pages on a small home, run without a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import markup, week_text
from dashboard.labels import SHOWN_ZONE, Words
from pipelines import clock, wording
from pipelines.casework.verdict import record_verdict
from pipelines.store import Store
from pipelines.store.journal import append_chunk
from pipelines.store.read import alerts, jobs, journal, weekly
from pipelines.store.write import jobs as write_jobs
from pipelines.store.write import weekly as write_weekly
from tests.dashboard import small_home

ROOT = Path(__file__).resolve().parents[2]
TITLES = {
    "triage": ("异常研判", "Alert triage"),
    "flights": ("飞行架次", "Flights"),
    "week": ("周检查计划", "Weekly plan"),
    "enterprise": ("企业档案", "Enterprise file"),
    "registry": ("登记资料", "Registry files"),
    "quality": ("资料质量", "Registry quality"),
    "monitors": ("在线监测", "Online monitors"),
    "check": ("非现场检查", "Non-site check"),
    "case": ("案件", "Cases"),
    "station": ("超标数据审核", "Audit of exceedances"),
    "clocks": ("期限", "Clocks"),
    "duty": ("履职", "Duties"),
    "tasks": ("任务", "Tasks"),
}
PAGES = {name: str(ROOT / "dashboard" / "pages" / f"{name}.py") for name in TITLES}


@pytest.fixture()
def page(monkeypatch: pytest.MonkeyPatch) -> Iterator:
    """Opens a page of a home in a language, as somebody."""

    def opened(home: Path, name: str, *, language: str = "zh", **address: str) -> AppTest:
        monkeypatch.setenv("YAOXUN_HOME", str(home))
        test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
        test.query_params["language"] = language
        for key, value in address.items():
            test.query_params[key] = value
        test.run()
        if name != "triage":
            test.switch_page(PAGES[name]).run()
        assert not test.exception
        return test

    return opened


def html_of(test: AppTest) -> str:
    return "\n".join(element.proto.body for element in test.get("html"))


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(("column", "language"), [(0, "zh"), (1, "en")])
def test_page_shows_its_title_in_both_languages(page, small, name, column, language):
    assert TITLES[name][column] in html_of(page(small, name, language=language))


@pytest.mark.parametrize("name", PAGES)
def test_page_of_an_empty_home_says_what_to_do_next(page, tmp_path, name):
    assert "yx-empty" in html_of(page(tmp_path / "new", name))


def test_language_that_the_address_does_not_know_becomes_chinese(page, small):
    assert TITLES["triage"][0] in html_of(page(small, "triage", language="tlh"))


def test_alert_shows_candidates_none_registered_and_cannot_tell_with_their_shares(page, small):
    shown = html_of(page(small, "triage", alert="A-2026-0115-001"))
    for words in (small_home.NAMES[0], "61%", "14%", "无登记对象", "15%", "无法判断", "10%"):
        assert words in shown


def test_machine_and_people_stand_apart(page, small):
    shown = html_of(page(small, "triage", alert="A-2026-0115-001"))
    assert shown.index("人工结论") != shown.index("机器判断")
    assert "还没有人研判" in shown
    assert "不是概率" in shown


def test_verdict_button_records_the_verdict_of_who_acts_with_the_reason(page, small):
    test = page(small, "triage", alert="A-2026-0115-002", actor="lin")
    test.text_input(key="reason A-2026-0115-002").input("现场照片一致").run()
    test.button(key="verdict_confirmed").click().run()
    with Store.open(small) as store:
        said = alerts.verdicts(store, "A-2026-0115-002")
    assert [(v.value, v.by, v.reason, v.simulated) for v in said] == [("confirmed", "lin", "现场照片一致", True)]
    assert 'data-verdict="confirmed"' in html_of(test)
    assert "待研判 4 条，共 5 条" in html_of(test)


def test_a_second_verdict_is_added_beside_the_first(page, small):
    test = page(small, "triage", alert="A-2026-0115-002", actor="lin")
    test.button(key="verdict_confirmed").click().run()
    test.button(key="verdict_machine_wrong").click().run()
    assert any("误报时须说明" in warning.value for warning in test.warning)
    test.selectbox(key="really A-2026-0115-002").select("shadow").run()
    test.button(key="verdict_machine_wrong").click().run()
    shown = html_of(test)
    assert shown.index('data-verdict="machine_wrong"') < shown.index('data-verdict="confirmed"')


@pytest.mark.parametrize(
    ("name", "actor", "buttons", "who"),
    [
        ("triage", "wu", ("verdict_confirmed", "open_lead"), "研判员"),
        ("week", "lin", ("freeze",), "负责人"),
        ("week", "wu", ("freeze", "draft"), "负责人"),
        ("registry", "wu", ("accept", "undo"), "管理员"),
    ],
)
def test_what_a_role_may_not_do_is_not_offered_and_a_line_says_who_may(page, small, name, actor, buttons, who):
    shown = page(small, name, actor=actor)
    assert {button.key for button in shown.button} & set(buttons) == set()
    assert re.search(rf"无权办理；有权的角色：[^<]*{who}", html_of(shown))


def test_role_that_was_changed_behind_the_page_gets_a_notice_and_nothing_is_recorded(page, small):
    """The button stood there for the analyst; the act itself asks again."""
    test = page(small, "triage", alert="A-2026-0115-001", actor="lin")
    test.query_params["actor"] = "wu"
    test.button(key="verdict_confirmed").click().run()
    (warning,) = [warning.value for warning in test.warning]
    assert warning == f"未能办理：{wording.say('role_forbids', {}, 'zh')}"
    assert re.search(r'<code class="yx-technical">[^<]*act_verdict[^<]*</code>', html_of(test))
    with Store.open(small) as store:
        assert alerts.verdicts(store, "A-2026-0115-001") == []


def test_looking_at_an_alert_marks_it_seen_for_that_person_only(page, small):
    page(small, "triage", alert="A-2026-0115-003", actor="lin")
    with Store.open(small) as store:
        seen = {
            user.id: {v.alert.id for v in alerts.views(store, clock.now(), user=user) if v.seen}
            for user in (small_home.ANALYST, small_home.LEADER)
        }
    assert seen == {"lin": {"A-2026-0115-003"}, "zhou": set()}


def test_judged_alerts_leave_the_open_queue_but_the_one_looked_at_stays(page, small):
    with Store.open(small) as store:
        for number in (1, 2):
            record_verdict(store, f"A-2026-0115-00{number}", "confirmed", by="lin", at=clock.now())
    test = page(small, "triage", alert="A-2026-0115-001")
    assert test.query_params["alert"] == "A-2026-0115-001"
    other = page(small, "triage")
    assert other.query_params["alert"] == "A-2026-0115-005"


def test_lead_is_opened_from_a_judged_alert(page, small):
    with Store.open(small) as store:
        record_verdict(store, "A-2026-0115-001", "confirmed", by="lin", at=clock.now())
    test = page(small, "triage", alert="A-2026-0115-001", actor="lin")
    test.selectbox(key="step A-2026-0115-001").select("site_visit").run()
    test.button(key="open_lead").click().run()
    with Store.open(small) as store:
        found = alerts.leads(store, clock.now())
    assert [(lead.alert_ids, lead.next_step, lead.by) for lead in found] == [
        (("A-2026-0115-001",), "site_visit", "lin")
    ]


def test_all_judged_is_an_empty_state_and_not_an_error(page, small):
    with Store.open(small) as store:
        for number in range(1, 6):
            record_verdict(store, f"A-2026-0115-00{number}", "needs_drone", by="lin", at=clock.now())
    assert "全部研判完毕" in html_of(page(small, "triage"))


def test_flight_shows_each_picture_with_its_stages_and_why_in_words(page, small):
    shown = html_of(page(small, "flights", language="en"))
    assert shown.count("DJI_000") >= 4
    assert "yx-status-refused" in shown
    assert "DJI_0004.JPG" in shown and "ends after 12345 bytes" in shown


def test_path_that_is_not_there_is_named_and_no_job_filed(page, small):
    test = page(small, "flights", actor="lin")
    test.text_input(key="add_path").input("/no/such/folder")
    test.button[0].click().run()
    assert any("/no/such/folder" in warning.value for warning in test.warning)
    with Store.open(small) as store:
        assert jobs.all(store) == []


def test_path_becomes_a_job_of_who_acts_and_its_state_is_shown(page, small, tmp_path):
    folder = tmp_path / "飞行 1"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(small_home.picture(9))
    test = page(small, "flights", actor="lin")
    test.text_input(key="add_path").input(str(folder))
    next(button for button in test.button if button.label == "提交处理").click().run()
    with Store.open(small) as store:
        filed = jobs.all(store)
    assert [(job.state, job.asked_by) for job in filed] == [("waiting", "lin")]
    assert str(folder) in str(filed[0].payload)
    assert "yx-status-waiting" in html_of(test)


def test_upload_is_kept_in_the_home_and_becomes_a_job(page, small):
    test = page(small, "flights", actor="lin")
    test.file_uploader(key="add_files").upload("../x/DJI 9.jpg", small_home.picture(9), "image/jpeg")
    next(button for button in test.button if button.label == "提交处理").click().run()
    kept = list((small / "uploads").rglob("*.jpg"))
    assert [path.name for path in kept] == ["DJI 9.jpg"]
    with Store.open(small) as store:
        assert str(kept[0]) in str(jobs.all(store)[0].payload)


def test_week_lists_targets_with_arm_score_reasons_propensity_and_the_exempt(page, small):
    shown = html_of(page(small, "week"))
    for words in (*small_home.NAMES, "必查", "风险", "随机", "50%", "2028-05-31"):
        assert words in shown
    assert "不是违法概率" in shown


def test_leader_freezes_the_week_and_the_page_says_who(page, small):
    test = page(small, "week", actor="zhou")
    test.button(key="freeze").click().run()
    with Store.open(small) as store:
        plan = weekly.in_force(store, small_home.WEEK)
        kinds = [entry.kind for entry in journal.tail(store, 3)]
    assert plan is not None and (plan.state, plan.frozen_by) == ("frozen", "zhou")
    assert any("freeze" in kind or "frozen" in kind for kind in kinds)
    assert small_home.LEADER.name in html_of(test)
    assert all(button.key != "freeze" for button in test.button)


def test_a_list_that_changed_behind_the_page_is_not_frozen_until_it_was_shown(page, small):
    test = page(small, "week", actor="zhou")
    with Store.open(small) as store:
        shown = weekly.latest(store, small_home.WEEK)
        with store.transaction() as tx:
            write_weekly.insert_draft(tx, replace(shown, seed=8, targets=shown.targets[:1]), small_home.MADE)
            append_chunk(tx, at=small_home.T0, run_id=small_home.RUN_ID, stage="draft_week")
    test.button(key="freeze").click().run()
    assert any(wording.say("draft_moved", {}, "zh") in warning.value for warning in test.warning)
    with Store.open(small) as store:
        assert weekly.in_force(store, small_home.WEEK).state == "draft"
    assert small_home.NAMES[1] not in html_of(test).split("yx-table")[1]
    test.button(key="freeze").click().run()
    with Store.open(small) as store:
        plan = weekly.in_force(store, small_home.WEEK)
    assert (plan.state, plan.version) == ("frozen", 2)


def lose_originals(home: Path) -> None:
    for path in (home / "evidence").rglob("*"):
        if path.is_file():
            path.unlink()


@pytest.mark.parametrize(
    ("name", "address"),
    [("triage", {"alert": "A-2026-0115-001"}), ("flights", {"frame": "P-0"})],
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_original_that_is_not_held_any_more_is_a_notice_in_words(page, small, name, address, language):
    lose_originals(small)
    test = page(small, name, language=language, **address)
    said = Words(language)("triage.original_missing", name="DJI_0001.JPG")
    assert [warning.value for warning in test.warning] == [said]
    assert TITLES[name][("zh", "en").index(language)] in html_of(test)


def test_finished_upload_is_gone_at_the_next_visit(page, small):
    test = page(small, "flights", actor="lin")
    test.file_uploader(key="add_files").upload("DJI 9.jpg", small_home.picture(9), "image/jpeg")
    next(button for button in test.button if button.label == "提交处理").click().run()
    assert len(list((small / "uploads").rglob("*.jpg"))) == 1
    with Store.open(small) as store:
        job = write_jobs.lease(store, "worker", now=clock.now(), seconds=60.0, max_attempts=3)
        write_jobs.finish(store, job.id, "worker", now=clock.now())
    page(small, "flights", actor="lin")
    assert list((small / "uploads").iterdir()) == []


def test_upload_of_a_role_that_may_not_add_flights_is_not_kept(page, small):
    test = page(small, "flights", actor="lin")
    test.file_uploader(key="add_files").upload("DJI 9.jpg", small_home.picture(9), "image/jpeg")
    test.query_params["actor"] = "wu"
    next(button for button in test.button if button.label == "提交处理").click().run()
    assert any("未能办理" in warning.value for warning in test.warning)
    assert list((small / "uploads").iterdir()) == []


def test_draft_is_asked_of_the_worker(page, small):
    this_week = week_text.iso_week(clock.now().astimezone(SHOWN_ZONE).date())
    test = page(small, "week", actor="lin", week=this_week)
    test.button(key="draft").click().run()
    with Store.open(small) as store:
        assert [(job.kind, job.payload["week"]) for job in jobs.all(store)] == [("draft_week", this_week)]
    assert not test.exception


def test_enterprise_shows_what_is_registered_and_what_was_seen(page, small):
    shown = html_of(page(small, "enterprise", firm=small_home.CODES[0]))
    for words in ("PW-1", "M-1", "临城三期", "DA001", "2028-12-31", "未覆盖堆场", "A-2026-0115-001", "61%"):
        assert words in shown


def test_text_from_a_registry_file_is_shown_as_text(page, small):
    shown = html_of(page(small, "enterprise", firm=small_home.CODES[0]))
    assert "&lt;b&gt;夜间&lt;/b&gt;" in shown
    assert "<b>夜间</b>" not in shown


def test_home_without_accounts_belongs_to_its_local_owner(page, tmp_path):
    assert "本机使用者" in html_of(page(tmp_path / "new", "triage"))


def test_a_firms_name_is_never_markdown():
    """An image in a name would make the browser ask another machine."""
    hostile = "![x](http://192.0.2.1/evil.png) **Acme** [a](b) `c` :red[d] $e$ <i>"
    shown = markup.escaped(hostile)
    assert re.sub(r"\\(.)", r"\1", shown) == hostile
    assert not re.search(r"(?<!\\)[\[\]()*`!$<>:]", shown)


def test_a_verdict_on_an_alert_that_is_no_longer_chosen_is_not_recorded(page, small):
    with Store.open(small) as store:
        shown, next_one = (view.alert.id for view in alerts.views(store, clock.now())[:2])
        before = alerts.verdicts(store, shown)
    test = page(small, "triage", actor="lin", alert=shown)
    test.query_params["alert"] = next_one
    test.button(key="verdict_confirmed").click().run()
    with Store.open(small) as store:
        assert alerts.verdicts(store, shown) == before
        assert alerts.verdicts(store, next_one) == []
    assert any("没有记录" in warning.value for warning in test.warning)
