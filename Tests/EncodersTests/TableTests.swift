import ExportCore
import Formats
import Foundation
import ROS
import Testing

@testable import Encoders

/// A folder that goes away with the test.
private final class Folder {
    let path = FileManager.default.temporaryDirectory.appending(path: "tables-\(UUID().uuidString)").path()

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

private let csv = TableDialect.csv(hasByteOrderMark: false, isExcelSafe: false)
private let excel = TableDialect.csv(hasByteOrderMark: true, isExcelSafe: true)
private let topic = TableName.messages(topic: "/t")

@Suite struct CellTextTests {
    private func text(_ dialect: TableDialect, _ body: (inout CellText) -> Void) -> String {
        var cell = CellText(dialect)
        body(&cell)
        return String(decoding: cell.bytes, as: UTF8.self)
    }

    @Test(arguments: [
        ("plain", "plain", "\"plain\""), ("", "\"\"", "\"\""), ("a,b", "\"a,b\"", "\"a,b\""),
        ("say \"no\"", "\"say \"\"no\"\"\"", #""say \"no\"""#),
        ("two\nlines", "\"two\nlines\"", #""two\nlines""#), ("\r", "\"\r\"", #""\r""#), ("a\u{0}b", "\"a\u{FFFD}b\"", #""a\u0000b""#),
        ("é 你好 🙂", "é 你好 🙂", "\"é 你好 🙂\""), (#"\"#, #"\"#, #""\\""#), (" padded ", " padded ", "\" padded \""),
        ("=1+1", "=1+1", "\"=1+1\""),
    ]) func `a text is quoted where its format wants it`(input: String, inCSV: String, inJSON: String) {
        #expect(text(csv) { $0.text(input) } == inCSV)
        #expect(text(.json) { $0.text(input) } == inJSON)
    }

    @Test func `a spreadsheet takes no text for a formula`() {
        for input in ["=1+1", "+1", "-cmd", "@SUM(A1)", "\tx", "\rx", "\nx", "＝1", "＋1", "－1", "＠x"] {
            #expect(text(excel) { $0.text(input) } == "\"'\(input)\"")
        }
    }

    @Test func `a spreadsheet takes no digit away from a text of digits`() {
        for input in ["007", "00", "1234567890123456"] { #expect(text(excel) { $0.text(input) } == "\"'\(input)\"") }
        for input in ["0", "7", "123456789012345", "12a", "1.5", "："] { #expect(text(excel) { $0.text(input) } == input) }
    }

    @Test func `no bytes are an empty text and not nothing`() {
        #expect(text(csv) { $0.base64([]) } == "\"\"")
        #expect(text(.json) { $0.base64([]) } == "\"\"")
        #expect(text(csv) { $0.base64([1, 2]) } == "AQI=")
    }

    @Test(arguments: [csv, .json]) func `texts whose bytes are not UTF-8 are counted`(dialect: TableDialect) {
        var cell = CellText(dialect)
        for bytes in [[0x61], [0xC3, 0xA9], [0xFF, 0x61, 0xFE], [0xEF, 0xBD]] as [[UInt8]] { bytes.withUnsafeBytes { cell.text($0) } }
        #expect(cell.undecodable == 2)
        cell.text("a\u{FFFD}\u{FFFD}")
        cell.text("\u{FFFC}é")
        #expect(cell.undecodable == 3)
    }

    @Test func `every integer is exact`() {
        for value in [0, 1, 9, 10, 99, 100, 12_345, -1, -10, Int64.max, .min, 999_999_999_999_999, 1_000_000_000_000_000] {
            #expect(text(csv) { $0.integer(value) } == String(value))
            #expect(text(.json) { $0.nanoseconds(value) } == "\"\(value)\"")
        }
        #expect(text(csv) { $0.unsigned(.max) } == "18446744073709551615")
        #expect(text(.json) { $0.unsigned(.max) } == "\"18446744073709551615\"")
        #expect(text(.json) { $0.integer(9_007_199_254_740_991) } == "9007199254740991")
        #expect(text(.json) { $0.integer(-9_007_199_254_740_992) } == "\"-9007199254740992\"")
        #expect(text(excel) { $0.integer(999_999_999_999_999) } == "999999999999999")
        #expect(text(excel) { $0.nanoseconds(1_772_331_301_000_000_000) } == "'1772331301000000000")
    }

    @Test func `numbers read back as they were and those that are none are counted`() {
        for value in [0.1, -0.0, 1e300, Double.leastNonzeroMagnitude, 1.0 / 3, 123_456_789.125] {
            #expect(Double(text(csv) { $0.number(value) })?.bitPattern == value.bitPattern)
        }
        #expect(text(.json) { $0.number(Float(0.1)) } == "0.1")
        var cell = CellText(.json)
        cell.number(Double.nan)
        cell.number(Float.infinity)
        cell.json { $0.noNumber() }
        #expect(cell.notFinite == 3)
        #expect(cell.bytes == Array("null".utf8))
    }
}

@Suite struct TableFileTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    /// Writes messages as the rows of a part's table.
    private func part(_ name: String, _ dialect: TableDialect, arrayColumns: Int = 4, _ messages: [FieldValue]) throws -> PartTable {
        let row = try RowBuilder(topic, folder: folder.path, fileName: name, dialect: dialect)
        let flattener = MessageFlattener(arrayColumns: arrayColumns, binary: .length)
        for message in messages {
            flattener.put(message, behind: 0, into: row)
            try row.endRow()
        }
        return try row.finish()
    }

    /// Puts parts together as an export does.
    private func table(_ dialect: TableDialect, _ parts: [PartTable]) throws -> String {
        let columns = UnitedColumns(parts.map(\.columns), dialect: dialect)
        let path = "\(folder.path)/out-\(UUID().uuidString)"
        var output = try TableOutput(path, headers: columns.headers, dialect: dialect, isLines: true)
        for part in parts {
            try output.append("\(folder.path)/\(part.file)", of: part, at: columns.positions(of: part.columns), Cancellation())
        }
        try output.finish()
        // Decoded by hand: reading a file as a text would take the byte order mark away.
        return String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    }

    private func message(_ members: KeyValuePairs<String, FieldValue>) -> FieldValue {
        .message(members.map { .init($0.key, $0.value) })
    }

    @Test func `a column that appears late, in a later dataset too, stands where it belongs`() throws {
        let first = [
            message(["a": .integer(1), "list": .list([.integer(5)]), "z": .string("x")]),
            message(["a": .integer(2), "list": .list([.integer(6), .integer(7)]), "z": .string("y,")]),
        ]
        let second = [
            message(["a": .integer(3), "b": .bool(true), "list": .list([.integer(8), .integer(9), .integer(10)]), "z": .string("")])
        ]
        let rows = try table(csv, [part("1", csv, first), part("2", csv, second)])
        #expect(rows == "a,b,list.0,list.1,list.2,z\r\n1,,5,,,x\r\n2,,6,7,,\"y,\"\r\n3,true,8,9,10,\"\"\r\n")
        let lines = try table(.json, [part("3", .json, first), part("4", .json, second)])
        #expect(
            lines == """
                {"a":1,"b":null,"list.0":5,"list.1":null,"list.2":null,"z":"x"}
                {"a":2,"b":null,"list.0":6,"list.1":7,"list.2":null,"z":"y,"}
                {"a":3,"b":true,"list.0":8,"list.1":9,"list.2":10,"z":""}

                """
        )
    }

    @Test func `parts of the same columns are copied as they are`() throws {
        let rows = [message(["a": .integer(1), "b": .string("\r\n\"")])]
        let parts = [try part("1", csv, rows), try part("2", csv, rows)]
        #expect(parts.map(\.isUniform) == [true, true])
        #expect(try table(csv, parts) == "a,b\r\n1,\"\r\n\"\"\"\r\n1,\"\r\n\"\"\"\r\n")
        #expect(try table(excel, parts).hasPrefix("\u{FEFF}a,b\r\n"))
    }

    @Test(arguments: [csv, .json]) func `texts of every kind go through a part unharmed`(dialect: TableDialect) throws {
        let texts = ["\"", "\\", "\\\"", "a\\", ",", "[", "]{", "\n", "\r\n", "", "\"\"", "{\"a\":[1,\"]\"]}", "'", "🙂,\"\\\n"]
        let messages = texts.map { message(["s": .string($0), "n": .integer(7)]) } + [message(["n": .integer(8), "late": .string(",")])]
        let one = try part("1", dialect, messages)
        #expect(!one.isUniform)
        let held = try table(dialect, [one])
        if dialect.isJSON {
            let rows = try held.split(separator: "\n").map {
                try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
            }
            #expect(rows.dropLast().map { $0["s"] as? String } == texts)
            #expect(rows.last?["late"] as? String == ",")
            #expect(rows.map { $0["n"] as? Int } == Array(repeating: 7, count: texts.count) + [8])
        } else {
            for text in texts where text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) {
                #expect(held.contains("\"\(text.replacing("\"", with: "\"\""))\",,7\r\n"))
            }
        }
    }

    @Test func `an array that is longer than columns are wanted is JSON in one cell`() throws {
        let long = message([
            "a": .list((0..<6).map { .float64(Double($0) / 4) }), "b": .list([.string("x,"), .bytes([1, 2]), .time(5), .float32(.nan)]),
        ])
        #expect(
            try table(csv, [part("1", csv, arrayColumns: 3, [long])])
                == "a,b\r\n\"[0.0,0.25,0.5,0.75,1.0,1.25]\",\"[\"\"x,\"\",\"\"AQI=\"\",\"\"5\"\",null]\"\r\n"
        )
        let line = try table(.json, [part("2", .json, arrayColumns: 3, [long])])
        #expect(line == "{\"a\":[0.0,0.25,0.5,0.75,1.0,1.25],\"b\":[\"x,\",\"AQI=\",\"5\",null]}\n")
    }

    @Test func `an array of a million elements and a message of a million names are bounded in words`() throws {
        let row = try RowBuilder(topic, folder: folder.path, fileName: "wide", dialect: csv)
        let flattener = MessageFlattener(arrayColumns: 10_000, binary: .length)
        flattener.put(message(["a": .list(Array(repeating: .integer(1), count: 1_000_000))]), behind: 0, into: row)
        try row.endRow()
        flattener.put(.message((0..<1_000_000).map { .init("name\($0)", .integer(1)) }), behind: 0, into: row)
        try row.endRow()
        flattener.put(message([String(repeating: "n", count: 5_000): .integer(1)]), behind: 0, into: row)
        try row.endRow()
        let warning = try #require(row.warnings(of: "/t").first { $0.code == "columns_left_out" })
        #expect(warning.message.contains("at most 16384 columns"))
        #expect(try row.finish().columns.count == 16_384)
    }

    @Test func `a row that turns out to be unreadable leaves nothing behind`() throws {
        let row = try RowBuilder(topic, folder: folder.path, fileName: "broken", dialect: csv)
        for value in 0..<3 {
            row.put("a", at: 0, .integer) { $0.integer(Int64(value)) }
            if value == 1 { row.dropRow() } else { try row.endRow() }
        }
        #expect(try row.finish().rows == 2)
        #expect(try String(contentsOfFile: "\(folder.path)/broken", encoding: .utf8) == "0\r\n2\r\n")
    }

    @Test func `columns of one name are told apart`() {
        let paths: [[ColumnStep]] = [[.field("a.b")], [.field("a"), .field("b")], [.field("a"), .element(0)], [.field("a.0")]]
        let columns = paths.enumerated().map { TableColumn(path: $1, position: $0, kind: .integer) }
        let united = UnitedColumns([columns])
        #expect(Set(united.headers.map(\.name)) == ["a.b", "a.b_2", "a.0", "a.0_2"])
        #expect(Set(united.positions(of: columns).compactMap { $0 }) == [0, 1, 2, 3])
    }

    @Test func `the columns of a part survive its record`() throws {
        let columns = try part("1", .json, [message(["a": .list([.message([.init("b", .time(1))])]), "0": .integer(2)])]).columns
        #expect(try JSONDecoder().decode([TableColumn].self, from: JSONEncoder().encode(columns)) == columns)
    }

    @Test func `a topic's file never leaves its folder nor meets another's`() {
        let topics = [
            "/", "/../../etc/passwd", "/A/b", "/a/b", "/a__b", "/camera/front", "/x\u{0}y", "/\(String(repeating: "l", count: 400))",
        ]
        let files = TableFiles(topics: topics, dialect: csv)
        let paths = topics.map { files.path(of: .messages(topic: $0)) }
        #expect(Set(paths.map { $0.lowercased() }).count == topics.count)
        #expect(paths.contains("messages/camera__front.csv"))
        for path in paths {
            #expect(path.split(separator: "/").count == 2 && !path.hasPrefix("messages/."))
            #expect(path.utf8.count < 230)
        }
    }
}

@Suite struct FlatRowTests {
    private static let definition = """
        Header header
        uint8[] data
        float64[] wide
        float32[3] fixed
        Point[] points
        bool flag
        int64 big
        string[] names
        time[2] moments
        duration late
        Empty[] none
        ================================================================================
        MSG: std_msgs/Header
        uint32 seq
        time stamp
        string frame_id
        ================================================================================
        MSG: t/Point
        float64 x
        string label
        uint16[] marks
        ================================================================================
        MSG: t/Empty
        """

