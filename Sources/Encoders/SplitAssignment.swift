import Checksums

/// Which datasets go to which split: all episodes of one dataset to the same, so that no recording is trained and tested
/// on.
struct SplitAssignment {
    /// The splits' names in the order of their episodes: train first, then by name.
    let names: [String]
    private let upperBounds: [Double]

    /// Splits by their shares, which add up to 1.
    init(_ shares: [String: Double]) {
        names = shares.keys.sorted { ($0 == "train" ? 0 : 1, $0) < ($1 == "train" ? 0 : 1, $1) }
        var sum = 0.0
        upperBounds = names.map { name in
            sum += shares[name] ?? 0
            return sum
        }
    }

    /// The splits' datasets, as positions in the list, in the list's order.
    ///
    /// Datasets are ranked by a hash of their name and cut by the frames that they hold, so that the shares are met as well as
    /// whole datasets can meet them; no split with a share stays empty where there are datasets enough.
    func datasets(_ datasets: [(id: String, frames: Int)]) throws -> [[Int]] {
        guard !names.isEmpty else { return [Array(datasets.indices)] }
        let ranked = try datasets.indices.map { (rank: try SHA256.digest(of: datasets[$0].id).hexadecimal, index: $0) }
            .sorted { $0.rank < $1.rank }
        let total = Double(max(datasets.reduce(0) { $0 + $1.frames }, 1))
        var splits: [[Int]] = names.map { _ in [] }
        var passed = 0.0
        for (position, entry) in ranked.enumerated() {
            let middle = (passed + Double(datasets[entry.index].frames) / 2) / total
            var split = upperBounds.firstIndex { middle < $0 } ?? names.count - 1
            // As many datasets are left as splits are still empty: each gets one.
            let empty = splits.indices.filter { splits[$0].isEmpty && width(of: $0) > 0 }
            if empty.count >= ranked.count - position, let first = empty.first { split = first }
            splits[split].append(entry.index)
            passed += Double(datasets[entry.index].frames)
        }
        return splits.map { $0.sorted() }
    }

    private func width(of split: Int) -> Double {
        upperBounds[split] - (split > 0 ? upperBounds[split - 1] : 0)
    }
}
