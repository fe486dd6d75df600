"""A flight's report and mosaic by the clock: 300 pictures of 20 megapixels, the mosaic over 100 of them.

Pictures are noise at all scales (as heavy as a real JPEG of that size), twelve files of which each is read many times;
the flight is a mapping flight of ten lines at 100 m. Files lie in the system's cache, as right after an upload. Beside
the clock stands the processor time over all cores, which a busy machine does not change.
"""

from __future__ import annotations

import resource
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
from rio_cogeo.cogeo import cog_validate

from geo.camera import Camera
from geo.crs import unproject
from geo.pose import CameraPose
from pipelines import flight_report, mosaic
from pipelines.records import Flight, Frame
from pipelines.settings import FlightReportSettings, MosaicSettings

WIDTH, HEIGHT, FOCAL_PX, HEIGHT_M = 5472, 3648, 3700.0, 100.0
FILES, PICTURES, LINES, MOSAIC_OF = 12, 300, 10, 100
CRS = "EPSG:4549"
CAMERA = Camera(WIDTH, HEIGHT, FOCAL_PX, FOCAL_PX, WIDTH / 2, HEIGHT / 2)
AT = datetime(2026, 5, 6, 3, 0, tzinfo=UTC)
FLIGHT = Flight("F-bench", "bench", "owner", AT)


def originals(folder: Path) -> list[Path]:
    """Twelve JPEGs of noise at all scales."""
    random = np.random.default_rng(5)
    made = []
    for number in range(FILES):
        image = np.full((HEIGHT, WIDTH, 3), 118.0, np.float32)
        for scale, strength in ((1, 7), (2, 8), (8, 12), (64, 18), (512, 25)):
            noise = random.normal(0, strength, (-(-HEIGHT // scale), -(-WIDTH // scale), 3)).astype(np.float32)
            image += cv2.resize(noise, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR)
        made.append(folder / f"{number}.jpg")
        cv2.imwrite(str(made[-1]), np.clip(image, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 90])
    return made


def flight(paths: list[Path]) -> list[flight_report.FrameToReport]:
    """A mapping flight: 75 % forward and 60 % side overlap."""
    along, across = 0.25 * HEIGHT / FOCAL_PX * HEIGHT_M, 0.4 * WIDTH / FOCAL_PX * HEIGHT_M
    each = PICTURES // LINES
    taken = []
    for i in range(PICTURES):
        line, step = divmod(i, each)
        north = (step if line % 2 == 0 else each - 1 - step) * along
        pose = CameraPose(CRS, 640_000.0 + line * across, 3_459_000.0 + north, HEIGHT_M, 180.0 * (line % 2), -90.0, 0.0)
        lon, lat = unproject(pose.position_m[None, :2], CRS)[0]
        at = AT + timedelta(seconds=2 * i)
        tags = {"lon": lon, "lat": lat}
        frame = Frame(f"P{i}", "F-bench", "0" * 64, f"P{i}.jpg", "picture", None, at, AT, WIDTH, HEIGHT, tags)
        taken.append(flight_report.FrameToReport(frame, paths[i % FILES], CAMERA, pose))
    return taken


def took(began: float, busy: float) -> str:
    """Seconds by the clock, and of the processor."""
    return f"{time.perf_counter() - began:6.1f} s by the clock, {time.process_time() - busy:6.1f} s of processor time"


def most_gb() -> float:
    """The most memory that this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def main() -> None:
    """Print both, and the most memory that was ever held."""
    with tempfile.TemporaryDirectory() as folder:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as other:  # drawing them takes more memory
            paths = other.submit(originals, Path(folder)).result()
        taken = flight(paths)
        megabytes = sum(path.stat().st_size for path in paths) / FILES / 1e6
        print(f"{PICTURES} pictures of {WIDTH * HEIGHT / 1e6:.0f} MP, {megabytes:.1f} MB each")
        item = flight_report.FlightToReport(FLIGHT, tuple(taken), (), None, "", {}, 0.5, frozenset())
        began, busy = time.perf_counter(), time.process_time()
        (done,) = flight_report.run([item], as_of=AT, run_id="", settings=FlightReportSettings())
        report = done.result.document
        print(f"flight report   {took(began, busy)}   {report['looked_at']} pictures looked at")
        print(
            f"  overlap {report['overlap']['forward']['median']:.2f} forward, {report['overlap']['side']['median']:.2f}"
        )
        print(f"  most memory held {most_gb():.2f} GB")
        target = Path(folder) / "mosaic.tif"
        pictures = [mosaic.PictureToMosaic(f.frame, f.path, CAMERA, f.pose) for f in taken[:MOSAIC_OF] if f.pose]
        work = mosaic.FlightToMosaic(FLIGHT, tuple(pictures), 0, "", None, target)
        began, busy = time.perf_counter(), time.process_time()
        (done,) = mosaic.run([work], as_of=AT, run_id="", settings=MosaicSettings())
        facts = done.result.facts
        print(f"mosaic of {MOSAIC_OF}   {took(began, busy)}   {facts['width']} x {facts['height']} cells")
        print(f"  a COG: {cog_validate(str(target))[0]}, {target.stat().st_size / 1e6:.0f} MB")
        print(f"  most memory held {most_gb():.2f} GB")


if __name__ == "__main__":
    main()
