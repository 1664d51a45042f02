/// A Swift type whose values fill a column directly.
public protocol ParquetNumber: BitwiseCopyable {
    /// Whether a column of a type holds such values.
    static func isHeld(by type: ParquetType) -> Bool
    /// Appends values as pages hold them: little-endian, at least 32 bits wide; booleans a byte each.
    static func store(_ values: UnsafeBufferPointer<Self>, into bytes: inout [UInt8])
}

extension ParquetNumber {
    /// Appends values whose memory is what pages hold.
    public static func store(_ values: UnsafeBufferPointer<Self>, into bytes: inout [UInt8]) {
        #if _endian(big)
            #error("Pages are little-endian: values would have to be turned round here and in statistics and dictionaries.")
        #endif
        bytes.append(contentsOf: UnsafeRawBufferPointer(values))
    }
}

extension Bool: ParquetNumber {
    /// Whether a column holds booleans.
    public static func isHeld(by type: ParquetType) -> Bool { type == .boolean }

    /// Appends a byte each, 0 or 1.
    public static func store(_ values: UnsafeBufferPointer<Bool>, into bytes: inout [UInt8]) {
        for value in values { bytes.append(value ? 1 : 0) }
    }
}

extension Float: ParquetNumber {
    /// Whether a column holds 32-bit floats.
    public static func isHeld(by type: ParquetType) -> Bool { type == .float }
}

extension Double: ParquetNumber {
    /// Whether a column holds 64-bit floats.
    public static func isHeld(by type: ParquetType) -> Bool { type == .double }
}

extension Int64: ParquetNumber {
    /// Whether a column holds signed 64-bit integers or timestamps.
    public static func isHeld(by type: ParquetType) -> Bool {
        if case .timestamp = type { true } else { type == .int64 }
    }
}

extension UInt64: ParquetNumber {
    /// Whether a column holds unsigned 64-bit integers.
    public static func isHeld(by type: ParquetType) -> Bool { type == .uint64 }
}

extension Int32: ParquetNumber {
    /// Whether a column holds signed 32-bit integers.
    public static func isHeld(by type: ParquetType) -> Bool { type == .int32 }
}

extension UInt32: ParquetNumber {
    /// Whether a column holds unsigned 32-bit integers.
    public static func isHeld(by type: ParquetType) -> Bool { type == .uint32 }
}

extension Int16: ParquetNumber {
    /// Whether a column holds signed 16-bit integers.
    public static func isHeld(by type: ParquetType) -> Bool { type == .int16 }

    /// Appends 32 bits each.
    public static func store(_ values: UnsafeBufferPointer<Int16>, into bytes: inout [UInt8]) {
        widen(values, into: &bytes)
    }
}

extension UInt16: ParquetNumber {
    /// Whether a column holds unsigned 16-bit integers.
    public static func isHeld(by type: ParquetType) -> Bool { type == .uint16 }

    /// Appends 32 bits each.
    public static func store(_ values: UnsafeBufferPointer<UInt16>, into bytes: inout [UInt8]) {
        widen(values, into: &bytes)
    }
}

extension Int8: ParquetNumber {
    /// Whether a column holds signed 8-bit integers.
    public static func isHeld(by type: ParquetType) -> Bool { type == .int8 }

    /// Appends 32 bits each.
    public static func store(_ values: UnsafeBufferPointer<Int8>, into bytes: inout [UInt8]) {
        widen(values, into: &bytes)
    }
}

extension UInt8: ParquetNumber {
    /// Whether a column holds unsigned 8-bit integers.
    public static func isHeld(by type: ParquetType) -> Bool { type == .uint8 }

    /// Appends 32 bits each.
    public static func store(_ values: UnsafeBufferPointer<UInt8>, into bytes: inout [UInt8]) {
        widen(values, into: &bytes)
    }
}

private func widen<T: FixedWidthInteger>(_ values: UnsafeBufferPointer<T>, into bytes: inout [UInt8]) {
    bytes.reserveCapacity(bytes.count + 4 * values.count)
    for value in values {
        withUnsafeBytes(of: Int32(truncatingIfNeeded: value)) { bytes.append(contentsOf: $0) }
    }
}
