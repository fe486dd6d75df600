"""Proposals on made-up books whose truth is known, and the pairs that must never be proposed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import bench_firms
from benchmarks.worlds import firm_books
from models.firms.entry import Entry
from models.firms.match import propose

CODE, OTHER = "91310107MA1FT4R979", "91310107MA1FQ5J764"
FIRM = Entry(kind="enterprise", key=CODE, name="上海示例里建设工程有限公司", address="真北路958号", code=CODE)


def the_one(*entries):
    found = propose(entries)
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize("seed", [101, 102])
def test_precision_and_recall_on_books_never_looked_at(seed):
    table, _, _ = bench_firms.score(firm_books.make(seed, 500))
    precision, recall, made = table[0.9]
    assert made > 300
    assert precision >= 0.99
    assert recall >= 0.9


def test_two_valid_codes_are_two_firms_even_under_one_name():
    twin = Entry(kind="enterprise", key=OTHER, name=FIRM.name, address=FIRM.address, code=OTHER, x_m=0.0, y_m=0.0)
    assert propose([FIRM, twin]) == []


def test_a_slip_in_the_code_is_found_and_says_so():
    slip = Entry(
        kind="permit", key="p1", name="上海示例里建设工程有限责任公司", written_code=CODE[:-3] + "8" + CODE[-2:]
    )
    found = the_one(FIRM, slip)
    assert found.keep == FIRM
    assert found.probability > 0.99
    assert "code_one_slip" in {piece.found for piece in found.evidence}


def test_the_organisation_code_within_the_credit_code_is_known():
    old = Entry(kind="enterprise", key="org", name="上海旧名建筑队", org_code=CODE[8:17], address="真北路958号")
    assert the_one(FIRM, old).keep == FIRM


def test_a_name_that_two_firms_bear_names_neither():
    twin = Entry(kind="enterprise", key=OTHER, name=FIRM.name, code=OTHER)
    said = Entry(kind="complaint", key="c1", name=FIRM.name)
    assert all(proposal.probability < 0.6 for proposal in propose([FIRM, twin, said], at_least=0.0))


def test_a_branch_is_not_its_mother():
    branch = Entry(kind="inspection", key="i1", name=f"{FIRM.name}普陀分公司", address=FIRM.address)
    assert propose([FIRM, branch]) == []


def test_a_sister_at_the_same_door_is_not_the_firm():
    sister = Entry(kind="inspection", key="i1", name="上海示例里餐饮管理有限公司", address=FIRM.address)
    assert propose([FIRM, sister]) == []


def test_an_unknown_firm_is_nobody():
    assert propose([FIRM, Entry(kind="complaint", key="c1", name="上海完全无关食品有限公司")]) == []


def test_two_rows_without_code_are_proposed_as_one():
    a = Entry(kind="enterprise", key="a", name="上海无码木业有限公司", address="兰溪路12号")
    b = Entry(kind="enterprise", key="b", name="上海市无码木业有限责任公司", address="兰溪路12号")
    found = the_one(a, b)
    assert {found.entry, found.keep} == {a, b}


@settings(max_examples=30, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(0, 10_000))
def test_the_order_of_entries_changes_nothing(random, seed):
    entries, _ = bench_firms.entries_of(firm_books.make(seed, 12))
    mixed = list(entries)
    random.shuffle(mixed)
    assert [(p.entry.id, p.keep.code, p.probability) for p in propose(entries)] == [
        (p.entry.id, p.keep.code, p.probability) for p in propose(mixed)
    ]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=12), st.text(max_size=12), st.text(max_size=19)), max_size=8))
def test_any_text_is_taken(rows):
    entries = [
        Entry(kind="enterprise", key=str(i), name=name, address=address, written_code=code)
        for i, (name, address, code) in enumerate(rows)
    ]
    for proposal in propose(entries):
        assert 0.0 <= proposal.probability <= 1.0
