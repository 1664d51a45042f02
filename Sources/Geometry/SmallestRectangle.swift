/// The turned rectangle of the least area around points.
public enum SmallestRectangle {
    /// Its four corners, clockwise as the picture is seen, x, y, x, y …, for points given in the same way; nil where the
    /// points do not span an area.
    public static func around(_ points: [Double]) -> [Double]? {
        let hull = convexHull(points)
        guard hull.count >= 3 else { return nil }
        // For each side of the hull the farthest points along it, ahead and behind, and away from it: as the sides turn, these
        // only move forward around the hull.
        var (ahead, away, behind) = (1, 1, 1)
        var best: (area: Double, corners: [Double])?
        for side in 0..<hull.count {
            let origin = hull[side]
            let next = hull[(side + 1) % hull.count]
            let length = ((next.x - origin.x) * (next.x - origin.x) + (next.y - origin.y) * (next.y - origin.y)).squareRoot()
            guard length > 0 else { continue }
            let along = (x: (next.x - origin.x) / length, y: (next.y - origin.y) / length)
            func forward(_ index: Int) -> Double {
                let point = hull[index % hull.count]
                return (point.x - origin.x) * along.x + (point.y - origin.y) * along.y
            }
            func inward(_ index: Int) -> Double {
                let point = hull[index % hull.count]
                return (point.y - origin.y) * along.x - (point.x - origin.x) * along.y
            }
            ahead = max(ahead, side + 1)
            while ahead < side + hull.count, forward(ahead + 1) >= forward(ahead) { ahead += 1 }
            away = max(away, ahead)
            while away < side + hull.count, inward(away + 1) >= inward(away) { away += 1 }
            behind = max(behind, away)
            while behind < side + hull.count, forward(behind + 1) <= forward(behind) { behind += 1 }
            let (low, high, depth) = (min(forward(behind), 0), forward(ahead), inward(away))
            let area = (high - low) * depth
            if area > 0, area < best?.area ?? .infinity {
                var corners: [Double] = []
                for (u, v) in [(low, 0), (high, 0), (high, depth), (low, depth)] {
                    corners.append(origin.x + along.x * u - along.y * v)
                    corners.append(origin.y + along.y * u + along.x * v)
                }
                best = (area, corners)
            }
        }
        return best?.corners
    }

    /// The corners of the convex hull in the order in which the turn goes from x to y, without points on its sides.
    private static func convexHull(_ points: [Double]) -> [(x: Double, y: Double)] {
        var sorted: [(x: Double, y: Double)] = stride(from: 0, to: points.count - 1, by: 2).map { (points[$0], points[$0 + 1]) }
        sorted.sort { ($0.x, $0.y) < ($1.x, $1.y) }
        guard sorted.count >= 3 else { return sorted }
        func chain(_ points: some Sequence<(x: Double, y: Double)>) -> [(x: Double, y: Double)] {
            var chain: [(x: Double, y: Double)] = []
            for point in points {
                while chain.count >= 2 {
                    let (a, b) = (chain[chain.count - 2], chain[chain.count - 1])
                    guard (b.x - a.x) * (point.y - a.y) - (b.y - a.y) * (point.x - a.x) <= 0 else { break }
                    chain.removeLast()
                }
                chain.append(point)
            }
            return chain.dropLast()
        }
        return chain(sorted) + chain(sorted.reversed())
    }
}
