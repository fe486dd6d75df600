"""Monitors of the sample home against what was done to their data: clues, exceedances, packets refused."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from data_samples import FOLDER
from data_samples.measured.tampering import FAULT, FRAUD, INNOCENT
from enforcement import policy as law
from pipelines import sample
from pipelines.gateway.serve import caught_up
from pipelines.store import Store
from pipelines.store.read import monitor

SPAN = (date(2026, 9, 1), date(2026, 11, 24))
TRUTH: dict[str, Any] = json.loads((FOLDER / "monitors.json").read_text("utf-8"))
ROW_OF = {2.0: "dust_quarter_hour_limit_1", 1.0: "dust_quarter_hour_limit_2"}
FALSE_CLUES_AT_MOST = 3
"""Of more than a hundred series that nothing was done to."""


@pytest.fixture(scope="module")
def found(sample_home: Path) -> tuple[list[Any], list[Any]]:
    with Store.open(sample_home) as store:
        clues = monitor.clues(store, *SPAN, as_of=sample.LAST_INSTANT)
        exceedances = monitor.exceedances(store, *SPAN, as_of=sample.LAST_INSTANT)
    print("\n" + "\n".join(f"{c.kind:<20} {c.point} {c.pollutant} {c.chance:.1e}" for c in clues))
    return clues, exceedances


@pytest.mark.parametrize("name", sorted(one["id"] for one in TRUTH["injected"] if one["clue"]))
def test_a_fault_or_fraud_that_can_be_seen_gives_its_clue(name: str, found: tuple[list[Any], list[Any]]) -> None:
    one = next(i for i in TRUTH["injected"] if i["id"] == name)
    kinds = {c.kind for c in found[0] if c.mn == one["mn"] or c.other == one["mn"]}
    assert one["clue"] in kinds


def test_points_that_nothing_was_done_to_give_few_clues(found: tuple[list[Any], list[Any]]) -> None:
    guilty = {one["mn"] for one in TRUTH["injected"] if one["cause"] in (FAULT, FRAUD)}
    partner = "SLGD3101070000000000011A"
    false = [c for c in found[0] if c.mn not in guilty | {partner} and c.other not in guilty]
    assert len(false) <= FALSE_CLUES_AT_MOST


def test_what_was_filed_or_lost_its_power_gives_no_clue(found: tuple[list[Any], list[Any]]) -> None:
    innocent = {one["mn"] for one in TRUTH["injected"] if one["cause"] == INNOCENT}
    assert [c for c in found[0] if c.mn in innocent] == []


def test_dust_exceedances_are_those_of_the_truth(found: tuple[list[Any], list[Any]]) -> None:
    """By the counts of quarter hours, of whole days of data and the two limits of the standard."""
    rules = law.load()
    expected = set()
    for row in TRUTH["dust"]:
        for limit, above in ((2.0, row["above_2"]), (1.0, row["above_1"])):
            allowed = rules.latest(ROW_OF[limit]).number("allowed_a_day")
            if above > allowed:
                expected.add((row["point"], row["day"], row["pollutant"], limit, above))
    mine = {
        (e.point, e.day.isoformat(), e.pollutant, e.limit, len(e.means))
        for e in found[1]
        if e.point.startswith("YC-") and e.day.isoformat() in {row["day"] for row in TRUTH["dust"]}
    }
    assert mine == expected


def test_every_device_was_heard_and_the_wire_lost_what_it_was_said_to_lose(sample_home: Path) -> None:
    with Store.open(sample_home) as store, caught_up(store) as index:
        rows = list(index.packets())
    refused = sum(row.status != "ok" for row in rows)
    assert len({row.mn for row in rows if row.status == "ok"}) == 35
    assert 0.001 < refused / len(rows) < 0.005
