/// The columns of a table as a tree of fields, checked against the format's rules.
public struct ParquetSchema: Hashable, Sendable {
    /// The top-level fields, in the order of the file's columns.
    public let fields: [ParquetField]

    /// A schema of at least one field.
    ///
    /// - Throws: where names are empty or repeated among siblings, a structure has no fields, a fixed number of bytes is not
    ///   between 1 and 2^20, or fields are nested more than 32 deep.
    public init(_ fields: [ParquetField]) throws(ParquetError) {
        try Self.check(fields, in: "", depth: 0)
        self.fields = fields
    }

    private static func check(_ fields: [ParquetField], in place: String, depth: Int) throws(ParquetError) {
        guard !fields.isEmpty else { throw ParquetError(place, .badSchema("it has no fields")) }
        var names: Set<String> = []
        for field in fields {
            guard !field.name.isEmpty else { throw ParquetError(place, .badSchema("one of its fields has no name")) }
            guard names.insert(field.name).inserted else {
                throw ParquetError(place, .badSchema("it has two fields named \(field.name)"))
            }
            try check(field.type, in: place.isEmpty ? field.name : "\(place).\(field.name)", depth: depth)
        }
    }

    private static func check(_ type: ParquetType, in place: String, depth: Int) throws(ParquetError) {
        guard depth < 32 else { throw ParquetError(place, .badSchema("it is nested more than 32 deep")) }
        switch type {
        case .fixedBinary(let count):
            guard (1...1 << 20).contains(count) else {
                throw ParquetError(place, .badSchema("\(count) bytes are no fixed number from 1 to 2^20"))
            }
        case .list(let element, _): try check(element, in: "\(place).list.element", depth: depth + 1)
        case .structure(let fields): try check(fields, in: place, depth: depth + 1)
        default: break
        }
    }
}

/// The format's own types, by their numbers in the footer.
enum PhysicalType: Int32 {
    case boolean = 0
    case int32 = 1
    case int64 = 2
    case float = 4
    case double = 5
    case byteArray = 6
    case fixedByteArray = 7
}

/// One column of the file: a leaf of the tree of fields.
struct Leaf {
    /// Names from the top-level field down, with the `list` and `element` of each list.
    let path: [String]
    let type: ParquetType
    let physical: PhysicalType
    /// The definition level of a value that is there.
    let definition: Int
    /// How many lists lie above.
    let repetition: Int
    let compression: ParquetCompression?

    var name: String { path.joined(separator: ".") }

    /// Bytes of one value in a buffer: a byte for a boolean, none for bytes of any number.
    var width: Int {
        switch physical {
        case .boolean: 1
        case .int32, .float: 4
        case .int64, .double: 8
        case .byteArray: 0
        case .fixedByteArray: if case .fixedBinary(let count) = type { count } else { 0 }
        }
    }
}

/// A field with the levels that its values get in the columns below it.
struct SchemaNode {
    indirect enum Kind {
        /// The leaf's place among all leaves.
        case leaf(Int)
        case list(SchemaNode)
        case structure([SchemaNode])
    }

    let name: String
    let type: ParquetType
    let isOptional: Bool
    /// The definition level where this is there; for a list, also where it is empty.
    let definition: Int
    /// The repetition level of a further element, for a list; that of the lists above otherwise.
    let repetition: Int
    /// The leaves below.
    let leaves: Range<Int>
    let kind: Kind
}

/// A schema laid out as columns.
struct SchemaLayout {
    private(set) var leaves: [Leaf] = []
    private(set) var fields: [SchemaNode] = []

    init(_ schema: ParquetSchema) {
        fields = schema.fields.map { node($0, path: [], definition: 0, repetition: 0, compression: nil) }
    }

    private mutating func node(
        _ field: ParquetField,
        path: [String],
        definition: Int,
        repetition: Int,
        compression: ParquetCompression?
    ) -> SchemaNode {
        let path = path + [field.name]
        let compression = field.compression ?? compression
        let first = leaves.count
        let definition = definition + (field.isRequired ? 0 : 1)
        var repetition = repetition
        let kind: SchemaNode.Kind
        switch field.type {
        case .list(let element, let isRequired):
            repetition += 1
            let inner = ParquetField("element", element, isRequired: isRequired)
            let child = node(inner, path: path + ["list"], definition: definition + 1, repetition: repetition, compression: compression)
            kind = .list(child)
        case .structure(let fields):
            kind = .structure(
                fields.map { node($0, path: path, definition: definition, repetition: repetition, compression: compression) }
            )
        default:
            leaves.append(
                Leaf(
                    path: path,
                    type: field.type,
                    physical: field.type.physical,
                    definition: definition,
                    repetition: repetition,
                    compression: compression
                )
            )
            kind = .leaf(first)
        }
        return SchemaNode(
            name: field.name,
            type: field.type,
            isOptional: !field.isRequired,
            definition: definition,
            repetition: repetition,
            leaves: first..<leaves.count,
            kind: kind
        )
    }
}

extension ParquetType {
    /// The format's own type that holds this one's values; of no meaning for lists and structures.
    var physical: PhysicalType {
        switch self {
        case .boolean: .boolean
        case .int8, .int16, .int32, .uint8, .uint16, .uint32: .int32
        case .int64, .uint64, .timestamp: .int64
        case .float: .float
        case .double: .double
        case .fixedBinary: .fixedByteArray
        case .string, .binary, .list, .structure: .byteArray
        }
    }
}
