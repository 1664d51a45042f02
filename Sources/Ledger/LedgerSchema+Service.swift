import GRDB

/// The second version of the ledger: what a service that people share needs.
extension LedgerSchema {
    /// Quota, limits, audit, queue, notifications, and what history is searched by.
    static func createService(_ db: Database) throws {
        try createQuota(db)
        try createAudit(db)
        try createHistory(db)
        try db.execute(
            sql: """
                CREATE TABLE queue_state (
                    id INTEGER PRIMARY KEY CHECK (id = 1),
                    paused INTEGER NOT NULL CHECK (paused IN (0, 1)),
                    since_ns INTEGER NOT NULL,
                    actor TEXT NOT NULL
                ) STRICT;

                CREATE TABLE notifications (
                    seq INTEGER PRIMARY KEY AUTOINCREMENT,
                    job TEXT NOT NULL REFERENCES jobs (id),
                    kind TEXT NOT NULL CHECK (kind IN ('email', 'command')),
                    address TEXT NOT NULL,
                    event TEXT NOT NULL,
                    created_ns INTEGER NOT NULL,
                    tries INTEGER NOT NULL,
                    next_try_ns INTEGER,
                    state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'failed')),
                    error TEXT
                ) STRICT;
                CREATE INDEX notifications_due ON notifications (state, next_try_ns);
                CREATE INDEX notifications_by_job ON notifications (job);

                PRAGMA user_version = 2;
                """
        )
    }

