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
