"""The registry: dated, idempotent, and answering as of any past day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from enforcement.place import area, line, point
from enforcement.registry import (
    KINDS,
    BuildingSite,
    Complaint,
    Drain,
    Enterprise,
    Filing,
    Inspection,
    MonitorPoint,
    Outfall,
    Permit,
    PermitLimit,
    PermitOutlet,
    PositiveListing,
    Receptor,
    WatchCamera,
)
from enforcement.weekly import Mandate
from pipelines.records import StoredFile
from pipelines.store import journal
from pipelines.store.read import alerts, counts, firms, registry
from pipelines.store.records import RegistryImport
from pipelines.store.write import flights, registry_imports
from pipelines.store.write import registry as write
from tests.store import making
from tests.store.making import FIRM, NOW, OTHER_FIRM, enterprise_of, tell

LATER = NOW + timedelta(days=30)
LEARNT = {"received_at": NOW, "source_sha256": making.sha("f"), "source_row": "1"}
SQUARE = area([[[(121.39, 31.24), (121.40, 31.24), (121.40, 31.25), (121.39, 31.25), (121.39, 31.24)]]])
ONE_OF_EACH = (
    Enterprise(uscc=FIRM, name="一厂", former_names=("旧名",), credit_class="green", place=SQUARE, **LEARNT),
    BuildingSite(site_id="S-1", name="工地", enterprise=FIRM, place=SQUARE, started_on=date(2026, 1, 1), **LEARNT),
    Outfall(code="O-1", name="雨水口", place=point(121.4, 31.26), **LEARNT),
    MonitorPoint(code="M-1", name="扬尘", mn="A1", interval_s=60.0, place=point(121.4, 31.2), **LEARNT),
    Permit(
        permit_number="P-1",
        enterprise=FIRM,
        outlets=("DW001",),
        valid_from=date(2025, 1, 1),
        valid_to=date(2029, 12, 31),
        **LEARNT,
    ),
    PositiveListing(enterprise=FIRM, listed_on=date(2026, 1, 5), until=date(2027, 1, 4), **LEARNT),
    Inspection(inspection_id="I-1", enterprise=FIRM, on=date(2026, 3, 1), found=True, **LEARNT),
    Complaint(complaint_id="C-1", on=date(2026, 11, 1), text="灰", enterprise=FIRM, **LEARNT),
    Receptor(code="R-1", name="小学", receptor_kind="school", place=point(121.41, 31.24), **LEARNT),
    PermitOutlet(permit_number="P-1", enterprise=FIRM, outlet="DW001", medium="water", **LEARNT),
    PermitLimit(permit_number="P-1", enterprise=FIRM, outlet="DW001", pollutant="COD", value=50.0, **LEARNT),
    Filing(filing_id="F-1", enterprise=FIRM, filing_kind="shut_down", starts_at=NOW, accepted=True, **LEARNT),
    Drain(code="Y-1", drain_kind="storm", place=line([[(121.40, 31.24), (121.42, 31.25)]]), **LEARNT),
    WatchCamera(code="K-1", height_m=9.0, place=point(121.4, 31.25), **LEARNT),
)


def test_every_kind_of_fact_comes_back_equal(store):
    told = tell(store, ONE_OF_EACH)
    assert (told.imported, told.changed, told.unchanged, told.refused) == (14, 0, 0, ())
    held = registry.at(store, NOW)
    found = (
        held.enterprises, held.sites, held.outfalls, held.monitor_points, held.permits, held.positive_listings,
        held.inspections, held.complaints, held.receptors, held.permit_outlets, held.permit_limits, held.filings,
        held.drains, held.cameras,
    )  # fmt: skip
    assert tuple(one for (one,) in found) == ONE_OF_EACH
    assert set(counts.registry(store)) == set(KINDS)
    assert sorted(registry.everything(store, NOW), key=repr) == sorted(ONE_OF_EACH, key=repr)
    assert registry.everything(store, NOW, ["drain", "camera"]) == [ONE_OF_EACH[13], ONE_OF_EACH[12]]


def test_an_area_is_stored_with_its_box(store):
    tell(store, ONE_OF_EACH[:1])
    row = store.row("SELECT min_lon, min_lat, max_lon, max_lat FROM registry_row")
    assert tuple(row) == (121.39, 31.24, 121.40, 31.25)


def test_the_same_file_again_changes_nothing_and_needs_no_entry(store):
    tell(store, ONE_OF_EACH)
    before = store.rows("SELECT * FROM registry_row ORDER BY id")
    later = [
        making.changed(f, received_at=LATER, source_sha256=making.sha("newer file"), source_row="77")
        for f in ONE_OF_EACH
    ]
    told = tell(store, later)
    assert (told.imported, told.changed, told.unchanged) == (0, 0, 14)
    assert store.rows("SELECT * FROM registry_row ORDER BY id") == before
    assert counts.totals(store)["journal_entries"] == 1


def test_a_changed_statement_ends_the_old_one_and_both_days_can_be_asked(store):
    tell(store, [enterprise_of(credit_class="green")])
    told = tell(store, [enterprise_of(credit_class="red", at=LATER)])
    assert (told.imported, told.changed) == (0, 1)
    assert [e.credit_class for e in registry.at(store, LATER).enterprises] == ["red"]
    assert [e.credit_class for e in registry.at(store, LATER - timedelta(microseconds=1)).enterprises] == ["green"]
    assert registry.at(store, NOW - timedelta(microseconds=1)).enterprises == ()
    history = registry.history(store, "enterprise", FIRM)
    assert [(s.fact.credit_class, s.superseded_at) for s in history] == [("green", LATER), ("red", None)]
    assert journal.verify(store).ok


def test_a_statement_may_go_back_to_what_it_was(store):
    for step, word in enumerate(("green", "red", "green")):
        assert tell(store, [enterprise_of(credit_class=word, at=NOW + timedelta(days=step))]).unchanged == 0
    assert [e.credit_class for e in registry.at(store, LATER).enterprises] == ["green"]
    assert len(registry.history(store, "enterprise", FIRM)) == 3


def test_days_of_validity_are_beijing_days_and_both_ends_count(store):
    permit = making.changed(ONE_OF_EACH[4], valid_from=date(2026, 11, 25), valid_to=date(2026, 11, 26))
    tell(store, [permit])
    midnight = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
    instants = [
        midnight - timedelta(microseconds=1),
        midnight,
        midnight + timedelta(days=2, microseconds=-1),
        midnight + timedelta(days=2),
    ]
    assert [len(registry.at(store, t).permits) for t in instants] == [0, 1, 1, 0]
    assert registry.ever(store, Permit, NOW) == (permit,)


def test_of_overlapping_statements_the_one_with_the_later_first_day_counts(store):
    tell(
        store,
        [enterprise_of(credit_class="green"), enterprise_of(row=2, credit_class="red", valid_from=date(2026, 11, 1))],
    )
    assert [e.credit_class for e in registry.at(store, NOW).enterprises] == ["red"]
    october = datetime(2026, 10, 1, tzinfo=UTC)
    assert registry.at(store, october).enterprises == (), "it was not known then"


def test_an_older_delivery_does_not_overwrite_a_newer_one(store):
    tell(store, [enterprise_of(credit_class="red", at=LATER)], at=LATER)
    told = tell(store, [enterprise_of(credit_class="green"), enterprise_of(OTHER_FIRM, row=2)])
    assert [(r.item, r.reason) for r in told.refused] == [("row 1", "registry_received_earlier")]
    assert (told.imported, told.changed, told.unchanged) == (1, 0, 0)
    assert [e.credit_class for e in registry.at(store, LATER).enterprises if e.uscc == FIRM] == ["red"]
    assert len(registry.history(store, "enterprise", FIRM)) == 1


def test_rows_name_the_import_that_wrote_them_and_the_one_that_ended_them(store):
    for number, word in enumerate(("green", "red"), start=1):
        at, import_id = NOW + timedelta(days=number), f"RI-{number}"
        with store.transaction() as tx:
            flights.insert_files(tx, None, [StoredFile(making.sha(word), 1, "f.csv", "text/csv", at)])
            registry_imports.rows_may_come_first(tx)
            write.import_facts(tx, [enterprise_of(credit_class=word, at=at)], import_id=import_id)
            registry_imports.insert_import(
                tx,
                RegistryImport(
                    import_id, making.sha(word), "f.csv", "enterprise", "", None, "EPSG:4326", {}, "utf-8",
                    1, 1, 0, 0, 0, "li", "owner", at,
                ),
            )  # fmt: skip
            journal.append(tx, at=at, actor="li", role="owner", kind="k", subject="s", payload={})
    rows = store.rows("SELECT import_id, superseded_by_import FROM registry_row ORDER BY id")
    assert [tuple(row) for row in rows] == [("RI-1", "RI-2"), ("RI-2", None)]


def test_a_long_import_asks_in_pieces_and_loses_nothing(store, monkeypatch):
    monkeypatch.setattr(write, "AT_ONCE", 7)
    firms_of = [enterprise_of(f"firm {i:03d}", row=i, credit_class="green") for i in range(100)]
    assert tell(store, firms_of).imported == 100
    later = [making.changed(f, credit_class="red", received_at=LATER) for f in firms_of[::3]] + firms_of[1::3]
    told = tell(store, later, at=LATER)
    assert (told.imported, told.changed, told.unchanged) == (0, 34, 33)
    assert sum(e.credit_class == "red" for e in registry.at(store, LATER).enterprises) == 34
    assert journal.verify(store).ok


def test_two_rows_of_one_file_that_contradict_each_other_are_not_both_taken(store):
    told = tell(store, [enterprise_of(name="甲"), enterprise_of(row=5, name="乙"), enterprise_of(row=6, name="甲")])
    assert [(r.item, r.reason) for r in told.refused] == [("row 5", "registry_row_twice")]
    assert (told.imported, told.unchanged) == (1, 1)


def test_district_and_basemap_are_set_replaced_and_dated(store):
    def set_all(tx, at, wkb, layer):
        box = (121.3, 31.2, 121.5, 31.3)
        one = write.set_district(
            tx, name="普陀", outline_wkb=wkb, crs="EPSG:4326", area_km2=54.9, box=box, source_sha256="x", at=at
        )
        two = write.set_basemap(tx, "water", layer, source_sha256="x", at=at)
        if tx.touched():
            journal.append(tx, at=at, actor="t", role="owner", kind="k", subject="s", payload={})
        return one, two

    assert registry.district(store) is None
    numbers = []
    for at, wkb, layer in ((NOW, b"one", "{}"), (NOW, b"one", "{}"), (LATER, b"two", '{"a":1}')):
        with store.transaction() as tx:
            numbers.append(set_all(tx, at, wkb, layer))
    assert numbers == [(1, 1), (1, 1), (2, 2)]
    assert registry.district(store).outline_wkb == registry.district(store, LATER).outline_wkb == b"two"
    assert registry.district(store, NOW).outline_wkb == b"one"
    assert registry.district(store, NOW - timedelta(days=1)) is None
    assert registry.basemap(store) == {"water": '{"a":1}'}


# ---- what is known of firms -----------------------------------------------------------------------------------------


def _facts(store, at=NOW, uscc=FIRM):
    return next(f for f in firms.facts(store, at) if f.enterprise == uscc)


def test_facts_of_firms_are_counted_within_their_windows(store):
    today = date(2026, 11, 24)
    tell(
        store,
        [
            enterprise_of(credit_class="red", key_unit=True),
            enterprise_of(OTHER_FIRM, row=2),
            making.inspection_of("I-1", date(2024, 11, 24), found=True),
            making.inspection_of("I-2", date(2024, 11, 23), found=True),
            making.inspection_of("I-3", date(2026, 5, 1), found=False),
            making.inspection_of("I-4", date(2026, 12, 1), found=True),
            making.complaint_of("C-1", today - timedelta(days=89)),
            making.complaint_of("C-2", today - timedelta(days=90)),
            making.complaint_of("C-3", today),
            making.listing_of(date(2026, 1, 1), until=date(2026, 12, 31)),
            making.listing_of(date(2025, 1, 1), until=date(2025, 12, 31)),
            making.listing_of(date(2020, 1, 1), uscc=OTHER_FIRM),  # no rule row tells how long such a listing lasted
        ],
    )
    seen = _facts(store)
    assert (seen.credit_class, seen.key_unit, seen.last_inspection_on) == ("red", True, date(2026, 5, 1))
    assert (seen.violations, seen.complaints) == (1, 2)
    assert seen.positive_listed_until == date(2026, 12, 31)
    other = _facts(store, uscc=OTHER_FIRM)
    assert (other.last_inspection_on, other.positive_listed_until) == (None, None)
    assert firms.listed_until_of(store, FIRM, NOW) == date(2026, 12, 31)
    assert firms.listed_until_of(store, OTHER_FIRM, NOW) is None


def test_a_leap_day_two_years_ago_is_the_28th():
    assert firms.years_before(date(2028, 2, 29), 2) == date(2026, 2, 28)
    assert firms.years_before(date(2026, 11, 24), 2) == date(2024, 11, 24)


def test_facts_received_later_are_not_in_the_counts(store):
    tell(store, [enterprise_of(), making.inspection_of("I-1", date(2026, 5, 1), found=True, at=LATER)])
    making.add_whole(store)
    assert _facts(store).violations == 0
    assert _facts(store, LATER).violations == 1
    assert _facts(store).open_alerts == 1
    assert _facts(store).mandates == ()


@pytest.mark.parametrize("named", [FIRM, None])
def test_open_alerts_count_for_the_firm_that_the_attribution_names(store, named):
    tell(store, [enterprise_of(), enterprise_of(OTHER_FIRM, row=2)])
    making.add_whole(store, named=named)
    assert _facts(store).open_alerts == (1 if named else 0)
    assert _facts(store, uscc=OTHER_FIRM).open_alerts == 0, "a lesser candidate is not named"


def test_a_mandate_is_a_lead_for_a_visit(store):
    """Written here as rows; tests/casework opens it through its act."""
    from pipelines.records import Lead
    from pipelines.store.write import people

    tell(store, [enterprise_of(), enterprise_of(OTHER_FIRM, row=2)])
    making.add_whole(store)
    lead = Lead("L-1", ("A-1",), "open", OTHER_FIRM, "site_visit", "li", NOW, "", False)
    with store.transaction() as tx:
        people.insert_lead(tx, lead, role="leader", mandate=True)
        journal.append(tx, at=NOW, actor="li", role="leader", kind="lead_opened", subject="L-1", payload={})
    assert _facts(store, uscc=OTHER_FIRM).mandates == (Mandate("lead", "L-1", date(2026, 11, 24)),)
    assert (_facts(store).open_alerts, _facts(store).mandates) == (0, ()), (
        "the person named another firm than the machine"
    )
    assert alerts.leads(store, NOW - timedelta(microseconds=1)) == []
