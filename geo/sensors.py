"""Pixel pitch of cameras that write no calibrated focal length: one small table, and how far it is trusted.

Widths are the nominal ones of the sensor type that the maker names (1/2.3" 6.17 mm, 1" 13.2 mm, 4/3" 17.3 mm), the
infrared ones the maker's pixel pitch. FC300S is 6.16 mm: that figure is given with the Brighton flight and its tie
points fit it. None was measured by us; `SIGMA_FRACTION` covers it.
"""

from __future__ import annotations

from typing import NamedTuple

SIGMA_FRACTION = 0.03  # ours: nominal width ±1.5 %, rounded EXIF focal length, lens spread


class Sensor(NamedTuple):
    """Width of the sensor and of its full picture."""

    width_mm: float
    width_px: int

    @property
    def pitch_mm(self) -> float:
        """Distance between pixel centres."""
        return self.width_mm / self.width_px


# EXIF Model, upper case → sensor.
SENSORS: dict[str, Sensor] = {
    "FC300S": Sensor(6.16, 4000),  # Phantom 3 / Inspire 1, 1/2.3"
    "FC300X": Sensor(6.17, 4000),
    "FC330": Sensor(6.17, 4000),  # Phantom 4
    "FC350": Sensor(6.17, 4000),  # Inspire 1 X3
    "FC220": Sensor(6.17, 4000),  # Mavic Pro
    "FC7203": Sensor(6.17, 4000),  # Mavic Mini, 1/2.3"
    "FC6310": Sensor(13.2, 5472),  # Phantom 4 Pro, 1"
    "FC6310R": Sensor(13.2, 5472),  # Phantom 4 RTK
    "L1D-20C": Sensor(13.2, 5472),  # Mavic 2 Pro
    "L2D-20C": Sensor(17.3, 5280),  # Mavic 3, 4/3"
    "M3E": Sensor(17.3, 5280),
    "ZH20T": Sensor(7.68, 640),  # infrared, 12 µm
    "ZH20N": Sensor(7.68, 640),  # infrared, 12 µm
    "FLIR": Sensor(10.88, 640),  # Zenmuse XT2 infrared, 17 µm
    "XT S": Sensor(7.68, 640),  # infrared, 12 µm
}


def sensor_of(model: str | None) -> Sensor | None:
    """The sensor of a camera by its EXIF Model, or None."""
    return SENSORS.get((model or "").strip().upper())
