"""The exact check must be able to fail: one line of geo changed at a time, and it does."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.truth.exact_check import NO

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Mutation:
    """A change of one line of a file of geo."""

    file: str
    old: str
    new: str


MUTATIONS = {
    "yaw turned the other way": Mutation("attitude.py", "yaw = np.radians(yaw_deg)\n", "yaw = np.radians(-yaw_deg)\n"),
    "pixel centre moved by half": Mutation("camera.py", "HALF_PIXEL = 0.5 ", "HALF_PIXEL = 0.0 "),
    "principal point half a pixel off": Mutation(
        "camera.py", "cx_px=centre.u + full.offset_u_px * scale", "cx_px=centre.u + 0.5 + full.offset_u_px * scale"
    ),
    "convergence flipped": Mutation(
        "crs.py", "return yaw_true_deg - convergence_deg", "return yaw_true_deg + convergence_deg"
    ),
    "focal length a hundredth too long": Mutation(
        "camera.py", "full.fx_px * scale, full.fy_px * scale", "full.fx_px * scale * 1.01, full.fy_px * scale * 1.01"
    ),
    "pitch a tenth of a degree off": Mutation("pose.py", "pitch_deg=pitch,", "pitch_deg=pitch + 0.1,"),
    "roll turned the other way": Mutation("pose.py", "roll_deg=roll,", "roll_deg=-roll,"),
    "lens distortion left out": Mutation("camera.py", "distortion=full.distortion,", "distortion=(),"),
    "east and north swapped": Mutation("crs.py", "_crs(target), always_xy=True)", "_crs(target), always_xy=False)"),
}


def copy_of_geo(folder: Path, mutation: Mutation | None) -> Path:
    """Copy geo into a folder, one line changed.

    Raises:
        LookupError: the text to change is not there exactly once, so that the mutation would change nothing, or more
            than one line.
    """
    shutil.copytree(ROOT / "geo", folder / "geo", ignore=shutil.ignore_patterns("__pycache__"))
    if mutation:
        path = folder / "geo" / mutation.file
        text = path.read_text(encoding="utf-8")
        if text.count(mutation.old) != 1:
            raise LookupError(f"geo/{mutation.file} holds {mutation.old!r} {text.count(mutation.old)} times, not once")
        path.write_text(text.replace(mutation.old, mutation.new), encoding="utf-8")
    return folder


def check(folder: Path, pictures: Path) -> subprocess.CompletedProcess[str]:
    """Run the exact check with the geo that lies in `folder`."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)]), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "tests.truth.exact_check", str(pictures)]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=300)


def test_an_unchanged_copy_passes(tmp_path: Path, exact_folder: Path) -> None:
    done = check(copy_of_geo(tmp_path, None), exact_folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"geo: {tmp_path.resolve() / 'geo'}" in done.stdout


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_changed_line_is_caught(name: str, tmp_path: Path, exact_folder: Path) -> None:
    done = check(copy_of_geo(tmp_path, MUTATIONS[name]), exact_folder)
    assert f"geo: {tmp_path.resolve() / 'geo'}" in done.stdout, done.stderr
    assert done.returncode == NO, done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_a_mutation_whose_text_is_gone_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="0 times"):
        copy_of_geo(tmp_path, Mutation("crs.py", "no such line anywhere", ""))
