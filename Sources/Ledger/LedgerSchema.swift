import GRDB

/// The tables of the ledger, and how older ledgers become this one.
enum LedgerSchema {
    /// "EXPD": says in the file's header that it is a ledger of exportd.
    static let applicationID: Int32 = 0x4558_5044

    /// The schema that this build writes; also the number of migrations below.
    static let version: Int32 = 5

    /// All migrations in order, each in its own transaction.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 jobs", migrate: createJobs)
        migrator.registerMigration("2 service", migrate: createService)
        migrator.registerMigration("3 notifications", migrate: createNotifications)
        migrator.registerMigration("4 totals", migrate: createTotals)
        migrator.registerMigration("5 speeds", migrate: createSpeeds)
        return migrator
    }

    private static func createJobs(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE jobs (
                    seq INTEGER PRIMARY KEY AUTOINCREMENT,
                    id TEXT NOT NULL UNIQUE,
                    request TEXT NOT NULL,
                    name TEXT NOT NULL,
                    kind TEXT,
                    title TEXT,
                    uid INTEGER NOT NULL,
                    user TEXT NOT NULL,
                    role TEXT NOT NULL,
                    priority INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 2),
                    state TEXT NOT NULL CHECK (state IN ('pending', 'processing', 'completed', 'failed', 'cancelled')),
                    created_ns INTEGER NOT NULL,
                    started_ns INTEGER,
                    finished_ns INTEGER,
                    updated_ns INTEGER NOT NULL,
                    attempt INTEGER NOT NULL CHECK (attempt >= 1),
                    transient_failures INTEGER NOT NULL,
                    daemon_crashes INTEGER NOT NULL,
                    progress TEXT NOT NULL,
                    selection TEXT,
                    exports TEXT NOT NULL,
                    preview TEXT,
                    warnings TEXT NOT NULL,
                    error TEXT,
                    next_try_ns INTEGER,
                    cancel_requested INTEGER NOT NULL CHECK (cancel_requested IN (0, 1)),
                    CHECK ((state = 'failed') = (error IS NOT NULL)),
                    CHECK ((state IN ('completed', 'failed', 'cancelled')) = (finished_ns IS NOT NULL))
                ) STRICT;
                CREATE INDEX jobs_by_state ON jobs (state, seq);
                CREATE INDEX jobs_waiting ON jobs (state, priority, uid, seq, next_try_ns);
                CREATE INDEX jobs_by_name ON jobs (name, seq);
                CREATE INDEX jobs_by_user ON jobs (user, seq);
                CREATE INDEX jobs_by_created ON jobs (created_ns);

                CREATE TABLE job_requests (
                    job TEXT NOT NULL PRIMARY KEY REFERENCES jobs (id),
                    text BLOB NOT NULL,
                    sha256 TEXT NOT NULL,
                    typed TEXT
                ) STRICT, WITHOUT ROWID;

                CREATE TABLE job_events (
                    seq INTEGER PRIMARY KEY AUTOINCREMENT,
                    job TEXT NOT NULL REFERENCES jobs (id),
                    time_ns INTEGER NOT NULL,
                    from_state TEXT,
                    to_state TEXT NOT NULL,
                    actor TEXT NOT NULL,
                    reason TEXT NOT NULL
                ) STRICT;
                CREATE INDEX job_events_by_job ON job_events (job, seq);
                CREATE TRIGGER job_events_keep_update BEFORE UPDATE ON job_events
                BEGIN SELECT RAISE(ABORT, 'job_events is append-only'); END;
                CREATE TRIGGER job_events_keep_delete BEFORE DELETE ON job_events
                BEGIN SELECT RAISE(ABORT, 'job_events is append-only'); END;
                CREATE TRIGGER job_events_keep_replace BEFORE INSERT ON job_events
                WHEN EXISTS (SELECT 1 FROM job_events WHERE seq = NEW.seq)
                BEGIN SELECT RAISE(ABORT, 'job_events is append-only'); END;
                CREATE TRIGGER jobs_keep BEFORE DELETE ON jobs
                BEGIN SELECT RAISE(ABORT, 'jobs are kept for ever'); END;

                CREATE TABLE job_datasets (
                    job TEXT NOT NULL REFERENCES jobs (id),
                    dataset TEXT NOT NULL,
                    fingerprint TEXT NOT NULL,
                    bytes INTEGER NOT NULL,
                    PRIMARY KEY (job, dataset)
                ) STRICT, WITHOUT ROWID;

                CREATE TABLE job_files (
                    job TEXT NOT NULL REFERENCES jobs (id),
                    export INTEGER NOT NULL,
                    file TEXT NOT NULL,
                    bytes INTEGER NOT NULL,
                    sha256 TEXT NOT NULL,
                    PRIMARY KEY (job, export, file)
                ) STRICT, WITHOUT ROWID;

                CREATE TABLE part_crashes (
                    job TEXT NOT NULL REFERENCES jobs (id),
                    part TEXT NOT NULL,
                    crashes INTEGER NOT NULL,
                    PRIMARY KEY (job, part)
                ) STRICT, WITHOUT ROWID;

                CREATE TABLE turns (
                    uid INTEGER NOT NULL PRIMARY KEY,
                    turn INTEGER NOT NULL
                ) STRICT;

                PRAGMA application_id = \(applicationID);
                PRAGMA user_version = 1;
                """
        )
    }
}
