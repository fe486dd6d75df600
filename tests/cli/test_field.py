"""The field sheet and the record of a visit, acted as roles through the command line."""

from __future__ import annotations

import hashlib
import io
import shutil
from datetime import timedelta
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from pipelines import clock
from pipelines.casework.case import file_case
from pipelines.casework.lead import open_lead
from pipelines.casework.verdict import record_verdict
from pipelines.store import Store
from pipelines.store.read import cases, field
from tests.casework import desk
from tests.store.making import NOW

from .conftest import Yaoxun

PEOPLE = ("--inspector", "inspector", "--inspector", "leader")
TIMES = ("--began", "2026-11-25T09:00:00+08:00", "--ended", "2026-11-25T10:30:00+08:00")
SHOWN = ("--identity-shown", "--notice-given", "--party", "present", "--signature", "signed")
WHOLE = ("--text", "料堆未覆盖", *TIMES, *PEOPLE, *SHOWN, "--statement", "当天未来得及覆盖")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("made") / "home"
    with Store.open(home) as store:
        desk.furnish(store)
        record_verdict(store, "A-1", "confirmed", by="analyst", at=NOW)
        open_lead(store, ["A-1"], by="leader", at=NOW, next_step="site_visit", reason="料堆扬尘")
    return home


@pytest.fixture()
def brigade(made: Path, home: Path, yaoxun: Yaoxun, monkeypatch: pytest.MonkeyPatch):
    shutil.copytree(made, home)
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=1))

    def run(*words: object, code: int = 0):
        said = yaoxun(*words, "--json")
        assert said.code == code, said
        return said.document

    return run


def reason(document) -> str:
    (item,) = document["refused"]
    return item["reason"]


