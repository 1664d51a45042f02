/// The row of a table that is being put together, behind those that are not in the file yet.
///
/// Cells are put into a row in the order in which the values come. Most often that is the order of the columns; where a column
/// turned up late, the row is put in order when it ends.
struct TableRow: ~Copyable {
    private struct Cell {
        var position: Int
        var start: Int
        var end: Int
    }

    private(set) var tree = ColumnTree()
    private(set) var text: CellText
    private var cells: [Cell] = []
    private var start = 0
    private var isInOrder = true
    private(set) var rows = 0
    /// How many columns the first rows had; all of them where every row has them in order.
    private var uniformWidth: Int?
    private var hasUniformRows = true

    init(_ dialect: TableDialect) {
        text = CellText(dialect)
    }

    /// Whether every row so far has all columns in order.
    var isUniform: Bool { hasUniformRows && uniformWidth ?? tree.count == tree.count }

    mutating func field(_ name: String, at index: Int, of node: Int) -> Int? { tree.field(name, at: index, of: node) }

    mutating func element(_ index: Int, of node: Int) -> Int? { tree.element(index, of: node) }

    /// Where cells of a node's kind stand; nil where there is no room for the column.
    mutating func position(of node: Int, _ kind: CellKind) -> Int? { tree.position(of: node, kind: kind) }

    /// Counts a cell that has no column.
    mutating func refuse() { tree.refuse() }

    /// Puts a cell into the row; of several for one column the first counts.
    mutating func put(at position: Int, _ write: (inout CellText) -> Void) {
        if position != cells.count { isInOrder = false }
        if !cells.isEmpty { text.raw(UInt8(ascii: ",")) }
        let (start, textIntegers) = (text.count, text.textIntegers)
        write(&text)
        if text.textIntegers != textIntegers { tree.noteTextInteger(at: position) }
        cells.append(Cell(position: position, start: start, end: text.count))
    }

    mutating func end() {
        if !isInOrder { reorder() }
        if hasUniformRows, !isInOrder || cells.count != uniformWidth ?? cells.count { hasUniformRows = false }
        uniformWidth = cells.count
        isInOrder = true
        text.raw(0x0D)
        text.raw(0x0A)
        rows += 1
        cells.removeAll(keepingCapacity: true)
        start = text.count
    }

    /// Forgets the cells of a row that turned out to be unreadable.
    mutating func drop() {
        text.cut(to: start)
        isInOrder = true
        cells.removeAll(keepingCapacity: true)
    }

    /// Forgets the rows that have ended, once they are in the file.
    mutating func removeRows() {
        text.removeAll()
        start = 0
    }

    private mutating func reorder() {
        let row = text.bytes(from: start)
        text.cut(to: start)
        // Equal positions keep their order.
        let ordered = cells.sorted { $0.position < $1.position }
        var next = 0
        for cell in ordered where cell.position >= next {
            if cell.position > 0 {
                for _ in max(next, 1)...cell.position { text.raw(UInt8(ascii: ",")) }
            }
            next = cell.position + 1
            text.raw(row[(cell.start - start)..<(cell.end - start)])
        }
    }
}
