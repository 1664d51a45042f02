/// Encodes columns of one row group into a file of their own, from which a `ParquetWriter` copies them into a table.
///
/// Parts of a table can so be encoded apart from each other, and columns of one row group too; columns whose values are
/// known only when the parts come together are added then. Pages are written as soon as they are full, so memory is bounded
/// by one page and a dictionary for each column, however many rows there are.
public final class RowGroupFragmentWriter {
    /// The columns to be filled.
    public let columns: ParquetColumns

    private let output: FileOutput
    private let pages: PageFile
    private var isBroken = false

    /// A writer of a new fragment.
    ///
    /// - Parameters:
    ///   - schema: the fields of the table that this fragment holds.
    /// - Throws: `FileError`, also where the file exists.
    public init(creating path: String, schema: ParquetSchema, options: ParquetOptions = ParquetOptions()) throws {
        output = try FileOutput(creating: path)
        pages = PageFile(output, columns: SchemaLayout(schema).leaves.count)
        columns = ParquetColumns(schema, options: options, store: pages)
    }

    /// Writes the description and closes the file.
    ///
    /// - Throws: `ParquetError` where the columns have different numbers of rows; `FileError` and `CompressionError`.
    public func finish() throws {
        guard !isBroken, !columns.isClosed else { throw ParquetError("", .closed) }
        let rows = columns.rows[0]
        for (node, count) in zip(columns.nodes, columns.rows) where count != rows {
            throw ParquetError(node.name, .unequalRows(count, others: rows))
        }
        isBroken = true
        columns.isClosed = true
        var description = FragmentDescription(rows: rows, fields: [])
        for (field, node) in zip(columns.schema.fields, columns.nodes) {
            var stored = FragmentDescription.Field(signature: field.signature, chunks: [])
            for leaf in node.leaves {
                let chunk = try columns.leaves[leaf].endChunk()
                stored.chunks.append(FragmentDescription.Chunk(chunk: chunk, extents: pages.extents(of: leaf)))
            }
            description.fields.append(stored)
        }
        try output.write(description.encoded())
        try output.close()
    }
}

/// Pages written as they come, those of all columns mixed; where they are is kept.
private final class PageFile: PageStore {
    private let output: FileOutput
    private var pages: [[FragmentDescription.Extent]]
    private var dictionaries: [FragmentDescription.Extent?]

    init(_ output: FileOutput, columns: Int) {
        self.output = output
        pages = Array(repeating: [], count: columns)
        dictionaries = Array(repeating: nil, count: columns)
    }

    func append(_ head: [UInt8], _ body: UnsafeRawBufferPointer, to column: Int) throws {
        let extent = try write(head, body)
        if let last = pages[column].last, last.offset + last.count == extent.offset {
            pages[column][pages[column].count - 1].count += extent.count
        } else {
            pages[column].append(extent)
        }
    }

    func setDictionary(_ head: [UInt8], _ body: UnsafeRawBufferPointer, of column: Int) throws {
        dictionaries[column] = try write(head, body)
    }

    /// Where the chunk's bytes are, in the order that a table needs.
    func extents(of column: Int) -> [FragmentDescription.Extent] {
        (dictionaries[column].map { [$0] } ?? []) + pages[column]
    }

    private func write(_ head: [UInt8], _ body: UnsafeRawBufferPointer) throws -> FragmentDescription.Extent {
        let start = output.offset
        try output.write(head)
        try output.write(body)
        return FragmentDescription.Extent(offset: start, count: output.offset - start)
    }
}
