"""Colours and shapes that everybody can tell apart."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from dashboard import palette
from pipelines.settings import AlertSettings

# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB.
DEFICIENCIES = {
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
OKABE_ITO = (
    palette.ORANGE, palette.SKY, palette.GREEN, palette.YELLOW, palette.BLUE, palette.VERMILION, palette.PURPLE,
)  # fmt: skip


def linear(colour: str) -> np.ndarray:
    srgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def luminance(colour: str) -> float:
    return float(linear(colour) @ (0.2126, 0.7152, 0.0722))


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
def test_hues_stay_apart_for_people_with_a_colour_vision_deficiency(deficiency):
    turned = np.array(DEFICIENCIES[deficiency])
    seen = {colour: np.clip(turned @ linear(colour), 0, 1) ** (1 / 2.4) for colour in OKABE_ITO}
    nearest = min(float(np.linalg.norm(seen[a] - seen[b])) for a, b in itertools.combinations(OKABE_ITO, 2))
    assert nearest > 0.08


def test_kinds_that_lie_on_one_map_differ_in_shape_or_in_being_hollow():
    on_triage = [kind for kind in palette.MARKS if kind not in ("camera", "mandated", "risk", "random")]
    looks = [(palette.MARKS[kind].outline, palette.MARKS[kind].hollow) for kind in on_triage]
    assert len(set(looks)) == len(looks)


def test_arms_of_the_week_differ_in_shape_and_colour():
    arms = [palette.MARKS[arm] for arm in ("mandated", "risk", "random")]
    assert len({mark.outline for mark in arms}) == len({mark.colour for mark in arms}) == 3


def test_every_label_that_raises_an_alert_has_a_mark_of_its_own():
    assert set(AlertSettings().labels) <= set(palette.MARKS)


@pytest.mark.parametrize(
    ("text", "ground"),
    [
        (palette.INK, palette.PAPER),
        (palette.MUTED, palette.PAPER),
        (palette.MUTED, palette.GROUND),
        (palette.PERSON, palette.PERSON_TINT),
        (palette.MACHINE, palette.PAPER),
        (palette.PAPER, palette.BLUE),
    ],
)
def test_text_stands_out_from_its_ground(text, ground):
    assert contrast(text, ground) >= 4.5  # WCAG 2.2, 1.4.3


def test_an_unknown_kind_is_drawn_as_other_in_page_and_map():
    assert palette.mark_of("never heard of") == palette.OTHER
    assert "yx-mark-other" in palette.mark_html('"><script>')
    assert set(palette.marks_json()) == {*palette.MARKS, "other"}
