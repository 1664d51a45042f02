public import ExportCore
import Files
import GRDB
import Glibc
public import Sidecars

/// The record of all jobs, and the only way in which a job's state changes.
///
/// An SQLite database on local disk, in WAL mode with `synchronous=FULL`: what a method has returned from survives a loss
/// of power. Every method blocks for one small transaction and may be called from any thread.
public final class Ledger: Sendable {
    /// The database file.
    public let path: String
    let database: any DatabaseWriter
    let headroom: Headroom
    let clock: @Sendable () -> Timestamp

    private init(path: String, database: any DatabaseWriter, clock: @escaping @Sendable () -> Timestamp) {
        self.path = path
        self.database = database
        headroom = Headroom(path: "\(path)-headroom")
        self.clock = clock
    }

    /// Opens the ledger to write it, and makes it where there is none; its folder is made with mode 0750.
    ///
    /// - Parameters:
    ///   - path: the database file.
    ///   - allowNetworkFileSystem: whether the site has said explicitly that it wants its ledger on a network file system.
    ///   - clock: what tells the time of changes.
    /// - Throws: `LedgerError`; of kind `networkFileSystem`, `newerSchema`, `notALedger` or `corrupt` where the file must
    ///   not be used.
    public convenience init(
        path: String,
        allowNetworkFileSystem: Bool = false,
        clock: @escaping @Sendable () -> Timestamp = { Timestamp.now() }
    ) throws(LedgerError) {
        do {
            try Self.makeFile(path, allowNetworkFileSystem: allowNetworkFileSystem)
            try Self.inspect(path)
            let database = try Self.openForWriting(path)
            self.init(path: path, database: database, clock: clock)
        } catch {
            throw LedgerError(error, path: path)
        }
        // A disk that is full already is no reason not to open: what is there can be brought to its end. No new job is
        // accepted until the room could be taken.
        try? headroom.hold()
    }

    /// Opens the ledger to read it, beside a daemon that may be writing it.
    ///
    /// - Throws: `LedgerError`; writing through such a ledger throws, too.
    public static func readOnly(path: String) throws(LedgerError) -> Ledger {
        do {
            _ = try FileSystem.status(of: path)
            try inspect(path, mayMigrate: false)
            return Ledger(path: path, database: try openForReading(path), clock: { Timestamp.now() })
        } catch {
            throw LedgerError(error, path: path)
        }
    }

    /// Closes the database, after which every call throws.
    public func close() throws(LedgerError) {
        // SQLite empties and removes the write-ahead log with the last connection that may write, so readers go first.
        (database as? DatabasePool)?.releaseMemory()
        do {
            try database.close()
        } catch {
            throw LedgerError(error, path: path)
        }
    }

    /// Whether new jobs are refused because the ledger's file system is full.
    public var isFull: Bool { !headroom.isHeld }
}

// MARK: Opening

extension Ledger {
    private static func makeFile(_ path: String, allowNetworkFileSystem: Bool) throws {
        let folder = FileSystem.parent(of: path)
        try FileSystem.makeDirectories(folder, mode: 0o750)
        let kind = try FileSystemKind(of: folder)
        guard !kind.isNetwork || allowNetworkFileSystem else {
            throw LedgerError(
                .networkFileSystem,
                "The ledger \(path) would lie on a network file system (\(kind.name)), where SQLite loses data.",
                hint: "Set `ledger` to a path on a local disk."
            )
        }
        // SQLite gives its companion files the mode of the database, so that is set before it opens.
        let file = try OpenFile(path, flags: O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o640)
        try file.closeChecked()
    }

