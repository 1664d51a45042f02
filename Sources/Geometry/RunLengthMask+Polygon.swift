extension RunLengthMask {
    /// No coordinate of a polygon is farther from the picture's corner than this.
    public static let maximumCoordinate = 1e8
    /// Crossings of a polygon's edges with columns of pixels that are computed before it is given up: about a second of work.
    static let maximumCrossings = 1 << 24

    /// The pixels of a polygon, x, y, x, y …, exactly those that COCO's own API gives it.
    ///
    /// The rule is that of `rleFrPoly`: vertices are rounded to fifths of a pixel, edges walked in such steps, and each
    /// crossing of an edge with the middle of a column turns the pixels below it inside out.
    ///
    /// - Throws: for fewer than three points, a coordinate that is no number or beyond `maximumCoordinate`, a size that no
    ///   picture has, and edges that cross so many columns that the work would not end.
    public init(polygon: some RandomAccessCollection<Double>, width: Int, height: Int) throws(GeometryError) {
        let pixels = try Self.pixels(width: width, height: height)
        guard polygon.count >= 6, polygon.count.isMultiple(of: 2) else {
            throw GeometryError("A polygon has fewer than three points.")
        }
        let count = polygon.count / 2
        var fifths: [(x: Int, y: Int)] = []
        fifths.reserveCapacity(count + 1)
        var iterator = polygon.makeIterator()
        while let x = iterator.next(), let y = iterator.next() {
            guard abs(x) <= Self.maximumCoordinate, abs(y) <= Self.maximumCoordinate else {
                throw GeometryError("A polygon has a coordinate that is no place near a picture.")
            }
            fifths.append((Int(5 * x + 0.5), Int(5 * y + 0.5)))
        }
        fifths.append(fifths[0])

        var crossings = ColumnCrossings(width: width, height: height)
        for index in 0..<count {
            try crossings.add(from: fifths[index], to: fifths[index + 1])
        }
        self.init(width: width, height: height, filledBy: crossings.runs(pixels: pixels))
    }

    /// The pixels that are inside any part of a polygon of several parts.
    ///
    /// - Throws: as for one polygon, and where there is no part.
    public init(polygons: [[Double]], width: Int, height: Int) throws(GeometryError) {
        var masks: [RunLengthMask] = []
        for polygon in polygons {
            masks.append(try RunLengthMask(polygon: polygon, width: width, height: height))
        }
        self = try Self.union(masks)
    }
}

/// Where the edges of a polygon cross the middles of columns of pixels.
private struct ColumnCrossings {
    /// Crossings held before those that cancel each other are taken out.
    private static let gathered = 1 << 21

    private let width: Int
    private let height: Int
    private var positions: [UInt32] = []
    private var limit = Self.gathered
    private var total = 0

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    /// Adds one edge, between points in fifths of a pixel.
    ///
    /// The walk goes from the lower x (or y, for a steep edge) to the higher, whichever way the edge runs, and a crossing is
    /// the step from fifth 2 to fifth 3 of a column, or back; only these steps are looked at.
    mutating func add(from start: (x: Int, y: Int), to end: (x: Int, y: Int)) throws(GeometryError) {
        let dx = abs(end.x - start.x)
        let dy = abs(end.y - start.y)
        guard dx > 0 else { return }
        let columns = Self.columns(from: min(start.x, end.x), to: max(start.x, end.x), width: width)
        guard !columns.isEmpty else { return }
        total += columns.count
        guard total <= RunLengthMask.maximumCrossings else {
            throw GeometryError("A polygon's edges cross the picture too often.")
        }
        if dx >= dy {
            let (low, high) = start.x <= end.x ? (start, end) : (end, start)
            let slope = Double(high.y - low.y) / Double(dx)
            for column in columns {
                let step = 5 * column + 2 - low.x
                let here = Int(Double(low.y) + slope * Double(step) + 0.5)
                let next = Int(Double(low.y) + slope * Double(step + 1) + 0.5)
                mark(column, fifth: min(here, next))
            }
        } else {
            let (low, high) = start.y <= end.y ? (start, end) : (end, start)
            let slope = Double(high.x - low.x) / Double(dy)
            func x(_ step: Int) -> Int { Int(Double(low.x) + slope * Double(step) + 0.5) }
            for column in columns {
                // The first step at which the walk is on the other side; a guess is within a step or two of it.
                let border = 5 * column + 3
                func isAcross(_ step: Int) -> Bool { slope > 0 ? x(step) >= border : x(step) < border }
                var step = Int((Double(border) - 0.5 - Double(low.x)) / slope)
                step = min(max(step, 0), dy)
                while step > 0, isAcross(step - 1) { step -= 1 }
                while step <= dy, !isAcross(step) { step += 1 }
                guard step > 0, step <= dy else { continue }
                mark(column, fifth: low.y + step - 1)
            }
        }
        if positions.count >= limit {
            cancelPairs()
            limit = max(Self.gathered, positions.count * 2)
        }
    }

    /// The columns whose step from fifth 2 to fifth 3 lies within the span.
    private static func columns(from low: Int, to high: Int, width: Int) -> Range<Int> {
        // 5 c + 2 >= low and 5 c + 3 <= high
        let first = max(0, (low + 2) < 0 ? 0 : (low + 2) / 5)
        let last = high < 3 ? -1 : min(width - 1, (high - 3) / 5)
        return first..<max(first, last + 1)
    }

    private mutating func mark(_ column: Int, fifth: Int) {
        let row = ((Double(fifth) + 0.5) / 5 - 0.5).rounded(.up)
        let clamped = min(max(row, 0), Double(height))
        positions.append(UInt32(column * height + Int(clamped)))
    }

    /// Two crossings at one place undo each other.
    private mutating func cancelPairs() {
        positions.sort()
        var kept = 0
        for position in positions {
            if kept > 0, positions[kept - 1] == position {
                kept -= 1
            } else {
                positions[kept] = position
                kept += 1
            }
        }
        positions.removeLast(positions.count - kept)
    }

    mutating func runs(pixels: UInt64) -> [UInt32] {
        cancelPairs()
        var runs: [UInt32] = []
        runs.reserveCapacity(positions.count + 1)
        var last: UInt32 = 0
        for position in positions where UInt64(position) < pixels {
            runs.append(position - last)
            last = position
        }
        runs.append(UInt32(pixels - UInt64(last)))
        return runs
    }
}
