"""`yaoxun monitor packets` and `monitor import`: packets out of files, once, with what was refused."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Yaoxun
from tests.hj212.wire import minute, packet

GOOD = packet(minute())
LOG = b"2026-11-01 08:00:01 recv " + GOOD + b"\r\n" + packet(minute(), digits=b"0000") + b"\r\nend of file"


def test_a_log_is_taken_once_with_its_refusals(yaoxun: Yaoxun, tmp_path: Path) -> None:
    file = tmp_path / "a.log"
    file.write_bytes(LOG)
    first = yaoxun("monitor", "import", str(file), "--json").document
    assert (first["packets"], first["rejected"], first["unchanged"], first["refused"]) == (1, 1, 0, [])
    again = yaoxun("monitor", "import", str(file), "--json").document
    assert (again["packets"], again["rejected"], again["unchanged"]) == (0, 0, 1)
    lines = yaoxun("monitor", "packets").lines
    assert [(row["mn"], row["cn"], row["status"], row["reason"]) for row in lines] == [
        ("310107A1000001", "2051", "ok", None), ("310107A1000001", "2051", "refused", "crc"),
    ]  # fmt: skip
    assert {"received_at", "qn", "sha256"} <= set(lines[0])
    assert lines[0]["answer"] is None  # nobody was there to be answered
    assert yaoxun("evidence", "verify").code == 0


def test_a_file_without_packets_is_refused_and_the_others_are_taken(yaoxun: Yaoxun, tmp_path: Path) -> None:
    (tmp_path / "none.txt").write_bytes(b"nothing here")
    (tmp_path / "good.txt").write_bytes(GOOD)
    said = yaoxun(
        "monitor", "import", *(str(tmp_path / name) for name in ("none.txt", "gone.txt", "good.txt")), "--json"
    )
    assert said.code == 0
    assert [one["reason"] for one in said.document["refused"]] == ["no_valid_packet", "no_such_file"]
    assert said.document["packets"] == 1
    assert yaoxun("monitor", "import", str(tmp_path / "none.txt")).code == 2


def test_packets_of_one_device_and_the_last_ones_only(yaoxun: Yaoxun, tmp_path: Path) -> None:
    file = tmp_path / "a.log"
    file.write_bytes(b"".join(packet(minute(f"310107A100000{k % 2}", qn=f"2026110108000{k}000")) for k in range(6)))
    yaoxun("monitor", "import", str(file))
    assert [r["qn"][13] for r in yaoxun("monitor", "packets", "--mn", "310107A1000001").lines] == ["1", "3", "5"]
    assert [r["qn"][13] for r in yaoxun("monitor", "packets", "--last", "2").lines] == ["4", "5"]
    assert [r["qn"][13] for r in yaoxun("monitor", "packets", "--mn", "310107A1000000", "--last", "1").lines] == ["4"]


def test_only_who_may_takes_packets_from_a_file(yaoxun: Yaoxun, tmp_path: Path) -> None:
    file = tmp_path / "a.log"
    file.write_bytes(GOOD)
    assert yaoxun("users", "add", "ada", "administrator").code == 0
    assert yaoxun("users", "add", "lin", "analyst", "--as", "ada").code == 0
    said = yaoxun("monitor", "import", str(file), "--as", "lin")
    assert said.code == 2
    assert "act_packets_import" in said.err[0]
    assert yaoxun("monitor", "packets").lines == []


def test_a_home_that_is_not_there_has_no_packets(yaoxun: Yaoxun) -> None:
    said = yaoxun("monitor", "packets", "--json")
    assert (said.code, said.lines) == (0, [])


def test_what_devices_send_is_measured_by_hand(yaoxun: Yaoxun, tmp_path: Path) -> None:
    first, second = packet(minute()), packet(minute(qn="20261101080100000", cp="DataTime=20261101075900;a34001-Avg=1"))
    (tmp_path / "a.log").write_bytes(first + second + first + packet(minute(), digits=b"0000"))
    yaoxun("monitor", "import", str(tmp_path / "a.log"))
    (device,) = yaoxun("monitor", "devices", "--json").document["devices"]
    assert {name: device[name] for name in ("mn", "packets", "refused", "repeats", "out_of_order", "late")} == {
        "mn": "310107A1000001", "packets": 3, "refused": 1, "repeats": 1, "out_of_order": 1, "late": 0,
    }  # fmt: skip
    assert device["delay_s"] is device["clock_s"] is None  # when a log is brought in says nothing of the device
    assert yaoxun("monitor", "devices", "--as-of", "2026-11-01T00:00:00+08:00", "--json").document["devices"] == []
    assert yaoxun("monitor", "devices", "--hours", "0").code == 2
