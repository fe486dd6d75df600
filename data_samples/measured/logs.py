"""The logs of an office's platform: all packets of the district's monitors in the order in which they were sent.

What the wire does to them is here too: dialects, periods named by their end, packets sent twice, cut, or with a wrong
check sum.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data_samples.district.monitors import Monitor, monitors
from data_samples.district.plan import district
from data_samples.measured import air, outlets, wire
from data_samples.measured.tampering import INJECTED, Series, tampered
from data_samples.measured.weather import FINE_DAYS, Weather, kept, weather

FloatArray = NDArray[np.float64]

SYSTEMS = {"扬尘": "39", "废水": "32", "废气": "31", "地表水": "21"}
FILES = {"扬尘": "dust.log", "废水": "water.log", "废气": "gas.log", "地表水": "water.log"}
DECIMALS = {"w00000": 2, "w01001": 2, "w01018": 1, "a34013": 2, "a21026": 1, "a21002": 1}
BROKEN, TWICE, CUT = 0.002, 0.002, 0.0005
"""Shares of packets with a wrong check sum, sent twice, and cut off."""


@dataclass(frozen=True)
class Written:
    """How many packets a file holds, and what the wire did to them."""

    file: str
    packets: int
    broken: int
    twice: int
    cut: int


def measured(seed: int) -> dict[str, Series]:
    """What every point reports, by its code: as measured, then as tampered with."""
    found, sky = _true(seed)
    limits = {one.code: _limits(one) for one in monitors()}
    tampered(found, limits, sky, seed)
    return found


def write_logs(folder: Path, seed: int) -> list[Written]:
    """Write one log for each kind of monitor; the same for the same seed.

    Args:
        folder: to write into; made where it is not there.
        seed: of weather, data and wire.
    """
    folder.mkdir(parents=True, exist_ok=True)
    series = measured(seed)
    rng = np.random.default_rng([seed, 46])
    done = []
    for file in dict.fromkeys(FILES.values()):
        own = [one for one in monitors() if FILES[one.kind] == file]
        sent = sorted(packet for one in own for packet in _packets(one, series[one.code]))
        done.append(_write(folder / file, sent, rng))
    return done


def truth(seed: int) -> dict[str, Any]:
    """What was injected, and how many quarter hours of each whole day of minutes exceed which dust limit as sent."""
    series = measured(seed)
    days = []
    for one in (m for m in monitors() if m.kind == "扬尘"):
        days += list(_quarters(one, series[one.code]))
    injected = [{**vars(one), "mn": _mn(one.point)} for one in INJECTED]
    return {
        "about": "What is wrong with the monitors' data, and why.",
        "seed": seed,
        "injected": injected,
        "dust": days,
    }


def _true(seed: int) -> tuple[dict[str, Series], Weather]:
    plan, sky = district(), weather(seed)
    every = monitors()
    dusty = [one for one in every if one.kind == "扬尘"]
    found = {}
    for one, values in zip(dusty, air.dust(plan, dusty, sky, seed), strict=True):
        mine = kept(sky.at, one.interval_s)
        found[one.code] = Series.of(sky.at[mine], values[mine])
    for one in (m for m in every if m.firm and m.kind != "扬尘"):
        at = sky.at[kept(sky.at, one.interval_s)]
        found[one.code] = Series.of(at, outlets.emitted(one, at, seed))
    wet = [one for one in every if one.kind == "废水"]
    for one in (m for m in every if m.kind == "地表水"):
        at = found[wet[0].code].at
        found[one.code] = Series.of(at, outlets.river(plan, wet, [found[w.code].values for w in wet], at, seed))
    return found, sky


def _limits(point: Monitor) -> list[float | None]:
    if point.kind not in ("废水", "废气"):
        return [None] * len(point.codes)
    told = {name: most for name, most, *_ in outlets.outlet_of(point).limits}
    return [told.get(outlets.NAMES.get(code, "")) for code in point.codes]


def _packets(point: Monitor, series: Series) -> Iterator[tuple[datetime, str, bytes]]:
    """(sent, device, packet) of each time that is sent."""
    factor = 1000.0 if point.unit == "ug/m3" else 1.0
    places = [1 if factor > 1 else DECIMALS.get(code, 3) for code in point.codes]
    shift = point.interval_s // 60 if point.label_end else 0
    begins = series.at.astype("datetime64[s]").tolist()
    rows = (series.values * factor).tolist()
    for k in np.flatnonzero(series.sent).tolist():
        at: datetime = begins[k]
        late = float(series.late_min[k]) * 60 + 2.0 + point.interval_s - 60
        label = at + timedelta(minutes=int(shift + series.label_min[k]))
        values = [
            (code, f"{value:.{decimals}f}", str(series.flags[k]))
            for code, value, decimals in zip(point.codes, rows[k], places, strict=True)
        ]
        segment = wire.minute_data(SYSTEMS[point.kind], point.mn, at, values, sent_after_s=late, label=label)
        yield at + timedelta(seconds=60 + late), point.mn, wire.frame(segment, point.dialect)


def _write(path: Path, sent: list[tuple[datetime, str, bytes]], rng: np.random.Generator) -> Written:
    draws = rng.uniform(size=len(sent))
    counts = {"broken": 0, "twice": 0, "cut": 0}
    with path.open("wb") as file:
        for (at, _, packet), draw in zip(sent, draws.tolist(), strict=True):
            prefix = f"[{at:%Y-%m-%d %H:%M:%S}] RECV ".encode()
            if draw < BROKEN:
                counts["broken"] += 1
                packet = packet[:40] + (b"1" if packet[40:41] != b"1" else b"2") + packet[41:]
            elif draw < BROKEN + TWICE:
                counts["twice"] += 1
                file.write(prefix + packet)
            elif draw < BROKEN + TWICE + CUT:
                counts["cut"] += 1
                packet = packet[: len(packet) // 2] + b"\r\n"
            file.write(prefix + packet)
    return Written(path.name, len(sent), **counts)


def _quarters(point: Monitor, series: Series) -> Iterator[dict[str, Any]]:
    """Quarter hours of the whole days of minutes whose mean exceeds 1.0 and 2.0 mg/m³, as rounded on the wire."""
    last = series.at[-1].astype("datetime64[D]")
    decimals = 4 if point.unit == "ug/m3" else 3
    for day in (last - FINE_DAYS + k for k in range(FINE_DAYS)):
        inside = (series.at.astype("datetime64[D]") == day) & series.sent
        if series.label_min[inside].any():
            continue
        least = 12 * 60 // point.interval_s
        quarter = (series.at[inside] - day.astype("datetime64[m]")).astype(int) // 15
        for k, code in enumerate(point.codes[:2]):
            values = np.round(series.values[inside, k], decimals)
            count = np.bincount(quarter, minlength=96)
            mean = np.divide(np.bincount(quarter, values, 96), count, out=np.zeros(96), where=count >= least)
            above = {limit: int((mean.round(6) > limit).sum()) for limit in (1.0, 2.0)}
            if above[1.0]:
                found = {"above_1": above[1.0], "above_2": above[2.0]}
                yield {"point": point.code, "day": str(day), "pollutant": code, **found}


def _mn(code: str) -> str:
    return next(one.mn for one in monitors() if one.code == code)
