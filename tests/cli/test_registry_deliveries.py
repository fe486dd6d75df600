"""`yaoxun registry preview, imports, undo, mapping, quality`: looked at, accepted, taken back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipelines import clock
from pipelines.store import Store
from pipelines.store.read.registry_imports import news
from tests.pipelines.registry_files import CODES, ENTERPRISE, enterprise, write_csv

from .conftest import Yaoxun


@pytest.fixture()
def first(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "一.csv", ENTERPRISE, [enterprise(0), enterprise(1), enterprise(2)])


@pytest.fixture()
def second(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "二.csv", ENTERPRISE, [enterprise(0, credit="红牌"), enterprise(1), enterprise(3)])


def test_a_preview_says_what_a_newer_file_changes_and_writes_nothing(yaoxun: Yaoxun, first: Path, second: Path) -> None:
    yaoxun("registry", "import", first, "--crs", "EPSG:4326")
    said = yaoxun("registry", "preview", second, "--crs", "EPSG:4326", "--json").document
    assert [(one["row"], one["key"]) for one in said["new"]] == [("3", CODES[3])]
    assert [(one["key"], one["fields"]) for one in said["changed"]] == [
        (CODES[0], {"credit_class": {"old": "green", "new": "red"}})
    ]
    assert said["unchanged"] == 1
    assert [one["key"] for one in said["not_in_file"]] == [CODES[2]]
    assert len(yaoxun("registry", "imports", "--json").document["imports"]) == 1
    assert yaoxun("registry", "preview", second, "--crs", "EPSG:4326", "--json").document == said
    read = yaoxun("registry", "preview", second, "--crs", "EPSG:4326").out
    assert "credit_class: green -> red" in read
    assert "not in the file, kept" in read


def test_an_import_is_listed_undone_and_its_undo_repeated(yaoxun: Yaoxun, first: Path, second: Path) -> None:
    yaoxun("registry", "import", first, "--office", "生态环境局", "--crs", "EPSG:4326")
    done = yaoxun("registry", "import", second, "--crs", "EPSG:4326", "--json").document
    assert (done["imported"], done["changed"], done["unchanged"]) == (1, 1, 1)
    earlier, later = yaoxun("registry", "imports", "--json").document["imports"][::-1]
    assert (earlier["office"], later["id"], later["undone"]) == ("生态环境局", done["import"], None)
    back = yaoxun("registry", "undo", done["import"], "--reason", "文件错了", "--json").document
    assert (back["state"], back["ended"], back["said_again"]) == ("undone", 2, 1)
    again = yaoxun("registry", "undo", done["import"], "--reason", "文件错了", "--json").document
    assert (again["state"], again["journal_entry"]) == ("unchanged", back["journal_entry"])
    assert yaoxun("registry", "imports", "--json").document["imports"][0]["undone"]["reason"] == "文件错了"
    assert yaoxun("registry", "preview", first, "--crs", "EPSG:4326", "--json").document["unchanged"] == 3
    assert yaoxun("evidence", "verify").code == 0


def test_refused_rows_are_written_to_a_file_that_is_mended_and_given_again(yaoxun: Yaoxun, tmp_path: Path) -> None:
    wrong = CODES[1][:-1] + "1"
    bad = write_csv(tmp_path / "坏.csv", ENTERPRISE, [enterprise(0), enterprise(1, code=wrong)])
    out = tmp_path / "退回.csv"
    yaoxun("registry", "import", bad, "--crs", "EPSG:4326", "--refused-to", out)
    out.write_text(out.read_text("utf-8-sig").replace(wrong, CODES[1]), "utf-8-sig")
    said = yaoxun("registry", "import", out, "--crs", "EPSG:4326", "--json").document
    assert (said["imported"], said["refused"]) == (1, [])


def test_a_mapping_is_saved_shown_and_found_by_a_later_file(yaoxun: Yaoxun, tmp_path: Path) -> None:
    headings = ("代号", "单位", "行业类别")
    file = write_csv(tmp_path / "a.csv", headings, [(CODES[0], "一厂", "C26")])
    mapping = {"kind": "enterprise", "columns": {"uscc": "代号", "name": "单位"}, "headings": list(headings)}
    (tmp_path / "m.json").write_text(json.dumps(mapping, ensure_ascii=False), "utf-8")
    save = ("registry", "mapping", "save", "水务局", tmp_path / "m.json", "--json")
    assert [yaoxun(*save).document["state"] for _ in range(2)] == ["saved", "unchanged"]  # a home of its own
    assert yaoxun("registry", "import", file, "--mapping", "无").code == 2
    assert yaoxun("registry", "mapping", "show", "水务局").document["columns"] == mapping["columns"]
    assert [one["name"] for one in yaoxun("registry", "mapping", "list", "--json").document["mappings"]] == ["水务局"]
    said = yaoxun("registry", "import", file, "--json").document
    assert (said["imported"], said["mapping"], said["office"]) == (1, {"name": "水务局", "found": "headings"}, "水务局")
    assert yaoxun("registry", "mapping", "show", "无").code == 2
    assert yaoxun("registry", "preview", file, "--mapping", "无").code == 2


def test_quality_names_the_very_rows_and_whose_file_they_are_in(yaoxun: Yaoxun, first: Path) -> None:
    yaoxun("registry", "import", first, "--office", "生态环境局", "--crs", "EPSG:4326")
    said = yaoxun("registry", "quality", "--json").document
    rows = {one["check"]: [(row["office"], row["file"], row["row"]) for row in one["rows"]] for one in said["findings"]}
    assert rows == {"key_unit_without_permit": [("生态环境局", "一.csv", str(n)) for n in (1, 2, 3)]}
    before = yaoxun("registry", "quality", "--as-of", "2020-01-01T00:00:00+08:00", "--json").document
    assert before["findings"] == []
    assert "key_unit_without_permit" in yaoxun("registry", "quality").out


def test_a_delivery_of_which_every_row_was_refused_is_no_news(yaoxun: Yaoxun, home: Path, tmp_path: Path) -> None:
    bad = write_csv(tmp_path / "坏.csv", ENTERPRISE, [enterprise(0, code="wrong")])
    assert yaoxun("registry", "import", bad, "--crs", "EPSG:4326").code == 2
    with Store.open(home) as store:
        assert news(store, clock.now()) == {}
        yaoxun("registry", "import", write_csv(tmp_path / "好.csv", ENTERPRISE, [enterprise(0)]), "--crs", "EPSG:4326")
        assert list(news(store, clock.now())) == ["enterprise"]
