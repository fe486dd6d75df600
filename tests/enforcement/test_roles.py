"""The whole matrix of roles and acts, written down here by hand and compared with the table."""

from __future__ import annotations

from datetime import date

import pytest

from enforcement.errors import RoleForbids
from enforcement.roles import ACTS, READS, ROLES, matrix, may, may_read, reading

MATRIX = """
                    analyst operator station inspector leader legal contractor auditor administrator owner system
alert_seen          yes     -        yes     yes       yes    yes   -          -       -             yes   -
audit_record        -       -        yes     -         -      -     -          -       -             yes   -
basemap_set         yes     -        -       -         -      -     -          -       yes           yes   -
case_decide         -       -        -       -         yes    -     -          -       -             yes   -
case_end            -       -        -       -         yes    -     -          -       -             yes   -
case_evidence       -       -        -       yes       yes    -     -          -       -             yes   -
case_file           -       -        -       -         yes    -     -          -       -             yes   -
case_hear           -       -        -       yes       yes    yes   -          -       -             yes   -
case_investigate    -       -        -       yes       yes    -     -          -       -             yes   -
case_mark           -       -        -       -         yes    yes   -          -       -             yes   -
case_notice         -       -        -       -         yes    -     -          -       -             yes   -
case_opinion        -       -        -       -         -      yes   -          -       -             yes   -
check_close         yes     -        -       yes       yes    -     -          -       -             yes   -
check_open          yes     -        -       yes       yes    -     -          -       -             yes   -
check_record        yes     yes      yes     yes       yes    -     -          -       -             yes   -
clock_counting      -       -        -       -         -      yes   -          -       -             yes   -
clock_extend        -       -        -       -         yes    -     -          -       -             yes   -
clock_pause         -       -        -       yes       yes    yes   -          -       -             yes   -
district_set        yes     -        -       -         -      -     -          -       yes           yes   -
duty_complete       -       -        -       -         -      -     -          -       yes           yes   -
duty_explain        yes     yes      yes     yes       yes    yes   -          -       -             yes   -
exceedance_enter    -       -        yes     -         -      -     -          -       -             yes   -
finding_record      -       -        -       yes       yes    -     -          -       -             yes   -
firm_decide         yes     -        -       -         yes    -     -          -       -             yes   -
firm_look           yes     -        -       -         -      -     -          -       yes           yes   -
flight_geometry     yes     yes      -       yes       -      -     -          -       -             yes   -
flight_papers       yes     yes      -       yes       -      -     -          -       -             yes   -
flights_add         yes     yes      -       yes       -      -     -          -       -             yes   -
lead_close          -       -        -       -         yes    -     -          -       -             yes   -
lead_open           yes     -        -       yes       yes    -     -          -       -             yes   -
models_add          -       -        -       -         -      -     -          -       yes           yes   -
models_promote      -       -        -       -         -      -     -          -       yes           yes   -
packets_import      -       -        yes     -         -      -     -          -       yes           yes   -
platform_import     -       -        -       yes       yes    -     -          -       -             yes   -
receipt_record      -       -        -       yes       yes    -     -          -       -             yes   -
registry_import     yes     -        -       -         -      -     -          -       yes           yes   -
registry_mapping    yes     -        -       -         -      -     -          -       yes           yes   -
registry_undo       yes     -        -       -         -      -     -          -       yes           yes   -
report_deliver      -       -        yes     -         -      -     -          -       -             yes   -
report_issue        -       -        yes     -         -      -     -          -       -             yes   -
review_legal        -       -        -       -         -      yes   -          -       -             yes   -
review_technical    -       -        yes     -         -      -     -          -       -             yes   -
run_request         yes     yes      -       yes       yes    -     -          -       yes           yes   -
task_accept         -       -        yes     yes       yes    -     -          -       -             yes   -
task_assign         -       -        yes     yes       yes    -     -          -       -             yes   -
task_work           yes     yes      yes     yes       yes    yes   yes        -       -             yes   -
users_add           -       -        -       -         -      -     -          -       yes           yes   -
verdict             yes     -        -       yes       yes    -     -          -       -             yes   -
verdict_undo_others -       -        -       -         yes    -     -          -       -             yes   -
weekly_freeze       -       -        -       -         yes    -     -          -       -             yes   -
"""
READING = """
                    analyst operator station inspector leader legal contractor auditor administrator owner system
accountability      -       -        -       -         yes    yes   -          yes     -             yes   yes
alerts              yes     yes      yes     yes       yes    yes   -          yes     -             yes   yes
cases               yes     -        yes     yes       yes    yes   -          yes     -             yes   yes
duties              yes     -        yes     yes       yes    yes   -          yes     -             yes   yes
flights             yes     yes      yes     yes       yes    yes   -          yes     yes           yes   yes
models              yes     yes      yes     yes       yes    yes   -          yes     yes           yes   yes
monitors            yes     yes      yes     yes       yes    yes   -          yes     yes           yes   yes
own_tasks           yes     yes      yes     yes       yes    yes   yes        yes     yes           yes   yes
quality             yes     -        yes     -         yes    yes   -          yes     -             yes   yes
record              -       -        -       -         yes    yes   -          yes     yes           yes   yes
registry            yes     yes      yes     yes       yes    yes   -          yes     yes           yes   yes
rules               yes     yes      yes     yes       yes    yes   yes        yes     yes           yes   yes
tasks               yes     yes      yes     yes       yes    yes   -          yes     -             yes   yes
week                yes     -        yes     yes       yes    yes   -          yes     -             yes   yes
"""
HEAD, *ROWS = [line.split() for line in MATRIX.strip().splitlines()]
CELLS = [(role, act, cell == "yes") for act, *cells in ROWS for role, cell in zip(HEAD, cells, strict=True)]

