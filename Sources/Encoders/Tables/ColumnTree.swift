/// The columns of a part's table as they turn up: a tree of the steps that lead to them.
///
/// A path is never written out while rows are: each message is walked together with the tree, whose nodes lie where they lay for
/// the message before.
struct ColumnTree {
    /// The most columns of a table: Excel's own limit.
    static let maximumColumns = 16_384
    /// The most bytes of a column's name.
    static let maximumNameSize = 1_000

    private struct Node {
        var step: ColumnStep
        /// Bytes of the name so far.
        var nameSize: Int
        var position = -1
        var kind = CellKind.text
        var elements: [Int] = []
        /// In the order of the definition, as far as it was seen.
        var fields: [Int] = []
        /// Places in `nodes` by name.
        var named: [String: Int] = [:]
    }

    private var nodes = [Node(step: .field(""), nameSize: 0)]
    /// How many columns there are.
    private(set) var count = 0
    /// Cells that found no column because there are too many already, or their names are too long.
    private(set) var refused = 0
    /// Positions of which some cells are integers written as texts.
    private var textual: Set<Int> = []

    static let root = 0

    /// The node of a message's field.
    ///
    /// - Parameter index: the field's place in the message, where its node most likely lies too.
    /// - Returns: nil where there is no room for it.
    mutating func field(_ name: String, at index: Int, of node: Int) -> Int? {
        if index < nodes[node].fields.count {
            let likely = nodes[node].fields[index]
            if case .field(let known) = nodes[likely].step, known == name { return likely }
        }
        if let known = nodes[node].named[name] { return known }
        guard let made = make(.field(name), below: node) else { return nil }
        nodes[node].named[name] = made
        nodes[node].fields.insert(made, at: min(index, nodes[node].fields.count))
        return made
    }

    /// The node of an array's element; all before it must be there.
    mutating func element(_ index: Int, of node: Int) -> Int? {
        if index < nodes[node].elements.count { return nodes[node].elements[index] }
        guard let made = make(.element(index), below: node) else { return nil }
        nodes[node].elements.append(made)
        return made
    }

    /// Counts a cell that found no column.
    mutating func refuse() { refused += 1 }

    /// Where a row has the cell of a node; nil, which is counted, where there are too many columns already.
    mutating func position(of node: Int, kind: CellKind) -> Int? {
        if nodes[node].position >= 0 {
            if nodes[node].kind != kind { nodes[node].kind = nodes[node].kind.united(with: kind) }
            return nodes[node].position
        }
        guard count < Self.maximumColumns else {
            refused += 1
            return nil
        }
        nodes[node].position = count
        nodes[node].kind = kind
        count += 1
        return nodes[node].position
    }

    /// Notes that a cell of a position is an integer that is written as a text.
    mutating func noteTextInteger(at position: Int) { textual.insert(position) }

    /// All columns, in the order of the tree: a value, its elements, its fields.
    var columns: [TableColumn] {
        var columns: [TableColumn] = []
        columns.reserveCapacity(count)
        add(Self.root, [], to: &columns)
        return columns
    }

    private func add(_ index: Int, _ path: [ColumnStep], to columns: inout [TableColumn]) {
        let node = nodes[index]
        if node.position >= 0 {
            // Times and arrays are texts of their own.
            let isText = (node.kind == .integer || node.kind == .number) && textual.contains(node.position)
            let kind = isText ? node.kind.united(with: .digits) : node.kind
            columns.append(TableColumn(path: path, position: node.position, kind: kind))
        }
        for child in node.elements + node.fields { add(child, path + [nodes[child].step], to: &columns) }
    }

    private mutating func make(_ step: ColumnStep, below parent: Int) -> Int? {
        let nameSize = nodes[parent].nameSize + 1 + step.text.utf8.count
        guard nodes.count < 4 * Self.maximumColumns, nameSize <= Self.maximumNameSize else {
            refused += 1
            return nil
        }
        nodes.append(Node(step: step, nameSize: nameSize))
        return nodes.count - 1
    }
}