    /// A message in ROS 1's form.
    private func payload(seed: Int, points: Int, wide: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        func put(_ value: some FixedWidthInteger) { withUnsafeBytes(of: value.littleEndian) { bytes += $0 } }
        func put(_ text: String) {
            put(UInt32(text.utf8.count))
            bytes += text.utf8
        }
        put(UInt32(seed))
        put(UInt32(1_772_360_000))
        put(UInt32(seed))
        put("fr,ame \"\(seed)\" é")
        put(UInt32(3))
        bytes += [1, 2, 3]
        put(UInt32(wide))
        for index in 0..<wide { put((index == 1 ? Double.nan : Double(index * seed) / 7).bitPattern) }
        for index in 0..<3 { put((Float(index) * 0.1 - Float(seed)).bitPattern) }
        put(UInt32(points))
        for index in 0..<points {
            put((Double(index) * 1e-7).bitPattern)
            put(index == 0 ? "" : "=p\(index)")
            put(UInt32(index))
            for mark in 0..<index { put(UInt16(mark * 1_000)) }
        }
        bytes.append(UInt8(seed % 2))
        put(Int64.min + Int64(seed))
        put(UInt32(2))
        put("a\nb")
        put(String(repeating: "z", count: seed))
        for second in [UInt32(0), 1_772_360_000] {
            put(second)
            put(UInt32(5))
        }
        put(Int32(-3))
        put(Int32(-250_000_000))
        put(UInt32(2))
        return bytes
    }

