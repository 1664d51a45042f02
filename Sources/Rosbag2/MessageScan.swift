import ExportCore
import MCAP

/// What one walk over all messages of a database finds.
struct MessageScan {
    /// In the order of the file.
    private(set) var entries: [MessageEntry] = []
    private(set) var counts: [UInt16: UInt64] = [:]
    private(set) var range: (first: UInt64, last: UInt64)?

    /// Reads one message by its row's number: topic, time, data.
    static let readMessage = "SELECT topic_id, timestamp, data FROM messages WHERE rowid = ?1"
    /// A row takes more than this, whatever it holds.
    private static let smallestRow: Int64 = 8

    private let mostRows: Int64
    private var unknownTopics: [Int64: UInt64] = [:]
    private var damagedRows: UInt64 = 0
    private var negativeTimes: UInt64 = 0
    private var damage: SQLiteError?

    /// Walks over the messages, from both ends where something in the middle can't be read.
    ///
    /// - Throws: `SQLiteError` where the walk can't begin, `CancellationError`.
    init(
        _ database: SQLiteDatabase,
        _ tables: DatabaseTables,
        _ header: DatabaseHeader,
        _ cancellation: Cancellation,
        _ warnings: inout WarningList
    ) throws {
        mostRows = header.fileSize / Self.smallestRow
        let last = try walk(database, tables, after: nil, cancellation)
        if damage != nil {
            let forward = entries
            entries = []
            _ = try walk(database, tables, after: last ?? .min, isBackward: true, cancellation)
            entries = forward + entries.reversed()
        }
        // Where pages are missing, messages may be listed whose bytes are gone.
        if damage != nil || header.isCut { try dropUnreadable(database, cancellation) }
        summarise()
        report(header, &warnings)
    }

    /// Lists messages in the order of their rows, or in the opposite one down to a row.
    ///
    /// - Returns: the last row that was read.
    private mutating func walk(
        _ database: SQLiteDatabase,
        _ tables: DatabaseTables,
        after end: Int64?,
        isBackward: Bool = false,
        _ cancellation: Cancellation
    ) throws -> Int64? {
        var previous: Int64?
        do throws(SQLiteError) {
            let rows = try SQLiteStatement(
                database,
                "SELECT rowid, topic_id, timestamp FROM messages NOT INDEXED ORDER BY rowid" + (isBackward ? " DESC" : "")
            )
            var steps: Int64 = 0
            while try rows.step() {
                guard let row = rows.integer(0) else { continue }
                if isBackward, let end, row <= end { break }
                steps += 1
                // A tree whose branches meet again would list its rows for ever.
                if let previous, isBackward ? row >= previous : row <= previous { throw SQLiteError.disorder }
                guard steps <= mostRows else { throw SQLiteError.disorder }
                previous = row
                add(row, topic: rows.integer(1), time: rows.integer(2), tables)
            }
        } catch {
            try cancellation.check()
            guard error.isDamage || error.isInterruption else { throw error }
            if damage == nil { damage = error }
        }
        return previous
    }

    private mutating func add(_ row: Int64, topic: Int64?, time: Int64?, _ tables: DatabaseTables) {
        guard let topic, let time else {
            damagedRows += 1
            return
        }
        guard let channel = UInt16(exactly: topic), tables.channels[channel] != nil else {
            if unknownTopics.count < 1000 || unknownTopics[topic] != nil { unknownTopics[topic, default: 0] += 1 }
            return
        }
        if time < 0 { negativeTimes += 1 }
        let location = MessageLocation(offset: UInt64(bitPattern: row), channel: channel)
        entries.append(MessageEntry(logTime: UInt64(clamping: time), location: location))
    }

    private mutating func dropUnreadable(_ database: SQLiteDatabase, _ cancellation: Cancellation) throws {
        let reader = try SQLiteStatement(database, Self.readMessage)
        var readable: [MessageEntry] = []
        for entry in entries {
            try cancellation.check()
            reader.bind(Int64(bitPattern: entry.location.offset), at: 1)
            defer { reader.reset() }
            do throws(SQLiteError) {
                guard try reader.step() else { continue }
                _ = try reader.bytes(2)
                readable.append(entry)
            } catch {
                guard error.isDamage || error.isInterruption else { throw error }
                if damage == nil { damage = error }
            }
        }
        damagedRows += UInt64(entries.count - readable.count)
        entries = readable
    }

    private mutating func summarise() {
        for entry in entries {
            counts[entry.channel, default: 0] += 1
            range = (min(range?.first ?? entry.logTime, entry.logTime), max(range?.last ?? entry.logTime, entry.logTime))
        }
    }

    private func report(_ header: DatabaseHeader, _ warnings: inout WarningList) {
        if let damage {
            warnings.add(
                header.isCut ? "recording_truncated" : "recording_damaged_chunk",
                "The database is damaged (\(damage.words)); \(entries.count) messages could be read, and what lies in damaged pages was left out."
            )
        }
        if damagedRows > 0 {
            warnings.add("recording_damaged_record", "\(damagedRows) rows of messages could not be understood, and were left out.")
        }
        if negativeTimes > 0 {
            warnings.add("recording_damaged_record", "\(negativeTimes) messages have times before 1970, which count as 1970.")
        }
        for (topic, count) in unknownTopics.sorted(by: { $0.key < $1.key }) {
            warnings.add(
                "recording_damaged_record",
                "The \(count) messages of topic \(topic) can't be used: the database doesn't describe the topic."
            )
        }
    }
}

extension SQLiteError {
    /// A table whose rows are not in the order in which they must be.
    fileprivate static let disorder = SQLiteError(damage: "rows are not in their order")
}
