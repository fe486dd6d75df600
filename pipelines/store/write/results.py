"""What the stages found in frames. A run under another key writes beside the old rows, which then name it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import shapely

from enforcement.attribution import Candidate
from pipelines.records import FrameDetection, FrameFootprint, Observation, Provenance
from pipelines.store import rows
from pipelines.store.canonical import instant, to_json
from pipelines.store.records import AttributionRow
from pipelines.store.transaction import Tx
from pipelines.store.write import sources

END_DETECTIONS = """
UPDATE detection SET superseded_by_run = ?, superseded_at = ? WHERE frame_id = ? AND superseded_by_run IS NULL
"""
END_OBSERVATIONS = """
UPDATE observation SET superseded_by_run = ?, superseded_at = ? WHERE frame_id = ? AND superseded_by_run IS NULL
"""
END_FOOTPRINTS = """
UPDATE frame_footprint SET superseded_by_run = ?, superseded_at = ? WHERE frame_id = ? AND superseded_by_run IS NULL
"""
END_ATTRIBUTIONS_OF_FRAME = """
UPDATE attribution SET superseded_by_run = ?, superseded_at = ?
WHERE superseded_by_run IS NULL AND observation_id IN (
    SELECT id FROM observation WHERE frame_id = ? AND superseded_by_run IS NULL
)
"""
END_ATTRIBUTIONS = """
UPDATE attribution SET superseded_by_run = ?, superseded_at = ? WHERE observation_id = ? AND superseded_by_run IS NULL
"""


def replace_detections(
    tx: Tx, frame_ids: Sequence[str], detections: Iterable[FrameDetection], provenance: Provenance, *, at: datetime
) -> None:
    """Write what was found in these frames. What they had before, with all that was made of it, is no longer current.

    Args:
        tx: the chunk's transaction.
        frame_ids: every frame that was looked at, also those where nothing was found.
        detections: in any of these frames.
        provenance: the run. The hash of the original is looked up by the frame.
        at: when it was known: what looks back before this instant sees what the frames had before.
    """
    now = instant(at)
    _end_observations(tx, frame_ids, provenance.run_id, now)
    tx.executemany(END_DETECTIONS, ((provenance.run_id, now, frame_id) for frame_id in frame_ids))
    _insert(tx, "detection", [rows.detection_cells(d, provenance, now) for d in detections], sources.OF_FRAME)


def replace_observations(
    tx: Tx, frame_ids: Sequence[str], observations: Iterable[Observation], provenance: Provenance, *, at: datetime
) -> None:
    """Write where the detections of these frames lie; the frames' earlier places are no longer current.

    Args:
        tx: the chunk's transaction, in which or before which the detections were written.
        frame_ids: every frame that was looked at.
        observations: in any of these frames; they are kept as received at `at`.
        provenance: the run. The hashes of original and model are looked up by frame and detection.
        at: when it was known, as in `replace_detections`.
    """
    now = instant(at)
    _end_observations(tx, frame_ids, provenance.run_id, now)
    cells = [rows.observation_cells(o, provenance, now) for o in observations]
    _insert(tx, "observation", cells, sources.OF_DETECTION)


def replace_footprints(tx: Tx, footprints: Sequence[FrameFootprint], provenance: Provenance, *, at: datetime) -> None:
    """Write what frames see of the ground, known from `at` on; what they had before is no longer current."""
    now = instant(at)
    tx.executemany(END_FOOTPRINTS, ((provenance.run_id, now, f.frame_id) for f in footprints))
    _insert(tx, "frame_footprint", [_footprint_cells(f, provenance, now) for f in footprints], sources.OF_FRAME)


def replace_attributions(
    tx: Tx, attributions: Sequence[AttributionRow], provenance: Provenance, *, at: datetime
) -> None:
    """Write who could be behind observations; their earlier attributions are no longer current.

    Args:
        tx: the chunk's transaction.
        attributions: at most one for each observation.
        provenance: the run, and the policy version whose rows decided.
        at: when it was known: what looks back before this instant does not see it.
    """
    now = instant(at)
    tx.executemany(END_ATTRIBUTIONS, ((provenance.run_id, now, one.observation_id) for one in attributions))
    for one in attributions:
        _insert_attribution(tx, one, provenance, now)


def end_attributions(tx: Tx, subjects: Iterable[str], *, run_id: str, at: datetime) -> None:
    """Let attributions be no longer current without another in their place; subjects are observations or alerts."""
    now = instant(at)
    tx.executemany(END_ATTRIBUTIONS, ((run_id, now, subject) for subject in subjects))


def _end_observations(tx: Tx, frame_ids: Sequence[str], run_id: str, now: str) -> None:
    ended = [(run_id, now, frame_id) for frame_id in frame_ids]
    tx.executemany(END_ATTRIBUTIONS_OF_FRAME, ended)
    tx.executemany(END_OBSERVATIONS, ended)


def _insert(tx: Tx, table: str, many: Sequence[Mapping[str, object]], derived: Mapping[str, str] | None = None) -> None:
    if many:
        tx.executemany(rows.insert_statement(table, many[0], derived), many)


def _footprint_cells(footprint: FrameFootprint, provenance: Provenance, received_at: str) -> dict[str, object]:
    wkb = footprint.polygon_wkb
    box = (None, None, None, None) if wkb is None else tuple(map(float, shapely.from_wkb(wkb).bounds))
    return {
        "frame_id": footprint.frame_id,
        "status": footprint.status.value,
        "reason": footprint.reason,
        "polygon_wkb": wkb,
        "min_lon": box[0],
        "min_lat": box[1],
        "max_lon": box[2],
        "max_lat": box[3],
        "gsd_m": footprint.gsd_m,
        "camera_lon": footprint.camera_lon,
        "camera_lat": footprint.camera_lat,
        "received_at": received_at,
        "run_id": provenance.run_id,
    }


def _insert_attribution(tx: Tx, row: AttributionRow, provenance: Provenance, at: str) -> None:
    one = row.attribution
    cells = {
        "id": row.id,
        "observation_id": row.observation_id,
        "none_registered": one.none_registered,
        "cannot_tell": one.cannot_tell,
        "answer": one.answer,
        "named": one.named,
        "reason": one.reason,
        "rules": to_json(list(one.rules)),
        "received_at": at,
        "run_id": provenance.run_id,
        "policy_version": provenance.policy_version,
    }
    number = tx.execute(rows.insert_statement("attribution", cells, sources.OF_OBSERVATION), cells).lastrowid
    candidates = [_candidate_cells(number, rank, c) for rank, c in enumerate(one.candidates, start=1)]
    _insert(tx, "attribution_candidate", candidates)


def _candidate_cells(attribution_row: int | None, rank: int, candidate: Candidate) -> dict[str, object]:
    return {
        "attribution_row": attribution_row,
        "rank": rank,
        "kind": candidate.kind,
        "source_id": candidate.id,
        "enterprise_uscc": candidate.enterprise,
        "name": candidate.name,
        "distance_m": candidate.distance_m,
        "likelihood_per_m2": candidate.likelihood_per_m2,
        "probability": candidate.probability,
        "why": to_json(list(candidate.why)),
    }
