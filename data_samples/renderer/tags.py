"""Writes JPEG files with the tags a DJI aircraft writes: EXIF with GPS, and an XMP packet.

Fields of EXIF are those of CIPA DC-008 (EXIF 2.32); the XMP names are those seen in the makers' own files. The pictures
say in `Software` that they were rendered.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from data_samples.renderer.camera import Lens

SOFTWARE = "yaoxun sample renderer"
MAKE, MODEL = "DJI", "YX-SAMPLE"
XMP_HEADER = b"http://ns.adobe.com/xap/1.0/\x00"
FULL_FRAME_DIAGONAL_MM = 43.2666


@dataclass(frozen=True)
class Claim:
    """What a picture's tags say, which need not be true. Degrees, metres; yaw from **true** north."""

    taken_at: datetime
    lon: float
    lat: float
    absolute_altitude_m: float
    relative_altitude_m: float
    gimbal_yaw_deg: float
    gimbal_pitch_deg: float
    gimbal_roll_deg: float
    flight_yaw_deg: float
    flight_pitch_deg: float = 0.0
    flight_roll_deg: float = 0.0
    decimals: int = 2
    degree_decimals: int = 8


def _sexagesimal(degrees: float) -> tuple[IFDRational, IFDRational, IFDRational]:
    whole = int(abs(degrees))
    minutes = (abs(degrees) - whole) * 60
    seconds = (minutes - int(minutes)) * 60
    return IFDRational(whole), IFDRational(int(minutes)), IFDRational(round(seconds * 1_000_000), 1_000_000)


def _exif(claim: Claim, lens: Lens) -> bytes:
    exif = Image.Exif()
    stamp = claim.taken_at.strftime("%Y:%m:%d %H:%M:%S")
    offset = claim.taken_at.strftime("%z")
    zone = f"{offset[:3]}:{offset[3:5]}"
    exif.update({0x010F: MAKE, 0x0110: MODEL, 0x0112: 1, 0x0131: SOFTWARE, 0x0132: stamp})
    exif.update({0x010E: "rendered picture of an invented place"})
    focal_mm = lens.focal_px * lens.pixel_pitch_mm
    diagonal_px = float(np.hypot(lens.width_px, lens.height_px))
    exif.get_ifd(0x8769).update(
        {
            0x9003: stamp,
            0x9004: stamp,
            0x9010: zone,
            0x9011: zone,
            0x9012: zone,
            0x829A: IFDRational(1, 800),
            0x829D: IFDRational(28, 10),
            0x8827: 100,
            0x920A: IFDRational(round(focal_mm * 1000), 1000),
            0xA405: round(lens.focal_px * FULL_FRAME_DIAGONAL_MM / diagonal_px),
            0xA002: lens.width_px,
            0xA003: lens.height_px,
        }
    )
    exif.get_ifd(0x8825).update(
        {
            0: b"\x02\x03\x00\x00",
            1: "N" if claim.lat >= 0 else "S",
            2: _sexagesimal(claim.lat),
            3: "E" if claim.lon >= 0 else "W",
            4: _sexagesimal(claim.lon),
            5: b"\x00",
            6: IFDRational(round(claim.absolute_altitude_m * 1000), 1000),
        }
    )
    return exif.tobytes()


def _dewarp(lens: Lens) -> str:
    """Focal lengths, centre relative to the middle of the picture, then k1, k2, p1, p2, k3."""
    shift = lens.cx_px - lens.width_px / 2, lens.cy_px - lens.height_px / 2
    numbers = [lens.focal_px, lens.focal_px, *shift, *lens.distortion]
    return "2026-06-01;" + ",".join(f"{number:.9f}" for number in numbers)


def xmp_packet(claim: Claim, lens: Lens) -> bytes:
    """The XMP packet with the drone-dji namespace, as bytes."""
    angle = f"+.{claim.decimals}f"
    fields = {
        "AbsoluteAltitude": f"{claim.absolute_altitude_m:{angle}}",
        "RelativeAltitude": f"{claim.relative_altitude_m:{angle}}",
        "GpsLatitude": f"{claim.lat:+.{claim.degree_decimals}f}",
        "GpsLongitude": f"{claim.lon:+.{claim.degree_decimals}f}",
        "GimbalRollDegree": f"{claim.gimbal_roll_deg:{angle}}",
        "GimbalYawDegree": f"{claim.gimbal_yaw_deg:{angle}}",
        "GimbalPitchDegree": f"{claim.gimbal_pitch_deg:{angle}}",
        "FlightRollDegree": f"{claim.flight_roll_deg:{angle}}",
        "FlightYawDegree": f"{claim.flight_yaw_deg:{angle}}",
        "FlightPitchDegree": f"{claim.flight_pitch_deg:{angle}}",
        "CamReverse": "0",
        "GimbalReverse": "0",
        "RtkFlag": "0",
        "CalibratedFocalLength": f"{lens.focal_px:.6f}",
        "CalibratedOpticalCenterX": f"{lens.width_px / 2:.6f}",
        "CalibratedOpticalCenterY": f"{lens.height_px / 2:.6f}",
        "DewarpData": _dewarp(lens),
        "DewarpFlag": "0",
    }
    body = "\n".join(f'   drone-dji:{name}="{value}"' for name, value in fields.items())
    return f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="DJI Meta Data"
    xmlns:tiff="http://ns.adobe.com/tiff/1.0/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:drone-dji="http://www.dji.com/drone-dji/1.0/"
   xmp:CreateDate="{claim.taken_at.isoformat()}"
   xmp:CreatorTool="{SOFTWARE}"
   tiff:Make="{MAKE}"
   tiff:Model="{MODEL}"
{body}/>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>""".encode()


def write_picture(
    path: Path, pixels: NDArray[np.uint8], claim: Claim, lens: Lens, *, quality: int = 88, subsampling: int = 2
) -> None:
    """Write one JPEG with EXIF and XMP, the XMP as an APP1 segment right after the EXIF one.

    Args:
        path: file to write; overwritten.
        pixels: (height, width, 3) RGB.
        claim: what the tags say.
        lens: inner geometry written as calibration.
        quality: JPEG quality.
        subsampling: 0 for full colour, 2 for halved colour in both directions.
    """
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(
        buffer, "JPEG", quality=quality, subsampling=subsampling, exif=_exif(claim, lens), optimize=True
    )
    data = buffer.getvalue()
    packet = XMP_HEADER + xmp_packet(claim, lens)
    segment = b"\xff\xe1" + (len(packet) + 2).to_bytes(2, "big") + packet
    at = _after_exif(data)
    path.write_bytes(data[:at] + segment + data[at:])


def _after_exif(data: bytes) -> int:
    """Offset behind the APP0 and APP1 segments that lead a JPEG file."""
    at = 2
    while data[at] == 0xFF and data[at + 1] in (0xE0, 0xE1):
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return at
