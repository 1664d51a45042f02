import CSQLite
import Files
import Foundation

/// Makes databases with SQL, as rosbag2's storages of all versions write them.
final class DatabaseBuilder {
    let folder: URL
    private var number = 0

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "exportd-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    static let messages =
        "CREATE TABLE messages(id INTEGER PRIMARY KEY, topic_id INTEGER NOT NULL, timestamp INTEGER NOT NULL, data BLOB NOT NULL);"
        + "CREATE INDEX timestamp_idx ON messages (timestamp ASC);"

    /// The tables of one version of the storage.
    static func tables(version: Int) -> String {
        var columns = "id INTEGER PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL, serialization_format TEXT NOT NULL"
        if version >= 2 { columns += ", offered_qos_profiles TEXT NOT NULL" }
        if version >= 4 { columns += ", type_description_hash TEXT NOT NULL" }
        var sql = "CREATE TABLE topics(\(columns));" + messages
        if version >= 3 {
            sql +=
                "CREATE TABLE schema(schema_version INTEGER PRIMARY KEY, ros_distro TEXT NOT NULL);"
                + "CREATE TABLE metadata(id INTEGER PRIMARY KEY, metadata_version INTEGER NOT NULL, metadata TEXT NOT NULL);"
                + "INSERT INTO schema VALUES (\(version), 'x');"
        }
        if version >= 4 {
            sql +=
                "CREATE TABLE message_definitions(id INTEGER PRIMARY KEY, topic_type TEXT NOT NULL, encoding TEXT NOT NULL, "
                + "encoded_message_definition TEXT NOT NULL, type_description_hash TEXT NOT NULL);"
        }
        return sql
    }

    /// A database of the newest version with one topic and some messages.
    static func chatter(messages: Int, bytes: Int) -> String {
        tables(version: 4) + "INSERT INTO topics VALUES (1, '/chatter', 'std_msgs/msg/String', 'cdr', '', '');"
            + "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(messages)) "
            + "INSERT INTO messages SELECT i, 1, 1000 + i, CAST(printf('%0\(bytes)d', i) AS BLOB) FROM n;"
    }

    /// Runs SQL in a new file and gives its path.
    func make(_ sql: String) throws -> String {
        number += 1
        let path = folder.appending(path: "\(number).db3").path()
        var database: OpaquePointer?
        defer { sqlite3_close_v2(database) }
        guard sqlite3_open(path, &database) == SQLITE_OK,
            sqlite3_exec(database, "PRAGMA synchronous=OFF;" + sql, nil, nil, nil) == SQLITE_OK
        else { throw CocoaError(.fileWriteUnknown, userInfo: [NSLocalizedDescriptionKey: String(cString: sqlite3_errmsg(database))]) }
        return path
    }

    /// Writes bytes to a new file and gives its path.
    func write(_ bytes: [UInt8]) throws -> String {
        number += 1
        let path = folder.appending(path: "\(number).db3").path()
        try OpenFile.creating(path).write(bytes)
        return path
    }
}
