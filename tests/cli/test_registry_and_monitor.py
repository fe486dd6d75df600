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