    @Test(arguments: [csv, excel, .json]) func `messages without a tree give the rows that they give with one`(dialect: TableDialect) throws
    {
        let folder = try Folder()
        let decoder = MessageDecoder(try MessageDefinition(text: Self.definition, name: "t/Root", dialect: .ros1))
        for binary in [TableContents.Binary.length, .base64] {
            let flat = try RowBuilder(topic, folder: folder.path, fileName: "flat-\(binary)", dialect: dialect)
            let tree = try RowBuilder(topic, folder: folder.path, fileName: "tree-\(binary)", dialect: dialect)
            var values = FlatValues()
            var columns: OutlineColumns?
            let flattener = MessageFlattener(arrayColumns: 4, binary: binary)
            for (seed, (points, wide)) in [(2, 3), (0, 9), (4, 0), (1, 4), (3, 5)].enumerated() {
                let bytes = payload(seed: seed, points: points, wide: wide)
                try bytes.withUnsafeBytes { bytes in
                    let outline = try #require(decoder.readFlat(bytes, into: &values, maximumMessages: 4))
                    #expect(outline.stamp(in: values) == 1_772_360_000_000_000_000 + Int64(seed))
                    flat.withRow { row in
                        if columns == nil { columns = OutlineColumns(outline, arrayColumns: 4, binary: binary, behind: 0, in: &row) }
                        columns?.put(values, of: bytes, into: &row)
                    }
                    flattener.put(try decoder.decode(bytes), behind: 0, into: tree)
                }
                try flat.endRow()
                try tree.endRow()
            }
            #expect(flat.losses == tree.losses)
            #expect(try flat.finish().columns == tree.finish().columns)
            let (one, other) = (
                try Data(contentsOf: URL(filePath: "\(folder.path)/flat-\(binary)")),
                try Data(contentsOf: URL(filePath: "\(folder.path)/tree-\(binary)"))
            )
            #expect(!one.isEmpty && one == other)
        }
    }

