"""`python -m data_samples.renderer --out DIR --seed N`: render the sample flight with its truth, maps and registry."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from data_samples.district import maps as wide
from data_samples.district import offices, relief
from data_samples.measured import logs
from data_samples.renderer import layout, light, maps, picture, truth
from data_samples.renderer.flight import LENS, START, exact_claim, noisy_claims, shots
from data_samples.renderer.tags import write_picture

SEED = 7
JPEG_QUALITY = 88


def main(arguments: list[str] | None = None) -> int:
    """Render into a folder; progress goes to stderr."""
    parser = argparse.ArgumentParser(prog="python -m data_samples.renderer", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder to write into")
    parser.add_argument("--seed", type=int, default=SEED, help="what the picture's chance is a function of")
    parser.add_argument("--tags", choices=("noisy", "exact"), default="noisy", help="what the tags say of the pose")
    parser.add_argument("--only", type=int, nargs="*", help="numbers of the pictures to render; all where left out")
    given = parser.parse_args(arguments)
    render_sample(given.out, given.seed, tags=given.tags, only=given.only)
    return 0


def render_sample(out: Path, seed: int, *, tags: str = "noisy", only: list[int] | None = None) -> None:
    """Write flight/, truth.json, basemap.geojson, district.geojson and registry/ under `out`."""
    began = time.monotonic()
    scene = layout.block(seed)
    stage = picture.staged(scene, layout.painted(scene), light.sun_direction(START))
    _say(f"scene   {len(scene.faces)} faces, {time.monotonic() - began:.1f} s")
    flight = shots()
    claims = (
        noisy_claims(flight, np.random.default_rng([seed, 1])) if tags == "noisy" else list(map(exact_claim, flight))
    )
    (out / "flight").mkdir(parents=True, exist_ok=True)
    seen: dict[str, list[dict[str, Any]]] = {}
    for number, (shot, claim) in enumerate(zip(flight, claims, strict=True), start=1):
        if only and number not in only:
            continue
        start = time.monotonic()
        rendered = picture.render(stage, LENS, shot.pose, np.random.default_rng([seed, 2, number]))
        write_picture(out / "flight" / shot.file, rendered.pixels, claim, LENS, quality=JPEG_QUALITY)
        seen[shot.file] = truth.boxes_of(scene, rendered)
        size = (out / "flight" / shot.file).stat().st_size
        _say(f"{shot.file}  {number}/{len(flight)}  {size // 1024} KB  {time.monotonic() - start:.1f} s")
    _write(out / "truth.json", truth.truth_of(scene, flight, seen))
    _write(out / "basemap.geojson", maps.basemap_of(scene))
    _write(out / "district.geojson", wide.outline())
    offices.write(out / "registry", seed)
    relief.write_cog(out / "relief.tif")
    _write(out / "monitors.json", logs.truth(seed))
    _say(f"all     {time.monotonic() - began:.1f} s")


def _write(path: Path, document: dict[str, Any]) -> None:
    path.write_text(compact(document) + "\n", encoding="utf-8")


def compact(document: dict[str, Any]) -> str:
    """JSON with one line an entry of its lists, so that a change can be read."""
    lines = []
    for key, value in document.items():
        name = json.dumps(key, ensure_ascii=False)
        if isinstance(value, list) and value and isinstance(value[0], dict):
            body = ",\n  ".join(json.dumps(entry, ensure_ascii=False) for entry in value)
            lines.append(f"{name}: [\n  {body}\n ]")
        else:
            lines.append(f"{name}: {json.dumps(value, ensure_ascii=False)}")
    return "{\n " + ",\n ".join(lines) + "\n}"


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    raise SystemExit(main())
