"""Exchange with the city's platform: a round trip loses nothing, whatever the mapping leaves out; edits count."""

from __future__ import annotations

import csv
import io
import json
import shutil
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines import clock
from pipelines.casework.check import Judged, close_check, open_check, record_item
from pipelines.casework.finding import record_finding
from pipelines.casework.task import assign_task
from pipelines.documents import platform
from pipelines.documents.platform import FIELDS, Row, default_mapping, mapping_of
from pipelines.errors import Refusal
from pipelines.store import Store
from tests.casework import desk
from tests.casework.test_audit_reports import issued
from tests.store.making import NOW

from .conftest import Yaoxun

LIMITS = datetime(1990, 1, 1), datetime(2090, 1, 1)  # noqa: DTZ001 - hypothesis asks for naive ones
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=12)
JSON = st.recursive(st.none() | st.booleans() | st.integers(-9, 9) | TEXTS, lambda inner: st.lists(inner, max_size=3))
TIMES = st.datetimes(*LIMITS, timezones=st.just(clock.BEIJING)).map(lambda at: at.isoformat())
OF = {"text": st.none() | TEXTS, "json": JSON, "time": st.none() | TIMES}


def records(kind: str):
    fields = {name: OF[how] for name, how in FIELDS[kind].items() if name != "id"}
    return st.lists(st.fixed_dictionaries(fields), max_size=4).map(
        lambda rows: [row | {"id": f"{kind}-{number}"} for number, row in enumerate(rows)]
    )


@pytest.mark.parametrize("form", ["csv", "json"])
@pytest.mark.parametrize("kind", platform.KINDS)
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_goes_out_comes_back_the_same(kind, form, data):
    mapping = mapping_of(default_mapping().replace(b'"csv"', f'"{form}"'.encode()), kind)
    rows = data.draw(records(kind))
    file = platform.written([Row(row) for row in rows], mapping)
    back, columns = platform.read(file, mapping)
    assert [dict(row.content) for row in back] == [{name: row.get(name) for name in FIELDS[kind]} for row in rows]
    assert platform.written(back, mapping, columns) == file


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from pipelines.casework.case import file_case, take_step
    from pipelines.casework.lead import open_lead
    from pipelines.casework.verdict import record_verdict

    home = tmp_path_factory.mktemp("made") / "home"
    with Store.open(home) as store:
        desk.furnish(store)
        record_verdict(store, "A-1", "confirmed", by="analyst", at=NOW)
        check = open_check(store, "alert", "A-1", by="analyst", at=NOW, reason="多次告警").id
        record_item(store, check, "drone", "alert:A-1", by="analyst", at=NOW, showed='料堆,"未覆盖"\n两处')
        close_check(store, check, Judged("violation", "remote_rectification", 10), by="analyst", at=NOW, reason="明显")
        open_check(store, "clue", "群众反映", by="analyst", at=NOW)
        issued(store)
        lead = open_lead(store, ["A-1"], by="leader", at=NOW, next_step="site_visit").id
        record_finding(store, lead, "violation", by="inspector", at=NOW, text="未覆盖")
        case = file_case(store, lead, by="leader", at=NOW).id
        take_step(store, case, "investigate", by="inspector", at=NOW)
        assign_task(store, "contractor", "survey", by="leader", at=NOW, text="排查")
    return home


@pytest.fixture()
def office(made: Path, home: Path, yaoxun: Yaoxun):
    shutil.copytree(made, home)

    def run(*words: object, code: int = 0):
        said = yaoxun(*words, "--json")
        assert said.code == code, said
        return said.document

    return run


def reason(document) -> str:
    (item,) = document["refused"]
    return item["reason"]


@pytest.mark.parametrize("kind", platform.KINDS)
def test_our_records_go_out_and_what_comes_back_goes_out_the_same(office, tmp_path, kind):
    out, again = tmp_path / "out.csv", tmp_path / "again.csv"
    export = ("platform", "export", kind, "-o")
    assert reason(office(*export, out, "--as", "operator", code=2)) == "role_forbids"
    done = office(*export, out, "--as", "leader")
    assert done["records"] >= 1
    bring = ("platform", "import", kind, out, "--as")
    assert reason(office(*bring, "analyst", code=2)) == "role_forbids"
    came = office(*bring, "inspector")
    assert office(*bring, "inspector")["unchanged"] is True
    office(*export, again, "--import", came["id"], "--as", "auditor")
    assert again.read_bytes() == out.read_bytes()
    shown = office("platform", "show", came["id"])["records"]
    assert [row["key"] for row in shown] == [row["content"]["id"] for row in shown]
    assert office("platform", "list")["imports"][0]["rows"] == done["records"]
    assert office("evidence", "verify")["ok"] is True


