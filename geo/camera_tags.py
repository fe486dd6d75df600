"""Pix4D-style tags (`Camera:…`): the camera's angles, its lens, and how sure its position is.

Pix4D's axes: the body's x forward, y right, z down; the camera looks along z, and the top of the picture is forward.
So pitch 0 is **straight down** and 90 level, where the gimbals' 0 is level and −90 straight down. In north-east-down
R = Rz(yaw)·Ry(pitch)·Rx(roll) in both, and a gimbal's rotation is Pix4D's times Ry(−90°).

The tags are used where the packet declares Pix4D's (or senseFly's) namespace for them. Two things stay ambiguous and
are refused: a pitch well below 0, which by the definition looks backwards and is far more likely a gimbal's pitch under
Pix4D's name; and three angles of exactly 0, which is what writers leave that know none.

Source: Pix4D, "Specifications of XMP camera tags" and "Yaw, pitch, roll and omega, phi, kappa angles".
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from geo.attitude import angles_of, ned_rotation
from geo.xmp import PIX4D_NAMESPACES, number, numbers

LEAST_PITCH_DEG = -20.0  # ours: a mapping camera on an aircraft that pitches; below, the other convention is likelier
GREATEST_PITCH_DEG = 120.0
AGREES_DEG = 3.0  # ours: two sets of angles within this of each other are one attitude
SENSEFLY_ROLL_SURE_DEG = 1.0
TILT_DOUBT_DEG = 1.0  # ours: whether these are the camera's angles or its carrier's is the writer's word
YAW_DOUBT_DEG = 2.0
_ANGLES = ("Camera:Yaw", "Camera:Pitch", "Camera:Roll")

Angles = tuple[float, float, float]


@dataclass(frozen=True)
class CameraAngles:
    """Yaw, pitch, roll in the gimbals' convention, or None; and what is odd about them, as stable words.

    `yaw_doubt_deg`, `tilt_doubt_deg`: standard deviations that join those of the instrument.
    """

    angles: Angles | None
    doubts: tuple[str, ...] = ()
    yaw_doubt_deg: float = 0.0
    tilt_doubt_deg: float = 0.0


NO_ANGLES = CameraAngles(None)


def gimbal_angles_of(yaw_deg: float, pitch_deg: float, roll_deg: float) -> Angles:
    """Pix4D's yaw, pitch, roll as a gimbal would write them: yaw 0 … 360, pitch 0 level and −90 straight down."""
    return angles_of(ned_rotation(yaw_deg, pitch_deg, roll_deg) @ ned_rotation(0.0, -90.0, 0.0))


def camera_angles(xmp: Mapping[str, str], make: str | None, gimbal: tuple[float | None, ...]) -> CameraAngles:
    """Read `Camera:Yaw`, `Camera:Pitch`, `Camera:Roll`.

    Args:
        xmp: of `geo.xmp.read_xmp`.
        make: EXIF Make.
        gimbal: yaw, pitch, roll of the maker's own tags, each None where there is none. They go before these.

    Returns:
        The angles where they may be used. `angles_of_unknown_frame`: the packet does not say whose `Camera` it is.
        `camera_angles_ambiguous`: the pitch fits the other convention. `camera_angles_all_zero`.
        `camera_angles_contradict`: the maker's own angles say something else. `sensefly_roll_sign`: two programs read
        senseFly's roll with opposite signs; the doubt is as large as the difference between them.
    """
    read = [number(xmp, name) for name in _ANGLES]
    yaw, pitch, roll = read
    if yaw is None or pitch is None or roll is None:
        return CameraAngles(None)
    if None not in gimbal:
        apart = _apart_deg((yaw, pitch, roll), gimbal)
        # Which of the two is right nobody says: the maker's stand, and are doubted by as much as they differ.
        return CameraAngles(None, ("camera_angles_contradict",), apart, apart) if apart > AGREES_DEG else NO_ANGLES
    if not declared(xmp):
        return CameraAngles(None, ("angles_of_unknown_frame",))
    if (yaw, pitch, roll) == (0.0, 0.0, 0.0):
        return CameraAngles(None, ("camera_angles_all_zero",))
    if not LEAST_PITCH_DEG <= pitch <= GREATEST_PITCH_DEG:
        return CameraAngles(None, ("camera_angles_ambiguous",))
    return _used(yaw, pitch, roll, "sensefly" in (make or "").lower())


