-- What is handed in for a task, its steps, and the word of the acceptance on each piece.
CREATE TABLE task_item (
    id           INTEGER PRIMARY KEY,
    task_id      TEXT NOT NULL REFERENCES task (id),
    kind         TEXT NOT NULL,
    file_sha256  TEXT NOT NULL REFERENCES file (sha256),
    text         TEXT NOT NULL,
    taken_at     TEXT,
    lon          REAL,
    lat          REAL,
    device       TEXT NOT NULL,
    by           TEXT NOT NULL,
    role         TEXT NOT NULL,
    at           TEXT NOT NULL,
    simulated    INTEGER NOT NULL CHECK (simulated IN (0, 1)),
    CHECK ((lon IS NULL) = (lat IS NULL)),
    UNIQUE (task_id, kind, file_sha256)
) STRICT;

CREATE TABLE task_step (
    id          INTEGER PRIMARY KEY,
    task_id     TEXT NOT NULL REFERENCES task (id),
    number      INTEGER NOT NULL,
    step        TEXT NOT NULL,
    from_state  TEXT NOT NULL,
    to_state    TEXT NOT NULL,
    reason      TEXT NOT NULL,
    rule        TEXT NOT NULL,
    by          TEXT NOT NULL,
    role        TEXT NOT NULL,
    at          TEXT NOT NULL,
    simulated   INTEGER NOT NULL CHECK (simulated IN (0, 1)),
    UNIQUE (task_id, number)
) STRICT;

CREATE TABLE task_judgement (
    id         INTEGER PRIMARY KEY,
    item_id    INTEGER NOT NULL UNIQUE REFERENCES task_item (id),
    word       TEXT NOT NULL CHECK (word IN ('confirmed', 'refused')),
    reason     TEXT NOT NULL,
    by         TEXT NOT NULL,
    role       TEXT NOT NULL,
    at         TEXT NOT NULL,
    simulated  INTEGER NOT NULL CHECK (simulated IN (0, 1))
) STRICT;
