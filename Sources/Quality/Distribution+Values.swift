extension Distribution {
    /// The distribution of some values; nil where there are none.
    ///
    /// - Parameters:
    ///   - values: nanoseconds; the result is in milliseconds.
    ///   - magnitudes: whether percentiles and maximum are of the absolute values. Mean and deviation never are.
    public init?(nanoseconds values: [Int64], magnitudes: Bool = false) {
        guard !values.isEmpty else { return nil }
        let (mean, deviation) = Self.moments(values)
        var sizes = magnitudes ? values.map { Int64(clamping: $0.magnitude) } : values
        let percentiles = sizes.select([50, 95, 99, 100].map { Distribution.rank($0, of: values.count) }).map { Double($0) / 1e6 }
        self.init(
            mean: mean,
            standardDeviation: deviation,
            p50: percentiles[0],
            p95: percentiles[1],
            p99: percentiles[2],
            maximum: percentiles[3]
        )
    }

    /// Mean and standard deviation of nanoseconds, in milliseconds; there must be some.
    static func moments(_ values: [Int64]) -> (mean: Double, deviation: Double) {
        let count = Double(values.count)
        let mean = values.reduce(0.0) { $0 + Double($1) } / count
        let squares = values.reduce(0.0) { sum, value in
            let distance = Double(value) - mean
            return sum + distance * distance
        }
        return (mean / 1e6, (squares / count).squareRoot() / 1e6)
    }

    /// The position of a percentile among sorted values, by nearest rank.
    static func rank(_ percent: Int, of count: Int) -> Int {
        max(0, (count * percent + 99) / 100 - 1)
    }
}
