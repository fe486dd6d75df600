-- The first form of a home's database.
-- Instants are UTC ISO text with microseconds (their order as text is their order in time); days are ISO days of Beijing.
-- JSON columns hold canonical JSON. Geometry is WKB in longitude, latitude (WGS 84) with its box beside it.
-- Whatever a machine made names its run; code version and settings stand there, hashes of source, model and policy on the row.

CREATE TABLE file (
    sha256       TEXT PRIMARY KEY CHECK (length(sha256) = 64),
    size_bytes   INTEGER NOT NULL CHECK (size_bytes >= 0),
    name         TEXT NOT NULL,
    media_type   TEXT NOT NULL,
    received_at  TEXT NOT NULL
) STRICT;

CREATE TABLE run (
    id               TEXT PRIMARY KEY,
    stage            TEXT NOT NULL,
    as_of            TEXT NOT NULL,
    started_at       TEXT NOT NULL,
    ended_at         TEXT,
    code_version     TEXT NOT NULL,
    settings_sha256  TEXT NOT NULL,
    model_sha256     TEXT,
    policy_version   TEXT,
    seed             INTEGER,
    done             INTEGER NOT NULL DEFAULT 0,
    skipped          INTEGER NOT NULL DEFAULT 0,
    refused          INTEGER NOT NULL DEFAULT 0,
    failed           INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX run_by_stage ON run (stage, started_at);

CREATE TABLE flight (
    id           TEXT PRIMARY KEY,
    name         TEXT NOT NULL,
    added_by     TEXT NOT NULL,
    received_at  TEXT NOT NULL
) STRICT;
CREATE INDEX flight_by_received ON flight (received_at);

CREATE TABLE flight_file (
    id           INTEGER PRIMARY KEY,
    flight_id    TEXT NOT NULL REFERENCES flight (id),
    file_sha256  TEXT NOT NULL REFERENCES file (sha256),
    name         TEXT NOT NULL,
    received_at  TEXT NOT NULL,
    UNIQUE (flight_id, file_sha256, name)
) STRICT;
CREATE INDEX flight_file_by_file ON flight_file (file_sha256);

-- An item was dealt with under a key: its input, settings, code, model and policy in one hash. Under another key it is
-- another row, and the earlier one names the run; coming back to an earlier key is work again, and a third row.
CREATE TABLE work_done (
    id                 INTEGER PRIMARY KEY,
    key                TEXT NOT NULL,
    stage              TEXT NOT NULL,
    item               TEXT NOT NULL,
    status             TEXT NOT NULL CHECK (status IN ('ok', 'refused', 'cannot_judge')),
    reason             TEXT,
    detail             TEXT NOT NULL DEFAULT '',
    run_id             TEXT NOT NULL REFERENCES run (id),
    finished_at        TEXT NOT NULL,
    superseded_by_run  TEXT REFERENCES run (id),
    CHECK (status = 'ok' OR reason IS NOT NULL)
) STRICT;
CREATE UNIQUE INDEX work_done_current ON work_done (key) WHERE superseded_by_run IS NULL;
CREATE INDEX work_done_by_stage_item ON work_done (stage, item, superseded_by_run);
CREATE INDEX work_done_by_item ON work_done (item);

CREATE TABLE refusal (
    id           INTEGER PRIMARY KEY,
    run_id       TEXT REFERENCES run (id),
    stage        TEXT NOT NULL,
    item         TEXT NOT NULL,
    reason       TEXT NOT NULL,
    detail       TEXT NOT NULL DEFAULT '',
    flight_id    TEXT REFERENCES flight (id),
    received_at  TEXT NOT NULL
) STRICT;
CREATE INDEX refusal_by_flight ON refusal (flight_id);
CREATE INDEX refusal_by_run ON refusal (run_id);

CREATE TABLE frame (
    id           TEXT PRIMARY KEY,
    flight_id    TEXT NOT NULL REFERENCES flight (id),
    file_sha256  TEXT NOT NULL REFERENCES file (sha256),
    name         TEXT NOT NULL,
    kind         TEXT NOT NULL CHECK (kind IN ('picture', 'video_frame')),
    time_s       REAL,
    observed_at  TEXT,
    received_at  TEXT NOT NULL,
    width_px     INTEGER NOT NULL CHECK (width_px > 0),
    height_px    INTEGER NOT NULL CHECK (height_px > 0),
    tags         TEXT NOT NULL,
    warnings     TEXT NOT NULL,
    run_id       TEXT NOT NULL REFERENCES run (id)
) STRICT;
CREATE INDEX frame_by_flight ON frame (flight_id, name);
CREATE UNIQUE INDEX frame_by_file ON frame (file_sha256, coalesce(time_s, -1.0));

CREATE TABLE track (
    file_sha256  TEXT PRIMARY KEY REFERENCES file (sha256),
    flight_id    TEXT NOT NULL REFERENCES flight (id),
    name         TEXT NOT NULL,
    format       TEXT NOT NULL,
    frames       INTEGER NOT NULL,
    dropped      INTEGER NOT NULL,
    first        TEXT,
    last         TEXT,
    warnings     TEXT NOT NULL,
    received_at  TEXT NOT NULL,
    run_id       TEXT NOT NULL REFERENCES run (id)
) STRICT;
CREATE INDEX track_by_flight ON track (flight_id);

CREATE TABLE frame_footprint (
    id                 INTEGER PRIMARY KEY,
    frame_id           TEXT NOT NULL REFERENCES frame (id),
    status             TEXT NOT NULL CHECK (status IN ('ok', 'refused', 'cannot_judge')),
    reason             TEXT,
    polygon_wkb        BLOB,
    min_lon            REAL,
    min_lat            REAL,
    max_lon            REAL,
    max_lat            REAL,
    gsd_m              REAL,
    camera_lon         REAL,
    camera_lat         REAL,
    run_id             TEXT NOT NULL REFERENCES run (id),
    source_sha256      TEXT,
    superseded_by_run  TEXT REFERENCES run (id),
    CHECK (status = 'ok' OR reason IS NOT NULL)
) STRICT;
CREATE UNIQUE INDEX frame_footprint_current ON frame_footprint (frame_id) WHERE superseded_by_run IS NULL;
CREATE INDEX frame_footprint_by_box ON frame_footprint (min_lon, max_lon, min_lat, max_lat);

-- Frame-level results: a run under another key writes new rows beside the old ones, which then name it in
-- `superseded_by_run`. `id` says what was found (the same finding has the same name in every run), `row` which writing of it.
CREATE TABLE detection (
    row                INTEGER PRIMARY KEY,
    id                 TEXT NOT NULL,
    frame_id           TEXT NOT NULL REFERENCES frame (id),
    label              TEXT NOT NULL,
    u0                 REAL NOT NULL,
    v0                 REAL NOT NULL,
    u1                 REAL NOT NULL,
    v1                 REAL NOT NULL,
    confidence         REAL NOT NULL,
    probability        REAL,
    cues               TEXT NOT NULL,
    model              TEXT NOT NULL,
    model_sha256       TEXT NOT NULL,
    run_id             TEXT NOT NULL REFERENCES run (id),
    source_sha256      TEXT,
    superseded_by_run  TEXT REFERENCES run (id)
) STRICT;
CREATE UNIQUE INDEX detection_current ON detection (id) WHERE superseded_by_run IS NULL;
CREATE INDEX detection_by_id ON detection (id, row);
CREATE INDEX detection_by_frame ON detection (frame_id, superseded_by_run);

CREATE TABLE observation (
    row                INTEGER PRIMARY KEY,
    id                 TEXT NOT NULL,
    detection_id       TEXT NOT NULL,
    frame_id           TEXT NOT NULL REFERENCES frame (id),
    flight_id          TEXT NOT NULL REFERENCES flight (id),
    label              TEXT NOT NULL,
    confidence         REAL NOT NULL,
    probability        REAL,
    status             TEXT NOT NULL CHECK (status IN ('ok', 'refused', 'cannot_judge')),
    reason             TEXT,
    lon                REAL,
    lat                REAL,
    elevation_m        REAL,
    crs                TEXT,
    x_m                REAL,
    y_m                REAL,
    cov_xx_m2          REAL,
    cov_xy_m2          REAL,
    cov_yy_m2          REAL,
    sigma_major_m      REAL,
    sigma_minor_m      REAL,
    sigma_azimuth_deg  REAL,
    gsd_m              REAL,
    observed_at        TEXT,
    received_at        TEXT NOT NULL,
    run_id             TEXT NOT NULL REFERENCES run (id),
    source_sha256      TEXT,
    model_sha256       TEXT,
    superseded_by_run  TEXT REFERENCES run (id),
    CHECK (status = 'ok' OR reason IS NOT NULL)
) STRICT;
CREATE UNIQUE INDEX observation_current ON observation (id) WHERE superseded_by_run IS NULL;
CREATE INDEX observation_by_id ON observation (id, row);
CREATE INDEX observation_by_frame ON observation (frame_id, superseded_by_run);
CREATE INDEX observation_by_detection ON observation (detection_id);
CREATE INDEX observation_by_received ON observation (received_at) WHERE superseded_by_run IS NULL;
CREATE INDEX observation_by_place ON observation (lon, lat) WHERE superseded_by_run IS NULL;

CREATE TABLE attribution (
    row                INTEGER PRIMARY KEY,
    id                 TEXT NOT NULL,
    observation_id     TEXT NOT NULL,
    none_registered    REAL NOT NULL,
    cannot_tell        REAL NOT NULL,
    answer             TEXT NOT NULL CHECK (answer IN ('named', 'none_registered', 'cannot_tell')),
    named              TEXT,
    reason             TEXT NOT NULL,
    rules              TEXT NOT NULL,
    received_at        TEXT NOT NULL,
    run_id             TEXT NOT NULL REFERENCES run (id),
    source_sha256      TEXT,
    policy_version     TEXT,
    superseded_by_run  TEXT REFERENCES run (id)
) STRICT;
CREATE UNIQUE INDEX attribution_current ON attribution (observation_id) WHERE superseded_by_run IS NULL;
CREATE INDEX attribution_by_id ON attribution (id, row);

CREATE TABLE attribution_candidate (
    id                 INTEGER PRIMARY KEY,
    attribution_row    INTEGER NOT NULL REFERENCES attribution (row),
    rank               INTEGER NOT NULL,
    kind               TEXT NOT NULL,
    source_id          TEXT NOT NULL,
    enterprise_uscc    TEXT,
    name               TEXT NOT NULL,
    distance_m         REAL NOT NULL,
    likelihood_per_m2  REAL NOT NULL,
    probability        REAL NOT NULL,
    why                TEXT NOT NULL,
    UNIQUE (attribution_row, rank)
) STRICT;
CREATE INDEX attribution_candidate_by_enterprise ON attribution_candidate (enterprise_uscc);

-- The machine's word. A row of this table never changes.
CREATE TABLE alert (
    id                 TEXT PRIMARY KEY,
    kind               TEXT NOT NULL,
    probability        REAL,
    confidence         REAL NOT NULL,
    lon                REAL NOT NULL,
    lat                REAL NOT NULL,
    elevation_m        REAL NOT NULL,
    crs                TEXT NOT NULL,
    x_m                REAL NOT NULL,
    y_m                REAL NOT NULL,
    cov_xx_m2          REAL NOT NULL,
    cov_xy_m2          REAL NOT NULL,
    cov_yy_m2          REAL NOT NULL,
    sigma_major_m      REAL NOT NULL,
    sigma_minor_m      REAL NOT NULL,
    sigma_azimuth_deg  REAL NOT NULL,
    observed_at        TEXT NOT NULL,
    received_at        TEXT NOT NULL,
    why                TEXT NOT NULL,
    alternatives       TEXT NOT NULL,
    run_id             TEXT NOT NULL REFERENCES run (id),
    policy_version     TEXT
) STRICT;
CREATE INDEX alert_by_received ON alert (received_at);
CREATE INDEX alert_by_place ON alert (lon, lat);

CREATE TABLE alert_observation (
    id              INTEGER PRIMARY KEY,
    alert_id        TEXT NOT NULL REFERENCES alert (id),
    observation_id  TEXT NOT NULL,
    linked_at       TEXT NOT NULL,
    ended_at        TEXT,
    run_id          TEXT NOT NULL REFERENCES run (id)
) STRICT;
CREATE UNIQUE INDEX alert_observation_current ON alert_observation (alert_id, observation_id) WHERE ended_at IS NULL;
CREATE INDEX alert_observation_by_observation ON alert_observation (observation_id);

CREATE TABLE alert_attribution (
    id              INTEGER PRIMARY KEY,
    alert_id        TEXT NOT NULL REFERENCES alert (id),
    attribution_id  TEXT NOT NULL,
    linked_at       TEXT NOT NULL,
    ended_at        TEXT,
    run_id          TEXT NOT NULL REFERENCES run (id)
) STRICT;
CREATE UNIQUE INDEX alert_attribution_current ON alert_attribution (alert_id) WHERE ended_at IS NULL;
CREATE INDEX alert_attribution_by_attribution ON alert_attribution (attribution_id);

-- People. A verdict is added, never overwritten.
CREATE TABLE app_user (
    id           TEXT PRIMARY KEY,
    name         TEXT NOT NULL UNIQUE,
    role         TEXT NOT NULL,
    simulated    INTEGER NOT NULL CHECK (simulated IN (0, 1)),
    added_by     TEXT NOT NULL,
    received_at  TEXT NOT NULL
) STRICT;

CREATE TABLE verdict (
    id         TEXT PRIMARY KEY,
    alert_id   TEXT NOT NULL REFERENCES alert (id),
    value      TEXT NOT NULL,
    by         TEXT NOT NULL,
    role       TEXT NOT NULL,
    at         TEXT NOT NULL,
    reason     TEXT NOT NULL,
    simulated  INTEGER NOT NULL CHECK (simulated IN (0, 1))
) STRICT;
CREATE INDEX verdict_by_alert ON verdict (alert_id, at);

CREATE TABLE alert_seen (
    id        INTEGER PRIMARY KEY,
    alert_id  TEXT NOT NULL REFERENCES alert (id),
    user_id   TEXT NOT NULL,
    at        TEXT NOT NULL,
    UNIQUE (alert_id, user_id)
) STRICT;

CREATE TABLE lead (
    id               TEXT PRIMARY KEY,
    state            TEXT NOT NULL,
    enterprise_uscc  TEXT,
    next_step        TEXT NOT NULL,
    mandate          INTEGER NOT NULL CHECK (mandate IN (0, 1)),
    by               TEXT NOT NULL,
    role             TEXT NOT NULL,
    at               TEXT NOT NULL,
    reason           TEXT NOT NULL,
    simulated        INTEGER NOT NULL CHECK (simulated IN (0, 1))
) STRICT;
CREATE INDEX lead_by_enterprise ON lead (enterprise_uscc);

CREATE TABLE lead_alert (
    id        INTEGER PRIMARY KEY,
    lead_id   TEXT NOT NULL REFERENCES lead (id),
    alert_id  TEXT NOT NULL REFERENCES alert (id),
    UNIQUE (lead_id, alert_id)
) STRICT;
CREATE INDEX lead_alert_by_alert ON lead_alert (alert_id);

CREATE TABLE weekly_plan (
    id              TEXT PRIMARY KEY,
    week            TEXT NOT NULL,
    version         INTEGER NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('draft', 'frozen')),
    as_of           TEXT NOT NULL,
    seed            INTEGER NOT NULL,
    sha256          TEXT NOT NULL,
    drafted_at      TEXT NOT NULL,
    frozen_by       TEXT,
    frozen_at       TEXT,
    run_id          TEXT NOT NULL REFERENCES run (id),
    policy_version  TEXT,
    UNIQUE (week, version)
) STRICT;
CREATE UNIQUE INDEX weekly_plan_frozen_once ON weekly_plan (week) WHERE state = 'frozen';

