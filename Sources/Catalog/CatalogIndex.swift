import ExportCore
import Files
import FoundationEssentials
import GRDB
import Glibc

/// The SQLite file that remembers what the last scan found.
///
/// It is a cache: whatever is wrong with it, it is built again.
struct CatalogIndex {
    /// The file.
    let path: String
    private let database: DatabaseQueue

    /// "exdc" in ASCII: tells the index from other SQLite files, which must never be emptied by a slip in a configuration.
    private static let applicationID: Int32 = 0x6578_6463
    /// The version of the tables below and of what is stored in them.
    ///
    /// Raise it whenever either changes.
    private static let version: Int32 = 2

    /// Opens the index, or makes an empty one where it is absent, damaged or of another version.
    ///
    /// - Throws: `CatalogError`, `FileError`, `CancellationError`; `ExportError` where the file is another program's.
    init(path: String, cancellation: Cancellation) throws {
        self.path = path
        try FileSystem.makeDirectories(FileSystem.parent(of: path))
        do {
            database = try CatalogIndex.openInTurn(path, cancellation)
        } catch let error as CatalogError where error.isDamage {
            database = try ScanLock.hold(index: path, cancellation: cancellation) { try CatalogIndex.reopen(path) }
        }
    }

    /// Opens the index, and again as long as another process is making it.
    ///
    /// SQLite's own waiting does not cover the change of a new file to write-ahead logging: whoever comes second is told
    /// at once that the file is locked.
    private static func openInTurn(_ path: String, _ cancellation: Cancellation) throws -> DatabaseQueue {
        for _ in 0..<3_000 {
            do { return try open(path) } catch let error as CatalogError where error.isBusy { usleep(20_000) }
            try cancellation.check()
        }
        return try open(path)
    }

    /// Opens the index again after damage was found in it: whatever is there is put aside, unless someone else has
    /// replaced it already.
    ///
    /// Only for the holder of the lock.
    private static func reopen(_ path: String) throws -> DatabaseQueue {
        do {
            let database = try open(path)
            let check = try database.read { try String.fetchOne($0, sql: "PRAGMA integrity_check(1)") }
            if check == "ok" { return database }
            try database.close()
        } catch let error where (CatalogError.at(path, error) as? CatalogError)?.isDamage == true {}
        // Put aside rather than deleted, in case the path in the configuration was someone's file.
        try FileSystem.rename(path, to: path + ".damaged")
        for suffix in ["-wal", "-shm"] { try FileSystem.removeFile(path + suffix) }
        return try open(path)
    }

    /// The index built again after damage was found in it.
    ///
    /// Only for the holder of the lock.
    func rebuilt() throws -> CatalogIndex {
        try? database.close()
        return try CatalogIndex(path: path, database: CatalogIndex.reopen(path))
    }

    private init(path: String, database: DatabaseQueue) {
        self.path = path
        self.database = database
    }

    private static func open(_ path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.journalMode = .wal
        // Another worker's transaction takes milliseconds; a minute means that something is wrong with the disk.
        configuration.busyMode = .timeout(60)
        configuration.label = "catalogue"
        do {
            let database = try DatabaseQueue(path: path, configuration: configuration)
            try database.writeWithoutTransaction { database in
                if try Int32.fetchOne(database, sql: "PRAGMA user_version") == version, try isOurs(database) { return }
                try database.inTransaction(.immediate) {
                    try create(database, path)
                    return .commit
                }
            }
            return database
        } catch {
            throw CatalogError.at(path, error)
        }
    }

    private static func isOurs(_ database: Database) throws -> Bool {
        try Int32.fetchOne(database, sql: "PRAGMA application_id") == applicationID
    }

