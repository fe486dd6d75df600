"""Which CRS a file is in, by what can be known of its places: each kind of evidence alone, together, and at odds."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from benchmarks.bench_crs import files as made_files
from benchmarks.bench_crs import judged
from benchmarks.worlds.crs_files import DEGREES, METRES
from enforcement.place import point
from enforcement.registry import Enterprise, Outfall
from geo.crs import convert
from pipelines.registry_import.cells import Row
from pipelines.registry_import.names import street_of
from pipelines.registry_import.placing import located
from pipelines.registry_import.surroundings import Surroundings, anchors_of, surroundings_of

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
COLUMNS = {"uscc": 0, "name": 1, "address": 2, "lon": 3, "lat": 4, "code": 0}
TOWN = shapely.Point(121.40, 31.25).buffer(0.05)  # 5 km about, as a district in lon and lat
MIDDLE = np.array([121.40, 31.25])


def places(count, seed=3, reach=0.008):
    """Places in the middle of the town: its outline cannot tell the web maps' shifts apart."""
    return MIDDLE + np.random.default_rng(seed).uniform(-reach, reach, (count, 2))


def facts(lonlat, *, crs_given="EPSG:4326"):
    return [
        Enterprise(
            uscc=f"C{n}", name=f"第{n}号示例厂", place=point(*there), crs_given=crs_given, received_at=NOW,
            source_sha256="s", source_row=str(n),
        )
        for n, there in enumerate(map(tuple, lonlat))
    ]  # fmt: skip


def told(
    xy, *, kind="enterprise", around=None, outline=TOWN, words="", addresses=None, names=None, said=None, digits=6
):
    names = names or [f"第{n}号示例厂" for n in range(len(xy))]
    addresses = addresses or [""] * len(xy)
    cells = [(f"C{n}", names[n], addresses[n], *(f"{v:.{digits}f}" for v in one)) for n, one in enumerate(xy)]
    rows = [Row(number, row, COLUMNS, kind=kind) for number, row in enumerate(cells, start=1)]
    known = None if around is None else lambda: around
    return located(rows, said=said, declared=None, outline=outline, surroundings=known, words=words)


def written(lonlat, crs):
    """Degrees or metres of a CRS, by PROJ and the formula of Baidu and Amap."""
    return convert(lonlat, "EPSG:4326", crs)


def metres(lonlat, crs):
    x, y = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(lonlat[:, 0], lonlat[:, 1])
    return np.column_stack([x, y])


# ---- anchors


@pytest.mark.parametrize("crs", DEGREES)
def test_one_thing_whose_place_is_known_decides(crs):
    there = places(3)
    done = told(written(there, crs), around=Surroundings(anchors=anchors_of(facts(there[:1] + 3e-5))))
    assert done.told.crs == crs
    shown = done.told.evidence["kinds"]["anchors"]
    assert (shown["anchors"], shown["median_distance_m"][crs] < 6) == (1, True)
    assert min(shown["log_odds"].values()) > 7
    assert json.dumps(done.told.evidence)


def test_what_has_no_trusted_place_is_no_anchor():
    there = places(3)
    assert anchors_of(facts(there, crs_given="cannot_tell")) == ()
    assert told(written(there, "GCJ-02"), around=Surroundings()).told.crs == "cannot_tell"


def test_a_thing_is_found_by_its_name_where_the_code_is_another():
    there = places(3)
    known = [
        Enterprise(
            uscc="X", name="第0号（示例）厂", place=point(*there[0]), received_at=NOW, source_sha256="s", source_row="1"
        )
    ]
    around = Surroundings(anchors=anchors_of(known))
    done = told(written(there, "BD-09"), around=around, names=["第0号(示例)厂", "甲厂", "乙厂"])
    assert done.told.crs == "BD-09"


def test_two_things_of_one_name_in_two_places_are_no_anchor():
    there = places(3)
    known = [
        Enterprise(
            uscc=f"X{n}", name="同名厂", place=point(*there[n]), received_at=NOW, source_sha256="s", source_row="1"
        )
        for n in (0, 1)
    ]
    apart = Surroundings(anchors=anchors_of(known))
    assert told(written(there, "BD-09"), around=apart, names=["同名厂", "甲厂", "乙厂"]).told.crs == "cannot_tell"


@given(st.integers(0, 1000), st.sampled_from(DEGREES), st.integers(2, 12))
@settings(deadline=None, max_examples=25)
def test_an_anchor_that_has_moved_does_not_mislead(seed, crs, count):
    """One firm in the registry is somewhere else altogether; the others agree."""
    there = places(count + 2, seed)
    known = there[: count + 1].copy()
    known[0] += np.random.default_rng(seed).uniform(-0.03, 0.03, 2)
    done = told(written(there, crs), around=Surroundings(anchors=anchors_of(facts(known))))
    assert done.told.crs in (crs, "cannot_tell")


