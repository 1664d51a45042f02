import ExportCore
import Files

/// Writes one table's rows into a part's file.
///
/// Cells are put into a row in the order in which the values come. Most often that is the order of the columns; where a column
/// turned up late, the row is put in order before it is written.
final class RowBuilder {
    private struct Cell {
        var position: Int
        var range: Range<Int>
    }

    private static let block = 1 << 18

    let name: TableName
    private let type: String
    private let fileName: String
    private let file: OpenFile
    private(set) var tree = ColumnTree()
    private var text: CellText
    private var cells: [Cell] = []
    private var rowStart = 0
    private var isInOrder = true
    private(set) var rows = 0
    /// How many columns the first rows had; all of them where every row has them in order.
    private var uniformWidth: Int?
    private var isUniform = true

    init(_ name: TableName, type: String = "", folder: String, fileName: String, dialect: TableDialect) throws {
        self.name = name
        self.type = type
        self.fileName = fileName
        file = try .creating("\(folder)/\(fileName)")
        text = CellText(dialect)
    }

    /// Numbers that were none, control characters without a place, cells without a column.
    var losses: (notFinite: Int, replaced: Int, refused: Int) { (text.notFinite, text.replaced, tree.refused) }

    func field(_ name: String, at index: Int, of node: Int = ColumnTree.root) -> Int? { tree.field(name, at: index, of: node) }

    func element(_ index: Int, of node: Int) -> Int? { tree.element(index, of: node) }

    /// Puts a cell into the row; of several for one column the first counts.
    func put(_ node: Int, _ kind: CellKind, _ write: (inout CellText) -> Void) {
        guard let position = tree.position(of: node, kind: kind) else { return }
        if position != cells.count { isInOrder = false }
        if !cells.isEmpty { text.raw(UInt8(ascii: ",")) }
        let start = text.bytes.count
        write(&text)
        cells.append(Cell(position: position, range: start..<text.bytes.count))
    }

    /// Puts a cell of a column that has a fixed name into the row; an empty one keeps the place.
    func put(_ name: String, at index: Int, _ kind: CellKind, _ write: (inout CellText) -> Void) {
        guard let node = field(name, at: index) else { return }
        put(node, kind, write)
    }

    func endRow() throws {
        if !isInOrder { reorder() }
        if isUniform, !isInOrder || cells.count != uniformWidth ?? cells.count { isUniform = false }
        uniformWidth = cells.count
        isInOrder = true
        text.raw(0x0D)
        text.raw(0x0A)
        rows += 1
        cells.removeAll(keepingCapacity: true)
        if text.bytes.count >= Self.block { try flush() }
        rowStart = text.bytes.count
    }

    /// Forgets the cells of a row that turned out to be unreadable.
    func dropRow() {
        text.cut(to: rowStart)
        isInOrder = true
        cells.removeAll(keepingCapacity: true)
    }

    /// Writes what is still held, and says what the file holds.
    func finish() throws -> PartTable {
        try flush()
        return PartTable(
            name: name,
            type: type,
            file: fileName,
            rows: rows,
            isUniform: isUniform && uniformWidth ?? tree.count == tree.count,
            columns: tree.columns
        )
    }

    private func reorder() {
        let row = Array(text.bytes[rowStart...])
        text.cut(to: rowStart)
        // Equal positions keep their order.
        let ordered = cells.sorted { $0.position < $1.position }
        var next = 0
        for cell in ordered where cell.position >= next {
            if cell.position > 0 {
                for _ in max(next, 1)...cell.position { text.raw(UInt8(ascii: ",")) }
            }
            next = cell.position + 1
            text.raw(row[(cell.range.lowerBound - rowStart)..<(cell.range.upperBound - rowStart)])
        }
    }

    private func flush() throws {
        guard !text.bytes.isEmpty else { return }
        try file.write(text.bytes)
        text.removeAll()
        rowStart = 0
    }
}
