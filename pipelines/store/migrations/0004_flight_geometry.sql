-- Where the cameras of a flight stood, corrected by control points or by adjusting its frames together.

-- What a place has in common with other sights of the same thing: factors in metres, [[east …], [north …]], so that
-- several sights can be fused. NULL in rows of earlier forms: then all of their doubt counts as common.
ALTER TABLE observation ADD COLUMN shared TEXT;

-- A person's word that a flight is to be corrected, or no longer. The youngest row of a flight counts; undoing is a row.
CREATE TABLE flight_geometry (
    id              INTEGER PRIMARY KEY,
    flight_id       TEXT NOT NULL REFERENCES flight (id),
    kind            TEXT NOT NULL CHECK (kind IN ('adjusted', 'controlled', 'undone')),
    key             TEXT NOT NULL,
    ties            INTEGER NOT NULL CHECK (ties IN (0, 1)),
    control         TEXT NOT NULL,
    source_sha256   TEXT REFERENCES file (sha256),
    terrain_sha256  TEXT,
    report          TEXT NOT NULL,
    code_version    TEXT NOT NULL,
    by              TEXT NOT NULL,
    role            TEXT NOT NULL,
    at              TEXT NOT NULL,
    simulated       INTEGER NOT NULL CHECK (simulated IN (0, 1)),
    superseded_at   TEXT
) STRICT;
CREATE UNIQUE INDEX flight_geometry_current ON flight_geometry (flight_id) WHERE superseded_at IS NULL;

CREATE TABLE frame_pose (
    id           INTEGER PRIMARY KEY,
    geometry_id  INTEGER NOT NULL REFERENCES flight_geometry (id),
    frame_id     TEXT NOT NULL REFERENCES frame (id),
    camera       TEXT NOT NULL,
    pose         TEXT NOT NULL,
    sha256       TEXT NOT NULL CHECK (length(sha256) = 64),
    UNIQUE (geometry_id, frame_id)
) STRICT;
CREATE INDEX frame_pose_by_frame ON frame_pose (frame_id);
