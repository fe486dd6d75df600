-- The registry in depth: which import wrote a row and can be undone, headings mapped once for a source, and which
-- entries are the same firm by a person's word.
-- Rows of the forms before are left as they are: they name no import, and cannot be undone as one.

ALTER TABLE registry_row ADD COLUMN import_id TEXT REFERENCES registry_import (id);
ALTER TABLE registry_row ADD COLUMN superseded_by_import TEXT REFERENCES registry_import (id);
CREATE INDEX registry_row_by_import ON registry_row (import_id);
CREATE INDEX registry_row_by_ending_import ON registry_row (superseded_by_import);

-- One delivery of an office, as a person accepted it.
CREATE TABLE registry_import (
    id           TEXT PRIMARY KEY,
    file_sha256  TEXT NOT NULL REFERENCES file (sha256),
    file_name    TEXT NOT NULL,
    kind         TEXT NOT NULL,
    office       TEXT NOT NULL,
    mapping_id   INTEGER REFERENCES registry_mapping (id),
    crs          TEXT NOT NULL,
    crs_evidence TEXT NOT NULL,
    encoding     TEXT NOT NULL,
    rows         INTEGER NOT NULL,
    imported     INTEGER NOT NULL,
    changed      INTEGER NOT NULL,
    unchanged    INTEGER NOT NULL,
    refused      INTEGER NOT NULL,
    by           TEXT NOT NULL,
    role         TEXT NOT NULL,
    at           TEXT NOT NULL
) STRICT;
CREATE INDEX registry_import_by_file ON registry_import (file_sha256);

-- An import taken back: what it wrote is ended, what it had ended is said again, at this instant.
CREATE TABLE registry_undo (
    id         INTEGER PRIMARY KEY,
    import_id  TEXT NOT NULL UNIQUE REFERENCES registry_import (id),
    by         TEXT NOT NULL,
    role       TEXT NOT NULL,
    at         TEXT NOT NULL,
    reason     TEXT NOT NULL
) STRICT;

-- Which heading means what in the files of one office. A changed mapping is a new row.
CREATE TABLE registry_mapping (
    id             INTEGER PRIMARY KEY,
    name           TEXT NOT NULL,
    kind           TEXT NOT NULL,
    content        TEXT NOT NULL,
    by             TEXT NOT NULL,
    role           TEXT NOT NULL,
    received_at    TEXT NOT NULL,
    superseded_at  TEXT
) STRICT;
CREATE UNIQUE INDEX registry_mapping_current ON registry_mapping (name) WHERE superseded_at IS NULL;

-- Two entries that may be one firm: the machine's word with its evidence. A row never changes but for its end.
CREATE TABLE firm_proposal (
    id              TEXT PRIMARY KEY,
    left_kind       TEXT NOT NULL,
    left_key        TEXT NOT NULL,
    right_kind      TEXT NOT NULL,
    right_key       TEXT NOT NULL,
    probability     REAL NOT NULL,
    evidence        TEXT NOT NULL,
    code_version    TEXT NOT NULL,
    received_at     TEXT NOT NULL,
    superseded_at   TEXT
) STRICT;
CREATE UNIQUE INDEX firm_proposal_current
    ON firm_proposal (left_kind, left_key, right_kind, right_key) WHERE superseded_at IS NULL;

-- A person's word on a proposal; the latest one counts, none is overwritten. `keep_key` is the firm that the other is.
CREATE TABLE firm_decision (
    id           INTEGER PRIMARY KEY,
    proposal_id  TEXT NOT NULL REFERENCES firm_proposal (id),
    value        TEXT NOT NULL CHECK (value IN ('same', 'different', 'undone')),
    keep_key     TEXT,
    by           TEXT NOT NULL,
    role         TEXT NOT NULL,
    at           TEXT NOT NULL,
    reason       TEXT NOT NULL,
    simulated    INTEGER NOT NULL CHECK (simulated IN (0, 1))
) STRICT;
CREATE INDEX firm_decision_by_proposal ON firm_decision (proposal_id, at);
