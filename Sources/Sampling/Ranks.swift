/// Which values would stand at some places if many were sorted, without a copy of all of them: their ranges are narrowed down from one
/// pass to the next.
enum Ranks {
    /// So many values are sorted; that costs less than to go through them again and again.
    private static let fewest = 1 << 13
    /// Ranges that are told apart in one pass.
    private static let bins = 1 << 12

    /// The values at some ranks.
    ///
    /// - Parameters:
    ///   - ranks: from 0, below `count`.
    ///   - count: how many values there are.
    ///   - replay: gives all values, none of them negative, in any order; called several times.
    static func values(at ranks: [Int], among count: Int, _ replay: ((Int64) -> Void) -> Void) -> [Int64] {
        guard count > fewest else {
            var values: [Int64] = []
            values.reserveCapacity(count)
            replay { values.append($0) }
            values.sort()
            return ranks.map { values[$0] }
        }
        var (least, greatest) = (Int64.max, Int64(0))
        replay { value in
            least = min(least, value)
            greatest = max(greatest, value)
        }
        return ranks.map { value(at: $0, from: least, to: greatest, replay) }
    }

    private static func value(at rank: Int, from least: Int64, to greatest: Int64, _ replay: ((Int64) -> Void) -> Void) -> Int64 {
        var rank = rank
        // Where the values lie that are still looked at, in ranges of one width, which is a power of two.
        let bits = Int64.bitWidth - (greatest - least).leadingZeroBitCount
        var (low, shift) = (least, max(0, bits - bins.trailingZeroBitCount))
        while true {
            var counts = [Int](repeating: 0, count: bins)
            counts.withUnsafeMutableBufferPointer { counts in
                replay { value in
                    let bin = value &- low
                    if bin >= 0, bin &>> shift < bins { counts[Int(bin &>> shift)] &+= 1 }
                }
            }
            var bin = 0
            while bin < bins - 1, rank >= counts[bin] {
                rank -= counts[bin]
                bin += 1
            }
            low += Int64(bin) << shift
            guard shift > 0 else { return low }
            shift = max(0, shift - bins.trailingZeroBitCount)
        }
    }
}
