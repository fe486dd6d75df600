"""The pages in a real browser: both languages, desk and tablet; nothing fails and nothing leaves the machine."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from pipelines.store import Store
from pipelines.store.read import alerts, registry_imports
from tests.dashboard import small_home
from tests.dashboard.browser import FLAGS, ROOT, Account, chromium, serving, settled

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="NOT RUN: no chromium on this machine"),
]
PAGES = {
    "triage": ("研判", "Triage"),
    "flights": ("飞行", "Flights"),
    "week": ("周计划", "Week"),
    "enterprise": ("企业", "Enterprise"),
    "registry": ("登记资料", "Registry"),
    "quality": ("资料质量", "Quality"),
    "check": ("检查", "Check"),
    "case": ("案件", "Cases"),
    "clocks": ("期限", "Clocks"),
    "duty": ("履职", "Duties"),
    "tasks": ("任务", "Tasks"),
}
TITLES = {
    "triage": "Alert triage",
    "flights": "Flights",
    "week": "Weekly plan",
    "enterprise": "Enterprise file",
    "registry": "Registry files",
    "quality": "Registry quality",
    "check": "Non-site check",
    "case": "Cases",
    "clocks": "Clocks",
    "duty": "Duties",
    "tasks": "Tasks",
}
MAPS = dict.fromkeys(TITLES, 1) | dict.fromkeys(("registry", "check", "case", "clocks", "duty", "tasks"), 0)
"""How many maps a page has on its own; the registry's comes with a file."""
DESK, TABLET = (1280, 800), (820, 1180)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        yield found
        found.close()


@pytest.fixture(scope="module")
def home(built_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(built_home, tmp_path_factory.mktemp("browser") / "home"))


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    with serving(home) as served:
        yield served


@pytest.fixture()
def opened(browser: Browser, address: str) -> Iterator:
    """Opens a page; at the end of the test nothing may have gone wrong on it."""
    accounts, contexts = [], []

    def at(
        name: str, language: str = "zh", size: tuple[int, int] = DESK, query: str = "", path: str = ""
    ) -> tuple[Page, Account]:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, accept_downloads=True)
        page = context.new_page()
        account = Account(page)
        contexts.append(context)
        accounts.append(account)
        page.goto(f"{address}/{path}?language={language}{query}")
        settled(page)
        if name != "triage" and not path:
            go(page, name, language)
        return page, account

    yield at
    for context in contexts:
        context.close()
    assert [fault for account in accounts for fault in account.faults] == []


