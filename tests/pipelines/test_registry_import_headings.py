"""Headings: every kind in two languages, what is around them, what nobody knows."""

from __future__ import annotations

from datetime import date

import pytest

from enforcement.registry import KINDS
from pipelines.errors import Refusal
from pipelines.registry_import.headings import plain, table
from tests.pipelines.registry_files import (
    CODES,
    ENTERPRISE,
    PLACE,
    enterprise,
    read_rows,
)

FIRST = {
    "starts_at": "2026-01-02",
    "outlet": "DW001",
    "pollutant": "化学需氧量",
    "value": "50",
    "filing_kind": "检修",
    "drain_kind": "雨水",
    "azimuth_deg": "90",
    "key_unit_lists": "水",
    "diameter_m": "0.3",
    "height_m": "20",
    "medium": "废水",
    "uscc": CODES[0],
    "name": "名",
    "code": "K1",
    "mn": "M1",
    "on": "2026-01-02",
    "listed_on": "2026-01-02",
    "found": "是",
    "valid_from": "2026-01-02",
    "valid_to": "2027-01-01",
    "permit_number": f"{CODES[0]}001P",
    "receptor_kind": "学校",
    "site_id": "G1",
    "complaint_id": "T1",
}


@pytest.mark.parametrize("language", [0, -1])
@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_is_recognised_by_its_chinese_and_its_english_headings(tmp_path, kind, language):
    spellings = {
        field: words[language]
        for field, words in table()[kind]["fields"].items()
        if field in FIRST or field in table()[kind]["marks"]
    }
    found = read_rows(tmp_path, tuple(spellings.values()), [[FIRST.get(field, "") for field in spellings]])
    assert found.kind == kind
    assert type(found.rows[0]) is KINDS[kind]


def test_no_spelling_means_two_fields_of_one_kind():
    for kind in KINDS:
        words = [plain(word) for spellings in table()[kind]["fields"].values() for word in spellings]
        assert len(set(words)) == len(words), kind


@pytest.mark.parametrize(
    "heading", ["经度(度)", "经度（WGS84）", " 经 度 ", "*经度", "经度：", "LON", "Longitude", "ｌｏｎ"]
)
def test_a_heading_is_known_whatever_is_around_it(heading):
    assert plain(heading) in {plain(word) for word in table()["enterprise"]["fields"]["lon"]}


def test_headings_that_nobody_knows_are_mapped(tmp_path):
    headings = ("代号", "全称", "行业类别", "东", "北")
    rows = [(CODES[0], "某厂", "C26", *PLACE)]
    with pytest.raises(Refusal):
        read_rows(tmp_path, headings, rows)
    mapping = {"uscc": "代号", "name": "全称", "lon": "东", "lat": "北"}
    firm = read_rows(tmp_path, headings, rows, mapping=mapping, crs="EPSG:4326").rows[0]
    assert (firm.uscc, firm.name, firm.place.lat) == (CODES[0], "某厂", 31.25)


@pytest.mark.parametrize("mapping", [{"name": "没有"}, {"nonsense": "企业名称"}])
def test_a_mapping_that_leads_nowhere_is_refused(tmp_path, mapping):
    with pytest.raises(Refusal) as refused:
        read_rows(tmp_path, ENTERPRISE, [enterprise()], mapping=mapping)
    assert refused.value.reason in ("registry_mapping_bad", "registry_kind_unknown")


def test_two_kinds_that_fit_alike_are_asked_for(tmp_path):
    headings, row = ("统一社会信用代码", "企业名称", "行业类别", "列入日期"), (CODES[0], "某厂", "C26", "2026-03-01")
    with pytest.raises(Refusal) as refused:
        read_rows(tmp_path, headings, [row])
    assert refused.value.reason == "registry_kind_ambiguous"
    assert read_rows(tmp_path, headings, [row], kind="positive_listing").rows[0].listed_on == date(2026, 3, 1)
    with pytest.raises(Refusal, match="registry_kind_unknown"):
        read_rows(tmp_path, headings, [row], kind="outfall")
