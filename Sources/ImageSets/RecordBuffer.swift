import Bytes
import Files

/// Writes records of a table one behind the other, little-endian.
struct RecordBuffer: ~Copyable {
    private static let block = 1 << 20

    private let file: OpenFile
    private var memory: UnsafeMutableRawBufferPointer
    private var held = 0
    private var written = 0

    init(_ path: String) throws(FileError) {
        file = try OpenFile.creating(path)
        memory = .allocate(byteCount: Self.block + 4_096, alignment: 64)
    }

    deinit {
        memory.deallocate()
    }

    /// Where the next byte goes, from the beginning of the file.
    var offset: Int { written + held }

    @inline(__always)
    mutating func put<T: FixedWidthInteger & BitwiseCopyable>(_ value: T) {
        makeRoom(MemoryLayout<T>.size)
        memory.storeBytes(of: value.littleEndian, toByteOffset: held, as: T.self)
        held += MemoryLayout<T>.size
    }

    private mutating func put(_ bytes: UnsafeRawBufferPointer) {
        makeRoom(bytes.count)
        UnsafeMutableRawBufferPointer(rebasing: memory[held...]).copyMemory(from: bytes)
        held += bytes.count
    }

    @inline(__always)
    private mutating func makeRoom(_ count: Int) {
        if memory.count - held < count { grow(count) }
    }

    /// One record may be as large as a shape can be.
    private mutating func grow(_ count: Int) {
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: max(2 * memory.count, held + count), alignment: 64)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[..<held]))
        memory.deallocate()
        memory = larger
    }

    @inline(__always)
    mutating func put(_ value: Double) { put(value.bitPattern) }

    /// Numbers, without how many there are.
    mutating func put(_ values: ArraySlice<Double>) {
        values.withUnsafeBytes { put($0) }
    }

    /// Numbers, without how many there are.
    mutating func put(_ values: [UInt32]) {
        values.withUnsafeBytes { put($0) }
    }

    /// Bytes behind their number.
    mutating func put(counted bytes: UnsafeBufferPointer<UInt8>) {
        put(UInt32(bytes.count))
        put(UnsafeRawBufferPointer(bytes))
    }

    /// A text behind the number of its bytes.
    mutating func put(_ text: String) {
        var text = text
        text.withUTF8 { put(counted: $0) }
    }

    /// Writes what is held once it is much.
    mutating func flushIfLarge() throws(FileError) {
        if held >= Self.block { try flush() }
    }

    mutating func flush() throws(FileError) {
        try file.write(UnsafeRawBufferPointer(rebasing: memory[..<held]))
        written += held
        held = 0
    }
}