def test_account_notices_errors_and_what_leaves_the_machine(browser):
    context = browser.new_context()
    context.route("**/*", lambda route: route.abort())
    page = context.new_page()
    account = Account(page)
    page.set_content("<img src='http://tiles.example/1.png'><script>console.error('x'); undefinedName();</script>")
    page.wait_for_timeout(300)
    context.close()
    kinds = {fault.split(":")[0] for fault in account.faults}
    assert kinds == {"page error", "console", "failed", "leaves the machine"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_is_whole_on_desk_and_tablet(opened, language):
    page, account = opened("triage", language)
    for name in PAGES:
        page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
        go(page, name, language)
        for width, height in (DESK, TABLET):
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_timeout(300)
            assert page.get_by_test_id("stException").count() == 0, name
            assert page.locator(".yx-map[data-ready=true]").count() == MAPS[name], name
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
            assert page.get_by_test_id("stMain").evaluate("main => main.scrollWidth - main.clientWidth") <= 0, name
            assert cut_words(page) == [], name
    assert account.requests > 10


@pytest.mark.parametrize("name", PAGES)
def test_page_is_entered_by_its_own_address_reloaded_and_left(opened, name):
    page, account = opened(name, "en", path=name, query="&actor=lin")
    for _ in range(2):
        expect(page.locator("h1", has_text=TITLES[name])).to_be_visible(timeout=20_000)
        expect(page.locator(".yx-map[data-ready=true]")).to_have_count(MAPS[name], timeout=20_000)
        assert account.faults == []
        page.reload()
        settled(page)
    other = "week" if name != "week" else "flights"
    go(page, other, "en")
    expect(page.locator("h1", has_text=TITLES[other])).to_be_visible(timeout=20_000)
    assert urlsplit(page.url).path == f"/{other}"


def go(page: Page, name: str, language: str) -> None:
    text = PAGES[name][("zh", "en").index(language)]
    page.get_by_test_id("stTopNavLink").filter(has=page.get_by_text(text, exact=True)).first.click()
    if name != "triage":
        page.wait_for_url(f"**/{name}*")
    settled(page)


def cut_words(page: Page) -> list[str]:
    """Labels of buttons that do not fit into them."""
    found: list[str] = page.locator("button:visible").evaluate_all(
        """all => all.filter(button => [button, ...button.querySelectorAll("*")].some(
             part => part.scrollWidth > part.clientWidth + 1 && getComputedStyle(part).overflowX !== "visible"
           ) && !/^(\\w+) icon\\1$/.test(button.textContent)).map(button => button.textContent)"""
    )
    return found


def test_verdict_sticks_after_a_reload_and_is_in_the_store(opened, home):
    page, _ = opened("triage", query="&alert=A-2026-0115-003&actor=lin")
    page.get_by_role("button", name="误报").click()
    expect(page.get_by_text("误报时须说明实际是什么", exact=False)).to_be_visible(timeout=20_000)
    page.get_by_role("combobox", name="误报时：实际是什么").click()
    page.get_by_role("option", name="阴影").click()
    settled(page)
    page.get_by_role("button", name="误报").click()
    expect(page.locator('.yx-verdict[data-verdict="machine_wrong"]')).to_be_visible(timeout=20_000)
    page.reload()
    settled(page)
    expect(page.locator('.yx-verdict[data-verdict="machine_wrong"]')).to_be_visible(timeout=20_000)
    with Store.open(home) as store:
        assert [v.value for v in alerts.verdicts(store, "A-2026-0115-003")] == ["machine_wrong"]
        assert alerts.verdicts(store, "A-2026-0115-003")[0].really == "shadow"


def test_queue_is_worked_from_the_keyboard(opened, home):
    page, _ = opened("triage", query="&actor=lin")
    first = page.locator('.yx-row[aria-selected="true"]').get_attribute("data-id")
    page.keyboard.press("j")
    page.wait_for_url(lambda url: f"alert={first}" not in url, timeout=20_000)
    settled(page)
    chosen = page.locator('.yx-row[aria-selected="true"]').get_attribute("data-id")
    assert chosen != first
    page.keyboard.press("2")
    expect(page.locator('.yx-verdict[data-verdict="lawful"]')).to_be_visible(timeout=20_000)
    with Store.open(home) as store:
        assert [v.value for v in alerts.verdicts(store, str(chosen))] == ["lawful"]


def test_keys_typed_into_the_reason_are_a_reason_and_no_verdict(opened, home):
    page, _ = opened("triage", query="&alert=A-2026-0115-001&actor=lin")
    with Store.open(home) as store:
        before = len(alerts.verdicts(store, "A-2026-0115-001"))
    field = page.get_by_placeholder("理由（写入日志）")
    field.click()
    field.press_sequentially("j1 k2")
    page.wait_for_timeout(600)
    assert field.input_value() == "j1 k2"
    assert page.locator('.yx-row[aria-selected="true"]').get_attribute("data-id") == "A-2026-0115-001"
    with Store.open(home) as store:
        assert len(alerts.verdicts(store, "A-2026-0115-001")) == before


def test_click_on_a_mark_of_the_map_chooses_that_alert(opened):
    page, _ = opened("triage", query="&alert=A-2026-0115-001&actor=lin")
    page.get_by_role("radio", name="全部").or_(page.get_by_role("button", name="全部", exact=True)).first.click()
    settled(page)
    box = page.locator(".yx-map").first
    page.wait_for_timeout(1500)  # the page may draw its map once more, which would move the marks away from under us
    box.evaluate("b => b.yxMap.map.setZoom(b.yxMap.map.getZoom() - 1.5, {animate: false})")
    spot = box.evaluate(
        """b => { const p = b.yxMap.map.latLngToContainerPoint(b.yxMap.byId.get("A-2026-0115-004").getLatLng());
                 return [p.x, p.y]; }"""
    )
    box.click(position={"x": spot[0], "y": spot[1]})
    page.wait_for_url("**alert=A-2026-0115-004*", timeout=20_000)


def test_role_that_may_not_judge_is_told_and_offered_nothing(opened):
    page, _ = opened("triage", "en", query="&alert=A-2026-0115-005&actor=wu")
    expect(page.get_by_text("Verdicts: not for the role auditor")).to_be_visible(timeout=20_000)
    assert page.get_by_role("button", name="Confirmed").count() == 0
    assert page.get_by_test_id("stException").count() == 0


def test_registry_file_is_looked_at_accepted_and_undone(opened, home, tmp_path):
    file = tmp_path / "新一期.csv"
    place = f"{small_home.LON},{small_home.LAT}"
    file.write_text(
        "统一社会信用代码,企业名称,行业类别,环境信用等级,经度,纬度\n"
        f"{small_home.CODES[2]},{small_home.NAMES[2]},E48,绿牌,{place}\n坏,坏,坏,坏,{place}\n",
        "utf-8",
    )
    page, _ = opened("registry", query="&actor=lin")
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_text("变更预览")).to_be_visible(timeout=20_000)
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= DESK[0]
    assert cut_words(page) == []
    page.get_by_role("tab", name="退回 1").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="下载退回行").click()
    assert waiting.value.suggested_filename == "新一期-refused.csv"
    page.get_by_role("button", name="确认导入").click()
    expect(page.get_by_test_id("stFileChipName")).to_have_count(0, timeout=20_000)
    expect(page.get_by_text("新一期.csv")).to_be_visible(timeout=20_000)
    with Store.open(home) as store:
        assert [one.changed for one in registry_imports.all_imports(store)] == [1, 1]
    page.get_by_role("button", name="撤销导入").click()
    page.get_by_label("理由（写入日志）").fill("文件错了")
    page.get_by_role("button", name="撤销", exact=True).click()
    expect(page.get_by_text("已撤销", exact=True)).to_be_visible(timeout=20_000)
    with Store.open(home) as store:
        assert registry_imports.all_imports(store)[0].undone is not None
    page.get_by_test_id("stToast").first.wait_for(timeout=20_000)
    settled(page)


