"""Make `.venv` and put the product into it. Standard library only: it runs before anything is installed.

    python3 .ci/install.py            what running needs; no torch
    python3 .ci/install.py --tests    what the tests need as well: torch, the extras, a browser with a Chinese font

A second call with the same pyproject.toml, constraints.txt, Python and folder does nothing. The full output of
pip lies in .venv/install.log.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TextIO

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "yaoxun-install.json"
LOG = VENV / "install.log"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FONT_FILES = ("NotoSansCJK*", "NotoSerifCJK*", "wqy-*", "SourceHanSans*")
TORCH_PIN = "torch=="
WHAT = {".": "yaoxun", ".[train,test]": "the test tools"}


class Missing(Exception):
    """Something the machine lacks, said in one line with what to do."""


def main(argv: list[str]) -> int:
    """Install what `argv` asks for; 0, or 2 with one line on stderr."""
    try:
        need_python()
        need_venv_module()
        install("run", ["-e", "."])
        if "--tests" in argv:
            torch = next(line for line in constraints() if line.startswith(TORCH_PIN))
            install("tests", [torch], ["-e", ".[train,test]"])
            need_browser()
    except Missing as missing:
        print(missing, file=sys.stderr)
        return 2
    return 0


def need_python() -> None:
    """Refuse an interpreter that is too old, naming the way out."""
    if sys.version_info < (3, 11):  # noqa: UP036 (this line is what says so)
        raise Missing(
            "Python %d.%d is too old, 3.11 is needed: make PYTHON=/path/to/python3.11 …" % sys.version_info[:2]  # noqa: UP031
        )


def need_venv_module() -> None:
    """Debian keeps `venv` in a package of its own: install it when root, else name it."""
    probe = [sys.executable, "-c", "import ensurepip, venv"]
    if not subprocess.run(probe, capture_output=True).returncode:
        return
    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    if not apt_install([package]) or subprocess.run(probe, capture_output=True).returncode:
        raise Missing(f"Python's venv module is missing. As root: apt-get install {package}")


def need_browser() -> None:
    """The browser tests drive Chromium and read Chinese: install both when root, else name them and go on."""
    lacking = []
    if not any(shutil.which(name) for name in BROWSERS):
        lacking.append("chromium")
    if not has_chinese_font(Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".fonts"):
        lacking.append("fonts-noto-cjk")
    if lacking and not apt_install(lacking):
        print(f"the browser tests will be listed as NOT RUN. As root: apt-get install {' '.join(lacking)}")


def has_chinese_font(*folders: Path) -> bool:
    """Whether a font with Chinese characters lies in one of `folders`."""
    return any(next(folder.rglob(pattern), None) for folder in folders for pattern in FONT_FILES)


def apt_install(packages: list[str]) -> bool:
    """Install Debian packages when this is root on a machine with apt; whether it worked."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    get = ["apt-get", "-y", "-q", "install", "--no-install-recommends", *packages]
    for command in (["apt-get", "-q", "update"], get):
        if watched(command, f"apt-get {'install ' + ' '.join(packages) if command is get else 'update'}", env=env):
            return False
    return True


