"""A small home, written through the store: two pictures with anomalies, five alerts, four firms, a week's draft."""

from __future__ import annotations

import hashlib
import io
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import shapely
from PIL import Image, ImageDraw

from enforcement import place, uscc
from enforcement.attribution import Attribution, Candidate
from enforcement.registry import (
    BuildingSite,
    Complaint,
    Enterprise,
    Filing,
    Inspection,
    MonitorPoint,
    Outfall,
    Permit,
    PermitLimit,
    PermitOutlet,
    PositiveListing,
)
from enforcement.weekly import ExemptFirm, WeeklyReason, WeeklyTarget
from geo.crs import project
from pipelines.casework.registry import Delivery, import_registry
from pipelines.records import (
    Alert,
    Flight,
    Frame,
    FrameDetection,
    FrameFootprint,
    GroundEllipse,
    Observation,
    Provenance,
    Reason,
    Refused,
    Run,
    Status,
    StoredFile,
    User,
    WeeklyPlan,
)
from pipelines.store import Store, files, journal
from pipelines.store.records import AttributionRow, WorkDone
from pipelines.store.write import alerts, flights, people, registry, results, runs, weekly

CRS, LON, LAT = "EPSG:4549", 122.30, 29.95
T0 = datetime(2026, 1, 15, 2, 30, tzinfo=UTC)
DELIVERED = T0 + timedelta(days=30)
RUN_ID, FLIGHT_ID, WEEK = "R-test", "F-2026-0115-01", "2026-W03"
MADE = Provenance(RUN_ID, "test", "0" * 64)
KINDS = ("dust_plume", "bare_soil", "discharge", "outfall", "smoke")
CODES = tuple(body + uscc.check_character(body) for body in (f"91330901MA2A0000{n}" for n in (1, 2, 3, 4)))
NAMES = ("东港建材有限公司", "海印石料加工厂", "临城绿化工程有限公司", "白沙水产加工有限公司")
ANALYST = User("lin", "林晓", "analyst", simulated=True)
LEADER = User("zhou", "周敏", "leader", simulated=True)
AUDITOR = User("wu", "吴越", "auditor", simulated=True)


def build(home: Path) -> None:
    """Write the home."""
    with Store.open(home) as store:
        with store.transaction() as tx:
            runs.start_run(tx, Run(RUN_ID, "test", T0, T0, None, "test", "0" * 64, None, None, 7, 0, 0, 0, 0))
        with store.transaction() as tx:
            for user in (ANALYST, LEADER, AUDITOR):
                people.insert_user(tx, user, added_by="system", at=T0)
            journal.append(tx, at=T0, actor="system", role="system", kind="users", subject="test", payload={})
        _registry(store)
        _delivery(store, home.parent)
        _flight(store)
        _week(store)


def ground(east_m: float, north_m: float) -> GroundEllipse:
    """A place so many metres from the middle, with an ellipse of 18 by 9 m."""
    x_m, y_m = project([[LON, LAT]], CRS)[0] + (east_m, north_m)
    lon, lat = LON + east_m / 96_500, LAT + north_m / 110_900
    return GroundEllipse(lon, lat, 3.0, CRS, x_m, y_m, 200.0, 100.0, 205.0, 18.0, 9.0, 45.0)


