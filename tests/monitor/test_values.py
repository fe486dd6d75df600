"""What packets say in values, field by field; what cannot be said of a time gives none."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hj212.fields import read_fields
from pipelines.monitor.values import Message, readings_of
from pipelines.readings import Readings

CAME = datetime(2026, 11, 24, 0, 0, 30, tzinfo=UTC)


def said(cp: str, cn: str = "2051", came: datetime = CAME, seq: int = 1) -> Readings:
    segment = f"QN=1;ST=39;CN={cn};PW=1;MN=M1;Flag=5;CP=&&{cp}&&".encode()
    return readings_of([Message(read_fields(segment), came, seq)])


def test_a_minute_with_all_its_figures() -> None:
    one = said("DataTime=20261124080000;a34001-Min=0.1,a34001-Avg=0.2,a34001-Max=0.4,a34001-Cou=0.9,a34001-Flag= n")
    assert (one.mn[0], one.code[0], one.period[0], one.flag[0], one.seq[0]) == ("M1", "a34001", "minute", "N", 1)
    assert (one.value[0], one.low[0], one.high[0], one.total[0]) == (0.2, 0.1, 0.4, 0.9)
    assert one.at[0] == np.datetime64("2026-11-24T00:00:00")  # eight in Beijing
    assert one.received_at[0] == np.datetime64("2026-11-24T00:00:30")


@pytest.mark.parametrize(("cn", "period"), [("2011", "now"), ("2051", "minute"), ("2061", "hour"), ("2031", "day")])
def test_each_command_says_how_long_its_values_stand_for(cn: str, period: str) -> None:
    assert list(said("DataTime=20261124080000;a34001-Rtd=0.2,a34001-Flag=N", cn).period) == [period]


@pytest.mark.parametrize("cn", ["2021", "2041", "9014", "9011", "3020"])
def test_states_answers_and_parameters_hold_no_values(cn: str) -> None:
    assert len(said("DataTime=20261124080000;a34001-Rtd=0.2", cn)) == 0


def test_momentary_values_are_rtd_and_means_avg_whichever_else_stands_there() -> None:
    both = "DataTime=20261124080000;a34001-Rtd=7,a34001-Avg=3"
    assert said(both, "2011").value[0] == 7
    assert said(both, "2051").value[0] == 3


@pytest.mark.parametrize("text", ["", "---", "nan", "inf", "-Infinity", "1e400", "０．２x"])
def test_what_is_no_number_is_unknown_and_keeps_its_flag(text: str) -> None:
    one = said(f"DataTime=20261124080000;a34001-Avg={text};a34001-Flag=D")
    assert all(math.isnan(value) for value in one.value)
    assert set(one.flag) <= {"", "D"}


def test_a_total_without_a_mean_is_kept_as_a_total() -> None:
    one = said("DataTime=20261124080000;w00000-Cou=12.5", "2061")
    assert math.isnan(one.value[0])
    assert one.total[0] == 12.5


@pytest.mark.parametrize(
    ("time", "count"),
    [("20261124080000", 1), ("20261125080000", 1), ("20261125080031", 0), ("20251020080030", 1), ("20251020080029", 0),
     ("20261324080000", 0), ("2026112408", 0), ("", 0)],
)  # fmt: skip
def test_a_time_that_cannot_be_true_gives_no_value(time: str, count: int) -> None:
    # It came at 08:00:30 of the 24th in Beijing: a day ahead and 400 days behind are the ends.
    assert len(said(f"DataTime={time};a34001-Avg=0.2")) == count


@given(st.text("0123456789;=,-&NavgRtdDataTime.", max_size=120))
def test_whatever_stands_in_a_packet_it_is_read_or_left(cp: str) -> None:
    read = said(cp.replace("&&", "&"))
    assert not np.isinf(read.value).any()


def test_later_words_win_and_the_same_row_twice_is_one() -> None:
    first = said("DataTime=20261124080000;a34001-Avg=0.2")
    mended = said("DataTime=20261124080000;a34001-Avg=0.3", came=CAME + timedelta(hours=1), seq=2)
    assert list(Readings.concat([mended, first, first]).ordered().value) == [0.2, 0.3]
    assert list(Readings.concat([mended, first, first]).ordered().latest().value) == [0.3]
    assert len(Readings.empty().ordered().latest()) == 0
