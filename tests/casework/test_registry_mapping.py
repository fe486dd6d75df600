"""What an office's headings mean is said once: saved under its name, found again by itself, never overwritten."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest

from pipelines.casework import registry_mapping
from pipelines.casework.registry_imports import Wishes, preview, read_file, take_in
from pipelines.casework.registry_mapping import OfficeMapping, look_at, map_of_file, map_of_json, save_mapping
from pipelines.casework.users import add_user
from pipelines.errors import Refusal
from pipelines.registry_import.mapping import FileMapping
from pipelines.store.read import registry, registry_imports
from tests.pipelines.registry_files import CODES, write_csv
from tests.store.making import NOW

HEADINGS = ("代号", "单位", "行业类别", "备注", "环境信用等级")
COLUMNS = {"uscc": "代号", "name": "单位", "industry": "行业类别", "credit_class": ""}
OFFICE = "生态环境局"


def file_of(folder: Path, name: str = "企业.csv", *, headings=HEADINGS) -> Path:
    rows = [(code, f"第{n}厂", "C26", "某某", "绿牌") for n, code in enumerate(CODES[:3])]
    return write_csv(folder / name, headings, rows, encoding="gb18030")


def said(**changes) -> OfficeMapping:
    file = FileMapping(**({"kind": "enterprise", "columns": COLUMNS} | changes))
    return OfficeMapping(file, HEADINGS, ("备注", "环境信用等级"))


def test_a_file_with_the_saved_headings_finds_its_mapping_by_itself_and_says_so(store, tmp_path):
    with pytest.raises(Refusal) as refused:
        read_file(store, file_of(tmp_path), Wishes(), at=NOW)
    assert refused.value.reason == "registry_kind_unknown"
    save_mapping(store, OFFICE, said(), by=None, at=NOW)
    reading = read_file(
        store, file_of(tmp_path, headings=("环境信用等级", "备注", "单位", " 代号 ", "行业类别")), Wishes(), at=NOW
    )
    assert (reading.mapping.name, reading.mapping.found, reading.office) == (OFFICE, "headings", OFFICE)
    reading = read_file(store, file_of(tmp_path, "另一期.csv"), Wishes(), at=NOW)
    assert [fact.name for fact in reading.file.rows] == ["第0厂", "第1厂", "第2厂"]
    done = take_in(store, reading, by=None, at=NOW, changes_sha256=preview(store, reading).sha256)
    assert done.imported == 3
    (held,) = registry_imports.all_imports(store)
    assert (held.office, held.mapping_id) == (OFFICE, registry_imports.mapping(store, OFFICE).id)


def test_a_heading_that_is_ignored_is_not_read_although_it_is_known(store, tmp_path):
    save_mapping(store, OFFICE, said(), by=None, at=NOW)
    reading = read_file(store, file_of(tmp_path), Wishes(), at=NOW)
    assert {fact.credit_class for fact in reading.file.rows} == {None}
    take_in(store, reading, by=None, at=NOW)
    assert {firm.credit_class for firm in registry.at(store, NOW).enterprises} == {None}


def test_a_file_with_another_heading_is_not_taken_for_the_office_s(store, tmp_path):
    save_mapping(store, OFFICE, said(), by=None, at=NOW)
    with pytest.raises(Refusal):
        read_file(store, file_of(tmp_path, headings=(*HEADINGS[:3], "说明", "等级")), Wishes(), at=NOW)


def test_what_a_person_says_goes_before_the_mapping(store, tmp_path):
    save_mapping(store, OFFICE, said(crs="GCJ-02"), by=None, at=NOW)
    assert read_file(store, file_of(tmp_path), Wishes(office="区局"), at=NOW).office == "区局"
    save_mapping(store, "两", said(columns=COLUMNS | {"credit_class": "环境信用等级"}), by=None, at=NOW)
    reading = read_file(store, file_of(tmp_path), Wishes(mapping="两"), at=NOW)
    assert (reading.mapping.found, {fact.credit_class for fact in reading.file.rows}) == ("named", {"green"})


def test_a_changed_mapping_is_a_new_row_and_the_same_one_changes_nothing(store):
    first = save_mapping(store, OFFICE, said(), by=None, at=NOW)
    again = save_mapping(store, OFFICE, said(), by=None, at=NOW + timedelta(days=1))
    assert (first.state, again.state, again.journal_entry) == ("saved", "unchanged", first.journal_entry)
    save_mapping(store, OFFICE, said(crs="GCJ-02"), by=None, at=NOW + timedelta(days=2))
    assert [one.content.get("crs") for one in registry_imports.mappings(store)] == ["GCJ-02"]
    assert len(store.rows("SELECT * FROM registry_mapping")) == 2


def test_a_saved_mapping_is_written_to_a_file_and_read_again(store, tmp_path):
    save_mapping(store, OFFICE, said(words={"yes": {"yes": ("有问题",)}}), by=None, at=NOW)
    file = tmp_path / "mapping.json"
    file.write_text(json.dumps(dict(registry_imports.mapping(store, OFFICE).content), ensure_ascii=False), "utf-8")
    assert map_of_file(file) == said(words={"yes": {"yes": ("有问题",)}})
    reading = read_file(store, file_of(tmp_path), Wishes(mapping=str(file)), at=NOW)
    assert (reading.mapping.found, reading.office) == ("file", "")


@pytest.mark.parametrize(
    ("name", "mapping", "word"),
    [
        ("  ", said(), "bad_mapping_name"),
        (OFFICE, said(kind=None), "registry_mapping_bad"),
        (OFFICE, said(columns={"colour": "代号"}), "registry_mapping_bad"),
        (OFFICE, said(columns=COLUMNS | {"address": "地址"}), "registry_mapping_bad"),
        (OFFICE, OfficeMapping(said().file), "registry_mapping_bad"),
    ],
)
def test_a_mapping_that_could_not_be_used_is_not_saved(store, name, mapping, word):
    with pytest.raises(Refusal) as refused:
        save_mapping(store, name, mapping, by=None, at=NOW)
    assert refused.value.reason == word
    assert registry_imports.mappings(store) == []


def test_a_role_that_may_not_saves_no_mapping(store):
    add_user(store, "admin", "administrator", by=None, at=NOW)
    add_user(store, "wu", "auditor", by="admin", at=NOW)
    with pytest.raises(Refusal) as refused:
        save_mapping(store, OFFICE, said(), by="wu", at=NOW)
    assert refused.value.reason == "role_forbids"


@pytest.mark.parametrize("text", ["[]", "{", '{"columns": {"uscc": 1}}', '{"headings": [1]}'])
def test_a_file_that_is_no_mapping_is_refused(tmp_path, text):
    file = tmp_path / "m.json"
    file.write_text(text, "utf-8")
    with pytest.raises(Refusal) as refused:
        map_of_file(file)
    assert refused.value.reason in ("bad_mapping_file", "registry_mapping_bad")


def test_the_short_form_is_our_field_to_the_heading():
    assert map_of_json({"uscc": "代号"}, "m").file.columns == {"uscc": "代号"}


def test_the_headings_are_looked_for_below_titles(tmp_path):
    path = write_csv(
        tmp_path / "a.csv", ("某区企业名录（2026 年）", "", "", ""), [HEADINGS, (CODES[0], "一厂", "C26", "", "")]
    )
    (looked,) = look_at(path)
    assert looked.headings == HEADINGS
    assert registry_mapping.meanings(looked.headings, "enterprise", {"uscc": "代号"}) == {
        "代号": "uscc",
        "行业类别": "industry",
        "环境信用等级": "credit_class",
    }


UPPER, LOWER = ("代号", "单位", "坐标", "", "备注"), ("", "", "东", "北", "")
JOINED = ("代号", "单位", "坐标东", "坐标北", "备注")


def two_rows_of_headings(tmp_path, code=CODES[0]):
    book = openpyxl.Workbook()
    for row in (("某区企业名录",), UPPER, LOWER, (code, "一厂", 121.4012, 31.2512, "x")):
        book.active.append(list(row))
    for region in ("A1:E1", "A2:A3", "B2:B3", "C2:D2", "E2:E3"):
        book.active.merge_cells(region)
    book.save(tmp_path / "a.xlsx")
    return tmp_path / "a.xlsx"


def of_joined():
    columns = {"uscc": "代号", "name": "单位", "lon": "坐标东", "lat": "坐标北"}
    return OfficeMapping(
        FileMapping(kind="enterprise", header_row=2, columns=columns, crs="EPSG:4326"), JOINED, ("备注",)
    )


def test_headings_in_two_rows_are_looked_at_together_and_a_saved_mapping_of_them_is_found(store, tmp_path):
    path = two_rows_of_headings(tmp_path)
    (looked,) = look_at(path)
    assert (looked.header, looked.levels, looked.headings) == (1, 2, JOINED)
    assert looked.lowest[2:4] == ("东", "北")
    save_mapping(store, OFFICE, of_joined(), by=None, at=NOW)
    reading = read_file(store, two_rows_of_headings(tmp_path, CODES[1]), Wishes(), at=NOW)
    assert (reading.mapping.name, reading.mapping.found) == (OFFICE, "headings")
    assert [(firm.uscc, firm.name, firm.place.lon) for firm in reading.file.rows] == [(CODES[1], "一厂", 121.4012)]
    assert reading.file.refused == ()


def test_two_rows_of_headings_without_merged_cells_are_joined_where_a_person_says_so(store, tmp_path):
    path = write_csv(tmp_path / "a.csv", UPPER, [LOWER, (CODES[0], "一厂", "121.4012", "31.2512", "x")])
    (looked,) = look_at(path)
    assert (looked.levels, replace(looked, levels=2).headings) == (1, JOINED)
    said = replace(of_joined(), file=replace(of_joined().file, header_row=1))
    save_mapping(store, OFFICE, said, by=None, at=NOW)
    reading = read_file(store, path, Wishes(), at=NOW)
    assert [(firm.uscc, firm.place.lat) for firm in reading.file.rows] == [(CODES[0], 31.2512)]
