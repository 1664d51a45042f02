/// The schema as the footer holds it: a list of `SchemaElement`, parents before children.
///
/// Source of the numbers: parquet.thrift and LogicalTypes.md of the format's specification.
extension ParquetSchema {
    /// How many elements `writeElements` writes.
    var elementCount: Int { 1 + fields.reduce(0) { $0 + $1.elementCount } }

    /// Writes the root and all fields.
    func writeElements(to writer: inout ThriftWriter) {
        writer.element { element in
            element.int32(3, Repetition.required.rawValue)
            element.text(4, "schema")
            element.int32(5, Int32(fields.count))
        }
        for field in fields { field.writeElements(to: &writer) }
    }
}

extension ParquetField {
    /// The bytes of the field's elements: the same for the same type, names and nullness, and for no other.
    var signature: [UInt8] {
        var writer = ThriftWriter()
        writeElements(to: &writer)
        return writer.bytes
    }

    fileprivate var elementCount: Int {
        switch type {
        case .list(let element, _): 2 + ParquetField("element", element).elementCount
        case .structure(let fields): 1 + fields.reduce(0) { $0 + $1.elementCount }
        default: 1
        }
    }

    fileprivate func writeElements(to writer: inout ThriftWriter) {
        let repetition = isRequired ? Repetition.required : .optional
        switch type {
        case .list(let element, let elementIsRequired):
            writer.element { node in
                node.int32(3, repetition.rawValue)
                node.text(4, name)
                node.int32(5, 1)
                node.int32(6, ConvertedType.list.rawValue)
                node.structure(10) { $0.structure(3) { _ in } }
            }
            writer.element { node in
                node.int32(3, Repetition.repeated.rawValue)
                node.text(4, "list")
                node.int32(5, 1)
            }
            ParquetField("element", element, isRequired: elementIsRequired).writeElements(to: &writer)
        case .structure(let fields):
            writer.element { node in
                node.int32(3, repetition.rawValue)
                node.text(4, name)
                node.int32(5, Int32(fields.count))
            }
            for field in fields { field.writeElements(to: &writer) }
        default:
            writer.element { node in
                node.int32(1, type.physical.rawValue)
                if case .fixedBinary(let count) = type { node.int32(2, Int32(count)) }
                node.int32(3, repetition.rawValue)
                node.text(4, name)
                type.writeAnnotations(to: &node)
            }
        }
    }
}

extension ParquetType {
    /// The old and the new annotation of a leaf that is more than its physical type.
    fileprivate func writeAnnotations(to node: inout ThriftWriter) {
        switch self {
        case .boolean, .int32, .int64, .float, .double, .binary, .fixedBinary, .list, .structure: break
        case .int8: Self.writeInteger(bits: 8, isSigned: true, .int8, to: &node)
        case .int16: Self.writeInteger(bits: 16, isSigned: true, .int16, to: &node)
        case .uint8: Self.writeInteger(bits: 8, isSigned: false, .uint8, to: &node)
        case .uint16: Self.writeInteger(bits: 16, isSigned: false, .uint16, to: &node)
        case .uint32: Self.writeInteger(bits: 32, isSigned: false, .uint32, to: &node)
        case .uint64: Self.writeInteger(bits: 64, isSigned: false, .uint64, to: &node)
        case .string:
            node.int32(6, ConvertedType.utf8.rawValue)
            node.structure(10) { $0.structure(1) { _ in } }
        case .timestamp(let unit, let isUTC):
            // The old annotation means UTC and knows no nanoseconds.
            if isUTC, unit == .microseconds { node.int32(6, ConvertedType.timestampMicroseconds.rawValue) }
            node.structure(10) { logical in
                logical.structure(8) { timestamp in
                    timestamp.boolean(1, isUTC)
                    timestamp.structure(2) { $0.structure(unit == .microseconds ? 2 : 3) { _ in } }
                }
            }
        }
    }

    private static func writeInteger(bits: Int8, isSigned: Bool, _ converted: ConvertedType, to node: inout ThriftWriter) {
        node.int32(6, converted.rawValue)
        node.structure(10) { logical in
            logical.structure(10) { integer in
                integer.int8(1, bits)
                integer.boolean(2, isSigned)
            }
        }
    }
}

private enum Repetition: Int32 {
    case required = 0
    case optional = 1
    case repeated = 2
}

private enum ConvertedType: Int32 {
    case utf8 = 0
    case list = 3
    case timestampMicroseconds = 10
    case uint8 = 11
    case uint16 = 12
    case uint32 = 13
    case uint64 = 14
    case int8 = 15
    case int16 = 16
}
