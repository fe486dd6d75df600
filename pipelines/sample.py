"""The sample home: registry, flight, the whole chain, and the first acts of simulated persons.

Everything is done through the doors that people use, so that a sample home is a home like any other. Each step
changes nothing where it was done before; a build that was killed goes on where it stopped.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from data_samples import FOLDER
from data_samples.district.monitors import monitors
from data_samples.measured.logs import write_logs
from enforcement import policy as law
from pipelines import clock
from pipelines.casework.case import file_case
from pipelines.casework.check import Judged, close_check, open_check, record_item
from pipelines.casework.lead import open_lead
from pipelines.casework.registry import set_basemap
from pipelines.casework.users import add_user
from pipelines.casework.verdict import record_verdict
from pipelines.engine import registry as engine_registry
from pipelines.engine import work
from pipelines.engine.execute import Progress, StageReport, silent
from pipelines.engine.flights import add_flight
from pipelines.engine.stage import Context
from pipelines.gateway.logs import import_logs
from pipelines.gateway.serve import caught_up
from pipelines.records import AlertView, WeeklyPlan
from pipelines.settings import load
from pipelines.store import Store
from pipelines.store.read import alerts, checks, counts, people, registry, weekly
from pipelines.wording import say

LAST_INSTANT = datetime.fromisoformat("2026-11-24T08:00:00+08:00")
"""The sample's history lies before it."""
WEEK, TARGETS, SEED = "2026-W48", 10, 7
PERSONS = (
    ("admin", "administrator", "示例管理员"),
    ("operator", "operator", "示例飞手 顾"),
    ("analyst", "analyst", "示例研判员 沈"),
    ("inspector", "inspector", "示例执法员 陆"),
    ("leader", "leader", "示例大队长 秦"),
    ("auditor", "auditor", "示例审计员 方"),
    ("station", "station", "示例监测员 苏"),
    ("legal", "legal", "示例法制员 严"),
    ("contractor", "contractor", "示例运维员 齐"),
)
SHOWN = 8
"""Rows of the queue that the summary shows."""


@dataclass(frozen=True, slots=True)
class Built:
    """What the sample home holds, and how long each stage took."""

    flights: int
    images: int
    detections: int
    alerts: int
    leads: int
    cases: int
    targets: int
    seconds: float
    home: str
    stages: list[list[object]]
    queue: list[list[object]]
    week: list[list[object]]


def build(home: Path, environment: Mapping[str, str], *, progress: Progress = silent) -> Built:
    """Build the sample home, or finish it, and say what it holds."""
    started = clock.seconds()
    with Store.open(home) as store:
        context = Context.at(LAST_INSTANT, load(home, environment))
        settle(store)
        packets = _packets(store)
        taken = clock.seconds()
        added = add_flight(
            store, [FOLDER / "flight"], context, by="operator", name="示例航次 sample flight", progress=progress
        )
        new = added.images - added.unchanged
        intake = StageReport(
            "intake", new, added.unchanged, len(added.refused), 0, round(clock.seconds() - taken, 3), None
        )
        processes = context.settings.engine.processes
        reports = [packets, intake, *work.run_stages(store, context, progress=progress, processes=processes)]
        _acts(store)
        reports.append(work.draft(store, context, WEEK, targets=TARGETS, seed=SEED))
        return _built(store, reports, clock.seconds() - started)


def settle(store: Store) -> None:
    """The accounts of the sample, and the district's outline, plan and registry files."""
    _persons(store)
    _registry(store)


def _persons(store: Store) -> None:
    for name, role, shown in PERSONS:
        if people.user(store, name) is None:
            by = None if not people.users(store) else "admin"
            add_user(store, name, role, by=by, at=LAST_INSTANT, display_name=shown, simulated=True)


def _registry(store: Store) -> None:
    if registry.district(store) is None:
        engine_registry.set_outline(store, FOLDER / "district.geojson", crs="EPSG:4326", by="admin", at=LAST_INSTANT)
        set_basemap(store, "sample", (FOLDER / "basemap.geojson"), by="admin", at=LAST_INSTANT)
    for entry in json.loads((FOLDER / "registry" / "files.json").read_text("utf-8")):
        engine_registry.import_file(
            store, FOLDER / "registry" / entry["file"], crs=entry.get("crs"), by="admin", at=LAST_INSTANT
        )