CREATE TABLE weekly_target (
    id               INTEGER PRIMARY KEY,
    plan_id          TEXT NOT NULL REFERENCES weekly_plan (id),
    rank             INTEGER NOT NULL,
    enterprise_uscc  TEXT NOT NULL,
    name             TEXT NOT NULL,
    arm              TEXT NOT NULL CHECK (arm IN ('mandated', 'risk', 'random')),
    score            REAL,
    probability      REAL,
    propensity       REAL,
    reasons          TEXT NOT NULL,
    UNIQUE (plan_id, rank)
) STRICT;

CREATE TABLE weekly_exempt (
    id               INTEGER PRIMARY KEY,
    plan_id          TEXT NOT NULL REFERENCES weekly_plan (id),
    enterprise_uscc  TEXT NOT NULL,
    name             TEXT NOT NULL,
    reason           TEXT NOT NULL,
    until            TEXT
) STRICT;
CREATE INDEX weekly_exempt_by_plan ON weekly_exempt (plan_id);

-- Work asked of the machine. Leases and attempts come and go, so the journal holds the asking, not this row.
CREATE TABLE job (
    id            INTEGER PRIMARY KEY,
    kind          TEXT NOT NULL,
    payload       TEXT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('waiting', 'leased', 'done', 'failed', 'refused')),
    due_at        TEXT NOT NULL,
    leased_until  TEXT,
    lease_owner   TEXT,
    attempts      INTEGER NOT NULL DEFAULT 0,
    reason        TEXT,
    detail        TEXT NOT NULL DEFAULT '',
    asked_by      TEXT NOT NULL,
    asked_at      TEXT NOT NULL,
    finished_at   TEXT
) STRICT;
CREATE UNIQUE INDEX job_pending_once ON job (kind, payload) WHERE state = 'waiting';
CREATE INDEX job_by_state ON job (state, due_at);

