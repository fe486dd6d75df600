"""Pixels to the ground on one core: flat, and over a 1-m height model from 120 m at pitch −45°, beside plain peers.

Ours is `geo.ground.pixel_to_ground`: place, status and error ellipse of every pixel. The peers give the place alone:
OpenCV's undistortion and one division for flat ground; for the model the usual way, steps of a cell through SciPy's
bilinear interpolation and bisection to a centimetre. `place alone` is ours without the ellipse, by the same march.

    python -m benchmarks.bench_ground [PIXELS]
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import rasterio
from affine import Affine
from scipy.ndimage import map_coordinates

from geo.attitude import rotation
from geo.camera import Camera
from geo.ground import pixel_to_ground
from geo.lens import pixels_to_rays
from geo.march import Place, first_hits
from geo.pose import CameraPose
from geo.terrain import Dem, flat

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
ROUNDS, SEED, SIDE = 9, 7, 1000
X, Y = 633000.0, 3459000.0
CAMERA = Camera(4000, 3000, 2900.0, 2900.0, 2000.0, 1500.0, (-0.02, 0.01, 0.0002, -0.0003, -0.002), 0.01)
POSE = CameraPose("EPSG:4549", X, Y, 130.0, 30.0, -45.0, 0.0, 2.0, 3.0, 2.5, 1.0, 1.0)
TURN = rotation(POSE.yaw_grid_deg, POSE.pitch_deg, POSE.roll_deg)


def model(folder: Path) -> tuple[Path, np.ndarray]:
    """Rolling ground about 10 m high with 250 buildings of 3 to 20 m and 20 cm of noise, 1 m a cell."""
    rng = np.random.default_rng(SEED)
    x, y = np.arange(SIDE)[None, :], np.arange(SIDE)[:, None]
    ground = 10.0 + 3.0 * np.sin(x / 45.0) + 2.0 * np.cos(y / 30.0) + rng.normal(0.0, 0.2, (SIDE, SIDE))
    for _ in range(250):
        i, j = rng.integers(0, SIDE, 2)
        ground[i : i + rng.integers(5, 20), j : j + rng.integers(5, 20)] += rng.uniform(3.0, 20.0)
    path = folder / "model.tif"
    transform = Affine(1.0, 0.0, X - SIDE / 2, 0.0, -1.0, Y + SIDE / 2)
    size = {"height": SIDE, "width": SIDE, "count": 1, "dtype": "float32", "driver": "GTiff", "tiled": True}
    with rasterio.open(path, "w", crs=POSE.crs, transform=transform, **size) as out:
        out.write(ground.astype(np.float32), 1)
    return path, ground.astype(np.float32)


def by_opencv(uv: np.ndarray) -> np.ndarray:
    """Rays (n, 3) in the world by OpenCV's iteration for the lens."""
    matrix = np.array([[CAMERA.fx_px, 0, CAMERA.cx_px - 0.5], [0, CAMERA.fy_px, CAMERA.cy_px - 0.5], [0, 0, 1.0]])
    straight = cv2.undistortPoints((uv - 0.5)[:, None, :], matrix, np.array(CAMERA.distortion))[:, 0]
    return np.column_stack([straight, np.ones(len(uv))]) @ TURN.T


def peer_on_flat(uv: np.ndarray) -> np.ndarray:
    """Places (n, 2) on the plane of height 0."""
    rays = by_opencv(uv)
    return np.array([X, Y]) + rays[:, :2] * (-POSE.height_m / rays[:, 2])[:, None]


def peer_on_model(uv: np.ndarray, ground: np.ndarray) -> np.ndarray:
    """Places (n, 2) where rays go under the model, all rays at once: steps of a cell, then bisection."""
    rays = by_opencv(uv)
    rays /= np.linalg.norm(rays, axis=1)[:, None]

    def above(reach: np.ndarray, which: np.ndarray) -> np.ndarray:
        at = rays[which] * reach[:, None]
        cells = np.array([SIDE / 2 - at[:, 1] - 0.5, SIDE / 2 + at[:, 0] - 0.5])
        return POSE.height_m + at[:, 2] - map_coordinates(ground, cells, order=1, mode="nearest")

    reach = (POSE.height_m - float(ground.max())) / -rays[:, 2]
    going = np.arange(len(uv))
    while going.size:
        reach[going] += 1.0
        going = going[above(reach[going], going) > 0]
    low, high, every = reach - 1.0, reach, np.arange(len(uv))
    for _ in range(7):
        middle = (low + high) / 2.0
        free = above(middle, every) > 0
        low, high = np.where(free, middle, low), np.where(free, high, middle)
    return np.array([X, Y]) + rays[:, :2] * high[:, None]


