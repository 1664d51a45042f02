/// The statistics that LeRobot keeps of a feature, each with one number a column (or a colour).
struct FeatureStatistics: Codable, Hashable {
    var min: [Double]
    var max: [Double]
    var mean: [Double]
    /// Of the population: divided by the count.
    var std: [Double]
    /// Rows, or pictures that were looked at.
    var count: Int
    /// One list for each of `Quantile.all`.
    var quantiles: [[Double]]
}

/// The quantiles that LeRobot keeps.
enum Quantile {
    static let all: [(name: String, share: Double)] = [("q01", 0.01), ("q10", 0.10), ("q50", 0.50), ("q90", 0.90), ("q99", 0.99)]

    /// The position, from 0, of a quantile among so many sorted values: the first that has its share at or below it.
    static func rank(_ share: Double, of count: Int) -> Int {
        Swift.min(Swift.max(Int((share * Double(count)).rounded(.up)) - 1, 0), count - 1)
    }
}

/// Count, mean and spread of one column, exact enough for any number of values (Welford's recurrence; Chan's merging).
struct Moments: Codable, Hashable {
    private(set) var count = 0
    private(set) var mean = 0.0
    private var squares = 0.0
    private(set) var min = Double.infinity
    private(set) var max = -Double.infinity

    /// The standard deviation of the population.
    var std: Double { count > 0 ? (squares / Double(count)).squareRoot() : 0 }

    init() {}

    /// The moments of one value that occurs so many times.
    init(constant value: Double, count: Int) {
        self.count = count
        mean = value
        min = value
        max = value
    }

    /// The moments that a column's statistics were made of.
    init(_ statistics: FeatureStatistics, column: Int) {
        count = statistics.count
        mean = statistics.mean[column]
        squares = statistics.std[column] * statistics.std[column] * Double(statistics.count)
        min = statistics.min[column]
        max = statistics.max[column]
    }

    mutating func add(_ value: Double) {
        count += 1
        let before = value - mean
        mean += before / Double(count)
        squares += before * (value - mean)
        min = Swift.min(min, value)
        max = Swift.max(max, value)
    }

    mutating func merge(_ other: Moments) {
        guard other.count > 0 else { return }
        let total = count + other.count
        let delta = other.mean - mean
        squares += other.squares + delta * delta * Double(count) * Double(other.count) / Double(total)
        mean += delta * Double(other.count) / Double(total)
        count = total
        min = Swift.min(min, other.min)
        max = Swift.max(max, other.max)
    }

    /// The moments of `first`, `first + 1`, … , `first + count - 1`, each times `scale`.
    static func ofRange(from first: Int, count: Int, scale: Double = 1) -> Moments {
        var moments = Moments()
        guard count > 0 else { return moments }
        let (first, count) = (Double(first), Double(count))
        moments.count = Int(count)
        moments.mean = (first + (count - 1) / 2) * scale
        moments.squares = count * (count * count - 1) / 12 * scale * scale
        moments.min = first * scale
        moments.max = (first + count - 1) * scale
        return moments
    }
}

extension FeatureStatistics {
    /// The statistics of columns whose moments and quantiles are known.
    ///
    /// - Parameter quantiles: for each of `Quantile.all` one value a column.
    init(_ columns: [Moments], quantiles: [[Double]]) {
        min = columns.map(\.min)
        max = columns.map(\.max)
        mean = columns.map(\.mean)
        std = columns.map(\.std)
        count = columns.first?.count ?? 0
        self.quantiles = quantiles
    }

    /// The statistics of `first`, `first + 1`, … , each times `scale`.
    init(rangeFrom first: Int, count: Int, scale: Double = 1) {
        let quantiles = Quantile.all.map { [Double(first + Quantile.rank($0.share, of: count)) * scale] }
        self.init([Moments.ofRange(from: first, count: count, scale: scale)], quantiles: quantiles)
    }

    /// The statistics of one value that is repeated.
    init(constant value: Double, count: Int) {
        self.init(min: [value], max: [value], mean: [value], std: [0], count: count, quantiles: Quantile.all.map { _ in [value] })
    }
}

extension FeatureStatistics {
    /// The statistics of whole numbers, of which there are few different ones.
    init(numbers: [Int]) {
        var moments = Moments()
        for number in numbers { moments.add(Double(number)) }
        let sorted = numbers.sorted()
        let quantiles = Quantile.all.map { quantile in
            sorted.isEmpty ? [] : [Double(sorted[Quantile.rank(quantile.share, of: sorted.count)])]
        }
        self.init([moments], quantiles: quantiles)
    }
}
