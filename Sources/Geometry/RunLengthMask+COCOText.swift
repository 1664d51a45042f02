/// The string in which COCO's files keep the runs of a mask.
///
/// Each number takes as many characters as it needs, five bits in each and a sixth that says whether more follow, with 48
/// added so that all are printable; from the fourth number on it is the difference from the number two before. The rule is
/// that of `rleToString` in COCO's API.
extension RunLengthMask {
    /// A mask of such a string.
    ///
    /// - Throws: where a character is none of that code, a number does not end or fit, or the runs do not fill the mask.
    public init(width: Int, height: Int, cocoText text: some Sequence<UInt8>) throws(GeometryError) {
        _ = try Self.pixels(width: width, height: height)
        var runs: [UInt32] = []
        var value: Int64 = 0
        var shift: Int64 = 0
        var isOpen = false
        for character in text {
            guard (48..<112).contains(character) else {
                throw GeometryError("A mask's string holds a character that its code does not have.")
            }
            guard shift <= 30 else { throw GeometryError("A number in a mask's string is too large.") }
            let bits = Int64(character) - 48
            value |= (bits & 0x1F) << shift
            shift += 5
            isOpen = bits & 0x20 != 0
            if isOpen { continue }
            if bits & 0x10 != 0 { value |= -1 << shift }
            if runs.count > 2 { value += Int64(runs[runs.count - 2]) }
            guard let run = UInt32(exactly: value) else {
                throw GeometryError("A mask's string holds a run of \(value) pixels.")
            }
            runs.append(run)
            (value, shift) = (0, 0)
        }
        guard !isOpen else { throw GeometryError("A mask's string ends within a number.") }
        try self.init(width: width, height: height, runs: runs)
    }

    /// The runs as such a string, ASCII.
    public var cocoText: [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(runs.count * 2)
        for (index, run) in runs.enumerated() {
            var value = Int64(run)
            if index > 2 { value -= Int64(runs[index - 2]) }
            while true {
                let bits = value & 0x1F
                value >>= 5
                let more = bits & 0x10 != 0 ? value != -1 : value != 0
                text.append(UInt8(bits | (more ? 0x20 : 0)) + 48)
                if !more { break }
            }
        }
        return text
    }
}