    /// Usage is the sum of entries that are never changed.
    ///
    /// `quota_days` holds the same sums by user and day, and by day for all users under the empty name; a trigger keeps
    /// them, so that they change in the transaction of the entry and no other way.
    private static func createQuota(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE quota_entries (
                    seq INTEGER PRIMARY KEY AUTOINCREMENT,
                    kind TEXT NOT NULL CHECK (kind IN ('reserve', 'commit', 'release', 'adjust', 'reset')),
                    user TEXT NOT NULL CHECK (user <> ''),
                    job TEXT REFERENCES jobs (id),
                    round INTEGER,
                    time_ns INTEGER NOT NULL,
                    day INTEGER NOT NULL,
                    used_exports INTEGER NOT NULL,
                    used_bytes INTEGER NOT NULL,
                    reserved_exports INTEGER NOT NULL,
                    reserved_bytes INTEGER NOT NULL,
                    actor TEXT NOT NULL,
                    reason TEXT NOT NULL,
                    CHECK ((job IS NULL) = (kind IN ('adjust', 'reset'))),
                    CHECK ((job IS NULL) = (round IS NULL))
                ) STRICT;
                CREATE INDEX quota_entries_by_user ON quota_entries (user, seq);
                CREATE INDEX quota_entries_by_job ON quota_entries (job, round);
                CREATE UNIQUE INDEX quota_entries_settled ON quota_entries (job, round) WHERE kind IN ('commit', 'release');

                CREATE TABLE quota_days (
                    user TEXT NOT NULL,
                    day INTEGER NOT NULL,
                    used_exports INTEGER NOT NULL,
                    used_bytes INTEGER NOT NULL,
                    reserved_exports INTEGER NOT NULL,
                    reserved_bytes INTEGER NOT NULL,
                    PRIMARY KEY (user, day)
                ) STRICT, WITHOUT ROWID;
                CREATE TRIGGER quota_entries_sum AFTER INSERT ON quota_entries
                BEGIN
                    INSERT INTO quota_days (user, day, used_exports, used_bytes, reserved_exports, reserved_bytes)
                    VALUES
                        (NEW.user, NEW.day, NEW.used_exports, NEW.used_bytes, NEW.reserved_exports, NEW.reserved_bytes),
                        ('', NEW.day, NEW.used_exports, NEW.used_bytes, NEW.reserved_exports, NEW.reserved_bytes)
                    ON CONFLICT (user, day) DO UPDATE SET
                        used_exports = used_exports + excluded.used_exports,
                        used_bytes = used_bytes + excluded.used_bytes,
                        reserved_exports = reserved_exports + excluded.reserved_exports,
                        reserved_bytes = reserved_bytes + excluded.reserved_bytes;
                END;

                CREATE TABLE quota_limits (
                    seq INTEGER PRIMARY KEY AUTOINCREMENT,
                    scope TEXT NOT NULL CHECK (scope IN ('user', 'default', 'system')),
                    user TEXT NOT NULL CHECK ((scope = 'user') = (user <> '')),
                    time_ns INTEGER NOT NULL,
                    exports INTEGER CHECK (exports >= -1),
                    bytes INTEGER CHECK (bytes >= -1),
                    period TEXT CHECK (period IN ('none', 'daily', 'weekly', 'monthly')),
                    actor TEXT NOT NULL,
                    reason TEXT NOT NULL
                ) STRICT;
                CREATE INDEX quota_limits_newest ON quota_limits (scope, user, seq);
                """
        )
        try keepForEver(["quota_entries", "quota_limits"], db)
    }

    /// Who did or was denied what.
    private static func createAudit(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE audit (
                    seq INTEGER PRIMARY KEY AUTOINCREMENT,
                    time_ns INTEGER NOT NULL,
                    actor TEXT NOT NULL,
                    uid INTEGER NOT NULL,
                    action TEXT NOT NULL,
                    subject TEXT NOT NULL,
                    job TEXT,
                    allowed INTEGER NOT NULL CHECK (allowed IN (0, 1)),
                    reason TEXT NOT NULL
                ) STRICT;
                CREATE INDEX audit_by_outcome ON audit (allowed, seq);
                """
        )
        try keepForEver(["audit"], db)
    }

    /// What jobs are found by among a million others.
    private static func createHistory(_ db: Database) throws {
        try db.execute(
            sql: """
                ALTER TABLE jobs ADD COLUMN submitter TEXT;
                ALTER TABLE jobs ADD COLUMN submitter_uid INTEGER;
                ALTER TABLE jobs ADD COLUMN expired_ns INTEGER;
                DROP INDEX jobs_by_user;
                CREATE INDEX jobs_by_user ON jobs (user, created_ns);
                CREATE INDEX jobs_by_uid ON jobs (uid, created_ns);
                CREATE INDEX jobs_by_submitter ON jobs (submitter_uid, created_ns) WHERE submitter_uid IS NOT NULL;
                CREATE INDEX jobs_by_state_created ON jobs (state, created_ns);
                CREATE INDEX job_datasets_by_dataset ON job_datasets (dataset, job);

                CREATE TABLE job_projects (
                    project TEXT NOT NULL,
                    seq INTEGER NOT NULL REFERENCES jobs (seq),
                    PRIMARY KEY (project, seq)
                ) STRICT, WITHOUT ROWID;
                CREATE INDEX job_projects_by_job ON job_projects (seq, project);

                CREATE TABLE job_formats (
                    format TEXT NOT NULL,
                    seq INTEGER NOT NULL REFERENCES jobs (seq),
                    PRIMARY KEY (format, seq)
                ) STRICT, WITHOUT ROWID;
                CREATE INDEX job_formats_by_job ON job_formats (seq, format);

                CREATE VIRTUAL TABLE job_search USING fts5 (text, tokenize = 'trigram', columnsize = 0);

                CREATE TRIGGER jobs_index_insert AFTER INSERT ON jobs
                BEGIN
                    INSERT INTO job_search (rowid, text)
                    VALUES (NEW.seq, NEW.request || char(10) || coalesce(NEW.title, '') || char(10)
                        || coalesce(json_extract(NEW.error, '$.message'), ''));
                    INSERT OR IGNORE INTO job_formats (format, seq)
                    SELECT json_extract(value, '$.format'), NEW.seq FROM json_each(NEW.exports) WHERE NEW.kind IN ('export', 'preview');
                END;
                CREATE TRIGGER jobs_index_error AFTER UPDATE OF error ON jobs WHEN NEW.error IS NOT OLD.error
                BEGIN
                    UPDATE job_search
                    SET text = NEW.request || char(10) || coalesce(NEW.title, '') || char(10)
                        || coalesce(json_extract(NEW.error, '$.message'), '')
                    WHERE rowid = NEW.seq;
                END;

                INSERT INTO job_search (rowid, text)
                SELECT seq, request || char(10) || coalesce(title, '') || char(10) || coalesce(json_extract(error, '$.message'), '')
                FROM jobs;
                INSERT OR IGNORE INTO job_formats (format, seq)
                SELECT json_extract(value, '$.format'), seq FROM jobs, json_each(jobs.exports) WHERE kind IN ('export', 'preview');
                """
        )
    }

    /// Triggers that refuse every change of rows once written.
    private static func keepForEver(_ tables: [String], _ db: Database) throws {
        for table in tables {
            try db.execute(
                sql: """
                    CREATE TRIGGER \(table)_keep_update BEFORE UPDATE ON \(table)
                    BEGIN SELECT RAISE(ABORT, '\(table) is append-only'); END;
                    CREATE TRIGGER \(table)_keep_delete BEFORE DELETE ON \(table)
                    BEGIN SELECT RAISE(ABORT, '\(table) is append-only'); END;
                    CREATE TRIGGER \(table)_keep_replace BEFORE INSERT ON \(table)
                    WHEN EXISTS (SELECT 1 FROM \(table) WHERE seq = NEW.seq)
                    BEGIN SELECT RAISE(ABORT, '\(table) is append-only'); END;
                    """
            )
        }
    }
}
