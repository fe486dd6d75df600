"""Records in words, as HTML with everything escaped; and the week on paper."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pytest
import shapely

from dashboard import alert_text, flight_text, layers, markup, palette, week_text
from dashboard.labels import Words
from dashboard.printed_week import printed_week
from enforcement.attribution import Attribution, Candidate
from enforcement.weekly import ExemptFirm, WeeklyReason, WeeklyTarget
from pipelines.records import Frame, FrameFootprint, Reason, Status, Verdict, WeeklyPlan
from pipelines.store.records import FrameState, StageState
from tests.dashboard import small_home

ZH, EN = Words("zh"), Words("en")
T0 = datetime(2026, 1, 15, 2, 30, tzinfo=UTC)
HOSTILE = '<img src=x onerror="alert(1)">'


class Tags(HTMLParser):
    """Collects the tags and the text of a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.text += data


def candidate(name: str, probability: float) -> Candidate:
    return Candidate("enterprise", name, name, name, 42.0, 1e-4, probability, ())


def plan(name: str = "某厂") -> WeeklyPlan:
    reason = WeeklyReason("drawn_at_random", {"seed": 7, "drawn": 1, "of": 2, "rule": "r"})
    targets = (
        WeeklyTarget(1, "C1", name, "risk", 3.0, None, (), None),
        WeeklyTarget(2, "C2", "另一厂", "random", None, None, (reason,), 0.5),
    )
    exempt = (ExemptFirm("C3", "免检厂", "positive_listed", date(2028, 5, 31)),)
    return WeeklyPlan("2026-W03", 2, "draft", T0, 7, targets, exempt, "ab" * 32, T0)


def test_bars_are_as_long_as_the_probabilities_and_nobody_is_one_of_the_rows():
    attribution = Attribution((candidate("甲", 0.5), candidate("乙", 0.25)), 0.15, 0.1, "named", "甲", "x", ())
    html = alert_text.candidates(attribution, ZH)
    assert [float(width) for width in re.findall(r"width:([\d.]+)%", html)] == [50, 25, 15, 10]
    assert Tags(html).text.index("无登记对象") < Tags(html).text.index("无法判断")


@pytest.mark.parametrize(
    ("answer", "named", "words"),
    [("named", "甲", "甲"), ("none_registered", None, "无登记对象"), ("cannot_tell", None, "无法判断")],
)
def test_source_is_named_only_where_the_attribution_names_it(answer, named, words):
    attribution = Attribution((candidate("甲", 0.4),), 0.4, 0.2, answer, named, "x", ())
    assert alert_text.source_words(attribution, ZH) == words


def test_verdicts_are_shown_newest_first_with_name_role_and_that_they_are_simulated():
    verdicts = [
        Verdict("V1", "A", "confirmed", "lin", "analyst", T0, "", True),
        Verdict("V2", "A", "machine_wrong", "zhou", "leader", T0.replace(hour=3), "", False),
    ]
    text = Tags(alert_text.person_part(verdicts, EN, names={"lin": "Lin", "zhou": "Zhou"})).text
    assert text.index("Machine wrong") < text.index("Confirmed")
    assert "Lin · simulated · analyst" in text
    assert "Zhou · leader" in text


@pytest.mark.parametrize(
    "html",
    [
        alert_text.candidates(
            Attribution((candidate(HOSTILE, 0.5),), 0.3, 0.2, "cannot_tell", None, "x", ()), ZH
        ),
        alert_text.person_part([Verdict("V", "A", "lawful", HOSTILE, "owner", T0, HOSTILE, False)], ZH, names={}),
        markup.facts([(HOSTILE, HOSTILE)]),
        markup.bullets([HOSTILE]),
        week_text.target_table(plan(HOSTILE), ZH),
        printed_week(plan(HOSTILE), ZH, places={}, base=(), who=HOSTILE),
    ],
)  # fmt: skip
def test_names_and_reasons_of_others_are_text_never_markup(html):
    assert "img" not in Tags(html).tags
    assert HOSTILE in Tags(html).text


def state(**changes) -> FrameState:
    frame = Frame("P", "F", "0" * 64, "a.jpg", "picture", None, T0, T0, 10, 10, {}, ())
    footprint = FrameFootprint("P", Status.OK, None, shapely.box(0, 0, 1, 1).wkb, 0.03, 0.5, 0.5)
    return replace(FrameState(frame, {}, footprint, 0, 0), **changes)


def stage(status: Status, reason: str | None) -> StageState:
    return StageState("locate", "P", status, reason, "", "R", T0)


def test_a_picture_that_no_stage_has_seen_is_to_do_and_no_problem():
    assert flight_text.has_problem(state()) is False
    assert flight_text.frame_table([state()], ZH, height_px=100).count("yx-status-pending") == len(flight_text.STAGES)


@pytest.mark.parametrize(
    "problem",
    [
        {"stages": {"locate": stage(Status.REFUSED, "no_position")}},
        {"stages": {"locate": stage(Status.CANNOT_JUDGE, "no_position")}},
        {"footprint": FrameFootprint("P", Status.REFUSED, "no_position", None, None, None, None)},
    ],
)
def test_a_refusal_at_any_stage_or_of_the_footprint_is_a_problem_with_its_sentence(problem):
    assert flight_text.has_problem(state(**problem))
    assert flight_text.why(state(**problem), EN) == [EN.reason("no_position")]


def test_the_same_reason_from_several_stages_is_said_once():
    frame = replace(state().frame, warnings=(Reason("no_position"),))
    said = flight_text.why(state(frame=frame, stages={"locate": stage(Status.REFUSED, "no_position")}), EN)
    assert len(said) == 1


def test_the_chosen_footprint_is_drawn_last_and_in_its_own_colour():
    one, two = state(), state(frame=replace(state().frame, id="Q"))
    areas = flight_text.footprint_areas([two, one], "Q", ZH)
    assert [area.id for area in areas] == ["P", "Q"]
    assert [area.colour for area in areas] == [palette.BLUE, palette.VERMILION]


@pytest.mark.parametrize(("day", "week"), [(date(2027, 1, 1), "2026-W53"), (date(2024, 12, 30), "2025-W01")])
def test_iso_week_at_the_turn_of_the_year(day, week):
    assert week_text.iso_week(day) == week


def test_weeks_with_a_plan_this_week_and_the_next_are_offered_newest_first():
    assert week_text.weeks_to_offer(["2026-W03"], date(2026, 12, 28)) == ["2027-W01", "2026-W53", "2026-W03"]


def test_table_shows_score_without_calling_it_a_probability():
    cells = re.findall(r"<td[^>]*>(.*?)</td>", week_text.target_table(plan(), EN), flags=re.S)
    assert cells[3:6] == ["3", "—", "—"]
    assert cells[10:13] == ["—", "—", "50%"]


def test_paper_holds_the_map_and_names_no_other_file():
    base, _ = layers.base_layers(small_home.basemap())
    html = printed_week(plan(), EN, places={"C1": (122.3, 29.95), "C2": (122.31, 29.96)}, base=base)
    assert "L.map(" in html
    assert re.findall(r"<(?:script|link|img|iframe)[^>]*(?:src|href)=", html.split("<body>")[1]) == []
    assert re.findall(r"<link", html) == []


def test_paper_without_places_says_so_instead_of_an_empty_map():
    html = printed_week(plan(), EN, places={}, base=())
    assert EN("week.map_none") in html
    assert "L.map(" not in html
