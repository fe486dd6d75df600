"""The one key of a firm, from whatever code a row has."""

from __future__ import annotations

import pytest

from enforcement.errors import FirmNameless
from enforcement.registry import firm_key

CODE, OLD, ORGANISATION = "91310107JH8KKJ0MY0", "310107000123456", "13221234X"


@pytest.mark.parametrize(
    ("told", "key"),
    [
        ((CODE, OLD, "某厂", ""), CODE),
        ((CODE.lower(), "", "", ""), CODE),
        (("９１３１０１０７JH8KKJ0MY0", "", "某厂", ""), CODE),
        (("", CODE, "某厂", ""), CODE),
        ((OLD, "", "某厂", ""), f"reg-{OLD}"),
        (("", " 3101070 00123456 ", "某厂", ""), f"reg-{OLD}"),
        (("", "13221234-x", "某厂", ""), f"org-{ORGANISATION}"),
        ((ORGANISATION, OLD, "", ""), f"reg-{OLD}"),
        ((CODE[:-1] + "1", OLD, "某厂", ""), f"reg-{OLD}"),  # a wrong check character is no credit code
    ],
)
def test_the_surest_code_is_the_key(told, key):
    assert firm_key(*told) == key


def test_an_organisation_code_may_stand_by_itself():
    assert firm_key("", "", "某厂", org_code="1322 1234-X") == f"org-{ORGANISATION}"


def test_a_mere_name_gives_a_key_that_lasts_and_that_its_spelling_does_not_change():
    key = firm_key(name="某某（上海）加工厂", address="某路1号")
    assert key == "noname-231b6949940969c3"
    assert firm_key("无", "", " 某某(上海)加工厂 ", "某路 １号") == key
    assert firm_key(name="某某（上海）加工厂", address="某路2号") != key
    assert firm_key(name="某某（上海）加工", address="厂某路1号") != key


@pytest.mark.parametrize("told", [(), ("", "", "  ", "某路1号"), ("无", "", "", "")])
def test_nothing_to_hold_it_under_is_refused(told):
    with pytest.raises(FirmNameless):
        firm_key(*told)
