/// A straight line through points of which some lie far off.
///
/// The median of the slopes between points (Theil and Sen) of a bounded sample finds the line; least squares over all points
/// that lie close to it make it exact.
public struct RobustLine: Hashable, Sendable {
    /// The value at x = 0.
    public let intercept: Double
    /// The change of the value over one unit of x.
    public let slope: Double

    /// All pairs of so many points are looked at.
    private static let sampleSize = 64
    /// From so many points at most their usual distance from the line is told: it only decides which ones lie far off.
    private static let residualSampleSize = 512

    /// The line through points whose x ascend; nil for fewer than three points or where all lie at one x.
    public init?(_ points: [(x: Double, y: Double)]) {
        guard points.count >= 3, let first = points.first, let last = points.last, last.x > first.x else { return nil }
        let size = min(points.count, Self.sampleSize)
        let sample = (0..<size).map { points[$0 * (points.count - 1) / (size - 1)] }
        var slopes: [Double] = []
        slopes.reserveCapacity(size * size / 2)
        // Points close together tell nothing but their noise.
        let least = (last.x - first.x) / 8
        for left in sample.indices {
            for right in sample.indices.dropFirst(left + 1) where sample[right].x - sample[left].x >= least {
                slopes.append((sample[right].y - sample[left].y) / (sample[right].x - sample[left].x))
            }
        }
        guard var slope = Self.median(&slopes) else { return nil }
        var levels = sample.map { $0.y - slope * $0.x }
        guard var intercept = Self.median(&levels) else { return nil }
        var residuals = [Double](repeating: 0, count: points.count)
        for _ in 0..<4 {
            for index in points.indices { residuals[index] = abs(points[index].y - intercept - slope * points[index].x) }
            let count = min(residuals.count, Self.residualSampleSize)
            var sample = (0..<count).map { residuals[$0 * residuals.count / count] }
            guard let typical = Self.median(&sample) else { break }
            // 1.4826 makes a normal distribution's deviation of its median one; four of those keep all but one point in 16,000.
            let limit = max(4 * 1.4826 * typical, 1)
            guard let line = Self.leastSquares(points, whose: residuals, atMost: limit) else { break }
            // What leaves the line as it is would leave it so again.
            if line == (intercept, slope) { break }
            (intercept, slope) = line
        }
        self.intercept = intercept
        self.slope = slope
    }

    /// The line through those of the points that lie no farther off than a limit; nil where these are fewer than two.
    private static func leastSquares(
        _ points: [(x: Double, y: Double)],
        whose residuals: [Double],
        atMost limit: Double
    ) -> (Double, Double)? {
        var count = 0
        var (sumX, sumY) = (0.0, 0.0)
        for index in points.indices where residuals[index] <= limit {
            count += 1
            sumX += points[index].x
            sumY += points[index].y
        }
        guard count >= 2 else { return nil }
        let (meanX, meanY) = (sumX / Double(count), sumY / Double(count))
        var product = 0.0
        var square = 0.0
        for index in points.indices where residuals[index] <= limit {
            let distance = points[index].x - meanX
            product += distance * (points[index].y - meanY)
            square += distance * distance
        }
        guard square > 0 else { return nil }
        let slope = product / square
        return (meanY - slope * meanX, slope)
    }

    static func median(_ values: inout [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let middle = values.count / 2
        if values.count % 2 == 1 { return values.select([middle])[0] }
        let around = values.select([middle - 1, middle])
        return (around[0] + around[1]) / 2
    }
}