_, *LOOKS = [line.split() for line in READING.strip().splitlines()]
LOOK_CELLS = [(role, what, cell == "yes") for what, *cells in LOOKS for role, cell in zip(HEAD, cells, strict=True)]


def test_the_matrix_has_every_role_and_every_act():
    assert tuple(HEAD) == ROLES
    assert tuple(row[0] for row in ROWS) == ACTS
    assert set(matrix()) == set(ACTS)
    assert tuple(row[0] for row in LOOKS) == READS
    assert set(reading()) == set(READS)


@pytest.mark.parametrize(("role", "act", "allowed"), CELLS, ids=[f"{role}-{act}" for role, act, _ in CELLS])
def test_each_role_may_just_what_the_matrix_says(role, act, allowed):
    if allowed:
        assert may(role, act).row == f"act_{act}@2000-01-01"
    else:
        with pytest.raises(RoleForbids) as refused:
            may(role, act)
        assert refused.value.row == f"act_{act}@2000-01-01"
        assert "roles.toml row" in refused.value.detail


@pytest.mark.parametrize(("role", "what", "allowed"), LOOK_CELLS, ids=[f"{r}-{w}" for r, w, _ in LOOK_CELLS])
def test_each_role_looks_at_just_what_the_matrix_says(role, what, allowed):
    if allowed:
        assert may_read(role, what).row == f"read_{what}@2000-01-01"
    else:
        with pytest.raises(RoleForbids, match=r"roles\.toml row") as refused:
            may_read(role, what)
        assert refused.value.row == f"read_{what}@2000-01-01"


def test_the_auditor_looks_at_all_and_the_contractor_at_its_tasks():
    assert all("auditor" in roles for roles in reading().values())
    assert {what for what, roles in reading().items() if "contractor" in roles} == {"own_tasks", "rules"}
    assert "administrator" not in reading()["cases"]
    with pytest.raises(RoleForbids):
        may_read("leader", "minds")


def test_the_machine_may_no_act_of_a_person_and_the_auditor_changes_nothing():
    assert not any(roles & {"system", "auditor"} for roles in matrix().values())
    assert {act for act, roles in matrix().items() if "contractor" in roles} == {"task_work"}
    assert "administrator" not in matrix()["verdict"]
    assert all("owner" in roles for roles in matrix().values())


@pytest.mark.parametrize(
    ("role", "act"), [("nobody", "verdict"), ("", "verdict"), ("leader", "penalty"), ("leader", "")]
)
def test_a_role_or_act_that_no_row_names_is_refused(role, act):
    with pytest.raises(RoleForbids):
        may(role, act)


def test_the_day_of_the_act_chooses_the_row():
    assert may("leader", "weekly_freeze", on=date(2026, 11, 24)).act == "weekly_freeze"
