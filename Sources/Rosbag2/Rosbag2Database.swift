public import ExportCore
import Files
public import MCAP

/// A rosbag2 database (`.db3`), whatever version of rosbag2's SQLite storage wrote it.
///
/// Topics are channels with the topic's number, whose metadata hold `offered_qos_profiles` and `topic_type_hash`. Definitions
/// of message types are in the file since version 4 of the storage (ROS 2 Iron); the types of older files have schemas
/// without a definition. rosbag2 knows one time for each message, which is its log time and its publish time.
///
/// A file that is cut off or damaged is read as far as it goes, and `warnings` say what is missing.
///
/// Used from one thread at a time.
public final class Rosbag2Database {
    /// The file, as the caller named it.
    public let path: String
    /// The message definitions by number, which count from 1.
    public let schemas: [UInt16: Schema]
    /// The topics by number.
    public let channels: [UInt16: Channel]
    /// How many messages each topic has.
    public let messageCounts: [UInt16: UInt64]
    /// The first and last time of all messages; `nil` where there are none.
    public let timeRange: (first: UInt64, last: UInt64)?
    /// What is wrong with the file as far as it was read.
    public let warnings: [Warning]

    private let database: SQLiteDatabase
    private let cancellation: Cancellation
    /// All messages in the order of the file.
    private let entries: [MessageEntry]
    /// Kept from message to message; absent before the first one.
    private var reader: SQLiteStatement?

    /// Whether a file that begins like this is an SQLite database.
    public static func isDatabase(_ start: some Collection<UInt8>) -> Bool { start.starts(with: DatabaseHeader.magic) }

    /// Opens a database and lists its messages, which takes 24 bytes of memory each.
    ///
    /// - Parameters:
    ///   - path: the file, as messages name it.
    ///   - content: where its bytes lie, if elsewhere.
    ///   - cancellation: looked at all the time, here and later.
    /// - Throws: `FileError` where the file can't be opened, `Rosbag2Error` where it is no database of rosbag2, `CancellationError`.
    public init(path: String, content: String? = nil, cancellation: Cancellation = Cancellation()) throws {
        let place = content ?? path
        guard let header = try DatabaseHeader.read(place) else {
            throw Rosbag2Error(.notRosbag2, path, "The file is not an SQLite database.")
        }
        var warnings = WarningList()
        if header.isCut, let declared = header.declaredSize {
            warnings.add("recording_truncated", "The file has \(header.fileSize) of \(declared) bytes. What could be read was used.")
        }
        for suffix in ["-wal", "-journal"] where content == nil {
            guard let left = try FileSystem.statusIfPresent(of: path + suffix), left.kind == .regular, left.bytes > 0 else { continue }
            warnings.add(
                "recording_unfinished",
                "\(FileSystem.name(of: path + suffix)) lies beside the file: its recorder died or is still writing. What only that file holds was left out."
            )
        }
        do {
            // No honest scan takes more instructions than the file has bytes, nor has it more rows.
            let database = try SQLiteDatabase(
                path: place,
                budget: 1000 + Int(clamping: header.fileSize / 1000),
                isLenient: header.isCut,
                cancellation: cancellation
            )
            let tables = try DatabaseTables(database, path: path, &warnings)
            let scan = try MessageScan(database, tables, header, cancellation, &warnings)
            schemas = tables.schemas
            channels = tables.channels
            messageCounts = scan.counts
            timeRange = scan.range
            entries = scan.entries
            self.database = database
        } catch let error as SQLiteError {
            try cancellation.check()
            throw Rosbag2Error(error, .notRosbag2, path, "The database can't be read")
        }
        self.path = path
        self.cancellation = cancellation
        self.warnings = warnings.all
    }

    /// Lists all messages of some topics by time; of messages at the same time, those first that come first in the file.
    public func index(ofChannels wanted: Set<UInt16>) throws(CancellationError) -> [MessageEntry] {
        try cancellation.check()
        return entries.filter { wanted.contains($0.channel) }.sorted { first, second in
            first.logTime == second.logTime ? Self.row(first) < Self.row(second) : first.logTime < second.logTime
        }
    }

    /// The same entries in the order in which their messages lie in the file, whatever their times.
    public func inFileOrder(_ entries: [MessageEntry]) -> [MessageEntry] {
        entries.ordered { Self.row($0) < Self.row($1) }
    }

    private static func row(_ entry: MessageEntry) -> Int64 { Int64(bitPattern: entry.location.offset) }

    /// Reads one message.
    ///
    /// - Parameters:
    ///   - location: where an entry of `index(ofChannels:)` placed it.
    ///   - body: takes the message's head and its data, which may be empty and is valid during the call only.
    /// - Throws: `Rosbag2Error` where the message can't be read, or where there is no message of that topic; what `body` throws.
    public func withMessage<R>(at location: MessageLocation, _ body: (MessageHead, RawSpan) throws -> R) throws -> R {
        let row = Int64(bitPattern: location.offset)
        do {
            let statement = try statement()
            statement.bind(row, at: 1)
            defer { statement.reset() }
            guard try statement.step(), statement.integer(0) == Int64(location.channel), let time = statement.integer(1) else {
                throw Rosbag2Error(.unreadableMessage, path, "There is no message of topic \(location.channel) in row \(row).")
            }
            let head = MessageHead(
                channelID: location.channel,
                sequence: 0,
                logTime: UInt64(clamping: time),
                publishTime: UInt64(clamping: time)
            )
            return try body(head, try statement.bytes(2).bytes)
        } catch let error as SQLiteError {
            try cancellation.check()
            throw Rosbag2Error(error, .unreadableMessage, path, "The message in row \(row) can't be read")
        }
    }

    /// The kept statement, or a new one while a message that it reads is still in use.
    private func statement() throws(SQLiteError) -> SQLiteStatement {
        if let reader, !reader.isBusy { return reader }
        let statement = try SQLiteStatement(database, MessageScan.readMessage)
        if reader == nil { reader = statement }
        return statement
    }
}