-- What the registry says of one thing, over a span of days, as it was told at one instant.
-- A changed statement is a new row; the old one gets `superseded_at`, so that any past day can be asked.
CREATE TABLE registry_row (
    id               INTEGER PRIMARY KEY,
    kind             TEXT NOT NULL,
    key              TEXT NOT NULL,
    enterprise_uscc  TEXT,
    valid_from       TEXT,
    valid_to         TEXT,
    received_at      TEXT NOT NULL,
    superseded_at    TEXT,
    source_sha256    TEXT NOT NULL,
    source_row       TEXT NOT NULL,
    content_sha256   TEXT NOT NULL,
    content          TEXT NOT NULL,
    min_lon          REAL,
    min_lat          REAL,
    max_lon          REAL,
    max_lat          REAL
) STRICT;
CREATE UNIQUE INDEX registry_row_current ON registry_row (kind, key, coalesce(valid_from, '')) WHERE superseded_at IS NULL;
CREATE INDEX registry_row_by_key ON registry_row (kind, key, received_at);
CREATE INDEX registry_row_by_enterprise ON registry_row (enterprise_uscc, kind);
CREATE INDEX registry_row_by_box ON registry_row (min_lon, max_lon, min_lat, max_lat);

CREATE TABLE district (
    id             INTEGER PRIMARY KEY,
    name           TEXT NOT NULL,
    outline_wkb    BLOB NOT NULL,
    crs            TEXT NOT NULL,
    area_km2       REAL NOT NULL,
    min_lon        REAL NOT NULL,
    min_lat        REAL NOT NULL,
    max_lon        REAL NOT NULL,
    max_lat        REAL NOT NULL,
    source_sha256  TEXT NOT NULL,
    received_at    TEXT NOT NULL,
    superseded_at  TEXT
) STRICT;
CREATE UNIQUE INDEX district_current ON district ((1)) WHERE superseded_at IS NULL;

