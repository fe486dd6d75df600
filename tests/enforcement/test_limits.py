"""Validity and limits by hand: each case worked out on paper, its reckoning beside it."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from enforcement import policy
from enforcement.formats import BEIJING
from enforcement.limits import dust_exceedances, excuses, permit_exceedances
from enforcement.permits import Filing, PermitLimit
from enforcement.policy import Policy, load_from
from enforcement.validity import Mean, Minute, begin_of_day, day_mean, flags_that_count, means

DAY = date(2026, 11, 24)
N = frozenset({"N"})
LEARNT = {"received_at": datetime(2026, 1, 1, tzinfo=BEIJING), "source_sha256": "0" * 64, "source_row": "1"}


def at(minute: int, on: date = DAY) -> datetime:
    return begin_of_day(on) + timedelta(minutes=minute)


def run(first: int, values: list[float], flag: str = "N", on: date = DAY) -> list[Minute]:
    return [Minute(at(first + k, on), value, flag) for k, value in enumerate(values)]


def quarters(minutes: list[Minute], on: date = DAY, least: int = 12, counting: frozenset[str] = N) -> list[Mean]:
    return means(minutes, on, 15, least=least, counting=counting)


def dust(values: dict[int, float], on: date = DAY, rules: Policy | None = None) -> list[tuple[str, int]]:
    """Exceedances of a day whose quarter hours of these numbers have these means."""
    minutes = [m for number, value in values.items() for m in run(15 * number, [value] * 15, on=on)]
    found = dust_exceedances(quarters(minutes, on), on, "a34001", rules or policy.load())
    return [(one.rule.split("@")[0].removeprefix("dust_quarter_hour_"), len(one.over)) for one in found]


# ---- which minutes count, and for which quarter hour -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "number", "value", "valid"),
    [
        (run(0, [1.0] * 15), 0, 1.0, 15),  # the first quarter hour of the day
        (run(15 * 95, [1.0] * 15), 95, 1.0, 15),  # the last one, 23:45 to 24:00
        (run(0, [1.0] * 12), 0, 1.0, 12),  # twelve of fifteen are enough
        (run(0, [1.0] * 11), 0, None, 11),  # eleven are not
        (run(0, [1.0] * 12 + [9.0] * 3), 0, 2.6, 15),  # (12 + 27) / 15
        (run(0, [1.0] * 12) + run(12, [9.0] * 3, "M"), 0, 1.0, 12),  # maintenance does not count
        (run(0, [1.0] * 11) + run(11, [9.0] * 4, "D"), 0, None, 11),
        (run(0, [1.0] * 14 + [math.nan]), 0, 1.0, 14),  # a value that was not sent
        (run(0, [1.0] * 15) + run(3, [16.0]), 0, 2.0, 15),  # said again: (14 + 16) / 15
        (run(-1, [5.0] * 16), 0, 5.0, 15),  # 23:59 of the day before is another day's
        (run(14, [7.0] * 15), 0, None, 1),  # 00:14 to 00:29 lies in two
        (run(14, [7.0] * 15), 1, 7.0, 14),
        ([Minute(at(0), 3.0, "N", minutes=15)], 0, 3.0, 15),  # a device that sends quarter hours
        ([Minute(at(-5), 3.0, "N", minutes=15)], 0, None, 10),  # ten of its minutes lie in this day
        (run(0, [0.9, 1.1] * 6), 0, 1.0, 12),  # binary fractions give 1.0, not 1.0000000000000002
        (run(0, [0.1] * 12), 0, 0.1, 12),
        ([], 0, None, 0),
    ],
)
def test_a_quarter_hour_holds_the_mean_of_its_valid_minutes(
    minutes: list[Minute], number: int, value: float | None, valid: int
) -> None:
    held = quarters(minutes)[number]
    assert (held.value, held.valid) == (value, valid)
    assert held.begin == at(15 * number)


def test_a_day_has_96_quarter_hours_and_no_sliding_ones() -> None:
    held = quarters(run(8, [9.0] * 15))  # 00:08 to 00:22: seven minutes here, eight there
    assert len(held) == 96
    assert [mean.value for mean in held[:2]] == [None, None]


def test_periods_that_do_not_fill_a_day_are_refused() -> None:
    for length in (0, -15, 7):
        with pytest.raises(ValueError, match="do not fill a day"):
            means([], DAY, length, least=1, counting=N)


def test_a_value_without_flag_counts_and_is_counted() -> None:
    counting = flags_that_count(policy.load(), DAY)
    held = quarters(run(0, [1.0] * 10) + run(10, [1.0] * 5, ""), counting=counting)[0]
    assert (held.value, held.valid, held.without_flag) == (1.0, 15, 5)


@pytest.mark.parametrize("flag", ["F", "M", "S", "D", "C", "T", "B", "n", "X"])
def test_no_other_flag_counts(flag: str) -> None:
    assert flag not in flags_that_count(policy.load(), DAY)


@pytest.mark.parametrize(("hours", "value"), [(20, 5.0), (19, None), (24, 5.0)])
def test_a_day_needs_twenty_hours(hours: int, value: float | None) -> None:
    minutes = run(0, [5.0] * 60 * hours)
    day = day_mean(means(minutes, DAY, 60, least=45, counting=N), least=20)
    assert (day.value, day.valid) == (value, hours)


def test_the_mean_of_a_day_is_that_of_its_hours_not_of_its_minutes() -> None:
    minutes = run(0, [1.0] * 60 * 20) + run(60 * 20, [22.0] * 45)  # hours: (20 · 1 + 22) / 21
    day = day_mean(means(minutes, DAY, 60, least=45, counting=N), least=20)
    assert day.value == 2.0
    with pytest.raises(ValueError, match="without hours"):
        day_mean([], least=1)


# ---- dust ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({40: 2.1}, []),  # once above 2.0 is allowed
        ({40: 2.1, 41: 2.1}, [("limit_1", 2)]),  # twice is not
        ({40: 2.0, 41: 2.0}, []),  # exactly at the limit meets it
        ({40: 2.0, 41: 2.000001}, []),
        ({k: 1.5 for k in range(6)}, []),  # six above 1.0 are allowed
        ({k: 1.5 for k in range(7)}, [("limit_2", 7)]),
        ({k: 1.0 for k in range(96)}, []),  # a whole day exactly at 1.0
        ({k: 1.0 + 1e-6 for k in range(7)}, [("limit_2", 7)]),
        ({**{k: 1.5 for k in range(5)}, 90: 2.5}, []),  # five and one above 1.0 are six; one above 2.0 is one
        ({**{k: 1.5 for k in range(6)}, 90: 2.5}, [("limit_2", 7)]),
        ({**{k: 1.5 for k in range(5)}, 90: 2.5, 91: 2.5}, [("limit_1", 2), ("limit_2", 7)]),
        ({0: 2.5, 95: 2.5}, [("limit_1", 2)]),  # the first and the last quarter hour of one day
    ],
)
def test_dust_is_counted_by_the_day(values: dict[int, float], found: list[tuple[str, int]]) -> None:
    assert dust(values) == found


def test_midnight_parts_what_would_be_two_on_one_day() -> None:
    minutes = run(15 * 95, [2.5] * 15) + run(24 * 60, [2.5] * 15)  # 23:45 and 00:00 of the next day
    for on in (DAY, DAY + timedelta(days=1)):
        assert dust_exceedances(quarters(minutes, on), on, "a34001", policy.load()) == []


@pytest.mark.parametrize("on", [date(2026, 10, 31), date(2024, 2, 29), date(2025, 12, 31)])
def test_month_and_year_ends_are_days_like_others(on: date) -> None:
    assert dust({94: 2.5, 95: 2.5}, on) == [("limit_1", 2)]


def test_a_device_that_names_the_end_would_be_judged_on_the_wrong_day_without_its_shift() -> None:
    # Minutes 23:46 to 24:00 named by their ends; by their begins they are 23:45 to 23:59 of the same day.
    ends = [Minute(at(15 * 95 + k + 1), 2.5, "N") for k in range(15)]
    begins = [Minute(minute.at - timedelta(minutes=1), 2.5, "N") for minute in ends]
    assert quarters(begins)[95].value == 2.5
    assert quarters(ends)[95].valid == 14


def changed(folder: Path, day: str) -> Policy:
    """The rows as they are, but limit 1 is 0.5 mg/m³, none allowed, from a day on."""
    for file in (Path(policy.__file__).parent / "policy").glob("*.toml"):
        text = file.read_text("utf-8")
        if file.name == "dust.toml":
            first, rest = text.split("[[rule]]", 2)[1:]
            before = (date.fromisoformat(day) - timedelta(days=1)).isoformat()
            old = first.replace("effective_from = 2016-01-01", f"effective_from = 2016-01-01\neffective_to = {before}")
            new = first.replace(
                "mean_above_mg_m3 = 2.0, allowed_a_day = 1", "mean_above_mg_m3 = 0.5, allowed_a_day = 0"
            )
            new = new.replace("effective_from = 2016-01-01", f"effective_from = {day}")
            text = f"[[rule]]{old}[[rule]]{new}[[rule]]{rest}"
        (folder / file.name).write_text(text, "utf-8")
    return load_from(folder)


def test_the_row_of_the_events_day_is_used_on_the_day_a_rule_changes(tmp_path: Path) -> None:
    rules = changed(tmp_path, "2026-11-24")
    assert dust({40: 0.6}, date(2026, 11, 23), rules) == []
    assert dust({40: 0.6}, date(2026, 11, 24), rules) == [("limit_1", 1)]
    assert dust({40: 0.5}, date(2026, 11, 24), rules) == []


def test_before_the_standard_there_is_no_limit_to_exceed() -> None:
    with_old_rows = policy.load()
    held = [Mean(at(0), 15, 9.0, 15, 0)] * 5
    assert dust_exceedances(held, date(2015, 6, 1), "a34001", with_old_rows) == []


def test_an_exceedance_says_what_it_rests_on() -> None:
    (one,) = dust_exceedances(quarters(run(600, [2.5] * 15 + [3.5] * 15)), DAY, "a34001", policy.load())
    assert (one.worst, one.limit, one.allowed, one.unit) == (3.5, 2.0, 1, "mg/m3")
    assert (one.begin, one.end) == (at(600), at(630))
    assert one.rule.startswith("dust_quarter_hour_limit_1@2016")
    assert one.comparison.startswith("dust_comparison@")


# ---- permits ---------------------------------------------------------------------------------------------------------


def limit(value: float | None = 50.0, period: str = "hour", low: float | None = None, what: str = "") -> PermitLimit:
    return PermitLimit(permit_number="P", enterprise="E", pollutant="w01018", value=value, value_low=low, unit="mg/L",
                       period=period, what=what, **LEARNT)  # fmt: skip


def water(hours: list[float], of: PermitLimit) -> list[int]:
    """Numbers of the hours (or −1 for the day) that exceed."""
    minutes = [m for k, value in enumerate(hours) for m in run(60 * k, [value] * 60)]
    each = means(minutes, DAY, 60, least=45, counting=N)
    found = permit_exceedances(each, day_mean(each, least=20), of, DAY, policy.load())
    return [-1 if m.minutes > 60 else m.begin.hour for one in found for m in one.over]


@pytest.mark.parametrize(
    ("hours", "of", "found"),
    [
        ([50.0] * 24, limit(), []),  # exactly at the limit meets it
        ([50.0] * 5 + [50.1] + [50.0] * 18, limit(), [5]),
        ([60.0, 10.0, 60.0], limit(), [0, 2]),
        ([60.0] * 12 + [40.0] * 12, limit(period="day"), []),  # mean 50.0
        ([60.0] * 12 + [40.1] * 12, limit(period="day"), [-1]),  # mean 50.05
        ([99.0] * 19, limit(period="day"), []),  # nineteen hours make no day
        ([99.0] * 24, limit(period="month"), []),  # a month is not judged from a day
        ([99.0] * 24, limit(what="amount"), []),  # tonnes are not mg/L
        ([99.0] * 24, limit(value=None), []),  # named without a figure
        ([6.0, 5.9, 9.0, 9.1], limit(value=9.0, low=6.0), [3, 1]),  # pH: above 9, below 6
    ],
)
def test_a_permit_limits_hours_or_the_day(hours: list[float], of: PermitLimit, found: list[int]) -> None:
    assert water(hours, of) == found


def filing(kind: str, first: int | None, last: int | None, accepted: bool | None = None) -> Filing:
    return Filing(filing_id=kind, enterprise="E", filing_kind=kind, starts_at=None if first is None else at(first),
                  ends_at=None if last is None else at(last), accepted=accepted, **LEARNT)  # fmt: skip


@pytest.mark.parametrize(
    ("one", "covers"),
    [
        (filing("maintenance", 0, 60), True),
        (filing("maintenance", 60, 90), False),  # begins when the hour ends
        (filing("maintenance", -60, 0), False),  # ends when it begins
        (filing("maintenance", 59, 90), True),  # a minute of it
        (filing("start_up", 0, None), True),
        (filing("start_up", None, None), False),  # without any time it covers nothing
        (filing("maintenance", 0, 60, accepted=False), False),  # the office refused it
        (filing("night_work", 0, 60), False),  # excuses nothing
    ],
)
def test_filings_that_may_explain_an_hour(one: Filing, covers: bool) -> None:
    kinds = frozenset(policy.at("filings_that_excuse", DAY).words())
    assert (excuses([one], at(0), at(60), kinds) == [one]) is covers
