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

    /// What coordinates of so many places are multiplied by to become whole numbers.
    static let scales: [Double] = [1, 10, 100, 1_000, 10_000]
    /// Stands in place of the number of places before coordinates that are written as they are.
    static let asTheyAre = 255

    /// Coordinates behind a mark, without how many there are: in half of the bytes where they have few places behind the point.
    ///
    /// The whole number divided by the power of ten is the coordinate itself: both are exact, and reading a decimal gives the number
    /// that is nearest to just that quotient.
    ///
    /// - Parameter places: that no coordinate has more of, as it was written; nil where that is not known.
    mutating func put(_ values: [Double], places: Int?) {
        let scale = places.flatMap { Self.scales.indices.contains($0) ? Self.scales[$0] : nil }
        guard let places, let scale, values.allSatisfy({ ($0 * scale).magnitude < 2_147_483_647 }) else {
            put(UInt8(Self.asTheyAre))
            return put(values[...])
        }
        put(UInt8(places))
        makeRoom(values.count * 4)
        for (index, value) in values.enumerated() {
            let scaled = value * scale
            let whole = Int32(scaled + (scaled < 0 ? -0.5 : 0.5))
            memory.storeBytes(of: whole.littleEndian, toByteOffset: held + 4 * index, as: Int32.self)
        }
        held += values.count * 4
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
