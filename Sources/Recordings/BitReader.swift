/// Reads bits from the highest to the lowest of each byte; nil beyond the end.
struct BitReader {
    private let bytes: UnsafeRawBufferPointer
    /// Whether bytes 3 after two zeros are to be passed over, as in NAL units.
    private let isEscaped: Bool
    private var offset = 0
    private var zeros = 0
    private var current: UInt8 = 0
    private var left = 0

    init(_ bytes: UnsafeRawBufferPointer, escaped: Bool) {
        self.bytes = bytes
        isEscaped = escaped
    }

    private mutating func nextByte() -> UInt8? {
        if isEscaped, zeros >= 2, offset < bytes.count, bytes[offset] == 3 {
            offset += 1
            zeros = 0
        }
        guard offset < bytes.count else { return nil }
        let byte = bytes[offset]
        offset += 1
        zeros = byte == 0 ? zeros + 1 : 0
        return byte
    }

    /// The next bits, at most 32, as a number.
    mutating func read(_ count: Int) -> UInt32? {
        var value: UInt32 = 0
        for _ in 0..<count {
            if left == 0 {
                guard let byte = nextByte() else { return nil }
                current = byte
                left = 8
            }
            left -= 1
            value = value << 1 | UInt32(current >> UInt8(left) & 1)
        }
        return value
    }

    /// The next Exp-Golomb number, ue(v).
    mutating func readExpGolomb() -> UInt32? {
        var zeros = 0
        while let bit = read(1) {
            if bit == 1 { return read(zeros).map { (1 << UInt32(zeros)) - 1 + $0 } }
            zeros += 1
            if zeros > 31 { return nil }
        }
        return nil
    }
}
