/// One record's place in some bytes.
struct Record {
    var opcode: UInt8
    /// Where its opcode stands.
    var start: Int
    /// Where its content starts.
    var content: Int
    /// Where the next record starts.
    var end: Int

    var count: Int { end - content }
}

/// Goes from record to record by their lengths.
///
/// This is the innermost loop of every scan: one bounds check for each record, no allocation, no closure.
struct RecordWalker {
    /// Why there is no further record.
    enum Stop {
        /// The last record ended where the bytes do.
        case atEnd
        /// Fewer bytes are left than a record's opcode and length take.
        case incompletePrefix
        /// The record's length reaches past the end; its content is what is left.
        case incompleteContent(Record)
    }

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
    mutating func next() -> Record? {
        let left = end &- offset
        guard left >= Size.prefix else { return nil }
        let length = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset &+ 1, as: UInt64.self))
        guard length <= UInt64(truncatingIfNeeded: left &- Size.prefix) else { return nil }
        let content = offset &+ Size.prefix
        let record = Record(opcode: bytes[offset], start: offset, content: content, end: content &+ Int(truncatingIfNeeded: length))
        offset = record.end
        return record
    }

    /// Why `next` gave no record.
    var stop: Stop {
        let left = end - offset
        if left == 0 { return .atEnd }
        if left < Size.prefix { return .incompletePrefix }
        return .incompleteContent(Record(opcode: bytes[offset], start: offset, content: offset + Size.prefix, end: end))
    }

    /// The bytes of a record's content.
    func content(of record: Record) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[record.content..<record.end])
    }
}
