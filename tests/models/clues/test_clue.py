"""Which of many clues are worth a look: the published example, kinds apart, and what a clue could be besides."""

from __future__ import annotations

import numpy as np
import pytest

from models.clues.clue import INNOCENT, Clue, worth_a_look

PUBLISHED = (0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528,
             0.7590, 1.0)  # fmt: skip
"""The fifteen chances of Benjamini and Hochberg 1995, section 4.2; at 0.05 the first four are found."""


def clue(chance: float, kind: str = "flat_line") -> Clue:
    return Clue(kind, 0, 1, {}, chance)


def test_the_published_example_gives_its_four() -> None:
    kept = worth_a_look([clue(p) for p in PUBLISHED[::-1]], {"flat_line": 15}, false_share=0.05)
    assert [one.chance for one in kept] == list(PUBLISHED[:4])


def test_tests_that_gave_no_clue_count_too() -> None:
    few = [clue(0.004), clue(0.009)]
    assert len(worth_a_look(few, {"flat_line": 10}, false_share=0.05)) == 2
    assert worth_a_look(few, {"flat_line": 1000}, false_share=0.05) == []


def test_a_kind_is_judged_among_its_own_tests() -> None:
    many = {"flat_line": 10, "same_values": 20_000}
    kept = worth_a_look([clue(0.001), clue(0.001, "same_values")], many, false_share=0.1)
    assert [one.kind for one in kept] == ["flat_line"]


def test_of_what_chance_alone_gives_almost_nothing_is_kept() -> None:
    rng = np.random.default_rng(4)
    rounds = [worth_a_look([clue(p) for p in rng.uniform(size=200)], {"flat_line": 200}, false_share=0.1)
              for _ in range(400)]  # fmt: skip
    # With nothing true in it, a round keeps something in a share of 0.1 of all rounds: 40 of 400, give or take 6.
    assert sum(bool(kept) for kept in rounds) == pytest.approx(40, abs=18)


def test_every_kind_says_what_else_it_could_be() -> None:
    assert all(len(told) >= 2 for told in INNOCENT.values())
    assert clue(0.1, "same_values").innocent == INNOCENT["same_values"]
