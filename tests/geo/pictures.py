"""Makes small pictures with EXIF and XMP of our own choosing, and independent rotations. Imports nothing of geo."""

from __future__ import annotations

import io

import cv2
import numpy as np
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

GPS_IFD, EXIF_IFD = 0x8825, 0x8769
BRIGHTON_LIKE = {
    "AbsoluteAltitude": "+198.61",
    "RelativeAltitude": "+40.10",
    "GimbalRollDegree": "+0.00",
    "GimbalYawDegree": "+44.20",
    "GimbalPitchDegree": "-89.90",
    "FlightYawDegree": "+42.80",
}


def xmp_packet(values: dict[str, str], *, elements: bool = False) -> bytes:
    """A packet with drone-dji properties as attributes, or as elements."""
    names = {name if ":" in name else f"drone-dji:{name}": value for name, value in values.items()}
    if elements:
        attributes, inner = "", "".join(f"<{n}>{v}</{n}>" for n, v in names.items())
    else:
        attributes, inner = "\n".join(f'{n}="{v}"' for n, v in names.items()), ""
    text = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description xmlns:drone-dji="http://www.dji.com/drone-dji/1.0/" {attributes}>{inner}'
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    return text.encode()


def jpeg(
    xmp: bytes = b"",
    *,
    size: tuple[int, int] = (80, 45),
    exif: dict[int, object] | None = None,
    details: dict[int, object] | None = None,
    gps: dict[int, object] | None = None,
) -> bytes:
    """A JPEG; `exif` goes to IFD0, `details` to the EXIF IFD, `gps` to the GPS IFD, by tag number."""
    picture = Image.fromarray(np.random.default_rng(7).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8))
    tags = Image.Exif()
    for number, value in (exif or {}).items():
        tags[number] = value
    if details:
        tags.get_ifd(EXIF_IFD).update(details)
    if gps:
        tags.get_ifd(GPS_IFD).update(gps)
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=tags.tobytes() if (exif or details or gps) else b"")
    data = out.getvalue()
    if not xmp:
        return data
    payload = b"http://ns.adobe.com/xap/1.0/\x00" + xmp
    return data[:2] + b"\xff\xe1" + (len(payload) + 2).to_bytes(2, "big") + payload + data[2:]


def dms(degrees: float) -> tuple[IFDRational, IFDRational, IFDRational]:
    """Degrees as EXIF's three ratios."""
    whole = int(degrees)
    minutes = int((degrees - whole) * 60)
    seconds = ((degrees - whole) * 60 - minutes) * 60
    return IFDRational(whole, 1), IFDRational(minutes, 1), IFDRational(round(seconds * 1_000_000), 1_000_000)


def gps_at(lon: float, lat: float) -> dict[int, object]:
    """The GPS IFD of a place."""
    return {1: "N" if lat >= 0 else "S", 2: dms(abs(lat)), 3: "E" if lon >= 0 else "W", 4: dms(abs(lon))}


def world_from_camera(yaw_deg: float, pitch_deg: float, roll_deg: float) -> np.ndarray:
    """East, north, up from right, down, forward: three turns by Rodrigues' formula, axes written out."""
    turn = np.eye(3)
    for axis, angle in (((0, 0, 1), yaw_deg), ((0, 1, 0), pitch_deg), ((1, 0, 0), roll_deg)):
        turn = turn @ cv2.Rodrigues(np.array(axis, dtype=float) * np.deg2rad(angle))[0]
    north, east, down = turn  # rows: components of (forward, right, down)
    enu = np.array([east, north, -down])
    return enu[:, [1, 2, 0]]  # columns: right, down, forward
