/// The format's hybrid of run lengths and bit-packing, for levels, dictionary indices and booleans (Encodings.md, RLE).
enum HybridEncoder {
    /// Appends the values, each less than `2^bitWidth`, as runs.
    ///
    /// Eight equal values at a multiple of eight since the last run begin a run length, which lasts as long as they stay
    /// equal; other eights are packed, the last one filled up with zeros.
    static func encode<T: FixedWidthInteger & UnsignedInteger>(
        _ values: UnsafeBufferPointer<T>,
        bitWidth: Int,
        to bytes: inout [UInt8]
    ) {
        var position = 0
        while position < values.count {
            let run = runLength(values, at: position)
            if run >= 8 || position + run == values.count {
                appendRun(values[position], count: run, bitWidth: bitWidth, to: &bytes)
                position += run
                continue
            }
            let start = position
            repeat { position += 8 } while position + 8 <= values.count && runLength(values, at: position, upTo: 8) < 8
            if position < values.count, values.count - position < 8, runLength(values, at: position) < values.count - position {
                position += 8
            }
            let groups = (position - start) / 8
            bytes.appendVarint(UInt64(groups) << 1 | 1)
            pack(values, from: start, groups: groups, bitWidth: bitWidth, to: &bytes)
            position = min(position, values.count)
        }
    }

    /// Appends one run of a value.
    static func appendRun(_ value: some FixedWidthInteger, count: Int, bitWidth: Int, to bytes: inout [UInt8]) {
        bytes.appendVarint(UInt64(count) << 1)
        for byte in 0..<(bitWidth + 7) / 8 { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * byte))) }
    }

    /// Packs groups of eight values, lowest bit first; values beyond the end count as zero.
    static func pack<T: FixedWidthInteger & UnsignedInteger>(
        _ values: UnsafeBufferPointer<T>,
        from start: Int,
        groups: Int,
        bitWidth: Int,
        to bytes: inout [UInt8]
    ) {
        bytes.reserveCapacity(bytes.count + groups * bitWidth)
        var held: UInt64 = 0
        var bits = 0
        for index in start..<start + 8 * groups {
            let value = index < values.count ? UInt64(values[index]) : 0
            held |= value << UInt64(bits)
            bits += bitWidth
            // A width is at most 32 and fewer than 8 bits are held over, so nothing is lost at the top.
            while bits >= 8 {
                bytes.append(UInt8(truncatingIfNeeded: held))
                held >>= 8
                bits -= 8
            }
        }
    }

    /// How many values from `position` on are equal.
    private static func runLength<T: Equatable>(_ values: UnsafeBufferPointer<T>, at position: Int, upTo limit: Int = .max) -> Int {
        let first = values[position]
        let end = limit < values.count - position ? position + limit : values.count
        var next = position + 1
        while next < end, values[next] == first { next += 1 }
        return next - position
    }
}

extension Int {
    /// The bits that numbers from 0 to this one need.
    var bitWidthOfMaximum: Int { Int.bitWidth - leadingZeroBitCount }
}
