"""Any sequence of imports, looked at from any past instant, against a list that is read from its beginning."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enforcement.registry import Enterprise, Permit, RegistryFact
from pipelines.store import Store, journal
from pipelines.store.canonical import BEIJING
from pipelines.store.read import registry
from tests.store import making
from tests.store.making import NOW, tell

STEP = timedelta(days=5)
DAYS = st.sampled_from([None, date(2026, 11, 20), date(2026, 11, 28), date(2026, 12, 6)])
SAID = st.tuples(st.sampled_from(["enterprise", "permit"]), st.sampled_from("AB"), DAYS, DAYS, st.sampled_from("xy"))
IMPORTS = st.lists(st.lists(SAID, max_size=5), min_size=1, max_size=6)


def fact_of(said: tuple[Any, ...], number: int, at: Any) -> RegistryFact:
    kind, key, first, last, word = said
    learnt = {"received_at": at, "source_sha256": making.sha(str(at)), "source_row": str(number)}
    days = {"valid_from": first, "valid_to": last}
    if kind == "enterprise":
        return Enterprise(uscc=key, name=word, **days, **learnt)
    return Permit(permit_number=key, enterprise="A", name=word, **days, **learnt)


def content_of(fact: RegistryFact) -> RegistryFact:
    return replace(fact, received_at=NOW, source_sha256="", source_row="")


def reference(told: list[list[RegistryFact]], as_of: Any) -> set[RegistryFact]:
    """The statements that hold, by reading every import again from the first: slow, plain, without a database."""
    stands: list[RegistryFact] = []
    for facts in told:
        taken: list[RegistryFact] = []
        for fact in facts:
            thing = (fact.KIND, fact.key, fact.valid_from)
            if fact.received_at > as_of or any((f.KIND, f.key, f.valid_from) == thing for f in taken):
                continue  # not known yet; or the first of contradicting rows counts
            taken.append(fact)
            before = [f for f in stands if (f.KIND, f.key, f.valid_from) == thing]
            if not before or content_of(before[0]) != content_of(fact):
                stands = [f for f in stands if f not in before] + [fact]
    day = as_of.astimezone(BEIJING).date()
    holds = [f for f in stands if (f.valid_from or date.min) <= day <= (f.valid_to or date.max)]
    return {
        max((f for f in holds if (f.KIND, f.key) == thing), key=lambda f: f.valid_from or date.min)
        for thing in {(f.KIND, f.key) for f in holds}
    }


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(imports=IMPORTS)
def test_as_of_any_past_instant_the_answer_is_that_of_the_plain_list(tmp_path_factory, imports):
    told = [
        [fact_of(said, row, NOW + STEP * number) for row, said in enumerate(rows, start=1)]
        for number, rows in enumerate(imports)
    ]
    with Store.open(tmp_path_factory.mktemp("h") / "home") as store:
        for facts in told:
            tell(store, facts)
            held = store.rows("SELECT * FROM registry_row ORDER BY id")
            again = tell(store, facts)
            assert (again.imported, again.changed) == (0, 0)
            assert store.rows("SELECT * FROM registry_row ORDER BY id") == held
        for number in range(-1, len(told)):
            for moment in (NOW + STEP * number, NOW + STEP * number + timedelta(days=4, hours=23)):
                assert set(registry.everything(store, moment)) == reference(told, moment)
        assert journal.verify(store).ok
