/// A column of numbers, booleans or timestamps that is being filled.
public struct NumberColumn<T: ParquetNumber> {
    let columns: ParquetColumns
    let field: Int
    let leaf: LeafEncoder

    /// Appends a row.
    public func append(_ value: T) throws {
        try withUnsafePointer(to: value) { try append(contentsOf: UnsafeBufferPointer(start: $0, count: 1)) }
    }

    /// Appends a row for each value.
    public func append(contentsOf values: [T]) throws {
        try values.withUnsafeBufferPointer { try append(contentsOf: $0) }
    }

    /// Appends a row for each value.
    public func append(contentsOf values: UnsafeBufferPointer<T>) throws {
        try columns.checkOpen()
        var done = 0
        while done < values.count {
            let count = try leaf.rowsThatFit(values.count - done, valuesEach: 1)
            leaf.appendLevels(repetition: 0, definition: leaf.leaf.definition, count: count)
            leaf.appendStored { T.store(UnsafeBufferPointer(rebasing: values[done..<done + count]), into: &$0) }
            columns.rows[field] += count
            done += count
        }
    }

    /// Appends `count` rows of the same value.
    public func append(repeating value: T, count: Int) throws {
        let block = [T](repeating: value, count: min(max(count, 0), 4096))
        var left = count
        while left > 0 {
            try block.withUnsafeBufferPointer { try append(contentsOf: UnsafeBufferPointer(rebasing: $0.prefix(left))) }
            left -= min(left, block.count)
        }
    }

    /// Appends a row without a value.
    ///
    /// - Throws: `ParquetError` where the column requires one.
    public func appendNull() throws {
        try columns.append(.null, to: field)
    }
}
