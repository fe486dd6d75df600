"""`yaoxun geo …`: pixels on the ground, footprints, tracks, coordinates. Needs no data home."""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.cli import show
from pipelines.cli.parser import Commands, wants_json
from pipelines.errors import Refusal

if TYPE_CHECKING:
    from geo.camera import Camera
    from geo.pose import CameraPose
    from geo.positioning import Positioning
    from geo.terrain import Terrain

SURE = 0.99  # below, it is said how the heights were tied
PIXEL_KEYS = (
    "u", "v", "status", "reason", "lon", "lat", "elevation_m", "sigma_major_m", "sigma_minor_m", "sigma_azimuth_deg",
)  # fmt: skip


def register(commands: Commands) -> None:
    """Add the commands of this file."""
    pixel = commands.add("geo pixel", geo_pixel, "put pixels of a picture or video on the ground, with their ellipse")
    pixel.add_argument("image", metavar="IMAGE")
    pixel.add_argument("uv", metavar="U V", nargs="+", type=float, help="pixels; (0, 0) is the outer top left corner")
    pixel.add_argument("--time", type=float, metavar="S", help="seconds into a video")
    pixel.add_argument(
        "--track",
        metavar="FILE",
        help="SRT or KLV of the video; else the file of its name beside it, or what a .ts carries",
    )
    _terrain_and_camera(pixel)
    pixel.add_argument("--ortho", metavar="COG", help="orthophoto to match a picture to that holds no attitude")
    pixel.add_argument(
        "--ortho-sigma", type=float, default=2.0, metavar="M", help="by how much it may lie off, 1 sigma"
    )
    pixel.add_argument("--like", metavar="PICTURE", help="located picture of the same ground to match it to")
    footprint = commands.add("geo footprint", geo_footprint, "what pictures see of the ground, as GeoJSON")
    footprint.add_argument("images", metavar="IMAGE", nargs="+")
    _terrain_and_camera(footprint)
    track = commands.add("geo track", geo_track, "what a track file (SRT or KLV) says")
    track.add_argument("file", metavar="FILE")
    convert = commands.add("geo convert", geo_convert, "one coordinate from one reference system to another")
    convert.add_argument("x", type=float, metavar="LON")
    convert.add_argument("y", type=float, metavar="LAT")
    convert.add_argument("--from", dest="source", required=True, metavar="CRS", help="EPSG:NNNN, GCJ-02 or BD-09")
    convert.add_argument("--to", dest="target", required=True, metavar="CRS")


