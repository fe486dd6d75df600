-- Raw segments of what devices sent, once they are whole: which bytes they hold.

CREATE TABLE raw_segment (
    name          TEXT PRIMARY KEY,
    bytes         INTEGER NOT NULL,
    chunks        INTEGER NOT NULL,
    first_at      TEXT,
    last_at       TEXT,
    damaged_bytes INTEGER NOT NULL,
    sha256        TEXT NOT NULL,
    sealed_at     TEXT NOT NULL,
    code_version  TEXT NOT NULL
) STRICT;
