/// Tells the bytes of a Zstandard frame's raw blocks, which are content as it is, from all its other bytes (RFC 8878, section 3.1.1).
///
/// It follows one frame. Whatever comes behind that, and whatever it doesn't know, counts as packed.
struct ZstdBlocks {
    /// Bytes of one kind at the beginning of some.
    enum Run: Hashable {
        /// So many bytes are content.
        case raw(Int)
        /// So many are something else.
        case packed(Int, endsBlock: Bool)
    }

    private enum State {
        case frame
        case header
        case block(isRaw: Bool)
        case unknown
    }

    private var state = State.frame
    /// How much of the block is to come.
    private var left = 0
    private var isLast = false
    /// What was seen of a block's header.
    private var header: (value: UInt32, count: UInt32) = (0, 0)

    /// Takes the bytes that follow upon those of all runs before; there must be some.
    mutating func next(_ bytes: UnsafeRawBufferPointer) -> Run {
        switch state {
        case .frame:
            guard let count = Self.frameHeader(bytes), count <= bytes.count else { break }
            state = .header
            return .packed(count, endsBlock: false)
        case .header:
            var count = 0
            while count < bytes.count, header.count < 3 {
                header.value |= UInt32(bytes[count]) << (8 * header.count)
                header.count += 1
                count += 1
            }
            if header.count == 3 { beginBlock() }
            return .packed(count, endsBlock: false)
        case .block(let isRaw):
            let count = min(left, bytes.count)
            left -= count
            let isOver = left == 0
            if isOver { endBlock() }
            return isRaw ? .raw(count) : .packed(count, endsBlock: isOver)
        case .unknown:
            break
        }
        state = .unknown
        return .packed(bytes.count, endsBlock: false)
    }

    private mutating func beginBlock() {
        isLast = header.value & 1 != 0
        let size = Int(header.value >> 3)
        switch header.value >> 1 & 3 {
        case 0: (state, left) = (.block(isRaw: true), size)
        // One byte, repeated so many times.
        case 1: (state, left) = (.block(isRaw: false), 1)
        case 2: (state, left) = (.block(isRaw: false), size)
        default: (state, left) = (.unknown, 1)
        }
        if left == 0 { endBlock() }
    }

    private mutating func endBlock() {
        state = isLast ? .unknown : .header
        header = (0, 0)
    }

    /// How long a frame's header is; `nil` where there is none.
    private static func frameHeader(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard bytes.count > 5, bytes.loadUnaligned(as: UInt32.self).littleEndian == 0xFD2F_B528 else { return nil }
        let descriptor = bytes[4]
        let isSingleSegment = descriptor >> 5 & 1 != 0
        let window = isSingleSegment ? 0 : 1
        let dictionary = [0, 1, 2, 4][Int(descriptor & 3)]
        let contentSize = [isSingleSegment ? 1 : 0, 2, 4, 8][Int(descriptor >> 6)]
        return 5 + window + dictionary + contentSize
    }
}
