/// The columns of a table that is being filled, one row group after the other.
///
/// A column is asked for once, by its name and by the kind of values that will fill it, and stays good for all row groups.
/// Columns are filled in any order, whole columns or row by row; when a row group ends, all must have equally many rows.
/// One thread at a time may fill the columns of a table.
public final class ParquetColumns {
    /// What the columns hold.
    public let schema: ParquetSchema

    let nodes: [SchemaNode]
    let leaves: [LeafEncoder]
    /// Rows of each top-level field in the row group that is being filled.
    var rows: [Int]
    /// Set when the table is finished.
    var isClosed = false

    init(_ schema: ParquetSchema, options: ParquetOptions, store: any PageStore) {
        self.schema = schema
        let layout = SchemaLayout(schema)
        let compressor = PageCompressor()
        nodes = layout.fields
        leaves = layout.leaves.enumerated().map {
            LeafEncoder($1, column: $0, options: options, store: store, compressor: compressor)
        }
        rows = Array(repeating: 0, count: nodes.count)
    }

    /// The column of numbers, booleans or timestamps with a name.
    ///
    /// - Throws: `ParquetError` where there is none of exactly that type.
    public func numbers<T: ParquetNumber>(_ name: String, of type: T.Type = T.self) throws(ParquetError) -> NumberColumn<T> {
        for (field, node) in nodes.enumerated() where node.name == name {
            if case .leaf(let leaf) = node.kind, T.isHeld(by: node.type) {
                return NumberColumn(columns: self, field: field, leaf: leaves[leaf])
            }
        }
        throw ParquetError(name, .noSuchColumn(wanted: "\(T.self)"))
    }

    /// The column of lists of numbers with a name, filled with lists of one length.
    ///
    /// - Parameters:
    ///   - width: how many numbers each list gets, 0 to 2^24.
    /// - Throws: `ParquetError` where there is none of exactly that type, or lists of such a width can't be.
    public func vectors<T: ParquetNumber>(
        _ name: String,
        of type: T.Type = T.self,
        width: Int
    ) throws(ParquetError) -> VectorColumn<T> {
        guard (0...1 << 24).contains(width) else { throw ParquetError(name, .badSchema("\(width) is no width of its lists")) }
        for (field, node) in nodes.enumerated() where node.name == name {
            if case .list(let element) = node.kind, case .leaf(let leaf) = element.kind, T.isHeld(by: element.type) {
                return VectorColumn(columns: self, field: field, leaf: leaves[leaf], node: node, width: width)
            }
        }
        throw ParquetError(name, .noSuchColumn(wanted: "lists of \(T.self)"))
    }

    /// The column of text or of bytes of any number with a name.
    ///
    /// - Throws: `ParquetError` where there is none.
    public func bytes(_ name: String) throws(ParquetError) -> BytesColumn {
        for (field, node) in nodes.enumerated() where node.name == name {
            if case .leaf(let leaf) = node.kind, node.type == .string || node.type == .binary {
                return BytesColumn(columns: self, field: field, leaf: leaves[leaf])
            }
        }
        throw ParquetError(name, .noSuchColumn(wanted: "text or bytes"))
    }

    /// The column of pictures with a name: structures of `bytes` (binary) and `path` (string), as `datasets` has them.
    ///
    /// - Throws: `ParquetError` where there is none.
    public func pictures(_ name: String) throws(ParquetError) -> PictureColumn {
        for (field, node) in nodes.enumerated() where node.name == name {
            guard case .structure(let parts) = node.kind, parts.map(\.name) == ["bytes", "path"], parts.map(\.type) == [.binary, .string],
                parts[1].isOptional
            else { continue }
            return PictureColumn(
                columns: self,
                field: field,
                node: node,
                bytes: leaves[node.leaves.lowerBound],
                path: leaves[node.leaves.lowerBound + 1]
            )
        }
        throw ParquetError(name, .noSuchColumn(wanted: "structures of bytes and path"))
    }

    /// The column with a name, whatever it holds, filled cell by cell.
    ///
    /// - Throws: `ParquetError` where there is none.
    public func values(_ name: String) throws(ParquetError) -> ValueColumn {
        guard let field = nodes.firstIndex(where: { $0.name == name }) else {
            throw ParquetError(name, .noSuchColumn(wanted: "anything"))
        }
        return ValueColumn(columns: self, field: field)
    }

    /// Appends one row to all columns.
    ///
    /// - Parameters:
    ///   - row: a cell for each top-level field, in the schema's order.
    /// - Throws: `ParquetError` where a cell is not of its column's type; nothing is appended then.
    public func append(row: [ParquetValue]) throws {
        guard row.count == nodes.count else {
            throw ParquetError("", .wrongValue(given: "\(row.count) cells", wanted: "\(nodes.count) columns"))
        }
        for (value, node) in zip(row, nodes) { try check(value, for: node, in: "") }
        for field in nodes.indices { try appendChecked(row[field], to: field) }
    }

    /// - Throws: once the table is finished.
    func checkOpen() throws(ParquetError) {
        if isClosed { throw ParquetError("", .closed) }
    }
}