def place_alone(uv: np.ndarray, dem: Dem) -> np.ndarray:
    """Depth (n,) of ours, without status and ellipse."""
    rays = np.empty((3, len(uv)))
    for first in range(0, len(uv), 8192):
        rays[:, first : first + 8192] = TURN @ pixels_to_rays(uv[first : first + 8192], CAMERA).T
    rays = rays.T
    return first_hits(rays, Place(POSE.crs, POSE.position_m), dem, None, 5000.0).depth


def rate(call: Callable[[], object], pixels: int) -> tuple[float, float]:
    """Pixels a second: of the processor's time, which a busy machine leaves alone, and of the clock; best rounds."""
    cpu, wall = [], []
    for _ in range(ROUNDS):
        began, began_cpu = time.perf_counter(), time.process_time()
        call()
        cpu.append(time.process_time() - began_cpu)
        wall.append(time.perf_counter() - began)
    return pixels / statistics.median(cpu), pixels / min(wall)


def shown(name: str, rates: tuple[float, float], beside: tuple[float, float] | None = None) -> tuple[float, float]:
    """Print a line; the ratio is of the processor's time."""
    ratio = "" if beside is None else f"   x {rates[0] / beside[0]:.1f}"
    print(
        f"{name:<46} {rates[0]:>11,.0f} pixels a second of CPU (median), {rates[1]:>11,.0f} of the clock (best){ratio}"
    )
    return rates


def main() -> None:
    """Print all rates, ratios to the peers, and how far the places lie apart."""
    if any(os.environ.get(name) != "1" for name in THREADS):  # read when NumPy is loaded: begin anew
        os.execve(
            sys.executable,
            [sys.executable, "-m", "benchmarks.bench_ground", *sys.argv[1:]],
            os.environ | dict.fromkeys(THREADS, "1"),
        )
    cv2.setNumThreads(1)
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    pixels = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    uv = np.random.default_rng(SEED).uniform([0, 0], [CAMERA.width_px, CAMERA.height_px], (pixels, 2))
    few = uv[:30_000]
    print(f"{machine()}, one core, {pixels:,} pixels, numpy {np.__version__}, seed {SEED}")
    plain = shown("flat: OpenCV and a division, place alone", rate(lambda: peer_on_flat(uv), pixels))
    ground = flat()
    shown(
        "flat: pixel_to_ground, place and ellipse",
        rate(lambda: pixel_to_ground(uv, CAMERA, POSE, ground), pixels),
        plain,
    )
    ours = pixel_to_ground(uv, CAMERA, POSE, ground)
    print(f"  apart at most {np.hypot(*(ours.xy_m - peer_on_flat(uv))[ours.ok].T).max() * 1000:.3f} mm")
    with tempfile.TemporaryDirectory() as folder:
        path, heights = model(Path(folder))
        dem = Dem.open(path, sigma_m=0.2)
        plain = shown("1-m model: SciPy, place alone", rate(lambda: peer_on_model(few, heights), len(few)))
        shown("1-m model: place alone", rate(lambda: place_alone(uv, dem), pixels), plain)
        shown(
            "1-m model: pixel_to_ground, place and ellipse",
            rate(lambda: pixel_to_ground(uv, CAMERA, POSE, dem), pixels),
            plain,
        )
        found = pixel_to_ground(few, CAMERA, POSE, dem)
        apart = np.hypot(*(found.xy_m - peer_on_model(few, heights)).T)[found.ok]
        print(f"  {found.ok.mean():.1%} located; apart: median {np.median(apart) * 1000:.1f} mm, over 5 cm "
              f"{(apart > 0.05).mean():.2%} (corners thinner than the peer's step)")  # fmt: skip


def machine() -> str:
    """The processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


if __name__ == "__main__":
    main()
