-- Who flew, with what, and under which approval; and the files that were made from originals, kept under `derived/`.

-- A person's word on a flight: the whole of it, dated. What was said before stays; the youngest row counts.
CREATE TABLE flight_papers (
    id                 INTEGER PRIMARY KEY,
    flight_id          TEXT NOT NULL REFERENCES flight (id),
    pilot              TEXT,
    aircraft           TEXT,
    airspace_approval  TEXT,
    flight_plan        TEXT,
    by                 TEXT NOT NULL,
    role               TEXT NOT NULL,
    at                 TEXT NOT NULL,
    simulated          INTEGER NOT NULL CHECK (simulated IN (0, 1))
) STRICT;
CREATE INDEX flight_papers_by_flight ON flight_papers (flight_id, at);

-- A file made from originals: flight reports, mosaics, and rasters that people chose as basemap. `key` says from what and
-- how it was made; under another key it is another row, and the earlier one says when it ceased to be the current one.
CREATE TABLE derived_file (
    id             INTEGER PRIMARY KEY,
    kind           TEXT NOT NULL CHECK (kind IN ('flight_report', 'mosaic', 'basemap')),
    subject        TEXT NOT NULL,
    key            TEXT NOT NULL,
    name           TEXT NOT NULL,
    path           TEXT NOT NULL,
    sha256         TEXT NOT NULL CHECK (length(sha256) = 64),
    size_bytes     INTEGER NOT NULL CHECK (size_bytes >= 0),
    facts          TEXT NOT NULL,
    made_by        TEXT NOT NULL,
    run_id         TEXT REFERENCES run (id),
    received_at    TEXT NOT NULL,
    superseded_at  TEXT
) STRICT;
CREATE UNIQUE INDEX derived_file_current ON derived_file (kind, subject) WHERE superseded_at IS NULL;
