/// Cuts polygons at the edges of a picture.
public enum PolygonClip {
    /// What of a polygon, x, y, x, y …, lies inside a picture of that size; empty where that is fewer than three points.
    ///
    /// Parts that the cut separates stay joined along the picture's edge, which takes no area.
    public static func clipped(_ polygon: [Double], width: Int, height: Int) -> [Double] {
        var points = polygon
        let edges: [(axis: Int, limit: Double, sign: Double)] = [(0, 0, 1), (0, Double(width), -1), (1, 0, 1), (1, Double(height), -1)]
        for edge in edges { points = cut(points, axis: edge.axis, limit: edge.limit, sign: edge.sign) }
        return points.count >= 6 ? points : []
    }

    /// Each coordinate moved to the nearest one inside a picture of that size; the number of points stays.
    public static func clamped(_ polygon: [Double], width: Int, height: Int) -> [Double] {
        let limits = (Double(width), Double(height))
        return polygon.enumerated().map { index, value in min(max(value, 0), index & 1 == 0 ? limits.0 : limits.1) }
    }

    /// How far outside a picture of that size the farthest coordinate lies; 0 where none does.
    public static func overhang(_ polygon: [Double], width: Int, height: Int) -> Double {
        var farthest = 0.0
        for (index, value) in polygon.enumerated() {
            farthest = max(farthest, -value, value - Double(index & 1 == 0 ? width : height))
        }
        return farthest
    }

    /// The rule of Sutherland and Hodgman for one edge.
    private static func cut(_ points: [Double], axis: Int, limit: Double, sign: Double) -> [Double] {
        let count = points.count / 2
        guard count > 0 else { return [] }
        var kept: [Double] = []
        kept.reserveCapacity(points.count + 8)
        var last = (points[2 * count - 2], points[2 * count - 1])
        func inner(_ point: (Double, Double)) -> Double { sign * ((axis == 0 ? point.0 : point.1) - limit) }
        for index in 0..<count {
            let point = (points[2 * index], points[2 * index + 1])
            let (before, here) = (inner(last), inner(point))
            if (before < 0) != (here < 0) {
                let share = before / (before - here)
                // On the cut itself the coordinate is the limit, whatever rounding makes of it.
                if axis == 0 {
                    kept.append(limit)
                    kept.append(last.1 + (point.1 - last.1) * share)
                } else {
                    kept.append(last.0 + (point.0 - last.0) * share)
                    kept.append(limit)
                }
            }
            if here >= 0 {
                kept.append(point.0)
                kept.append(point.1)
            }
            last = point
        }
        return kept
    }
}
