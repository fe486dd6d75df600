"""What monitors measure and send: the standard's check sums, models against their balances, tampering by its marks."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import hj212
from data_samples import FOLDER
from data_samples.district.monitors import monitors
from data_samples.district.plan import district
from data_samples.measured import air, logs, outlets, wire
from data_samples.measured.tampering import CHANGES, INJECTED, Series
from data_samples.measured.weather import DAYS, FLIGHT, FLIGHT_WIND_M_S, LAST, kept, minute_of, times, weather
from data_samples.renderer.__main__ import SEED
from data_samples.renderer.worksite import WIND_M_S

ANNEX_A = b"QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&"
POINTS = {one.code: one for one in monitors()}


@pytest.fixture(scope="module")
def reported() -> dict[str, Series]:
    return logs.measured(SEED)


@pytest.fixture(scope="module")
def untouched() -> dict[str, Series]:
    return logs._true(SEED)[0]


def test_check_sums_of_the_standards_example() -> None:
    assert wire.check_sum(ANNEX_A) == 0x1C80
    assert wire.modbus(ANNEX_A) == 0x0759
    assert wire.frame(ANNEX_A) == b"##0101" + ANNEX_A + b"1C80\r\n"
    assert wire.frame(ANNEX_A, "hj212_swapped").endswith(b"&&801C\r\n")


@pytest.mark.given
def test_check_sums_of_collected_packets(shared: Path) -> None:
    lines = (shared / "standards" / "hj212_packets.tsv").read_text("utf-8").splitlines()
    rows = [dict(zip(lines[0].split("\t"), line.split("\t"), strict=False)) for line in lines[1:]]
    told = {"hj212": wire.check_sum, "modbus": wire.modbus}
    known = [(row["packet"].replace("\\r\\n", "").strip(), row["crc"]) for row in rows if row["crc"] in told]
    assert len(known) >= 14
    for text, mode in known:
        assert int(text[-4:], 16) == told[mode](text[6:-4].encode()), text[:60]


def test_times_are_hours_then_minutes_and_end_before_the_last_instant() -> None:
    at = times()
    assert at[-1] == LAST - 1
    assert (np.diff(at.astype(np.int64)) > 0).all()
    assert set(np.diff(at.astype(np.int64)).tolist()) == {1, 60}
    assert kept(at, 300).sum() < kept(at, 60).sum() == len(at)
    assert kept(at, 3600).sum() == DAYS * 24 + 8


def test_the_wind_of_the_flight_is_that_of_its_pictures() -> None:
    assert FLIGHT_WIND_M_S == WIND_M_S
    sky = weather(SEED)
    k = int(np.flatnonzero(sky.at == FLIGHT)[0])
    assert (sky.to_x[k], sky.to_y[k]) == pytest.approx(FLIGHT_WIND_M_S, abs=0.01)
    assert sky.from_deg[k] == pytest.approx(306.2, abs=0.5)


def test_the_plume_carries_what_was_emitted() -> None:
    """Across a line downwind, wind × crosswind sum × depth (half a Gaussian with reflection) gives back 1 g/s."""
    sky = weather(3)
    one = replace(sky, at=sky.at[:1], to_x=np.array([3.0]), to_y=np.array([0.0]))
    down = 150.0
    y = np.linspace(-400, 400, 4001)
    c = np.array([air.per_gram(one, np.array([down, across]))[0] for across in y])
    sigma_z = np.hypot(air.SITE_HEIGHT_M, 0.14 * down / np.sqrt(1 + 0.0003 * down))
    assert 3.0 * np.trapezoid(c, y) * sigma_z * np.sqrt(np.pi / 2) == pytest.approx(1.0, rel=0.01)
    assert air.per_gram(one, np.array([-80.0, 0.0]))[0] == 0.0


def test_the_river_carries_the_load_and_decays() -> None:
    plan = district()
    point = POINTS["FS-001"]
    at = times()[:600:1]
    steady = np.tile([7.0, 50.0, 5.0, 0.4, 20.0], (len(at), 1))
    without = outlets.river(plan, [point], [steady * 0], at, 5)
    rise = outlets.river(plan, [point], [steady], at, 5) - without
    mouth = next(m for m in plan.mouths if m.code == point.outfall)
    hours = (1012.0 - mouth.xy[0]) / 0.25 / 3600
    assert rise[-1, 0] == pytest.approx(20.0 * 50.0 * np.exp(-0.010 * hours) / (6.5 * 3600), rel=0.02)
    assert rise[:, 0].std() == pytest.approx(0, abs=1e-9)


def test_before_anything_is_done_the_point_downwind_of_the_plume_sees_it() -> None:
    plan, sky = district(), weather(SEED)
    dusty = [POINTS["YC-001"], POINTS["YC-002"]]
    k = int(np.flatnonzero(sky.at == FLIGHT)[0])
    true = air.dust(plan, dusty, sky, SEED)[:, k - 30 : k + 30, 0].mean(axis=1)
    assert true[0] > 2 * true[1]


@pytest.mark.parametrize("name", sorted(one.id for one in INJECTED))
def test_each_thing_that_is_written_down_was_done(
    name: str, reported: dict[str, Series], untouched: dict[str, Series]
) -> None:
    one = next(i for i in INJECTED if i.id == name)
    own = reported[one.point]
    during = (own.at >= minute_of(one.begin)) & (own.at <= minute_of(one.end))
    values = own.values[during]
    assert during.any()
    marks = {
        "stuck": lambda: (values == values[0]).all(),
        "smoothed": lambda: values[:, 1].std() < 0.3 * own.values[~during, 1].std(),
        "pressed": lambda: values[:, 0].max() < 10.0 and (values[:, 0] > 9.0).mean() > 0.4,
        "scaled": lambda: np.median(values[:, 1]) < 0.6 * np.median(own.values[~during, 1]),
        "off_at_work": lambda: 0.2 < (~own.sent[during]).mean() < 0.5 and own.sent[~during].all(),
        "part_above_whole": lambda: (values[:, 2] > values[:, 1]).all(),
        "copied": lambda: (values == reported["YC-011"].values[during]).all(),
        "clock_ahead": lambda: (own.label_min[during] == 180).all() and not own.label_min[~during].any(),
        "filled_in": lambda: np.abs(np.diff(values[:, 0], n=2)).max() < 1e-9 and (own.late_min[during] >= 60).all(),
        "bagged": lambda: values[:, 0].max() < 0.5,
        "silent": lambda: not own.sent[during].any() and own.sent[~during].all(),
        "stands_still": lambda: not values.any(),
        "fog": lambda: values == pytest.approx(1.8 * untouched[one.point].values[during]),
        "flagged": lambda: set(own.flags[during]) == {"M"} and set(own.flags[~during]) == {"N"},
        "exceeds": lambda: True,
    }
    assert set(CHANGES) <= set(marks)
    assert marks[one.what]()


def test_offences_really_exceed_the_limit_of_the_permit(reported: dict[str, Series]) -> None:
    own = reported["FS-009"]
    during = (own.at >= minute_of("2026-11-12T00:00")) & (own.at <= minute_of("2026-11-13T23:59"))
    limit = next(most for name, most, *_ in outlets.outlet_of(POINTS["FS-009"]).limits if name == "化学需氧量")
    codes = POINTS["FS-009"].codes
    assert np.median(own.values[during, codes.index("w01018")]) > 1.5 * np.median(own.values[~during, 1])
    assert limit == 60.0


@pytest.mark.parametrize("code", ["YC-003", "YC-006", "YC-007", "YC-012", "FS-001", "FQ-001", "DB-001"])
def test_packets_say_what_was_measured_in_the_devices_own_way(code: str, reported: dict[str, Series]) -> None:
    point, own = POINTS[code], reported[code]
    packets = [data for _, _, data in logs._packets(point, own)][-40:]
    accept = frozenset({point.dialect} - {"hj212"})
    rows = [row for row in hj212.lines(b"".join(packets), accept=accept) if "summary" not in row]
    assert [row["status"] for row in rows] == ["ok"] * 40
    assert {row["crc_mode"] for row in rows} == {point.dialect}
    assert {row["mn"] for row in rows} == {point.mn}
    factor = 1000.0 if point.unit == "ug/m3" else 1.0
    sent = np.flatnonzero(own.sent)[-40:]
    told = np.array([[row["values"][one]["Avg"] for one in point.codes] for row in rows])
    assert told == pytest.approx(own.values[sent] * factor, abs=0.06)
    shift = point.interval_s // 60 if point.label_end else 0
    stamps = [np.datetime64(row["time"][:16], "m") for row in rows]
    assert stamps == list(own.at[sent] + shift)


def test_the_committed_truth_of_the_monitors_is_what_the_code_makes() -> None:
    assert json.loads((FOLDER / "monitors.json").read_text("utf-8")) == json.loads(json.dumps(logs.truth(SEED)))
