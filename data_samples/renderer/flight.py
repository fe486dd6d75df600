"""The sample flight: where the pictures are taken from, and what the aircraft believes about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import numpy as np

from data_samples.renderer.camera import Lens, Pose
from data_samples.renderer.place import GROUND_ABOVE_SEA_M, grid_of, lonlat_of, true_north_azimuth_deg
from data_samples.renderer.tags import Claim

BEIJING = timezone(timedelta(hours=8))
START = datetime(2026, 11, 23, 13, 4, 12, tzinfo=BEIJING)
LENS = Lens(2000, 1500, 1480.0, 1003.4, 746.8, (-0.0182, 0.0096, 0.00021, -0.00034, -0.0021))

GPS_SIGMA_M = 1.1
GPS_MEMORY = 0.85
BARO_FRACTION = 0.04
BARO_OFFSET_M = 0.8
YAW_BIAS_DEG = 1.5
YAW_NOISE_DEG = 0.25
GIMBAL_SIGMA_DEG = 0.3


@dataclass(frozen=True)
class Shot:
    """One picture to be taken: name, instant, true pose with yaw against **true** north, place in local metres."""

    file: str
    taken_at: datetime
    x_m: float
    y_m: float
    z_m: float
    yaw_true_deg: float
    pitch_deg: float
    roll_deg: float

    @property
    def pose(self) -> Pose:
        """The pose on the grid."""
        turn = true_north_azimuth_deg([[self.x_m, self.y_m]])
        return Pose(self.x_m, self.y_m, self.z_m, self.yaw_true_deg + turn, self.pitch_deg, self.roll_deg)


PLAN: tuple[tuple[float, float, float, float, float, float, float], ...] = (
    # seconds after the start, x, y, z, yaw, pitch, roll
    (0, -104.0, -17.0, 84.6, 88.4, -90.0, 0.0),
    (9, -57.0, -16.2, 85.2, 88.9, -89.9, 0.1),
    (18, -9.0, -15.5, 85.0, 88.1, -90.0, 0.0),
    (27, 39.0, -15.8, 84.8, 88.6, -89.9, -0.1),
    (36, 86.0, -16.4, 85.3, 88.3, -90.0, 0.0),
    (58, 22.0, 44.0, 95.1, 268.7, -89.9, 0.0),
    (68, -38.0, 44.6, 94.7, 269.2, -90.0, 0.1),
    (103, 96.0, -98.0, 58.4, 351.5, -49.8, 0.0),
    (131, -41.0, 29.0, 55.2, 189.4, -52.1, 0.2),
    (164, 24.0, -30.0, 68.0, 311.6, -45.3, -0.1),
    (201, -66.0, 148.0, 76.3, 171.8, -53.0, 0.0),
    (243, 6.0, -62.0, 60.1, 62.3, -50.2, 0.1),
)


def shots() -> list[Shot]:
    """The twelve pictures of the sample flight: two nadir lines, then oblique ones at the creek and the site."""
    return [
        Shot(f"DJI_{number:04d}.JPG", START + timedelta(seconds=seconds), x, y, z, yaw, pitch, roll)
        for number, (seconds, x, y, z, yaw, pitch, roll) in enumerate(PLAN, start=1)
    ]


def exact_claim(shot: Shot) -> Claim:
    """Tags that say the truth, with enough decimals not to blur it."""
    lon, lat = lonlat_of([[shot.x_m, shot.y_m]])[0]
    return Claim(
        taken_at=shot.taken_at,
        lon=float(lon),
        lat=float(lat),
        absolute_altitude_m=shot.z_m + GROUND_ABOVE_SEA_M,
        relative_altitude_m=shot.z_m,
        gimbal_yaw_deg=_half_turn(shot.yaw_true_deg),
        gimbal_pitch_deg=shot.pitch_deg,
        gimbal_roll_deg=shot.roll_deg,
        flight_yaw_deg=_half_turn(shot.yaw_true_deg),
        decimals=9,
        degree_decimals=12,
    )


def noisy_claims(flight: list[Shot], rng: np.random.Generator) -> list[Claim]:
    """Tags as an ordinary aircraft writes them.

    The position wanders slowly, the barometer overstates the height, the compass is off by nearly the same angle all
    the way, the gimbal by a little each time.
    """
    walk = rng.normal(size=2) * GPS_SIGMA_M
    bias = float(rng.uniform(-YAW_BIAS_DEG, YAW_BIAS_DEG))
    claims = []
    for shot in flight:
        walk = GPS_MEMORY * walk + np.sqrt(1 - GPS_MEMORY**2) * GPS_SIGMA_M * rng.normal(size=2)
        lon, lat = lonlat_of([[shot.x_m + walk[0], shot.y_m + walk[1]]])[0]
        height = shot.z_m * (1 + BARO_FRACTION) + BARO_OFFSET_M + rng.normal() * 0.15
        yaw = shot.yaw_true_deg + bias + rng.normal() * YAW_NOISE_DEG
        lean = rng.normal(size=3)
        claims.append(
            Claim(
                taken_at=shot.taken_at,
                lon=float(lon),
                lat=float(lat),
                absolute_altitude_m=height + GROUND_ABOVE_SEA_M + 11.3,
                relative_altitude_m=float(height),
                gimbal_yaw_deg=_half_turn(yaw),
                gimbal_pitch_deg=float(shot.pitch_deg + lean[0] * GIMBAL_SIGMA_DEG),
                gimbal_roll_deg=float(shot.roll_deg + lean[1] * GIMBAL_SIGMA_DEG),
                flight_yaw_deg=_half_turn(yaw + lean[2]),
                flight_pitch_deg=float(-6.0 + lean[0]),
                flight_roll_deg=float(1.2 * lean[1]),
            )
        )
    return claims


def true_pose(shot: Shot) -> dict[str, float]:
    """The true pose for the truth file: EPSG:4549 and WGS 84, height above the flat ground."""
    x, y = grid_of([[shot.x_m, shot.y_m]])[0]
    lon, lat = lonlat_of([[shot.x_m, shot.y_m]])[0]
    return {
        "x_m": round(float(x), 4),
        "y_m": round(float(y), 4),
        "height_m": shot.z_m,
        "lon": round(float(lon), 10),
        "lat": round(float(lat), 10),
        "yaw_true_deg": shot.yaw_true_deg,
        "yaw_grid_deg": round(shot.pose.yaw_grid_deg, 6),
        "pitch_deg": shot.pitch_deg,
        "roll_deg": shot.roll_deg,
    }


def _half_turn(degrees: float) -> float:
    """An angle in (-180, 180], as DJI writes yaw."""
    return float(-((-degrees + 180) % 360 - 180))