def picture(seed: int) -> bytes:
    """A grey landscape with a bright cloud in it, as JPEG."""
    noise = np.random.default_rng(seed).normal(0, 10, (600, 800, 3))
    land = np.linspace(90, 150, 800)[None, :, None] + noise + (0, 12, -10)
    image = Image.fromarray(np.clip(land, 0, 255).astype(np.uint8))
    drawn = ImageDraw.Draw(image)
    for step in range(6):
        drawn.ellipse((300 + step * 18, 240 - step * 9, 420 + step * 20, 330 - step * 6), fill=(205, 196, 180))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def _flight(store: Store) -> None:
    pictures = [picture(seed) for seed in range(3)]
    hashes = [hashlib.sha256(data).hexdigest() for data in pictures]
    names = ["DJI_0001.JPG", "DJI_0002.JPG", "DJI_0003.JPG"]
    for data, sha256 in zip(pictures, hashes, strict=True):
        files.hold(store, data, sha256)
    with store.transaction() as tx:
        flights.insert_flight(tx, Flight(FLIGHT_ID, "东港巡查", "lin", T0))
        stored = zip(pictures, hashes, names, strict=True)
        flights.insert_files(tx, FLIGHT_ID, [StoredFile(h, len(d), n, "image/jpeg", T0) for d, h, n in stored])
        taken = [_frame(i, sha256, name) for i, (sha256, name) in enumerate(zip(hashes, names, strict=True))]
        flights.insert_frames(tx, taken, run_id=RUN_ID)
        results.replace_footprints(tx, [_footprint(0), _footprint(1), _footprint(2)], MADE, at=T0)
        _work(tx)
        refused = [Refused("DJI_0004.JPG", "truncated", "ends after 12345 bytes")]
        runs.refuse(tx, refused, run_id=RUN_ID, stage="intake", at=T0, flight_id=FLIGHT_ID)
        _alerts(tx)
        journal.append_chunk(tx, at=T0, run_id=RUN_ID, stage="test")


def _frame(index: int, sha256: str, name: str) -> Frame:
    warnings = (Reason("no_position"),) if index == 2 else ()
    at = T0 + timedelta(seconds=4 * index)
    return Frame(f"P-{index}", FLIGHT_ID, sha256, name, "picture", None, at, T0, 800, 600, {}, warnings)


def _footprint(index: int) -> FrameFootprint:
    if index == 2:
        return FrameFootprint("P-2", Status.REFUSED, "no_position", None, None, None, None)
    west, south = LON - 0.002 + index * 0.0012, LAT - 0.0014
    shape = shapely.box(west, south, west + 0.0034, south + 0.0026)
    return FrameFootprint(f"P-{index}", Status.OK, None, shape.wkb, 0.031, west + 0.0017, south + 0.0013)


def _work(tx) -> None:
    done = [
        WorkDone(f"{stage}{index}", stage, f"P-{index}", *_ending(stage, index))
        for stage in ("detect", "locate")
        for index in range(3)
    ]
    runs.done(tx, done, run_id=RUN_ID, at=T0)


def _ending(stage: str, index: int) -> tuple[Status, str | None]:
    return (Status.REFUSED, "no_position") if (stage, index) == ("locate", 2) else (Status.OK, None)


def _alerts(tx) -> None:
    found = [
        FrameDetection(f"D-{i}", f"P-{i % 2}", kind, (300, 190, 530, 330), 0.62, None, {"haze": 0.4}, "haze", "0" * 64)
        for i, kind in enumerate(KINDS)
    ]
    results.replace_detections(tx, ["P-0", "P-1", "P-2"], found, MADE, at=T0)
    seen = [
        Observation(
            f"O-{i}", f"D-{i}", f"P-{i % 2}", FLIGHT_ID, kind, 0.62, None, Status.OK, None,
            ground(-130 + 75 * i, 40 * (-1) ** i), 0.031, T0 + timedelta(minutes=i), T0,
        )
        for i, kind in enumerate(KINDS)
    ]  # fmt: skip
    results.replace_observations(tx, ["P-0", "P-1", "P-2"], seen, MADE, at=T0)
    weighed = [AttributionRow(f"W-{i}", f"O-{i}", attribution(i)) for i in range(len(KINDS))]
    results.replace_attributions(tx, weighed, MADE, at=T0)
    told = [
        Alert(
            f"A-2026-0115-00{i + 1}", one.label, None, 0.62, one.ground, one.observed_at, T0,
            (Reason("seen_in_frames", {"frames": 1}), Reason("confidence_not_calibrated")),
            (Reason("seen_once_only"),),
        )
        for i, one in enumerate(seen)
    ]  # fmt: skip
    alerts.insert_alerts(tx, told, MADE)
    alerts.link_observations(tx, [(a.id, o.id) for a, o in zip(told, seen, strict=True)], run_id=RUN_ID, at=T0)
    alerts.set_attribution(tx, [(a.id, w.id) for a, w in zip(told, weighed, strict=True)], run_id=RUN_ID, at=T0)


