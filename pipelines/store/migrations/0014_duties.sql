-- 履职台账: who had what to do from when, and when it was done. A row a beginning or an end, written by the act itself.
CREATE TABLE duty_event (
    id         INTEGER PRIMARY KEY,
    duty       TEXT NOT NULL,
    subject    TEXT NOT NULL,
    event      TEXT NOT NULL CHECK (event IN ('began', 'ended')),
    word       TEXT NOT NULL,
    holder     TEXT NOT NULL,
    due_on     TEXT,
    days       INTEGER CHECK (days > 0),
    reason     TEXT NOT NULL,
    by         TEXT NOT NULL,
    role       TEXT NOT NULL,
    at         TEXT NOT NULL,
    simulated  INTEGER NOT NULL CHECK (simulated IN (0, 1))
) STRICT;
CREATE INDEX duty_event_by_subject ON duty_event (subject, duty);

-- A reason for what is late, and what the machine reminded whom of: once a duty, begun when, and level.
CREATE TABLE duty_reason (
    id         INTEGER PRIMARY KEY,
    duty       TEXT NOT NULL,
    subject    TEXT NOT NULL,
    by         TEXT NOT NULL,
    role       TEXT NOT NULL,
    at         TEXT NOT NULL,
    reason     TEXT NOT NULL,
    simulated  INTEGER NOT NULL CHECK (simulated IN (0, 1))
) STRICT;

CREATE TABLE duty_reminder (
    id       INTEGER PRIMARY KEY,
    duty     TEXT NOT NULL,
    subject  TEXT NOT NULL,
    began_at TEXT NOT NULL,
    level    TEXT NOT NULL CHECK (level IN ('warning', 'overdue')),
    to_whom  TEXT NOT NULL,
    at       TEXT NOT NULL,
    UNIQUE (duty, subject, began_at, level)
) STRICT;

-- 问责: an act that a named account asked for and its role may not do; once an account, act and day.
CREATE TABLE refused_act (
    id         INTEGER PRIMARY KEY,
    act        TEXT NOT NULL,
    rule       TEXT NOT NULL,
    by         TEXT NOT NULL,
    role       TEXT NOT NULL,
    on_day     TEXT NOT NULL,
    at         TEXT NOT NULL,
    simulated  INTEGER NOT NULL CHECK (simulated IN (0, 1)),
    UNIQUE (act, by, role, on_day)
) STRICT;
