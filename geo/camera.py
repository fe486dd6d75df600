"""The camera: focal length, principal point and distortion in pixels of one picture."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from geo import brown, fisheye
from geo.errors import BadCamera, UnknownCamera, UnreadableFile
from geo.focal import Focal, focal_of
from geo.tags import Tags
from geo.types import FloatArray, Uv

BROWN = "brown"
LENGTHS = {BROWN: brown.LENGTHS, **fisheye.LENGTHS}
"""How many distortion terms each lens model takes."""
SAME_SHAPE = 0.01  # ours: sizes are whole pixels; 3:2 and 4:3 are an eighth apart
CUT_SHARE = 0.02  # ours: a reduced picture is rounded to whole pixels, not cut
HALF_PIXEL = 0.5  # our (0, 0) is the outer corner of the first pixel, OpenCV's is its centre


def to_opencv(uv: FloatArray) -> FloatArray:
    """Our pixel coordinates (…, 2) in OpenCV's convention."""
    return uv - HALF_PIXEL


def from_opencv(uv: FloatArray) -> FloatArray:
    """OpenCV's pixel coordinates (…, 2) in ours."""
    return uv + HALF_PIXEL


def picture_centre(width_px: int, height_px: int) -> Uv:
    """The middle of a picture in our convention; in OpenCV's it is ((w − 1)/2, (h − 1)/2)."""
    u, v = from_opencv(np.array([(width_px - 1) / 2.0, (height_px - 1) / 2.0]))
    return Uv(float(u), float(v))


@dataclass(frozen=True)
class Camera:
    """A camera in pixels of the picture as stored: pinhole with Brown–Conrady distortion, or a fisheye.

    Attributes:
        width_px, height_px: size of the picture.
        fx_px, fy_px: focal length.
        cx_px, cy_px: principal point; (0, 0) is the outer corner of the top left pixel.
        distortion: by `model`. 'brown': k1, k2, p1, p2[, k3[, k4, k5, k6[, s1, s2, s3, s4]]] as OpenCV orders them, ()
            is a pinhole. 'fisheye': k1, k2, k3, k4 of OpenCV's fisheye. 'pix4d_fisheye': p2, p3[, p4].
        focal_sigma_fraction: standard deviation of the focal length, as a share of it.
        source: where the focal length comes from: 'dewarp', 'calibrated', 'sensor', 'focal_plane', '35mm', 'file'.
        model: of the lens: 'brown', 'fisheye' or 'pix4d_fisheye'.
        boresight_deg: yaw, pitch, roll of the camera against the gimbal whose angles the pose has.
        boresight_sigma_deg: their standard deviations.
        lever_arm_m: forward, right, down from the point whose position the pose has to the camera, in gimbal axes.
    """

    width_px: int
    height_px: int
    fx_px: float
    fy_px: float
    cx_px: float
    cy_px: float
    distortion: tuple[float, ...] = ()
    focal_sigma_fraction: float = 0.0
    source: str = "file"
    model: str = BROWN
    boresight_deg: tuple[float, float, float] = (0.0, 0.0, 0.0)
    boresight_sigma_deg: tuple[float, float, float] = (0.0, 0.0, 0.0)
    lever_arm_m: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def __post_init__(self) -> None:
        """Refuse numbers that no camera has.

        Raises:
            BadCamera: a size or focal length that is not above zero, a number that is not finite, a model that is not
                known, or a distortion of another length than the model has.
        """
        mount = (*self.boresight_deg, *self.boresight_sigma_deg, *self.lever_arm_m)
        numbers = (self.fx_px, self.fy_px, self.cx_px, self.cy_px, self.focal_sigma_fraction, *self.distortion, *mount)
        if not all(math.isfinite(number) for number in numbers):
            raise BadCamera("camera", "a number is not finite")
        if min(self.width_px, self.height_px, self.fx_px, self.fy_px) <= 0:
            raise BadCamera("camera", "size and focal length must be above zero")
        if min(self.focal_sigma_fraction, *self.boresight_sigma_deg) < 0:
            raise BadCamera("camera", "a standard deviation is below zero")
        if self.model not in LENGTHS:
            raise BadCamera("camera", f"lens model {self.model!r}; one of {', '.join(LENGTHS)} expected")
        if len(self.distortion) not in LENGTHS[self.model]:
            lengths = ", ".join(map(str, LENGTHS[self.model]))
            raise BadCamera("camera", f"{len(self.distortion)} terms for {self.model}; {lengths} expected")
        if (len(self.boresight_deg), len(self.boresight_sigma_deg), len(self.lever_arm_m)) != (3, 3, 3):
            raise BadCamera("camera", "boresight and lever arm have three numbers each")

    def to_json(self) -> dict[str, Any]:
        """As docs/formats/camera.md has it."""
        plain = {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}
        unsaid = {"model": BROWN, "boresight_deg": _NONE, "boresight_sigma_deg": _NONE, "lever_arm_m": _NONE}
        return {key: value for key, value in plain.items() if value != unsaid.get(key, ...)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any], where: str = "camera") -> Camera:
        """Back from `to_json`; the principal point may be left out and is then the middle of the picture.

        Raises:
            BadCamera: a key that is missing, unknown or of another type.
        """
        unknown = set(data) - set(cls.__dataclass_fields__)
        if unknown:
            raise BadCamera(where, f"unknown keys: {', '.join(sorted(unknown))}")
        try:
            width, height = int(data["width_px"]), int(data["height_px"])
            centre = picture_centre(width, height)
            return cls(
                width_px=width,
                height_px=height,
                fx_px=float(data["fx_px"]),
                fy_px=float(data.get("fy_px", data["fx_px"])),
                cx_px=float(data.get("cx_px", centre.u)),
                cy_px=float(data.get("cy_px", centre.v)),
                distortion=tuple(float(term) for term in data.get("distortion", ())),
                focal_sigma_fraction=float(data.get("focal_sigma_fraction", 0.0)),
                source=str(data.get("source", "file")),
                model=str(data.get("model", BROWN)),
                boresight_deg=_three(data.get("boresight_deg", _NONE)),
                boresight_sigma_deg=_three(data.get("boresight_sigma_deg", _NONE)),
                lever_arm_m=_three(data.get("lever_arm_m", _NONE)),
            )
        except KeyError as error:
            raise BadCamera(where, f"{error.args[0]} is missing") from error
        except (TypeError, ValueError) as error:
            raise BadCamera(where, str(error)) from error

    @classmethod
    def read(cls, path: Path) -> Camera:
        """Read a camera file (docs/formats/camera.md).

        Raises:
            UnreadableFile: the file is not there.
            BadCamera: it is not JSON, or not a camera.
        """
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise UnreadableFile(str(path), error.strerror or "") from error
        except ValueError as error:
            raise BadCamera(str(path), f"not JSON: {error}") from error
        if not isinstance(data, dict):
            raise BadCamera(str(path), "one JSON object is expected")
        return cls.from_json(data, str(path))

    def for_size(self, width_px: int, height_px: int) -> Camera:
        """The same camera for a picture that was reduced or enlarged as a whole.

        Raises:
            BadCamera: a picture of another shape: what was cut off it nobody says.
        """
        if (width_px, height_px) == (self.width_px, self.height_px):
            return self
        across, down = width_px / self.width_px, height_px / self.height_px
        if abs(across / down - 1.0) > SAME_SHAPE:
            said = f"it is for a picture of {self.width_px} x {self.height_px}, this one has {width_px} x {height_px}"
            raise BadCamera("camera", said)
        return replace(
            self, width_px=width_px, height_px=height_px, fx_px=self.fx_px * across, fy_px=self.fy_px * down,
            cx_px=self.cx_px * across, cy_px=self.cy_px * down,
        )  # fmt: skip

    def opencv_matrix(self) -> FloatArray:
        """The 3 by 3 matrix K of OpenCV, with the principal point in OpenCV's convention."""
        cx, cy = to_opencv(np.array([self.cx_px, self.cy_px]))
        return np.array([[self.fx_px, 0.0, cx], [0.0, self.fy_px, cy], [0.0, 0.0, 1.0]])


