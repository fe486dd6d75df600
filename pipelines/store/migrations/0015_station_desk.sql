-- The station's desk: exceedances that were read elsewhere and written down here, what was looked at before one is judged,
-- what the judgement rests on, the report's files, and that it went to the brigade. A row is added for every act.

ALTER TABLE audit_report ADD COLUMN cause TEXT;
ALTER TABLE audit_report ADD COLUMN reason TEXT;
ALTER TABLE audit_report ADD COLUMN not_looked_at TEXT;
ALTER TABLE audit_report ADD COLUMN replaces TEXT REFERENCES audit_report (id);
ALTER TABLE audit_report ADD COLUMN rules TEXT;
CREATE UNIQUE INDEX audit_report_replaced_once ON audit_report (replaces) WHERE replaces IS NOT NULL;
CREATE INDEX audit_report_by_exceedance ON audit_report (exceedance);
CREATE INDEX exceedance_by_id ON exceedance (id);

CREATE TABLE written_exceedance (
    id               TEXT PRIMARY KEY,
    mn               TEXT NOT NULL,
    point            TEXT NOT NULL,
    enterprise_uscc  TEXT,
    pollutant        TEXT NOT NULL,
    period           TEXT NOT NULL,
    begins_at        TEXT NOT NULL,
    ends_at          TEXT NOT NULL,
    value            REAL NOT NULL,
    limit_value      REAL NOT NULL,
    below            INTEGER NOT NULL CHECK (below IN (0, 1)),
    unit             TEXT NOT NULL,
    limit_link       TEXT NOT NULL,
    document         TEXT NOT NULL,
    by               TEXT NOT NULL,
    role             TEXT NOT NULL,
    at               TEXT NOT NULL,
    simulated        INTEGER NOT NULL CHECK (simulated IN (0, 1))
) STRICT;
CREATE INDEX written_exceedance_by_device ON written_exceedance (mn, begins_at);

CREATE TABLE audit_evidence (
    id          INTEGER PRIMARY KEY,
    exceedance  TEXT NOT NULL,
    kind        TEXT NOT NULL,
    link        TEXT NOT NULL,
    seen_from   TEXT NOT NULL,
    showed      TEXT NOT NULL,
    by          TEXT NOT NULL,
    role        TEXT NOT NULL,
    at          TEXT NOT NULL,
    simulated   INTEGER NOT NULL CHECK (simulated IN (0, 1))
) STRICT;
CREATE INDEX audit_evidence_by_exceedance ON audit_evidence (exceedance);

CREATE TABLE report_file (
    id           INTEGER PRIMARY KEY,
    report_id    TEXT NOT NULL REFERENCES audit_report (id),
    kind         TEXT NOT NULL CHECK (kind IN ('pdf', 'json', 'csv')),
    name         TEXT NOT NULL,
    file_sha256  TEXT NOT NULL REFERENCES file (sha256),
    at           TEXT NOT NULL,
    UNIQUE (report_id, kind)
) STRICT;

CREATE TABLE report_delivery (
    id         INTEGER PRIMARY KEY,
    report_id  TEXT NOT NULL UNIQUE REFERENCES audit_report (id),
    document   TEXT NOT NULL,
    by         TEXT NOT NULL,
    role       TEXT NOT NULL,
    at         TEXT NOT NULL,
    simulated  INTEGER NOT NULL CHECK (simulated IN (0, 1))
) STRICT;
