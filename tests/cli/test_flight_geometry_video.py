"""`flights control` and `adjust` on a video: a clip made by OpenCV over a known ground, with a track that errs."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from geo.camera import Camera
from geo.crs import project, unproject
from geo.ground import pixel_to_ground
from geo.pose import CameraPose, pose_of
from geo.tags import Tags
from geo.terrain import flat
from pipelines import clock
from pipelines.records import Frame
from pipelines.store import Store
from pipelines.store.read import frames, geometry

from .conftest import Yaoxun

CRS, X0, Y0, CELL_M = "EPSG:4549", 633000.0, 3459400.0, 0.1
LENS = Camera(640, 480, 600.0, 600.0, 320.0, 240.0, (), 0.005)
RATE, SECONDS, SPEED_M_S, HEIGHT_M, YAW_DEG, PITCH_DEG = 5.0, 8.0, 3.0, 40.0, 60.0, -70.0
OFF_M, OVERSTATED, YAW_OFF_DEG, PITCH_OFF_DEG, LATE_S = (2.5, -1.5), 1.05, 2.0, 0.7, 0.3
UV = np.array([[u, v] for u in (150.0, 320.0, 500.0) for v in (120.0, 240.0, 400.0)])


def stand(time_s: float) -> np.ndarray:
    """Where the camera truly is: along a line to the east."""
    return np.array([X0 + 40.0 + SPEED_M_S * time_s, Y0 - 60.0, HEIGHT_M])


def axes() -> np.ndarray:
    """Rows: the camera's right, down, forward in east, north, up, from what the words of the angles say."""
    yaw, down = np.radians(YAW_DEG), np.radians(-PITCH_DEG)
    ahead = np.array([np.sin(yaw) * np.cos(down), np.cos(yaw) * np.cos(down), -np.sin(down)])
    right = np.array([np.cos(yaw), -np.sin(yaw), 0.0])
    return np.vstack([right, np.cross(ahead, right), ahead])


def true_ground(uv: np.ndarray, time_s: float) -> np.ndarray:
    rays = np.column_stack([(uv[:, 0] - 320.0) / 600.0, (uv[:, 1] - 240.0) / 600.0, np.ones(len(uv))]) @ axes()
    return stand(time_s)[:2] + rays[:, :2] * (-HEIGHT_M / rays[:, 2])[:, None]


