"""How far apart the frames of a flight put the same ground, before and after each correction, and what they state.

    python -m benchmarks.bench_spread FLIGHTS [NAME ...]

FLIGHTS is a folder of flight folders. Half of the tie points correct, the other half measure.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from geo.adjust import adjust, located, spread_of
from geo.camera import Camera, camera_of
from geo.crs import metric_crs_at
from geo.flight_checks import doubts_of
from geo.focal import FULL_FRAME_DIAGONAL_MM
from geo.fuse import shared_of
from geo.ground import pixel_to_ground
from geo.pose import CameraPose, pose_of
from geo.tags import Tags, read_tags
from geo.terrain import flat
from geo.tie_points import TiePoints, features_of, grey_picture, tie_points_of
from geo.types import LonLat

FLIGHTS = ("brighton", "weedon", "jwcate", "isfm")
GROUND = flat()


@dataclass
class Flight:
    """One flight read: tags, tie points, and the CRS in which it is measured."""

    tags: list[Tags]
    ties: TiePoints
    crs: str

    @classmethod
    def read(cls, folder: Path) -> Flight:
        """All its pictures."""
        paths = sorted(p for p in folder.iterdir() if p.suffix.lower() in {".jpg", ".jpeg"})
        tags = [read_tags(path) for path in paths]
        ties = tie_points_of([features_of(grey_picture(path)) for path in paths])
        return cls(tags, ties, metric_crs_at(LonLat(tags[0].lon or 0.0, tags[0].lat or 0.0)))

    def poses(self, *, convergence: bool = True, settled: bool = False) -> list[CameraPose]:
        """By the tags; without convergence true north is taken for grid north. `settled`: as the chain takes them."""
        tags = self.tags
        if settled:
            tags = [doubt.applied(one) for doubt, one in zip(doubts_of(self.tags), self.tags, strict=True)]
        poses = [pose_of(one, GROUND, crs=self.crs) for one in tags]
        if convergence:
            return poses
        return [replace(p, yaw_grid_deg=float(t.gimbal_yaw_deg or 0.0)) for p, t in zip(poses, self.tags, strict=True)]

    def cameras(self, *, best_focal: bool = True, distortion: bool = True) -> list[Camera]:
        """By the tags; plain ones from the 35-mm equivalent, as one would by hand."""
        return [_camera(tags, best_focal, distortion) for tags in self.tags]


def _camera(tags: Tags, best_focal: bool, distortion: bool) -> Camera:
    camera = camera_of(tags)
    if not distortion:
        camera = replace(camera, distortion=())
    if not best_focal and tags.focal_35mm:
        focal = tags.focal_35mm / FULL_FRAME_DIAGONAL_MM * float(np.hypot(tags.width_px, tags.height_px))
        camera = replace(camera, fx_px=focal, fy_px=focal, source="35mm")
    return camera


def steps(flight: Flight, half: TiePoints) -> list[tuple[str, list[Camera], list[CameraPose]]]:
    """Each correction on top of the ones before it."""
    plain, poses = flight.cameras(best_focal=False, distortion=False), flight.poses()
    best, settled = flight.cameras(), flight.poses(settled=True)
    height = adjust(best, settled, GROUND, half, free=("height",))
    full = adjust(best, settled, GROUND, half)
    return [
        ("none", plain, flight.poses(convergence=False)),
        ("convergence", plain, poses),
        ("distortion", flight.cameras(best_focal=False), poses),
        ("focal source", best, poses),
        ("contradictions", best, settled),
        ("height bias", best, list(height.poses)),
        ("full adjustment", list(full.cameras), list(full.poses)),
    ]


def normalised(flight: Flight, ties: TiePoints, cameras: list[Camera], poses: list[CameraPose]) -> np.ndarray:
    """Squared difference of each pair of sightings of a spot, in units of what the errors of both allow (2 d.f.)."""
    places = located(ties, cameras, poses, GROUND)
    covers, factors = np.full((len(ties), 2, 2), np.nan), np.full((len(ties), 2, 9), np.nan)
    for frame in sorted(ties.connected):
        rows = np.flatnonzero(ties.frame == frame)
        points = pixel_to_ground(ties.uv[rows], cameras[frame], poses[frame], GROUND)
        covers[rows] = points.covariance_m2
        factors[rows] = shared_of(points, cameras[frame], poses[frame], GROUND)
    first, second = _pairs(ties)
    apart = places[first] - places[second]
    cross = np.einsum("nak,nbk->nab", factors[first], factors[second])
    between = covers[first] + covers[second] - cross - np.swapaxes(cross, 1, 2)
    good = np.isfinite(apart).all(axis=1)
    solved = np.linalg.solve(between[good], apart[good][..., None])[..., 0]
    return (apart[good] * solved).sum(axis=1)


def _pairs(ties: TiePoints) -> tuple[np.ndarray, np.ndarray]:
    found = []
    for track in range(ties.tracks):
        rows = np.flatnonzero(ties.track == track)
        found += [(int(a), int(b)) for k, b in enumerate(rows) for a in rows[:k]]
    pairs = np.array(found, dtype=np.intp).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def report(name: str, folder: Path) -> None:
    """Print one flight's table."""
    began = time.perf_counter()
    flight = Flight.read(folder)
    read = time.perf_counter() - began
    half, held_out = flight.ties.halves()
    spots = f"{flight.ties.tracks} spots, {held_out.tracks} held out"
    print(f"\n{name}: {len(flight.tags)} pictures, {spots}, {read:.0f} s")
    for title, cameras, poses in steps(flight, half):
        spread = spread_of(held_out, cameras, poses, GROUND)
        spread = spread[np.isfinite(spread)]
        if len(spread):
            print(f"  {title:<16} median {np.median(spread):6.2f} m   90 % {np.quantile(spread, 0.9):6.2f} m")
        else:
            print(f"  {title:<16} no spot lies on the ground in two frames")
    squared = normalised(flight, flight.ties, flight.cameras(), flight.poses(settled=True))
    below = [float((squared <= limit).mean()) for limit in (1.386, 5.991, 9.210)]
    print("  stated doubt: differences within 50 / 95 / 99 % " + " / ".join(f"{100 * share:.0f} %" for share in below))
    began = time.perf_counter()
    done = adjust(flight.cameras(), flight.poses(settled=True), GROUND, flight.ties)
    said = ", ".join(f"{key} {value:+.3g} ± {sigma:.2g}" for key, (value, sigma) in done.common.items())
    print(f"  adjusted in {time.perf_counter() - began:.1f} s: misfit {done.misfit_px:.1f} px, "
          f"{done.sightings} sightings, {done.rejected} left out, strain {done.strain:.1f}\n  {said}")  # fmt: skip


def main() -> None:
    """All flights that were named."""
    folder, names = Path(sys.argv[1]), sys.argv[2:] or FLIGHTS
    for name in names:
        report(name, folder / name)


if __name__ == "__main__":
    main()
