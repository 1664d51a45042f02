import GRDB

/// The third version of the ledger: who wants to be told, and what retention has cleared away.
extension LedgerSchema {
    /// Wishes to be told of a job's end, and the mark of jobs whose sidecars are gone.
    static func createNotifications(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE notification_wishes (
                    job TEXT NOT NULL REFERENCES jobs (id),
                    kind TEXT NOT NULL CHECK (kind IN ('email', 'command')),
                    address TEXT NOT NULL CHECK ((kind = 'command') = (address = '')),
                    on_completed INTEGER NOT NULL CHECK (on_completed IN (0, 1)),
                    on_failed INTEGER NOT NULL CHECK (on_failed IN (0, 1)),
                    PRIMARY KEY (job, kind, address)
                ) STRICT, WITHOUT ROWID;

                ALTER TABLE jobs ADD COLUMN cleared_ns INTEGER;
                CREATE INDEX jobs_to_expire ON jobs (finished_ns)
                WHERE state IN ('completed', 'failed') AND expired_ns IS NULL AND kind IN ('export', 'history');
                CREATE INDEX jobs_to_clear ON jobs (finished_ns) WHERE finished_ns IS NOT NULL AND cleared_ns IS NULL;

                PRAGMA user_version = 3;
                """
        )
    }
}
