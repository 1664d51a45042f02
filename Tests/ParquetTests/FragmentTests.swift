import Files
import Parquet
import TestSupport
import Testing

/// Row groups encoded apart and put together without being encoded again.
@Suite struct FragmentTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// Writes some fields of a row group into a fragment.
    private func fragment(
        _ name: String,
        _ fields: [ParquetField],
        _ columns: [ArraySlice<ParquetValue>],
        _ options: ParquetOptions
    ) throws -> RowGroupFragment {
        let path = "\(folder.path)/\(name).fragment"
        let writer = try RowGroupFragmentWriter(creating: path, schema: ParquetSchema(fields), options: options)
        // Row by row, so that the pages of the columns are mixed in the file.
        for row in columns[0].indices { try writer.columns.append(row: columns.map { $0[row] }) }
        try writer.finish()
        return try RowGroupFragment(reading: path)
    }

    @Test func `a table put together from fragments is byte for byte the table written at once`() throws {
        for seed in 100..<140 {
            var maker = TableMaker(seed: UInt64(seed))
            let schema = try maker.schema()
            let columns = schema.fields.map { maker.cells(of: $0, count: 200) }
            let options = ParquetOptions(compression: [.uncompressed, .snappy, .zstd(level: 2)][seed % 3], pageBytes: 300)
            let whole = try ParquetWriter(creating: "\(folder.path)/\(seed)-whole", schema: schema, options: options)
            let assembled = try ParquetWriter(creating: "\(folder.path)/\(seed)-assembled", schema: schema, options: options)
            for rows in [0..<150, 150..<150, 150..<200] {
                for row in rows { try whole.columns.append(row: columns.map { $0[row] }) }
                try whole.endRowGroup()

                // Each field goes to one of two fragments or is given when the parts come together.
                var places: [[Int]] = [[], [], []]
                for field in schema.fields.indices { places[maker.numbers.below(3)].append(field) }
                var fragments: [RowGroupFragment] = []
                for (number, fields) in places.prefix(2).enumerated() where !fields.isEmpty && !rows.isEmpty {
                    let slices = fields.map { columns[$0][rows] }
                    fragments.append(try fragment("\(seed)-\(rows)-\(number)", fields.map { schema.fields[$0] }, slices, options))
                }
                for field in places[2] where !rows.isEmpty {
                    let column = try assembled.columns.values(schema.fields[field].name)
                    for row in rows { try column.append(columns[field][row]) }
                }
                try assembled.endRowGroup(with: fragments.reversed())
            }
            try whole.finish(keyValues: [("a", "b")])
            try assembled.finish(keyValues: [("a", "b")])
            #expect(try folder.bytes("\(seed)-whole") == folder.bytes("\(seed)-assembled"), "seed \(seed)")
        }
    }

    @Test(.enabled(if: hasReaders)) func `fragments of pictures with an index given later read back as one table`() throws {
        let schema = try ParquetSchema([
            ParquetField("observation.images.front", pictures, compression: .uncompressed),
            ParquetField("index", .int64),
        ])
        let table = try ParquetWriter(creating: "\(folder.path)/data.parquet", schema: schema)
        let indices = try table.columns.numbers("index", of: Int64.self)
        var expected = ExpectedTable(schema: schema, columns: [[], []], rowGroups: [])
        var numbers = SeededGenerator(seed: 3)
        for episode in 0..<4 {
            let path = "\(folder.path)/\(episode).fragment"
            let part = try RowGroupFragmentWriter(creating: path, schema: ParquetSchema([schema.fields[0]]))
            let column = try part.columns.pictures("observation.images.front")
            for frame in 0..<6 {
                // One picture is larger than a page.
                let bytes = [UInt8](repeating: UInt8(numbers.below(256)), count: frame == 3 ? 1_300_000 : 100_000 * frame)
                try bytes.withUnsafeBytes { try column.append($0, path: frame == 5 ? "frame-000005.png" : nil) }
                expected.columns[0].append(.structure([.binary(bytes), frame == 5 ? .string("frame-000005.png") : .null]))
                expected.columns[1].append(.integer(Int64(episode * 6 + frame)))
            }
            try part.finish()
            expected.rowGroups.append(6)
            try indices.append(contentsOf: (episode * 6..<episode * 6 + 6).map { Int64($0) })
            try table.endRowGroup(with: [RowGroupFragment(reading: path)])
        }
        try table.finish()
        // The comparison goes by what the cells begin with, to keep the file of expectations small.
        let check = try python([
            "-c",
            """
            import pyarrow.parquet, sys
            table = pyarrow.parquet.read_table(sys.argv[1], page_checksum_verification=True).to_pylist()
            for row in table:
                cell = row['observation.images.front']
                print(row['index'], len(cell['bytes']), sum(set(cell['bytes'])), len(set(cell['bytes'])), cell['path'])
            """,
            "\(folder.path)/data.parquet",
        ])
        let wanted = expected.columns[0].enumerated().map { row, cell in
            guard case .structure(let parts) = cell, case .binary(let bytes) = parts[0] else { return "" }
            let path = if case .string(let path) = parts[1] { path } else { "None" }
            return "\(row) \(bytes.count) \(bytes.first ?? 0) \(bytes.isEmpty ? 0 : 1) \(path)\n"
        }
        #expect(check.output == wanted.joined())
    }

    private let pictures = ParquetType.structure([ParquetField("bytes", .binary), ParquetField("path", .string)])

    @Test func `a fragment cut off or damaged anywhere in its description is refused with its name`() throws {
        let fields = [ParquetField("a", .list(of: .float)), ParquetField("b", .string)]
        let cells: [ArraySlice<ParquetValue>] = [[.list([.float(1)]), .null], [.string("x"), .string("y")]]
        let whole = try fragment("whole", fields, cells, ParquetOptions(compression: .uncompressed))
        let bytes = try folder.bytes("whole.fragment")
        #expect(whole.rows == 2)
        for cut in 0..<bytes.count {
            try FileSystem.writeAtomically("\(folder.path)/cut", Array(bytes[..<cut]))
            let error = #expect(throws: ParquetError.self) { try RowGroupFragment(reading: "\(folder.path)/cut") }
            #expect(error?.description.contains("\(folder.path)/cut") == true)
        }
        // The pages come first, and they have checksums of their own that readers verify.
        for position in (bytes.count - 200)..<bytes.count {
            var damaged = bytes
            damaged[position] ^= 0x41
            try FileSystem.writeAtomically("\(folder.path)/damaged", damaged)
            #expect(throws: ParquetError.self) { try RowGroupFragment(reading: "\(folder.path)/damaged") }
        }
    }

    @Test func `columns that are missing, given twice, unknown or of another length are refused and the table goes on`() throws {
        let schema = try ParquetSchema([ParquetField("a", .int64), ParquetField("b", .string)])
        let options = ParquetOptions()
        let two: ArraySlice<ParquetValue> = [.integer(1), .integer(2)]
        let texts: ArraySlice<ParquetValue> = [.string("x"), .string("y")]
        let a = try fragment("a", [schema.fields[0]], [two], options)
        let b = try fragment("b", [schema.fields[1]], [texts], options)
        let short = try fragment("short", [schema.fields[1]], [texts.prefix(1)], options)
        let foreign = try fragment("foreign", [ParquetField("a", .int64, isRequired: true)], [two], options)
        let writer = try ParquetWriter(creating: "\(folder.path)/table", schema: schema)
        for (fragments, sentence) in [
            ([a], "The column b has 0 rows where the others of its row group have 2."),
            ([a, short], "The column b has 1 rows where the others of its row group have 2."),
            ([a, b, b], "The column b was given twice for one row group."),
            (
                [foreign, b],
                "\(folder.path)/foreign.fragment is no whole fragment of a row group: it holds a column that the table does not have."
            ),
        ] {
            #expect { try writer.endRowGroup(with: fragments) } throws: { "\($0)" == sentence }
        }
        try writer.endRowGroup(with: [a, b])
        try writer.columns.numbers("a").append(Int64(3))
        #expect { try writer.endRowGroup(with: [a, b]) } throws: { "\($0)" == "The column a was given twice for one row group." }
        try writer.columns.bytes("b").append("z")
        try writer.finish()
        let whole = try ParquetWriter(creating: "\(folder.path)/whole", schema: schema)
        for row in 0..<2 { try whole.columns.append(row: [two[row], texts[row]]) }
        try whole.endRowGroup()
        try whole.columns.append(row: [.integer(3), .string("z")])
        try whole.finish()
        #expect(try folder.bytes("table") == folder.bytes("whole"))
    }
}