    /// Makes empty tables in place of whatever an older or newer version left.
    ///
    /// Emptying is safe while others have the file open; deleting it would not be.
    private static func create(_ database: Database, _ path: String) throws {
        // Another process may have been faster.
        if try Int32.fetchOne(database, sql: "PRAGMA user_version") == version, try isOurs(database) { return }
        let tables = try String.fetchAll(database, sql: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        guard try tables.isEmpty || isOurs(database) else {
            throw ExportError(
                .ioError,
                "The file \(path) is a database, but not a catalogue; it is left alone.",
                hint: "Configure another path for the catalogue.",
                retryable: false,
                location: .init(file: path)
            )
        }
        for table in tables { try database.execute(sql: "DROP TABLE IF EXISTS \(table.quotedDatabaseIdentifier)") }
        try database.execute(sql: schema)
        try database.execute(sql: "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(version)")
    }

    /// What selections look at stands in narrow tables; the rest of a dataset is JSON in a table of its own, so that a
    /// filter over 100,000 datasets reads few pages.
    ///
    /// Instructions repeat over datasets, so each text is stored and searched once. What single annotations of image sets carry
    /// (annotators, quality levels, review states) stands in a table of its own; their tags and labels are the set's.
    private static let schema = """
        CREATE TABLE dataset (
          key INTEGER PRIMARY KEY,
          id TEXT NOT NULL UNIQUE,
          name TEXT NOT NULL,
          project TEXT,
          annotator TEXT,
          robot TEXT,
          quality TEXT,
          score REAL,
          review TEXT,
          recorded INTEGER,
          best_score REAL,
          created_first INTEGER,
          created_last INTEGER,
          fingerprint TEXT NOT NULL,
          has_problem INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX dataset_name ON dataset (name);
        CREATE INDEX dataset_project ON dataset (project);
        CREATE INDEX dataset_annotator ON dataset (annotator);
        CREATE INDEX dataset_robot ON dataset (robot);
        CREATE INDEX dataset_quality ON dataset (quality);
        CREATE INDEX dataset_score ON dataset (score);
        CREATE INDEX dataset_review ON dataset (review);
        CREATE INDEX dataset_recorded ON dataset (recorded);
        CREATE INDEX dataset_problem ON dataset (key) WHERE has_problem;
        CREATE TABLE source (
          key INTEGER PRIMARY KEY REFERENCES dataset ON DELETE CASCADE,
          store TEXT NOT NULL,
          location TEXT NOT NULL,
          stamp TEXT NOT NULL,
          read_again INTEGER NOT NULL,
          UNIQUE (store, location)
        ) STRICT;
        CREATE TABLE content (
          key INTEGER PRIMARY KEY REFERENCES dataset ON DELETE CASCADE,
          json BLOB NOT NULL
        ) STRICT;
        CREATE TABLE tag (
          tag TEXT NOT NULL,
          dataset INTEGER NOT NULL REFERENCES dataset ON DELETE CASCADE,
          PRIMARY KEY (tag, dataset)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX tag_dataset ON tag (dataset);
        CREATE TABLE carried (
          kind TEXT NOT NULL,
          value TEXT NOT NULL,
          dataset INTEGER NOT NULL REFERENCES dataset ON DELETE CASCADE,
          PRIMARY KEY (kind, value, dataset)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX carried_dataset ON carried (dataset);
        CREATE TABLE instruction (
          key INTEGER PRIMARY KEY,
          folded TEXT NOT NULL UNIQUE
        ) STRICT;
        CREATE TABLE spoken (
          instruction INTEGER NOT NULL REFERENCES instruction,
          dataset INTEGER NOT NULL REFERENCES dataset ON DELETE CASCADE,
          PRIMARY KEY (instruction, dataset)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX spoken_dataset ON spoken (dataset);
        """

    /// Reads in one transaction.
    func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
        do { return try database.read(body) } catch { throw CatalogError.at(path, error) }
    }

    private func write<Value>(_ body: (Database) throws -> Value) throws -> Value {
        do { return try database.write(body) } catch { throw CatalogError.at(path, error) }
    }
}

// MARK: What a scan does to it

extension CatalogIndex {
    /// Where a dataset lies, over all stores.
    struct Place: Hashable {
        var store: String
        var location: String
    }

    /// What the index knows of a dataset before a scan.
    struct Known {
        var key: Int64
        var id: String
        var stamp: String
        /// Whether it failed for a reason that may pass without its files changing, such as permissions.
        var readAgain: Bool
    }

    /// One dataset that a scan has read.
    struct Row {
        var place: Place
        var id: String
        var stamp: String
        var dataset: ScannedDataset
    }

    /// Everything that the index knows, by place.
    func known() throws -> [Place: Known] {
        try read { database in
            var known: [Place: Known] = [:]
            let rows = try GRDB.Row.fetchCursor(
                database,
                sql: "SELECT key, id, store, location, stamp, read_again FROM source JOIN dataset USING (key)"
            )
            while let row = try rows.next() {
                known[Place(store: row[2], location: row[3])] = Known(key: row[0], id: row[1], stamp: row[4], readAgain: row[5])
            }
            return known
        }
    }

