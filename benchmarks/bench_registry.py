"""The registry in figures: taking facts in, and nearest and containing look-ups beside geopandas' spatial joins.

Both sides answer from the same places in longitude and latitude, so both project them. Ours also finds the first of
equals and carries the answer as arrays; the peer builds a table. One core: neither uses threads.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from enforcement.place import area, line, point
from enforcement.registry import BuildingSite, Drain, Enterprise, RegistryFact
from enforcement.uscc import check_character
from pipelines.store import Store, journal
from pipelines.store.read import registry as read
from pipelines.store.read.registry_index import RegistryIndex
from pipelines.store.write import registry as write

SEED, LOOK_UPS, PEER_LOOK_UPS = 7, 1_000_000, 100_000
WEST, SOUTH, EAST, NORTH = 121.34, 31.21, 121.46, 31.31
AT = datetime(2026, 11, 24, tzinfo=UTC)


def code_of(number: int) -> str:
    """A valid credit code."""
    body = f"91310107MA{number:07d}"
    return body + check_character(body)


def world(count: int) -> list[RegistryFact]:
    """Of ten registered things seven firms, two sites of eight corners, one drain, strewn over the district."""
    random = np.random.default_rng(SEED)
    facts: list[RegistryFact] = []
    turn = np.linspace(0, 2 * np.pi, 9)
    for number, (lon, lat) in enumerate(random.uniform((WEST, SOUTH), (EAST, NORTH), (count, 2))):
        learnt = {"received_at": AT, "source_sha256": "ab" * 32, "source_row": str(number + 1)}
        if number % 10 < 7:
            name = f"上海第{number}号表面处理有限公司"
            facts.append(
                Enterprise(uscc=code_of(number), name=name, address=f"某路{number}号", place=point(lon, lat), **learnt)
            )
        elif number % 10 < 9:
            ring = np.column_stack([lon + 4e-4 * np.cos(turn), lat + 3e-4 * np.sin(turn)])
            ring[-1] = ring[0]
            facts.append(BuildingSite(site_id=f"G{number}", name=f"工地{number}", place=area([[ring]]), **learnt))
        else:
            facts.append(Drain(code=f"Y{number}", place=line([[(lon, lat), (lon + 5e-4, lat + 5e-4)]]), **learnt))
    return facts


def seconds(call: Callable[[], object]) -> float:
    """Of one call, in time of this process."""
    began = time.process_time()
    call()
    return time.process_time() - began


def told(store: Store, facts: list[RegistryFact]) -> write.Told:
    """One import, journal entry included."""
    with store.transaction() as tx:
        done = write.import_facts(tx, facts)
        if tx.touched():
            journal.append(tx, at=AT, actor="bench", role="owner", kind="registry_imported", subject="b", payload={})
    return done


def imports(facts: list[RegistryFact]) -> None:
    """Take facts in, twice, and read them all."""
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "home") as store:
        first = seconds(lambda: told(store, facts))
        again = seconds(lambda: told(store, facts))
        reading = seconds(lambda: read.everything(store, AT))
    print(
        f"  import of {len(facts):,} facts with their journal entry {first:.1f} s   "
        f"the same again {again:.1f} s   reading them {reading:.1f} s"
    )


def look_ups(facts: list[RegistryFact]) -> None:
    """Nearest and containing, ours and the peer's, and whether they agree."""
    began = time.process_time()
    index = RegistryIndex.of(facts)
    built = time.process_time() - began
    random = np.random.default_rng(SEED + 1)
    lonlat = random.uniform((WEST, SOUTH), (EAST, NORTH), (LOOK_UPS, 2))
    index.nearest(lonlat[:1])  # the tree is built with the first question
    nearest = LOOK_UPS / seconds(lambda: index.nearest(lonlat))
    containing = LOOK_UPS / seconds(lambda: index.containing(lonlat))
    some = lonlat[:PEER_LOOK_UPS]
    frame = gpd.GeoDataFrame({"number": np.arange(len(index.facts))}, geometry=index.shapes, crs=index.crs)
    frame.sindex  # noqa: B018 - built before the clock runs, as ours is

    def places() -> gpd.GeoDataFrame:
        return gpd.GeoDataFrame(geometry=gpd.points_from_xy(*some.T, crs="EPSG:4326").to_crs(index.crs))

    peer_nearest = PEER_LOOK_UPS / seconds(lambda: gpd.sjoin_nearest(places(), frame, distance_col="m"))
    peer_containing = PEER_LOOK_UPS / seconds(lambda: gpd.sjoin(places(), frame, predicate="intersects"))
    joined = gpd.sjoin_nearest(places(), frame, distance_col="m").groupby(level=0)["m"].min().to_numpy()
    apart = np.abs(joined - index.nearest(some)[1]).max()
    corners = int(shapely.get_num_coordinates(index.shapes).sum())
    print(f"{len(facts):,} things, {corners:,} corners, index built in {built:.2f} s")
    for name, ours, theirs in (("nearest", nearest, peer_nearest), ("containing", containing, peer_containing)):
        print(f"  {name:<11}{ours * 60:>14,.0f} a minute   geopandas {theirs * 60:>14,.0f}   ratio {ours / theirs:.2f}")
    print(f"  largest difference of a distance {apart * 1000:.3f} mm   seed {SEED}")


def main() -> None:
    """Print the figures for a thousand and a hundred thousand registered things."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counts", type=int, nargs="+", default=[1_000, 100_000])
    for count in parser.parse_args().counts:
        facts = world(count)
        look_ups(facts)
        imports(facts)


if __name__ == "__main__":
    main()
