import Quality

extension Array where Element == PlotPoint {
    /// At most so many points that keep the lowest and the highest of every stretch of time, in order of time.
    ///
    /// Points that are not finite are left out.
    func thinned(to limit: Int) -> [PlotPoint] {
        let points = filter { $0.seconds.isFinite && $0.milliseconds.isFinite }
        guard points.count > limit, limit >= 2 else { return points }
        var kept: [PlotPoint] = []
        kept.reserveCapacity(limit)
        let buckets = limit / 2
        for bucket in 0..<buckets {
            let range = bucket * points.count / buckets..<(bucket + 1) * points.count / buckets
            guard var lowest = range.first else { continue }
            var highest = lowest
            for index in range {
                if points[index].milliseconds < points[lowest].milliseconds { lowest = index }
                if points[index].milliseconds > points[highest].milliseconds { highest = index }
            }
            kept.append(points[Swift.min(lowest, highest)])
            if lowest != highest { kept.append(points[Swift.max(lowest, highest)]) }
        }
        return kept
    }
}
