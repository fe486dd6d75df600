-- Where an attribution of several sights was weighed, and which sights gave that place with which weights.

CREATE TABLE fused_place (
    id             TEXT PRIMARY KEY,
    alert_id       TEXT NOT NULL REFERENCES alert (id),
    lon            REAL NOT NULL,
    lat            REAL NOT NULL,
    crs            TEXT NOT NULL,
    x_m            REAL NOT NULL,
    y_m            REAL NOT NULL,
    cov_xx_m2      REAL NOT NULL,
    cov_xy_m2      REAL NOT NULL,
    cov_yy_m2      REAL NOT NULL,
    sigma_major_m  REAL NOT NULL,
    sigma_minor_m  REAL NOT NULL,
    misfit         REAL NOT NULL,
    received_at    TEXT NOT NULL,
    run_id         TEXT NOT NULL REFERENCES run (id)
) STRICT;
CREATE INDEX fused_place_by_alert ON fused_place (alert_id);

CREATE TABLE fused_sight (
    id              INTEGER PRIMARY KEY,
    place_id        TEXT NOT NULL REFERENCES fused_place (id),
    observation_id  TEXT NOT NULL,
    kept            INTEGER NOT NULL CHECK (kept IN (0, 1)),
    weight_xx       REAL NOT NULL,
    weight_xy       REAL NOT NULL,
    weight_yx       REAL NOT NULL,
    weight_yy       REAL NOT NULL,
    UNIQUE (place_id, observation_id)
) STRICT;
