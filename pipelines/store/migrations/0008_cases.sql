-- From an alert to its lawful end: the non-site check, what a verdict must say, what was found in the field, leads that
-- rest on more than alerts, audit reports and their receipt, cases with each of their steps, and what moved a clock.
-- A row is added for every act and none changes: how a thing stands at an instant is read from the rows until then.

ALTER TABLE verdict ADD COLUMN really TEXT;
ALTER TABLE verdict ADD COLUMN duplicate_of TEXT REFERENCES alert (id);
ALTER TABLE verdict ADD COLUMN needs_second INTEGER;
ALTER TABLE verdict ADD COLUMN seconds TEXT REFERENCES verdict (id);
ALTER TABLE verdict ADD COLUMN undoes TEXT REFERENCES verdict (id);
CREATE UNIQUE INDEX verdict_undone_once ON verdict (undoes) WHERE undoes IS NOT NULL;

-- 非现场检查
CREATE TABLE non_site_check (
    id               TEXT PRIMARY KEY,
    basis            TEXT NOT NULL,
    basis_ref        TEXT NOT NULL,
    enterprise_uscc  TEXT,
    by               TEXT NOT NULL,
    role             TEXT NOT NULL,
    at               TEXT NOT NULL,
    reason           TEXT NOT NULL,
    simulated        INTEGER NOT NULL CHECK (simulated IN (0, 1))
) STRICT;
CREATE INDEX non_site_check_by_basis ON non_site_check (basis, basis_ref);
CREATE INDEX non_site_check_by_enterprise ON non_site_check (enterprise_uscc);

CREATE TABLE check_item (
    id         INTEGER PRIMARY KEY,
    check_id   TEXT NOT NULL REFERENCES non_site_check (id),
    kind       TEXT NOT NULL,
    link       TEXT NOT NULL,
    seen_from  TEXT NOT NULL,
    showed     TEXT NOT NULL,
    by         TEXT NOT NULL,
    role       TEXT NOT NULL,
    at         TEXT NOT NULL,
    simulated  INTEGER NOT NULL CHECK (simulated IN (0, 1))
) STRICT;
CREATE INDEX check_item_by_check ON check_item (check_id);

CREATE TABLE check_close (
    id           INTEGER PRIMARY KEY,
    check_id     TEXT NOT NULL UNIQUE REFERENCES non_site_check (id),
    judgement    TEXT NOT NULL,
    next_step    TEXT NOT NULL,
    within_days  INTEGER CHECK (within_days > 0),
    checklist    TEXT NOT NULL,
    mandate      INTEGER NOT NULL CHECK (mandate IN (0, 1)),
    rules        TEXT NOT NULL,
    by           TEXT NOT NULL,
    role         TEXT NOT NULL,
    at           TEXT NOT NULL,
    reason       TEXT NOT NULL,
    simulated    INTEGER NOT NULL CHECK (simulated IN (0, 1))
) STRICT;

CREATE TABLE check_recheck (
    id         INTEGER PRIMARY KEY,
    check_id   TEXT NOT NULL UNIQUE REFERENCES non_site_check (id),
    mended     INTEGER NOT NULL CHECK (mended IN (0, 1)),
    link       TEXT NOT NULL,
    by         TEXT NOT NULL,
    role       TEXT NOT NULL,
    at         TEXT NOT NULL,
    reason     TEXT NOT NULL,
    simulated  INTEGER NOT NULL CHECK (simulated IN (0, 1))
) STRICT;

-- 超标数据审核报告, and the brigade's recorded receipt, from which the seven days run.
CREATE TABLE audit_report (
    id               TEXT PRIMARY KEY,
    exceedance       TEXT NOT NULL,
    monitor          TEXT NOT NULL,
    enterprise_uscc  TEXT,
    valid            INTEGER NOT NULL CHECK (valid IN (0, 1)),
    judgement        TEXT NOT NULL,
    issued_by        TEXT NOT NULL,
    role             TEXT NOT NULL,
    issued_at        TEXT NOT NULL,
    handed_over_at   TEXT,
    simulated        INTEGER NOT NULL CHECK (simulated IN (0, 1))
) STRICT;

CREATE TABLE receipt (
    id         TEXT PRIMARY KEY,
    report_id  TEXT NOT NULL UNIQUE REFERENCES audit_report (id),
    by         TEXT NOT NULL,
    role       TEXT NOT NULL,
    at         TEXT NOT NULL,
    reason     TEXT NOT NULL,
    simulated  INTEGER NOT NULL CHECK (simulated IN (0, 1))
) STRICT;

-- What a lead rests on beyond alerts, how it ended without a case, and what was found where it led.
CREATE TABLE lead_basis (
    id       INTEGER PRIMARY KEY,
    lead_id  TEXT NOT NULL REFERENCES lead (id),
    kind     TEXT NOT NULL CHECK (kind IN ('check', 'report')),
    ref      TEXT NOT NULL,
    at       TEXT NOT NULL,
    UNIQUE (lead_id, kind, ref)
) STRICT;
CREATE INDEX lead_basis_by_ref ON lead_basis (kind, ref);

CREATE TABLE lead_close (
    id         INTEGER PRIMARY KEY,
    lead_id    TEXT NOT NULL UNIQUE REFERENCES lead (id),
    outcome    TEXT NOT NULL,
    by         TEXT NOT NULL,
    role       TEXT NOT NULL,
    at         TEXT NOT NULL,
    reason     TEXT NOT NULL,
    simulated  INTEGER NOT NULL CHECK (simulated IN (0, 1))
) STRICT;

