"""A second, small model of flights whose stated poses are wrong: its geometry shares no code with `geo`, and its errors
are not those that `geo` assumes. A true place X is seen by true cameras; the stated ones put it on the ground again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.pose import CameraPose, SharedOfFlight
from tests.geo.pictures import world_from_camera

FOCAL, WIDTH, HEIGHT = 2900.0, 4000.0, 3000.0


@dataclass(frozen=True)
class View:
    """A stated pose (true X at the origin of the plane), and the normalised place of X in its picture."""

    x: float
    y: float
    height: float
    yaw: float
    pitch: float
    roll: float


@dataclass
class World:
    """How things really err. Sigmas are those that a careful person would state; the shapes are not normal."""

    rng: np.random.Generator
    trials: int
    freedom: float = 4.0  # of Student's t
    shared: float = 0.8  # share of each variance that the frames of a flight have in common
    gnss_m: float = 2.0
    baro_bias: tuple[float, float] = (0.03, 0.10)  # relative altitude overstates, always
    drift_m: float = 1.0
    yaw_deg: float = 2.5
    yaw_bias_deg: float = 0.0
    tilt_deg: float = 1.0
    focal: float = 0.03
    k1: float = 0.02
    rough_m: float = 1.5  # of the ground, correlated over `rough_reach_m`
    rough_reach_m: float = 60.0
    takeoff_m: float = 150.0
    pixel: float = 0.5

    def draw(self, *shape: int) -> np.ndarray:
        """Student's t of unit variance; normal where `freedom` is infinite."""
        if np.isinf(self.freedom):
            return self.rng.standard_normal(shape)
        return self.rng.standard_t(self.freedom, shape) / np.sqrt(self.freedom / (self.freedom - 2.0))

    def ground(self) -> np.ndarray:
        """Height of the ground at X over that at the take-off point: two values of one rough field."""
        alike = np.exp(-self.takeoff_m / self.rough_reach_m)
        here, there = self.draw(self.trials), self.draw(self.trials)
        return self.rough_m * (here - (alike * here + np.sqrt(1 - alike**2) * there))

    def camera(self) -> tuple[np.ndarray, np.ndarray]:
        """True focal lengths (trials,) and k1 (trials,): of one camera, so of all frames."""
        half = self.k1 * np.sqrt(3.0)
        return FOCAL * (1 + self.focal * self.draw(self.trials)), self.rng.uniform(-half, half, self.trials)

    def located(self, views: list[View], ground: np.ndarray, camera: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
        """Where the frames of one flight put X: (trials, n, 2) metres from it."""
        a, b = np.sqrt(self.shared), np.sqrt(1 - self.shared)
        bias = self.rng.uniform(*self.baro_bias, self.trials)
        common = a * self.draw(self.trials, 6)
        places = []
        for view in views:
            e = common + b * self.draw(self.trials, 6)
            true_height = (view.height - self.drift_m * e[:, 2]) / (1 + bias)
            true = np.column_stack([view.x + self.gnss_m * e[:, 0], view.y + self.gnss_m * e[:, 1], true_height])
            places.append(self._placed(view, true, e, ground, camera))
        return np.stack(places, axis=1)

    def _placed(self, view, true, e, ground, camera):
        stated = world_from_camera(view.yaw, view.pitch, view.roll)
        yaw = np.radians(view.yaw)
        axes = np.array([(np.cos(yaw), -np.sin(yaw), 0), (np.sin(yaw), np.cos(yaw), 0), (0, 0, 1)])
        angles = np.radians(
            np.column_stack(
                [self.tilt_deg * e[:, 3], self.tilt_deg * e[:, 4], self.yaw_bias_deg + self.yaw_deg * e[:, 5]]
            )
        )
        turn = _rodrigues(angles @ axes) @ stated
        aim = -true
        aim[:, 2] += ground
        seen = np.einsum("tji,tj->ti", turn, aim)
        xy = seen[:, :2] / seen[:, 2:]
        focal, k1 = camera
        bent = xy * (1 + k1 * (xy**2).sum(axis=1))[:, None] * (focal / FOCAL)[:, None]
        bent = bent + self.pixel / FOCAL * self.draw(self.trials, 2)
        ray = np.column_stack([bent, np.ones(len(bent))]) @ stated.T
        depth = view.height / -ray[:, 2]
        place = np.array([view.x, view.y]) + depth[:, None] * ray[:, :2]
        place[(depth < 0) | (seen[:, 2] < 0)] = 1e6
        return place


def pose_of_view(view):
    """What `geo.pose.pose_of` would state for it, by the defaults."""
    height = float(np.sqrt(1.0**2 + (0.09 * view.height) ** 2 + 2.0**2))
    shared = SharedOfFlight(height=1.0 - 0.05 / height**2)
    return CameraPose("EPSG:4549", view.x, view.y, view.height, view.yaw, view.pitch, view.roll, 2.0, height, 2.5, 1.0,
                      1.0, shared)  # fmt: skip


def view_with(uv: tuple[float, float], height: float, yaw: float, pitch: float, roll: float) -> View:
    """The stated view that has X in this pixel."""
    ray = world_from_camera(yaw, pitch, roll) @ [(uv[0] - WIDTH / 2) / FOCAL, (uv[1] - HEIGHT / 2) / FOCAL, 1.0]
    depth = height / -ray[2]
    return View(-depth * ray[0], -depth * ray[1], height, yaw, pitch, roll)


def _rodrigues(vector: np.ndarray) -> np.ndarray:
    """Rotation matrices (t, 3, 3) of rotation vectors (t, 3)."""
    angle = np.linalg.norm(vector, axis=1)
    axis = vector / np.maximum(angle, 1e-15)[:, None]
    x, y, z = axis.T
    zero = np.zeros_like(x)
    cross = np.array([[zero, -z, y], [z, zero, -x], [-y, x, zero]]).transpose(2, 0, 1)
    s, c = np.sin(angle)[:, None, None], 1 - np.cos(angle)[:, None, None]
    return np.eye(3) + s * cross + c * (cross @ cross)
