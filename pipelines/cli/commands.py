"""All commands of `yaoxun`, in the order that `--help` shows them."""

from __future__ import annotations

from pipelines.cli import (
    acts,
    alerts,
    cases,
    checks,
    clock,
    demo,
    duty,
    evidence,
    field,
    flight_geometry,
    flight_made,
    flights,
    geo,
    models,
    models_evaluate,
    models_explain,
    models_fastest,
    models_own,
    models_train,
    monitor,
    monitor_check,
    monitor_gateway,
    platform,
    policy,
    registry,
    registry_ask,
    registry_firms,
    registry_imports,
    registry_quality,
    station,
    tasks,
)
from pipelines.cli.parser import Commands

DESCRIPTION = (
    "Non-site supervision 非现场监管: drone pictures to located anomalies, alerts, leads and a weekly target list."
)


def commands() -> Commands:
    """The whole tree."""
    tree = Commands("yaoxun", DESCRIPTION)
    parts = (
        demo, flights, flight_made, flight_geometry, alerts, acts, checks, station, cases, field, platform,
        clock, tasks, duty,
        registry, registry_ask, registry_imports,
        registry_quality, registry_firms, geo, models,
        models_evaluate, models_explain, models_fastest, models_own, models_train,
        monitor, monitor_gateway, monitor_check, policy, evidence,
    )  # fmt: skip
    for part in parts:
        part.register(tree)
    return tree
