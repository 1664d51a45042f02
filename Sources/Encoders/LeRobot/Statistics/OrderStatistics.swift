import ExportCore

/// Exact quantiles of the columns of rows that are gone through as often as is needed, in memory that does not grow with
/// their number: the upper half of each value's bits is counted first, then the lower half of those that matter.
struct OrderStatistics {
    private let width: Int
    private let counts: [Int]
    private let sortable: Int

    /// Quantiles of columns.
    ///
    /// - Parameters:
    ///   - width: columns in a row.
    ///   - count: rows.
    ///   - sortable: so many values are sorted in memory; more are counted.
    init(width: Int, count: Int, sortable: Int = 1 << 20) {
        self.width = width
        self.sortable = sortable
        counts = Array(repeating: count, count: width)
    }

    /// For each of `Quantile.all` one value a column.
    ///
    /// - Parameter forEachRow: goes through the same rows, in any order, every time that it is called; a row's values are
    ///   taken as Float, since eight digits are more than a normalisation needs.
    func quantiles(forEachRow: ((UnsafeBufferPointer<Float>) throws -> Void) throws -> Void) throws -> [[Double]] {
        guard width > 0, counts[0] > 0 else { return Quantile.all.map { _ in [] } }
        if width * counts[0] <= sortable { return try sorted(forEachRow) }
        let half = 1 << 16
        var upper = [UInt32](repeating: 0, count: width * half)
        try forEachRow { row in
            for column in 0..<width { upper[column * half + Int(Self.key(row[column]) >> 16)] += 1 }
        }
        // Where each quantile lies: its upper half, and its rank among the values that share it.
        var targets: [[(bin: UInt32, rank: Int)]] = []
        var slots: [[UInt32: Int]] = Array(repeating: [:], count: width)
        var slotCount = 0
        for column in 0..<width {
            let ranks = Quantile.all.map { Quantile.rank($0.share, of: counts[column]) }
            var found: [(bin: UInt32, rank: Int)] = []
            var below = 0
            for bin in 0..<half where found.count < ranks.count {
                let here = Int(upper[column * half + bin])
                while found.count < ranks.count, ranks[found.count] < below + here {
                    found.append((UInt32(bin), ranks[found.count] - below))
                    if slots[column][UInt32(bin)] == nil {
                        slots[column][UInt32(bin)] = slotCount
                        slotCount += 1
                    }
                }
                below += here
            }
            targets.append(found)
        }
        upper = []
        var lower = [UInt32](repeating: 0, count: slotCount * half)
        try forEachRow { row in
            for column in 0..<width {
                let key = Self.key(row[column])
                if let slot = slots[column][key >> 16] { lower[slot * half + Int(key & 0xFFFF)] += 1 }
            }
        }
        var result = Quantile.all.map { _ in [Double](repeating: 0, count: width) }
        for column in 0..<width {
            for (quantile, target) in targets[column].enumerated() {
                guard let slot = slots[column][target.bin] else { continue }
                var below = 0
                var low = 0
                while low < half - 1, below + Int(lower[slot * half + low]) <= target.rank {
                    below += Int(lower[slot * half + low])
                    low += 1
                }
                result[quantile][column] = Double(Self.value(target.bin << 16 | UInt32(low)))
            }
        }
        return result
    }

    /// Few enough values to be held.
    private func sorted(_ forEachRow: ((UnsafeBufferPointer<Float>) throws -> Void) throws -> Void) throws -> [[Double]] {
        var columns = [[Float]](repeating: [], count: width)
        try forEachRow { row in
            for column in 0..<width { columns[column].append(row[column]) }
        }
        for column in columns.indices { columns[column].sort() }
        return Quantile.all.map { quantile in columns.map { Double($0[Quantile.rank(quantile.share, of: $0.count)]) } }
    }

    /// Bits whose order as unsigned numbers is the order of the values.
    private static func key(_ value: Float) -> UInt32 {
        let bits = value.bitPattern
        return bits & 0x8000_0000 != 0 ? ~bits : bits | 0x8000_0000
    }

    private static func value(_ key: UInt32) -> Float {
        Float(bitPattern: key & 0x8000_0000 != 0 ? key & 0x7FFF_FFFF : ~key)
    }
}
