import GRDB

/// The fifth version of the ledger: how fast work was done last.
extension LedgerSchema {
    static func createSpeeds(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE speeds (
                    work TEXT NOT NULL PRIMARY KEY,
                    per_second REAL NOT NULL CHECK (per_second > 0)
                ) STRICT, WITHOUT ROWID;

                PRAGMA user_version = 5;
                """
        )
    }
}

extension Ledger {
    /// How fast each kind of work was done last, in whatever its name counts a second.
    public func speeds() throws(LedgerError) -> [String: Double] {
        try read { db in
            let rows = try Row.fetchAll(db, sql: "SELECT work, per_second FROM speeds")
            return try Dictionary(uniqueKeysWithValues: rows.map { (try $0.value("work"), try $0.value("per_second")) })
        }
    }

    /// Notes how fast work was done; what is not named stays as it is.
    public func keep(speeds: [String: Double]) throws(LedgerError) {
        guard !speeds.isEmpty else { return }
        try write(closing: false) { db in
            for (work, speed) in speeds {
                try db.execute(sql: "INSERT OR REPLACE INTO speeds (work, per_second) VALUES (?, ?)", arguments: [work, speed])
            }
        }
    }
}