def test_language_is_switched_in_place_and_kept_on_the_next_page(opened):
    page, _ = opened("triage")
    page.get_by_text("English", exact=True).click()
    expect(page.locator("h1", has_text="Alert triage")).to_be_visible(timeout=20_000)
    page.get_by_test_id("stTopNavLink").filter(has_text="Week").first.click()
    expect(page.locator("h1", has_text="Weekly plan")).to_be_visible(timeout=20_000)


def test_printed_week_opens_with_its_map_and_asks_nothing_of_anybody(opened, browser, tmp_path):
    page, _ = opened("week", query="&actor=lin")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="下载打印版").click()
    file = tmp_path / "week.html"
    waiting.value.save_as(file)
    paper = browser.new_page()
    asked: list[str] = []
    account = Account(paper)
    paper.on("request", lambda request: asked.append(request.url))
    paper.goto(file.as_uri())
    paper.locator(".leaflet-container path").first.wait_for(timeout=10_000)
    assert asked == [file.as_uri()]
    assert [fault for fault in account.faults if "file://" not in fault] == []
    assert small_home.NAMES[0] in paper.content()
    paper.close()


def test_ten_thousand_marks_are_panned_without_the_server_and_clicked_through_it(browser, tmp_path):
    script = ROOT / "tests" / "dashboard" / "many_marks.py"
    with serving(tmp_path / "home", script=script) as served:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        account = Account(page)
        page.goto(served)
        settled(page)
        box = page.locator(".yx-map").first
        assert box.evaluate("b => b.yxMap.byId.size") == 10_000
        drawing_ms = box.evaluate(
            """b => { const s = performance.now(); b.yxMap.canvas._redraw(); return performance.now() - s; }"""
        )
        sent, middle = account.sent, box.bounding_box()
        page.mouse.move(middle["x"] + 600, middle["y"] + 300)
        page.mouse.down()
        page.mouse.move(middle["x"] + 500, middle["y"] + 240, steps=8)
        page.mouse.up()
        page.mouse.wheel(0, -300)
        page.wait_for_timeout(800)
        assert account.sent == sent
        spot = box.evaluate(
            """b => { const s = b.yxMap, size = s.map.getSize();
                 for (const [id, m] of [...s.byId].reverse()) { const p = s.map.latLngToContainerPoint(m.getLatLng());
                   if (p.x > 100 && p.y > 100 && p.x < size.x - 100 && p.y < size.y - 100) return [p.x, p.y]; } }"""
        )
        box.click(position={"x": spot[0], "y": spot[1]})
        expect(page.get_by_text("ran 2 picked A-")).to_be_visible(timeout=20_000)
        page.close()
    assert account.faults == []
    assert drawing_ms < 1_000
