"""What the gateway says on its own account: requests for gaps, the time, and when it falls silent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import hj212
from hj212.fields import BEIJING, Fields
from hj212.stream import Packet
from pipelines.gateway.registered import NOBODY, Registered
from pipelines.gateway.talk import Talk
from pipelines.settings import GatewaySettings
from pipelines.store.telemetry.packets import Asking
from tests.hj212.wire import packet

NOW = datetime(2026, 11, 1, 0, 10, tzinfo=UTC)  # 08:10 in Beijing
EVERY_MINUTE = Registered("M", frozenset(), 60.0, False)


def took(segment: str) -> Packet:
    (found,) = hj212.decode(packet(segment.encode()))
    assert isinstance(found, Packet)
    return found


def minute(clock: str, *, flag: str = "Flag=5;", qn: str = "QN=20261101081000000;") -> Packet:
    return took(f"{qn}ST=39;CN=2051;PW=123456;MN=M;{flag}CP=&&DataTime=20261101{clock};a34001-Avg=1&&")


def answer(qn: str, cn: str, word: str) -> Packet:
    return took(f"QN={qn};ST=91;CN={cn};PW=123456;MN=M;Flag=4;CP=&&{word}&&")


def said(words: bytes) -> Fields:
    (found,) = hj212.decode(words)
    assert isinstance(found, Packet)
    return found.fields


class Desk:
    """A talk with its notes."""

    def __init__(self, settings: GatewaySettings | None = None, **before: datetime) -> None:
        self.notes: list[Asking] = []
        latest = {("M", cn.removeprefix("cn")): at for cn, at in before.items()}
        self.talk = Talk(settings or GatewaySettings(), self.notes.append, latest)

    def hear(self, *packets: Packet, at: datetime = NOW, clock_s: float | None = None) -> list[bytes]:
        return [w for p in packets for w in self.talk.heard(p, EVERY_MINUTE, clock_s, at)]


def test_missing_minutes_are_asked_for_by_their_first_and_last() -> None:
    desk = Desk()
    (words,) = desk.hear(minute("080000"), minute("080100"), minute("080500"))
    fields = said(words)
    assert (fields.cn, fields.mn, fields.pw, fields.st, fields.flag) == ("2051", "M", "123456", "39", 5)
    assert dict(fields.params) == {"BeginTime": "20261101080200", "EndTime": "20261101080400"}
    (note,) = desk.notes
    assert (note.state, note.qn) == ("sent", fields.qn)
    assert note.begin == datetime(2026, 11, 1, 8, 2, tzinfo=BEIJING)


def test_a_device_of_2005_is_asked_in_its_own_form() -> None:
    desk = Desk()
    (words,) = desk.hear(*(minute(c, flag="", qn="") for c in ("080000", "080500")))
    assert b"Flag" not in words
    assert b"BeginTime=20261101080100;EndTime=20261101080400" in words


def test_a_gap_over_a_restart_is_seen() -> None:
    (words,) = Desk(cn2051=datetime(2026, 11, 1, 7, 57, tzinfo=BEIJING)).hear(minute("080000"))
    assert dict(said(words).params) == {"BeginTime": "20261101075800", "EndTime": "20261101075900"}


def test_what_a_device_sends_in_answer_is_no_new_gap_and_no_second_request_is_made_meanwhile() -> None:
    desk = Desk()
    (words,) = desk.hear(minute("080000"), minute("080500"))
    assert desk.hear(minute("080100"), minute("080200"), minute("080900")) == []
    qn = said(words).qn
    assert desk.hear(answer(qn, "9011", "QnRtn=1"), answer(qn, "9012", "ExeRtn=1")) == []
    assert [note.state for note in desk.notes] == ["sent", "taken", "done"]


def test_a_request_without_answer_is_said_three_times_ten_seconds_apart_and_then_given_up() -> None:
    desk = Desk()
    (words,) = desk.hear(minute("080000"), minute("080500"))
    times = [s for s in range(1, 60) if desk.talk.due(NOW + timedelta(seconds=s)) == [("M", words)]]
    assert times == [10, 20]
    assert [note.state for note in desk.notes] == ["sent", "unanswered"]


def test_a_device_that_cannot_send_again_is_not_asked_for_ever() -> None:
    desk = Desk()
    asked = []
    for hour in range(9, 20):
        for words in desk.hear(minute(f"{hour:02d}0000"), at=NOW + timedelta(hours=hour)):
            asked.append(hour)
            desk.hear(answer(said(words).qn, "9011", "QnRtn=8"))
    assert asked == [10, 11, 12]


def test_an_answer_to_somebody_elses_request_changes_nothing() -> None:
    desk = Desk()
    desk.hear(minute("080000"), minute("080500"), answer("20261101080000999", "9011", "QnRtn=1"))
    assert [note.state for note in desk.notes] == ["sent"]


def test_a_device_that_took_a_request_and_never_said_done_may_be_asked_again_later() -> None:
    desk = Desk()
    (words,) = desk.hear(minute("080000"), minute("080500"))
    desk.hear(answer(said(words).qn, "9011", "QnRtn=1"))
    assert desk.talk.due(NOW + timedelta(seconds=890)) == []
    desk.talk.due(NOW + timedelta(seconds=910))
    assert desk.notes[-1].state == "unanswered"
    assert len(desk.hear(minute("090000"), at=NOW + timedelta(hours=1))) == 1


def test_a_clock_is_set_after_five_sights_that_agree_and_not_again_within_the_hour() -> None:
    desk = Desk()
    ticks = [minute(f"08{m:02d}00") for m in range(30)]
    spoke = [k for k, tick in enumerate(ticks) if desk.hear(tick, clock_s=45.0)]
    assert spoke == [4]
    (words,) = [w for t in ticks[:5] for w in Desk().talk.heard(t, NOBODY, None, NOW)] or [b""]
    assert words == b""


def test_the_time_that_is_set_is_beijings() -> None:
    desk = Desk()
    words = [w for m in range(6) for w in desk.hear(minute(f"08{m:02d}00"), clock_s=-3600.0)]
    fields = said(words[0])
    assert (fields.cn, fields.params["SystemTime"]) == ("1012", "20261101081000")


def test_clocks_within_the_allowance_and_homes_that_set_none_are_left_alone() -> None:
    ticks = [minute(f"08{m:02d}00") for m in range(9)]
    assert not [w for t in ticks for w in Desk().hear(t, clock_s=29.0)]
    none = Desk(GatewaySettings(set_clocks=False))
    assert not [w for t in ticks for w in none.hear(t, clock_s=500.0)]


def test_a_device_that_asks_for_the_time_is_told_at_once() -> None:
    asks = took("QN=20261101081000000;ST=39;CN=1013;PW=123456;MN=M;Flag=5;CP=&&&&")
    (words,) = Desk(GatewaySettings(set_clocks=False)).hear(asks)
    assert said(words).params["SystemTime"] == "20261101081000"


def test_a_clock_that_is_set_is_noted_with_what_the_device_made_of_it() -> None:
    desk = Desk()
    words = [w for m in range(6) for w in desk.hear(minute(f"08{m:02d}00"), clock_s=-3600.0)]
    qn = said(words[0]).qn
    desk.hear(answer(qn, "9011", "QnRtn=1"), answer(qn, "9012", "ExeRtn=1"))
    assert [(note.cn, note.state, note.begin) for note in desk.notes] == [
        ("1012", state, NOW) for state in ("sent", "taken", "done")
    ]
    assert desk.talk.due(NOW + timedelta(hours=1)) == []


def test_a_clock_that_nobody_confirms_is_set_again_by_the_time_it_is_then_and_given_up_after_three() -> None:
    desk = Desk()
    for m in range(5):
        desk.hear(minute(f"08{m:02d}00"), clock_s=-3600.0)
    again = [desk.talk.due(NOW + timedelta(seconds=s)) for s in (9, 10, 20, 30, 40)]
    assert [len(words) for words in again] == [0, 1, 1, 0, 0]
    assert said(again[2][0][1]).params["SystemTime"] == "20261101081020"
    assert [note.state for note in desk.notes] == ["sent", "unanswered"]


def test_what_a_device_sends_under_our_own_number_says_nothing_of_its_clock() -> None:
    desk = Desk()
    (words,) = desk.hear(minute("080000"), minute("080500"))
    sent_again = [minute(f"0801{s:02d}", qn=f"QN={said(words).qn};") for s in range(6)]
    assert not [w for t in sent_again for w in desk.hear(t, clock_s=500.0)]
