"""Pixel pitch of cameras that write no calibrated focal length: one table with the source of each row.

Widths are of the area that the full picture covers. None was measured by us; `SIGMA_FRACTION` covers the spread between
the maker's nominal size of a sensor type and what calibrations find (FC7203: 6.17 mm nominal, 6.58 mm calibrated).
"""

from __future__ import annotations

from typing import NamedTuple

SIGMA_FRACTION = 0.03  # ours: nominal width ±1.5 %, rounded EXIF focal length, lens spread

NOMINAL = "nominal width of the sensor type that the maker names (1/2.3 inch 6.17 mm, 1 inch 13.2, 4/3 17.3)"
PIXEL = "the maker's pixel pitch times the width in pixels"
CALIBRATED = "Theta Limited, DroneModels (github.com/Theta-Limited/DroneModels), June 2023: calibrated by its users"
GIVEN = "stated with the Brighton flight; its tie points fit it"
SKYDIO = "Skydio, camera and metadata overview: pixel size"


class Sensor(NamedTuple):
    """Width of the sensor and of its full picture, and who says so."""

    width_mm: float
    width_px: int
    source: str

    @property
    def pitch_mm(self) -> float:
        """Distance between pixel centres."""
        return self.width_mm / self.width_px


# EXIF Model, upper case → sensor. Models with several cameras under one name (M3T, MAVIC2-ENTERPRISE-ADVANCED) are here
# only with the camera whose full picture has that width; see `sensor_of`.
SENSORS: dict[str, Sensor] = {
    # DJI, small sensors
    "FC300S": Sensor(6.16, 4000, GIVEN),  # Phantom 3 / Inspire 1, 1/2.3"
    "FC300X": Sensor(6.17, 4000, NOMINAL),
    "FC300C": Sensor(6.3175, 4000, CALIBRATED),  # Phantom 3 standard
    "FC300XW": Sensor(6.3175, 4000, CALIBRATED),
    "FC330": Sensor(6.17, 4000, NOMINAL),  # Phantom 4
    "FC350": Sensor(6.17, 4000, NOMINAL),  # Inspire 1 X3
    "FC220": Sensor(6.17, 4000, NOMINAL),  # Mavic Pro
    "FC230": Sensor(6.17, 4056, CALIBRATED),  # Mavic Air
    "FC1102": Sensor(6.260924, 3968, CALIBRATED),  # Spark
    "FC2103": Sensor(6.17, 4056, NOMINAL),  # Mavic Air / Mavic 2 Enterprise, 1/2.3"
    "FC2200": Sensor(6.3175, 4000, CALIBRATED),  # Mavic 2 Zoom
    "FC2204": Sensor(6.3175, 4000, CALIBRATED),  # Mavic 2 Enterprise Zoom
    "FC2403": Sensor(6.49952, 4056, CALIBRATED),  # Mavic 2 Enterprise Dual
    "FC3170": Sensor(6.623518, 4000, CALIBRATED),  # Mavic Air 2, 1/2"
    "FC4170": Sensor(6.4, 4000, CALIBRATED),  # Mavic 3, tele
    "FC7203": Sensor(6.17, 4000, NOMINAL),  # Mavic Mini, 1/2.3"
    "FC7303": Sensor(6.17, 4000, NOMINAL),  # Mini 2
    "FC3582": Sensor(9.7, 8064, CALIBRATED),  # Mini 3 Pro, 1/1.3"
    "FC6360": Sensor(4.902986, 1600, CALIBRATED),  # Phantom 4 Multispectral, 1/2.9"
    "M3T": Sensor(6.430908, 8000, CALIBRATED),  # Mavic 3 Thermal, its wide camera
    "MAVIC2-ENTERPRISE-ADVANCED": Sensor(6.407596, 8000, CALIBRATED),
    "ZH20T": Sensor(7.68, 640, PIXEL),  # infrared, 12 µm
    "ZH20N": Sensor(7.68, 640, PIXEL),  # infrared, 12 µm
    "FLIR": Sensor(10.88, 640, PIXEL),  # Zenmuse XT2 infrared, 17 µm
    "XT S": Sensor(7.68, 640, PIXEL),  # infrared, 12 µm
    # DJI, large sensors
    "FC6310": Sensor(13.2, 5472, NOMINAL),  # Phantom 4 Pro, 1"
    "FC6310S": Sensor(13.2, 5472, NOMINAL),  # Phantom 4 Pro V2
    "FC6310R": Sensor(13.2, 5472, NOMINAL),  # Phantom 4 RTK
    "FC6510": Sensor(13.2, 5472, NOMINAL),  # Zenmuse X4S
    "FC3411": Sensor(13.2, 5472, NOMINAL),  # Air 2S
    "L1D-20C": Sensor(13.2, 5472, NOMINAL),  # Mavic 2 Pro
    "L2D-20C": Sensor(17.3, 5280, NOMINAL),  # Mavic 3, 4/3"
    "M3E": Sensor(17.3, 5280, NOMINAL),
    "FC550": Sensor(17.5, 4608, CALIBRATED),  # Zenmuse X5
    "FC550R": Sensor(17.5, 4608, CALIBRATED),
    "FC550RAW": Sensor(17.5, 4608, CALIBRATED),
    "FC6520": Sensor(17.3, 5280, NOMINAL),  # Zenmuse X5S
    "FC6540": Sensor(23.321566, 6016, CALIBRATED),  # Zenmuse X7
    "ZENMUSEP1": Sensor(34.824566, 8192, CALIBRATED),  # 35.9 mm nominal; the picture does not use all of it
    "ZP1": Sensor(34.824566, 8192, CALIBRATED),
    # Others
    "XT701": Sensor(6.433608, 7680, CALIBRATED),  # Autel EVO II
    "XT705": Sensor(13.2, 5472, NOMINAL),  # Autel EVO II Pro, 1"
    "XT709": Sensor(6.4, 8000, CALIBRATED),  # Autel EVO II V2 / Dual
    "ANAFI": Sensor(5.963396, 5344, CALIBRATED),  # Parrot
    "ANAFIUSA": Sensor(5.963396, 5344, CALIBRATED),
    "ANAFIAI": Sensor(6.636112, 8000, CALIBRATED),
    "VT300-L_93": Sensor(13.1072, 8192, SKYDIO),  # Skydio X10 wide, 1.6 µm
    "V100-L_93": Sensor(13.1072, 8192, SKYDIO),
    "VT300-Z_50": Sensor(7.3984, 9248, SKYDIO),  # narrow, 0.8 µm
    "VT300-L_50": Sensor(7.3984, 9248, SKYDIO),
    "VT300-Z_13": Sensor(6.4, 8000, SKYDIO),  # tele, 0.8 µm
    "VT300-Z_40": Sensor(7.68, 640, SKYDIO),  # infrared, 12 µm
    "VT300-L_40": Sensor(7.68, 640, SKYDIO),
}
_SEVERAL_CAMERAS = frozenset({"M3T", "MAVIC2-ENTERPRISE-ADVANCED", "ZH20T", "ZH20N"})


def sensor_of(model: str | None, width_px: float | None = None) -> Sensor | None:
    """The sensor of a camera by its EXIF Model, or None.

    Args:
        model: as EXIF writes it.
        width_px: of the picture as it left the camera. Where one model name stands for several cameras, the row counts
            only for a picture of its width, half or a quarter of it (pixels binned by the camera).
    """
    name = (model or "").strip().upper()
    found = SENSORS.get(name)
    if found is None or name not in _SEVERAL_CAMERAS or width_px is None:
        return found
    fits = any(abs(width_px * binned - found.width_px) <= 0.02 * found.width_px for binned in (1, 2, 4))
    return found if fits else None