def test_the_file_speaks_the_platforms_words_and_an_edit_there_counts(office, tmp_path, home):
    out = tmp_path / "cases.csv"
    office("platform", "export", "case", "-o", out)
    text = out.read_bytes().decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert (row["案件编号"], row["案件状态"], row["立案时间"]) == (desk.CASE, "调查终结", "2026-11-24 11:00:00")
    edited = text.replace("调查终结", "已决定", 1).replace("2026-11-24 11:00:00", "2026-11-24 12:00:00", 1)
    lines = edited.splitlines(keepends=True)
    lines[0] = lines[0].rstrip("\r\n") + ",平台备注\r\n"
    out.write_bytes("".join([*lines[:-1], lines[-1].rstrip("\r\n") + ",已阅\r\n"]).encode("utf-8-sig"))
    came = office("platform", "import", "case", out, "--as", "leader")["id"]
    (record,) = office("platform", "show", came)["records"]
    assert record["content"]["state"] == "decided"
    assert record["content"]["at"] == "2026-11-24T12:00:00+08:00"
    assert record["others"] == {"平台备注": "已阅"}
    assert office("case", "show", desk.CASE)["state"] == "investigated", "what the platform says moves nothing of ours"
    again = tmp_path / "again.csv"
    office("platform", "export", "case", "-o", again, "--import", came)
    assert again.read_bytes().decode("utf-8-sig").splitlines()[0].endswith("平台备注")


def test_a_mapping_by_which_something_would_be_lost_is_refused(office, tmp_path):
    mapping = tmp_path / "m.toml"
    mapping.write_text('[case]\nid = "编号"\nstate = "状态"\n', encoding="utf-8")
    export = ("platform", "export", "case", "-o", tmp_path / "x.csv", "--mapping", mapping)
    said = office(*export, code=2)
    assert reason(said) == "mapping_loses"
    assert "lead" in said["refused"][0]["detail"] and "state" not in said["refused"][0]["detail"].split(", ")
    mapping.write_text('rest = "其余"\nencoding = "gb18030"\n[case]\nid = "编号"\n', encoding="utf-8")
    assert office(*export)["records"] == 1
    assert (tmp_path / "x.csv").read_bytes().decode("gb18030").startswith("编号,其余")


@pytest.mark.parametrize(
    "text",
    [
        "no toml [",
        '[case]\nstate = "状态"\n',
        '[case]\nid = "编号"\nstate = "编号"\n',
        '[case]\nid = "编号"\ncolour = "颜色"\n',
        "[case]\nid = 3\n",
        'encoding = "latin-1"\n[case]\nid = "编号"\n',
        'rest = "编号"\n[case]\nid = "编号"\n',
        '[case]\nid = "编号"\n[values.case.state]\nfiled = "立"\nheard = "立"\n',
        '[case]\nid = "编号"\n[values.case.state]\nfiled = ""\n',
    ],
)
def test_a_mapping_that_cannot_be_used_says_why(text):
    with pytest.raises(Refusal, match="mapping_unfit") as refused:
        mapping_of(text.encode(), "case")
    assert refused.value.detail


UNREADABLE = (
    "x,y\r\n1,2\r\n", '案件编号,x\r\n"",1\r\n', "案件编号\r\na\r\na\r\n", "案件编号,案件编号\r\na,b\r\n",
    "案件编号,附加数据\r\na,{\r\n", "案件编号\r\na,b\r\n", '"案件编号',
)  # fmt: skip


@pytest.mark.parametrize("text", UNREADABLE)
def test_a_file_that_cannot_be_read_is_refused_whole(office, tmp_path, text):
    file = tmp_path / "f.csv"
    file.write_bytes(text.encode())
    assert reason(office("platform", "import", "case", file, "--as", "leader", code=2)) == "platform_file_unfit"
    assert office("platform", "list")["imports"] == []


def test_unknown_kinds_imports_and_files(office, tmp_path):
    out = tmp_path / "x"
    assert reason(office("platform", "export", "fines", "-o", out, code=2)) == "platform_kind_unknown"
    assert (
        reason(office("platform", "export", "case", "-o", out, "--import", "PI-9", code=2)) == "unknown_platform_import"
    )
    assert reason(office("platform", "show", "PI-9", code=2)) == "unknown_platform_import"
    assert reason(office("platform", "import", "case", out, "--as", "leader", code=2)) == "no_such_file"
    office("platform", "mapping", "-o", out)
    assert out.read_bytes() == default_mapping()
    assert all(mapping_of(out.read_bytes(), kind).rest for kind in platform.KINDS)
    assert json.dumps(sorted(platform.KINDS)) == '["case", "check", "finding", "lead", "task"]'