_NONE = [0.0, 0.0, 0.0]


def _three(values: Iterable[float]) -> tuple[float, float, float]:
    first, second, third = (float(value) for value in values)
    return first, second, third


def camera_of(tags: Tags) -> Camera:
    """Choose the camera that a picture's tags describe.

    Args:
        tags: of the picture; its size is the size as stored.

    Returns:
        The camera for exactly that picture: what is known of the full sensor is scaled where the picture was reduced
        and shifted where it was cropped about its middle. `source` says which tag stood behind it, in this order:
        dewarp data, calibrated focal length, table of sensors, EXIF focal-plane resolution, 35-mm equivalent.

    Raises:
        UnknownCamera: none of these is there.

    Source: docs/formats/camera.md.
    """
    full = focal_of(tags)
    if full is None:
        raise UnknownCamera(tags.model or "camera", "no focal length in EXIF or XMP, and the model is in no table")
    return _for_picture(full, tags)


def _for_picture(full: Focal, tags: Tags) -> Camera:
    scale = full.scale_to(tags.width_px, tags.height_px)
    fx_px, fy_px = full.fx_px * scale, full.fy_px * scale  # known for the full sensor, the picture may be reduced
    centre = picture_centre(tags.width_px, tags.height_px)
    unknown = [math.degrees(math.atan(px / f)) for px, f in zip(_cut_px(tags), (fx_px, fy_px), strict=True)]
    return Camera(
        width_px=tags.width_px,
        height_px=tags.height_px,
        fx_px=fx_px,
        fy_px=fy_px,
        cx_px=centre.u + full.offset_u_px * scale,
        cy_px=centre.v + full.offset_v_px * scale,
        distortion=full.distortion,
        model=full.model,
        focal_sigma_fraction=full.sigma_fraction,
        source=full.source,
        boresight_sigma_deg=(unknown[0], unknown[1], 0.0),
    )


def _cut_px(tags: Tags) -> tuple[float, float]:
    """By how much the middle of the sensor may lie off the picture's, 1 σ along u and v.

    Nil but where EXIF tells of a picture of another shape: that one was cut after the shot, and by how much on which
    side nobody says (uniform). A camera's own 16:9 has EXIF's size.
    """
    if not (tags.exif_width_px and tags.exif_height_px):
        return 0.0, 0.0
    scale = max(tags.width_px / tags.exif_width_px, tags.height_px / tags.exif_height_px)
    more = (tags.exif_width_px * scale - tags.width_px, tags.exif_height_px * scale - tags.height_px)
    if max(more[0] / tags.width_px, more[1] / tags.height_px) < CUT_SHARE:
        return 0.0, 0.0
    return more[0] / math.sqrt(12.0), more[1] / math.sqrt(12.0)
