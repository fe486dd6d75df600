"""Registry files as offices send them: codes, encodings, datum, dirt."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from stdnum.cn import uscc

from data_samples.renderer import offices
from data_samples.renderer.credit_code import company, with_check
from data_samples.renderer.datum import gcj02_of
from data_samples.renderer.invented import BY_KEY, FIRMS, OUTFALLS
from data_samples.renderer.place import lonlat_of


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("registry")
    offices.write(made, 7)
    return made


def rows_of(folder: Path, name: str, encoding: str = "utf-8-sig") -> list[dict[str, str]]:
    text = (folder / name).read_bytes().decode(encoding)
    return list(csv.DictReader(io.StringIO(text)))


def test_every_firm_has_a_credit_code_that_another_library_accepts() -> None:
    assert len(FIRMS) >= 12
    assert len({firm.uscc for firm in FIRMS}) == len(FIRMS)
    assert all(uscc.is_valid(firm.uscc) for firm in FIRMS)


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
    dyeing = next(r for r in rows_of(folder, "enterprises.csv", "gb18030") if r["企业名称"] == BY_KEY["dyeing"].name)
    written = np.array([[float(dyeing["经度"]), float(dyeing["纬度"])]])
    place = lonlat_of([BY_KEY["dyeing"].xy])
    assert written == pytest.approx(gcj02_of(place), abs=1e-6)
    assert np.abs(written - place).max() > 0.001


def test_the_dirt_is_where_files_json_says(folder: Path) -> None:
    entries = {e["file"]: e for e in json.loads((folder / "files.json").read_text("utf-8"))}
    for name, entry in entries.items():
        rows = rows_of(folder, name, entry.get("encoding", "utf-8-sig"))
        assert len(rows) == entry["rows"] == entry["imported"] + len(entry["must_refuse"])
    firms = rows_of(folder, "enterprises.csv", "gb18030")
    bad = [firms[int(r["item"].split()[1]) - 1] for r in entries["enterprises.csv"]["must_refuse"]]
    assert not uscc.is_valid(bad[0]["统一社会信用代码"])
    assert bad[1]["序号"] == "合计"
    good = [r for r in firms if r not in bad]
    assert [r["企业名称"] for r in good if not r["统一社会信用代码"].isascii()] == [BY_KEY["laundry"].name]


def test_every_file_that_names_a_firm_names_one_that_is_registered(folder: Path) -> None:
    known = {firm.uscc for firm in FIRMS}
    for name in ("sites", "outfalls", "monitors", "permits", "inspections", "complaints", "positive_list"):
        for row in rows_of(folder, f"{name}.csv"):
            codes = {value for key, value in row.items() if key.endswith("统一社会信用代码") and value}
            assert codes <= known, name


def test_outfalls_have_one_municipal_one_and_permits_of_their_holders(folder: Path) -> None:
    rows = rows_of(folder, "outfalls.csv")[: len(OUTFALLS)]
    assert 3 <= len(rows) <= 5
    assert [r["排污口编码"] for r in rows if not r["责任主体统一社会信用代码"]] == ["310107-PWK-002"]
    permits = {r["排污许可证编号"] for r in rows_of(folder, "permits.csv")}
    assert {r["排污许可证编号"] for r in rows if r["排污许可证编号"]} <= permits


def test_inspections_cover_two_years_and_end_before_the_last_instant(folder: Path) -> None:
    days = sorted(r["检查日期"] for r in rows_of(folder, "inspections.csv"))
    assert days[0].startswith("2024")
    assert days[-1] <= "2026/11/23"
    found = [r["检查结果"] for r in rows_of(folder, "inspections.csv")]
    assert 0.1 < found.count("发现问题") / len(found) < 0.6


def test_same_seed_same_files(folder: Path, tmp_path: Path) -> None:
    offices.write(tmp_path, 7)
    for path in folder.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()
