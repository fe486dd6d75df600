"""All commands of `yaoxun`, in the order that `--help` shows them."""

from __future__ import annotations

from pipelines.cli import acts, alerts, demo, evidence, flights, geo, models, monitor, registry
from pipelines.cli.parser import Commands

DESCRIPTION = (
    "Non-site supervision 非现场监管: drone pictures to located anomalies, alerts, leads and a weekly target list."
)


def commands() -> Commands:
    """The whole tree."""
    tree = Commands("yaoxun", DESCRIPTION)
    for part in (demo, flights, alerts, acts, registry, geo, models, monitor, evidence):
        part.register(tree)
    return tree
