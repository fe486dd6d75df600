"""Exact: where tags hold the true pose, known targets come back within a tenth of a pixel."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_samples.renderer.flight import LENS, exact_claim, shots
from tests.truth import exact_check, pictures


@pytest.mark.parametrize("name", pictures.POSES)
def test_targets_come_back_within_a_tenth_of_a_pixel(name: str, exact_folder: Path) -> None:
    row = exact_check.residuals_of(exact_folder / f"{name}.JPG")
    assert row["targets"] >= 30
    assert row["up_px"] <= exact_check.LIMIT_PX
    assert row["down_px"] <= exact_check.LIMIT_PX
    assert row["back_px"] <= exact_check.LIMIT_PX


def test_the_table_covers_every_picture_and_names_the_geo_it_judged(
    exact_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exact_check.report(exact_folder) == 0
    printed = capsys.readouterr().out
    with capsys.disabled():
        print("\n" + printed)
    assert all(name in printed for name in pictures.POSES)


def test_poses_look_into_all_quadrants_and_one_straight_down() -> None:
    quadrants = {int(shot.yaw_true_deg % 360 // 90) for _, shot in pictures.POSES.values()}
    assert quadrants == {0, 1, 2, 3}
    assert any(shot.pitch_deg == -90.0 and shot.yaw_true_deg % 90 for _, shot in pictures.POSES.values())
    assert any(any(lens.distortion) for lens, _ in pictures.POSES.values())


@pytest.mark.parametrize("name", pictures.POSES)
def test_targets_reach_the_corners_of_the_frame(name: str) -> None:
    lens, shot = pictures.POSES[name]
    uv = pictures.targets_of(lens, shot).uv
    assert uv.min() >= 0
    assert (uv.min(axis=0) < 5).all()
    assert (uv.max(axis=0) > [lens.width_px - 5, lens.height_px - 5]).all()


def test_the_sample_flight_with_true_tags_is_exact_too(tmp_path: Path) -> None:
    for shot in shots():
        name = shot.file.removesuffix(".JPG")
        pictures.write_one(tmp_path, name, LENS, shot, exact_claim(shot))
    assert exact_check.report(tmp_path) == 0
