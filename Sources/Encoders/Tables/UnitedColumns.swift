/// The columns of one table over all parts, in one order.
///
/// A part's own order is kept; a column that only a later part has stands behind the one that it follows there, and elements of
/// arrays stand by their number.
struct UnitedColumns {
    /// One column as the table has it.
    struct Header: Hashable {
        var name: String
        var path: [ColumnStep]
        var kind: CellKind
    }

    private struct Node {
        var step: ColumnStep
        var kind: CellKind?
        /// Places in `nodes`; elements by their number first, then fields.
        var elements: [Int: Int] = [:]
        var fields: [String: Int] = [:]
        /// The field that comes first, and the one behind this one.
        var firstField: Int?
        var nextField: Int?
        /// Where the column stands in the table.
        var place = 0
    }

    private let dialect: TableDialect
    private var nodes = [Node(step: .field(""))]
    private(set) var headers: [Header] = []

    /// - Parameter parts: each part's columns in the order of its tree.
    init(_ parts: [[TableColumn]], dialect: TableDialect = .json) {
        self.dialect = dialect
        for columns in parts {
            // The field of each node that this part has named last: what comes next stands behind it.
            var last: [Int: Int] = [:]
            for column in columns { add(column, last: &last) }
        }
        number()
    }

    /// For each column of the table where a part's row has its cell; nil where the part lacks the column.
    func positions(of columns: [TableColumn]) -> [Int?] {
        var positions = [Int?](repeating: nil, count: headers.count)
        for column in columns {
            var node = 0
            for step in column.path {
                switch step {
                case .field(let name): node = nodes[node].fields[name] ?? 0
                case .element(let index): node = nodes[node].elements[index] ?? 0
                }
            }
            positions[nodes[node].place] = column.position
        }
        return positions
    }

    private mutating func add(_ column: TableColumn, last: inout [Int: Int]) {
        var node = 0
        for step in column.path {
            switch step {
            case .element(let index):
                if let known = nodes[node].elements[index] {
                    node = known
                } else {
                    nodes.append(Node(step: step))
                    nodes[node].elements[index] = nodes.count - 1
                    node = nodes.count - 1
                }
            case .field(let name):
                let parent = node
                if let known = nodes[parent].fields[name] {
                    node = known
                } else {
                    node = nodes.count
                    nodes.append(Node(step: step))
                    nodes[parent].fields[name] = node
                    if let before = last[parent] {
                        nodes[node].nextField = nodes[before].nextField
                        nodes[before].nextField = node
                    } else {
                        nodes[node].nextField = nodes[parent].firstField
                        nodes[parent].firstField = node
                    }
                }
                last[parent] = node
            }
        }
        nodes[node].kind = nodes[node].kind?.united(with: column.kind) ?? column.kind
    }

    /// Goes through the tree in order and names the columns: fields with dots between them, a number behind a name that is taken.
    private mutating func number() {
        var names: Set<String> = []
        var open: [(node: Int, path: [ColumnStep])] = [(0, [])]
        while let (node, path) = open.popLast() {
            if let kind = nodes[node].kind {
                let plain = dialect.columnName(path)
                var name = plain
                var number = 2
                while !names.insert(name).inserted {
                    name = "\(plain)_\(number)"
                    number += 1
                }
                nodes[node].place = headers.count
                headers.append(Header(name: name, path: path, kind: kind))
            }
            var children = nodes[node].elements.sorted { $0.key < $1.key }.map(\.value)
            var next = nodes[node].firstField
            while let field = next {
                children.append(field)
                next = nodes[field].nextField
            }
            // The last one in is the first one out.
            for child in children.reversed() { open.append((child, path + [nodes[child].step])) }
        }
    }
}