CREATE TABLE basemap_layer (
    id             INTEGER PRIMARY KEY,
    name           TEXT NOT NULL,
    geojson        TEXT NOT NULL,
    source_sha256  TEXT NOT NULL,
    received_at    TEXT NOT NULL,
    superseded_at  TEXT
) STRICT;
CREATE UNIQUE INDEX basemap_layer_current ON basemap_layer (name) WHERE superseded_at IS NULL;

-- The hash chain, and beside each entry the rows it wrote with their digests at that moment.
CREATE TABLE journal (
    seq            INTEGER PRIMARY KEY,
    at             TEXT NOT NULL,
    actor          TEXT NOT NULL,
    role           TEXT NOT NULL,
    kind           TEXT NOT NULL,
    subject        TEXT NOT NULL,
    payload        TEXT NOT NULL,
    previous_hash  TEXT NOT NULL,
    hash           TEXT NOT NULL UNIQUE
) STRICT;
CREATE INDEX journal_by_subject ON journal (subject);

CREATE TABLE journal_row (
    seq         INTEGER NOT NULL REFERENCES journal (seq),
    table_name  TEXT NOT NULL,
    row_id      TEXT NOT NULL,
    sha256      TEXT NOT NULL,
    PRIMARY KEY (seq, table_name, row_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX journal_row_by_row ON journal_row (table_name, row_id, seq);
