"""What the station's desk shows, on top of the small home: an account of the station, an inspector, two exceedances."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from enforcement.audit import Said
from pipelines.casework.exceedance import enter_exceedance
from pipelines.readings import Readings
from pipelines.records import User
from pipelines.store import Store, journal
from pipelines.store.telemetry import readings
from pipelines.store.write import people
from tests.dashboard import small_home

MN = "31011500000001"
ACCOUNTS = (User("jiang", "江宁", "station", simulated=True), User("he", "何平", "inspector", simulated=True))


def furnish(home: Path, now: datetime) -> tuple[str, str]:
    """Write it; gives the ids of the two exceedances, the one of dust with a curve first."""
    with Store.open(home) as store:
        with store.transaction() as tx:
            for user in ACCOUNTS:
                people.insert_user(tx, user, added_by="system", at=small_home.T0)
            journal.append(tx, at=small_home.T0, actor="system", role="system", kind="users", subject="t", payload={})
        begin = (now - timedelta(hours=8)).replace(minute=0, second=0, microsecond=0)
        _curve(home, begin)
        dust = Said(
            MN, "a34001", "dust_quarter_hour", begin, begin + timedelta(minutes=75), 2.71, 2.0, "mg/m3",
            "rule:dust_quarter_hour_limit_1", "市平台 7",
        )  # fmt: skip
        water = Said(
            "W-9", "化学需氧量", "permit_hour", begin, begin + timedelta(hours=1), 91.0, 50.0, "mg/L",
            "document:许可证 1", "市平台 8",
        )  # fmt: skip
        ids = [enter_exceedance(store, said, by="jiang", at=now).id for said in (dust, water)]
    return ids[0], ids[1]


def _curve(home: Path, begin: datetime) -> None:
    count = 420
    first = np.datetime64(begin.replace(tzinfo=None) - timedelta(hours=3), "us")
    at = first + np.arange(count) * np.timedelta64(60_000_000, "us")
    value = 0.5 + 0.1 * np.random.default_rng(4).standard_normal(count)
    value[180:255] += 2.1
    flag = np.array(["N"] * count, object)
    flag[40:70] = "C"
    word, nan = (lambda text: np.array([text] * count, object)), np.full(count, np.nan)
    readings.add(
        home, Readings(word(MN), word("a34001"), word("minute"), at, value, nan, nan, nan, flag, at, np.arange(count))
    )
