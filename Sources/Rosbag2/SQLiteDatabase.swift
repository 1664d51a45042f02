import CSQLite
import ExportCore

/// One SQLite file that nobody vouches for, open to be read: never written, never joined by files of SQLite's own.
///
/// The schema may not run code (no views, triggers, or functions with effects), values have a longest length, and every
/// statement has a budget of steps, so that no content can keep it busy for ever.
final class SQLiteDatabase {
    fileprivate let handle: OpaquePointer
    /// Read by the progress handler, which holds a pointer to it.
    fileprivate let watch: SQLiteWatch

    /// No message is longer.
    static let longestValue: Int32 = 1 << 30

    /// Opens a file.
    ///
    /// - Parameters:
    ///   - budget: how many thousands of the machine's instructions one statement may take.
    ///   - isLenient: whether a file that is shorter than it says is read all the same.
    init(path: String, budget: Int, isLenient: Bool, cancellation: Cancellation) throws(SQLiteError) {
        // Immutable: SQLite takes no locks, and looks for no journal beside the file.
        let flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE
        var opened: OpaquePointer?
        let result = sqlite3_open_v2("file:\(Self.escaped(path))?mode=ro&immutable=1", &opened, flags, nil)
        guard result == SQLITE_OK, let opened else {
            let error = SQLiteError(opened, result)
            sqlite3_close_v2(opened)
            throw error
        }
        handle = opened
        watch = SQLiteWatch(budget: budget, cancellation: cancellation)
        sqlite3_extended_result_codes(handle, 1)
        harden(isLenient: isLenient)
        sqlite3_progress_handler(
            handle,
            1000,
            { pointer in
                // The pointer is the one given below, and the watch lives as long as the database.
                guard let pointer else { return 1 }
                return Unmanaged<SQLiteWatch>.fromOpaque(pointer).takeUnretainedValue().tick() ? 0 : 1
            },
            Unmanaged.passUnretained(watch).toOpaque()
        )
        // First of all: where it is needed, nothing else can be asked before.
        if isLenient { try run("PRAGMA writable_schema=ON") }
        for pragma in ["query_only=ON", "cell_size_check=ON", "mmap_size=0", "cache_size=-8192", "temp_store=MEMORY"] {
            try run("PRAGMA \(pragma)")
        }
    }

    deinit {
        sqlite3_close_v2(handle)
    }

    private func harden(isLenient: Bool) {
        sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, Self.longestValue)
        sqlite3_limit(handle, SQLITE_LIMIT_SQL_LENGTH, 1 << 20)
        sqlite3_limit(handle, SQLITE_LIMIT_COLUMN, 100)
        sqlite3_limit(handle, SQLITE_LIMIT_EXPR_DEPTH, 100)
        sqlite3_limit(handle, SQLITE_LIMIT_COMPOUND_SELECT, 10)
        sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0)
        sqlite3_limit(handle, SQLITE_LIMIT_WORKER_THREADS, 0)
        // The defence forbids what reading a file that is cut off needs; that file isn't written either.
        let options = [
            (SQLITE_DBCONFIG_DEFENSIVE, isLenient ? 0 : 1), (SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0), (SQLITE_DBCONFIG_ENABLE_VIEW, 0),
            (SQLITE_DBCONFIG_ENABLE_TRIGGER, 0), (SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0),
        ]
        for (option, value) in options { _ = exportd_sqlite_set(handle, Int32(option), Int32(value)) }
    }

    private func run(_ sql: String) throws(SQLiteError) {
        let statement = try SQLiteStatement(self, sql)
        while try statement.step() {}
    }

    /// A path as SQLite's file names write it.
    private static func escaped(_ path: String) -> String {
        let digits = Array("0123456789ABCDEF")
        return path.utf8.reduce(into: "") { text, byte in
            switch UInt8(byte) {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default: text += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }
    }
}

/// Counts a statement's steps, and ends it when there are too many or the work was cancelled.
private final class SQLiteWatch {
    private let budget: Int
    let cancellation: Cancellation
    private var ticks = 0

