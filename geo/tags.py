"""What the camera wrote into a picture: EXIF and the makers' XMP, in one flat frozen record."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from geo import exif as ex
from geo.camera_tags import CameraAngles, accuracy_tags, camera_angles, lens_tags
from geo.errors import UnreadableFile
from geo.makers import maker_of, numbers_of
from geo.picture_file import look_at
from geo.tag_checks import (
    GREATEST_ANGLE_DEG,
    OTHER_DATUM_M,
    Position,
    attitude_doubts,
    checked_position,
    editing_doubts,
    is_wgs84,
    perhaps_radians,
)
from geo.thumbnail import CUT, MIRRORED, turn_against_preview
from geo.xmp import read_xmp
from geo.yaw_words import UNKNOWN_DEG, yaw_perhaps_of_the_body

_INCHES, _CENTIMETRES, _MILLIMETRES, _MICROMETRES = 2, 3, 4, 5
_AXES = ("yaw", "pitch", "roll")
_NETWORK = ("NTRIPMountPoint", "NTRIPHost")  # written by newer firmware where corrections came from a caster
_POSITIONING_ERROR = "GPS Tag 0x001F"  # GPSHPositioningError, metres
_ALTERED = {MIRRORED: "mirrored_against_preview", CUT: "cut_against_preview"}
_MM_PER_UNIT = {_INCHES: 25.4, _CENTIMETRES: 10.0, _MILLIMETRES: 1.0, _MICROMETRES: 0.001}


@dataclass(frozen=True)
class Tags:
    """What a picture says of itself. None means: not said, or said so that it cannot be true (see `warnings`).

    Angles in degrees (standards of the frame: docs/ideas/coordinates.md): yaw clockwise from **true** north, pitch 0
    level and −90 straight down. `gimbal_*` is the camera, `flight_*` the aircraft; what Pix4D-style tags say of the
    camera is turned into these axes, and `angles_from` is then 'camera_tags'. `yaw_doubt_deg`, `tilt_doubt_deg` are
    standard deviations that join the instrument's. `gps_altitude_m` and `absolute_altitude_m` are heights of an
    undeclared datum, `relative_altitude_m` is above the take-off point, `above_ground_m` above the ground beneath.
    `calibrated_*` and `dewarp` are in pixels of the full sensor, `perspective_*` and `principal_mm` in millimetres on
    it. `turned_deg`: the pixels were turned clockwise by so much against the file's own preview.
    """

    width_px: int
    height_px: int
    make: str | None = None
    model: str | None = None
    software: str | None = None
    orientation: int | None = None  # EXIF 1 … 8
    exif_width_px: int | None = None
    exif_height_px: int | None = None
    taken_at: str | None = None  # by the camera's clock, ISO without a zone
    utc_offset: str | None = None  # '+08:00'
    gps_time_utc: str | None = None  # ISO with Z
    lon: float | None = None  # WGS 84
    lat: float | None = None
    gps_altitude_m: float | None = None
    absolute_altitude_m: float | None = None
    relative_altitude_m: float | None = None
    above_ground_m: float | None = None
    altitude_type: str | None = None  # the maker's word for what its absolute altitude comes from
    altitude_datum: str | None = None  # what the absolute altitude is above, where the format defines it (`Datum`)
    gimbal_yaw_deg: float | None = None
    gimbal_pitch_deg: float | None = None
    gimbal_roll_deg: float | None = None
    flight_yaw_deg: float | None = None
    flight_pitch_deg: float | None = None
    flight_roll_deg: float | None = None
    angles_from: str | None = None  # 'gimbal', 'camera_tags'
    yaw_doubt_deg: float | None = None
    tilt_doubt_deg: float | None = None
    focal_mm: float | None = None
    focal_35mm: float | None = None
    pixel_pitch_mm: float | None = None  # EXIF FocalPlaneXResolution, of the picture as it left the camera
    digital_zoom: float | None = None
    calibrated_focal_px: float | None = None
    calibrated_cx_px: float | None = None
    calibrated_cy_px: float | None = None
    dewarp: tuple[float, ...] = ()  # fx, fy, cx, cy from the centre, k1, k2, p1, p2, k3[, k4, k5, k6]
    dewarped: bool | None = None  # the camera itself took the distortion out
    lens_model: str | None = None  # 'perspective', 'fisheye'
    perspective_focal_mm: float | None = None
    perspective_focal_px: float | None = None
    principal_mm: tuple[float, ...] = ()  # from the top left corner of the sensor
    perspective_distortion: tuple[float, ...] = ()  # k1, k2, p1, p2, k3
    fisheye_polynomial: tuple[float, ...] = ()  # Pix4D's p0, p1, p2, p3[, p4]
    fisheye_affine: tuple[float, ...] = ()  # Pix4D's C, D, E, F, pixels of the full picture
    hfov_deg: float | None = None  # angle of view across the picture
    rtk_flag: int | None = None  # 0 none, 16 single, 34 float, 50 fixed
    rtk_std_lon_m: float | None = None
    rtk_std_lat_m: float | None = None
    rtk_std_height_m: float | None = None
    rtk_age_s: float | None = None  # of the corrections
    rtk_network: bool | None = None  # they came over the net from a service that is named
    gps_sigma_xy_m: float | None = None  # what the writer says of its own position, 1 σ
    gps_sigma_z_m: float | None = None
    position_doubt_m: float | None = None  # 1 σ that joins the receiver's, each of east and north
    height_doubt_m: float | None = None
    height_how: str | None = None  # how the flight settled its receiver's heights and the terrain (`geo.height_tie`)
    height_how_sigma_m: float | None = None
    takeoff_ground_m: float | None = None  # where the flight took off, in the terrain's datum (`geo.camera_height`)
    takeoff_sigma_m: float | None = None
    track_lag_s: float | None = None  # by how much a video's fixes are late, where its pictures told it
    track_lag_sigma_s: float | None = None
    turned_deg: int | None = None
    altered: str | None = None  # against the file's own preview: 'mirrored', 'cut'
    thermal: bool = False
    warnings: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The fields that say something, ready for JSON."""
        plain = {name: value for name, value in asdict(self).items() if value is not None and value != ()}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in plain.items()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Tags:
        """Back from `to_json`. Fields that this version does not know are left out."""
        known = {field.name for field in fields(cls)}
        values = {name: value for name, value in data.items() if name in known}
        columns: Any = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
        return cls(**columns)


