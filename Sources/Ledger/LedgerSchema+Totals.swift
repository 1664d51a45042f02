import GRDB

/// The fourth version of the ledger: which jobs are long, how long the lines are in which users' jobs wait, and sums over all
/// jobs.
extension LedgerSchema {
    /// The mark of long jobs, and sums that triggers keep, so that they change in the transaction of what they count and need
    /// not be added up for each of a flood of requests.
    static func createTotals(_ db: Database) throws {
        try db.execute(
            sql: """
                ALTER TABLE jobs ADD COLUMN is_long INTEGER NOT NULL DEFAULT 0 CHECK (is_long IN (0, 1));
                DROP INDEX jobs_waiting;
                CREATE INDEX jobs_waiting ON jobs (priority, uid, seq, next_try_ns, kind, is_long) WHERE state = 'pending';

                CREATE INDEX jobs_waiting_again ON jobs (next_try_ns) WHERE state = 'pending' AND next_try_ns IS NOT NULL;
                CREATE INDEX jobs_waiting_control ON jobs (seq) WHERE state = 'pending' AND kind NOT IN ('export', 'preview');

                CREATE TABLE waiting_lines (
                    priority INTEGER NOT NULL,
                    uid INTEGER NOT NULL,
                    jobs INTEGER NOT NULL,
                    PRIMARY KEY (priority, uid)
                ) STRICT, WITHOUT ROWID;
                INSERT INTO waiting_lines (priority, uid, jobs)
                SELECT priority, uid, count(*) FROM jobs WHERE state = 'pending' GROUP BY 1, 2;
                CREATE TRIGGER jobs_line_insert AFTER INSERT ON jobs WHEN NEW.state = 'pending'
                BEGIN
                    INSERT INTO waiting_lines (priority, uid, jobs) VALUES (NEW.priority, NEW.uid, 1)
                    ON CONFLICT (priority, uid) DO UPDATE SET jobs = jobs + 1;
                END;
                CREATE TRIGGER jobs_line_join AFTER UPDATE OF state ON jobs WHEN NEW.state = 'pending' AND OLD.state <> 'pending'
                BEGIN
                    INSERT INTO waiting_lines (priority, uid, jobs) VALUES (NEW.priority, NEW.uid, 1)
                    ON CONFLICT (priority, uid) DO UPDATE SET jobs = jobs + 1;
                END;
                CREATE TRIGGER jobs_line_leave AFTER UPDATE OF state ON jobs WHEN OLD.state = 'pending' AND NEW.state <> 'pending'
                BEGIN
                    UPDATE waiting_lines SET jobs = jobs - 1 WHERE priority = OLD.priority AND uid = OLD.uid;
                    DELETE FROM waiting_lines WHERE jobs < 1;
                END;

                CREATE TABLE job_totals (
                    state TEXT NOT NULL,
                    code TEXT NOT NULL,
                    jobs INTEGER NOT NULL,
                    PRIMARY KEY (state, code)
                ) STRICT, WITHOUT ROWID;
                CREATE TABLE export_totals (
                    id INTEGER PRIMARY KEY CHECK (id = 1),
                    published_bytes INTEGER NOT NULL,
                    completed_seconds REAL NOT NULL,
                    last_success_ns INTEGER
                ) STRICT;

                INSERT INTO job_totals (state, code, jobs)
                SELECT state, coalesce(json_extract(error, '$.code'), ''), count(*) FROM jobs GROUP BY 1, 2;
                INSERT INTO export_totals (id, published_bytes, completed_seconds, last_success_ns)
                SELECT 1, (SELECT coalesce(sum(bytes), 0) FROM job_files), total((finished_ns - started_ns) / 1e9), max(finished_ns)
                FROM jobs WHERE state = 'completed' AND kind = 'export';

                CREATE TRIGGER jobs_total_insert AFTER INSERT ON jobs
                BEGIN
                    INSERT INTO job_totals (state, code, jobs) VALUES (NEW.state, coalesce(json_extract(NEW.error, '$.code'), ''), 1)
                    ON CONFLICT (state, code) DO UPDATE SET jobs = jobs + 1;
                END;
                CREATE TRIGGER jobs_total_update AFTER UPDATE OF state, error ON jobs
                WHEN NEW.state <> OLD.state OR NEW.error IS NOT OLD.error
                BEGIN
                    UPDATE job_totals SET jobs = jobs - 1
                    WHERE state = OLD.state AND code = coalesce(json_extract(OLD.error, '$.code'), '');
                    INSERT INTO job_totals (state, code, jobs) VALUES (NEW.state, coalesce(json_extract(NEW.error, '$.code'), ''), 1)
                    ON CONFLICT (state, code) DO UPDATE SET jobs = jobs + 1;
                END;
                CREATE TRIGGER jobs_total_completed AFTER UPDATE OF state ON jobs
                WHEN NEW.state = 'completed' AND OLD.state <> 'completed' AND NEW.kind = 'export'
                BEGIN
                    UPDATE export_totals
                    SET completed_seconds = completed_seconds + coalesce((NEW.finished_ns - NEW.started_ns) / 1e9, 0),
                        last_success_ns = max(coalesce(last_success_ns, NEW.finished_ns), NEW.finished_ns);
                END;
                CREATE TRIGGER job_files_total_insert AFTER INSERT ON job_files
                BEGIN UPDATE export_totals SET published_bytes = published_bytes + NEW.bytes; END;
                CREATE TRIGGER job_files_total_delete AFTER DELETE ON job_files
                BEGIN UPDATE export_totals SET published_bytes = published_bytes - OLD.bytes; END;

                PRAGMA user_version = 4;
                """
        )
    }
}
