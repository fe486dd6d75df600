"""What `make install` decides before it calls pip, the lock, and the report of `make proof`."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.house.loading import load_script


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "遥 巡"
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    (folder / "constraints.txt").write_text("# pins\ntorch==2.13.0\n")
    return folder


@pytest.fixture
def install(project: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = load_script("install")
    venv = project / ".venv"
    for name, value in {
        "ROOT": project,
        "VENV": venv,
        "STAMP": venv / "yaoxun-install.json",
        "LOG": venv / "log",
    }.items():
        monkeypatch.setattr(module, name, value)
    return module


@pytest.fixture
def ran(install: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that would have been run; each leaves the `yaoxun` command behind, as pip does."""
    commands: list[list[str]] = []

    def watched(command: list[str], title: str, env: dict[str, str] | None = None) -> int:
        commands.append(command)
        (install.VENV / "bin").mkdir(parents=True, exist_ok=True)
        (install.VENV / "bin" / "yaoxun").write_text("")
        return 0

    monkeypatch.setattr(install, "watched", watched)
    monkeypatch.setattr(install, "usable", lambda: True)
    return commands


def test_the_second_install_does_nothing(install: ModuleType, ran: list[list[str]]) -> None:
    install.install("run", ["-e", "."])
    install.install("run", ["-e", "."])
    assert len(ran) == 1
    assert ran[0][-4:] == ["-c", "constraints.txt", "-e", "."]


@pytest.mark.parametrize("file", ["pyproject.toml", "constraints.txt"])
def test_a_changed_file_is_installed_again(install: ModuleType, ran: list[list[str]], project: Path, file: str) -> None:
    install.install("run", ["-e", "."])
    (project / file).write_text("changed")
    install.install("run", ["-e", "."])
    assert len(ran) == 2


def test_runtime_and_tests_have_stamps_of_their_own(install: ModuleType, ran: list[list[str]]) -> None:
    install.install("run", ["-e", "."])
    install.install("tests", ["torch==2.13.0"], ["-e", ".[train,test]"])
    install.install("run", ["-e", "."])
    assert [command[-1] for command in ran] == [".", "torch==2.13.0", ".[train,test]"]


def test_a_moved_folder_gets_a_fresh_environment(
    install: ModuleType, ran: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    install.install("run", ["-e", "."])
    stamp = json.loads(install.STAMP.read_text())
    install.STAMP.write_text(json.dumps({**stamp, "run": "old", "folder": "/elsewhere"}))
    made: list[bool] = []
    monkeypatch.setattr(install, "make_venv", lambda: made.append(True) or {})
    install.install("run", ["-e", "."])
    assert made == [True]


def test_a_broken_stamp_is_no_stamp(install: ModuleType, ran: list[list[str]]) -> None:
    install.STAMP.write_text("{")
    install.install("run", ["-e", "."])
    assert len(ran) == 1


def test_pip_that_fails_leaves_no_stamp_and_shows_its_last_words(
    install: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    install.LOG.write_text("no matching distribution\n")
    monkeypatch.setattr(install, "watched", lambda *_, **__: 1)
    monkeypatch.setattr(install, "usable", lambda: True)
    with pytest.raises(install.Missing, match="no matching distribution"):
        install.install("run", ["-e", "."])
    assert not install.STAMP.exists()


def test_what_is_missing_is_said_in_one_line_and_exit_2(
    install: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(install.subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 1))
    monkeypatch.setattr(install, "apt_install", lambda packages: False)
    assert install.main([]) == 2
    said = capsys.readouterr().err
    assert said == f"Python's venv module is missing. As root: apt-get install python3.{sys.version_info[1]}-venv\n"


def test_a_missing_browser_is_named_and_stops_nothing(
    install: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(install.shutil, "which", lambda name: None)
    monkeypatch.setattr(install, "has_chinese_font", lambda *folders: False)
    monkeypatch.setattr(install.os, "geteuid", lambda: 1000)
    install.need_browser()
    assert "NOT RUN. As root: apt-get install chromium fonts-noto-cjk" in capsys.readouterr().out


def test_chinese_fonts_are_found_by_name(install: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert not install.has_chinese_font(tmp_path, tmp_path / "absent")
    (tmp_path / "a" / "b" / "wqy-microhei.ttc").write_text("")
    assert install.has_chinese_font(tmp_path / "absent", tmp_path)


def test_what_pip_prints_is_kept_and_shown_as_progress(install: ModuleType, project: Path) -> None:
    script = "print('Collecting numpy'); print('bye')"
    assert install.watched([sys.executable, "-c", script], "installing") == 0
    assert "bye" in install.LOG.read_text()
    assert install.watched([sys.executable, "-c", "raise SystemExit(3)"], "installing") == 3
    progress = install.Progress("x")
    progress.follow(io.StringIO("Collecting numpy\n  Downloading numpy-2.whl (17 MB)\n"), io.StringIO())
    assert (progress.found, progress.now) == (1, "downloading numpy-2.whl")


def test_the_lock_is_good_on_another_machine() -> None:
    freeze = (
        "torch==2.13.0+cpu\nyaoxun==0.1.0\nnvidia-cublas==13\n-e git+x\nfoo @ file:///x\nabc==1\nnvidia-ml-py==13.6\n"
    )
    assert load_script("lock").locked(freeze) == ["abc==1", "nvidia-ml-py==13.6", "torch==2.13.0"]


def test_a_proof_names_commit_and_machine_and_no_folder_of_ours(root: Path) -> None:
    proof = load_script("proof")
    assert "commit `" in proof.head()
    assert "cores" in proof.head()
    text = proof.section("bench", 3.2, True, f"\x1b[1m{root}/x took 3 s\x1b[0m")
    assert str(root) not in text
    assert "ROOT/x took 3 s" in text
    assert "\x1b" not in text


def test_every_benchmark_is_run_by_make_proof(tmp_path: Path) -> None:
    (tmp_path / "benchmarks" / "worlds").mkdir(parents=True)
    (tmp_path / "benchmarks" / "bench_geo.py").write_text("")
    (tmp_path / "benchmarks" / "worlds" / "bench_sea.py").write_text("")
    titles = [title for title, _ in load_script("proof").commands(tmp_path)]
    assert titles == ["proofs", "bench_geo", "bench_sea"]
