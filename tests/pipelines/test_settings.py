"""Settings: file, environment, refusals, and the digest that keys work."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from pipelines.errors import Refusal
from pipelines.settings import DetectSettings, Settings, digest, load
from pipelines.version import CODE_VERSION


def test_a_home_without_a_file_gets_the_defaults(tmp_path: Path) -> None:
    assert load(tmp_path, {}) == Settings()


def test_the_file_sets_fields_and_the_environment_wins_over_it(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('[intake]\nvideo_step_s = 5\n[detect]\ndetectors = ["a", "b"]\n', "utf-8")
    found = load(tmp_path, {"YAOXUN_INTAKE_VIDEO_STEP_S": "0.5", "YAOXUN_ALERT_LABELS": "smoke, foam"})
    assert found.intake.video_step_s == 0.5
    assert found.detect.detectors == ("a", "b")
    assert found.alert.labels == ("smoke", "foam")


@pytest.mark.parametrize("text", ["[detct]\n", "[detect]\ncolour = 1\n", '[engine]\nchunk = "many"\n', "[[["])
def test_what_cannot_be_a_setting_is_refused_by_name(tmp_path: Path, text: str) -> None:
    (tmp_path / "settings.toml").write_text(text, "utf-8")
    with pytest.raises(Refusal) as refused:
        load(tmp_path, {})
    assert refused.value.reason == "bad_settings"


def test_another_setting_gives_another_digest_and_the_same_gives_the_same() -> None:
    assert digest(DetectSettings()) == digest(DetectSettings())
    assert digest(DetectSettings()) != digest(DetectSettings(overlap_fraction=0.3))


def test_the_version_in_the_rows_is_that_of_the_project(root: Path) -> None:
    assert tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["version"] == CODE_VERSION


@pytest.mark.parametrize(("given", "found"), [("true", True), ("False", False), ("", None), ("yes", None)])
def test_a_yes_or_no_from_the_environment_is_the_word_for_it(tmp_path: Path, given: str, found: bool | None) -> None:
    environment = {"YAOXUN_LOCATE_RTK_BASE_KNOWN": given}
    if found is None:
        with pytest.raises(Refusal):
            load(tmp_path, environment)
    else:
        assert load(tmp_path, environment).locate.rtk_base_known is found