    init(budget: Int, cancellation: Cancellation) {
        self.budget = budget
        self.cancellation = cancellation
    }

    func begin() { ticks = 0 }

    /// Whether the statement may go on.
    func tick() -> Bool {
        ticks += 1
        return ticks <= budget && !cancellation.isCancelled
    }
}

/// A prepared statement, which must not outlive its database's user.
final class SQLiteStatement {
    private let database: SQLiteDatabase
    private let handle: OpaquePointer
    /// Whether it stands at a row.
    private(set) var isBusy = false

    /// Compiles a statement.
    init(_ database: SQLiteDatabase, _ sql: String) throws(SQLiteError) {
        var compiled: OpaquePointer?
        database.watch.begin()
        let result = sqlite3_prepare_v2(database.handle, sql, -1, &compiled, nil)
        guard result == SQLITE_OK, let compiled else { throw SQLiteError(database.handle, result) }
        self.database = database
        handle = compiled
    }

    deinit {
        sqlite3_finalize(handle)
    }

    /// Begins anew.
    func reset() {
        sqlite3_reset(handle)
        isBusy = false
    }

    /// Sets a parameter, which count from 1.
    func bind(_ value: Int64, at index: Int32) {
        sqlite3_bind_int64(handle, index, value)
    }

    /// Goes to the next row.
    ///
    /// - Returns: whether there is one.
    func step() throws(SQLiteError) -> Bool {
        if !isBusy { database.watch.begin() }
        let result = sqlite3_step(handle)
        switch result {
        case SQLITE_ROW:
            isBusy = true
            return true
        case SQLITE_DONE:
            reset()
            return false
        default:
            let error = SQLiteError(database.handle, result)
            reset()
            throw error
        }
    }

    /// A column's integer; `nil` where it holds something else.
    func integer(_ column: Int32) -> Int64? {
        sqlite3_column_type(handle, column) == SQLITE_INTEGER ? sqlite3_column_int64(handle, column) : nil
    }

    /// A column's text; `nil` where it holds something else.
    func text(_ column: Int32) -> String? {
        guard sqlite3_column_type(handle, column) == SQLITE_TEXT, let start = sqlite3_column_text(handle, column) else { return nil }
        return String(decoding: UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))), as: UTF8.self)
    }

    /// A column's bytes, empty for NULL, valid until the statement goes on.
    ///
    /// - Throws: where the bytes lie in pages that can't be read.
    func bytes(_ column: Int32) throws(SQLiteError) -> UnsafeRawBufferPointer {
        guard sqlite3_column_type(handle, column) != SQLITE_NULL else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        guard let start = sqlite3_column_blob(handle, column) else {
            let code = sqlite3_errcode(database.handle)
            guard code == SQLITE_OK || code == SQLITE_ROW else { throw SQLiteError(database.handle, code) }
            return UnsafeRawBufferPointer(start: nil, count: 0)
        }
        return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))
    }
}

/// What SQLite refused to do, in its words.
struct SQLiteError: Error {
    let code: Int32
    let words: String

    init(_ database: OpaquePointer?, _ code: Int32) {
        self.code = code
        words = database.map { String(cString: sqlite3_errmsg($0)) } ?? String(cString: sqlite3_errstr(code))
    }

    /// Damage that SQLite didn't notice.
    init(damage words: String) {
        code = SQLITE_CORRUPT
        self.words = words
    }

    /// The code without its details.
    private var primary: Int32 { code & 0xFF }
    /// Whether the file's bytes are at fault.
    var isDamage: Bool { primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB || code == Self.shortRead }
    /// Whether the statement was stopped by its watch.
    var isInterruption: Bool { primary == SQLITE_INTERRUPT }
    /// Whether the system could not read the file.
    var isSystemFailure: Bool {
        primary == SQLITE_CANTOPEN || primary == SQLITE_PERM || primary == SQLITE_NOMEM
            || (primary == SQLITE_IOERR && code != Self.shortRead)
    }

    /// A page behind the end of the file; a macro that Swift can't see.
    private static let shortRead: Int32 = SQLITE_IOERR | (2 << 8)
}
