"""What the machine, people and the field said of each alert, in columns that never mix: the start of a training set."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pipelines.store.home import Store
from pipelines.store.read import alerts, checks, frames


def labels(store: Store, as_of: datetime) -> list[dict[str, Any]]:
    """A row for each alert on which somebody said a standing word, or that somebody went to see; youngest first.

    `machine_…` is what the detector said, `human_…` the standing verdict (None while it waits for a second person),
    `field_…` the last finding. `simulated` where one of the people is made up: such rows train nothing that goes out.
    """
    with store.snapshot():
        found = {}
        for finding in checks.findings(store, as_of):
            if finding.alert_id is not None:
                found[finding.alert_id] = finding
        rows = []
        for view in alerts.views(store, as_of):
            word, seen = view.verdict, found.get(view.alert.id)
            if word is not None and word.needs_second:
                word = None
            if word is None and seen is None:
                continue
            frame = frames.get(store, view.frame_id)
            rows.append(
                {
                    "alert": view.alert.id,
                    "file_sha256": frame.file_sha256,
                    "time_s": frame.time_s,
                    "box": list(view.detection.box),
                    "machine_label": view.alert.kind,
                    "machine_confidence": view.detection.confidence,
                    "machine_model_sha256": view.detection.model_sha256,
                    "human_verdict": None if word is None else word.value,
                    "human_really": None if word is None else word.really,
                    "human_duplicate_of": None if word is None else word.duplicate_of,
                    "field_found": None if seen is None else seen.found,
                    "field_really": None if seen is None else seen.really,
                    "simulated": bool((word and word.simulated) or (seen and seen.signed.simulated)),
                }
            )
    return rows
