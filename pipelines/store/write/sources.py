"""Which original and which model stand behind a row: looked up as it is written, so that no caller can leave them out.

A chunk spans many originals, so its provenance cannot name one; the frame, detection or observation that a row rests on
can. Each expression stands in an `INSERT` beside the named places of the columns it uses.
"""

from __future__ import annotations

from typing import Final

OF_FRAME: Final = {"source_sha256": "(SELECT file_sha256 FROM frame WHERE id = :frame_id)"}
"""Of rows with a `frame_id`."""

OF_DETECTION: Final = OF_FRAME | {
    "model_sha256": "(SELECT model_sha256 FROM detection WHERE id = :detection_id ORDER BY row DESC LIMIT 1)"
}
"""Of rows with a `frame_id` and a `detection_id`."""

OF_OBSERVATION: Final = {
    "source_sha256": """coalesce((
        SELECT f.file_sha256 FROM observation AS o JOIN frame AS f ON f.id = o.frame_id
        WHERE o.id = :observation_id ORDER BY o.row DESC LIMIT 1
    ), (SELECT source_sha256 FROM alert WHERE id = :observation_id))""",
    "model_sha256": """coalesce((
        SELECT d.model_sha256 FROM observation AS o JOIN detection AS d ON d.id = o.detection_id
        WHERE o.id = :observation_id ORDER BY o.row DESC, d.row DESC LIMIT 1
    ), (SELECT model_sha256 FROM alert WHERE id = :observation_id))""",
}
"""Of rows with an `observation_id`; of an alert's fused place, whose subject is the alert, those of the alert."""

OF_ITEM: Final = {
    "source_sha256": """coalesce(
        (SELECT file_sha256 FROM frame WHERE id = :item),
        (
            SELECT f.file_sha256 FROM observation AS o JOIN frame AS f ON f.id = o.frame_id
            WHERE o.id = :item ORDER BY o.row DESC LIMIT 1
        )
    )"""
}
"""Of a refused item: a frame or an observation; NULL for what has none, as a file that could not be read."""

FILL_ALERT: Final = """
UPDATE alert SET
    source_sha256 = (
        SELECT f.file_sha256 FROM alert_observation AS l
        JOIN observation AS o ON o.id = l.observation_id JOIN frame AS f ON f.id = o.frame_id
        WHERE l.alert_id = alert.id ORDER BY l.id, o.row DESC LIMIT 1
    ),
    model_sha256 = (
        SELECT d.model_sha256 FROM alert_observation AS l
        JOIN observation AS o ON o.id = l.observation_id JOIN detection AS d ON d.id = o.detection_id
        WHERE l.alert_id = alert.id ORDER BY l.id, o.row DESC, d.row DESC LIMIT 1
    )
WHERE id = ? AND source_sha256 IS NULL
  AND EXISTS (SELECT 1 FROM temp.touched WHERE table_name = 'alert' AND row_id = alert.id)
"""
"""Of an alert that this transaction raises, by its first observation. One that the journal answers for already never
changes."""
