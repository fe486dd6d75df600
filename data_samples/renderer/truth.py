"""What is true in the sample: poses, events with their sources, and boxes where they are seen."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from data_samples.renderer import worksite
from data_samples.renderer.camera import project
from data_samples.renderer.flight import LENS, Shot, true_pose
from data_samples.renderer.invented import WHO_ANSWERS
from data_samples.renderer.picture import Rendered
from data_samples.renderer.place import CRS, GROUND_ABOVE_SEA_M, grid_of, lonlat_of
from data_samples.renderer.things import Discharge, OutfallMouth, Puffs, Scene, Thing
from data_samples.renderer.water import along_and_across, dilution

FloatArray = NDArray[np.float64]
Mask = NDArray[np.bool_]

ABOUT = "Truth of the rendered sample flight: an invented block at the real position of Putuo. Nothing in it exists."
VISIBLE_DEPTH = 0.25
HIDING_DEPTH = 1.6
VISIBLE_SHARE = 0.16
SMALLEST_PX = 60
SMALLEST_PART = 0.05
SITE_ID = "310107-GD-2026-001"
PLUME_EXTENT_M = 2.0
EXTENT_CELL_M = 0.25


def truth_of(scene: Scene, flight: list[Shot], seen: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """The truth file.

    Args:
        scene: what was rendered.
        flight: the pictures.
        seen: boxes of each picture by file name, from `boxes_of`.

    Returns:
        A JSON document; coordinates WGS 84 and EPSG:4549 (x east, y north), heights above the flat ground.
    """
    return {
        "about": ABOUT,
        "seed": scene.seed,
        "crs": CRS,
        "ground_height_m": 0.0,
        "ground_above_sea_m": GROUND_ABOVE_SEA_M,
        "water_height_m": scene.creek.water_z_m,
        "camera": {
            "width_px": LENS.width_px,
            "height_px": LENS.height_px,
            "fx_px": LENS.focal_px,
            "fy_px": LENS.focal_px,
            "cx_px": LENS.cx_px,
            "cy_px": LENS.cy_px,
            "distortion": list(LENS.distortion),
        },
        "events": events_of(scene),
        "look_alikes": _look_alikes(scene),
        "pictures": [
            {
                "file": shot.file,
                "taken_at": shot.taken_at.isoformat(),
                "pose": true_pose(shot),
                "boxes": [{**box, **_share_seen(scene, shot, box)} for box in seen.get(shot.file, [])],
            }
            for shot in flight
        ],
    }


def _share_seen(scene: Scene, shot: Shot, box: dict[str, Any]) -> dict[str, float]:
    """How much of a solid object's box is seen: less than 1 where the edge, dust or something in front cuts it."""
    corners = next((t.corners for t in scene.things if box["object"] in (t.name, f"thing-{t.ident}")), None)
    if corners is None:
        return {}
    uv = project(corners, LENS, shot.pose)
    u0, v0, u1, v1 = box["box"]
    whole = float(np.prod(uv.max(axis=0) - uv.min(axis=0)))
    return {"share_seen": round(min((u1 - u0) * (v1 - v0) / whole, 1.0), 3)}


def events_of(scene: Scene) -> list[dict[str, Any]]:
    """Plumes, discharges, outfalls, bare soil and machines on the site, each with its place and its source."""
    mouths = {mouth.name: mouth for mouth in scene.mouths}
    found = [_plume(cloud) for cloud in scene.clouds if cloud.label]
    found += [_discharge(scene, mouths[d.outfall], d) for d in scene.discharges]
    found += [_outfall(mouth) for mouth in scene.mouths]
    soil = {**_placed(worksite.SITE.mean(axis=0), 0.0), "extent": _polygon(worksite.SITE)}
    found.append({"id": "soil-site", "label": "bare_soil", **soil, "source": _site_source()})
    found += [_vehicle(thing) for thing in scene.things if thing.label == "vehicle" and thing.owner]
    return found


def _placed(xy: FloatArray, height_m: float) -> dict[str, float]:
    x, y = grid_of([xy[:2]])[0]
    lon, lat = lonlat_of([xy[:2]])[0]
    return {
        "lon": round(float(lon), 9),
        "lat": round(float(lat), 9),
        "x_m": round(float(x), 3),
        "y_m": round(float(y), 3),
        "height_m": round(float(height_m), 3),
    }


def _polygon(points: FloatArray) -> dict[str, Any]:
    closed = np.vstack([points[:, :2], points[:1, :2]])
    return {"type": "Polygon", "coordinates": [np.round(lonlat_of(closed), 8).tolist()]}


def _plume(cloud: Puffs) -> dict[str, Any]:
    """A plume's place is where it rises; `middle` is the centre of what hangs in the air."""
    weight = cloud.depths * cloud.sigmas_m**2
    middle = (cloud.centres * weight[:, None]).sum(axis=0) / weight.sum()
    dense = cloud.depths > np.quantile(cloud.depths, 0.15)
    hull = cv2.convexHull(cloud.centres[dense, :2].astype(np.float32))[:, 0, :].astype(float)
    return {
        "id": cloud.name,
        "label": cloud.label,
        **_placed(np.array(cloud.source), 0.0),
        "middle": _placed(middle, float(middle[2])),
        "extent": _polygon(hull),
        "source": _site_source(),
    }


