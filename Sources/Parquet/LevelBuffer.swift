/// The definition or repetition levels of one page, in order.
///
/// As long as all are equal, as those of a column without nulls are, only their number is kept.
struct LevelBuffer {
    private(set) var count = 0
    private var uniform: UInt8 = 0
    /// All levels, once two differ; empty before.
    private var levels: [UInt8] = []

    mutating func append(_ level: UInt8, count added: Int = 1) {
        guard added > 0 else { return }
        if levels.isEmpty {
            if count == 0 { uniform = level }
            if level == uniform {
                count += added
                return
            }
            spellOut()
        }
        if added == 1 { levels.append(level) } else { levels.append(contentsOf: repeatElement(level, count: added)) }
        count += added
    }

    mutating func append(contentsOf added: ArraySlice<UInt8>) {
        spellOut()
        levels.append(contentsOf: added)
        count += added.count
    }

    mutating func removeAll() {
        count = 0
        levels.removeAll(keepingCapacity: true)
    }

    /// Appends the encoded levels behind their size in 32 bits, as version 1 of a data page holds them.
    func encode(maximum: Int, to bytes: inout [UInt8]) {
        let start = bytes.count
        bytes.append(contentsOf: [0, 0, 0, 0])
        let width = maximum.bitWidthOfMaximum
        if levels.isEmpty {
            HybridEncoder.appendRun(uniform, count: count, bitWidth: width, to: &bytes)
        } else {
            levels.withUnsafeBufferPointer { HybridEncoder.encode($0, bitWidth: width, to: &bytes) }
        }
        let size = UInt32(bytes.count - start - 4)
        for byte in 0..<4 { bytes[start + byte] = UInt8(truncatingIfNeeded: size >> (8 * UInt32(byte))) }
    }

    private mutating func spellOut() {
        guard levels.isEmpty, count > 0 else { return }
        levels.append(contentsOf: repeatElement(uniform, count: count))
    }
}
