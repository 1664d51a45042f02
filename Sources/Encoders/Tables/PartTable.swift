/// One table of a part: which it is, and what its file of rows holds.
struct PartTable: Codable, Sendable {
    var name: TableName
    /// The message type; empty where the table is not of messages.
    var type = ""
    /// The file's name in the part's folder.
    var file: String
    var rows = 0
    /// Whether every row has all columns, in this order.
    var isUniform = true
    /// In the order in which a person wants them; `position` says where a row has them.
    var columns: [TableColumn] = []
}

/// Which table it is.
enum TableName: Codable, Hashable, Sendable {
    case datasets
    case segments
    case samples
    /// All messages of a topic.
    case messages(topic: String)
}

/// One column of a part's table.
struct TableColumn: Codable, Hashable, Sendable {
    /// The steps that lead to it.
    var path: [ColumnStep]
    /// Where a row has its cell, counted from 0.
    var position: Int
    var kind: CellKind
}

/// A step towards a column: a field by its name, or an element of an array.
enum ColumnStep: Hashable, Sendable {
    case field(String)
    case element(Int)

    var text: String {
        switch self {
        case .field(let name): name
        case .element(let index): String(index)
        }
    }
}

extension ColumnStep: Codable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let index = try? container.decode(Int.self) {
            self = .element(index)
        } else {
            self = .field(try container.decode(String.self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .field(let name): try container.encode(name)
        case .element(let index): try container.encode(index)
        }
    }
}

/// What a column's cells are.
enum CellKind: String, Codable, Hashable, Sendable {
    case boolean
    case integer
    /// Integers of which some are written as texts, since their readers would round them.
    case digits
    case number
    case text
    /// Nanoseconds since the Unix epoch.
    case instant
    /// Nanoseconds.
    case duration
    /// A whole array.
    case json
    /// Bytes.
    case base64
    /// Cells of several kinds, as messages without a schema may have.
    case mixed

    /// What holds the cells of two kinds.
    func united(with other: CellKind) -> CellKind {
        if self == other { return self }
        if [self, other].allSatisfy({ $0 == .integer || $0 == .number }) { return .number }
        if [self, other].allSatisfy({ $0 == .integer || $0 == .digits }) { return .digits }
        return .mixed
    }
}
