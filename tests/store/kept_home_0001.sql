BEGIN TRANSACTION;
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
INSERT INTO "alert" VALUES('A-1','dust_plume',NULL,0.5,121.395,31.25,4.0,'EPSG:4549',37634.5,3459000.25,4.0,0.5,3.0,2.1,1.6,33.0,'2026-11-24T02:00:00.000000+00:00','2026-11-24T03:00:00.000000+00:00','[{"code":"fired_by_model","values":{"confidence":0.5}}]','[{"code":"could_be_steam_or_mist","values":{}}]','run-1','policy-1');
CREATE TABLE alert_attribution (
    id              INTEGER PRIMARY KEY,
    alert_id        TEXT NOT NULL REFERENCES alert (id),
    attribution_id  TEXT NOT NULL,
    linked_at       TEXT NOT NULL,
    ended_at        TEXT,
    run_id          TEXT NOT NULL REFERENCES run (id)
) STRICT;
INSERT INTO "alert_attribution" VALUES(1,'A-1','at-run-1-ob-de-fr-ab09a060','2026-11-24T03:00:00.000000+00:00',NULL,'run-1');
CREATE TABLE alert_observation (
    id              INTEGER PRIMARY KEY,
    alert_id        TEXT NOT NULL REFERENCES alert (id),
    observation_id  TEXT NOT NULL,
    linked_at       TEXT NOT NULL,
    ended_at        TEXT,
    run_id          TEXT NOT NULL REFERENCES run (id)
) STRICT;
INSERT INTO "alert_observation" VALUES(1,'A-1','ob-de-fr-ab09a060','2026-11-24T03:00:00.000000+00:00',NULL,'run-1');
INSERT INTO "alert_observation" VALUES(2,'A-1','ob-de-fr-eb8070bf','2026-11-24T03:00:00.000000+00:00',NULL,'run-1');
CREATE TABLE alert_seen (
    id        INTEGER PRIMARY KEY,
    alert_id  TEXT NOT NULL REFERENCES alert (id),
    user_id   TEXT NOT NULL,
    at        TEXT NOT NULL,
    UNIQUE (alert_id, user_id)
) STRICT;
CREATE TABLE app_user (
    id           TEXT PRIMARY KEY,
    name         TEXT NOT NULL UNIQUE,
    role         TEXT NOT NULL,
    simulated    INTEGER NOT NULL CHECK (simulated IN (0, 1)),
    added_by     TEXT NOT NULL,
    received_at  TEXT NOT NULL
) STRICT;
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
INSERT INTO "attribution" VALUES(1,'at-run-1-ob-de-fr-ab09a060','ob-de-fr-ab09a060',0.06,0.04,'named','S-1','one_source_stands_out','["attribution_decision@1"]','2026-11-24T03:00:00.000000+00:00','run-1','41cf6794ba4200b839c53531555f0f3998df4cbb01a4d5cb0b94e3ca5e23947d','policy-1',NULL);
INSERT INTO "attribution" VALUES(2,'at-run-1-ob-de-fr-eb8070bf','ob-de-fr-eb8070bf',0.06,0.04,'named','S-1','one_source_stands_out','["attribution_decision@1"]','2026-11-24T03:00:00.000000+00:00','run-1','41cf6794ba4200b839c53531555f0f3998df4cbb01a4d5cb0b94e3ca5e23947d','policy-1',NULL);
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
INSERT INTO "attribution_candidate" VALUES(1,1,1,'site','S-1','91310107MA1G00001A','工地一',12.5,0.002,0.8,'["within_ellipse"]');
INSERT INTO "attribution_candidate" VALUES(2,1,2,'enterprise','91310107MA1G00002B','91310107MA1G00002B','二厂',80.0,0.0001,0.1,'[]');
INSERT INTO "attribution_candidate" VALUES(3,2,1,'site','S-1','91310107MA1G00001A','工地一',12.5,0.002,0.8,'["within_ellipse"]');
INSERT INTO "attribution_candidate" VALUES(4,2,2,'enterprise','91310107MA1G00002B','91310107MA1G00002B','二厂',80.0,0.0001,0.1,'[]');
CREATE TABLE basemap_layer (
    id             INTEGER PRIMARY KEY,
    name           TEXT NOT NULL,
    geojson        TEXT NOT NULL,
    source_sha256  TEXT NOT NULL,
    received_at    TEXT NOT NULL,
    superseded_at  TEXT
) STRICT;
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
INSERT INTO "detection" VALUES(1,'de-fr-ab09a060','fr-ab09a060','dust_plume',10.0,20.5,110.25,90.0,0.5,NULL,'{"haze":0.25}','haze-1','9372c470eeadd5ecd9c3c74c2b3cb633f8e2f2fad799250a0f70d652b6b825e4','run-1','41cf6794ba4200b839c53531555f0f3998df4cbb01a4d5cb0b94e3ca5e23947d',NULL);
INSERT INTO "detection" VALUES(2,'de-fr-eb8070bf','fr-eb8070bf','dust_plume',10.0,20.5,110.25,90.0,0.5,NULL,'{"haze":0.25}','haze-1','9372c470eeadd5ecd9c3c74c2b3cb633f8e2f2fad799250a0f70d652b6b825e4','run-1','41cf6794ba4200b839c53531555f0f3998df4cbb01a4d5cb0b94e3ca5e23947d',NULL);
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
CREATE TABLE file (
    sha256       TEXT PRIMARY KEY CHECK (length(sha256) = 64),
    size_bytes   INTEGER NOT NULL CHECK (size_bytes >= 0),
    name         TEXT NOT NULL,
    media_type   TEXT NOT NULL,
    received_at  TEXT NOT NULL
) STRICT;
INSERT INTO "file" VALUES('ab09a0603910949db1c7cd78d25c1f0707c79c8d54e96cad5f5a2a5a05c1f23f',13,'a.jpg','image/jpeg','2026-11-24T03:00:00.000000+00:00');
INSERT INTO "file" VALUES('eb8070bf0959d9f6768752d4956287374fdd40b54ac1f2ff4e9545d4dcaca833',13,'b.jpg','image/jpeg','2026-11-24T03:00:00.000000+00:00');
CREATE TABLE flight (
    id           TEXT PRIMARY KEY,
    name         TEXT NOT NULL,
    added_by     TEXT NOT NULL,
    received_at  TEXT NOT NULL
) STRICT;
INSERT INTO "flight" VALUES('F-2026-1124-01','飞行一','owner','2026-11-24T03:00:00.000000+00:00');
CREATE TABLE flight_file (
    id           INTEGER PRIMARY KEY,
    flight_id    TEXT NOT NULL REFERENCES flight (id),
    file_sha256  TEXT NOT NULL REFERENCES file (sha256),
    name         TEXT NOT NULL,
    received_at  TEXT NOT NULL,
    UNIQUE (flight_id, file_sha256, name)
) STRICT;
INSERT INTO "flight_file" VALUES(1,'F-2026-1124-01','ab09a0603910949db1c7cd78d25c1f0707c79c8d54e96cad5f5a2a5a05c1f23f','a.jpg','2026-11-24T03:00:00.000000+00:00');
INSERT INTO "flight_file" VALUES(2,'F-2026-1124-01','eb8070bf0959d9f6768752d4956287374fdd40b54ac1f2ff4e9545d4dcaca833','b.jpg','2026-11-24T03:00:00.000000+00:00');
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
INSERT INTO "frame" VALUES('fr-ab09a060','F-2026-1124-01','ab09a0603910949db1c7cd78d25c1f0707c79c8d54e96cad5f5a2a5a05c1f23f','a.jpg','picture',NULL,'2026-11-24T02:00:00.000000+00:00','2026-11-24T03:00:00.000000+00:00',4000,3000,'{"focal_mm":8.8,"make":"大疆"}','[{"code":"no_position_in_tags","values":{}}]','run-1');
INSERT INTO "frame" VALUES('fr-eb8070bf','F-2026-1124-01','eb8070bf0959d9f6768752d4956287374fdd40b54ac1f2ff4e9545d4dcaca833','b.jpg','picture',NULL,'2026-11-24T02:00:00.000000+00:00','2026-11-24T03:00:00.000000+00:00',4000,3000,'{"focal_mm":8.8,"make":"大疆"}','[{"code":"no_position_in_tags","values":{}}]','run-1');
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
INSERT INTO "frame_footprint" VALUES(1,'fr-ab09a060','ok',NULL,X'010300000001000000050000009A99999999595E403D0AD7A3703D3F409A99999999595E40C3F5285C8F423F40295C8FC2F5585E40C3F5285C8F423F40295C8FC2F5585E403D0AD7A3703D3F409A99999999595E403D0AD7A3703D3F40',121.39,31.24,121.4,31.26,0.031,121.395,31.25,'run-1','41cf6794ba4200b839c53531555f0f3998df4cbb01a4d5cb0b94e3ca5e23947d',NULL);
INSERT INTO "frame_footprint" VALUES(2,'fr-eb8070bf','ok',NULL,X'010300000001000000050000009A99999999595E403D0AD7A3703D3F409A99999999595E40C3F5285C8F423F40295C8FC2F5585E40C3F5285C8F423F40295C8FC2F5585E403D0AD7A3703D3F409A99999999595E403D0AD7A3703D3F40',121.39,31.24,121.4,31.26,0.031,121.395,31.25,'run-1','41cf6794ba4200b839c53531555f0f3998df4cbb01a4d5cb0b94e3ca5e23947d',NULL);
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
INSERT INTO "journal" VALUES(1,'2026-11-24T03:00:00.000000+00:00','system','system','run_started','run-1','{"as_of":"2026-11-24T03:00:00.000000+00:00","code_version":"0.1.0+abc","rows":1,"rows_sha256":"e59172af22a7987d454f886be38928a9278ec844c0df67a06928d0529b17ca7a","seed":7,"stage":"detect"}','0000000000000000000000000000000000000000000000000000000000000000','578f7a6cfb5da8461d6ed1c9b1226861fce94477174ebba25b90c352f24eeeea');
INSERT INTO "journal" VALUES(2,'2026-11-24T03:00:00.000000+00:00','system','system','stage_chunk','run-1','{"counts":{"done":2},"rows":7,"rows_sha256":"e1141967404bacb5fc40b90d4925b828c32fff2ceb54272aad22a8e4b7433f77","stage":"intake"}','578f7a6cfb5da8461d6ed1c9b1226861fce94477174ebba25b90c352f24eeeea','e7c0998843981ee1e0e4f53e8e6dab11d19bc0fd27c65a22178dee99014b8e9d');
INSERT INTO "journal" VALUES(3,'2026-11-24T03:00:00.000000+00:00','system','system','stage_chunk','run-1','{"counts":{"done":2},"rows":14,"rows_sha256":"737f0899f6751c5d23dd1ee1d6a64e3b7fbf0de049dd20e95b2b6d958d6764d7","stage":"detect"}','e7c0998843981ee1e0e4f53e8e6dab11d19bc0fd27c65a22178dee99014b8e9d','20ad013566adab393b91de3739755329bb8b3fd194f60a0ca2e1760eb1f56fb1');
INSERT INTO "journal" VALUES(4,'2026-11-24T03:00:00.000000+00:00','system','system','stage_chunk','run-1','{"counts":{"done":1},"rows":4,"rows_sha256":"de1c0dc621c35b4bdd6ab1bd48e54ec924725319e6e2706405efb10589e89a99","stage":"alert"}','20ad013566adab393b91de3739755329bb8b3fd194f60a0ca2e1760eb1f56fb1','21bf68603b95c762bde4f46f762646f788e7c199683dfb78c40c46d81611d3aa');
INSERT INTO "journal" VALUES(5,'2026-11-24T03:00:00.000000+00:00','system','system','stage_chunk','run-1','{"counts":{},"rows":3,"rows_sha256":"ba0ef3de92583989b6ed262be46fcaa88d5ed53d8ed74c922a1d5dce4055e2b0","stage":"draft_week"}','21bf68603b95c762bde4f46f762646f788e7c199683dfb78c40c46d81611d3aa','9d06bfb36986b3fbaa9004939a3b5a086f351f7074059a4956114f9f01679107');
INSERT INTO "journal" VALUES(6,'2026-11-24T03:00:00.000000+00:00','t','owner','registry_imported','t','{"rows":1,"rows_sha256":"bfe42eb765d9039b111aa15348baa91dee9752cba5d48d9cc307b541c39eb921"}','9d06bfb36986b3fbaa9004939a3b5a086f351f7074059a4956114f9f01679107','cf602bfba67597144fe613d57ab945e9c6b121dcd8acaac762de9b7016435d41');
CREATE TABLE journal_row (
    seq         INTEGER NOT NULL REFERENCES journal (seq),
    table_name  TEXT NOT NULL,
    row_id      TEXT NOT NULL,
    sha256      TEXT NOT NULL,
    PRIMARY KEY (seq, table_name, row_id)
) STRICT, WITHOUT ROWID;
INSERT INTO "journal_row" VALUES(1,'run','run-1','a4b436aadac1ba230d20e1e60cc53363e702002e03572d03425ca3c6ae414938');
INSERT INTO "journal_row" VALUES(2,'file','ab09a0603910949db1c7cd78d25c1f0707c79c8d54e96cad5f5a2a5a05c1f23f','7a246418915e3b095388390c11a383d656a428f1b600e41a00b904c378535431');
INSERT INTO "journal_row" VALUES(2,'file','eb8070bf0959d9f6768752d4956287374fdd40b54ac1f2ff4e9545d4dcaca833','01972356727f2c127afbb8ee600cf55ac806d374fcd532481ea417f630c49d5e');
INSERT INTO "journal_row" VALUES(2,'flight','F-2026-1124-01','58f9f51069e5f0b1d115067f1d5718ff92c09bbe4e74c14e4d85f90695f89192');
INSERT INTO "journal_row" VALUES(2,'flight_file','1','d85db12c814ce8e2a9d62045bf1f0704b188d290f3d96723e1fb841d28bd24f8');
INSERT INTO "journal_row" VALUES(2,'flight_file','2','b58218719629ce3095059c0f10e9cd5c0ffc05a077431578d7a2889be3b3b241');
INSERT INTO "journal_row" VALUES(2,'frame','fr-ab09a060','d7f2b4d4ff50d75b1f0e0f5464ea720524d9eb4853e5630656416aff12ffee61');
INSERT INTO "journal_row" VALUES(2,'frame','fr-eb8070bf','8f0e2a49fd61f913d97bfb6633d94dfe0c6cdc1aa10623540d2f8a965e83b311');
INSERT INTO "journal_row" VALUES(3,'attribution','1','fb73bff37277eef1cfe69ee1b4b3ebc44b3d38fd401c71431187c88fea4c3e20');
INSERT INTO "journal_row" VALUES(3,'attribution','2','d507eaf17c1f1b5475df7d8e05a9d2f840ed6e57c5c22a79c033dee28fc88741');
INSERT INTO "journal_row" VALUES(3,'attribution_candidate','1','35aee6a2b27684002662c41287febf8e8d2564eafe4a29abbfee570277cc63ab');
INSERT INTO "journal_row" VALUES(3,'attribution_candidate','2','b0794271d162dd40b5707d8c615b7c22c648c6944dd8db2a19553bc6113ccd26');
INSERT INTO "journal_row" VALUES(3,'attribution_candidate','3','cd94c51eb17e1f9068b0e4ba145091a38263b35fea69d0c143387826b3998f83');
INSERT INTO "journal_row" VALUES(3,'attribution_candidate','4','fb92f2f44b6f7afce881dcd6f162221cc9747a66642b6161b50a9520f1d156d9');
INSERT INTO "journal_row" VALUES(3,'detection','1','8ebf27dd9c8465ce1b1c79b4255e238a309eda1ff7b9dce750880475da7f7c22');
INSERT INTO "journal_row" VALUES(3,'detection','2','399aa67b5867a883eef5d90676c81bdae06e5647b72a1fe6e91070878b9a52f9');
INSERT INTO "journal_row" VALUES(3,'frame_footprint','1','4ea2887a29dbe9c2e4fd7559759d6c8a4d2ddc970d4afd91f2595c9335266fca');
INSERT INTO "journal_row" VALUES(3,'frame_footprint','2','6f9fbcb62a2bd358a881d9e9d00182558eec1435ca0c010b8f115f3a59284cae');
INSERT INTO "journal_row" VALUES(3,'observation','1','94354d478655cf2f899ba69b1783c0f37671156070f932f640422579075067fd');
INSERT INTO "journal_row" VALUES(3,'observation','2','58c096aef278b8882752dfb5eee47cd44f0007934927c5fd02576131805a6438');
INSERT INTO "journal_row" VALUES(3,'work_done','1','62e2fafb0a0c2f6c7749c3f5b68f2e2b963d3fa21a81ed018f34025943dccdfa');
INSERT INTO "journal_row" VALUES(3,'work_done','2','2ec30c6a981638c81ee2abb5e2dffc554bad2b38219b1da63e4babedc5c94b18');
INSERT INTO "journal_row" VALUES(4,'alert','A-1','43f6669a233d1edda4d3c6fda00bd0cbb53cd8bedf7d53c70a53775822429b78');
INSERT INTO "journal_row" VALUES(4,'alert_attribution','1','51df7bfd645fb4266c60e8f18a850eb7ecdda03cdaab0b2f970d78003d5f4399');
INSERT INTO "journal_row" VALUES(4,'alert_observation','1','b5a48685d7d048e13bcbee70c7c90155923e32d2274746114d36205362eee42b');
INSERT INTO "journal_row" VALUES(4,'alert_observation','2','d223117c5b8c6f5045ccca70d7c628333aa7af0584d0ffcad1d9a12112270196');
INSERT INTO "journal_row" VALUES(5,'weekly_exempt','1','4f4d6a096d7b4c4febcc92ecf41a101ab1d16cc761c1551c5d656ccbdbe78275');
INSERT INTO "journal_row" VALUES(5,'weekly_plan','2026-W48/1','2623463e064d7f547cf75f7336ad510c3a66465e5161bdb745dfed19e1dc2688');
INSERT INTO "journal_row" VALUES(5,'weekly_target','1','f3f199f1aaa6ead927e77e91756b4c60ba46607be0d249d7869c7e975e9444df');
INSERT INTO "journal_row" VALUES(6,'registry_row','1','10bfd992ab5cbf77b1d5c0c7c4bcff0ce30f13b0987e2fd0da8d4b5fbb9e2f63');
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
CREATE TABLE lead_alert (
    id        INTEGER PRIMARY KEY,
    lead_id   TEXT NOT NULL REFERENCES lead (id),
    alert_id  TEXT NOT NULL REFERENCES alert (id),
    UNIQUE (lead_id, alert_id)
) STRICT;
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
INSERT INTO "observation" VALUES(1,'ob-de-fr-ab09a060','de-fr-ab09a060','fr-ab09a060','F-2026-1124-01','dust_plume',0.5,NULL,'ok',NULL,121.395,31.25,4.0,'EPSG:4549',37634.5,3459000.25,4.0,0.5,3.0,2.1,1.6,33.0,0.03,'2026-11-24T02:00:00.000000+00:00','2026-11-24T03:00:00.000000+00:00','run-1','41cf6794ba4200b839c53531555f0f3998df4cbb01a4d5cb0b94e3ca5e23947d','9372c470eeadd5ecd9c3c74c2b3cb633f8e2f2fad799250a0f70d652b6b825e4',NULL);
INSERT INTO "observation" VALUES(2,'ob-de-fr-eb8070bf','de-fr-eb8070bf','fr-eb8070bf','F-2026-1124-01','dust_plume',0.5,NULL,'ok',NULL,121.395,31.25,4.0,'EPSG:4549',37634.5,3459000.25,4.0,0.5,3.0,2.1,1.6,33.0,0.03,'2026-11-24T02:00:00.000000+00:00','2026-11-24T03:00:00.000000+00:00','run-1','41cf6794ba4200b839c53531555f0f3998df4cbb01a4d5cb0b94e3ca5e23947d','9372c470eeadd5ecd9c3c74c2b3cb633f8e2f2fad799250a0f70d652b6b825e4',NULL);
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
INSERT INTO "registry_row" VALUES(1,'enterprise','91310107MA1G00001A','91310107MA1G00001A',NULL,NULL,'2026-11-24T03:00:00.000000+00:00',NULL,'872491a30d60d598962de6e7b834ab76b2aa65fbab102c6ebaaae6acdc238822','1','fb1cb7565dd181fc101434daedbdef21aed059efee992abe398646496772a6e4','{"address":"","credit_class":null,"crs_given":"","former_names":[],"industry":"","key_unit":false,"name":"企业 1A","place":{"at":[121.395,31.25],"coordinates":[121.395,31.25],"type":"Point"},"place_given":"","registered_on":null,"size_class":"","uscc":"91310107MA1G00001A","valid_from":null,"valid_to":null}',121.395,31.25,121.395,31.25);
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
INSERT INTO "run" VALUES('run-1','detect','2026-11-24T03:00:00.000000+00:00','2026-11-24T03:00:00.000000+00:00',NULL,'0.1.0+abc','cde0fb0dec1400c54a0f7e7eafa73624c53e4da258bbd34b3380a0defeba95c1','9372c470eeadd5ecd9c3c74c2b3cb633f8e2f2fad799250a0f70d652b6b825e4','policy-1',7,0,0,0,0);
CREATE TABLE schema_migration (
    number      INTEGER PRIMARY KEY,
    name        TEXT NOT NULL,
    sha256      TEXT NOT NULL,
    applied_at  TEXT NOT NULL
) STRICT
;
INSERT INTO "schema_migration" VALUES(1,'first','727c57604bc2de3babf7d53418fdce5c64cf70a862da9fa9685e7a0fd182b168','2026-11-24T23:15:47.415816+00:00');
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
CREATE TABLE weekly_exempt (
    id               INTEGER PRIMARY KEY,
    plan_id          TEXT NOT NULL REFERENCES weekly_plan (id),
    enterprise_uscc  TEXT NOT NULL,
    name             TEXT NOT NULL,
    reason           TEXT NOT NULL,
    until            TEXT
) STRICT;
INSERT INTO "weekly_exempt" VALUES(1,'2026-W48/1','91310107MA1G00002B','二厂','positive_listed','2027-01-01');
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
INSERT INTO "weekly_plan" VALUES('2026-W48/1','2026-W48',1,'draft','2026-11-24T03:00:00.000000+00:00',7,'4a1b865ebd609266026b889b3655e62ad11d435fd737f2dc3f5bffb6653417a6','2026-11-24T03:00:00.000000+00:00',NULL,NULL,'run-1','policy-1');
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
INSERT INTO "weekly_target" VALUES(1,'2026-W48/1',1,'91310107MA1G00001A','企业1','risk',12.5,NULL,NULL,'[{"code":"score_confirmed","values":{"count":1,"points":5}}]');
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
INSERT INTO "work_done" VALUES(1,'run-1 fr-ab09a060','detect','fr-ab09a060','ok',NULL,'','run-1','2026-11-24T03:00:00.000000+00:00',NULL);
INSERT INTO "work_done" VALUES(2,'run-1 fr-eb8070bf','detect','fr-eb8070bf','ok',NULL,'','run-1','2026-11-24T03:00:00.000000+00:00',NULL);
CREATE INDEX run_by_stage ON run (stage, started_at);
CREATE INDEX flight_by_received ON flight (received_at);
CREATE INDEX flight_file_by_file ON flight_file (file_sha256);
CREATE UNIQUE INDEX work_done_current ON work_done (key) WHERE superseded_by_run IS NULL;
CREATE INDEX work_done_by_stage_item ON work_done (stage, item, superseded_by_run);
CREATE INDEX work_done_by_item ON work_done (item);
CREATE INDEX refusal_by_flight ON refusal (flight_id);
CREATE INDEX refusal_by_run ON refusal (run_id);
CREATE INDEX frame_by_flight ON frame (flight_id, name);
CREATE UNIQUE INDEX frame_by_file ON frame (file_sha256, coalesce(time_s, -1.0));
CREATE INDEX track_by_flight ON track (flight_id);
CREATE UNIQUE INDEX frame_footprint_current ON frame_footprint (frame_id) WHERE superseded_by_run IS NULL;
CREATE INDEX frame_footprint_by_box ON frame_footprint (min_lon, max_lon, min_lat, max_lat);
CREATE UNIQUE INDEX detection_current ON detection (id) WHERE superseded_by_run IS NULL;
CREATE INDEX detection_by_id ON detection (id, row);
CREATE INDEX detection_by_frame ON detection (frame_id, superseded_by_run);
CREATE UNIQUE INDEX observation_current ON observation (id) WHERE superseded_by_run IS NULL;
CREATE INDEX observation_by_id ON observation (id, row);
CREATE INDEX observation_by_frame ON observation (frame_id, superseded_by_run);
CREATE INDEX observation_by_detection ON observation (detection_id);
CREATE INDEX observation_by_received ON observation (received_at) WHERE superseded_by_run IS NULL;
CREATE INDEX observation_by_place ON observation (lon, lat) WHERE superseded_by_run IS NULL;
CREATE UNIQUE INDEX attribution_current ON attribution (observation_id) WHERE superseded_by_run IS NULL;
CREATE INDEX attribution_by_id ON attribution (id, row);
CREATE INDEX attribution_candidate_by_enterprise ON attribution_candidate (enterprise_uscc);
CREATE INDEX alert_by_received ON alert (received_at);
CREATE INDEX alert_by_place ON alert (lon, lat);
CREATE UNIQUE INDEX alert_observation_current ON alert_observation (alert_id, observation_id) WHERE ended_at IS NULL;
CREATE INDEX alert_observation_by_observation ON alert_observation (observation_id);
CREATE UNIQUE INDEX alert_attribution_current ON alert_attribution (alert_id) WHERE ended_at IS NULL;
CREATE INDEX alert_attribution_by_attribution ON alert_attribution (attribution_id);
CREATE INDEX verdict_by_alert ON verdict (alert_id, at);
CREATE INDEX lead_by_enterprise ON lead (enterprise_uscc);
CREATE INDEX lead_alert_by_alert ON lead_alert (alert_id);
CREATE UNIQUE INDEX weekly_plan_frozen_once ON weekly_plan (week) WHERE state = 'frozen';
CREATE INDEX weekly_exempt_by_plan ON weekly_exempt (plan_id);
CREATE UNIQUE INDEX job_pending_once ON job (kind, payload) WHERE state = 'waiting';
CREATE INDEX job_by_state ON job (state, due_at);
CREATE UNIQUE INDEX registry_row_current ON registry_row (kind, key, coalesce(valid_from, '')) WHERE superseded_at IS NULL;
CREATE INDEX registry_row_by_key ON registry_row (kind, key, received_at);
CREATE INDEX registry_row_by_enterprise ON registry_row (enterprise_uscc, kind);
CREATE INDEX registry_row_by_box ON registry_row (min_lon, max_lon, min_lat, max_lat);
CREATE UNIQUE INDEX district_current ON district ((1)) WHERE superseded_at IS NULL;
CREATE UNIQUE INDEX basemap_layer_current ON basemap_layer (name) WHERE superseded_at IS NULL;
CREATE INDEX journal_by_subject ON journal (subject);
CREATE INDEX journal_row_by_row ON journal_row (table_name, row_id, seq);
COMMIT;