def test_rows_of_two_origins_are_seen_by_the_anchors():
    there = places(12)
    xy = np.where(np.arange(12)[:, None] % 2, there, written(there, "GCJ-02"))
    done = told(xy, around=Surroundings(anchors=anchors_of(facts(there))))
    assert (done.told.crs, done.told.evidence["reason"]) == ("cannot_tell", "rows_of_two_origins")
    assert done.told.evidence["kinds"]["anchors"]["within_200_m"]["EPSG:4326"] == 6
    assert done.told.evidence["kinds"]["anchors"]["within_200_m"]["GCJ-02"] == 6


def test_the_one_row_of_another_origin_is_named():
    there = places(30)
    xy = written(there, "GCJ-02")
    xy[7] = there[7]
    done = told(xy, around=Surroundings(anchors=anchors_of(facts(there))))
    assert done.told.crs == "GCJ-02"
    (stray,) = [item for item in done.warnings if item[1] == "place_fits_another_crs"]
    assert stray[0] == "row 8"
    assert "0 m in EPSG:4326" in stray[2]


def test_things_that_are_all_off_by_the_same_way_are_of_another_datum():
    """Beijing 1954 in degrees lies 71 m off; it is no hypothesis, and none of those that are may be taken for it."""
    there = places(8)
    xy = there - np.array([67.7 / 95_000, 21.6 / 111_000])
    done = told(xy, around=Surroundings(anchors=anchors_of(facts(there))))
    assert (done.told.crs, done.told.evidence["reason"]) == ("cannot_tell", "anchors_off_together")


def test_anchors_that_fit_nothing_forbid_an_answer():
    there = places(8)
    done = told(there + 0.02, around=Surroundings(anchors=anchors_of(facts(there))), outline=TOWN.buffer(0.1))
    assert (done.told.crs, done.told.evidence["reason"]) == ("cannot_tell", "anchors_fit_nothing")


def test_a_told_crs_that_rests_on_few_says_so():
    there = places(30)
    done = told(written(there, "GCJ-02"), around=Surroundings(anchors=anchors_of(facts(there[:1]))))
    assert ("places", "registry_crs_rests_on_few", "1 of 30 rows") in done.warnings
    some = told(written(there, "GCJ-02"), around=Surroundings(anchors=anchors_of(facts(there[:9]))))
    assert "registry_crs_rests_on_few" in [reason for _, reason, _ in some.warnings], "a fifth may be of another origin"
    many = told(written(there, "GCJ-02"), around=Surroundings(anchors=anchors_of(facts(there[:26]))))
    assert all(reason != "registry_crs_rests_on_few" for _, reason, _ in many.warnings)


def test_degrees_shifted_twice_are_of_no_crs():
    there = places(9)
    twice = written(written(there, "GCJ-02"), "GCJ-02")
    done = told(twice, around=Surroundings(anchors=anchors_of(facts(there))))
    assert (done.told.crs, done.told.evidence["reason"]) == ("cannot_tell", "numbers_of_no_named_crs")
    assert done.told.evidence["best"] == "GCJ-02 twice"


# ---- the basemap


def ribbon(points, width_deg=0.0006):
    return shapely.LineString(points).buffer(width_deg)


def bank(count):
    """A winding river and outfalls some ten metres off its bank."""
    chance = np.random.default_rng(4)
    middle = np.column_stack([np.linspace(121.36, 121.44, 60), 31.25 + 0.006 * np.sin(np.linspace(0, 18, 60))])
    river = ribbon(middle)
    edge = river.exterior
    spots = np.array([edge.interpolate(s, normalized=True).coords[0] for s in chance.uniform(0.05, 0.45, count)])
    return river, spots


@pytest.mark.parametrize("crs", DEGREES)
def test_outfalls_stand_at_water(crs):
    river, spots = bank(18)
    done = told(written(spots, crs), kind="outfall", around=Surroundings(water=river))
    assert done.told.crs == crs
    assert done.told.evidence["kinds"]["water"]["outfalls_at_water"][crs] >= 17


def test_firms_do_not_stand_in_a_lake_or_on_a_carriageway():
    """Houses in the gaps between ponds: read wrongly, half of them stand in water."""
    x, y = map(np.ravel, np.meshgrid(np.arange(121.36, 121.44, 0.0088), np.arange(31.21, 31.29, 0.0088)))
    water = shapely.union_all(shapely.box(x, y, x + 0.0062, y + 0.0062))
    free = np.random.default_rng(8).uniform([121.37, 31.22], [121.43, 31.28], (400, 2))
    dry = free[~shapely.contains_xy(water.buffer(0.0002), free[:, 0], free[:, 1])][:60]
    for field in ("water", "roads"):
        done = told(written(dry, "GCJ-02"), around=Surroundings(**{field: water}))
        assert done.told.crs == "GCJ-02"
        counts = done.told.evidence["kinds"][field]["in_water" if field == "water" else "on_carriageway"]
        assert counts["GCJ-02"] == 0
        assert counts["EPSG:4326"] > 15


