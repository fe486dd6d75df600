"""A day of many devices: what is judged, by which unit, interval and clock, and what cannot be judged."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np

from enforcement import policy
from enforcement.permits import Filing, PermitLimit
from enforcement.validity import begin_of_day
from pipelines.monitor.devices import Device
from pipelines.monitor.judging import Day, judge_day
from pipelines.readings import HOUR, NOW, Readings
from tests.monitor.making import DAY, LEARNT, Row, device, readings


def rows(mn: str, code: str, first: int, count: int, value: float, flag: str = "N") -> list[Row]:
    return [(mn, code, first + k, value, flag) for k in range(count)]


def judged(said: Readings, *devices: Device) -> Day:
    return judge_day(said.ordered().latest(), DAY, {d.mn: d for d in devices}, policy.load())


def told(day: Day) -> list[tuple[str, str, float]]:
    return [(one.device.mn, one.exceedance.kind, one.exceedance.worst) for one in day.judged]


def test_two_quarter_hours_of_dust_above_the_first_limit() -> None:
    day = judged(readings(rows("M1", "a34001", 600, 30, 2.5)), device())
    assert told(day) == [("M1", "dust_quarter_hour", 2.5)]
    assert day.judged[0].exceedance.begin == begin_of_day(DAY) + timedelta(hours=10)


def test_a_value_said_again_later_counts_instead_of_the_first() -> None:
    first = readings(rows("M1", "a34001", 600, 30, 2.5))
    mended = readings(rows("M1", "a34001", 600, 30, 0.2), first_seq=100)
    assert told(judged(Readings.concat([first, mended]), device())) == []
    assert told(judged(Readings.concat([mended, first]), device())) == []  # whatever order they lie in


def test_micrograms_are_no_milligrams() -> None:
    said = readings(rows("M1", "a34001", 600, 30, 900.0))
    assert told(judged(said, device(factor=1e-3))) == []
    wrong = judged(said, device())  # 900 mg/m³ over a day is no dust, it is another unit
    assert told(wrong) == []
    assert [(one.mn, one.code, one.reason) for one in wrong.not_judged] == [("M1", "a34001", "implausible_unit")]


def test_a_day_is_implausible_by_its_median_and_an_hour_beyond_every_range_is_not() -> None:
    hour = readings(rows("M1", "a34001", 0, 1380, 0.2) + rows("M1", "a34001", 1380, 60, 60.0))
    assert told(judged(hour, device())) == [("M1", "dust_quarter_hour", 60.0)]
    milligrams = readings(rows("M1", "a34001", 0, 1440, 0.9))
    assert [one.reason for one in judged(milligrams, device(factor=1e-3)).not_judged] == ["implausible_unit"]
    nothing = readings(rows("M1", "a34001", 0, 60, 0.0))
    assert judged(nothing, device()).not_judged == ()


def test_a_device_whose_unit_nobody_knows_is_not_judged_and_said() -> None:
    day = judged(readings(rows("M1", "a34001", 600, 30, 2.5)), device(factor=None))
    assert told(day) == []
    assert [(one.mn, one.reason) for one in day.not_judged] == [("M1", "unit_unknown")]


def test_strangers_and_points_without_a_kind_are_not_judged_and_said() -> None:
    said = readings(rows("M1", "a34001", 0, 60, 9.0) + rows("M2", "a34001", 0, 60, 9.0))
    day = judged(said, device("M1", source=""))
    assert told(day) == []
    assert {(one.mn, one.reason) for one in day.not_judged} == {("M1", "source_unknown"), ("M2", "unregistered_device")}


def test_wind_is_held_against_no_limit_and_is_no_complaint() -> None:
    day = judged(readings(rows("M1", "a01007", 0, 60, 9.0)), device())
    assert (told(day), day.not_judged) == ([], ())


def test_momentary_values_count_only_where_a_device_sends_no_minutes() -> None:
    now = readings(rows("M1", "a34001", 600, 30, 2.5), period=NOW)
    assert told(judged(now, device())) == [("M1", "dust_quarter_hour", 2.5)]
    calm = readings(rows("M1", "a34001", 600, 30, 0.2), first_seq=100)
    assert told(judged(Readings.concat([now, calm]), device())) == []


def test_a_device_that_sends_quarter_hours_is_judged_by_them() -> None:
    said = readings([("M1", "a34001", 600, 2.5, "N"), ("M1", "a34001", 615, 2.5, "N")])
    assert told(judged(said, device(interval_s=900.0))) == [("M1", "dust_quarter_hour", 2.5)]
    assert told(judged(said, device())) == []  # of a device of single minutes, two minutes are no quarter hours


def test_a_device_that_names_the_end_is_moved_by_one_period() -> None:
    ends = readings([("M1", "a34001", 15, 2.5, "N"), ("M1", "a34001", 30, 2.5, "N")])
    (one,) = judged(ends, device(interval_s=900.0, shift=-1)).judged
    assert one.exceedance.begin == begin_of_day(DAY)


def test_a_clock_that_shows_utc_is_moved_by_eight_hours() -> None:
    (one,) = judged(readings(rows("M1", "a34001", 0, 30, 2.5)), device(behind=8)).judged
    assert one.exceedance.begin == begin_of_day(DAY) + timedelta(hours=8)


def cod(value: float, period: str = "hour") -> dict[str, list[PermitLimit]]:
    limit = PermitLimit(
        permit_number="P", enterprise="E", pollutant="COD", value=value, unit="mg/L", period=period, **LEARNT
    )
    return {"w01018": [limit]}


def test_waste_water_by_the_hour_under_its_code_of_2005() -> None:
    said = readings(rows("W1", "011", 120, 60, 61.0))
    day = judged(said, device("W1", "water", limits=cod(60.0)))
    assert told(day) == [("W1", "permit_hour", 61.0)]
    assert told(judged(said, device("W1", "water", limits=cod(61.0)))) == []


def test_water_and_gas_are_judged_by_their_own_rows_side_by_side() -> None:
    said = readings(rows("W1", "w01018", 0, 60, 61.0) + rows("G1", "a21026", 0, 60, 36.0))
    sulphur = replace(cod(35.0)["w01018"][0], pollutant="SO2", unit="mg/m3")
    day = judged(said, device("W1", "water", limits=cod(60.0)), device("G1", "gas", limits={"a21026": [sulphur]}))
    assert told(day) == [("W1", "permit_hour", 61.0), ("G1", "permit_hour", 36.0)]


def test_a_filed_maintenance_is_named_with_the_hour_it_covers_and_hides_nothing() -> None:
    begin = begin_of_day(DAY)
    filed = Filing(filing_id="F7", enterprise="E", filing_kind="maintenance", starts_at=begin,
                   ends_at=begin + timedelta(hours=3), **LEARNT)  # fmt: skip
    said = readings(rows("W1", "w01018", 120, 60, 61.0) + rows("W1", "w01018", 240, 60, 62.0))
    (one,) = judged(said, device("W1", "water", limits=cod(60.0), filings=[filed])).judged
    assert [filing.filing_id for filing in one.excused_by] == ["F7"]
    assert len(one.exceedance.over) == 2


def test_an_exceedance_keeps_its_id_when_more_of_it_comes() -> None:
    early = judged(readings(rows("M1", "a34001", 600, 30, 2.5)), device()).judged
    late = judged(readings(rows("M1", "a34001", 600, 60, 2.5)), device()).judged
    other = judged(readings(rows("M2", "a34001", 600, 30, 2.5)), device("M2")).judged
    assert early[0].id == late[0].id != other[0].id


def test_nothing_said_gives_nothing() -> None:
    day = judged(Readings.empty(), device())
    assert (day.series, day.judged, day.not_judged) == ((), (), ())
    assert day.quarters.value.shape == (0, 96)
    assert np.isnan(day.quarters.value).sum() == 0


def test_hours_count_only_where_a_device_sends_nothing_finer() -> None:
    limit = PermitLimit(permit_number="P", enterprise="E", pollutant="w01018", value=50.0, unit="mg/L", period="hour",
                        **LEARNT)  # fmt: skip
    water = device("W1", "water", limits={"w01018": [limit]})
    hours = readings([("W1", "w01018", 60 * h, 70.0 if h == 5 else 30.0, "N") for h in range(24)], period=HOUR)
    assert told(judged(hours, water)) == [("W1", "permit_hour", 70.0)]
    five = judged(hours, water).judged[0].exceedance
    assert (five.begin - begin_of_day(DAY), len(five.over), five.over[0].valid) == (timedelta(hours=5), 1, 60)
    finer = readings(rows("W1", "w01018", 0, 1440, 30.0), first_seq=100)
    assert told(judged(Readings.concat([hours, finer]), water)) == []


def test_a_ph_of_zero_is_a_probe_that_stands_dry() -> None:
    limit = PermitLimit(
        permit_number="P", enterprise="E", pollutant="pH", value=9.0, value_low=6.0, period="hour", **LEARNT
    )
    water = device("W1", "water", limits={"w01001": [limit]})
    assert told(judged(readings(rows("W1", "w01001", 0, 600, 0.0)), water)) == []
    acid = readings(rows("W1", "w01001", 0, 60, 3.5))
    assert told(judged(acid, water)) == [("W1", "permit_hour", 3.5)]
