"""Readings of many devices, written, read again and judged day by day; what a day costs as devices grow in number.

    python -m benchmarks.bench_series [--devices 500 --days 365] [--slope 100 200 400 800] [--seed 7]

Made-up dust monitors with a value a minute. For each day the time is taken to write its readings (Parquet), to read
them back, and to judge them (quarter hours, limits); `one device-day` reads and judges a single device of a day's file.
A peer on the same values: pandas' own resampling to quarter hours with counts, which is the plain way to do this.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd

from enforcement import policy
from enforcement.formats import BEIJING, MINUTES_OF_A_DAY
from pipelines import clock
from pipelines.monitor.devices import DUST, Device
from pipelines.monitor.judging import judge_day
from pipelines.readings import MINUTE, Readings
from pipelines.store.telemetry import readings as store

FIRST = date(2026, 1, 1)
T = TypeVar("T")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=500)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--slope", type=int, nargs="*", default=[100, 200, 400, 800])
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    print(f"seed {args.seed}")
    for count in args.slope:
        print(_line(f"{count} devices, 1 day", *_days(count, 1, args.seed)))
    print(_line(f"{args.devices} devices, {args.days} days", *_days(args.devices, args.days, args.seed)))


def _line(name: str, spent: dict[str, list[float]], size: int, found: int) -> str:
    told = ", ".join(f"{what} {1000 * float(np.median(took)):.0f} ms" for what, took in spent.items())
    whole = sum(sum(spent[what]) for what in ("write", "read", "judge"))
    return f"{name}: a day (median): {told}; all {whole:.1f} s, {size / 2**20:.0f} MiB, {found} exceedances"


def _days(count: int, days: int, seed: int) -> tuple[dict[str, list[float]], int, int]:
    rng = np.random.default_rng(seed)
    devices = {mn: _device(mn) for mn in (f"SL{k:022d}" for k in range(count))}
    spent: dict[str, list[float]] = {"write": [], "read": [], "judge": [], "one device-day": [], "pandas": []}
    rules, found = policy.load(), 0
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for k in range(days):
            on = FIRST + timedelta(days=k)
            said = _made(list(devices), on, rng, seq=k * count * MINUTES_OF_A_DAY)
            _timed(spent["write"], lambda s=said: store.add(home, s))
            read = _timed(spent["read"], lambda d=on: store.of_day(home, d))
            day = _timed(spent["judge"], lambda r=read, d=on: judge_day(r, d, devices, rules))
            found += len(day.judged)
            one = next(iter(devices))
            _timed(
                spent["one device-day"],
                lambda d=on, m=one: judge_day(store.of_day(home, d, mn=m), d, {m: devices[m]}, rules),
            )
            _timed(spent["pandas"], lambda r=read: _plain(r))
        size = sum(file.stat().st_size for file in home.rglob("*.parquet"))
    return spent, size, found


def _timed(into: list[float], act: Callable[[], T]) -> T:
    began = clock.seconds()
    done = act()
    into.append(clock.seconds() - began)
    return done


def _made(numbers: list[str], on: date, rng: np.random.Generator, *, seq: int) -> Readings:
    """A day of a value a minute; one in a hundred is missing, some are flagged, dust rises now and then."""
    count = len(numbers) * MINUTES_OF_A_DAY
    midnight = np.datetime64(datetime.combine(on, datetime.min.time(), BEIJING).replace(tzinfo=None), "us")
    minute = np.tile(np.arange(MINUTES_OF_A_DAY), len(numbers))
    at = midnight - np.timedelta64(8, "h") + minute * np.timedelta64(1, "m").astype("timedelta64[us]")
    value = np.round(rng.lognormal(-2, 0.6, count), 3)
    value[rng.uniform(size=count) < 0.01] = np.nan
    text, nothing = np.array(["a34001", MINUTE], object), np.full(count, np.nan)
    flag = np.where(rng.uniform(size=count) < 0.02, "M", "N").astype(object)
    return Readings(
        np.repeat(np.array(numbers, object), MINUTES_OF_A_DAY), np.repeat(text[:1], count), np.repeat(text[1:], count),
        at, value, nothing, nothing, nothing, flag, at + np.timedelta64(30, "s"), np.arange(seq, seq + count),
    )  # fmt: skip


def _device(mn: str) -> Device:
    return Device(mn, mn, mn, DUST, None, "G", 1.0, 60.0, 0, timedelta(0), {}, ())


def _plain(said: Readings) -> pd.DataFrame:
    frame = pd.DataFrame({"mn": said.mn, "at": said.at, "value": said.value})[(said.flag == "N")]
    quarters = frame.groupby(["mn", pd.Grouper(key="at", freq="15min")])["value"].agg(["mean", "count"])
    return quarters[quarters["count"] >= 11]


if __name__ == "__main__":
    main()
