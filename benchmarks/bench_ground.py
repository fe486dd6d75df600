"""Pixels to flat ground: `geo.ground.pixel_to_ground`, with its ellipses, beside OpenCV's undistortion and a bare ray.

The peer gives the place alone. What our figure costs beyond it is the covariance of every pixel.
"""

from __future__ import annotations

import statistics
import time

import cv2
import numpy as np

from geo.attitude import rotation
from geo.camera import Camera
from geo.ground import pixel_to_ground
from geo.pose import CameraPose
from geo.terrain import flat

PIXELS, ROUNDS, SEED = 300_000, 5, 7
CAMERA = Camera(4000, 3000, 2900.0, 2900.0, 2000.0, 1500.0, (-0.02, 0.01, 0.0002, -0.0003, -0.002))
POSE = CameraPose("EPSG:4549", 633000.0, 3459000.0, 120.0, 30.0, -45.0, 0.0)


def peer(uv: np.ndarray) -> np.ndarray:
    """Places (n, 2) on the plane of height 0 by OpenCV's iteration for the lens and one division."""
    matrix = np.array([[CAMERA.fx_px, 0, CAMERA.cx_px - 0.5], [0, CAMERA.fy_px, CAMERA.cy_px - 0.5], [0, 0, 1.0]])
    straight = cv2.undistortPoints((uv - 0.5)[:, None, :], matrix, np.array(CAMERA.distortion))[:, 0]
    turn = rotation(POSE.yaw_grid_deg, POSE.pitch_deg, POSE.roll_deg)
    rays = np.column_stack([straight, np.ones(len(uv))]) @ turn.T
    return np.array([POSE.x_m, POSE.y_m]) + rays[:, :2] * (-POSE.height_m / rays[:, 2])[:, None]


def seconds(call: object, uv: np.ndarray) -> float:
    """Median of the rounds."""
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        call(uv)  # type: ignore[operator]
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def main() -> None:
    """Print both rates, their ratio, and how far the places lie apart."""
    cv2.setNumThreads(1)
    uv = np.random.default_rng(SEED).uniform([0, 0], [CAMERA.width_px, CAMERA.height_px], (PIXELS, 2))
    ground = flat()
    ours = pixel_to_ground(uv, CAMERA, POSE, ground)
    apart = np.hypot(*(ours.xy_m - peer(uv))[ours.ok].T)
    mine, theirs = seconds(lambda p: pixel_to_ground(p, CAMERA, POSE, ground), uv), seconds(peer, uv)
    print(f"pixel_to_ground, place and ellipse   {PIXELS / mine:>12,.0f} pixels/s")
    print(f"OpenCV and a ray, place alone        {PIXELS / theirs:>12,.0f} pixels/s")
    print(f"ratio {theirs / mine:.2f}   largest distance between the two {apart.max() * 1000:.3f} mm   seed {SEED}")


if __name__ == "__main__":
    main()