    /// Refuses a database that this build must not touch, before anything is written to it.
    private static func inspect(_ path: String, mayMigrate: Bool = true) throws {
        guard try FileSystem.status(of: path).bytes > 0 else { return }
        let database = try openForReading(path)
        defer { try? database.close() }
        let (application, version, isBlank) = try database.read { db in
            (
                try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0,
                try Int32.fetchOne(db, sql: "PRAGMA user_version") ?? 0,
                try String.fetchAll(db, sql: "SELECT DISTINCT tbl_name FROM sqlite_master").allSatisfy { $0 == "grdb_migrations" }
            )
        }
        // A daemon that was killed while it made its ledger has left one without tables, which the next one finishes.
        if application == 0, isBlank, mayMigrate { return }
        guard application == LedgerSchema.applicationID else {
            throw LedgerError(
                .notALedger,
                "The file \(path) is a database of another program.",
                hint: "Set `ledger` to a path of its own."
            )
        }
        guard version <= LedgerSchema.version else {
            throw LedgerError(
                .newerSchema,
                "The ledger \(path) has schema \(version); exportd \(Version.current) knows schemas up to \(LedgerSchema.version).",
                hint: "Install the exportd that wrote it, or a newer one."
            )
        }
        guard version == LedgerSchema.version || mayMigrate else {
            throw LedgerError(
                .olderSchema,
                "The ledger \(path) has schema \(version), which an older exportd wrote.",
                hint: "Start exportd \(Version.current) once, which brings it to schema \(LedgerSchema.version)."
            )
        }
    }

    private static func openForReading(_ path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(10)
        // A writer keeps a write-ahead log beside the database as long as it lives. Without one nobody writes, and only
        // as "immutable" can the file be opened by those who may not create that log.
        if FileSystem.exists("\(path)-wal") { return try DatabaseQueue(path: path, configuration: configuration) }
        let escaped = FileSystem.absolute(path).utf8.map { byte in
            switch byte {
            case UInt8(ascii: "%"): "%25"
            case UInt8(ascii: "?"): "%3f"
            case UInt8(ascii: "#"): "%23"
            default: nil as String?
            }
        }
        var uri: [UInt8] = Array("file:".utf8)
        for (byte, escape) in zip(FileSystem.absolute(path).utf8, escaped) { uri += escape.map { Array($0.utf8) } ?? [byte] }
        return try DatabaseQueue(path: "\(String(decoding: uri, as: UTF8.self))?immutable=1", configuration: configuration)
    }

    private static func openForWriting(_ path: String) throws -> DatabasePool {
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.foreignKeysEnabled = true
        configuration.maximumReaderCount = 4
        // Each connection would keep 2 MB of pages, of which the kernel holds a copy anyway.
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA cache_size = -512") }
        let pool = try DatabasePool(path: path, configuration: configuration)
        // The pool itself chooses NORMAL, which may lose the last changes when the power fails.
        try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        let complaint = try pool.read { try String.fetchOne($0, sql: "PRAGMA quick_check(1)") }
        guard complaint == "ok" else {
            throw LedgerError(
                .corrupt,
                "The ledger \(path) is damaged: \(complaint ?? "its check gave no answer").",
                hint: "Restore it from a backup; the requests in the spool are not affected."
            )
        }
        try LedgerSchema.migrator.migrate(pool)
        return pool
    }
}

// MARK: Access

extension Ledger {
    /// Reads a consistent state.
    func read<Value>(_ body: (Database) throws -> Value) throws(LedgerError) -> Value {
        do {
            return try database.read(body)
        } catch {
            throw LedgerError(error, path: path)
        }
    }

    /// Changes the ledger in one transaction.
    ///
    /// - Parameter closing: whether the change helps jobs to their end, for which the headroom may be given up.
    func write<Value>(closing: Bool, _ body: (Database) throws -> Value) throws(LedgerError) -> Value {
        do {
            return try database.write(body)
        } catch {
            let failure = LedgerError(error, path: path)
            guard failure.kind == .full, closing, headroom.release() else { throw failure }
        }
        do {
            return try database.write(body)
        } catch {
            throw LedgerError(error, path: path)
        }
    }

    /// The job of an id, or the complaint that there is none.
    func fetch(_ id: JobID, _ db: Database) throws -> Job {
        guard let row = try JobRow.fetchOne(db, cached: "SELECT * FROM jobs WHERE id = ?", arguments: [id.text]) else {
            throw LedgerError(.unknownJob, "The ledger holds no job \(id).", hint: "List the jobs with `exportctl status`.")
        }
        return row.job
    }
}
