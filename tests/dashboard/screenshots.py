"""Pictures of the pages for the documents: `python -m tests.dashboard.screenshots HOME docs/images [ALERT]`."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.dashboard.browser import FLAGS, chromium, serving, settled

DESK, TABLET = (1280, 860), (820, 1180)
PAGES = {
    "triage": ("研判", "Triage"),
    "flights": ("飞行", "Flights"),
    "week": ("周计划", "Week"),
    "enterprise": ("企业", "Enterprise"),
    "registry": ("登记资料", "Registry"),
    "quality": ("资料质量", "Quality"),
    "monitors": ("在线", "Monitors"),
    "check": ("检查", "Check"),
    "case": ("案件", "Cases"),
    "station": ("超标审核", "Audit"),
    "clocks": ("期限", "Clocks"),
    "duty": ("履职", "Duties"),
    "tasks": ("任务", "Tasks"),
}
SHOTS = [
    *((name, "zh", DESK, name) for name in PAGES),
    ("triage", "en", DESK, "triage-en"),
    ("triage", "zh", TABLET, "triage-tablet"),
]


def opened(browser: Browser, address: str, name: str, language: str, size: tuple[int, int], query: str) -> Page:
    """A page, settled, with its map drawn."""
    page = browser.new_page(viewport={"width": size[0], "height": size[1]})
    page.goto(f"{address}/?language={language}{query}")
    settled(page)
    if name != "triage":
        text = PAGES[name][("zh", "en").index(language)]
        page.get_by_test_id("stTopNavLink").filter(has=page.get_by_text(text, exact=True)).first.click()
        page.wait_for_url(f"**/{name}*")
        settled(page)
    page.wait_for_timeout(1200)
    return page


def main(home: Path, target: Path, query: str) -> None:
    """Take them all."""
    target.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, serving(home) as address:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        for name, language, size, file in SHOTS:
            page = opened(browser, address, name, language, size, query)
            page.screenshot(path=str(target / f"{file}.png"))
            page.close()
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), f"&alert={sys.argv[3]}" if len(sys.argv) > 3 else "")