def constraints() -> list[str]:
    """The lines of constraints.txt that pin something."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def fingerprint() -> str:
    """What an installation depends on: both files, the interpreter, and the folder (scripts hold its path)."""
    digest = hashlib.sha256()
    for part in (ROOT / "pyproject.toml", ROOT / "constraints.txt"):
        digest.update(part.read_bytes())
    digest.update(f"{platform.python_version()} {platform.machine()} {ROOT}".encode())
    return digest.hexdigest()


def stamps() -> dict[str, str]:
    """What the last installation left: a fingerprint for each kind, and the folder it was made in."""
    try:
        return dict(json.loads(STAMP.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def install(kind: str, *steps: list[str]) -> None:
    """Run pip for each of `steps`, unless the stamp says that nothing has changed.

    Raises:
        Missing: pip failed; the message names the log.
    """
    wanted = fingerprint()
    made = stamps()
    if made.get(kind) == wanted and (VENV / "bin" / "yaoxun").exists():
        return
    began = time.monotonic()
    if made.get("folder", str(ROOT)) != str(ROOT) or not usable():
        made = make_venv()
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    for step in steps:
        if watched([*pip, "-c", "constraints.txt", *step], f"installing {WHAT.get(step[-1], step[-1])}"):
            raise Missing(f"pip could not install {step[-1]}: see {LOG}\n{last_words(LOG)}")
    STAMP.write_text(json.dumps({**made, kind: wanted, "folder": str(ROOT)}, indent=1), encoding="utf-8")
    print(f"installed ({kind}) in {time.monotonic() - began:.0f} s, .venv holds {megabytes(VENV)} MB")


def usable() -> bool:
    """Whether `.venv` has an interpreter that starts, is of this version, and has pip."""
    python = VENV / "bin" / "python"
    say = "import pip, sys; print(*sys.version_info[:2])"
    try:
        answer = subprocess.run([str(python), "-c", say], capture_output=True, text=True)
    except OSError:
        return False
    return answer.stdout.split() == [str(part) for part in sys.version_info[:2]]


def make_venv() -> dict[str, str]:
    """A fresh `.venv`; the empty stamp that goes with it."""
    shutil.rmtree(VENV, ignore_errors=True)
    if subprocess.run([sys.executable, "-m", "venv", str(VENV)]).returncode:
        raise Missing(f"{sys.executable} could not make {VENV}: see above")
    return {}


def megabytes(folder: Path) -> int:
    """Size of the files under `folder` on disk, in MB."""
    blocks = (entry.lstat().st_blocks for entry in folder.rglob("*"))
    return round(sum(blocks) * 512 / 1e6)


def last_words(log: Path, lines: int = 5) -> str:
    """The end of the log, to show with a failure."""
    return "\n".join("  " + line for line in log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


def watched(command: list[str], title: str, env: dict[str, str] | None = None) -> int:
    """Run `command` into the log and show how far it is: one moving line on a terminal, else a line each 10 s.

    Returns:
        The exit status.
    """
    LOG.parent.mkdir(exist_ok=True)
    progress = Progress(title)
    output = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with (
        LOG.open("a", encoding="utf-8") as log,
        subprocess.Popen(command, cwd=ROOT, env=env, text=True, errors="replace", **output) as process,
    ):
        log.write(f"$ {' '.join(command)}\n")
        reader = threading.Thread(target=progress.follow, args=(process.stdout, log), daemon=True)
        reader.start()
        while reader.is_alive():
            reader.join(0.25)
            progress.show()
        status = process.wait()
    progress.end(status)
    return status


class Progress:
    """How far pip or apt is: packages found, what it does now, seconds."""

    def __init__(self, title: str) -> None:
        self.title, self.began = title, time.monotonic()
        self.found, self.now, self.shown = 0, "", 0.0
        self.terminal = sys.stdout.isatty()

    def follow(self, lines: TextIO, log: TextIO) -> None:
        """Read the output of the program to its end, keeping all of it in the log."""
        for line in lines:
            log.write(line)
            words = line.split()
            self.found += line.startswith(("Collecting ", "Processing ", "Get:"))
            if len(words) > 1 and words[0] in (
                "Collecting",
                "Processing",
                "Downloading",
                "Installing",
                "Building",
                "Unpacking",
                "Setting",
            ):
                self.now = f"{words[0].lower()} {Path(words[1]).name}"[:50]

    def show(self) -> None:
        """Draw the line when it is time to."""
        seconds = time.monotonic() - self.began
        if seconds - self.shown < (0.25 if self.terminal else 10):
            return
        self.shown = seconds
        line = f"{self.title:<30} {self.found:3d} packages  {seconds:4.0f} s  {self.now}"
        print("\r" + line[:100].ljust(100) if self.terminal else line, end="" if self.terminal else "\n", flush=True)

    def end(self, status: int) -> None:
        """Leave one line behind."""
        seconds = time.monotonic() - self.began
        if self.terminal:
            print("\r" + " " * 100 + "\r", end="")
        print(f"{self.title:<30} {'done' if status == 0 else 'FAILED'} in {seconds:.0f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
