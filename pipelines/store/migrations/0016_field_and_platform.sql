-- The record of a visit with its photographs; and what the city's platform 移动执法 sent, row by row, as it said it.

CREATE TABLE field_record (
    id              TEXT PRIMARY KEY,
    finding_id      TEXT NOT NULL UNIQUE REFERENCES field_finding (id),
    lead_id         TEXT NOT NULL REFERENCES lead (id),
    began_at        TEXT NOT NULL,
    ended_at        TEXT NOT NULL,
    inspectors      TEXT NOT NULL,
    identity_shown  INTEGER NOT NULL CHECK (identity_shown IN (0, 1)),
    notice_given    INTEGER NOT NULL CHECK (notice_given IN (0, 1)),
    party           TEXT NOT NULL,
    statement       TEXT NOT NULL,
    signature       TEXT NOT NULL,
    reason          TEXT NOT NULL,
    rules           TEXT NOT NULL,
    by              TEXT NOT NULL,
    role            TEXT NOT NULL,
    at              TEXT NOT NULL,
    simulated       INTEGER NOT NULL CHECK (simulated IN (0, 1))
) STRICT;
CREATE INDEX field_record_by_lead ON field_record (lead_id);

CREATE TABLE field_photo (
    id           INTEGER PRIMARY KEY,
    record_id    TEXT NOT NULL REFERENCES field_record (id),
    file_sha256  TEXT NOT NULL REFERENCES file (sha256),
    name         TEXT NOT NULL,
    taken_at     TEXT,
    device       TEXT NOT NULL,
    lon          REAL,
    lat          REAL,
    at           TEXT NOT NULL,
    UNIQUE (record_id, file_sha256)
) STRICT;

CREATE TABLE platform_import (
    id              TEXT PRIMARY KEY,
    kind            TEXT NOT NULL,
    file_sha256     TEXT NOT NULL REFERENCES file (sha256),
    mapping_sha256  TEXT NOT NULL REFERENCES file (sha256),
    columns         TEXT NOT NULL,
    rows            INTEGER NOT NULL,
    by              TEXT NOT NULL,
    role            TEXT NOT NULL,
    at              TEXT NOT NULL,
    simulated       INTEGER NOT NULL CHECK (simulated IN (0, 1)),
    UNIQUE (kind, file_sha256, mapping_sha256)
) STRICT;

CREATE TABLE platform_record (
    id         INTEGER PRIMARY KEY,
    import_id  TEXT NOT NULL REFERENCES platform_import (id),
    position   INTEGER NOT NULL,
    kind       TEXT NOT NULL,
    key        TEXT NOT NULL,
    content    TEXT NOT NULL,
    others     TEXT NOT NULL,
    at         TEXT NOT NULL,
    UNIQUE (import_id, position)
) STRICT;
CREATE INDEX platform_record_by_key ON platform_record (kind, key);
