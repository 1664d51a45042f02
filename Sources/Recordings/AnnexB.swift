/// The NAL units of an access unit in Annex B form (ITU-T H.264 and H.265, Annex B): each after a start code of three
/// bytes, 00 00 01, which may have further zeros before it.
struct AnnexBUnits {
    private let bytes: UnsafeRawBufferPointer
    /// Behind the start code that was found last, or the end.
    private var offset: Int

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        offset = 0
        offset = startCode(from: 0).map { $0 + 3 } ?? bytes.count
    }

    /// The next unit that is not empty, from its header on; its trailing zeros are not a part of it.
    mutating func next() -> Range<Int>? {
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

/// What key frames need to know of H.264's headers.
enum H264Header {
    /// Whether an SEI unit says that decoding may begin right here: a recovery point (payload type 6) after zero frames
    /// (ITU-T H.264, D.1.8).
    static func isImmediateRecoveryPoint(_ bytes: UnsafeRawBufferPointer, _ unit: Range<Int>) -> Bool {
        var bits = BitReader(UnsafeRawBufferPointer(rebasing: bytes[unit.dropFirst()]), escaped: true)
        while let type = number(&bits), let size = number(&bits) {
            if type == 6 { return bits.readExpGolomb() == 0 }
            for _ in 0..<size where bits.read(8) == nil { return false }
        }
        return false
    }

    /// Whether all of a slice's macroblocks are coded by themselves: slice types I and SI (ITU-T H.264, table 7-6).
    static func isIntraSlice(_ bytes: UnsafeRawBufferPointer, _ unit: Range<Int>) -> Bool {
        var bits = BitReader(UnsafeRawBufferPointer(rebasing: bytes[unit.dropFirst()]), escaped: true)
        guard bits.readExpGolomb() != nil, let type = bits.readExpGolomb() else { return false }
        return [2, 4, 7, 9].contains(type)
    }

    /// A number of SEI: bytes of 255 and one below that, added up.
    private static func number(_ bits: inout BitReader) -> Int? {
        var sum = 0
        while let byte = bits.read(8) {
            sum += Int(byte)
            if byte < 255 { return sum }
        }
        return nil
    }
}
