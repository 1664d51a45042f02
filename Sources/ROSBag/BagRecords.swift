/// The kinds of record in a bag of version 2.0.
enum Operation {
    static let message: UInt8 = 0x02
    static let bagHeader: UInt8 = 0x03
    static let indexData: UInt8 = 0x04
    static let chunk: UInt8 = 0x05
    static let chunkInfo: UInt8 = 0x06
    static let connection: UInt8 = 0x07
}

/// One record's place in some bytes: a header of named fields, and data.
struct BagRecord {
    /// Where its header's length stands.
    var start: Int
    var header: Range<Int>
    var data: Range<Int>

    /// Where the next record starts.
    var end: Int { data.upperBound }
}

/// Goes from record to record by their lengths.
struct BagWalker {
    let bytes: UnsafeRawBufferPointer
    var offset: Int
    let end: Int

    /// A walk over `bytes` from `offset` on; both must lie within the bytes.
    init(_ bytes: UnsafeRawBufferPointer, from offset: Int = 0, to end: Int? = nil) {
        self.bytes = bytes
        self.offset = offset
        self.end = end ?? bytes.count
    }

    /// The next whole record; `nil` at the end or at a record that isn't whole.
    @inline(__always)
    mutating func next() -> BagRecord? {
        guard let header = counted(at: offset), let data = counted(at: header.upperBound) else { return nil }
        let record = BagRecord(start: offset, header: header, data: data)
        offset = data.upperBound
        return record
    }

    /// Whether there are bytes left, which `next` could then not read as a record.
    var isStuck: Bool { offset < end }

    /// A record whose header is whole and whose data reach past the end; the data are what is left of them.
    var cutRecord: BagRecord? {
        guard let header = counted(at: offset), end - header.upperBound >= 4, counted(at: header.upperBound) == nil else { return nil }
        return BagRecord(start: offset, header: header, data: (header.upperBound + 4)..<end)
    }

    /// The bytes after a 32-bit length.
    @inline(__always)
    private func counted(at place: Int) -> Range<Int>? {
        let left = end &- place
        guard left >= 4 else { return nil }
        let count = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self)))
        guard count <= left &- 4 else { return nil }
        return (place &+ 4)..<(place &+ 4 &+ count)
    }
}

/// Those fields of a record's header that every record or every message has.
struct RecordHead {
    var operation: UInt8?
    var connection: UInt32?
    /// Nanoseconds: seconds and nanoseconds of 32 bits each can't exceed 63 bits together.
    var time: UInt64?

    /// Reads a header once; fields that are malformed are as good as missing.
    @inline(__always)
    init(_ bytes: UnsafeRawBufferPointer, _ header: Range<Int>) {
        var place = header.lowerBound
        while header.upperBound &- place >= 4 {
            let count = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self)))
            place &+= 4
            guard count <= header.upperBound &- place else { return }
            switch count {
            case 4 where bytes.loadUnaligned(fromByteOffset: place, as: UInt16.self) == Self.op && bytes[place + 2] == Self.equals:
                operation = bytes[place + 3]
            case 9 where bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self) == Self.conn && bytes[place + 4] == Self.equals:
                connection = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: place + 5, as: UInt32.self))
            case 13 where bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self) == Self.timeName && bytes[place + 4] == Self.equals:
                time = nanoseconds(bytes, at: place + 5)
            default: break
            }
            place &+= count
        }
    }

    private static let op = UInt16(littleEndian: 0x706F)
    private static let conn = UInt32(littleEndian: 0x6E6E_6F63)
    private static let timeName = UInt32(littleEndian: 0x656D_6974)
    private static let equals = UInt8(ascii: "=")
}

/// The named fields of a record's header, or of a connection's data.
struct RecordFields {
    private let bytes: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
        self.bytes = UnsafeRawBufferPointer(rebasing: bytes[range])
    }

    /// A field's value; `nil` where there is none of that name before the fields end or turn malformed.
    subscript(name: StaticString) -> UnsafeRawBufferPointer? {
        name.withUTF8Buffer { name in
            var place = 0
            while bytes.count - place >= 4 {
                let count = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self)))
                place += 4
                guard count <= bytes.count - place else { return nil }
                let field = bytes[place..<(place + count)]
                if field.count > name.count, field.starts(with: name), field[place + name.count] == UInt8(ascii: "=") {
                    return UnsafeRawBufferPointer(rebasing: field.dropFirst(name.count + 1))
                }
                place += count
            }
            return nil
        }
    }

    /// A field's integer, little-endian; `nil` where it is missing or of another size.
    func integer<T: FixedWidthInteger & BitwiseCopyable>(_ name: StaticString, as _: T.Type) -> T? {
        guard let value = self[name], value.count == MemoryLayout<T>.size else { return nil }
        return T(littleEndian: value.loadUnaligned(as: T.self))
    }

    /// A field's text; bytes that are not UTF-8 are replaced by U+FFFD.
    func text(_ name: StaticString) -> String? {
        self[name].map { String(decoding: $0, as: UTF8.self) }
    }

    /// A field's time in nanoseconds.
    func time(_ name: StaticString) -> UInt64? {
        guard let value = self[name], value.count == 8 else { return nil }
        return nanoseconds(value, at: 0)
    }
}

/// A time as bags write it: seconds and nanoseconds, 32 bits each; eight bytes must be there.
@inline(__always)
func nanoseconds(_ bytes: UnsafeRawBufferPointer, at place: Int) -> UInt64 {
    let seconds = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self))
    let rest = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: place &+ 4, as: UInt32.self))
    return UInt64(seconds) &* 1_000_000_000 &+ UInt64(rest)
}
