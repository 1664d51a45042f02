/// A column of lists of numbers, all of one length, that is being filled.
public struct VectorColumn<T: ParquetNumber> {
    let columns: ParquetColumns
    let field: Int
    let leaf: LeafEncoder
    let node: SchemaNode
    let width: Int
    /// Repetition levels of many rows, of which as many as needed are used.
    private let pattern: [UInt8]

    init(columns: ParquetColumns, field: Int, leaf: LeafEncoder, node: SchemaNode, width: Int) {
        self.columns = columns
        self.field = field
        self.leaf = leaf
        self.node = node
        self.width = width
        var row = [UInt8](repeating: 1, count: width)
        if width > 0 { row[0] = 0 }
        let rows = width > 0 ? max(1, 8192 / width) : 0
        pattern = Array(repeatElement(row, count: rows).joined())
    }

    /// Appends a row for each `width` values.
    ///
    /// - Throws: `ParquetError` where the values are no whole number of rows; nothing is appended then. Lists of no width are
    ///   appended with `appendEmpty`.
    public func append(contentsOf values: [T]) throws {
        try values.withUnsafeBufferPointer { try append(contentsOf: $0) }
    }

    /// Appends a row for each `width` values.
    ///
    /// - Throws: `ParquetError` where the values are no whole number of rows; nothing is appended then. Lists of no width are
    ///   appended with `appendEmpty`.
    public func append(contentsOf values: UnsafeBufferPointer<T>) throws {
        try columns.checkOpen()
        guard width == 0 ? values.isEmpty : values.count % width == 0 else {
            throw ParquetError(node.name, .brokenRow(values: values.count, width: width))
        }
        var done = 0
        while done < values.count {
            let rows = try min(leaf.rowsThatFit((values.count - done) / width, valuesEach: width), pattern.count / width)
            let count = rows * width
            leaf.appendLevels(repetitions: pattern[..<count], definition: leaf.leaf.definition)
            leaf.appendStored { T.store(UnsafeBufferPointer(rebasing: values[done..<done + count]), into: &$0) }
            columns.rows[field] += rows
            done += count
        }
    }

    /// Appends a row without a list.
    ///
    /// - Throws: `ParquetError` where the column requires one.
    public func appendNull() throws {
        try columns.append(.null, to: field)
    }
}
