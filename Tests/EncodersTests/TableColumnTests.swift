import ExportCore
import Fields
import Formats
import Foundation
import ROS
import Testing

@testable import Encoders

/// What a column is called, and what kind of cells the schema says it has.
@Suite final class TableColumnTests {
    private static let csv = TableDialect.csv(hasByteOrderMark: false, isExcelSafe: false)
    private static let excel = TableDialect.csv(hasByteOrderMark: true, isExcelSafe: true)
    private static let topic = TableName.messages(topic: "/t")

    private let folder = FileManager.default.temporaryDirectory.appending(path: "columns-\(UUID().uuidString)").path()

    init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Writes messages as the rows of a part's table, whole arrays as JSON.
    private func part(_ name: String, _ dialect: TableDialect, _ messages: [ROS.FieldValue]) throws -> PartTable {
        let row = try RowBuilder(Self.topic, folder: folder, fileName: name, dialect: dialect)
        let flattener = MessageFlattener(arrayColumns: 0, binary: .length)
        for message in messages {
            flattener.put(message, behind: 0, into: row)
            try row.endRow()
        }
        return try row.finish()
    }

    private func message(_ members: KeyValuePairs<String, ROS.FieldValue>) -> ROS.FieldValue {
        .message(members.map { .init($0.key, $0.value) })
    }

    @Test func `a column's name has one line in CSV, is never empty and starts no formula`() {
        let columns = ["a\nb", "", "=c", "'=c", "\u{0}"].enumerated().map {
            TableColumn(path: [.field($1)], position: $0, kind: .integer)
        }
        #expect(UnitedColumns([columns], dialect: .json).headers.map(\.name) == ["a\nb", "_", "=c", "'=c", "\u{0}"])
        #expect(UnitedColumns([columns], dialect: Self.csv).headers.map(\.name) == ["a\u{FFFD}b", "_", "=c", "'=c", "\u{FFFD}"])
        #expect(UnitedColumns([columns], dialect: Self.excel).headers.map(\.name) == ["a\u{FFFD}b", "_", "'=c", "'=c_2", "\u{FFFD}"])
    }

    @Test func `a column of integers that JSON would round is all texts, in each part`() throws {
        let first = [message(["a": .integer(1), "b": .unsigned(.max), "c": .integer(5), "d": .list([.integer(.max)])])]
        let second = [
            message(["a": .integer(1 << 53), "b": .unsigned(2), "c": .float64(0.5)]),
            message(["a": .integer(-7), "c": .integer(1 << 60)]),
        ]
        let parts = try [part("1", .json, first), part("2", .json, second)]
        let columns = UnitedColumns(parts.map(\.columns), dialect: .json)
        #expect(columns.headers.map(\.kind) == [.digits, .digits, .mixed, .json])
        var output = try TableOutput("\(folder)/out", headers: columns.headers, dialect: .json, isLines: true)
        for part in parts {
            try output.append("\(folder)/\(part.file)", of: part, at: columns.positions(of: part.columns), Cancellation())
        }
        try output.finish()
        #expect(
            try String(contentsOfFile: "\(folder)/out", encoding: .utf8) == """
                {"a":"1","b":"18446744073709551615","c":5,"d":["9223372036854775807"]}
                {"a":"9007199254740992","b":"2","c":0.5,"d":null}
                {"a":"-7","b":null,"c":"1152921504606846976","d":null}

                """
        )
    }

    @Test func `the schema calls a column of integers a text only where one of them is`() throws {
        let rows = [message(["small": .integer(7), "large": .integer(.max), "any": .float64(1.5)]), message(["any": .integer(.max)])]
        let expected = [(Self.csv, "integer", "number"), (Self.excel, "string", "any"), (.json, "string", "any")]
        for (number, (dialect, large, any)) in expected.enumerated() {
            let columns = UnitedColumns([try part("\(number)", dialect, rows).columns], dialect: dialect)
            var package = DataPackage(dialect: dialect)
            package.add(Self.topic, type: "t", path: "t", headers: columns.headers)
            let json = package.document.json.filter { !$0.isWhitespace }
            #expect(json.contains(#""name":"small","type":"integer""#))
            #expect(json.contains(#""name":"large","type":"\#(large)""#))
            #expect(json.contains(#""name":"any","type":"\#(any)""#))
        }
    }
}