def read_tags(path: Path) -> Tags:
    """Read what a picture says of itself.

    Args:
        path: JPEG, PNG, TIFF, WebP or BMP.

    Returns:
        Tags; `warnings` holds stable words for what is odd, absent or contradictory in them.

    Raises:
        UnreadableFile: the file is not there or may not be read.
        EmptyFile: it has no bytes.
        NotAnImage: it is not a picture.
        Truncated: it ends in the middle.

    Source: EXIF 2.32 (CIPA DC-008); the makers' XMP as found in docs/formats/exif_xmp.md.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(str(path), error.strerror or "") from error
    return tags_of(data, path.name)


def tags_of(data: bytes, where: str) -> Tags:
    """`read_tags` for a file's bytes, named `where` in refusals."""
    picture = look_at(data, where)
    exif, whole = ex.read_exif(data)
    xmp = read_xmp(data)
    written = numbers_of(xmp)
    maker = _maker(exif, xmp)
    position = _position(exif, xmp, written)
    camera = camera_angles(xmp, maker["make"], tuple(written[f"gimbal_{axis}_deg"] for axis in _AXES))
    said = {**maker, **_times(exif), **_optics(exif, xmp), **lens_tags(xmp), **_angles_and_heights(written, camera)}
    said |= _accuracy(exif, xmp, written, camera)
    turn = turn_against_preview(data, exif)
    warnings = [] if whole else ["exif_unreadable"]
    warnings += [*position.doubts, *attitude_doubts(written), *camera.doubts]
    size = (said["exif_width_px"], said["exif_height_px"])
    warnings += editing_doubts(said["orientation"], said["software"], (picture.width_px, picture.height_px), size)
    warnings += ["turned_against_preview"] if turn and turn.clockwise_deg else []
    warnings += [_ALTERED[turn.altered]] if turn and turn.altered else []
    if yaw_perhaps_of_the_body(said["gimbal_yaw_deg"], said["flight_yaw_deg"]):
        warnings.append("yaw_perhaps_of_the_body")
        said["yaw_doubt_deg"] = UNKNOWN_DEG
    rest: Any = said
    return Tags(
        width_px=picture.width_px,
        height_px=picture.height_px,
        lon=position.lon,
        lat=position.lat,
        position_doubt_m=position.sigma_m or None,
        gps_altitude_m=_gps_altitude(exif),
        turned_deg=turn.clockwise_deg if turn else None,
        altered=turn.altered if turn else None,
        thermal=picture.thermal or "infrared" in xmp.get("drone-dji:ImageSource", "").lower(),
        warnings=tuple(dict.fromkeys(warnings)),
        **rest,
    )


def _maker(exif: ex.Exif, xmp: Mapping[str, str]) -> dict[str, Any]:
    return {
        "make": ex.text(exif, "Image Make") or xmp.get("tiff:Make"),
        "model": ex.text(exif, "Image Model") or xmp.get("tiff:Model"),
        "software": ex.text(exif, "Image Software"),
        "orientation": _whole(ex.number(exif, "Image Orientation")),
        "exif_width_px": _whole(ex.positive(exif, "EXIF ExifImageWidth")),
        "exif_height_px": _whole(ex.positive(exif, "EXIF ExifImageLength")),
    }


def _position(exif: ex.Exif, xmp: Mapping[str, str], written: Mapping[str, float | None]) -> Position:
    found = checked_position(
        exif_place=(ex.degrees(exif, "GPS GPSLongitude"), ex.degrees(exif, "GPS GPSLatitude")),
        exif_written=bool(ex.numbers(exif, "GPS GPSLatitude")),
        exif_broken=ex.broken(exif, "GPS GPSLongitude") or ex.broken(exif, "GPS GPSLatitude"),
        xmp_place=(written["lon"], written["lat"]),
        void=xmp.get("drone-dji:GpsStatus", "").lower() in ("invalid", "unknown"),
    )
    if found.lon is None or is_wgs84(ex.text(exif, "GPS GPSMapDatum")):
        return found
    return replace(found, doubts=(*found.doubts, "gps_datum_other"), sigma_m=math.hypot(found.sigma_m, OTHER_DATUM_M))