def picture(ground: np.ndarray, time_s: float) -> np.ndarray:
    turn = axes()
    origin = np.array([X0, Y0, 0.0]) - stand(time_s)
    plane = np.vstack([turn[:, 0] * CELL_M, -turn[:, 1] * CELL_M, turn @ origin]).T
    lens, shift = np.array([[600.0, 0, 320.0], [0, 600.0, 240.0], [0, 0, 1]]), np.eye(3)
    shift[:2, 2] = -0.5  # OpenCV counts from the middle of a pixel
    return cv2.warpPerspective(ground, shift @ lens @ plane @ np.linalg.inv(shift), (640, 480), flags=cv2.INTER_AREA)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip, its track and its camera file in one folder."""
    folder = tmp_path_factory.mktemp("clip")
    rng, ground = np.random.default_rng(5), np.full((1300, 1500), 128, np.uint8)
    for _ in range(9000):
        size = tuple(int(v) for v in rng.integers(2, 14, 2))
        at = (int(rng.integers(0, 1500)), int(rng.integers(0, 1300)))
        cv2.ellipse(ground, at, size, int(rng.integers(0, 180)), 0, 360, int(rng.integers(0, 255)), -1)
    writer = cv2.VideoWriter(str(folder / "clip.mp4"), cv2.VideoWriter.fourcc(*"mp4v"), RATE, (640, 480))
    lines = []
    for n, t in enumerate(np.arange(0, SECONDS, 1 / RATE)):
        writer.write(cv2.cvtColor(picture(ground, t), cv2.COLOR_GRAY2BGR))
        lon, lat = unproject((stand(t - LATE_S)[:2] + OFF_M)[None], CRS)[0]
        said = f"[latitude: {lat:.8f}] [longitude: {lon:.8f}] [rel_alt: {HEIGHT_M * OVERSTATED:.3f} abs_alt: 52.000]"
        said += f" [gb_yaw: {YAW_DEG + 0.7 + YAW_OFF_DEG:.2f} gb_pitch: {PITCH_DEG + PITCH_OFF_DEG:.2f} gb_roll: 0.00]"
        start, end = (f"00:00:{x:06.3f}".replace(".", ",") for x in (t, t + 0.19))
        lines.append(f"{n + 1}\n{start} --> {end}\n{said}\n")
    writer.release()
    (folder / "clip.srt").write_text("\n".join(lines))
    camera = {"width_px": 640, "height_px": 480, "fx_px": 600, "fy_px": 600, "cx_px": 320, "cy_px": 240,
              "focal_sigma_fraction": 0.005}  # fmt: skip
    (folder / "camera.json").write_text(json.dumps(camera))
    return folder


@pytest.fixture()
def flown(yaoxun: Yaoxun, clip: Path) -> str:
    files = (clip / "clip.mp4", clip / "clip.srt", "--camera", clip / "camera.json")
    return str(yaoxun("flights", "add", *files, "--json").document["flight"])


def misses(home: Path, *, corrected: bool) -> tuple[np.ndarray, np.ndarray]:
    """(n,) metres off, and whether the 95 % ellipse holds the truth, over all frames of the video."""
    off, held = [], []
    with Store.open(home) as store:
        found = geometry.corrections(store, None, as_of=clock.now())
        for frame in frames.all(store):
            camera, pose = posed(frame) if not corrected else taken(found[frame.id])
            points = pixel_to_ground(UV, camera, pose, flat(0.0))
            there = project(unproject(true_ground(UV, frame.time_s or 0.0), CRS), pose.crs)
            miss = points.xy_m - there
            off.extend(np.hypot(*miss.T))
            held.extend(np.einsum("ni,nij,nj->n", miss, np.linalg.inv(points.covariance_m2), miss) < 5.9915)
    return np.array(off), np.array(held)


def posed(frame: Frame) -> tuple[Camera, CameraPose]:
    tags = Tags.from_json(frame.tags)
    return Camera.from_json(frame.tags["camera"]), pose_of(tags, flat())


def taken(correction) -> tuple[Camera, CameraPose]:
    return Camera.from_json(correction.camera), CameraPose.from_json(correction.pose)


def test_control_points_on_a_frame_of_a_video_correct_all_of_it(
    yaoxun: Yaoxun, flown: str, home: Path, tmp_path: Path
) -> None:
    rows = ["image,u,v,lon,lat,sigma_m"]
    for time_s, at in ((2.0, (0, 8)), (6.0, (2, 6))):
        places = unproject(true_ground(UV, time_s), CRS)
        rows += [
            f"clip.mp4 @ {time_s:.1f} s,{UV[k, 0]},{UV[k, 1]},{places[k, 0]:.8f},{places[k, 1]:.8f},0.2" for k in at
        ]
    (tmp_path / "points.csv").write_text("\n".join(rows))
    done = yaoxun("flights", "control", flown, tmp_path / "points.csv", "--json").document
    assert (done["state"], done["frames"], done["refused"]) == ("controlled", 5, [])
    before, after = misses(home, corrected=False), misses(home, corrected=True)
    assert np.median(before[0]) > 2.5
    assert np.median(after[0]) < 0.4 * np.median(before[0])
    assert before[1].mean() >= 0.9
    assert after[1].mean() >= 0.9


def test_overlap_of_a_videos_frames_brings_them_together(yaoxun: Yaoxun, flown: str, home: Path) -> None:
    done = yaoxun("flights", "adjust", flown, "--json").document
    assert (done["state"], done["frames"]) == ("adjusted", 5)
    assert done["tie_points"] > 50
    assert done["spread_after_m"] < done["spread_before_m"]
    off, held = misses(home, corrected=True)
    assert held.mean() >= 0.9
    assert np.median(off) <= np.median(misses(home, corrected=False)[0])
    (row,) = yaoxun("run", "--stage", "locate", "--json").document["stages"]
    assert row["done"] == 5


@pytest.mark.parametrize("track", ["clip.srt", "CLIP.Srt"])
def test_geo_pixel_finds_the_track_that_lies_beside_a_video(
    yaoxun: Yaoxun, clip: Path, tmp_path: Path, track: str
) -> None:
    (tmp_path / "clip.mp4").write_bytes((clip / "clip.mp4").read_bytes())
    words = ("geo", "pixel", tmp_path / "clip.mp4", 320, 240, "--time", 2, "--camera", clip / "camera.json", "--json")
    assert yaoxun(*words).document[0]["reason"] == "no_track"
    (tmp_path / track).write_bytes((clip / "clip.srt").read_bytes())
    (found,) = yaoxun(*words).document
    there = unproject(true_ground(np.array([[320.0, 240.0]]), 2.0), CRS)[0]
    assert found["status"] == "ok"
    assert (found["lon"], found["lat"]) == pytest.approx(tuple(there), abs=1e-4)


def test_a_video_without_attitude_is_named_once(yaoxun: Yaoxun, clip: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / "bare.mp4").write_bytes((clip / "clip.mp4").read_bytes())
    text = (clip / "clip.srt").read_text()
    (bare / "bare.srt").write_text("\n".join(line.split(" [gb_yaw")[0] for line in text.splitlines()))
    flight = yaoxun("flights", "add", bare, "--camera", clip / "camera.json", "--json").document["flight"]
    said = yaoxun("flights", "adjust", flight, "--json")
    assert (said.code, [r["reason"] for r in said.document["refused"]]) == (2, ["no_attitude"])
