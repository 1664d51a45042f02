internal import Files

/// Writes a Parquet file: row groups one after the other, the footer last.
///
/// Memory is bounded by the encoded pages of one row group and one page for each column. The same values and options give
/// the same bytes. The file is a Parquet file only after `finish`; write to a temporary name and rename.
///
/// ```swift
/// let writer = try ParquetWriter(creating: path, schema: ParquetSchema([ParquetField("timestamp", .float)]))
/// let timestamps = try writer.columns.numbers("timestamp", of: Float.self)
/// for episode in episodes {
///     try timestamps.append(contentsOf: episode.times)
///     try writer.endRowGroup()
/// }
/// try writer.finish()
/// ```
public final class ParquetWriter {
    private static let mark = Array("PAR1".utf8)

    /// The columns to be filled.
    public let columns: ParquetColumns

    private let output: FileOutput
    private let pages: PageMemory
    private var metadata: FileMetadata
    /// The places of the top-level fields, by what fragments know them by.
    private let signatures: [[UInt8]: Int]
    /// Set while a row group or the footer is on its way to the file: if that fails, the file can't be completed.
    private var isBroken = false

    /// A writer of a new file.
    ///
    /// - Throws: `FileError`, also where the file exists.
    public init(creating path: String, schema: ParquetSchema, options: ParquetOptions = ParquetOptions()) throws {
        output = try FileOutput(creating: path)
        pages = PageMemory(columns: SchemaLayout(schema).leaves.count)
        columns = ParquetColumns(schema, options: options, store: pages)
        // Names differ, so signatures do.
        signatures = Dictionary(uniqueKeysWithValues: zip(schema.fields.map(\.signature), schema.fields.indices))
        metadata = FileMetadata(schema: schema, leaves: columns.leaves.map(\.leaf), rowGroups: [], keyValues: [])
        try output.write(Self.mark)
    }

    /// How large the file is so far, without the row group that is being filled and without the footer.
    public var bytesWritten: Int64 { output.offset }

    /// Ends a row group with the rows that the columns were given; without rows, there is none.
    ///
    /// - Parameters:
    ///   - fragments: columns of this row group that were encoded before; their pages are copied as they are. Each column
    ///     of the schema must come either from one fragment or from `columns`.
    /// - Throws: `ParquetError` where columns are missing, given twice or of different numbers of rows, in which case the
    ///   file is as it was; `FileError` and `CompressionError`, after which the file can't be completed.
    public func endRowGroup(with fragments: [RowGroupFragment] = []) throws {
        guard !isBroken, !columns.isClosed else { throw ParquetError("", .closed) }
        let sources = try assign(fragments)
        let rows = try countRows(of: sources)
        guard rows > 0 else { return }
        isBroken = true
        var group = RowGroupMetadata(rows: rows, chunks: [])
        for (node, source) in zip(columns.nodes, sources) {
            switch source {
            case .columns:
                for leaf in node.leaves {
                    let chunk = try columns.leaves[leaf].endChunk()
                    group.chunks.append(PlacedChunk(chunk: chunk, offset: output.offset))
                    try pages.write(leaf, to: output)
                }
            case .fragment(let fragment, let field):
                let file = try OpenFile.reading(fragment.path)
                for stored in fragment.description.fields[field].chunks {
                    group.chunks.append(PlacedChunk(chunk: stored.chunk, offset: output.offset))
                    for extent in stored.extents { try output.copy(extent.range, of: file) }
                }
            }
        }
        metadata.rowGroups.append(group)
        for field in columns.rows.indices { columns.rows[field] = 0 }
        isBroken = false
    }

    /// Ends the last row group, writes the footer and closes the file.
    ///
    /// - Parameters:
    ///   - keyValues: texts for readers, in this order.
    /// - Throws: as `endRowGroup`.
    public func finish(keyValues: [(key: String, value: String)] = []) throws {
        try endRowGroup()
        isBroken = true
        columns.isClosed = true
        metadata.keyValues = keyValues
        let footer = metadata.encoded()
        guard let size = UInt32(exactly: footer.count) else {
            throw ParquetError("", .badSchema("its footer exceeds the 4 GiB that the format can count"))
        }
        try output.write(footer)
        try output.write(withUnsafeBytes(of: size) { Array($0) })
        try output.write(Self.mark)
        try output.close()
    }

    /// Where a top-level field of a row group comes from.
    private enum Source {
        case columns
        case fragment(RowGroupFragment, field: Int)
    }

    private func assign(_ fragments: [RowGroupFragment]) throws -> [Source] {
        guard !fragments.isEmpty else { return Array(repeating: .columns, count: columns.nodes.count) }
        var sources: [Source] = Array(repeating: .columns, count: columns.nodes.count)
        for fragment in fragments {
            for (position, stored) in fragment.description.fields.enumerated() {
                guard let field = signatures[stored.signature], columns.nodes[field].leaves.count == stored.chunks.count else {
                    throw ParquetError(fragment.path, .badFragment("it holds a column that the table does not have"))
                }
                guard case .columns = sources[field], columns.rows[field] == 0 else {
                    throw ParquetError(columns.nodes[field].name, .givenTwice)
                }
                sources[field] = .fragment(fragment, field: position)
            }
        }
        return sources
    }

    private func countRows(of sources: [Source]) throws(ParquetError) -> Int {
        var counted: Int?
        for (field, source) in sources.enumerated() {
            let rows =
                switch source {
                case .columns: columns.rows[field]
                case .fragment(let fragment, _): fragment.rows
                }
            if let counted, counted != rows { throw ParquetError(columns.nodes[field].name, .unequalRows(rows, others: counted)) }
            counted = rows
        }
        return counted ?? 0
    }
}
