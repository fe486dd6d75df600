"""The rules of the house: the import contracts, and what import-linter does not see."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

from pipelines.version import CODE_VERSION
from tests.house import source
from tests.house.source import CONFIG, ROOT, ROOT_PACKAGES, module_name, python_files, tree_of

CONTRACTS = {row["id"]: row["name"] for row in CONFIG["tool"]["importlinter"]["contracts"]}
LIBRARIES = {"torch", "torchvision", "ultralytics", "onnxruntime", "openvino", "safetensors"}
NEVER_ON_A_PAGE = LIBRARIES | {"models.vision.adapters"}
LAYERS = " ".join(CONFIG["tool"]["importlinter"]["contracts"][0]["layers"])
LONGEST_FILE, LONGEST_TEST = 500, 600
FORMAT_CONSTANTS = "formats.py"
CLOCK = "pipelines/clock.py"

OFFENCES = {
    "a stage knows another": ("one_way", "pipelines/detect.py", "import pipelines.locate"),
    "a stage knows the store": ("one_way", "pipelines/locate.py", "from pipelines import store"),
    "the store knows a stage": ("one_way", "pipelines/store/files.py", "import pipelines.alert"),
    "law knows pixels": ("one_way", "enforcement/leads.py", "import models.vision"),
    "pixels know law": ("one_way", "models/errors.py", "import enforcement.policy"),
    "geometry knows the product": ("one_way", "geo/crs.py", "import pipelines.records"),
    "a page writes SQL": ("sql", "dashboard/palette.py", "import sqlite3"),
    "torch in a function of a stage": ("inference", "pipelines/detect.py", "def lazy():\n    import torch"),
    "onnxruntime outside the adapters": ("inference", "models/vision/merge.py", "import onnxruntime"),
    "streamlit in the command line": ("streamlit", "pipelines/cli/show.py", "import streamlit"),
    "folium in geometry": ("folium", "geo/crs.py", "import folium"),
    "a page runs the engine": ("no_model_on_a_page", "dashboard/palette.py", "import pipelines.engine.work"),
    "a page writes to the store": ("pages", "dashboard/palette.py", "import pipelines.store.write.alerts"),
    "a page calls a stage": ("pages", "dashboard/palette.py", "import pipelines.locate"),
    "the truth is made by what it tests": ("truth", "data_samples/__init__.py", "import geo.crs"),
    "a cycle": ("no_cycles", "pipelines/engine/stage.py", "import pipelines.engine.work"),
}


def lint_imports(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the packages in `folder`."""
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache", "--no-logo", *options]
    env = {"PATH": "/usr/bin:/bin", "COLUMNS": "200"}
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env=env)


