"""How long the focal length is, from whatever a picture's tags offer, for the full picture of the sensor."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from geo.fisheye import PIX4D
from geo.sensors import SIGMA_FRACTION as SENSOR_SIGMA
from geo.sensors import sensor_of
from geo.tags import Tags

# Standard deviations of the focal length as a share of it; reasons in docs/ideas/uncertainty.md.
DEWARP_SIGMA = 0.003  # ours: factory calibration of this very lens, temperature and focus since
PERSPECTIVE_SIGMA = 0.01  # ours: Pix4D-style lens tags, of that lens or of its model: the writer does not say which
FOV_SIGMA = 0.02  # ours: angle of view in a KLV packet, 0.003 degrees fine, as true as the encoder's zoom table
NOMINAL_SIGMA = 0.02  # ours: isfm writes 1913 px as calibrated and 1964 px in its dewarp data, 2.6 % apart
SHEAR_NONE = 1e-3  # shear of an image circle, as a share of its half width, that moves nothing by a pixel
CONTRADICTED = 0.15  # a calibration farther than this from the 35-mm equivalent is for another picture
SHORTEST, LONGEST = 0.2, 30.0  # widths of the picture: a fifth is a fisheye's, thirty a telescope's; else a wrong unit
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
    model: str = "brown"

    def scale_to(self, width_px: int, height_px: int) -> float:
        """Pixels of the picture as stored for one of the full picture.

        A picture of another shape is taken as cropped about its middle along one side, so the larger ratio holds.
        """
        return max(width_px / self.width_px, height_px / self.height_px)


def focal_of(tags: Tags) -> Focal | None:
    """The best focal length that the tags hold, or None.

    A calibration that lies more than 15 % off the 35-mm equivalent is for a picture of another size than the tags
    admit (reduced, and the sizes rewritten): then the equivalent's length counts, with its doubt, and the calibration's
    distortion and principal point are kept. Where the sizes are beyond doubt the doubt grows by the difference.
    """
    found = _best(tags)
    if found is None:
        return None
    checked = _checked(found, tags)
    if not tags.digital_zoom or tags.digital_zoom <= 1.01:
        return checked
    # Whether the tags already hold the digital zoom is not declared: the doubt is as large as the zoom.
    return replace(checked, sigma_fraction=max(checked.sigma_fraction, tags.digital_zoom - 1.0))


def _best(tags: Tags) -> Focal | None:
    if tags.lens_model == "fisheye":
        return _fisheye(tags) or _dewarp(tags)  # a fisheye's focal length in millimetres is no pinhole's
    for read in (_dewarp, _perspective, _from_view, _calibrated, _from_sensor, _from_focal_plane, _equivalent):
        found = read(tags)
        if found is not None and SHORTEST <= found.fx_px / found.width_px <= LONGEST:
            return found
    return None


def _checked(found: Focal, tags: Tags) -> Focal:
    expected = _equivalent(tags)
    if expected is None or found.source in ("35mm", "fov", PIX4D):
        return found
    ratio = (found.fx_px / found.width_px) / (expected.fx_px / expected.width_px)
    if abs(ratio - 1.0) <= CONTRADICTED:
        return found
    if found.source in ("dewarp", "perspective", "calibrated") and not _size_is_known(tags):
        size = (found.width_px * ratio, found.height_px * ratio)
        return replace(
            found, width_px=size[0], height_px=size[1], sigma_fraction=max(found.sigma_fraction, EQUIVALENT_SIGMA)
        )
    return replace(found, sigma_fraction=max(found.sigma_fraction, abs(ratio - 1.0)))


def _size_is_known(tags: Tags) -> bool:
    """The tags say how large the picture was when it left the camera, and not merely how large it is now."""
    if tags.calibrated_cx_px and tags.calibrated_cy_px:
        return True
    return (tags.exif_width_px, tags.exif_height_px) not in ((None, None), (tags.width_px, tags.height_px))


def _original_size(tags: Tags) -> tuple[float, float]:
    """Size of the picture as it left the camera: twice the calibrated centre, else EXIF's size, else as stored."""
    if tags.calibrated_cx_px and tags.calibrated_cy_px and min(tags.calibrated_cx_px, tags.calibrated_cy_px) > 1:
        return 2.0 * tags.calibrated_cx_px, 2.0 * tags.calibrated_cy_px
    if tags.exif_width_px and tags.exif_height_px:
        return float(tags.exif_width_px), float(tags.exif_height_px)
    return float(tags.width_px), float(tags.height_px)