def photo(path: Path) -> Path:
    """A photograph of a telephone: made, model, time with offset, place."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Huawei", "Mate 60"
    exif.get_ifd(0x8769).update({0x9003: "2026:11:25 09:20:00", 0x9011: "+08:00"})
    exif.get_ifd(0x8825).update({1: "N", 2: (31.0, 15.0, 0.0), 3: "E", 4: (121.0, 24.0, 0.0)})
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48), (90, 120, 60)).save(buffer, "JPEG", exif=exif)
    path.write_bytes(buffer.getvalue())
    return path


def text_of(path: Path) -> str:
    document = pypdfium2.PdfDocument(path)
    try:
        return "".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def test_a_visit_is_recorded_with_its_photograph_and_goes_into_the_case(brigade, home, tmp_path):
    with Store.open(home) as store:
        case = file_case(store, desk.LEAD, by="leader", at=NOW).id
    taken = photo(tmp_path / "现场.jpg")
    visit = ("field", "record", desk.LEAD, "violation", *WHOLE, "--photo", taken, "--as")
    assert reason(brigade(*visit, "analyst", code=2)) == "role_forbids"
    assert reason(brigade(*visit, "station", code=2)) == "role_forbids"
    done = brigade(*visit, "inspector")
    assert (done["id"], done["state"]) == ("FR-2026-1125-01", "recorded")
    assert brigade(*visit, "inspector")["unchanged"] is True
    with Store.open(home) as store:
        ((record, finding),) = field.records_with_findings(store, clock.now(), lead_id=desk.LEAD)
        kinds = [(one.kind, one.ref) for one in cases.case(store, case, clock.now()).evidence]
    (held,) = record.photos
    assert held.sha256 == hashlib.sha256(taken.read_bytes()).hexdigest()
    assert (held.device, held.lon, held.lat) == ("Huawei Mate 60", pytest.approx(121.4), pytest.approx(31.25))
    assert held.taken_at.isoformat() == "2026-11-25T01:20:00+00:00"
    assert (finding.found, finding.seen_on.isoformat()) == ("violation", "2026-11-25")
    assert ("finding", finding.id) in kinds
    out = tmp_path / "record.pdf"
    brigade("field", "sheet", desk.LEAD, "--record", done["id"], "-o", out, "--as", "inspector")
    said = text_of(out)
    ticked = ("■ 已向当事人或者有关人员出示执法证件", "■ 发现违法", "□ 未发现", "已签名")
    words = ("FR-2026-1125-01", "料堆未覆盖", "Huawei Mate 60", "121.400000", "31.250000", "2026-11-25 09:00")
    for word in (*ticked, *words, "当天未来得及覆盖"):
        assert word in said, word
    bag = tmp_path / "bag"
    brigade("evidence", "export", case, "-o", bag, "--as", "legal")
    assert (bag / "data/evidence" / f"{held.sha256[:12]}_现场.jpg").read_bytes() == taken.read_bytes()
    index = (bag / "data/index.html").read_text("utf-8")
    assert "现场检查记录 FR-2026-1125-01" in index and "照片 1 张" in index
    assert brigade("evidence", "verify")["ok"] is True
    assert brigade("evidence", "verify", "--bag", bag)["ok"] is True


def without(words: tuple, *left_out: str) -> tuple:
    return tuple(word for word in words if word not in left_out)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--text", "x", *TIMES, "--inspector", "inspector", *SHOWN), "too_few_inspectors"),
        (("--text", "x", *TIMES, "--inspector", "inspector", "--inspector", "inspector", *SHOWN), "too_few_inspectors"),
        (
            ("--text", "x", *TIMES, "--inspector", "inspector", "--inspector", "contractor", *SHOWN),
            "too_few_inspectors",
        ),
        (("--text", "x", *TIMES, "--inspector", "inspector", "--inspector", "nobody", *SHOWN), "unknown_user"),
        (without(WHOLE, "--identity-shown"), "identity_not_shown"),
        (without(WHOLE, "--notice-given"), "identity_not_shown"),
        (("--text", "x", *TIMES, *PEOPLE, "--party", "absent", "--signature", "signed"), "field_record_unfit"),
        (("--text", "x", *TIMES, *PEOPLE, "--party", "absent", "--signature", "absent"), "reason_missing"),
        ((*without(WHOLE, "signed"), "refused"), "bad_usage"),
        ((*WHOLE, "--ended", "2026-11-25T08:00:00+08:00"), "field_record_unfit"),
        ((*WHOLE, "--ended", "2026-11-26T08:00:00+08:00"), "field_record_unfit"),
        ((*WHOLE, "--text", " "), "reason_missing"),
        ((*WHOLE, "--photo", "/nowhere.jpg"), "no_such_file"),
    ],
)
def test_a_record_that_is_not_whole_is_refused_and_leaves_nothing(brigade, home, words, expected):
    said = brigade("field", "record", desk.LEAD, "violation", *words, "--as", "inspector", code=2)
    assert reason(said) == expected
    with Store.open(home) as store:
        assert field.records(store, clock.now()) == []
        assert store.row("SELECT count(*) FROM field_finding")[0] == 0


def test_a_refused_signature_and_an_absent_party_stand_with_their_reason(brigade):
    words = (
        "--text",
        "大门紧锁",
        *TIMES,
        *PEOPLE,
        "--party",
        "absent",
        "--signature",
        "absent",
        "--reason",
        "停工无人",
    )
    brigade("field", "record", desk.LEAD, "not_reached", *words, "--as", "inspector")
    words = (*without(WHOLE, "--signature", "signed"), "--signature", "refused", "--reason", "当事人拒签")
    brigade("field", "record", desk.LEAD, "violation", *words, "--as", "leader")


def test_the_empty_sheet_names_the_lead_and_leaves_the_rest_to_be_written(brigade, tmp_path):
    out = tmp_path / "sheet.pdf"
    assert reason(brigade("field", "sheet", desk.LEAD, "-o", out, "--as", "operator", code=2)) == "role_forbids"
    brigade("field", "sheet", desk.LEAD, "-o", out, "--as", "inspector")
    first = out.read_bytes()
    said = text_of(out)
    for word in (
        desk.LEAD,
        "企业 1A",
        "料堆扬尘",
        "A-1",
        "扬尘",
        "121.395000, 31.250000",
        "□ 已向当事人",
        "□ 发现违法",
        "执法证号",
    ):
        assert word in said, word
    assert "■" not in said
    brigade("field", "sheet", desk.LEAD, "-o", out, "--as", "inspector")
    assert out.read_bytes() == first
    assert reason(brigade("field", "sheet", desk.LEAD, "-o", out, "--record", "FR-9", code=2)) == "unknown_field_record"
    assert reason(brigade("field", "sheet", "L-9", "-o", out, code=2)) == "unknown_lead"
