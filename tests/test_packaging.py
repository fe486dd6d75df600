"""A wheel works as well as the folder: built, installed where nothing of ours lies, used from an empty folder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.house.source import ROOT, ROOT_PACKAGES, module_name, python_files

NEEDS_MORE = ("models.vision.adapters", "dashboard.pages")
"""What a plain import does not cover: adapters need their libraries, pages a session; a `__main__` runs."""
IN_THE_WHEEL = {
    "the law": "enforcement/policy/*.toml",
    "migrations": "pipelines/store/migrations/*.sql",
    "sentences": "pipelines/wording/*.toml",
    "headings": "pipelines/registry_import/*.toml",
    "the zoo": "models/vision/*.toml",
    "cards": "models/vision/cards/*.md",
    "weights": "models/vision/weights/*.onnx",
    "labels": "dashboard/*.toml",
    "static files": "dashboard/static/**/*.*",
    "sample pictures": "data_samples/flight/*.*",
}


def run(*words: str | Path, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a program with nothing of ours on its path."""
    keep = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "YAOXUN", "VIRTUAL_ENV"))}
    return subprocess.run([*map(str, words)], cwd=cwd, capture_output=True, text=True, env={**keep, **env})


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy so that the build leaves nothing in the tree."""
    copy, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for package in ROOT_PACKAGES:
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "app.py", "README.md", "LICENSE", "THIRD_PARTY.md"):
        shutil.copy(ROOT / name, copy)
    done = run(sys.executable, "-m", "pip", "wheel", "--no-deps", "-w", out, copy, cwd=out)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`bin` of an environment that holds our wheel; the libraries are those of this environment, read by path."""
    venv = tmp_path_factory.mktemp("venv")
    assert run(sys.executable, "-m", "venv", "--without-pip", venv, cwd=venv).returncode == 0
    python = venv / "bin" / "python"
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=venv).stdout.strip())
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    pip = (sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", "--ignore-installed")
    done = run(*pip, wheel, cwd=venv)
    assert done.returncode == 0, done.stdout + done.stderr
    return venv / "bin"


@pytest.mark.parametrize("what", IN_THE_WHEEL)
def test_the_wheel_holds_all_files_of_a_kind(wheel: Path, what: str) -> None:
    wanted = {path.relative_to(ROOT).as_posix() for path in ROOT.glob(IN_THE_WHEEL[what]) if path.is_file()}
    assert wanted
    assert wanted <= set(zipfile.ZipFile(wheel).namelist())


def test_the_wheel_holds_all_modules_the_licence_and_no_tests(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {path.relative_to(ROOT).as_posix() for path in python_files(*ROOT_PACKAGES)} <= names
    assert "app.py" in names
    assert {"LICENSE", "THIRD_PARTY.md"} <= {Path(name).name for name in names if "dist-info" in name}
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if "dist-info" not in top} == {*ROOT_PACKAGES, "app.py"}


def test_every_module_is_imported_from_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    names = [module_name(path) for path in python_files(*ROOT_PACKAGES)]
    plain = [name for name in names if not name.startswith(NEEDS_MORE) and not name.endswith(".__main__")]
    script = f"import importlib\nfor name in {plain!r}: importlib.import_module(name)\nimport geo; print(geo.__file__)"
    done = run(installed / "python", "-W", "ignore", "-c", script, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).is_relative_to(installed.parent)


def test_a_rule_row_is_read_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    script = "from enforcement.policy import load; print(load().latest('case_after_audit_report').source)"
    done = run(installed / "python", "-c", script, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "沪环规" in done.stdout


def test_the_command_runs_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    help_text = run(installed / "yaoxun", "--help", cwd=tmp_path)
    assert help_text.returncode == 0, help_text.stderr
    assert "flights" in help_text.stdout
    roles = run(installed / "yaoxun", "roles", "--json", cwd=tmp_path)
    assert "verdict" in {row["act"] for row in json.loads(roles.stdout)["roles"]}


def test_a_file_of_the_working_folder_does_not_shadow_ours(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "geo.py").write_text("raise SystemExit('not ours')")
    done = run(
        installed / "yaoxun", "geo", "convert", "121.4", "31.25", "--from", "EPSG:4326", "--to", "GCJ-02", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr


def test_another_distributions_package_of_our_name_is_refused_in_one_line(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "foreign" / "models").mkdir(parents=True)
    (tmp_path / "foreign" / "models" / "__init__.py").write_text("")
    done = run(installed / "yaoxun", "status", cwd=tmp_path, PYTHONPATH=str(tmp_path / "foreign"))
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "foreign_package" in done.stderr


@pytest.mark.proof
def test_the_sample_home_is_built_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    done = run(installed / "yaoxun", "--home", tmp_path / "home", "demo", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["alerts"] > 0
