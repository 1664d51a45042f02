extension QualityPlots {
    /// The most points of one curve.
    static let mostPoints = 2_000

    /// A curve through values with points so few that a plot stays quick: of each stretch the lowest and the highest are kept.
    ///
    /// - Parameters:
    ///   - values: nanoseconds.
    ///   - seconds: when the value at a place was, in seconds.
    public static func curve(of values: [Int64], seconds: (Int) -> Double) -> [PlotPoint] {
        func point(_ place: Int) -> PlotPoint { PlotPoint(seconds: seconds(place), milliseconds: Double(values[place]) / 1e6) }
        guard values.count > mostPoints else { return values.indices.map(point) }
        let stretches = mostPoints / 2
        var kept: [PlotPoint] = []
        kept.reserveCapacity(mostPoints)
        for stretch in 0..<stretches {
            let range = (values.count * stretch / stretches)..<(values.count * (stretch + 1) / stretches)
            var (low, high) = (range.lowerBound, range.lowerBound)
            for place in range.dropFirst() {
                if values[place] < values[low] { low = place }
                if values[place] > values[high] { high = place }
            }
            kept.append(point(min(low, high)))
            if low != high { kept.append(point(max(low, high))) }
        }
        return kept
    }

    /// The gaps with the most missing frames, in order of time.
    public static func thinned(_ drops: [DropMark]) -> [DropMark] {
        guard drops.count > mostPoints else { return drops }
        let worst = drops.indices.sorted { (drops[$1].missing, $0) < (drops[$0].missing, $1) }.prefix(mostPoints)
        return worst.sorted().map { drops[$0] }
    }
}

extension Histogram {
    /// Counts values in 60 bins from their 1st to their 99th percentile; nil where there are none.
    public init?(nanoseconds values: [Int64]) {
        guard !values.isEmpty else { return nil }
        var ordered = values
        let ends = ordered.select([1, 99].map { Distribution.rank($0, of: values.count) }).map { Double($0) / 1e6 }
        self.init(values, from: ends[0], to: ends[1])
    }

    /// Counts nanoseconds in 60 bins between two values in milliseconds.
    init(_ values: [Int64], from low: Double, to high: Double) {
        // A little wider than the values, and never without width.
        let bins = 60
        let width = max((high - low) * 1.02 / Double(bins), 1e-6)
        let start = low - width / 2
        // In front of the bins stands what lies below them, behind them what lies above.
        var counts = [Int](repeating: 0, count: bins + 2)
        counts.withUnsafeMutableBufferPointer { counts in
            for value in values {
                let bin = (Double(value) / 1e6 - start) / width
                counts[bin < 0 ? 0 : 1 + Int(min(bin, Double(bins)))] += 1
            }
        }
        self.init(start: start, width: width, counts: Array(counts[1...bins]), below: counts[0], above: counts[bins + 1])
    }
}
