"""Asking the registry at the command line: a small home, told over three days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from enforcement.place import area, line, point
from enforcement.registry import (
    BuildingSite,
    Drain,
    Enterprise,
    Filing,
    Permit,
    PermitLimit,
    PermitOutlet,
)
from pipelines.store import Store
from tests.store.making import tell

from .conftest import Yaoxun

FIRST = datetime(2026, 11, 22, 2, tzinfo=UTC)
SECOND, THIRD = FIRST + timedelta(days=1), FIRST + timedelta(days=2)
FIRM, TWIN, NUMBER = "91310107JH8KKJ0MY0", "91310107MA1G00001G", "91310107JH8KKJ0MY0001P"
NAME = "上海绿源电镀有限公司"
SQUARE = [[121.400, 31.250], [121.401, 31.250], [121.401, 31.251], [121.400, 31.251], [121.400, 31.250]]


def learnt(at: datetime, row: int = 1) -> dict:
    return {"received_at": at, "source_sha256": "ab" * 32, "source_row": str(row)}


@pytest.fixture()
def told(home: Path) -> None:
    of_permit = {"permit_number": NUMBER, "enterprise": FIRM}
    of_limit = {**of_permit, "outlet": "DW001", "unit": "mg/L", "period": "day", "what": "concentration"}
    days = {"valid_from": date(2024, 1, 1), "valid_to": date(2026, 11, 24)}
    with Store.open(home) as store:
        tell(
            store,
            [
                Enterprise(uscc=FIRM, name="上海绿源电镀有限公司", place=point(121.4005, 31.2505), **learnt(FIRST)),
                Enterprise(uscc=TWIN, name="双生厂", former_names=("旧厂",), **learnt(FIRST, 2)),
                Enterprise(uscc="reg-310107000123456", name="双生厂", **learnt(FIRST, 3)),
                BuildingSite(site_id="G1", name="工地", place=area([[SQUARE]]), **learnt(FIRST)),
                Drain(code="Y1", place=line([[[121.402, 31.25], [121.402, 31.26]]]), **learnt(FIRST)),
            ],
            at=FIRST,
        )
        tell(
            store,
            [
                Permit(**of_permit, outlets=("DW001",), **days, **learnt(SECOND)),
                PermitOutlet(**of_permit, outlet="DW001", medium="water", **learnt(SECOND)),
                PermitLimit(**of_limit, pollutant="化学需氧量", value=50.0, **learnt(SECOND)),
            ],
            at=SECOND,
        )
        stop = Filing(filing_id="F1", enterprise=FIRM, filing_kind="shut_down", starts_at=THIRD, **learnt(THIRD))
        moved = Enterprise(uscc=FIRM, name="上海绿源电镀有限公司", place=point(121.41, 31.25), **learnt(THIRD))
        tell(store, [stop, moved], at=THIRD)


@pytest.mark.usefixtures("told")
def test_what_is_at_a_place_comes_nearest_first_with_its_metres_and_days(yaoxun: Yaoxun) -> None:
    said = yaoxun("registry", "at", 121.4005, 31.2505, "--as-of", SECOND.isoformat(), "--json").document
    assert [(one["kind"], one["key"], one["contains"]) for one in said["things"]] == [
        ("enterprise", FIRM, False),
        ("site", "G1", True),
        ("drain", "Y1", False),
    ]
    assert [one["distance_m"] for one in said["things"]] == [0.0, 0.0, pytest.approx(142.9, abs=0.2)]
    assert said["crs"] == "EPSG:4549"
    assert {one["known_since"] for one in said["things"]} == {FIRST.isoformat()}
    near = yaoxun(
        "registry", "at", 121.4005, 31.2505, "--radius", 100, "--as-of", SECOND.isoformat(), "--json"
    ).document
    assert len(near["things"]) == 2
    edge = yaoxun(
        "registry", "at", 121.4005, 31.2505, "--radius", 143, "--as-of", SECOND.isoformat(), "--json"
    ).document
    assert len(edge["things"]) == 3, "142.9 m"
    later = yaoxun("registry", "at", 121.4005, 31.2505, "--as-of", THIRD.isoformat(), "--json").document
    assert [one["key"] for one in later["things"]] == ["G1", "Y1"], "the firm had moved by then"
    assert yaoxun("registry", "at", 121.4005, 31.2505, "--as-of", SECOND.isoformat()).out.count("2026-11-22") == 3


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(
    ("words", "code", "answer", "reason"),
    [
        ((FIRM, "COD", "--outlet", "DW001", "--as-of", SECOND.isoformat()), 0, "yes", "permitted_within_limits"),
        (("绿源电镀", "COD"), 2, None, "firm_unknown"),
        ((NAME, "总磷", "--outlet", "DW001", "--as-of", SECOND.isoformat()), 3, "no", "pollutant_not_in_permit"),
        ((FIRM, "COD", "--outlet", "DW002", "--as-of", SECOND.isoformat()), 3, "no", "outlet_not_in_permit"),
        ((FIRM, "COD", "--outlet", "DW001", "--as-of", THIRD.isoformat()), 3, "no", "shut_down_filed"),
        ((FIRM, "COD", "--outlet", "DW001", "--as-of", "2026-11-25T00:00:00+08:00"), 3, "no", "permit_expired"),
        ((FIRM, "COD", "--as-of", FIRST.isoformat()), 0, "not_registered", "no_permit_registered"),
        (("旧厂", "COD", "--as-of", SECOND.isoformat()), 0, "not_registered", "no_permit_registered"),
    ],
)  # fmt: skip
def test_may_is_answered_with_its_reason(yaoxun: Yaoxun, words, code, answer, reason) -> None:
    said = yaoxun("registry", "may", *words, "--json")
    assert said.code == code
    if answer is None:
        assert said.document["refused"][0]["reason"] == reason
    else:
        assert (said.document["answer"], said.document["reason"]) == (answer, reason)


@pytest.mark.usefixtures("told")
def test_may_shows_the_row_that_answers(yaoxun: Yaoxun) -> None:
    words = ("registry", "may", FIRM, "CODcr", "--outlet", "DW001", "--as-of", SECOND.isoformat())
    said = yaoxun(*words, "--json").document
    assert [(row["pollutant"], row["value"], row["source_row"]) for row in said["limits"]] == [
        ("化学需氧量", 50.0, "1")
    ]
    assert (said["permit"]["permit_number"], said["permit_outlet"]["medium"]) == (NUMBER, "water")
    assert "50 mg/L" in yaoxun(*words).out


@pytest.mark.usefixtures("told")
def test_an_unknown_firm_is_refused_with_the_nearest_names_and_a_double_name_with_both_codes(yaoxun: Yaoxun) -> None:
    said = yaoxun("registry", "permits", "上海绿原电镀有限公司")
    assert said.code == 2
    assert "上海绿源电镀有限公司" in said.err[0]
    twice = yaoxun("registry", "permits", "双生厂", "--json")
    assert twice.code == 2
    assert twice.document["refused"][0]["reason"] == "firm_ambiguous"
    assert TWIN in twice.document["refused"][0]["detail"]
    assert "reg-310107000123456" in twice.document["refused"][0]["detail"]


@pytest.mark.usefixtures("told")
def test_permits_of_a_firm_stand_with_outlets_and_limits_and_past_ones_too(yaoxun: Yaoxun) -> None:
    for firm in (FIRM, FIRM.lower(), "上海绿源电镀有限公司 "):
        (permit,) = yaoxun("registry", "permits", firm, "--as-of", SECOND.isoformat(), "--json").document["permits"]
        assert (permit["in_force"], len(permit["outlets"]), len(permit["limits"])) == (True, 1, 1)
    assert yaoxun("registry", "permits", FIRM, "--as-of", FIRST.isoformat(), "--json").document["permits"] == []
    late = yaoxun("registry", "permits", FIRM, "--as-of", "2026-11-26T00:00:00+08:00", "--json").document
    assert [one["in_force"] for one in late["permits"]] == [False]
    assert "not in force" in yaoxun("registry", "permits", FIRM, "--as-of", "2026-11-26T00:00:00+08:00").out


@pytest.mark.usefixtures("told")
def test_a_key_is_shown_and_its_history_names_what_changed(yaoxun: Yaoxun) -> None:
    said = yaoxun("registry", "show", FIRM, "--as-of", THIRD.isoformat(), "--json").document
    assert said["things"][0]["place"]["coordinates"] == [121.41, 31.25]
    assert {(one["kind"], one["key"]) for one in said["of_firm"]} == {
        ("permit", NUMBER),
        ("permit_outlet", f"{NUMBER} DW001"),
        ("permit_limit", f"{NUMBER} DW001 化学需氧量 day concentration"),
        ("filing", "F1"),
    }
    assert "绿源" in yaoxun("registry", "show", FIRM, "--as-of", THIRD.isoformat()).out
    past = yaoxun("registry", "history", "enterprise", FIRM, "--as-of", THIRD.isoformat(), "--json").document
    assert [(one["superseded_at"], one["changed"]) for one in past["statements"]] == [
        (THIRD.isoformat(), []),
        (None, ["place"]),
    ]
    before = yaoxun("registry", "history", "enterprise", FIRM, "--as-of", SECOND.isoformat(), "--json").document
    assert [one["superseded_at"] for one in before["statements"]] == [None], "the end was not known yet"
    assert "place" in yaoxun("registry", "history", "enterprise", FIRM, "--as-of", THIRD.isoformat()).out


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("show", "nothing"), "registry_key_unknown"),
        (("history", "enterprise", "nothing"), "registry_key_unknown"),
        (("history", "nonsense", FIRM), "registry_kind_unknown"),
        (("at", 221.4, 31.25), "place_impossible"),
        (("at", 121.4, 31.25, "--radius", "-1"), "bad_usage"),
        (("at", 121.4, 31.25, "--radius", "nan"), "bad_usage"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_its_word(yaoxun: Yaoxun, words, reason) -> None:
    said = yaoxun("registry", *words, "--json")
    assert (said.code, said.document["refused"][0]["reason"]) == (2, reason)


@pytest.mark.usefixtures("told")
def test_another_day_is_asked_of_by_what_is_known_now(yaoxun: Yaoxun) -> None:
    words = ("registry", "may", FIRM, "COD", "--outlet", "DW001", "--json")
    october = yaoxun(*words, "--on", "2026-10-01T00:00:00+08:00")
    assert (october.code, october.document["answer"]) == (0, "yes")
    assert yaoxun(*words, "--on", "2023-12-31T23:59:00+08:00").document["reason"] == "permit_not_yet_in_force"
    assert yaoxun(*words, "--as-of", "2026-10-01T00:00:00+08:00").document["refused"][0]["reason"] == "firm_unknown"
    held = yaoxun("registry", "permits", FIRM, "--on", "2026-10-01T00:00:00+08:00", "--json").document
    assert [(one["permit_number"], one["in_force"]) for one in held["permits"]] == [(NUMBER, True)]
    assert yaoxun(*words, "--on", "yesterday").document["refused"][0]["reason"] == "bad_time"


def test_what_holds_on_a_day_stands_at_its_place_that_day(yaoxun: Yaoxun, home: Path) -> None:
    site = {"site_id": "G1", "name": "工地", "place": point(121.4, 31.25)}
    with Store.open(home) as store:
        tell(store, [BuildingSite(**site, valid_to=date(2026, 6, 30), **learnt(FIRST))], at=FIRST)
    for on, keys in (("2026-06-30", ["G1"]), ("2026-07-01", [])):
        said = yaoxun("registry", "at", 121.4, 31.25, "--on", f"{on}T12:00:00+08:00", "--json").document
        assert [one["key"] for one in said["things"]] == keys


def test_a_permit_answers_for_a_firm_of_which_nothing_else_is_held(yaoxun: Yaoxun, home: Path) -> None:
    permit = Permit(permit_number=NUMBER, enterprise=FIRM, name=NAME, outlets=("DW001",), pollutants=("COD",),
                    valid_from=date(2024, 1, 1), valid_to=date(2028, 12, 31), **learnt(FIRST))  # fmt: skip
    with Store.open(home) as store:
        tell(store, [permit], at=FIRST)
    said = yaoxun("registry", "may", FIRM, "COD", "--outlet", "DW001", "--json").document
    assert (said["firm"]["name"], said["answer"]) == (NAME, "yes")
    assert yaoxun("registry", "permits", TWIN).code == 2
