/// The NAL units of an access unit in Annex B form (ITU-T H.264 and H.265, Annex B).
///
/// Each follows a start code of three bytes, 00 00 01, which may have further zeros before it.
public struct AnnexBUnits {
    private let bytes: UnsafeRawBufferPointer
    /// Behind the start code that was found last, or the end.
    private var offset: Int

    /// The units in bytes, which must stay valid as long as this value is used.
    public init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        offset = 0
        offset = startCode(from: 0).map { $0 + 3 } ?? bytes.count
    }

    /// The next unit that is not empty, from its header on; its trailing zeros are not a part of it.
    public mutating func next() -> Range<Int>? {
        while offset < bytes.count {
            let start = offset
            let code = startCode(from: start)
            offset = code.map { $0 + 3 } ?? bytes.count
            var end = code ?? bytes.count
            while end > start, bytes[end - 1] == 0 { end -= 1 }
            if end > start { return start..<end }
        }
        return nil
    }

    private func startCode(from start: Int) -> Int? {
        var position = start
        while position + 2 < bytes.count {
            switch bytes[position + 2] {
            case 0: position += 1
            case 1:
                if bytes[position] == 0, bytes[position + 1] == 0 { return position }
                position += 3
            default: position += 3
            }
        }
        return nil
    }
}
