import Formats

/// The statistics of all episodes of a dataset together: exact, quantiles too.
struct PooledStatistics {
    private var numerics: [[Moments]]
    private var captureTimes: [Moments]
    private var captureQuantiles: [[Double]]
    private var pixels: [PixelStatistics]
    private var episodeLengths: [Int] = []
    private var framesOfTask: [Int] = []
    private var frames = 0

    init(_ features: FeatureTable) {
        numerics = features.numerics.map { Array(repeating: Moments(), count: $0.columns.count) }
        captureTimes = features.hasCaptureTimes ? features.cameras.map { _ in Moments() } : []
        captureQuantiles = Quantile.all.map { [count = captureTimes.count] _ in Array(repeating: 0, count: count) }
        pixels = features.cameras.map { _ in PixelStatistics() }
    }

    mutating func add(_ record: EpisodeRecord, tasks: [(number: Int, frames: Int)]) {
        for (feature, statistics) in record.numerics.enumerated() {
            for column in numerics[feature].indices { numerics[feature][column].merge(Moments(statistics, column: column)) }
        }
        if let times = record.captureTimes {
            let share = Double(record.length) / Double(frames + record.length)
            for column in captureTimes.indices {
                captureTimes[column].merge(Moments(times, column: column))
                for quantile in captureQuantiles.indices {
                    captureQuantiles[quantile][column] += (times.quantiles[quantile][column] - captureQuantiles[quantile][column]) * share
                }
            }
        }
        for (number, count) in tasks {
            if number >= framesOfTask.count { framesOfTask += Array(repeating: 0, count: number + 1 - framesOfTask.count) }
            framesOfTask[number] += count
        }
        episodeLengths.append(record.length)
        frames += record.length
    }

    mutating func add(_ part: [PixelStatistics]) {
        for (camera, statistics) in part.enumerated() where camera < pixels.count { pixels[camera].merge(statistics) }
    }

    /// The pooled statistics of a camera.
    func camera(_ index: Int) -> FeatureStatistics { pixels[index].statistics }

    /// The pooled statistics of the times at which frames were taken.
    ///
    /// No one normalises by them, so their quantiles are the mean of the episodes' quantiles, as in the official library.
    var captures: FeatureStatistics {
        FeatureStatistics(captureTimes, quantiles: captureQuantiles)
    }

    /// The pooled statistics of a numeric feature.
    ///
    /// - Parameter forEachRow: goes through all rows of the feature, each time that it is called.
    func numeric(_ index: Int, forEachRow: ((UnsafeBufferPointer<Float>) throws -> Void) throws -> Void) throws -> FeatureStatistics {
        let quantiles = try OrderStatistics(width: numerics[index].count, count: frames).quantiles(forEachRow: forEachRow)
        return FeatureStatistics(numerics[index], quantiles: quantiles)
    }

    /// The statistics of the columns that count: by name, in the order of the table.
    func bookkeeping(rate: Double) -> [(name: String, statistics: FeatureStatistics)] {
        // How many frames have each number within their episode: as many as episodes are longer than it.
        var framesAt = [Int](repeating: 0, count: (episodeLengths.max() ?? 0) + 1)
        for length in episodeLengths { framesAt[length] += 1 }
        var longer = 0
        for number in framesAt.indices.reversed() {
            let ending = framesAt[number]
            framesAt[number] = longer
            longer += ending
        }
        let frame = Self.statistics(of: framesAt)
        var timestamp = frame
        timestamp.scale(by: 1 / rate)
        return [
            ("timestamp", timestamp), ("frame_index", frame), ("episode_index", Self.statistics(of: episodeLengths)),
            ("index", FeatureStatistics(rangeFrom: 0, count: frames)), ("task_index", Self.statistics(of: framesOfTask)),
        ]
    }

    /// The statistics of whole numbers from 0 that occur so many times each.
    private static func statistics(of counts: [Int]) -> FeatureStatistics {
        var moments = Moments()
        for (value, count) in counts.enumerated() where count > 0 { moments.merge(Moments(constant: Double(value), count: count)) }
        let quantiles = Quantile.all.map { quantile -> [Double] in
            var left = Quantile.rank(quantile.share, of: moments.count)
            let value = counts.firstIndex { count in
                left -= count
                return left < 0
            }
            return [Double(value ?? 0)]
        }
        return FeatureStatistics([moments], quantiles: quantiles)
    }
}

extension FeatureStatistics {
    /// The statistics of the same values in another unit.
    fileprivate mutating func scale(by factor: Double) {
        for path in [\FeatureStatistics.min, \.max, \.mean, \.std] { self[keyPath: path] = self[keyPath: path].map { $0 * factor } }
        quantiles = quantiles.map { $0.map { $0 * factor } }
    }
}
