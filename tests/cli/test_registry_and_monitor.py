"""`yaoxun registry …` and `monitor decode` on files that offices and devices really send."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Yaoxun


@pytest.mark.given
def test_the_outline_is_read_as_gcj02_because_it_says_where_it_comes_from(yaoxun: Yaoxun, shared: Path) -> None:
    said = yaoxun("registry", "district", shared / "data/boundary/putuo_310107_amap.geojson", "--json").document
    assert said["district"] == "普陀区"
    assert said["crs"] == "GCJ-02"
    assert said["area_km2"] == pytest.approx(55, abs=1.5), "the district's published area is about 55 km²"


@pytest.mark.given
def test_one_of_several_districts_is_chosen_by_name_and_never_guessed(yaoxun: Yaoxun, shared: Path) -> None:
    file = shared / "data/boundary/shanghai_districts_amap.geojson"
    assert yaoxun("registry", "district", file, "--json").document["refused"][0]["reason"] == "outline_ambiguous"
    assert yaoxun("registry", "district", file, "--name", "普陀区", "--json").document["district"] == "普陀区"


@pytest.mark.given
def test_a_station_list_in_gb18030_is_in_and_its_undeclared_datum_is_said(yaoxun: Yaoxun, shared: Path) -> None:
    file = shared / "data/stations/china_air_stations_excerpt_gb18030.csv"
    said = yaoxun("registry", "import", file, "--json").document
    assert (said["rows"], said["imported"], said["encoding"]) == (47, 47, "gb18030")
    assert said["crs"] == "cannot_tell"
    again = yaoxun("registry", "import", file, "--json").document
    assert (again["imported"], again["unchanged"]) == (0, 47)


@pytest.mark.given
def test_measured_values_are_no_registry(yaoxun: Yaoxun, shared: Path) -> None:
    file = shared / "data/stations/PRSA_Data_Dingling_20130301-20170228.csv"
    said = yaoxun("registry", "import", file, "--json")
    assert said.code == 2
    assert said.document["refused"][0]["reason"] == "measured_values_not_registry"


@pytest.mark.given
def test_every_given_packet_is_decoded_or_refused_as_it_must_be(yaoxun: Yaoxun, shared: Path, tmp_path: Path) -> None:
    for row in (shared / "standards/hj212_packets.tsv").read_text("utf-8").splitlines()[1:]:
        _, _, packet, _, crc = row.split("\t")
        (tmp_path / "packet").write_text(packet + "\r\n", "utf-8", newline="")
        said = yaoxun("monitor", "decode", tmp_path / "packet")
        right = crc == "hj212"
        assert (said.lines[0]["status"] == "ok") is right, packet
        assert said.code == (0 if right else 2)
        assert said.lines[-1]["summary"]["valid"] == int(right)


@pytest.mark.given
def test_a_dialect_is_taken_only_where_it_is_asked_for(yaoxun: Yaoxun, shared: Path, tmp_path: Path) -> None:
    rows = [row.split("\t") for row in (shared / "standards/hj212_packets.tsv").read_text("utf-8").splitlines()[1:]]
    packet = next(row[2] for row in rows if row[4] == "modbus")
    (tmp_path / "packet").write_text(packet + "\r\n", "utf-8", newline="")
    assert yaoxun("monitor", "decode", tmp_path / "packet").code == 2
    said = yaoxun("monitor", "decode", tmp_path / "packet", "--accept", "modbus")
    assert said.code == 0
    assert said.lines[0]["crc_mode"] == "modbus"


def test_refused_rows_are_written_mended_and_come_in_by_themselves(yaoxun: Yaoxun, tmp_path: Path) -> None:
    head, bad = "排污许可证编号,有效期起,有效期止", "91310107JH8KKJ0MY0001P,2024-01-01,28-12-31"
    (tmp_path / "permits.csv").write_text(f"{head}\n92310107LK69G34A85001P,2024-01-01,长期\n{bad}\n", "utf-8")
    said = yaoxun("registry", "import", tmp_path / "permits.csv", "--refused-to", tmp_path / "bad.csv", "--json")
    assert (said.code, said.document["imported"], said.document["refused"][0]["item"]) == (0, 1, "row 2")
    assert said.document["refused_file"] == str(tmp_path / "bad.csv")
    text = (tmp_path / "bad.csv").read_text("utf-8-sig")
    assert text.startswith(f"{head},行号,原因,说明\n{bad},2,registry_date_ambiguous,")
    (tmp_path / "bad.csv").write_text(text.replace("28-12-31", "2028-12-31", 1), "utf-8-sig")
    mended = yaoxun("registry", "import", tmp_path / "bad.csv", "--json").document
    assert (mended["rows"], mended["imported"], mended["refused"], mended["refused_file"]) == (1, 1, [], None)


def test_a_place_that_cannot_be_written_is_said_after_the_good_rows_are_in(yaoxun: Yaoxun, tmp_path: Path) -> None:
    rows = "排污许可证编号,有效期起,有效期止\n91310107JH8KKJ0MY0001P,2024-01-01,2028-12-31\nx,2024-01-01,长期\n"
    (tmp_path / "permits.csv").write_text(rows, "utf-8")
    said = yaoxun("registry", "import", tmp_path / "permits.csv", "--refused-to", tmp_path / "no" / "bad.csv")
    assert (said.code, "refused_rows_not_written" in said.err[-1]) == (2, True)
