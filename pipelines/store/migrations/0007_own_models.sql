-- Networks of the house, and pictures that explain an alert, stand among the derived files: SQLite changes a check by copying the table.

CREATE TABLE derived_file_wider (
    id             INTEGER PRIMARY KEY,
    kind           TEXT NOT NULL CHECK (kind IN ('flight_report', 'mosaic', 'basemap', 'model', 'explanation')),
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
INSERT INTO derived_file_wider SELECT * FROM derived_file;
DROP TABLE derived_file;
ALTER TABLE derived_file_wider RENAME TO derived_file;
CREATE UNIQUE INDEX derived_file_current ON derived_file (kind, subject) WHERE superseded_at IS NULL;