def _source_of(mouth: OutfallMouth) -> dict[str, str | None]:
    if mouth.registered_id is None:
        return {"kind": "none_registered", "id": None, "enterprise": None}
    return {"kind": "outfall", "id": mouth.registered_id, "enterprise": WHO_ANSWERS.get(mouth.registered_id)}


def _site_source() -> dict[str, str | None]:
    return {"kind": "site", "id": SITE_ID, "enterprise": WHO_ANSWERS[SITE_ID]}


def _outfall(mouth: OutfallMouth) -> dict[str, Any]:
    return {
        "id": mouth.name,
        "label": "outfall",
        **_placed(np.array(mouth.place), mouth.place[2]),
        "form": mouth.form,
        "source": _source_of(mouth),
    }


def _discharge(scene: Scene, mouth: OutfallMouth, discharge: Discharge) -> dict[str, Any]:
    x, y = np.meshgrid(
        np.arange(mouth.place[0] - 12, mouth.place[0] + 1.6 * discharge.length_m, EXTENT_CELL_M),
        np.arange(mouth.place[1] - 32, mouth.place[1] + 32, EXTENT_CELL_M),
    )
    along, across = along_and_across(scene.creek, x.ravel(), y.ravel())
    share = dilution(scene.creek, mouth, discharge, along, across)
    mask: NDArray[Any] = (
        ((share > VISIBLE_SHARE) & (np.abs(across) < scene.creek.half_width_m)).reshape(x.shape).astype(np.uint8)
    )
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((13, 13), np.uint8))
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    longest = cv2.approxPolyDP(max(outlines, key=cv2.contourArea), 3.0, True)[:, 0, :]
    extent = np.column_stack([x[0, longest[:, 0]], y[longest[:, 1], 0]])
    return {
        "id": discharge.name,
        "label": "discharge",
        **_placed(np.array(mouth.place), scene.creek.water_z_m),
        "extent": _polygon(extent),
        "source": _source_of(mouth),
    }


def _vehicle(thing: Thing) -> dict[str, Any]:
    middle = thing.corners.mean(axis=0)
    return {
        "id": f"thing-{thing.ident}",
        "label": "vehicle",
        "kind": thing.kind,
        **_placed(middle, 0.0),
        "extent": _polygon(thing.corners[:4]),
        "source": _site_source(),
    }


def _look_alikes(scene: Scene) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"id": "stone-yard", "resembles": "dust_plume", "what": "pale yard with heaps of crushed stone, no dust",
         "extent": _polygon(next(s.points for s in scene.shapes if s.name == "普陀示例石材经营部"))},
    ]  # fmt: skip
    for cloud in scene.clouds:
        if cloud.label is None:
            found.append(
                {
                    "id": cloud.name,
                    "resembles": "dust_plume",
                    "what": "steam",
                    **_placed(np.array(cloud.source), cloud.source[2]),
                }
            )
    return found


def boxes_of(scene: Scene, rendered: Rendered) -> list[dict[str, Any]]:
    """Boxes of everything labelled that is seen in a picture, in its pixels, (0, 0) the outer corner."""
    found: list[dict[str, Any]] = []
    hidden = np.zeros(rendered.ident.shape, bool)
    for cloud in scene.clouds:
        depth = rendered.veils[cloud.name]
        hidden |= depth > HIDING_DEPTH
        if cloud.label:
            found += _box_of(cloud.name, cloud.label, depth > VISIBLE_DEPTH, rendered, whole=False)
    for name, mask in rendered.discharges.items():
        found += _box_of(name, "discharge", mask & ~hidden, rendered, whole=False)
    found += _box_of("soil-site", "bare_soil", rendered.soil & ~hidden, rendered, whole=False)
    shown = np.where(hidden, -1, rendered.ident)
    counts = np.bincount(shown[shown >= 2], minlength=2 + len(scene.things))
    for thing in scene.things:
        if thing.label and counts[thing.ident] > SMALLEST_PX:
            name = thing.name if thing.label == "outfall" else f"thing-{thing.ident}"
            found += _box_of(name, thing.label, shown == thing.ident, rendered, whole=True)
    return found


def _box_of(name: str, label: str, mask: Mask, rendered: Rendered, *, whole: bool) -> list[dict[str, Any]]:
    """The box around a mask; without `whole`, around its largest connected part."""
    small: NDArray[Any] = mask.astype(np.uint8)
    if not whole:
        small = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
        count, parts, stats, _ = cv2.connectedComponentsWithStats(small)
        if count < 2:
            return []
        largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
        small = (parts == largest).astype(np.uint8)
    rows, columns = np.flatnonzero(small.any(axis=1)), np.flatnonzero(small.any(axis=0))
    if not len(rows) or small.sum() < SMALLEST_PX:
        return []
    scale = rendered.scale
    box = [columns[0] / scale, rows[0] / scale, (columns[-1] + 1) / scale, (rows[-1] + 1) / scale]
    height, width = rendered.pixels.shape[:2]
    cut = box[0] < 1 or box[1] < 1 or box[2] > width - 1 or box[3] > height - 1
    return [
        {
            "object": name,
            "label": label,
            "box": [round(float(side), 1) for side in box],
            "visible_px": int(small.sum() / scale**2),
            "cut_off": bool(cut),
        }
    ]
