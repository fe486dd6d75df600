"""Run the long proofs and the benchmarks, and write what they said to docs/proof/DATE-COMMIT.md (`make proof`).

The file names commit and machine, so that a figure can be judged later. Commit it with the change that it proves.
"""

from __future__ import annotations

import datetime
import os
import platform
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "proof"
NO_TESTS_COLLECTED = 5


def main() -> int:
    """Run, write, and say where; the exit status is 1 when a proof or a benchmark failed."""
    sections, failed = [], False
    for title, command in commands(ROOT):
        print(f"{title} …", flush=True)
        began = time.monotonic()
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, errors="replace")
        seconds = time.monotonic() - began
        good = done.returncode in (0, NO_TESTS_COLLECTED) if "pytest" in command else done.returncode == 0
        failed |= not good
        print(f"{title}: {'done' if good else 'FAILED'} in {seconds:.0f} s", flush=True)
        sections.append(section(title, seconds, good, (done.stdout + done.stderr).strip()))
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{today()}-{commit()[:10]}.md"
    path.write_text("\n".join([head(), *sections]), encoding="utf-8")
    print(f"written: {path.relative_to(ROOT)}")
    return int(failed)


def commands(root: Path) -> list[tuple[str, list[str]]]:
    """The tests marked `proof`, then every benchmark: a file of benchmarks/ that begins with `bench_`."""
    proofs = [sys.executable, "-m", "pytest", "tests", "-q", "-m", "proof", "--no-header", "--durations=0", "-rA"]
    benches = sorted((root / "benchmarks").rglob("bench_*.py"))
    return [
        ("proofs", proofs),
        *((path.stem, [sys.executable, "-m", module_of(path, root)]) for path in benches),
    ]


def module_of(path: Path, root: Path) -> str:
    """`benchmarks/bench_geo.py` runs as the module `benchmarks.bench_geo`."""
    return ".".join(path.relative_to(root).with_suffix("").parts)


def section(title: str, seconds: float, good: bool, said: str) -> str:
    """One section of the report; colours and this machine's folder are left out of it."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", said).replace(str(ROOT), "ROOT")
    return f"## {title}\n\n{'Passed' if good else '**Failed**'} in {seconds:.0f} s.\n\n```\n{plain}\n```\n"


def head() -> str:
    """Commit and machine."""
    return (
        f"# Proof of {today()}\n\n"
        f"- commit `{commit()}`{' with changes that are not committed' if git('status', '--porcelain') else ''}\n"
        f"- {cpu()}, {os.cpu_count()} cores, {memory_gib()} GiB, {system()}, Python {platform.python_version()}\n"
    )


def today() -> str:
    """The day of the run."""
    return f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}"  # noqa: TID251 (a report is dated by the clock)


def git(*words: str) -> str:
    """What git answers; empty where there is no repository."""
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True).stdout.strip()


def commit() -> str:
    """The commit that was proved."""
    return git("rev-parse", "HEAD") or "no-commit"


def cpu() -> str:
    """The processor's name."""
    found = re.search(r"^model name\s*:\s*(.+)$", read("/proc/cpuinfo"), re.MULTILINE)
    return found.group(1) if found else platform.machine()


def memory_gib() -> int:
    """Memory of the machine."""
    found = re.search(r"^MemTotal:\s*(\d+)", read("/proc/meminfo"), re.MULTILINE)
    return round(int(found.group(1)) / 2**20) if found else 0


def system() -> str:
    """The distribution's name."""
    found = re.search(r'^PRETTY_NAME="(.+)"$', read("/etc/os-release"), re.MULTILINE)
    return found.group(1) if found else platform.system()


def read(path: str) -> str:
    """A file of the system, or nothing."""
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError:
        return ""


if __name__ == "__main__":
    sys.exit(main())
