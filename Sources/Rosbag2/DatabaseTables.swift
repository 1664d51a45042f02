import ExportCore
import MCAP

/// The tables of a rosbag2 database other than its messages, as channels and schemas.
///
/// Version 1 of the storage has `topics` and `messages`; 2 adds `offered_qos_profiles` to `topics`; 3 adds the tables `schema`
/// and `metadata`; 4 adds the table `message_definitions` and `type_description_hash` to `topics`. What there is counts, not the
/// version that the file claims.
struct DatabaseTables {
    private(set) var channels: [UInt16: Channel] = [:]
    private(set) var schemas: [UInt16: Schema] = [:]

    /// Reads the tables.
    ///
    /// - Throws: `Rosbag2Error` where the tables are not rosbag2's, `SQLiteError`.
    init(_ database: SQLiteDatabase, path: String, _ warnings: inout WarningList) throws {
        let topics = try Self.columns("topics", database)
        let messages = try Self.columns("messages", database)
        guard topics.isSuperset(of: ["id", "name", "type"]), messages.isSuperset(of: ["topic_id", "timestamp", "data"]) else {
            throw Rosbag2Error(.notRosbag2, path, "The database lacks rosbag2's tables “topics” and “messages”, so it is not a recording.")
        }
        let definitions = try Self.definitions(database)
        try readTopics(database, topics, definitions, &warnings)
    }

    private struct Definition {
        let encoding: String
        let text: [UInt8]
    }

    /// The columns of an ordinary table that are stored as they are; none where there is no such table.
    private static func columns(_ table: String, _ database: SQLiteDatabase) throws(SQLiteError) -> Set<String> {
        // Only tables of the file's own rows: a virtual table would run code, and one without rows has no row numbers.
        let kind = try SQLiteStatement(database, "PRAGMA main.table_list(\(table))")
        guard try kind.step(), kind.text(2) == "table", kind.integer(4) == 0 else { return [] }
        let info = try SQLiteStatement(database, "PRAGMA table_xinfo(\(table))")
        var columns: Set<String> = []
        while try info.step() {
            guard let name = info.text(1), info.integer(6) == 0 else { continue }
            columns.insert(name)
        }
        // A column of such a name would hide the row's number.
        return columns.contains { $0.lowercased() == "rowid" } ? [] : columns
    }

    private static func definitions(_ database: SQLiteDatabase) throws(SQLiteError) -> [String: Definition] {
        let columns = try columns("message_definitions", database)
        guard columns.isSuperset(of: ["topic_type", "encoding", "encoded_message_definition"]) else { return [:] }
        var definitions: [String: Definition] = [:]
        let rows = try SQLiteStatement(
            database,
            "SELECT topic_type, encoding, encoded_message_definition FROM message_definitions ORDER BY rowid LIMIT 65535"
        )
        while try rows.step() {
            guard let type = rows.text(0), let encoding = rows.text(1), let text = rows.text(2) else { continue }
            // rosbag2 writes a row for a type that it could not find, too.
            guard encoding == "ros2msg" || encoding == "ros2idl", definitions[type] == nil else { continue }
            definitions[type] = Definition(encoding: encoding, text: Array(text.utf8))
        }
        return definitions
    }

    private mutating func readTopics(
        _ database: SQLiteDatabase,
        _ columns: Set<String>,
        _ definitions: [String: Definition],
        _ warnings: inout WarningList
    ) throws(SQLiteError) {
        func column(_ name: String) -> String { columns.contains(name) ? name : "NULL" }
        let rows = try SQLiteStatement(
            database,
            "SELECT id, name, type, \(column("serialization_format")), \(column("offered_qos_profiles")), "
                + "\(column("type_description_hash")) FROM topics ORDER BY rowid LIMIT 65536"
        )
        var types: [String: UInt16] = [:]
        while try rows.step() {
            guard let number = rows.integer(0), let name = rows.text(1) else {
                warnings.add("recording_damaged_record", "A topic without a number or a name was left out.")
                continue
            }
            guard let id = UInt16(exactly: number) else {
                warnings.add(
                    "recording_damaged_record",
                    "The topic “\(name)” has the number \(number), which isn't supported, and was left out."
                )
                continue
            }
            guard channels[id] == nil else {
                warnings.add("recording_conflicting_channel", "Topic \(id) is described more than once. The first was used.")
                continue
            }
            let type = rows.text(2) ?? ""
            var metadata: [String: String] = [:]
            metadata["offered_qos_profiles"] = rows.text(4)
            metadata["topic_type_hash"] = rows.text(5)
            let schema = schemaID(type, definitions, &types)
            channels[id] = Channel(
                id: id,
                schemaID: schema,
                topic: name,
                messageEncoding: rows.text(3) ?? "cdr",
                metadata: metadata
            )
        }
    }

    private mutating func schemaID(_ type: String, _ definitions: [String: Definition], _ types: inout [String: UInt16]) -> UInt16 {
        if let id = types[type] { return id }
        guard !type.isEmpty, schemas.count < UInt16.max else { return 0 }
        let id = UInt16(schemas.count + 1)
        let definition = definitions[type]
        schemas[id] = Schema(id: id, name: type, encoding: definition?.encoding ?? "", data: definition?.text ?? [])
        types[type] = id
        return id
    }
}
