"""How the server is started, and what its process may hold."""

from __future__ import annotations

import subprocess
import sys

from streamlit import config

from dashboard import routing, served
from dashboard.options import ENTRY, streamlit_options


def options() -> dict[str, str]:
    return dict(option.removeprefix("--").split("=", 1) for option in streamlit_options(port=1234))


def test_server_listens_on_loopback_and_reports_to_nobody():
    assert options()["server.address"] == "127.0.0.1"
    assert options()["browser.gatherUsageStats"] == "false"
    assert options()["server.port"] == "1234"


def test_every_option_is_one_that_streamlit_knows():
    known = set(config.get_config_options())
    assert set(options()) - known == set()


def test_entry_lies_beside_the_package_and_runs_the_routing():
    assert ENTRY.name == "app.py"
    assert "routing.run()" in ENTRY.read_text("utf-8")


def test_html_of_every_page_names_the_server_before_anything_is_loaded():
    text = served.html()
    assert text.count("BACKEND_BASE_URL") == 1
    assert text.index("BACKEND_BASE_URL") < text.index('<script type="module"')
    paths = [route.path for route in served.app._user_routes]
    assert [path for path in paths if not path.startswith("/tiles/")] == [f"/{name}" for name in routing.ICONS]


def test_no_page_brings_a_model_or_an_inference_library_into_the_process(root):
    code = (
        "import importlib, pkgutil, sys, dashboard\n"
        "for m in pkgutil.walk_packages(dashboard.__path__, 'dashboard.'):\n"
        "    if m.name != 'dashboard.__main__': importlib.import_module(m.name)\n"
        "bad = ('torch', 'torchvision', 'ultralytics', 'onnxruntime', 'openvino')\n"
        "bad += ('models.vision', 'pipelines.engine')\n"
        "print([n for n in sys.modules if n in bad or n.startswith(tuple(b + '.' for b in bad))])\n"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert found.stdout.strip().splitlines()[-1] == "[]"
