"""`registry duplicates`, `same`, `separate` from the command line, on files as two offices send them."""

from __future__ import annotations

from pathlib import Path

from .conftest import Yaoxun

BUREAU = """统一社会信用代码,企业名称,地址,行业类别
91310107MA1FT4R979,上海示例里建设工程有限公司,真北路958号,房屋建筑业
91310107MA1FQ5J764,上海示例家具涂装有限公司,兰溪路12号,家具制造业
"""
STREET = """检查日期,检查结果,检查编号,统一社会信用代码,企业名称
2026-10-01,发现问题,V1,,上海市示例里建设工程有限责任公司
2026-10-02,未发现问题,V2,,上海毫不相干食品有限公司
"""


def test_an_office_without_codes_is_joined_by_a_persons_word(yaoxun: Yaoxun, tmp_path: Path) -> None:
    for name, text in (("bureau.csv", BUREAU), ("street.csv", STREET)):
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert yaoxun("registry", "import", tmp_path / name, "--json").document["refused"] == []
    found = yaoxun("registry", "duplicates", "--look", "--json").document["proposals"]
    assert [(one["entry"]["key"], one["firm"]["key"]) for one in found] == [("V1", "91310107MA1FT4R979")]
    assert {piece["found"] for piece in found[0]["evidence"]} == {"body_same"}
    assert yaoxun("registry", "same", found[0]["id"], "--reason", "电话核实", "--json").document["state"] == "same"
    assert yaoxun("registry", "duplicates", "--json").document["proposals"] == []
    [decided] = yaoxun("registry", "duplicates", "--all", "--json").document["proposals"]
    assert (decided["decision"], decided["by"]) == ("same", "owner")
    assert yaoxun("registry", "separate", found[0]["id"], "--json").document["state"] == "open"
    assert yaoxun("evidence", "verify", "--json").document["ok"] is True


def test_a_proposal_that_is_none_is_refused_by_name(yaoxun: Yaoxun, tmp_path: Path) -> None:
    (tmp_path / "bureau.csv").write_text(BUREAU, encoding="utf-8")
    yaoxun("registry", "import", tmp_path / "bureau.csv")
    said = yaoxun("registry", "same", "FP-nothing", "--json")
    assert (said.code, said.document["refused"][0]["reason"]) == (2, "unknown_firm_proposal")
