-- What exceeded a limit, and what smelt, in monitor data: as it was known in a span. Judged anew, the old row ends.

CREATE TABLE exceedance (
    row               INTEGER PRIMARY KEY,
    id                TEXT NOT NULL,
    mn                TEXT NOT NULL,
    point             TEXT NOT NULL,
    enterprise_uscc   TEXT,
    site_id           TEXT,
    pollutant         TEXT NOT NULL,
    kind              TEXT NOT NULL,
    day               TEXT NOT NULL,
    begins_at         TEXT NOT NULL,
    ends_at           TEXT NOT NULL,
    worst             REAL NOT NULL,
    limit_value       REAL NOT NULL,
    unit              TEXT NOT NULL,
    rule              TEXT NOT NULL,
    comparison        TEXT NOT NULL,
    allowed           INTEGER NOT NULL,
    below             INTEGER NOT NULL CHECK (below IN (0, 1)),
    without_flag      INTEGER NOT NULL,
    means             TEXT NOT NULL,
    excused_by        TEXT NOT NULL,
    values_sha256     TEXT NOT NULL,
    policy_version    TEXT,
    run_id            TEXT NOT NULL REFERENCES run (id),
    received_at       TEXT NOT NULL,
    superseded_by_run TEXT REFERENCES run (id),
    superseded_at     TEXT
) STRICT;
CREATE UNIQUE INDEX exceedance_current ON exceedance (id) WHERE superseded_by_run IS NULL;
CREATE INDEX exceedance_by_day ON exceedance (day, mn);

CREATE TABLE monitor_clue (
    row               INTEGER PRIMARY KEY,
    id                TEXT NOT NULL,
    kind              TEXT NOT NULL,
    mn                TEXT NOT NULL,
    point             TEXT NOT NULL,
    pollutant         TEXT NOT NULL,
    other             TEXT,
    last_day          TEXT NOT NULL,
    begins_at         TEXT NOT NULL,
    ends_at           TEXT NOT NULL,
    chance            REAL NOT NULL,
    figures           TEXT NOT NULL,
    innocent          TEXT NOT NULL,
    policy_version    TEXT,
    run_id            TEXT NOT NULL REFERENCES run (id),
    received_at       TEXT NOT NULL,
    superseded_by_run TEXT REFERENCES run (id),
    superseded_at     TEXT
) STRICT;
CREATE UNIQUE INDEX monitor_clue_current ON monitor_clue (id) WHERE superseded_by_run IS NULL;
CREATE INDEX monitor_clue_by_day ON monitor_clue (last_day, mn);
