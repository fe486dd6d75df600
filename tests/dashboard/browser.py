"""Headless Chromium over a server of ours, keeping account of everything that goes wrong on a page."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, Request

ROOT = Path(__file__).resolve().parents[2]
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
INSIDE = {"blob", "data", "about"}
READY_WITHIN_S = 60.0


def chromium() -> str | None:
    """The browser, where the machine has one."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def serving(home: Path, *, script: Path | None = None) -> Iterator[str]:
    """The dashboard on a home (or another script with the same options), until the block ends; gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "dashboard", "--port", str(port)]
    if script:
        options = f"from dashboard.options import streamlit_options as o; import sys; print(*o(port={port}), sep='\\n')"
        found = subprocess.run([sys.executable, "-c", options], capture_output=True, text=True, check=True, cwd=ROOT)
        command = [sys.executable, "-m", "streamlit", "run", str(script), *found.stdout.splitlines()]
    environment = os.environ | {"YAOXUN_HOME": str(home), "PYTHONPATH": str(ROOT)}
    log = home.parent / f"server-{port}.log"
    with log.open("w") as out:
        server = subprocess.Popen(command, env=environment, cwd=home.parent, stdout=out, stderr=subprocess.STDOUT)
        try:
            _wait(f"http://127.0.0.1:{port}/_stcore/health", server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=20)
    assert "Traceback" not in log.read_text("utf-8")


def _wait(address: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < until:
        assert server.poll() is None, "the server ended"
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"no answer from {address}")


class Account:
    """What a page did that it should not: errors, console errors, requests and sockets that leave the machine."""

    def __init__(self, page: Page) -> None:
        self.faults: list[str] = []
        self.requests = 0
        self.sent = 0
        page.on("pageerror", lambda error: self.faults.append(f"page error: {error}"))
        page.on("console", self._console)
        page.on("request", self._request)
        page.on("requestfailed", self._failed)
        page.on("websocket", self._socket)

    def _failed(self, request: Request) -> None:
        """A download that is looked up while the test already leaves the page is cut off: no fault of the page."""
        if not ("/media/" in request.url and request.failure == "net::ERR_ABORTED"):
            self.faults.append(f"failed: {request.url} {request.failure}")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.faults.append(f"console: {message.text} {message.location.get('url', '')}")

    def _request(self, request: Request) -> None:
        self.requests += 1
        self._inside(request.url)

    def _inside(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in INSIDE and parts.hostname not in LOOPBACK:
            self.faults.append(f"leaves the machine: {url}")

    def _socket(self, socket_) -> None:
        self._inside(socket_.url)
        socket_.on("framesent", lambda _: setattr(self, "sent", self.sent + 1))


def settled(page: Page) -> None:
    """Wait until the script has run and, where the page has a map, the map is drawn."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for(timeout=30_000)
    page.wait_for_timeout(250)
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for(timeout=30_000)
    if page.locator(".yx-map").count():
        page.locator(".yx-map[data-ready=true]").first.wait_for(timeout=30_000)