def _terrain_and_camera(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--terrain", metavar="DEM.tif", help="ground heights; without it the ground is flat")
    parser.add_argument("--height-unit", metavar="UNIT", help="of the terrain's heights, where its file does not say")
    parser.add_argument(
        "--terrain-datum", choices=("ellipsoid", "egm96", "national_1985"),
        help="what the terrain's heights are above, where its file does not say; counts for pictures with RTK",
    )  # fmt: skip
    parser.add_argument(
        "--rtk-base-known", action="store_true",
        help="corrections came from a network or a base on a surveyed point: smaller ellipses of pictures with RTK",
    )  # fmt: skip
    parser.add_argument("--camera", metavar="FILE", help="JSON with the fields of Camera (docs/formats/camera.md)")


@contextmanager
def geo_refusals(where: str) -> Iterator[None]:
    """Turn what `geo` cannot use, and files that are not there, into refusals of one line."""
    from geo.errors import GeoError

    try:
        yield
    except GeoError as error:
        raise Refusal(where, error.reason, error.detail) from error
    except FileNotFoundError as error:
        raise Refusal(where, "no_such_file") from error
    except OSError as error:
        raise Refusal(where, "unreadable_file", error.strerror or type(error).__name__) from error


def geo_pixel(args: argparse.Namespace) -> int:
    """`geo pixel`: exit 2 only where every pixel is refused."""
    if len(args.uv) % 2:
        raise Refusal("geo pixel", "bad_usage", "pixels come in pairs U V")
    if not all(map(math.isfinite, args.uv)):
        raise Refusal("geo pixel", "bad_usage", "pixels are finite numbers")
    pairs = list(zip(args.uv[::2], args.uv[1::2], strict=True))
    try:
        with geo_refusals(args.image):
            rows = _located(pairs, *_pose(args, Path(args.image)))
    except Refusal as error:
        if wants_json(args):
            show.document([_refused_pixel(u, v, error.reason) for u, v in pairs])
        show.refusal("geo pixel", error.where, error.reason, error.detail)
        return 2
    if wants_json(args):
        show.document(rows)
    else:
        show.text(show.table([[_short(row[k]) for k in PIXEL_KEYS] for row in rows], PIXEL_KEYS))
    taken = any(row["status"] == "ok" for row in rows)
    if not taken:
        show.refusal("geo pixel", args.image, rows[0]["reason"], "")
    return 0 if taken else 2


def _short(value: object) -> object:
    return f"{value:.7f}".rstrip("0").rstrip(".") if isinstance(value, float) else value


def _pose(args: argparse.Namespace, image: Path) -> tuple[Camera, CameraPose, Terrain]:
    from geo.camera import Camera, camera_of
    from geo.errors import NoAttitude
    from geo.pose import pose_of
    from geo.positioning import Positioning
    from geo.tags import read_tags
    from geo.terrain import Dem, flat
    from geo.vertical import Datum

    datum = Datum(args.terrain_datum) if args.terrain_datum else Datum.UNDECLARED
    trust = Positioning(terrain_datum=datum, rtk_base_known=args.rtk_base_known)
    terrain: Terrain = flat()
    if args.terrain:
        terrain = Dem.open(Path(args.terrain), height_unit=args.height_unit)
    tags = read_tags(image) if getattr(args, "time", None) is None else _video_tags(args, image)
    given = Camera.read(Path(args.camera)) if args.camera else None
    camera = camera_of(tags) if given is None else given.for_size(tags.width_px, tags.height_px)
    try:
        pose = pose_of(tags, terrain, trust)
        _note_height(args, tags, terrain, trust)
        return camera, pose, terrain
    except NoAttitude:
        if not (getattr(args, "ortho", None) or getattr(args, "like", None)):
            raise
        return *_matched(args, image, tags, camera, terrain, trust), terrain


def _note_height(args: argparse.Namespace, tags: Any, terrain: Terrain, trust: Positioning) -> None:
    """Say on standard error how a height of RTK and a height model were tied, where that was not beyond doubt."""
    from geo.camera_height import height_source

    tied = height_source(tags, terrain, trust) if args.terrain and hasattr(args, "uv") else None
    if tied is not None and tied.probability < SURE:
        show.note(
            f"height taken as {tied.how} ({tied.probability:.0%} likely, ±{tied.sigma_m:.1f} m, 1 sigma); "
            "--terrain-datum says what the model's heights are above"
        )


def _matched(
    args: argparse.Namespace, image: Path, tags: Any, camera: Camera, terrain: Terrain, trust: Positioning
) -> tuple[Camera, CameraPose]:
    """Camera and pose of a picture that holds no attitude, by what it shows; said on standard error."""
    from geo.attitude_match import attitude_by_ortho, attitude_by_picture
    from geo.camera import camera_of
    from geo.pose import pose_of, stand_of
    from geo.tags import read_tags
    from geo.tie_points import grey_picture

    grey = _grey(args, image)
    if args.ortho:
        if not 0 < args.ortho_sigma < 1000:
            raise Refusal(str(args.ortho_sigma), "bad_usage", "--ortho-sigma lies between 0 and 1000 metres")
        stand = stand_of(tags, terrain, trust)
        found = attitude_by_ortho(grey, camera, stand, Path(args.ortho), terrain, ortho_sigma_m=args.ortho_sigma)
    else:
        other = Path(args.like)
        known = read_tags(other)
        pose = pose_of(known, terrain, trust)
        stand = stand_of(tags, terrain, trust, crs=pose.crs)
        found = attitude_by_picture(
            grey, camera, stand, grey_picture(other), camera_of(known), pose, terrain, source=other.name
        )
    show.note(
        f"attitude matched to {found.source}: {found.points} points, {found.misfit_px:.1f} px, "
        f"tilt within {found.pose.sigma_pitch_deg:.2f}° (1 sigma)"
    )
    return found.camera, found.pose


def _grey(args: argparse.Namespace, image: Path) -> Any:
    import cv2

    from geo.tie_points import grey_picture
    from models.errors import ModelsError
    from models.vision.pictures import read_frame

    if args.time is None:
        return grey_picture(image)
    try:
        return cv2.cvtColor(read_frame(image, args.time), cv2.COLOR_RGB2GRAY)
    except ModelsError as error:
        raise Refusal(str(image), error.reason, error.detail) from error


def _video_tags(args: argparse.Namespace, video: Path) -> Any:
    from geo.track_tags import tags_at
    from geo.video_lag import lag_of
    from geo.video_motion import motion_of
    from models.errors import ModelsError
    from models.vision.pictures import video_facts
    from pipelines.engine.deliveries import Delivered, track_beside
    from pipelines.intake import track_of

    beside = [Delivered(path, path.name) for path in sorted(video.parent.iterdir())]
    given = Path(args.track) if args.track else None
    said = track_of(video, track_beside(Delivered(video, video.name), beside, given))
    if said is None:
        raise Refusal(str(video), "no_track", "give --track FILE (SRT or KLV)")
    try:
        facts = video_facts(video)
    except ModelsError as error:
        raise Refusal(str(video), error.reason, error.detail) from error
    lag = lag_of(motion_of(video), said)
    if lag.is_estimated:
        show.note(f"fixes are {lag.seconds:.2f} s late against the pictures (±{lag.sigma_s:.2f} s, 1 sigma)")
    else:
        show.note(f"by how much fixes are late the pictures do not tell: taken for 0 (±{lag.sigma_s:.1f} s, 1 sigma)")
    return tags_at(said, args.time, facts.width_px, facts.height_px, lag_s=lag.measured_s, lag_sigma_s=lag.sigma_s)


def _refused_pixel(u: float, v: float, reason: str) -> dict[str, Any]:
    return dict.fromkeys(PIXEL_KEYS) | {"u": u, "v": v, "status": "refused", "reason": reason}


def _located(
    pairs: list[tuple[float, float]], camera: Camera, pose: CameraPose, terrain: Terrain
) -> list[dict[str, Any]]:
    import numpy as np

    from geo.crs import convergence_deg, unproject
    from geo.ground import pixel_to_ground
    from geo.types import LonLat
    from geo.uncertainty import ellipse_of

    points = pixel_to_ground(np.array(pairs, dtype=float), camera, pose, terrain)
    here = unproject(points.xy_m, pose.crs)
    at = LonLat(*map(float, unproject(np.array([[pose.x_m, pose.y_m]]), pose.crs)[0]))
    ellipses = ellipse_of(points.covariance_m2, convergence_deg(at, pose.crs))
    reasons = points.reasons()
    rows = []
    for i, (u, v) in enumerate(pairs):
        if (reason := reasons[i]) is not None:
            rows.append(_refused_pixel(u, v, reason))
            continue
        figures = [*here[i], points.height_m[i], *ellipses[i]]
        rows.append(dict(zip(PIXEL_KEYS, [u, v, "ok", None, *map(float, figures)], strict=True)))
    return rows


def geo_footprint(args: argparse.Namespace) -> int:
    """`geo footprint`: one feature an image; a refused one has no geometry and its reason."""
    features = [_feature(args, Path(image)) for image in args.images]
    refused = [(f["properties"]["image"], f["properties"]["reason"], "") for f in features if f["geometry"] is None]
    show.document({"type": "FeatureCollection", "features": features, "refused": show.refused_items(refused)})
    for item, reason, detail in refused:
        show.refusal("geo footprint", item, reason, detail)
    return 2 if len(refused) == len(features) else 0


def _feature(args: argparse.Namespace, image: Path) -> dict[str, Any]:
    from shapely.geometry import mapping

    from geo.footprint import footprint_of

    properties: dict[str, Any] = {"image": str(image), "gsd_m": None, "status": "refused", "reason": None}
    geometry = None
    try:
        with geo_refusals(str(image)):
            seen = footprint_of(*_pose(args, image))
        properties |= {"gsd_m": seen.gsd_m, "status": seen.status, "reason": seen.reason}
        geometry = None if seen.polygon is None else mapping(seen.polygon)
    except Refusal as error:
        properties["reason"] = error.reason
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def geo_track(args: argparse.Namespace) -> int:
    """`geo track`: exit 2 where the file holds no position at all, with the document all the same."""
    from geo.track import read_track
    from pipelines.intake import fix_or_none

    with geo_refusals(args.file):
        track = read_track(Path(args.file))
    answer = {
        "format": track.format, "frames": track.frames, "dropped": track.dropped,
        "first": fix_or_none(track, 0), "last": fix_or_none(track, -1), "warnings": list(track.warnings),
    }  # fmt: skip
    if wants_json(args):
        show.document(answer)
    else:
        show.text(f"{key:<9} {value}" for key, value in answer.items())
    if answer["first"] is None:
        show.refusal("geo track", args.file, "no_fix", "")
        return 2
    return 0


def geo_convert(args: argparse.Namespace) -> int:
    """`geo convert`: x is east and y north, or longitude and latitude."""
    import numpy as np

    from geo.crs import convert

    with geo_refusals(f"{args.source} to {args.target}"):
        x, y = map(float, convert(np.array([[args.x, args.y]]), args.source, args.target)[0])
    if not (np.isfinite(x) and np.isfinite(y)):
        raise Refusal(f"{args.x} {args.y}", "outside_crs", f"{args.source} to {args.target}")
    if wants_json(args):
        show.document({"x": x, "y": y})
    else:
        show.text([f"{x:.9f} {y:.9f}"])
    return 0