    /// Forgets datasets and renames others.
    func change(removing removed: [Int64], renaming renamed: [(key: Int64, id: String)]) throws {
        guard !removed.isEmpty || !renamed.isEmpty else { return }
        try write { database in
            let delete = try database.makeStatement(sql: "DELETE FROM dataset WHERE key = ?")
            for key in removed { try delete.execute(arguments: [key]) }
            // Names may change places, so all that change first get one that no dataset can have.
            let park = try database.makeStatement(sql: "UPDATE dataset SET id = '/' || key WHERE key = ?")
            for change in renamed { try park.execute(arguments: [change.key]) }
            let rename = try database.makeStatement(sql: "UPDATE dataset SET id = ?, name = ? WHERE key = ?")
            for change in renamed { try rename.execute(arguments: [change.id, DatasetID(change.id).name, change.key]) }
        }
    }

    /// Stores what was read of some datasets.
    func store(_ rows: [Row]) throws {
        guard !rows.isEmpty else { return }
        let encoder = JSONEncoder()
        let contents = try rows.map { try encoder.encode($0.dataset) }
        try write { database in
            for (row, json) in zip(rows, contents) { try CatalogIndex.insert(row, json, database) }
        }
    }

    private static func insert(_ row: Row, _ json: Data, _ database: Database) throws {
        let metadata = row.dataset.metadata
        // A dataset that is read again loses its old row with all that refers to it.
        try database.cachedStatement(sql: "DELETE FROM dataset WHERE key = (SELECT key FROM source WHERE store = ? AND location = ?)")
            .execute(arguments: [row.place.store, row.place.location])
        try database.cachedStatement(
            sql: """
                INSERT INTO dataset (id, name, project, annotator, robot, quality, score, review, recorded, fingerprint, has_problem,
                  best_score, created_first, created_last)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            row.id, DatasetID(row.id).name, metadata.project, metadata.annotator, metadata.robot, metadata.qualityLevel?.rawValue,
            metadata.qualityScore, metadata.review?.rawValue, metadata.recordedAt?.nanoseconds, row.dataset.fingerprint,
            row.dataset.problem != nil, row.dataset.imageSet?.bestScore, row.dataset.imageSet?.created?.start.nanoseconds,
            row.dataset.imageSet?.created?.end.nanoseconds,
        ])
        let key = database.lastInsertedRowID
        try database.cachedStatement(sql: "INSERT INTO source (key, store, location, stamp, read_again) VALUES (?, ?, ?, ?, ?)")
            .execute(arguments: [key, row.place.store, row.place.location, row.stamp, row.dataset.mayRecover])
        try database.cachedStatement(sql: "INSERT INTO content (key, json) VALUES (?, ?)").execute(arguments: [key, json])
        let tag = try database.cachedStatement(sql: "INSERT OR IGNORE INTO tag (tag, dataset) VALUES (?, ?)")
        if let set = row.dataset.imageSet {
            let carried = try database.cachedStatement(sql: "INSERT OR IGNORE INTO carried (kind, value, dataset) VALUES (?, ?, ?)")
            for text in set.annotators { try carried.execute(arguments: ["annotator", text, key]) }
            for level in set.qualityLevels { try carried.execute(arguments: ["quality", level.rawValue, key]) }
            for state in set.review { try carried.execute(arguments: ["review", state.rawValue, key]) }
        }
        for text in Set(metadata.tags + (row.dataset.imageSet?.tags ?? [])) { try tag.execute(arguments: [text, key]) }
        let instruction = try database.cachedStatement(sql: "INSERT OR IGNORE INTO instruction (folded) VALUES (?)")
        let spoken = try database.cachedStatement(
            sql: "INSERT OR IGNORE INTO spoken (instruction, dataset) SELECT key, ? FROM instruction WHERE folded = ?"
        )
        for text in row.dataset.instructions {
            try instruction.execute(arguments: [text])
            try spoken.execute(arguments: [key, text])
        }
    }

    /// Forgets instructions that no dataset has any more.
    func tidy() throws {
        try write { database in
            try database.execute(sql: "DELETE FROM instruction WHERE key NOT IN (SELECT instruction FROM spoken)")
        }
    }
}

extension ScannedDataset {
    /// Whether its problem may pass without any of its files changing.
    fileprivate var mayRecover: Bool {
        switch problem?.code {
        case nil, .datasetUnreadable, .annotationMissing: false
        default: true
        }
    }

    /// The texts that `text:` in a selection is looked for in, without regard to case.
    fileprivate var instructions: Set<String> {
        var texts: Set<String> = []
        let labels: [String?] = imageSet?.labels ?? []
        for text in [metadata.task, metadata.taskZH] + labels + segments.flatMap({ [$0.task, $0.taskZH] }) {
            if let text, !text.isEmpty { texts.insert(foldedCase(text)) }
        }
        return texts
    }
}

/// A text as it is compared without regard to case.
func foldedCase(_ text: String) -> String {
    text.lowercased()
}
