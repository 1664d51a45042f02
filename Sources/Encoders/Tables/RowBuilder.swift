import ExportCore
import Files

/// Writes one table's rows into a part's file.
final class RowBuilder {
    private static let block = 1 << 18

    let name: TableName
    private let type: String
    private let fileName: String
    private let file: OpenFile
    private var row: TableRow

    init(_ name: TableName, type: String = "", folder: String, fileName: String, dialect: TableDialect) throws {
        self.name = name
        self.type = type
        self.fileName = fileName
        file = try .creating("\(folder)/\(fileName)")
        row = TableRow(dialect)
    }

    var rows: Int { row.rows }

    /// Numbers that were none, control characters without a place, texts that were not UTF-8, cells without a column.
    var losses: (notFinite: Int, replaced: Int, undecodable: Int, refused: Int) {
        (row.text.notFinite, row.text.replaced, row.text.undecodable, row.tree.refused)
    }

    func field(_ name: String, at index: Int, of node: Int = ColumnTree.root) -> Int? { row.field(name, at: index, of: node) }

    func element(_ index: Int, of node: Int) -> Int? { row.element(index, of: node) }

    /// Puts a cell into the row; of several for one column the first counts.
    func put(_ node: Int, _ kind: CellKind, _ write: (inout CellText) -> Void) {
        guard let position = row.position(of: node, kind) else { return }
        row.put(at: position, write)
    }

    /// Puts a cell of a column that has a fixed name into the row; an empty one keeps the place.
    func put(_ name: String, at index: Int, _ kind: CellKind, _ write: (inout CellText) -> Void) {
        guard let node = field(name, at: index) else { return }
        put(node, kind, write)
    }

    /// Works on the row itself, for many cells at once.
    func withRow<R, E: Error>(_ body: (inout TableRow) throws(E) -> R) throws(E) -> R { try body(&row) }

    func endRow() throws {
        row.end()
        if row.text.count >= Self.block { try flush() }
    }

    /// Forgets the cells of a row that turned out to be unreadable.
    func dropRow() { row.drop() }

    /// Writes what is still held, and says what the file holds.
    func finish() throws -> PartTable {
        try flush()
        return PartTable(
            name: name,
            type: type,
            file: fileName,
            rows: row.rows,
            isUniform: row.isUniform,
            columns: row.tree.columns
        )
    }

    private func flush() throws {
        guard row.text.count > 0 else { return }
        try row.text.withBytes { (bytes) throws(FileError) in try file.write(bytes) }
        row.removeRows()
    }
}
