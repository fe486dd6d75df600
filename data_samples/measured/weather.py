"""Weather of the weeks before the sample's last instant: wind, rain, humidity, and the air that was there before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Times = NDArray[np.datetime64]

LAST = np.datetime64("2026-11-24T08:00", "m")
"""The sample's last instant, in Beijing time as all times here."""
DAYS, FINE_DAYS = 42, 7
"""So many days of data; of the last ones (and of the last morning) all of them, before them one packet an hour: the
office's platform thins out what is older than a week."""
FLIGHT = np.datetime64("2026-11-23T13:04", "m")
FLIGHT_WIND_M_S = (2.6, -1.9)
"""What blew when the sample flight was flown, as its pictures show it: east and north."""
FLIGHT_HOURS = 3.0
LEAST_M_S = 1.0


@dataclass(frozen=True)
class Weather:
    """Weather at times (n,): wind blows towards `to_x`, `to_y`, m/s; rain in mm/h; background in mg/m³ of TSP."""

    at: Times
    to_x: FloatArray
    to_y: FloatArray
    rain_mm_h: FloatArray
    humidity: FloatArray
    background: FloatArray

    @property
    def speed_m_s(self) -> FloatArray:
        """Wind speed; a calm air still meanders."""
        return np.maximum(np.hypot(self.to_x, self.to_y), LEAST_M_S)

    @property
    def from_deg(self) -> FloatArray:
        """Where it blows from, clockwise from grid north."""
        return np.degrees(np.arctan2(-self.to_x, -self.to_y)) % 360


def times() -> Times:
    """All times of data, rising: one minute an hour, then every minute."""
    midnight = LAST.astype("datetime64[D]").astype("datetime64[m]")
    fine = midnight - FINE_DAYS * 1440
    hours = np.arange(midnight - DAYS * 1440, fine, 60)
    return np.concatenate([hours, np.arange(fine, LAST)])


def kept(at: Times, interval_s: int) -> NDArray[np.bool_]:
    """Which of `times` a device sends that reports so often: all whole hours, and in the last days its own interval."""
    minute = at.astype(np.int64)
    return minute % max(1, interval_s // 60) == 0


def weather(seed: int) -> Weather:
    """The weather at `times`, a function of the seed; at the hour of the sample flight it is that of its pictures."""
    rng = np.random.default_rng([seed, 41])
    at = times()
    hour = np.arange(at[0], at[-1] + 61, 60)
    n, day = len(hour), (hour - hour[0]).astype(float) / 1440
    north = np.cumsum(rng.normal(0, 0.02, n)) * 0.3 + _memory(rng, n, 0.96) * 2.2 - 0.8
    east = _memory(rng, n, 0.96) * 2.0 + 0.8
    daily = 1 + 0.35 * np.sin(2 * np.pi * (day - 0.35))
    rain = np.clip(_memory(rng, n, 0.9) - 1.5, 0, None) * 3.0
    humid = np.clip(68 - 14 * np.sin(2 * np.pi * (day - 0.35)) + 9 * _memory(rng, n, 0.95) + 8 * (rain > 0), 25, 99)
    base = 0.11 * np.exp(0.4 * _memory(rng, n, 0.97)) * np.where(rain > 0.2, 0.55, 1.0)
    east, north = _as_flown(hour, east * daily, north * daily)

    def fine(values: FloatArray) -> FloatArray:
        return np.interp((at - hour[0]).astype(float), (hour - hour[0]).astype(float), values)

    return Weather(at, fine(east), fine(north), fine(rain), fine(humid), fine(base))


def hour_of(at: Times) -> FloatArray:
    """Hour of the day, 0 to 24."""
    return (at - at.astype("datetime64[D]")).astype("timedelta64[m]").astype(float) / 60


def weekday_of(at: Times) -> NDArray[np.int64]:
    """0 is Monday."""
    return (at.astype("datetime64[D]").astype(np.int64) + 3) % 7


def minute_of(when: str) -> np.datetime64:
    """A Beijing time as written, as these arrays hold it."""
    return np.datetime64(datetime.fromisoformat(when).replace(tzinfo=None), "m")


def _memory(rng: np.random.Generator, n: int, kept: float) -> FloatArray:
    """A first-order autoregression of variance 1."""
    shocks = rng.normal(size=n) * np.sqrt(1 - kept * kept)
    found = np.empty(n)
    state = float(rng.normal())
    for k in range(n):
        state = kept * state + shocks[k]
        found[k] = state
    return found


def _as_flown(hour: Times, east: FloatArray, north: FloatArray) -> tuple[FloatArray, FloatArray]:
    away = np.abs((hour - FLIGHT).astype(float)) / 60
    share = np.clip((FLIGHT_HOURS - away) / 1.5, 0, 1)
    return (
        east * (1 - share) + FLIGHT_WIND_M_S[0] * share,
        north * (1 - share) + FLIGHT_WIND_M_S[1] * share,
    )