def street_grid():
    lines = {
        f"东{n}路": shapely.LineString([(121.35, 31.22 + 0.004 * n), (121.45, 31.22 + 0.004 * n)]) for n in range(16)
    }
    return lines | {
        f"北{n}路": shapely.LineString([(121.36 + 0.004 * n, 31.2), (121.36 + 0.004 * n, 31.3)]) for n in range(20)
    }


@pytest.mark.parametrize("crs", DEGREES)
def test_addresses_name_the_street_that_a_place_is_at(crs):
    streets = street_grid()
    names = [n for n in streets if 4 <= int(n[1:-1]) <= 10]
    spots = np.array([streets[n].interpolate(0.45 + 0.01 * k, normalized=True).coords[0] for k, n in enumerate(names)])
    addresses = [f"普陀区{n}{k + 1}号" for k, n in enumerate(names)]
    done = told(written(spots + 2e-4, crs), addresses=addresses, around=Surroundings(streets=streets))
    assert done.told.crs == crs
    shown = done.told.evidence["kinds"]["streets"]
    assert shown["addresses"] == len(names)
    assert shown["median_distance_m"][crs] < 40


@pytest.mark.parametrize(
    ("address", "street"),
    [
        ("普陀区金沙江路1759号", "金沙江路"),
        ("上海市普陀区金沙江路 1759 弄 3 号", "金沙江路"),
        ("普陀区中山北路支路8号", None),
        ("普陀区大沙江路8号", None),
        ("真北路与金沙江路口", None),
        ("示例新村", None),
        ("真北路", "真北路"),
        ("", None),
    ],
)
def test_a_street_is_read_out_of_an_address(address, street):
    assert street_of(address, ["金沙江路", "沙江路", "中山北路", "真北路"]) == street


def test_the_basemaps_layers_are_sorted_by_name_and_kind():
    square = {"type": "Polygon", "coordinates": [[[121.4, 31.2], [121.41, 31.2], [121.41, 31.21], [121.4, 31.2]]]}
    line = {"type": "LineString", "coordinates": [[121.4, 31.25], [121.41, 31.25]]}
    broken = {"type": "Polygon", "coordinates": [[[1]]]}
    street = {"kind": "street", "name": "甲路"}
    features = [({"kind": "creek"}, square), ({"kind": "plot"}, square), (street, line), ({"kind": "road"}, broken)]
    text = json.dumps({"features": [{"properties": p, "geometry": g} for p, g in features]})
    alone = json.dumps({"features": [{"properties": {"name": "乙路", "width": 20}, "geometry": line}]})
    around = surroundings_of((), {"mixed": text, "道路": alone})
    assert around.water.equals(shapely.geometry.shape(square))
    assert set(around.streets) == {"甲路", "乙路"}
    width = around.streets["乙路"].bounds
    assert (width[3] - width[1]) * 111_195 == pytest.approx(20, rel=0.02)


# ---- words, and evidence against evidence


@pytest.mark.parametrize("words", ["经度（百度坐标）", "BD09经度", "坐标系：BD-09"])
def test_words_add_to_what_else_is_known_and_do_not_decide_alone(words):
    there = places(9)
    assert told(written(there, "BD-09"), words=words).told.evidence["kinds"]["words"]["log_odds"]["GCJ-02"] == 4.0
    assert told(written(there, "BD-09"), words=words).told.crs == "cannot_tell"


def test_two_words_that_differ_say_nothing_and_an_older_datum_forbids_an_answer():
    there = places(9)
    both = told(there, words="高德坐标 WGS84").told.evidence["kinds"]["words"]
    assert set(both["log_odds"].values()) == {0.0}
    around = Surroundings(anchors=anchors_of(facts(there)))
    done = told(there, words="北京54坐标系", around=around)
    assert (done.told.crs, done.told.evidence["reason"]) == ("cannot_tell", "older_datum_named")


def test_evidence_that_contradicts_is_no_answer():
    """The anchors were put in as if GCJ-02 were WGS 84; the outfalls stand in the river as WGS 84 and nowhere else."""
    river, spots = bank(18)
    wrong = [
        Outfall(
            code=f"C{n}", place=point(*there), crs_given="EPSG:4326", received_at=NOW, source_sha256="s", source_row="1"
        )
        for n, there in enumerate(map(tuple, written(spots, "GCJ-02")))
    ]
    around = Surroundings(anchors=anchors_of(wrong), water=river)
    done = told(written(spots, "GCJ-02"), kind="outfall", around=around)
    assert done.told.crs == "cannot_tell"
    assert done.told.evidence["reason"] == "evidence_contradicts"