CREATE TABLE field_finding (
    id         TEXT PRIMARY KEY,
    lead_id    TEXT NOT NULL REFERENCES lead (id),
    alert_id   TEXT REFERENCES alert (id),
    found      TEXT NOT NULL,
    really     TEXT,
    text       TEXT NOT NULL,
    seen_on    TEXT NOT NULL,
    by         TEXT NOT NULL,
    role       TEXT NOT NULL,
    at         TEXT NOT NULL,
    simulated  INTEGER NOT NULL CHECK (simulated IN (0, 1))
) STRICT;
CREATE INDEX field_finding_by_lead ON field_finding (lead_id);
CREATE INDEX field_finding_by_alert ON field_finding (alert_id);

-- 案件. The state of a case is where its last step led.
CREATE TABLE casefile (
    id         TEXT PRIMARY KEY,
    lead_id    TEXT NOT NULL UNIQUE REFERENCES lead (id),
    by         TEXT NOT NULL,
    role       TEXT NOT NULL,
    at         TEXT NOT NULL,
    simulated  INTEGER NOT NULL CHECK (simulated IN (0, 1))
) STRICT;

CREATE TABLE case_step (
    id               INTEGER PRIMARY KEY,
    case_id          TEXT NOT NULL REFERENCES casefile (id),
    number           INTEGER NOT NULL,
    step             TEXT NOT NULL,
    from_state       TEXT NOT NULL,
    to_state         TEXT NOT NULL,
    enterprise_uscc  TEXT,
    document         TEXT NOT NULL,
    rules            TEXT NOT NULL,
    by               TEXT NOT NULL,
    role             TEXT NOT NULL,
    at               TEXT NOT NULL,
    reason           TEXT NOT NULL,
    simulated        INTEGER NOT NULL CHECK (simulated IN (0, 1)),
    UNIQUE (case_id, number)
) STRICT;

CREATE TABLE case_evidence (
    id         INTEGER PRIMARY KEY,
    case_id    TEXT NOT NULL REFERENCES casefile (id),
    kind       TEXT NOT NULL,
    ref        TEXT NOT NULL,
    by         TEXT NOT NULL,
    role       TEXT NOT NULL,
    at         TEXT NOT NULL,
    simulated  INTEGER NOT NULL CHECK (simulated IN (0, 1)),
    UNIQUE (case_id, kind, ref)
) STRICT;

-- 法制和技术审核 of one piece of evidence; of each kind the last word counts.
CREATE TABLE case_review (
    id           INTEGER PRIMARY KEY,
    evidence_id  INTEGER NOT NULL REFERENCES case_evidence (id),
    kind         TEXT NOT NULL CHECK (kind IN ('legal', 'technical')),
    opinion      TEXT NOT NULL CHECK (opinion IN ('admit', 'reject')),
    by           TEXT NOT NULL,
    role         TEXT NOT NULL,
    at           TEXT NOT NULL,
    reason       TEXT NOT NULL,
    simulated    INTEGER NOT NULL CHECK (simulated IN (0, 1))
) STRICT;
CREATE INDEX case_review_by_evidence ON case_review (evidence_id);

-- 重大执法决定法制审核
CREATE TABLE case_opinion (
    id         INTEGER PRIMARY KEY,
    case_id    TEXT NOT NULL REFERENCES casefile (id),
    opinion    TEXT NOT NULL CHECK (opinion IN ('agree', 'disagree')),
    document   TEXT NOT NULL,
    by         TEXT NOT NULL,
    role       TEXT NOT NULL,
    at         TEXT NOT NULL,
    reason     TEXT NOT NULL,
    simulated  INTEGER NOT NULL CHECK (simulated IN (0, 1))
) STRICT;
CREATE INDEX case_opinion_by_case ON case_opinion (case_id);

-- A person's mark on a lead or case: major, or harm that makes the limitation longer. The last word of a name counts.
CREATE TABLE mark (
    id         INTEGER PRIMARY KEY,
    subject    TEXT NOT NULL,
    name       TEXT NOT NULL,
    holds      INTEGER NOT NULL CHECK (holds IN (0, 1)),
    by         TEXT NOT NULL,
    role       TEXT NOT NULL,
    at         TEXT NOT NULL,
    reason     TEXT NOT NULL,
    simulated  INTEGER NOT NULL CHECK (simulated IN (0, 1))
) STRICT;
CREATE INDEX mark_by_subject ON mark (subject);

-- What moved a clock: a pause, its end, more days, or how days are counted. `subject` '' is every clock of that rule that
-- starts on or after `day`.
CREATE TABLE clock_change (
    id         INTEGER PRIMARY KEY,
    kind       TEXT NOT NULL CHECK (kind IN ('pause', 'resume', 'extend', 'counting', 'accept')),
    subject    TEXT NOT NULL,
    rule       TEXT NOT NULL,
    day        TEXT NOT NULL,
    days       INTEGER CHECK (days > 0),
    counting   TEXT,
    reason     TEXT NOT NULL,
    document   TEXT NOT NULL,
    by         TEXT NOT NULL,
    role       TEXT NOT NULL,
    at         TEXT NOT NULL,
    simulated  INTEGER NOT NULL CHECK (simulated IN (0, 1))
) STRICT;
CREATE INDEX clock_change_by_subject ON clock_change (subject, rule);

-- Work that is given to one account: a contractor sees nothing else.
CREATE TABLE task (
    id           TEXT PRIMARY KEY,
    kind         TEXT NOT NULL,
    assigned_to  TEXT NOT NULL REFERENCES app_user (id),
    subject      TEXT NOT NULL,
    text         TEXT NOT NULL,
    due_on       TEXT,
    by           TEXT NOT NULL,
    role         TEXT NOT NULL,
    at           TEXT NOT NULL,
    simulated    INTEGER NOT NULL CHECK (simulated IN (0, 1))
) STRICT;
CREATE INDEX task_by_account ON task (assigned_to, at);