def _packets(store: Store) -> StageReport:
    """Bring in what the district's monitors sent, as logs of a platform; once."""
    began = clock.seconds()
    with caught_up(store) as index:
        heard = index.last_heard(LAST_INSTANT)
        if all(one.mn in heard for one in monitors()):
            return StageReport("packets", 0, len(heard), 0, 0, 0.0, None)
        with tempfile.TemporaryDirectory() as folder:
            files = [Path(folder) / one.file for one in write_logs(Path(folder), SEED)]
            done = import_logs(store, index, files, by="admin", now=LAST_INSTANT)
    taken, refused = sum(one.packets for one in done.brought), sum(one.rejected for one in done.brought)
    return StageReport("packets", taken, 0, refused, 0, round(clock.seconds() - began, 3), None)


def _acts(store: Store) -> None:
    """What simulated persons did: one alert checked, judged, made a lead and a case; the rest stays open.

    It is the surest alert that names a firm and was not seen on the water, which would need somebody to go there first.
    """
    afoot = law.load().at("lead_steps_after_foot_check", LAST_INSTANT.date()).words("labels")
    found = alerts.views(store, LAST_INSTANT)
    named = [v for v in found if v.attribution.answer == "named" and v.alert.kind not in afoot]
    for view in sorted(named, key=lambda v: (-v.alert.confidence, v.alert.id))[:1]:
        if not alerts.verdicts(store, view.alert.id):
            record_verdict(
                store, view.alert.id, "confirmed", by="analyst", at=LAST_INSTANT, reason="示例：画面与登记一致"
            )
        check = _checked(store, view.alert.id)
        if not alerts.leads(store, LAST_INSTANT):
            open_lead(
                store, [view.alert.id], by="analyst", at=LAST_INSTANT, next_step="site_visit", reason="示例：现场核实",
                check_ids=[check],
            )  # fmt: skip
        for lead in alerts.leads(store, LAST_INSTANT):
            file_case(store, lead.id, by="leader", at=LAST_INSTANT, reason="示例：立案", document="示例立〔2026〕1号")


def _checked(store: Store, alert_id: str) -> str:
    """The non-site check on an alert, closed: what the picture showed, and a visit as the next step."""
    held = checks.of_alert(store, alert_id, LAST_INSTANT)
    name = held[0].id if held else open_check(store, "alert", alert_id, by="analyst", at=LAST_INSTANT, reason="示例").id
    if not held or held[0].closing is None:
        link = f"alert:{alert_id}"
        record_item(store, name, "drone", link, by="analyst", at=LAST_INSTANT, showed="示例：画面可见异常")
        close_check(store, name, Judged("violation", "site_visit"), by="analyst", at=LAST_INSTANT, reason="示例")
    return name


def _built(store: Store, reports: list[StageReport], seconds: float) -> Built:
    totals = counts.totals(store)
    plan = weekly.in_force(store, WEEK)
    views = alerts.views(store, clock.now())
    return Built(
        flights=totals["flights"], images=totals["images"], detections=totals["detections"], alerts=totals["alerts"],
        leads=totals["leads"], cases=totals.get("cases", 0), targets=len(plan.targets) if plan else 0,
        seconds=round(seconds, 3), home=str(store.home),
        stages=[[r.stage, r.done, r.skipped, r.refused_count, r.seconds] for r in reports],
        queue=[_queue_row(view) for view in views[:SHOWN]], week=_week_rows(plan),
    )  # fmt: skip


def _queue_row(view: AlertView) -> list[object]:
    ground, answer = view.alert.ground, view.attribution
    where = f"{ground.lon:.5f} {ground.lat:.5f} ± {ground.sigma_major_m:.0f} m"
    whose = answer.candidates[0].name if answer.answer == "named" else answer.answer.replace("_", " ")
    return [view.alert.id, view.alert.kind, where, whose, view.state]


def _week_rows(plan: WeeklyPlan | None) -> list[list[object]]:
    targets = plan.targets if plan else ()
    return [[t.rank, t.arm, t.name, "; ".join(say(r.code, r.values, "en") for r in t.reasons[:2])] for t in targets]
