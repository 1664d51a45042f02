/// A FlatBuffer that is written from front to back: a table first, then what it points to.
///
/// The rules are those of the FlatBuffers binary format: little-endian, tables behind their list of places, references that
/// count forward from where they stand. Everything here begins at a multiple of four bytes, so that no value of up to four bytes lies
/// across its own size.
struct FlatBuffer {
    /// A value in a table.
    enum Slot {
        /// What the format leaves at its default.
        case absent
        case byte(UInt8)
        case short(Int16)
        case int(Int32)
        /// A reference, which is filled in once the place that it names is known.
        case reference

        fileprivate var size: Int {
            switch self {
            case .absent: 0
            case .byte: 1
            case .short: 2
            case .int, .reference: 4
            }
        }
    }

    private(set) var bytes: [UInt8] = [0, 0, 0, 0]

    /// Where the reference to the first table stands.
    static let root = 0

    /// Appends a table, to which a reference leads.
    ///
    /// - Returns: the places of its references, in the order of the slots.
    mutating func appendTable(_ slots: [Slot], from reference: Int) -> [Int] {
        let list = bytes.count
        let start = Self.aligned(list + 4 + 2 * slots.count)
        var places = [Int](repeating: 0, count: slots.count)
        var size = 4
        // Larger values first, so that each lies at a multiple of its size.
        for width in [4, 2, 1] {
            for (index, slot) in slots.enumerated() where slot.size == width {
                places[index] = size
                size += width
            }
        }
        append(UInt16(4 + 2 * slots.count))
        append(UInt16(size))
        for place in places { append(UInt16(place)) }
        bytes += Array(repeating: 0, count: Self.aligned(start + size) - bytes.count)
        write(UInt32(start - list), at: start)
        for (slot, place) in zip(slots, places) {
            switch slot {
            case .absent, .reference: break
            case .byte(let value): bytes[start + place] = value
            case .short(let value): write(UInt16(bitPattern: value), at: start + place)
            case .int(let value): write(UInt32(bitPattern: value), at: start + place)
            }
        }
        write(UInt32(start - reference), at: reference)
        return zip(slots, places).compactMap { slot, place in
            if case .reference = slot { start + place } else { nil }
        }
    }

    /// Appends a list of references, to which a reference leads.
    ///
    /// - Returns: the places of the references.
    mutating func appendReferences(_ count: Int, from reference: Int) -> [Int] {
        let start = bytes.count
        write(UInt32(start - reference), at: reference)
        append(UInt32(count))
        bytes += Array(repeating: 0, count: 4 * count)
        return (0..<count).map { start + 4 + 4 * $0 }
    }

    /// Appends a text, to which a reference leads.
    mutating func append(_ text: String, from reference: Int) {
        write(UInt32(bytes.count - reference), at: reference)
        append(UInt32(text.utf8.count))
        bytes += text.utf8
        // The text ends with a zero that does not count.
        bytes += Array(repeating: 0, count: Self.aligned(bytes.count + 1) - bytes.count)
    }

    private static func aligned(_ place: Int) -> Int { (place + 3) & ~3 }

    private mutating func append(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
    }

    private mutating func write(_ value: some FixedWidthInteger, at place: Int) {
        withUnsafeBytes(of: value.littleEndian) { bytes.replaceSubrange(place..<place + $0.count, with: $0) }
    }
}