    @Test func `a message that is cut anywhere or has too long a list is left to the tree`() throws {
        let decoder = MessageDecoder(try MessageDefinition(text: Self.definition, name: "t/Root", dialect: .ros1))
        var values = FlatValues()
        let whole = payload(seed: 3, points: 3, wide: 2)
        for count in 0..<whole.count {
            whole.withUnsafeBytes {
                #expect(decoder.readFlat(UnsafeRawBufferPointer(rebasing: $0[..<count]), into: &values, maximumMessages: 4) == nil)
            }
        }
        for bytes in [whole + [0], payload(seed: 3, points: 5, wide: 2)] {
            bytes.withUnsafeBytes { #expect(decoder.readFlat($0, into: &values, maximumMessages: 4) == nil) }
        }
    }

    @Test func `every number is written as the standard library describes it`() {
        var random = SystemRandomNumberGenerator()
        func written(_ number: Double) -> String {
            var buffer = TextBuffer()
            buffer.append(number)
            return String(decoding: buffer.bytes(), as: UTF8.self)
        }
        func written(_ number: Float) -> String {
            var buffer = TextBuffer()
            buffer.append(number)
            return String(decoding: buffer.bytes(), as: UTF8.self)
        }
        // Around every power of two, where the numbers' own grid changes, and around the ends of what is written here.
        for exponent in -14...56 {
            var number = Double(sign: .plus, exponent: exponent, significand: 1)
            for _ in 0..<8 { number = number.nextDown }
            for _ in 0..<16 {
                for signed in [number, -number] where written(signed) != signed.description {
                    Issue.record("\(signed) as \(written(signed))")
                }
                let single = Float(number)
                if written(single) != single.description { Issue.record("\(single) as \(written(single))") }
                number = number.nextUp
            }
        }
        for _ in 0..<50_000 {
            let bits = UInt64.random(in: 0...(.max), using: &random)
            for number in [
                Double(bitPattern: UInt64(1_005 + bits % 80) << 52 | bits >> 12), Double(bits % 1_000_000) / 1_000, Double(bits % 77) / 8,
            ] where written(number) != number.description { Issue.record("\(number) as \(written(number))") }
            let single = Float(bitPattern: UInt32(110 + bits % 45) << 23 | UInt32(bits >> 41))
            if written(single) != single.description { Issue.record("\(single) as \(written(single))") }
        }
    }
}