def declared(xmp: Mapping[str, str]) -> bool:
    """The packet declares whose `Camera:` it is, and it is Pix4D's or senseFly's."""
    return any(part in xmp.get("xmlns:Camera", "").lower() for part in PIX4D_NAMESPACES)


def _used(yaw: float, pitch: float, roll: float, sensefly: bool) -> CameraAngles:
    if sensefly and abs(roll) > SENSEFLY_ROLL_SURE_DEG:
        # OpenDroneMap turns the sign, orthority does not: both were tried on flights of their own.
        return CameraAngles(
            gimbal_angles_of(yaw, pitch, -roll), ("sensefly_roll_sign",), YAW_DOUBT_DEG, TILT_DOUBT_DEG + 2 * abs(roll)
        )
    return CameraAngles(gimbal_angles_of(yaw, pitch, roll), (), YAW_DOUBT_DEG, TILT_DOUBT_DEG)


def _apart_deg(camera: Angles, gimbal: tuple[float | None, ...]) -> float:
    """By how much both sets turn the camera differently, by Pix4D's definition or copied as they stand."""
    theirs = ned_rotation(*(float(angle or 0.0) for angle in gimbal))
    turned = (ned_rotation(*gimbal_angles_of(*camera)), ned_rotation(*camera))
    cosines = [(float(np.trace(theirs.T @ turn)) - 1.0) / 2.0 for turn in turned]
    return min(math.degrees(math.acos(max(-1.0, min(1.0, cosine)))) for cosine in cosines)


def lens_tags(xmp: Mapping[str, str]) -> dict[str, object]:
    """The lens as Pix4D's tags have it, by field of `Tags`: millimetres, or pixels where the units say so."""
    focal = number(xmp, "Camera:PerspectiveFocalLength")
    units = xmp.get("Camera:PerspectiveFocalLengthUnits", "mm").strip().lower()
    point = numbers(xmp, "Camera:PrincipalPoint")
    bent = numbers(xmp, "Camera:PerspectiveDistortion")
    positive = focal if focal is not None and focal > 0 else None
    return {
        "lens_model": xmp.get("Camera:ModelType", "").strip().lower() or None,
        "perspective_focal_mm": positive if units == "mm" else None,
        "perspective_focal_px": positive if units.startswith("pix") else None,
        "principal_mm": point if len(point) == 2 and min(point) > 0 else (),
        "fisheye_polynomial": numbers(xmp, "Camera:FisheyePolynomial"),
        "fisheye_affine": numbers(xmp, "Camera:FisheyeAffineMatrix"),
        # R1, R2, R3, T1, T2 → k1, k2, p1, p2, k3 of OpenCV: the formulas are the same.
        "perspective_distortion": (bent[0], bent[1], bent[3], bent[4], bent[2]) if len(bent) == 5 else (),
    }


def accuracy_tags(xmp: Mapping[str, str]) -> dict[str, float | None]:
    """How sure the writer says it is, 1 σ: position in metres, angles in degrees; and the height above ground."""
    names = {
        "gps_sigma_xy_m": "Camera:GPSXYAccuracy",
        "gps_sigma_z_m": "Camera:GPSZAccuracy",
        "imu_sigma_yaw_deg": "Camera:IMUYawAccuracy",
        "imu_sigma_pitch_deg": "Camera:IMUPitchAccuracy",
        "imu_sigma_roll_deg": "Camera:IMURollAccuracy",
    }
    found = {field: number(xmp, name) for field, name in names.items()}
    sure = {field: value if value is not None and value > 0 else None for field, value in found.items()}
    return {**sure, "above_ground_m": number(xmp, "Camera:AboveGroundAltitude")}