def attribution(index: int) -> Attribution:
    """Firms 0 and 1 for the first two alerts, nobody registered for the rest."""
    if index > 1:
        return Attribution((), 0.8, 0.2, "none_registered", None, "no_source_registered_here", ())
    candidates = tuple(
        Candidate("enterprise", CODES[k], CODES[k], NAMES[k], 30.0 + 40 * k, 1e-4, share, ())
        for k, share in ((index, 0.61), (1 - index, 0.14))
    )
    return Attribution(candidates, 0.15, 0.10, "named", CODES[index], "one_source_stands_out", ())


def _registry(store: Store) -> None:
    source = b"registry of the test"
    sha256 = hashlib.sha256(source).hexdigest()
    files.hold(store, source, sha256)
    learnt = {"received_at": T0, "source_sha256": sha256}
    firms = [
        Enterprise(
            uscc=code, name=name, address=f"定海区临城街道 {n} 号", industry="非金属矿物制品业", credit_class="yellow",
            key_unit=n == 1, place=place.point(LON - 0.0014 + 0.0011 * n, LAT + 0.0006 * (-1) ** n),
            source_row=n, **learnt,
        )
        for n, (code, name) in enumerate(zip(CODES, NAMES, strict=True), start=1)
    ]  # fmt: skip
    others = _others(learnt)
    with store.transaction() as tx:
        flights.insert_files(tx, None, [StoredFile(sha256, len(source), "registry.csv", "text/csv", T0)])
        registry.import_facts(tx, [*firms, *others])
        for name, geometry in basemap().items():
            registry.set_basemap(tx, name, geometry, source_sha256=sha256, at=T0)
        journal.append(tx, at=T0, actor="system", role="system", kind="registry", subject="test", payload={})


def _others(learnt: dict) -> list:
    firm = CODES[0]
    west, south = LON - 0.0016, LAT - 0.0008
    plot = place.area([[[(west, south), (west + 0.001, south), (west + 0.001, south + 0.0006), (west, south)]]])
    return [
        BuildingSite(
            site_id="G-1", name="临城三期", enterprise=firm, phase="土方", place=plot, started_on=date(2025, 3, 1),
            source_row=5, **learnt,
        ),
        Outfall(
            code="PW-1", name="东港排口", receiving_water="临城河", enterprise=firm,
            place=place.point(LON + 0.001, LAT), source_row=6, **learnt,
        ),
        MonitorPoint(
            code="M-1", name="东港扬尘点", mn="31011500000001", kind="dust", enterprise=firm, device="TSP-01",
            interval_s=900.0, quirks=("label_end",), valid_from=date(2025, 3, 1),
            place=place.point(LON, LAT + 0.0008), source_row=7, **learnt,
        ),
        PermitOutlet(
            permit_number=firm + "001P", enterprise=firm, outlet="DW001", name="总排口", medium="water",
            outfall_code="PW-1", place=place.point(LON + 0.0006, LAT - 0.0004), source_row="12", **learnt,
        ),
        PermitLimit(
            permit_number=firm + "001P", enterprise=firm, outlet="DW001", pollutant="化学需氧量", value=50.0,
            unit="mg/L", period="day", what="concentration", basis="DB31/199-2018", source_row="13", **learnt,
        ),
        Filing(
            filing_id="B-1", enterprise=firm, filing_kind="maintenance", starts_at=T0, ends_at=T0 + timedelta(days=2),
            detail="在线设备检修", accepted=True, source_row="14", **learnt,
        ),
        Permit(
            permit_number=firm + "001P", enterprise=firm, valid_from=date(2024, 1, 1), valid_to=date(2028, 12, 31),
            outlets=("DA001",), source_row=8, **learnt,
        ),
        PositiveListing(enterprise=CODES[3], listed_on=date(2025, 6, 1), source_row=9, **learnt),
        Inspection(
            inspection_id="I-1", enterprise=firm, on=date(2025, 9, 3), found=True, detail="未覆盖堆场",
            source_row=10, **learnt,
        ),
        Complaint(
            complaint_id="C-1", on=date(2025, 12, 30), topic="扬尘", text="<b>夜间</b>扬尘大", enterprise=firm,
            source_row=11, **learnt,
        ),
    ]  # fmt: skip


