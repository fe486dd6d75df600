"""What geo refuses. Each class is one thing a person would do differently; `reason` is stable and goes into JSON."""

from __future__ import annotations

from typing import ClassVar


class GeoError(Exception):
    """Input that geo cannot use.

    Args:
        where: what it is about: a file, a CRS name, an argument.
        detail: what exactly was seen.
    """

    reason: ClassVar[str] = "geo_error"

    def __init__(self, where: str, detail: str = "") -> None:
        super().__init__(f"{where}: {self.reason}" + (f" ({detail})" if detail else ""))
        self.where, self.detail = where, detail

    def __reduce__(self) -> tuple[type[GeoError], tuple[str, str]]:
        """Survive the way back from another process."""
        return type(self), (self.where, self.detail)


class UnknownCrs(GeoError):
    """A name that is no EPSG code of PROJ's, nor GCJ-02 or BD-09."""

    reason = "unknown_crs"


class GeographicCrs(GeoError):
    """A metric function was given degrees."""

    reason = "geographic_crs"


class NotMetricCrs(GeoError):
    """A projected CRS whose unit is not the metre, or whose metres are not metres on the ground (Web Mercator)."""

    reason = "not_metric_crs"


class DatumShiftUnknown(GeoError):
    """The CRS stands on another datum, and nobody has published how far that lies from WGS 84 there."""

    reason = "datum_shift_unknown"


class ShapeError(GeoError):
    """An array of another shape than the function takes."""

    reason = "wrong_shape"


class EmptyFile(GeoError):
    """A file of no bytes."""

    reason = "empty_file"


class NotAnImage(GeoError):
    """A file that is no picture of a kind we read."""

    reason = "not_an_image"


class Truncated(GeoError):
    """A picture or packet that ends in the middle."""

    reason = "truncated"


class UnreadableFile(GeoError):
    """A file that is not there or that the system will not let us read."""

    reason = "unreadable_file"


class NoPosition(GeoError):
    """Neither EXIF nor XMP nor a track gives a position."""

    reason = "no_position"


class NoAttitude(GeoError):
    """Nothing says where the camera looked. Straight down is never assumed."""

    reason = "no_attitude"


class NoHeight(GeoError):
    """No height above the take-off point, and no other height that may be tied to the ground."""

    reason = "no_height"


class NoGeoid(GeoError):
    """A height would have to change its vertical datum where that cannot be done honestly."""

    reason = "no_geoid"


class PictureTurned(GeoError):
    """The pixels were turned after the shot; the camera's angles no longer describe them."""

    reason = "picture_turned"


class PictureCut(GeoError):
    """The pixels are a part of what the camera took; nobody says which part."""

    reason = "picture_cut"


class UnknownCamera(GeoError):
    """No tag and no table says how wide the camera sees."""

    reason = "unknown_camera"


class BadCamera(GeoError):
    """A camera file, or a camera's numbers, that cannot be."""

    reason = "bad_camera"


class UnreadableTerrain(GeoError):
    """A terrain file that cannot be read, or that does not say where on Earth it lies."""

    reason = "unreadable_terrain"


class NotATrack(GeoError):
    """A file that is neither DJI subtitles nor MISB KLV."""

    reason = "not_a_track"


class NoBlocks(GeoError):
    """A subtitle file without a single block."""

    reason = "no_blocks"


class NothingToMosaic(GeoError):
    """Pictures of which no orthophoto can be made: none sees any ground, or the cells would be too many."""

    reason = "nothing_to_mosaic"


class NotAMapRaster(GeoError):
    """A raster that cannot be drawn on a map: no place on Earth, or no picture."""

    reason = "not_a_map_raster"


class NothingToAdjust(GeoError):
    """A flight whose pictures share no ground that could be matched, and that has no control points."""

    reason = "nothing_to_adjust"


class BadControl(GeoError):
    """A table of control points that cannot be read as one, or one row of it."""

    reason = "bad_control"
