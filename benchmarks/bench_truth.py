"""The score of the chain against what is known to be true (`make truth`; `make proof` draws the seeds from the commit).

`python -m benchmarks.bench_truth [--fixed] [--sorties N] [--rendered DIR …] [--render SEED …]`; without any of these
the sample flight is rendered anew with one of the commit's seeds, too (six minutes).

Two tables. *Sightings*: made sightings in the planned district, no pictures, many of them: where, whose. *Flights*:
rendered pictures with everything, few of them: found, missed, false as well. Floors stand in tests/truth/floors.toml;
what lies below one is named, and the exit status is 3.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import truth_chain, truth_flights
from benchmarks.truth_floors import below
from benchmarks.worlds.sightings import FALSE_SHARE, sorties
from data_samples import FOLDER
from data_samples.renderer.__main__ import render_sample
from data_samples.tally import Judged, lines, tally

ROOT = Path(__file__).resolve().parent.parent
FIXED_SEEDS = (1101, 1102, 1103)
"""Nothing was set, chosen or looked at on these while the chain was made."""
SORTIES = 320


def main(arguments: list[str] | None = None) -> int:
    """Print both tables, and what lies below its floor."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--fixed", action="store_true", help="the three fixed seeds instead of the commit's")
    parser.add_argument("--sorties", type=int, default=SORTIES, help="sightings a seed")
    parser.add_argument(
        "--rendered", type=Path, nargs="*", default=[FOLDER], help="folders with flight/ and truth.json"
    )
    parser.add_argument(
        "--render", type=int, nargs="*", default=[], help="render the sample flight with these seeds, too"
    )
    given = parser.parse_args(arguments)
    seeds = FIXED_SEEDS if given.fixed else seeds_of_commit()
    rows = sightings(seeds, given.sorties)
    flights = [flight(folder, folder.name if folder != FOLDER else "sample") for folder in given.rendered]
    render = given.render if given.render is not None else [] if given.fixed else seeds[:1]
    flights += [rendered(seed) for seed in render]
    every = truth_flights.Scored()
    for one in flights:
        every.add(one)
    if flights:
        show("flights, boxes and places", every.lines())
        show("flights, alerts", lines(every.answers, truth_flights.KEYS))
    failed = below(tally(rows))
    show("below what is demanded", failed or ["nothing"])
    return 3 if any(line.startswith("FLOOR") for line in failed) else 0


def sightings(seeds: tuple[int, ...], count: int) -> list[Judged]:
    """Run and show the made sightings of some seeds."""
    began = time.monotonic()
    rows: list[Judged] = []
    for seed in seeds:
        rows += [_of_seed(row, seed) for row in truth_chain.answers(sorties(seed, count))]
    answered = sum(row.answered for row in rows)
    title = (
        f"sightings, seeds {', '.join(map(str, seeds))}: {len(rows)} alerts, {answered} answered, "
        f"{FALSE_SHARE:.0%} of the sorties show nothing, {time.monotonic() - began:.0f} s"
    )
    show(title, lines(rows, ("class", "height", "view", "seed")))
    true = [row for row in rows if row.is_true]
    show("the same, only of true things", lines(true, ("class", "view")))
    return rows


def flight(folder: Path, name: str) -> truth_flights.Scored:
    """Score a folder of rendered pictures."""
    return truth_flights.scored(folder, name)


def rendered(seed: int) -> truth_flights.Scored:
    """Render the sample flight with another seed, and score it."""
    with tempfile.TemporaryDirectory() as place:
        render_sample(Path(place), seed)
        return flight(Path(place), f"seed {seed}")


def seeds_of_commit() -> tuple[int, ...]:
    """Three seeds that nobody can choose: out of the commit's id."""
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    name = done.stdout.strip() or "0" * 40
    return tuple(int(name[8 * k : 8 * k + 8], 16) for k in range(3))


def show(title: str, body: list[str]) -> None:
    """A table under its title."""
    print(f"\n{title}\n" + "\n".join(f"  {line}" for line in body), flush=True)


def _of_seed(row: Judged, seed: int) -> Judged:
    return Judged(
        {**row.group, "seed": str(seed)}, row.is_true, row.source, row.enterprise, row.apart_m, row.sigmas_squared,
        row.answer, row.named, row.named_enterprise,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
