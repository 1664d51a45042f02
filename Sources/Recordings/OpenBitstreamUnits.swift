/// The open bitstream units of a message in AV1's low-overhead format (AV1 specification 5.2 and 5.3).
struct OpenBitstreamUnits {
    struct Unit {
        /// 1 sequence header, 2 temporal delimiter, 3 frame header, 6 frame, and so on.
        let type: UInt8
        /// Where its bytes lie behind header and size.
        let payload: Range<Int>
    }

    private let bytes: UnsafeRawBufferPointer
    private var offset = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// The next unit; nil at the end and where the bytes are no unit.
    mutating func next() -> Unit? {
        guard offset < bytes.count else { return nil }
        let header = bytes[offset]
        // The forbidden bit and the reserved one.
        guard header & 0x81 == 0 else { return nil }
        var start = offset + (header & 4 != 0 ? 2 : 1)
        var size = bytes.count - start
        if header & 2 != 0 {
            guard let (value, length) = leb128(from: start) else { return nil }
            start += length
            size = value
        }
        guard size >= 0, start <= bytes.count, size <= bytes.count - start else { return nil }
        offset = start + size
        return Unit(type: header >> 3 & 15, payload: start..<offset)
    }

    private func leb128(from start: Int) -> (value: Int, length: Int)? {
        var value = 0
        for index in 0..<8 {
            guard start + index < bytes.count else { return nil }
            let byte = bytes[start + index]
            value |= Int(byte & 127) << (7 * index)
            if byte & 128 == 0 { return value <= Int(UInt32.max) ? (value, index + 1) : nil }
        }
        return nil
    }
}
