"""How often the CRS of a made-up registry file is told, and how often wrongly: by CRS, size, place, and what is known.

`python -m benchmarks.bench_crs [FILES] [SEED]`. A file is right where the CRS answered is the one it is in, axes
included; of a file that is in none (`ODD`), any answer is wrong.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from datetime import UTC, datetime
from functools import lru_cache

import numpy as np

from benchmarks.worlds.crs_files import DEGREES, HEADINGS, METRES, ODD, File, World, file, world
from enforcement.place import point
from enforcement.registry import Enterprise
from pipelines.registry_import.cells import Row
from pipelines.registry_import.placing import Located, located
from pipelines.registry_import.surroundings import surroundings_of

SIZES = (3, 5, 10, 20, 50, 150, 500)
WHERE = ("centre", "any", "edge")
COLUMNS = dict(zip(("uscc", "name", "industry", "address", "lon", "lat"), range(len(HEADINGS)), strict=True))
WORLDS = 24
VERDICTS = ("right", "wrong", "warned", "cannot_tell")
RESERVATIONS = {"registry_datum_not_checked", "registry_crs_rests_on_few", "place_fits_another_crs"}
NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)


def told(given: File, there: World) -> Located:
    """What the import makes of a file."""
    learnt = {"crs_given": "EPSG:4326", "received_at": NOW, "source_sha256": "", "source_row": "1"}
    facts = [
        Enterprise(uscc=code, name=name, place=point(lon, lat), **learnt)
        for code, name, lon, lat in given.anchors
    ]  # fmt: skip
    around = surroundings_of(facts, there.layers if given.basemap else {})
    rows = [Row(number, cells, COLUMNS, kind="enterprise") for number, cells in enumerate(given.rows, start=1)]
    return located(rows, said=None, declared=None, outline=there.outline, surroundings=lambda: around)


def judged(given: File, there: World) -> str:
    """`right`, `wrong`, `cannot_tell`; `warned`: wrong, and the answer itself says what it took on trust."""
    done = told(given, there)
    found = done.told
    if found.crs == "cannot_tell":
        return "cannot_tell"
    if (found.crs, found.swapped) == (given.truth, given.swapped):
        return "right"
    said = {reason for _, reason, _ in done.warnings}
    return "warned" if given.truth is None and said & RESERVATIONS else "wrong"


def files(count: int, seed: int):
    """Files of every sort in turn, with the world each is of."""
    known = lru_cache(WORLDS)(lambda number: world(seed * 1000 + number))
    for n in range(count):
        chance = np.random.default_rng((seed, n))
        crs = str(chance.choice(DEGREES if chance.random() < 0.6 else METRES if chance.random() < 0.7 else ODD))
        there = known(n % WORLDS)
        anchors = int(chance.choice([0, 0, 1, 3, 15]))
        yield (
            file(
                chance,
                there,
                crs,
                int(chance.choice(SIZES)),
                where=str(chance.choice(WHERE)),
                basemap=bool(chance.random() < 0.5),
                anchors=anchors,
            ),
            there,
        )


def shown_wrong(given: File, there: World) -> str:
    """A wrong answer, with what it rested on."""
    found = told(given, there).told
    known = f"{given.where}, {len(given.anchors)} anchors, basemap {given.basemap}"
    return f"wrong: {given.crs}, {given.size} rows, {known} -> {found.crs} {found.evidence['log_odds']}"


def table(name: str, counts: Counter[tuple[str, str]]) -> None:
    """Print one table."""
    print(f"\nby {name}" + ("" if name == "CRS" else " (files in degrees)"))
    for key in dict.fromkeys(key for key, _ in sorted(counts)):
        row = {verdict: counts[key, verdict] for verdict in VERDICTS}
        shares = "   ".join(f"{verdict} {n:4} {n / sum(row.values()):6.1%}" for verdict, n in row.items())
        print(f"  {key:28} {sum(row.values()):5}   {shares}")


def main() -> None:
    """Print the counts and the tables."""
    count, seed = int(sys.argv[1]) if len(sys.argv) > 1 else 2400, int(sys.argv[2]) if len(sys.argv) > 2 else 7
    tables: dict[str, Counter[tuple[str, str]]] = {name: Counter() for name in ("CRS", "rows", "where", "known")}
    took = 0.0
    for given, there in files(count, seed):
        began = time.perf_counter()
        verdict = judged(given, there)
        took += time.perf_counter() - began
        if verdict == "wrong":
            print(shown_wrong(given, there))
        anchors = f"{len(given.anchors)} anchors" if given.anchors else "no anchor"
        tables["CRS"][given.crs, verdict] += 1
        if given.crs in DEGREES:
            tables["rows"][f"{given.size:3}", verdict] += 1
            tables["where"][given.where, verdict] += 1
            tables["known"][("basemap, " if given.basemap else "") + anchors, verdict] += 1
    pure = {crs: tables["CRS"][crs, "wrong"] for crs in (*DEGREES, *METRES)}
    named = sum(tables["CRS"][crs, verdict] for crs in pure for verdict in VERDICTS)
    print(f"{count} files, seed {seed}; {named} in one CRS with a name: {sum(pure.values())} wrong")
    print(f"{took / count * 1000:.1f} ms a file, shapes of the surroundings included")
    for name, counts in tables.items():
        table(name, counts)


if __name__ == "__main__":
    main()
