import Bytes
import Files

/// Writes records of a table one behind the other, little-endian.
struct RecordBuffer: ~Copyable {
    private static let block = 1 << 20

    private let file: OpenFile
    private var held: [UInt8] = []
    private var written = 0

    init(_ path: String) throws(FileError) {
        file = try OpenFile.creating(path)
        held.reserveCapacity(Self.block + 4_096)
    }

    /// Where the next byte goes, from the beginning of the file.
    var offset: Int { written + held.count }

    @inline(__always)
    mutating func put<T: FixedWidthInteger>(_ value: T) {
        withUnsafeBytes(of: value.littleEndian) { held.append(contentsOf: $0) }
    }

    @inline(__always)
    mutating func put(_ value: Double) { put(value.bitPattern) }

    /// Numbers, without how many there are.
    mutating func put(_ values: ArraySlice<Double>) {
        values.withUnsafeBytes { held.append(contentsOf: $0) }
    }

    /// Numbers, without how many there are.
    mutating func put(_ values: [UInt32]) {
        values.withUnsafeBytes { held.append(contentsOf: $0) }
    }

    /// Bytes behind their number.
    mutating func put(counted bytes: UnsafeBufferPointer<UInt8>) {
        put(UInt32(bytes.count))
        held.append(contentsOf: bytes)
    }

    /// A text behind the number of its bytes.
    mutating func put(_ text: String) {
        var text = text
        text.withUTF8 { put(counted: $0) }
    }

    /// Writes what is held once it is much.
    mutating func flushIfLarge() throws(FileError) {
        if held.count >= Self.block { try flush() }
    }

    mutating func flush() throws(FileError) {
        try file.write(held)
        written += held.count
        held.removeAll(keepingCapacity: true)
    }
}
