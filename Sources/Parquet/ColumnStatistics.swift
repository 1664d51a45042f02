/// The smallest and the largest value and the number of nulls of one column chunk.
///
/// The order is the one that the format defines for the type: signed or unsigned for integers, by bytes for text. Of floats
/// NaNs are left out, a smallest zero is written as -0 and a largest as +0, since readers must not tell them apart.
struct ColumnStatistics {
    private enum Order {
        case boolean
        case signed32
        case unsigned32
        case signed64
        case unsigned64
        case float
        case double
        case text
        /// Bytes without a meaning: what is smallest helps no reader.
        case none
    }

    /// Texts longer than this are not worth their place in the footer.
    private static let maximumTextBytes = 64

    var nullCount: Int64 = 0
    private let order: Order
    /// The extremes as a PLAIN page holds them, counted bytes without their count; empty until there is a value.
    private var extremes: (minimum: [UInt8], maximum: [UInt8])?

    init(_ type: ParquetType) {
        order =
            switch type {
            case .boolean: .boolean
            case .int8, .int16, .int32: .signed32
            case .uint8, .uint16, .uint32: .unsigned32
            case .int64, .timestamp: .signed64
            case .uint64: .unsigned64
            case .float: .float
            case .double: .double
            case .string: .text
            case .binary, .fixedBinary, .list, .structure: .none
            }
    }

    /// The extremes as the footer holds them, where there are any.
    var bounds: (minimum: [UInt8], maximum: [UInt8])? {
        guard let extremes, max(extremes.minimum.count, extremes.maximum.count) <= Self.maximumTextBytes else { return nil }
        switch order {
        case .float: return (Self.zero(Float.self, extremes.minimum, -0.0), Self.zero(Float.self, extremes.maximum, 0.0))
        case .double: return (Self.zero(Double.self, extremes.minimum, -0.0), Self.zero(Double.self, extremes.maximum, 0.0))
        default: return extremes
        }
    }

    /// Takes in the values of a page: PLAIN, but booleans a byte each.
    mutating func update(_ values: [UInt8], count: Int) {
        guard count > 0 else { return }
        values.withUnsafeBytes { bytes in
            switch order {
            case .boolean: updateIntegers(bytes, of: UInt8.self)
            case .signed32: updateIntegers(bytes, of: Int32.self)
            case .unsigned32: updateIntegers(bytes, of: UInt32.self)
            case .signed64: updateIntegers(bytes, of: Int64.self)
            case .unsigned64: updateIntegers(bytes, of: UInt64.self)
            case .float: updateFloats(bytes, of: Float.self)
            case .double: updateFloats(bytes, of: Double.self)
            case .text: updateTexts(bytes, count: count)
            case .none: break
            }
        }
    }

    private mutating func updateIntegers<T: FixedWidthInteger & BitwiseCopyable>(_ bytes: UnsafeRawBufferPointer, of _: T.Type) {
        let size = MemoryLayout<T>.size
        var smallest = T.max
        var largest = T.min
        for offset in stride(from: 0, to: bytes.count, by: size) {
            let value = bytes.loadUnaligned(fromByteOffset: offset, as: T.self)
            smallest = min(smallest, value)
            largest = max(largest, value)
        }
        if let extremes {
            smallest = min(smallest, Self.load(extremes.minimum))
            largest = max(largest, Self.load(extremes.maximum))
        }
        extremes = (Self.store(smallest), Self.store(largest))
    }

    private mutating func updateFloats<T: BinaryFloatingPoint & BitwiseCopyable>(_ bytes: UnsafeRawBufferPointer, of _: T.Type) {
        let size = MemoryLayout<T>.size
        // Comparisons with NaN are false, so it never takes the place of a number. Four pairs, so that one comparison need
        // not wait for the one before.
        var low = (T.infinity, T.infinity, T.infinity, T.infinity)
        var high = (-T.infinity, -T.infinity, -T.infinity, -T.infinity)
        func value(_ offset: Int) -> T { bytes.loadUnaligned(fromByteOffset: offset, as: T.self) }
        var offset = 0
        while offset + 4 * size <= bytes.count {
            let (a, b, c, d) = (value(offset), value(offset + size), value(offset + 2 * size), value(offset + 3 * size))
            low = (a < low.0 ? a : low.0, b < low.1 ? b : low.1, c < low.2 ? c : low.2, d < low.3 ? d : low.3)
            high = (a > high.0 ? a : high.0, b > high.1 ? b : high.1, c > high.2 ? c : high.2, d > high.3 ? d : high.3)
            offset += 4 * size
        }
        while offset < bytes.count {
            let last = value(offset)
            if last < low.0 { low.0 = last }
            if last > high.0 { high.0 = last }
            offset += size
        }
        var smallest = min(low.0, low.1, low.2, low.3)
        var largest = max(high.0, high.1, high.2, high.3)
        if let extremes {
            smallest = min(smallest, Self.load(extremes.minimum))
            largest = max(largest, Self.load(extremes.maximum))
        } else if smallest > largest {
            // Nothing but NaNs.
            return
        }
        extremes = (Self.store(smallest), Self.store(largest))
    }

    private mutating func updateTexts(_ bytes: UnsafeRawBufferPointer, count: Int) {
        var position = 0
        var smallest: UnsafeRawBufferPointer?
        var largest: UnsafeRawBufferPointer?
        for _ in 0..<count {
            let size = Int(bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self))
            let text = UnsafeRawBufferPointer(rebasing: bytes[position + 4..<position + 4 + size])
            position += 4 + size
            if let current = smallest, !text.lexicographicallyPrecedes(current) {} else { smallest = text }
            if let current = largest, !current.lexicographicallyPrecedes(text) {} else { largest = text }
        }
        guard let smallest, let largest else { return }
        guard let extremes else {
            extremes = (Array(smallest), Array(largest))
            return
        }
        if smallest.lexicographicallyPrecedes(extremes.minimum) { self.extremes?.minimum = Array(smallest) }
        if extremes.maximum.lexicographicallyPrecedes(largest) { self.extremes?.maximum = Array(largest) }
    }

    private static func load<T: BitwiseCopyable>(_ bytes: [UInt8]) -> T {
        bytes.withUnsafeBytes { $0.loadUnaligned(as: T.self) }
    }

    private static func store<T: BitwiseCopyable>(_ value: T) -> [UInt8] {
        withUnsafeBytes(of: value) { Array($0) }
    }

    private static func zero<T: BinaryFloatingPoint & BitwiseCopyable>(_: T.Type, _ bytes: [UInt8], _ zero: T) -> [UInt8] {
        let value: T = load(bytes)
        return value == 0 ? store(zero) : bytes
    }
}
