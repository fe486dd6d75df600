"""Whose tags are read: the names under which each maker writes the camera's angles, its place and its heights.

All of them write yaw clockwise from north, pitch 0 level and −90 straight down: DJI by its own documents and the given
flights; Parrot says north-east-down (developer.parrot.com, photo metadata); Skydio names the frame in the tag;
Autel's newer firmware copies DJI's names under the prefix `drone`; Yuneec's are known from two published packets
(GimbalPitch −89.96 in a picture from straight above, −13.74 in an oblique one). A maker that is not here, or whose
tags are not, is read by EXIF and refused by name where an attitude is needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from geo.xmp import number

DJI_NAMES = {
    "absolute_altitude_m": ("AbsoluteAltitude",),
    "relative_altitude_m": ("RelativeAltitude",),
    "gimbal_yaw_deg": ("GimbalYawDegree",),
    "gimbal_pitch_deg": ("GimbalPitchDegree",),
    "gimbal_roll_deg": ("GimbalRollDegree",),
    "flight_yaw_deg": ("FlightYawDegree",),
    "flight_pitch_deg": ("FlightPitchDegree",),
    "flight_roll_deg": ("FlightRollDegree",),
    "calibrated_focal_px": ("CalibratedFocalLength",),
    "calibrated_cx_px": ("CalibratedOpticalCenterX",),
    "calibrated_cy_px": ("CalibratedOpticalCenterY",),
    "rtk_flag": ("RtkFlag",),
    "rtk_std_lon_m": ("RtkStdLon",),
    "rtk_std_lat_m": ("RtkStdLat",),
    "rtk_std_height_m": ("RtkStdHgt",),
    "rtk_age_s": ("RtkDiffAge", "RtkDiAge"),
    "lat": ("GpsLatitude", "Latitude", "GPSLatitude"),
    "lon": ("GpsLongitude", "GpsLongtitude", "Longitude", "GPSLongitude", "GPSLongtitude"),
}  # fmt: skip
"""Field → old and new names, the newest firmware first. `GpsLongtitude` is the maker's own spelling."""


@dataclass(frozen=True)
class Maker:
    """A maker's XMP: its prefix, and field of `Tags` (and `lat`, `lon`) → names within it."""

    name: str
    prefix: str
    fields: Mapping[str, tuple[str, ...]]

    def names(self, field: str) -> tuple[str, ...]:
        """The full names of a field, newest first."""
        return tuple(f"{self.prefix}:{name}" for name in self.fields.get(field, ()))


MAKERS = (
    Maker("DJI", "drone-dji", DJI_NAMES),
    Maker("Autel", "drone", DJI_NAMES),
    Maker(
        "Parrot",
        "drone-parrot",
        {
            "gimbal_yaw_deg": ("CameraYawDegree",),
            "gimbal_pitch_deg": ("CameraPitchDegree",),
            "gimbal_roll_deg": ("CameraRollDegree",),
            "flight_yaw_deg": ("DroneYawDegree",),
            "flight_pitch_deg": ("DronePitchDegree",),
            "flight_roll_deg": ("DroneRollDegree",),
        },
    ),
    Maker(
        "Skydio",
        "drone-skydio",
        {
            "absolute_altitude_m": ("AbsoluteAltitude",),
            "relative_altitude_m": ("RelativeAltitude",),
            "gimbal_yaw_deg": ("CameraOrientationNED/Yaw",),
            "gimbal_pitch_deg": ("CameraOrientationNED/Pitch",),
            "gimbal_roll_deg": ("CameraOrientationNED/Roll",),
            "calibrated_focal_px": ("CalibratedFocalLength/X",),
            "calibrated_cx_px": ("CalibratedOpticalCenter/X",),
            "calibrated_cy_px": ("CalibratedOpticalCenter/Y",),
            "gps_sigma_xy_m": ("GpsHorizontalAccuracy",),
            "gps_sigma_z_m": ("GpsVerticalAccuracy",),
            "lat": ("Latitude",),
            "lon": ("Longitude",),
        },
    ),
    Maker(
        "Yuneec",
        "drone-yuneec",
        {
            "relative_altitude_m": ("AboveHomeAltitude",),
            "gimbal_yaw_deg": ("GimbalYaw",),
            "gimbal_pitch_deg": ("GimbalPitch",),
            "gimbal_roll_deg": ("GimbalRoll",),
            "flight_yaw_deg": ("DroneYaw",),
            "flight_pitch_deg": ("DronePitch",),
            "flight_roll_deg": ("DroneRoll",),
        },
    ),
)
FIELDS = tuple(dict.fromkeys(field for maker in MAKERS for field in maker.fields))


def maker_of(xmp: Mapping[str, str]) -> Maker:
    """Whose prefix the packet uses; DJI's where it uses nobody's."""
    prefixes = {name.partition(":")[0] for name in xmp if not name.startswith("xmlns:")}
    return next((maker for maker in MAKERS if maker.prefix in prefixes), MAKERS[0])


def numbers_of(xmp: Mapping[str, str]) -> dict[str, float | None]:
    """Every field that the packet's maker may write: its number, or None."""
    maker = maker_of(xmp)
    return {field: number(xmp, *maker.names(field)) for field in FIELDS}