def _gps_altitude(exif: ex.Exif) -> float | None:
    altitude = ex.number(exif, "GPS GPSAltitude")
    reference = ex.number(exif, "GPS GPSAltitudeRef")
    return -altitude if altitude is not None and reference == 1 else altitude


def _times(exif: ex.Exif) -> dict[str, Any]:
    taken = ex.text(exif, "EXIF DateTimeOriginal") or ex.text(exif, "Image DateTime")
    return {
        "taken_at": ex.iso_instant(taken, ex.text(exif, "EXIF SubSecTimeOriginal")),
        "utc_offset": ex.text(exif, "EXIF OffsetTimeOriginal") or ex.text(exif, "EXIF OffsetTime"),
        "gps_time_utc": ex.utc_instant(exif),
    }


def _optics(exif: ex.Exif, xmp: Mapping[str, str]) -> dict[str, Any]:
    resolution = ex.positive(exif, "EXIF FocalPlaneXResolution")
    unit = _MM_PER_UNIT.get(int(ex.number(exif, "EXIF FocalPlaneResolutionUnit") or _INCHES))
    return {
        "focal_mm": ex.positive(exif, "EXIF FocalLength"),
        "focal_35mm": ex.positive(exif, "EXIF FocalLengthIn35mmFilm"),
        "pixel_pitch_mm": unit / resolution if resolution and unit else None,
        "digital_zoom": ex.positive(exif, "EXIF DigitalZoomRatio"),
        "dewarp": _dewarp(xmp.get("drone-dji:DewarpData", ""), 9) or _dewarp(xmp.get("drone-dji:DewarpDataK6", ""), 12),
        "dewarped": {"0": False, "1": True}.get(xmp.get("drone-dji:DewarpFlag", "").strip()),
    }


def _dewarp(written: str, count: int) -> tuple[float, ...]:
    """'2022-03-02;fx,fy,cx,cy,k1,k2,p1,p2,k3[,k4,k5,k6]' → its nine or twelve numbers; () for anything else."""
    parts = written.rpartition(";")[2].split(",")
    try:
        values = tuple(float(part) for part in parts)
    except ValueError:
        return ()
    return values if len(values) == count and all(math.isfinite(v) for v in values) and min(values[:2]) > 0 else ()


def _angles_and_heights(written: Mapping[str, float | None], camera: CameraAngles) -> dict[str, Any]:
    """Angles beyond a turn and a half are no angles; a focal length or deviation of 0 is 'unknown'."""
    kept: dict[str, Any] = {}
    for name, number in written.items():
        value = number
        if value is not None and name.endswith("_deg") and abs(value) > GREATEST_ANGLE_DEG:
            value = None
        if value is not None and name.startswith(("calibrated_focal", "rtk_std", "gps_sigma")) and value <= 0:
            value = None
        if name not in ("lon", "lat"):
            kept[name] = value
    kept["rtk_flag"] = _whole(kept["rtk_flag"])
    if perhaps_radians(written):
        kept.update({f"gimbal_{axis}_deg": None for axis in _AXES})
    gimbal = [kept[f"gimbal_{axis}_deg"] for axis in _AXES]
    kept["angles_from"] = "gimbal" if None not in gimbal else None
    if None in gimbal and camera.angles is not None:
        kept.update({f"gimbal_{axis}_deg": angle for axis, angle in zip(_AXES, camera.angles, strict=True)})
        kept["angles_from"] = "camera_tags"
    return kept


def _accuracy(
    exif: ex.Exif, xmp: Mapping[str, str], written: Mapping[str, float | None], camera: CameraAngles
) -> dict[str, Any]:
    """What the writers say of their own position and angles; EXIF's positioning error where nobody else does."""
    tags = accuracy_tags(xmp)
    tilts = [tags[f"imu_sigma_{axis}_deg"] or 0.0 for axis in ("pitch", "roll")]
    yaw, tilt = math.hypot(camera.yaw_doubt_deg, tags["imu_sigma_yaw_deg"] or 0.0), max(tilts)
    return {
        "gps_sigma_xy_m": written["gps_sigma_xy_m"] or tags["gps_sigma_xy_m"] or ex.positive(exif, _POSITIONING_ERROR),
        "gps_sigma_z_m": written["gps_sigma_z_m"] or tags["gps_sigma_z_m"],
        "above_ground_m": tags["above_ground_m"],
        "altitude_type": xmp.get(f"{maker_of(xmp).prefix}:AltitudeType") or None,
        "rtk_network": any(xmp.get(f"drone-dji:{name}", "").strip() for name in _NETWORK) or None,
        "yaw_doubt_deg": yaw or None,
        "tilt_doubt_deg": math.hypot(camera.tilt_doubt_deg, tilt) or None,
    }


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)
