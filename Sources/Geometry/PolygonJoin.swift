/// Makes one polygon of several.
public enum PolygonJoin {
    /// Pairs of vertices that are compared to find the nearest two, for each two parts.
    private static let comparisons = 1 << 20

    /// One polygon that runs along all parts, x, y, x, y …, with bridges of no width between parts that follow each other.
    ///
    /// A bridge joins the two nearest vertices of the two parts (of parts with very many vertices, the nearest of an evenly
    /// taken share). It is walked in both directions, so that what is inside stays the same. A part needs a point.
    public static func bridged(_ parts: [[Double]]) -> [Double] {
        let parts = parts.filter { $0.count >= 2 }
        guard let first = parts.first else { return [] }
        guard parts.count > 1 else { return first }
        // Where the walk enters each part, and where it leaves for the next.
        var entries = [0]
        var exits: [Int] = []
        for index in 1..<parts.count {
            let nearest = nearestVertices(parts[index - 1], parts[index])
            exits.append(nearest.0)
            entries.append(nearest.1)
        }
        // The walk begins at the first bridge, and ends with the way around the first part.
        entries[0] = exits[0]
        var joined: [Double] = []
        joined.reserveCapacity(parts.reduce(0) { $0 + $1.count } + 4 * parts.count)
        for index in 1..<max(1, parts.count - 1) { walk(parts[index], from: entries[index], to: exits[index], full: false, into: &joined) }
        walk(parts[parts.count - 1], from: entries[parts.count - 1], to: entries[parts.count - 1], full: true, into: &joined)
        for index in (0..<(parts.count - 1)).reversed() {
            walk(parts[index], from: exits[index], to: entries[index], full: exits[index] == entries[index], into: &joined)
        }
        return joined
    }

    /// Appends the vertices from one to another, both included; the whole way round where both are one and `full` is set.
    private static func walk(_ part: [Double], from start: Int, to end: Int, full: Bool, into joined: inout [Double]) {
        let count = part.count / 2
        var index = start
        var isFirst = true
        while true {
            joined.append(part[2 * index])
            joined.append(part[2 * index + 1])
            if index == end, !(full && isFirst) { return }
            isFirst = false
            index = index + 1 == count ? 0 : index + 1
        }
    }

    private static func nearestVertices(_ a: [Double], _ b: [Double]) -> (Int, Int) {
        let (countA, countB) = (a.count / 2, b.count / 2)
        var (stepA, stepB) = (1, 1)
        while (countA / stepA + 1) * (countB / stepB + 1) > comparisons {
            if countA / stepA > countB / stepB { stepA *= 2 } else { stepB *= 2 }
        }
        var nearest = (0, 0)
        var least = Double.infinity
        for i in stride(from: 0, to: countA, by: stepA) {
            let (x, y) = (a[2 * i], a[2 * i + 1])
            for j in stride(from: 0, to: countB, by: stepB) {
                let (dx, dy) = (b[2 * j] - x, b[2 * j + 1] - y)
                let distance = dx * dx + dy * dy
                if distance < least {
                    least = distance
                    nearest = (i, j)
                }
            }
        }
        return nearest
    }
}
