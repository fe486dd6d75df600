"""Who acts: the one door before every act."""

from __future__ import annotations

import pytest

from enforcement import roles
from pipelines.casework.people import OWNER, acting_user, may_look, permitted
from pipelines.casework.users import add_user
from pipelines.errors import Refusal
from pipelines.store.read import people
from tests.store.making import NOW


def _add(store, name, role, *, by=None, **options):
    return add_user(store, name, role, by=by, at=NOW, **options)


def _reason(refused) -> str:
    return refused.value.reason


def test_on_a_home_without_accounts_the_local_owner_acts_unnamed_or_named(store):
    assert acting_user(store, None) == acting_user(store, "owner") == OWNER
    with pytest.raises(Refusal) as refused:
        acting_user(store, "li")
    assert _reason(refused) == "unknown_user"


@pytest.mark.parametrize("name", ["system", "SYSTEM", " System "])
def test_nobody_acts_as_the_machine(store, name):
    for _ in range(2):  # without accounts, and with one
        with pytest.raises(Refusal) as refused:
            acting_user(store, name)
        assert _reason(refused) == "system_is_nobody"
        _add(store, "admin", "administrator", by="owner") if not people.users(store) else None


def test_from_the_first_account_on_somebody_must_be_named(store):
    _add(store, "admin", "administrator", display_name="管理员")
    with pytest.raises(Refusal) as refused:
        acting_user(store, None)
    assert _reason(refused) == "who_acts"
    assert "admin" in refused.value.detail
    with pytest.raises(Refusal) as refused:
        acting_user(store, "owner")
    assert _reason(refused) == "unknown_user"
    assert acting_user(store, "admin") == acting_user(store, "管理员")


def test_a_refusal_names_the_row_that_refused(store):
    _add(store, "admin", "administrator")
    with pytest.raises(Refusal) as refused:
        permitted(store, "admin", "verdict", at=NOW)
    assert _reason(refused) == "role_forbids"
    assert "act_verdict" in refused.value.detail


def test_the_whole_matrix_is_what_the_table_says(store):
    _add(store, "administrator", "administrator")
    for role in roles.ROLES:
        if role not in ("system", "administrator", "owner"):
            _add(store, role, role, by="administrator")
    _add(store, "the-owner", "owner", by="administrator")
    for act, may in roles.matrix().items():
        for user in people.users(store):
            if user.role in may:
                assert permitted(store, user.id, act, at=NOW) == user
            else:
                with pytest.raises(Refusal) as refused:
                    permitted(store, user.id, act, at=NOW)
                assert _reason(refused) == "role_forbids"


# ---- accounts -------------------------------------------------------------------------------------------------------


def test_the_first_account_must_be_able_to_make_others(store):
    with pytest.raises(Refusal) as refused:
        _add(store, "li", "analyst")
    assert _reason(refused) == "first_account_role"
    assert "act_users_add" in refused.value.detail
    assert people.users(store) == []
    assert _add(store, "admin", "administrator").state == "administrator"
    assert _add(store, "li", "analyst", by="admin").id == "li"


def test_a_look_without_a_name_is_refused_where_the_home_asks_for_names(store, monkeypatch):
    assert may_look(store, None, "cases", at=NOW) is None
    monkeypatch.setenv("YAOXUN_PEOPLE_LOOKS_NAMED", "true")
    assert may_look(store, None, "cases", at=NOW) is None  # nobody could be named yet
    _add(store, "admin", "administrator")
    with pytest.raises(Refusal) as refused:
        may_look(store, None, "flights", at=NOW)
    assert _reason(refused) == "who_acts"
    assert may_look(store, "admin", "flights", at=NOW).id == "admin"


@pytest.mark.parametrize("name", ["", " ", "two words", "a,b", "system", "Owner", "tab\tbed", "x" * 65, "\x00"])
def test_a_name_that_cannot_be_typed_or_misleads_is_refused(store, name):
    with pytest.raises(Refusal) as refused:
        _add(store, name, "administrator")
    assert _reason(refused) == "bad_user_name"


@pytest.mark.parametrize("role", ["", "king", "system"])
def test_a_role_that_is_none_is_refused(store, role):
    with pytest.raises(Refusal) as refused:
        _add(store, "li", role)
    assert _reason(refused) == "unknown_role"


@pytest.mark.parametrize(("name", "shown"), [("ADMIN", None), ("zhang", "Admin"), ("管理员", None)])
def test_no_two_accounts_answer_to_one_name(store, name, shown):
    _add(store, "admin", "administrator", display_name="管理员")
    with pytest.raises(Refusal) as refused:
        _add(store, name, "analyst", by="admin", display_name=shown)
    assert _reason(refused) == "user_exists"


def test_made_up_people_and_real_ones_do_not_share_a_home(store):
    _add(store, "admin", "administrator", simulated=True)
    with pytest.raises(Refusal) as refused:
        _add(store, "li", "analyst", by="admin")
    assert _reason(refused) == "simulated_and_real"


def test_the_same_account_again_is_the_same_entry(store):
    first = _add(store, "admin", "administrator")
    assert _add(store, "admin", "administrator", by="admin") == first
    assert len(people.users(store)) == 1
