/// Takes the times at which each camera's frames were taken, episode after episode.
final class CaptureTimeRecorder {
    private let writer: RowFile<Int64>.Writer
    private let path: String
    private let cameras: Int

    init(path: String, cameras: Int) throws {
        self.path = path
        self.cameras = cameras
        writer = try RowFile<Int64>(path: path, width: cameras).makeWriter()
    }

    /// - Parameter times: for each camera one time a tick.
    func take(_ times: [[Int64]]) throws -> FeatureStatistics {
        for tick in times[0].indices {
            for camera in 0..<cameras { try writer.append(times[camera][tick]) }
        }
        try writer.flush()
        let columns = times.map { column in
            var moments = Moments()
            for time in column { moments.add(Double(time)) }
            return moments
        }
        let sorted = times.map { $0.sorted() }
        let quantiles = Quantile.all.map { quantile in sorted.map { Double($0[Quantile.rank(quantile.share, of: $0.count)]) } }
        return FeatureStatistics(columns, quantiles: quantiles)
    }
}
