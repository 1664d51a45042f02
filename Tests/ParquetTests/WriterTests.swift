import ExportCore
import Files
import Parquet
import Testing

/// What the writer refuses, and that it always writes the same.
@Suite struct WriterTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func `the same values are the same bytes, however they were handed over`() throws {
        let schema = try ParquetSchema([ParquetField("a", .float), ParquetField("v", .list(of: .int64)), ParquetField("s", .string)])
        let options = ParquetOptions(pageBytes: 1000)
        for (name, step) in [("one", 1), ("seven", 7), ("all", 5000)] {
            let writer = try ParquetWriter(creating: "\(folder.path)/\(name)", schema: schema, options: options)
            let floats = try writer.columns.numbers("a", of: Float.self)
            let vectors = try writer.columns.vectors("v", of: Int64.self, width: 3)
            for start in stride(from: 0, to: 5000, by: step) {
                let rows = start..<min(start + step, 5000)
                try floats.append(contentsOf: rows.map { Float($0 % 700) })
                try vectors.append(contentsOf: rows.flatMap { [Int64($0), 0, -1] })
            }
            let texts = try writer.columns.bytes("s")
            for row in 0..<5000 { try texts.append("\(row % 9)") }
            try writer.finish()
        }
        #expect(try folder.bytes("one") == folder.bytes("seven"))
        #expect(try folder.bytes("one") == folder.bytes("all"))
    }

    @Test func `a value that is not of its column's type is refused with the column's path, and nothing of its row is kept`() throws {
        let inner = ParquetType.structure([ParquetField("n", .int8, isRequired: true), ParquetField("b", .fixedBinary(count: 2))])
        let schema = try ParquetSchema([
            ParquetField("a", .uint16), ParquetField("l", .list(of: inner)), ParquetField("r", .float, isRequired: true),
        ])
        let good: [ParquetValue] = [.unsigned(65535), .list([.structure([.integer(-128), .binary([1, 2])]), .null]), .float(1)]
        let bad: [(Int, ParquetValue, String)] = [
            (0, .unsigned(65536), "The column a was given the unsigned integer 65536 where it holds uint16."),
            (0, .integer(1), "The column a was given the integer 1 where it holds uint16."),
            (1, .list([.structure([.integer(128), .null])]), "The column l.element.n was given the integer 128 where it holds int8."),
            (1, .list([.structure([.null, .null])]), "The column l.element.n was given null where it holds int8."),
            (1, .list([.structure([.integer(1)])]), "The column l.element was given a structure of 1 fields where it holds structure."),
            (
                1, .list([.structure([.integer(1), .binary([1])])]),
                "The column l.element.b was given 1 bytes where it holds binary of 2 bytes."
            ),
            (2, .null, "The column r was given null where it holds float."),
            (2, .double(1), "The column r was given a double where it holds float."),
        ]
        let writer = try ParquetWriter(creating: "\(folder.path)/a", schema: schema)
        for (column, value, sentence) in bad {
            var row = good
            row[column] = value
            #expect { try writer.columns.append(row: row) } throws: { "\($0)" == sentence }
        }
        #expect(throws: ParquetError.self) { try writer.columns.append(row: Array(good.prefix(2))) }
        #expect(throws: ParquetError.self) { try writer.columns.numbers("r", of: Float.self).appendNull() }
        #expect(throws: ParquetError.self) { try writer.columns.numbers("r", of: Double.self) }
        #expect(throws: ParquetError.self) { try writer.columns.numbers("l", of: Float.self) }
        #expect(throws: ParquetError.self) { try writer.columns.bytes("nothing") }
        try writer.columns.append(row: good)
        try writer.finish()
        let clean = try ParquetWriter(creating: "\(folder.path)/b", schema: schema)
        try clean.columns.append(row: good)
        try clean.finish()
        #expect(try folder.bytes("a") == folder.bytes("b"))
    }

    @Test func `lists that are no whole rows and columns of different lengths are refused`() throws {
        let schema = try ParquetSchema([ParquetField("v", .list(of: .float)), ParquetField("n", .int32)])
        let writer = try ParquetWriter(creating: "\(folder.path)/a", schema: schema)
        let vectors = try writer.columns.vectors("v", of: Float.self, width: 3)
        #expect { try vectors.append(contentsOf: [1, 2, 3, 4]) } throws: {
            "\($0)" == "The column v was given 4 values, not a multiple of its width 3."
        }
        #expect(throws: ParquetError.self) { try writer.columns.vectors("v", of: Float.self, width: -1) }
        #expect(throws: ParquetError.self) { try writer.columns.vectors("v", of: Float.self, width: .max) }
        try vectors.append(contentsOf: [1, 2, 3])
        #expect { try writer.finish() } throws: { "\($0)" == "The column n has 0 rows where the others of its row group have 1." }
        try writer.columns.numbers("n").append(Int32(1))
        try writer.finish()
        #expect(throws: ParquetError.self) { try vectors.append(contentsOf: [1, 2, 3]) }
        #expect(throws: ParquetError.self) { try writer.finish() }
    }

    @Test func `schemas that the format can't hold are refused`() {
        var deep = ParquetType.int32
        for _ in 0..<33 { deep = .list(of: deep) }
        for fields in [
            [], [ParquetField("", .int32)], [ParquetField("a", .int32), ParquetField("a", .float)], [ParquetField("a", .structure([]))],
            [ParquetField("a", .fixedBinary(count: 0))], [ParquetField("a", deep)],
        ] {
            let error = #expect(throws: ParquetError.self) { try ParquetSchema(fields) }
            #expect(error?.exportError.code == .internal)
        }
    }

    @Test func `a file that exists is not overwritten`() throws {
        let schema = try ParquetSchema([ParquetField("a", .int64)])
        try FileSystem.writeAtomically("\(folder.path)/there", [1])
        #expect(throws: FileError.self) { try ParquetWriter(creating: "\(folder.path)/there", schema: schema) }
        #expect(try folder.bytes("there") == [1])
    }
}