def _dewarp(tags: Tags) -> Focal | None:
    """The maker's calibration of this very lens, unless the camera has already taken the distortion out."""
    if len(tags.dewarp) not in (9, 12) or tags.dewarped:
        return None
    fx, fy, cx, cy = tags.dewarp[:4]
    return Focal(fx, fy, *_original_size(tags), DEWARP_SIGMA, "dewarp", cx, cy, tags.dewarp[4:])


def _fisheye(tags: Tags) -> Focal | None:
    """Pix4D's fisheye: polynomial of the angle times the semi-axes C and F; a sheared circle is not read."""
    terms, affine = tags.fisheye_polynomial, tags.fisheye_affine
    if len(affine) != 4 or len(terms) not in (4, 5) or terms[:2] != (0.0, 1.0):
        return None
    wide, shear_u, shear_v, high = affine
    if min(wide, high) <= 0 or max(abs(shear_u), abs(shear_v)) > SHEAR_NONE * wide:
        return None
    width, height = _original_size(tags)
    cx, cy = _principal_offset(tags, _pitch_mm(tags, width)[0], width, height)
    scale = 2.0 / math.pi
    return Focal(wide * scale, high * scale, width, height, PERSPECTIVE_SIGMA, PIX4D, cx, cy, terms[2:], PIX4D)


def _perspective(tags: Tags) -> Focal | None:
    """Pix4D-style lens tags: millimetres on the sensor, made pixels by EXIF's focal plane or the table of sensors."""
    if tags.perspective_focal_mm is None and tags.perspective_focal_px is None:
        return None
    width, height = _original_size(tags)
    pitch, sigma = _pitch_mm(tags, width)
    focal = tags.perspective_focal_px
    if focal is None and pitch is not None and tags.perspective_focal_mm is not None:
        focal = tags.perspective_focal_mm / pitch
    if focal is None:
        return None
    cx, cy = _principal_offset(tags, pitch, width, height)
    return Focal(focal, focal, width, height, sigma, "perspective", cx, cy, tags.perspective_distortion)


def _pitch_mm(tags: Tags, width: float) -> tuple[float | None, float]:
    """Millimetres a pixel of the original picture, and what doubt of the focal length goes with it."""
    if tags.pixel_pitch_mm is not None:
        return tags.pixel_pitch_mm, PERSPECTIVE_SIGMA
    sensor = sensor_of(tags.model, width)
    if sensor is not None:
        return sensor.width_mm / width, SENSOR_SIGMA
    if tags.principal_mm:
        return 2.0 * tags.principal_mm[0] / width, SENSOR_SIGMA  # the principal point is about the middle
    return None, SENSOR_SIGMA


def _principal_offset(tags: Tags, pitch: float | None, width: float, height: float) -> tuple[float, float]:
    """Of the principal point from the middle, in pixels; none where it would lie more than a tenth aside."""
    if not tags.principal_mm or pitch is None:
        return 0.0, 0.0
    cx, cy = tags.principal_mm[0] / pitch - width / 2.0, tags.principal_mm[1] / pitch - height / 2.0
    return (cx, cy) if abs(cx) < width / 10.0 and abs(cy) < height / 10.0 else (0.0, 0.0)


def _from_view(tags: Tags) -> Focal | None:
    """From the angle of view across the picture, as KLV packets have it."""
    if tags.hfov_deg is None or not 0.05 <= tags.hfov_deg <= 150.0:
        return None
    focal = tags.width_px / 2.0 / math.tan(math.radians(tags.hfov_deg) / 2.0)
    return Focal(focal, focal, float(tags.width_px), float(tags.height_px), FOV_SIGMA, "fov")


def _calibrated(tags: Tags) -> Focal | None:
    if tags.calibrated_focal_px is None:
        return None
    # The centre beside it is the middle of the picture in every file seen (2736.000 of 5472): it gives the size.
    return Focal(tags.calibrated_focal_px, tags.calibrated_focal_px, *_original_size(tags), NOMINAL_SIGMA, "calibrated")


def _from_sensor(tags: Tags) -> Focal | None:
    width, height = _original_size(tags)
    sensor = sensor_of(tags.model, width)
    if sensor is None or tags.focal_mm is None:
        return None
    focal = tags.focal_mm / sensor.pitch_mm
    return Focal(focal, focal, sensor.width_px, sensor.width_px * height / width, SENSOR_SIGMA, "sensor")


def _from_focal_plane(tags: Tags) -> Focal | None:
    if tags.pixel_pitch_mm is None or tags.focal_mm is None:
        return None
    focal = tags.focal_mm / tags.pixel_pitch_mm
    return Focal(focal, focal, *_original_size(tags), SENSOR_SIGMA, "focal_plane")


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
