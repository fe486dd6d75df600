"""Registry files as offices send them: codes, encodings, datum, dirt."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from stdnum.cn import uscc

from data_samples.district import offices
from data_samples.district.credit_code import company, with_check
from data_samples.district.datum import gcj02_of
from data_samples.district.place import lonlat_of
from data_samples.district.plan import district

PLAN = district()
KNOWN = {firm.uscc for firm in PLAN.firms}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("registry")
    offices.write(made, 7)
    return made


def rows_of(folder: Path, name: str, encoding: str = "utf-8-sig") -> list[dict[str, str]]:
    text = (folder / name).read_bytes().decode(encoding)
    return list(csv.DictReader(io.StringIO(text)))


def test_every_firm_has_a_credit_code_that_another_library_accepts() -> None:
    assert len(PLAN.firms) >= 40
    assert len(KNOWN) == len(PLAN.firms)
    assert all(uscc.is_valid(code) for code in KNOWN)


@pytest.mark.given
def test_check_characters_equal_those_of_the_given_codes(shared: Path) -> None:
    codes = json.loads((shared / "standards" / "misc_vectors.json").read_text())["uscc"]
    valid = [entry["code"] for entry in codes if entry["valid"] is True]
    assert valid
    assert [with_check(code[:-1]) for code in valid] == valid


def test_a_company_code_names_category_and_district() -> None:
    assert company("MA1FX2K7").startswith("91310107MA1FX2K7")
    assert len(company("MA1FX2K7")) == 18


def test_enterprises_come_in_gb18030_and_gcj02(folder: Path) -> None:
    with pytest.raises(UnicodeDecodeError):
        (folder / "enterprises.csv").read_bytes().decode("utf-8")
    dyeing = next(r for r in rows_of(folder, "enterprises.csv", "gb18030") if r["企业名称"] == PLAN.firm("dyeing").name)
    written = np.array([[float(dyeing["经度"]), float(dyeing["纬度"])]])
    place = lonlat_of([PLAN.firm("dyeing").xy])
    assert written == pytest.approx(gcj02_of(place), abs=1e-6)
    assert np.abs(written - place).max() > 0.001


def test_the_dirt_is_where_files_json_says(folder: Path) -> None:
    entries = {e["file"]: e for e in json.loads((folder / "files.json").read_text("utf-8"))}
    for name, entry in entries.items():
        rows = rows_of(folder, name, entry.get("encoding", "utf-8-sig"))
        assert len(rows) == entry["rows"] == entry["imported"] + len(entry["must_refuse"])
    firms = rows_of(folder, "enterprises.csv", "gb18030")
    said = [firms[int(r["item"].split()[1]) - 1] for r in entries["enterprises.csv"]["must_refuse"]]
    checksum, zero, swapped, day, twin, total = said
    assert not uscc.is_valid(checksum["统一社会信用代码"])
    assert all(uscc.is_valid(row["统一社会信用代码"]) for row in (zero, swapped, day, twin))
    assert (zero["经度"], zero["纬度"]) == ("0", "0")
    assert float(swapped["经度"]) < 90 < float(swapped["纬度"])
    assert day["成立日期"] == "26/11/24"
    assert sum(row["统一社会信用代码"] == twin["统一社会信用代码"] for row in firms) == 2
    assert total["序号"] == "合计"
    good = [row for row in firms if row not in said]
    written = {row["企业名称"].strip(): row["统一社会信用代码"] for row in good}
    assert set(written) == {firm.name for firm in PLAN.firms}
    assert [name for name, code in written.items() if not code.isascii()] == [PLAN.firm("laundry").name]
    assert [name for name, code in written.items() if code != code.upper()] == [PLAN.firm("paint").name]


@pytest.mark.parametrize(
    "name",
    [
        "complaints", "filings", "inspections", "monitors", "outfalls", "permit_limits", "permit_outlets", "permits",
        "positive_list", "sites",
    ],
)  # fmt: skip
def test_a_file_that_names_a_firm_names_one_that_is_registered(folder: Path, name: str) -> None:
    rows = rows_of(folder, f"{name}.csv")
    codes = {value for row in rows for key, value in row.items() if key.endswith("统一社会信用代码") and value}
    assert codes
    assert codes <= KNOWN


def test_outfalls_are_municipal_or_name_the_permit_of_their_holder(folder: Path) -> None:
    *rows, total = rows_of(folder, "outfalls.csv")
    assert total["排污口编码"] == "小计"
    assert len(rows) >= 25
    assert sum(not row["责任主体统一社会信用代码"] for row in rows) >= 10
    permits = {r["排污许可证编号"] for r in rows_of(folder, "permits.csv")}
    assert {r["排污许可证编号"] for r in rows if r["排污许可证编号"]} <= permits
    codes = {row["排污口编码"] for row in rows}
    assert {r["入河排污口编码"] for r in rows_of(folder, "permit_outlets.csv")} - {""} <= codes
    assert {r["排污口编码"] for r in rows_of(folder, "monitors.csv")} - {""} <= codes


def test_every_limit_is_of_an_outlet_of_a_permit_and_has_a_figure(folder: Path) -> None:
    outlets = {(r["排污许可证编号"], r["排放口编号"]) for r in rows_of(folder, "permit_outlets.csv")}
    limits = rows_of(folder, "permit_limits.csv")
    assert {(r["排污许可证编号"], r["排放口编号"]) for r in limits} == outlets
    assert all(float(r["许可排放浓度限值"]) > 0 for r in limits)


def test_drains_end_in_registered_outfalls_and_none_of_the_others(folder: Path) -> None:
    rows = rows_of(folder, "drains.csv")
    codes, municipal = {row["管线编号"] for row in rows}, {m.code for m in PLAN.mouths if m.registered and not m.firm}
    ends = {row["下游编号"] for row in rows} - codes
    assert ends == municipal


def test_inspections_cover_two_years_and_end_before_the_last_instant(folder: Path) -> None:
    days = sorted(r["检查日期"] for r in rows_of(folder, "inspections.csv") if r["检查日期"] != "25/02/26")
    assert days[0].startswith("2024")
    assert days[-1] <= "2026/11/23"
    found = [r["检查结果"] for r in rows_of(folder, "inspections.csv")]
    assert 0.1 < found.count("发现问题") / len(found) < 0.6


def test_same_seed_same_files(folder: Path, tmp_path: Path) -> None:
    offices.write(tmp_path, 7)
    for path in folder.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()
