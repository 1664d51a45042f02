/// What one field of a Parquet table holds.
public indirect enum ParquetType: Hashable, Sendable {
    /// The unit in which a timestamp counts from 1970.
    public enum TimeUnit: Hashable, Sendable {
        /// Millionths of a second.
        case microseconds
        /// Thousand-millionths of a second.
        case nanoseconds
    }

    /// True or false, one bit each.
    case boolean
    /// A signed integer of 8 bits, kept in 32.
    case int8
    /// A signed integer of 16 bits, kept in 32.
    case int16
    /// A signed integer of 32 bits.
    case int32
    /// A signed integer of 64 bits.
    case int64
    /// An unsigned integer of 8 bits, kept in 32.
    case uint8
    /// An unsigned integer of 16 bits, kept in 32.
    case uint16
    /// An unsigned integer of 32 bits.
    case uint32
    /// An unsigned integer of 64 bits.
    case uint64
    /// An IEEE 754 number of 32 bits; NaNs and the sign of zero are kept.
    case float
    /// An IEEE 754 number of 64 bits; NaNs and the sign of zero are kept.
    case double
    /// A moment in 64 bits; `isUTC` tells whether it counts from midnight UTC or from midnight on an unnamed clock.
    case timestamp(TimeUnit, isUTC: Bool)
    /// Text in UTF-8.
    case string
    /// Bytes of any number.
    case binary
    /// Bytes of a fixed number, at least 1.
    case fixedBinary(count: Int)
    /// A list of any number of elements, written in the three levels `NAME.list.element`.
    case list(of: ParquetType, elementIsRequired: Bool = false)
    /// A group of fields, at least one.
    case structure([ParquetField])
}

extension ParquetType {
    /// The type in words, for messages.
    var name: String {
        switch self {
        case .boolean: "boolean"
        case .int8: "int8"
        case .int16: "int16"
        case .int32: "int32"
        case .int64: "int64"
        case .uint8: "uint8"
        case .uint16: "uint16"
        case .uint32: "uint32"
        case .uint64: "uint64"
        case .float: "float"
        case .double: "double"
        case .timestamp: "timestamp"
        case .string: "string"
        case .binary: "binary"
        case .fixedBinary(let count): "binary of \(count) bytes"
        case .list(let element, _): "list of \(element.name)"
        case .structure: "structure"
        }
    }
}

/// A named field of a table or of a structure.
public struct ParquetField: Hashable, Sendable {
    /// The field's name, unique among its siblings.
    public var name: String
    /// What it holds.
    public var type: ParquetType
    /// Whether null is not allowed; Arrow and `datasets` write fields that allow it.
    public var isRequired: Bool
    /// How its pages are compressed, if otherwise than the rest of the file; for cells that are compressed already.
    public var compression: ParquetCompression?

    /// A field, which allows null unless told otherwise.
    public init(_ name: String, _ type: ParquetType, isRequired: Bool = false, compression: ParquetCompression? = nil) {
        self.name = name
        self.type = type
        self.isRequired = isRequired
        self.compression = compression
    }
}

/// How pages are compressed.
public enum ParquetCompression: Hashable, Sendable {
    /// Not at all.
    case uncompressed
    /// Snappy: fast, and what pyarrow uses unless told otherwise.
    case snappy
    /// Zstandard at a level of 1 to 19.
    case zstd(level: Int)
}