# ---- metres


def edge(count, seed=5):
    chance = np.random.default_rng(seed)
    turns = chance.uniform(0, 2 * np.pi, count)
    return MIDDLE + 0.047 * np.column_stack([np.cos(turns), np.sin(turns)])


@pytest.mark.parametrize("crs", METRES)
@pytest.mark.parametrize("north_first", [False, True])
def test_metres_are_told_by_their_own_numbers_whichever_comes_first(crs, north_first):
    there = edge(40)
    xy = metres(there, crs)
    done = told(xy[:, ::-1] if north_first else xy, digits=2)
    assert (done.told.crs, done.told.swapped) == (crs, north_first)
    assert np.abs([(p.x, p.y) for _, p in done.rows] - there).max() < 1e-6


def test_a_zones_number_tells_the_zone_without_a_district():
    there = edge(5)
    done = told(metres(there, "EPSG:4528"), outline=None, digits=2)
    assert (done.told.crs, done.told.evidence["zone_in_numbers"]) == ("EPSG:4528", True)
    assert [reason for _, reason, _ in done.warnings] == ["registry_datum_not_checked"]
    assert told(metres(there, "EPSG:4549"), outline=None, digits=2).told.crs == "cannot_tell"
    assert told(metres(there, "EPSG:3857"), outline=None, digits=2).told.crs == "cannot_tell"


def test_anchors_check_the_datum_of_metres():
    there = places(12)
    around = Surroundings(anchors=anchors_of(facts(there)))
    done = told(metres(there, "EPSG:4549"), around=around, digits=2)
    assert (done.told.crs, done.warnings) == ("EPSG:4549", ())
    older = told(metres(there, "EPSG:2437"), around=around, digits=2)
    assert (older.told.crs, older.told.evidence["reason"]) == ("cannot_tell", "numbers_of_no_named_crs")
    tiles = told(metres(written(there, "GCJ-02"), "EPSG:3857"), around=around, digits=2)
    assert (tiles.told.crs, tiles.told.evidence["best"]) == ("cannot_tell", "GCJ-02 in EPSG:3857")


@pytest.mark.parametrize("written_in", ["EPSG:4549", "EPSG:4528"])
@pytest.mark.parametrize("said", ["EPSG:4549", "EPSG:4528"])
@pytest.mark.parametrize("north_first", [False, True])
def test_a_zone_that_is_said_is_read_as_the_numbers_are_written(written_in, said, north_first):
    there = edge(6)
    xy = metres(there, written_in)
    done = told(xy[:, ::-1] if north_first else xy, said=said, digits=3)
    assert (done.told.crs, done.told.swapped) == (written_in, north_first)
    assert ("registry_crs_read_otherwise" in {reason for _, reason, _ in done.warnings}) == (
        said != written_in or north_first
    )
    assert np.abs([(p.x, p.y) for _, p in done.rows] - there).max() < 1e-7


def test_older_datums_that_are_said_are_taken_with_their_accuracy_or_not_at_all():
    there = edge(6)
    older = told(metres(there, "EPSG:2437"), said="EPSG:2437", digits=3)
    assert ("places", "registry_datum_shift_uncertain", "EPSG:2437: ±15 m") in older.warnings
    xian = told(metres(there, "EPSG:4549"), said="EPSG:2385", digits=3)
    assert (xian.told.crs, xian.told.evidence["reason"]) == ("cannot_tell", "datum_shift_unknown")
    assert [reason for _, reason, _ in xian.warnings] == ["registry_datum_shift_unknown"]


def test_metres_that_come_out_nowhere_near_are_refused_by_row():
    there = edge(6)
    xy = metres(there, "EPSG:4549")
    xy[2] = (9.9e8, 9.9e8 + 1)
    done = told(xy, said="EPSG:4549", digits=3)
    assert [(item, reason) for item, reason, _ in done.refused] == [("row 3", "place_not_in_this_crs")]


# ---- all together


def test_of_the_made_up_files_in_one_crs_none_is_told_wrong():
    """`python -m benchmarks.bench_crs` does it for thousands; docs/formats/registry.md has the figures."""
    verdicts = [(one.truth, judged(one, there)) for one, there in made_files(45, 23)]
    assert [verdict for truth, verdict in verdicts if truth is not None and verdict == "wrong"] == []
    named = [verdict for truth, verdict in verdicts if truth is not None]
    assert named.count("right") > 0.5 * len(named)
