-- The span in which a result was what the machine said, so that a look back shows what it showed then; and the hashes of
-- source and model on every row that rests on an original.
-- Rows of form 1 are left as they are, for the journal holds their digests: their span is that of the runs they name
-- (`run.as_of`), and it is the views below that say so. Whatever looks back asks the views.

ALTER TABLE detection ADD COLUMN received_at TEXT;
ALTER TABLE detection ADD COLUMN superseded_at TEXT;
ALTER TABLE frame_footprint ADD COLUMN received_at TEXT;
ALTER TABLE frame_footprint ADD COLUMN superseded_at TEXT;
ALTER TABLE observation ADD COLUMN superseded_at TEXT;
ALTER TABLE attribution ADD COLUMN superseded_at TEXT;
ALTER TABLE attribution ADD COLUMN model_sha256 TEXT;
ALTER TABLE alert ADD COLUMN source_sha256 TEXT;
ALTER TABLE alert ADD COLUMN model_sha256 TEXT;
ALTER TABLE refusal ADD COLUMN source_sha256 TEXT;

CREATE VIEW detection_span AS
SELECT t.*,
    coalesce(t.received_at, (SELECT as_of FROM run WHERE id = t.run_id)) AS known_from,
    coalesce(t.superseded_at, (SELECT as_of FROM run WHERE id = t.superseded_by_run)) AS known_until
FROM detection AS t;

CREATE VIEW frame_footprint_span AS
SELECT t.*,
    coalesce(t.received_at, (SELECT as_of FROM run WHERE id = t.run_id)) AS known_from,
    coalesce(t.superseded_at, (SELECT as_of FROM run WHERE id = t.superseded_by_run)) AS known_until
FROM frame_footprint AS t;

CREATE VIEW observation_span AS
SELECT t.*,
    t.received_at AS known_from,
    coalesce(t.superseded_at, (SELECT as_of FROM run WHERE id = t.superseded_by_run)) AS known_until
FROM observation AS t;

CREATE VIEW attribution_span AS
SELECT t.*,
    t.received_at AS known_from,
    coalesce(t.superseded_at, (SELECT as_of FROM run WHERE id = t.superseded_by_run)) AS known_until
FROM attribution AS t;
