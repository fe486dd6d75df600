"""How long the focal length is, from whatever a picture's tags offer, for the full picture of the sensor."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from geo.sensors import SIGMA_FRACTION as SENSOR_SIGMA
from geo.sensors import sensor_of
from geo.tags import Tags

# Standard deviations of the focal length as a share of it; reasons in docs/ideas/uncertainty.md.
DEWARP_SIGMA = 0.003  # ours: factory calibration of this very lens, temperature and focus since
NOMINAL_SIGMA = 0.02  # ours: isfm writes 1913 px as calibrated and 1964 px in its dewarp data, 2.6 % apart
EQUIVALENT_SIGMA = 0.05  # ours: five cameras of the given files lie −4.7 to +0.1 % off
FULL_FRAME_DIAGONAL_MM = math.hypot(36.0, 24.0)


@dataclass(frozen=True)
class Focal:
    """Focal length and principal point of the full picture.

    Attributes:
        fx_px, fy_px: focal length in pixels of the full picture.
        width_px, height_px: size of that picture.
        offset_u_px, offset_v_px: principal point from its middle.
    """

    fx_px: float
    fy_px: float
    width_px: float
    height_px: float
    sigma_fraction: float
    source: str
    offset_u_px: float = 0.0
    offset_v_px: float = 0.0
    distortion: tuple[float, ...] = ()

    def scale_to(self, width_px: int, height_px: int) -> float:
        """Pixels of the picture as stored for one of the full picture.

        A picture of another shape is taken as cropped about its middle along one side, so the larger ratio holds.
        """
        return max(width_px / self.width_px, height_px / self.height_px)


def focal_of(tags: Tags) -> Focal | None:
    """The best focal length that the tags hold, or None."""
    found = _dewarp(tags) or _calibrated(tags) or _from_sensor(tags) or _from_focal_plane(tags) or _equivalent(tags)
    if found is None or not tags.digital_zoom or tags.digital_zoom <= 1.01:
        return found
    # Whether the tags already hold the digital zoom is not declared: the doubt is as large as the zoom.
    return replace(found, sigma_fraction=max(found.sigma_fraction, tags.digital_zoom - 1.0))


def _original_size(tags: Tags) -> tuple[float, float]:
    """Size of the picture as it left the camera: twice the calibrated centre, else EXIF's size, else as stored."""
    if tags.calibrated_cx_px and tags.calibrated_cy_px and min(tags.calibrated_cx_px, tags.calibrated_cy_px) > 1:
        return 2.0 * tags.calibrated_cx_px, 2.0 * tags.calibrated_cy_px
    if tags.exif_width_px and tags.exif_height_px:
        return float(tags.exif_width_px), float(tags.exif_height_px)
    return float(tags.width_px), float(tags.height_px)


def _dewarp(tags: Tags) -> Focal | None:
    """The maker's calibration of this very lens, unless the camera has already taken the distortion out."""
    if len(tags.dewarp) != 9 or tags.dewarped:
        return None
    fx, fy, cx, cy, k1, k2, p1, p2, k3 = tags.dewarp
    return Focal(fx, fy, *_original_size(tags), DEWARP_SIGMA, "dewarp", cx, cy, (k1, k2, p1, p2, k3))


def _calibrated(tags: Tags) -> Focal | None:
    if tags.calibrated_focal_px is None:
        return None
    # The centre beside it is the middle of the picture in every file seen (2736.000 of 5472): it gives the size.
    return Focal(tags.calibrated_focal_px, tags.calibrated_focal_px, *_original_size(tags), NOMINAL_SIGMA, "calibrated")


def _from_sensor(tags: Tags) -> Focal | None:
    sensor = sensor_of(tags.model)
    if sensor is None or tags.focal_mm is None:
        return None
    focal = tags.focal_mm / sensor.pitch_mm
    width, height = _original_size(tags)
    return Focal(focal, focal, sensor.width_px, sensor.width_px * height / width, SENSOR_SIGMA, "sensor")


def _from_focal_plane(tags: Tags) -> Focal | None:
    if tags.pixel_pitch_mm is None or tags.focal_mm is None:
        return None
    focal = tags.focal_mm / tags.pixel_pitch_mm
    width, height = _original_size(tags)
    if not 0.2 <= focal / width <= 30.0:  # a fifth of the width is a fisheye, thirty widths a telescope
        return None
    return Focal(focal, focal, width, height, SENSOR_SIGMA, "focal_plane")


def _equivalent(tags: Tags) -> Focal | None:
    """The 35-mm equivalent is by the diagonal of the whole sensor (CIPA DCG-001): 16:9 is a crop of its 4:3."""
    if tags.focal_35mm is None:
        return None
    width, height = _original_size(tags)
    long_side = max(width, height)
    diagonal = math.hypot(width, height)
    if abs(long_side / min(width, height) - 16 / 9) < 0.02:
        diagonal = math.hypot(long_side, long_side * 3 / 4)
    focal = tags.focal_35mm / FULL_FRAME_DIAGONAL_MM * diagonal
    return Focal(focal, focal, width, height, EQUIVALENT_SIGMA, "35mm")