def _delivery(store: Store, folder: Path) -> None:
    """A file of an office, taken in by the analyst: the second firm's credit class changes."""
    source = folder / "企业名录.csv"
    source.write_text(f"统一社会信用代码,企业名称,环境信用等级\n{CODES[1]},{NAMES[1]},红牌\n", "utf-8")
    said = Enterprise(
        uscc=CODES[1], name=NAMES[1], address="定海区临城街道 2 号", industry="非金属矿物制品业", credit_class="red",
        place=place.point(LON + 0.0008, LAT + 0.0006), received_at=DELIVERED, source_sha256=files.sha256_of(source),
        source_row="1",
    )  # fmt: skip
    delivery = Delivery("enterprise", 1, office="生态环境局", crs="EPSG:4326", encoding="utf-8")
    import_registry(store, [said], source=source, by=ANALYST.id, at=DELIVERED, delivery=delivery)


def basemap() -> dict[str, str]:
    """A district, a river and a road, as GeoJSON by layer name."""
    box = shapely.box(LON - 0.05, LAT - 0.04, LON + 0.05, LAT + 0.04)
    river = shapely.LineString([(LON - 0.02, LAT - 0.004), (LON, LAT - 0.0009), (LON + 0.02, LAT + 0.002)])
    road = shapely.LineString([(LON - 0.02, LAT + 0.006), (LON + 0.0008, LAT + 0.0002), (LON + 0.02, LAT - 0.006)])
    layers = (("district", "定海区", box), ("rivers", "临城河", river), ("roads", "海天大道", road))
    return {name: _collection(called, shape) for name, called, shape in layers}


def _collection(name: str, shape: shapely.Geometry) -> str:
    geometry = json.loads(shapely.to_geojson(shape))
    feature = {"type": "Feature", "properties": {"name": name}, "geometry": geometry}
    return json.dumps({"type": "FeatureCollection", "features": [feature]})


def _week(store: Store) -> None:
    mandate = WeeklyReason("mandate_lead", {"id": "L-1", "since": "2026-01-12", "rule": "weekly_mandates"})
    risk = WeeklyReason("score_open_alert", {"count": 1, "points": 4.0, "rule": "weekly_points"})
    drawn = WeeklyReason("drawn_at_random", {"seed": 7, "drawn": 1, "of": 2, "rule": "weekly_random_share"})
    targets = (
        WeeklyTarget(1, CODES[0], NAMES[0], "mandated", None, None, (mandate,), None),
        WeeklyTarget(2, CODES[1], NAMES[1], "risk", 4.0, None, (risk,), None),
        WeeklyTarget(3, CODES[2], NAMES[2], "random", None, None, (drawn,), 0.5),
    )
    exempt = (ExemptFirm(CODES[3], NAMES[3], "positive_listed", date(2028, 5, 31)),)
    plan = WeeklyPlan(WEEK, 1, "draft", T0, 7, targets, exempt, "", T0)
    with store.transaction() as tx:
        weekly.insert_draft(tx, plan, MADE)
        journal.append_chunk(tx, at=T0, run_id=RUN_ID, stage="draft_week")