def parts_of_pipelines() -> set[str]:
    """The modules and packages directly under `pipelines`."""
    children = (ROOT / "pipelines").iterdir()
    return {path.stem for path in children if path.suffix == ".py" or (path / "__init__.py").exists()}


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of our source, to be broken."""
    folder = tmp_path_factory.mktemp("copied")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for path in python_files(*ROOT_PACKAGES):
        target = folder / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    return folder


def test_the_import_contracts_hold(copied: Path) -> None:
    done = lint_imports(copied)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(CONTRACTS)} kept, 0 broken" in done.stdout


@pytest.mark.parametrize("offence", OFFENCES)
def test_a_broken_contract_is_caught(copied: Path, offence: str) -> None:
    contract, file, lines = OFFENCES[offence]
    path = copied / file
    before = path.read_text(encoding="utf-8")
    path.write_text(f"{before}\n{lines}\n", encoding="utf-8")
    try:
        done = lint_imports(copied, "--contract", contract)
    finally:
        path.write_text(before, encoding="utf-8")
    assert done.returncode == 1, done.stdout + done.stderr
    assert re.search(rf"^{re.escape(CONTRACTS[contract])} BROKEN", done.stdout, re.MULTILINE), done.stdout


def test_each_contract_is_broken_once_on_purpose() -> None:
    assert {contract for contract, _, _ in OFFENCES.values()} == set(CONTRACTS)


def test_every_python_file_of_the_packages_is_in_the_graph() -> None:
    graph = grimp.build_graph(*ROOT_PACKAGES, cache_dir=None)
    assert {module_name(path) for path in python_files(*ROOT_PACKAGES)} <= graph.modules


def test_the_root_packages_are_the_folders_on_disk() -> None:
    folders = {
        path.name
        for path in ROOT.iterdir()
        if path.is_dir() and not path.name.startswith(".") and next(path.rglob("*.py"), None)
    }
    assert folders - source.NO_PACKAGES == set(ROOT_PACKAGES)


def test_every_part_of_pipelines_has_a_place_in_the_layers() -> None:
    assert parts_of_pipelines() - {"__init__"} <= set(re.findall(r"pipelines\.(\w+)", LAYERS))


def test_no_layer_stays_optional_once_it_is_built() -> None:
    optional = re.findall(r"\(pipelines\.(\w+)\)", LAYERS)
    assert not set(optional) & parts_of_pipelines()


def test_app_has_one_import() -> None:
    statements = [ast.unparse(node) for node in source.import_statements(tree_of(ROOT / "app.py"))]
    assert statements == ["from dashboard import routing"]


def test_no_page_loads_a_model() -> None:
    """A fresh process runs every import of the dashboard, those inside functions too, and looks at what was loaded."""
    lines = {
        ast.unparse(node)
        for path in python_files("dashboard")
        for node in source.import_statements(tree_of(path))
        if not (isinstance(node, ast.ImportFrom) and node.module == "__future__")
    }
    assert any("streamlit" in line for line in lines)
    script = "\n".join(
        ["import sys, warnings", "warnings.simplefilter('ignore')", *sorted(lines), "print(*sys.modules)"]
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert "streamlit" in loaded
    assert not NEVER_ON_A_PAGE & loaded


def test_inference_libraries_are_loaded_by_name_in_the_adapters_only() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path in python_files(*ROOT_PACKAGES)
        if "adapters" not in path.parts
        for line, name in source.loaded_by_name(tree_of(path))
        if name.partition(".")[0] in LIBRARIES
    ]
    assert not found
    adapters = python_files("models/vision/adapters")
    assert any(name == "ultralytics" for path in adapters for _, name in source.loaded_by_name(tree_of(path)))


@pytest.mark.parametrize("package", ["enforcement", "hj212"])
def test_law_and_wire_format_need_the_standard_library_only(package: str) -> None:
    files = python_files(package)
    assert files
    for path in files:
        assert source.imported_roots(tree_of(path)) <= sys.stdlib_module_names | {package}, path


def test_code_holds_no_figure_of_the_law() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {value}"
        for path in python_files("enforcement")
        if path.name != FORMAT_CONSTANTS
        for line, value in source.figures(tree_of(path))
    ]
    assert not found


def test_only_one_file_reads_the_clock() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for path in [*python_files(*ROOT_PACKAGES), ROOT / "app.py"]
        if path.relative_to(ROOT).as_posix() != CLOCK
        for line, text in source.clock_readings(tree_of(path))
    ]
    assert not found
    assert list(source.clock_readings(tree_of(ROOT / CLOCK)))


def test_no_sql_reads_the_clock() -> None:
    pattern = re.compile(
        r"CURRENT_(TIME|DATE)|datetime\s*\(\s*'now|julianday\s*\(\s*'now|strftime\s*\([^)]*'now", re.IGNORECASE
    )
    files = [*(ROOT / "pipelines").rglob("*.sql"), *python_files("pipelines/store")]
    assert files
    assert [path for path in files if pattern.search(path.read_text(encoding="utf-8"))] == []


def test_files_hold_one_idea() -> None:
    files = [*python_files(*ROOT_PACKAGES, "tests", "benchmarks"), *(ROOT / ".ci").glob("*.py")]
    lengths = {path.relative_to(ROOT): path.read_text(encoding="utf-8").count("\n") for path in files}
    assert {p: n for p, n in lengths.items() if n > (LONGEST_TEST if p.parts[0] == "tests" else LONGEST_FILE)} == {}


def test_the_code_version_is_that_of_the_distribution() -> None:
    assert CONFIG["project"]["version"] == CODE_VERSION


@pytest.mark.parametrize(
    ("text", "count"),
    [("DAYS = 7", 1), ("x = -7.5", 1), ("x = [0, 1, 2, 100, -1, True, '7']", 0), ("# 7\n'''7 days'''", 0)],
)
def test_a_figure_is_seen_where_it_stands_in_code(text: str, count: int) -> None:
    assert len(list(source.figures(ast.parse(text)))) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("datetime.now(UTC)", 1),
        ("datetime.datetime.utcnow()", 1),
        ("dt.date.today()", 1),
        ("pd.Timestamp.now()", 1),
        ("time.time()", 1),
        ("time.strftime('%Y')", 1),
        ("from time import time", 1),
        ("time.perf_counter()", 0),
        ("when.strftime('%Y')", 0),
        ("time.gmtime(0)", 0),
        ("clock.now()", 0),
        ("datetime.fromisoformat(text)", 0),
    ],
)
def test_a_reading_of_the_clock_is_seen(text: str, count: int) -> None:
    assert len(list(source.clock_readings(ast.parse(text)))) == count
