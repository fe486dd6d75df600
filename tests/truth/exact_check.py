"""`python -m tests.truth.exact_check FOLDER`: geo against the renderer's own pixels. Exit 3 beyond the limit.

Run with a copy of `geo` first on the path it judges that copy; it prints which one it judged.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

import geo
from geo.camera import camera_of
from geo.ground import ground_to_pixel, pixel_to_ground
from geo.pose import pose_of
from geo.tags import read_tags
from geo.terrain import flat

LIMIT_PX = 0.1
NO = 3


def residuals_of(picture: Path) -> dict[str, float]:
    """Largest distance in pixels, ground to pixel and pixel to ground (seen in the picture), and targets compared.

    The way down is judged without geo's own way up: the metres it is off are turned into pixels by the renderer's
    own neighbouring targets' scale, the ground size of a pixel.
    """
    known = json.loads(picture.with_suffix(".json").read_text())
    xyz, uv = np.array(known["xyz_m"]), np.array(known["uv"])
    tags = read_tags(picture)
    camera, terrain = camera_of(tags), flat(0.0)
    pose = pose_of(tags, terrain)
    up = np.hypot(*(ground_to_pixel(xyz, camera, pose) - uv).T)
    on_ground = xyz[:, 2] == 0.0
    found = pixel_to_ground(uv[on_ground], camera, pose, terrain)
    again = np.column_stack([found.xy_m, found.height_m])
    back = np.hypot(*(ground_to_pixel(again, camera, pose) - uv[on_ground]).T)
    metres = np.hypot(*(found.xy_m - xyz[on_ground, :2]).T)
    down = metres / (xyz_distance(xyz[on_ground], pose.position_m) / camera.fx_px)
    return {
        "targets": len(uv),
        "up_px": float(np.max(up)),
        "down_px": float(np.max(down)),
        "back_px": float(np.max(back)),
        "down_m": float(np.max(metres)),
    }


def xyz_distance(points: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """Distance of points from the camera, metres."""
    return np.linalg.norm(points - centre, axis=1)


def report(folder: Path) -> int:
    """Print the table of all pictures in a folder; 0 where each is within the limit."""
    rows = {picture.stem: residuals_of(picture) for picture in sorted(folder.glob("*.JPG"))}
    print(f"geo: {Path(geo.__file__).resolve().parent}")
    print(f"{'picture':22}{'targets':>8}{'up px':>10}{'down px':>10}{'back px':>10}{'down m':>10}")
    for name, row in rows.items():
        figures = " ".join(f"{row[column]:9.5f}" for column in ("up_px", "down_px", "back_px", "down_m"))
        print(f"{name:22}{row['targets']:8.0f} {figures}")
    # `not <=` so that NaN fails.
    bad = [name for name, row in rows.items() if not max_of(row) <= LIMIT_PX or row["targets"] < 30]
    print(f"{len(rows)} pictures, {len(bad)} beyond {LIMIT_PX} px")
    return NO if bad or not rows else 0


def max_of(row: dict[str, float]) -> float:
    """The worst residual of a picture in pixels, NaN where one is."""
    return float(np.max([row["up_px"], row["down_px"], row["back_px"]]))


if __name__ == "__main__":
    raise SystemExit(report(Path(sys.argv[1])))
