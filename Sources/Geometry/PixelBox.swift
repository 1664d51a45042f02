/// An upright box in pixels: the left edge of the leftmost pixel is 0, y goes down.
public struct PixelBox: Hashable, Sendable {
    /// The left edge.
    public var x: Double
    /// The upper edge.
    public var y: Double
    /// Its extent to the right.
    public var width: Double
    /// Its extent downwards.
    public var height: Double

    /// A box by its corner and extent.
    public init(x: Double, y: Double, width: Double, height: Double) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }

    /// The smallest box around points given as x, y, x, y …; nil where there are none.
    public init?(enclosing points: [Double]) {
        self.init(enclosing: CollectionOfOne(points))
    }

    /// The smallest box around all points of several lists, each x, y, x, y …; nil where there are none.
    public init?(enclosing parts: [[Double]]) {
        self.init(enclosing: parts[...])
    }

    /// Arrays are walked one by one: a sequence that joins them costs more than all else that is done with an annotation.
    @inline(__always)
    private init?(enclosing parts: some Collection<[Double]>) {
        var low = (x: Double.infinity, y: Double.infinity)
        var high = (x: -Double.infinity, y: -Double.infinity)
        for points in parts {
            for index in stride(from: 1, to: points.count, by: 2) {
                let (x, y) = (points[index - 1], points[index])
                low = (min(low.x, x), min(low.y, y))
                high = (max(high.x, x), max(high.y, y))
            }
        }
        guard low.x <= high.x, low.y <= high.y else { return nil }
        self.init(x: low.x, y: low.y, width: high.x - low.x, height: high.y - low.y)
    }

    /// Width times height.
    public var area: Double { width * height }

    /// Whether it has an area that a number can hold.
    public var isProper: Bool { width > 0 && height > 0 && (x + width).isFinite && (y + height).isFinite && x.isFinite && y.isFinite }

    /// Whether no part of it lies outside a picture of that size.
    public func isInside(width limitX: Int, height limitY: Int) -> Bool {
        x >= 0 && y >= 0 && x + width <= Double(limitX) && y + height <= Double(limitY)
    }

    /// What of it lies inside a picture of that size; nil where that has no area.
    public func clipped(width limitX: Int, height limitY: Int) -> PixelBox? {
        let left = max(x, 0)
        let top = max(y, 0)
        let right = min(x + width, Double(limitX))
        let bottom = min(y + height, Double(limitY))
        let box = PixelBox(x: left, y: top, width: right - left, height: bottom - top)
        return box.isProper ? box : nil
    }

    /// Its smallest common box with another.
    public func united(with other: PixelBox) -> PixelBox {
        let left = min(x, other.x)
        let top = min(y, other.y)
        return PixelBox(
            x: left,
            y: top,
            width: max(x + width, other.x + other.width) - left,
            height: max(y + height, other.y + other.height) - top
        )
    }

    /// Whether it has more than an edge in common with another.
    public func overlaps(_ other: PixelBox) -> Bool {
        x < other.x + other.width && other.x < x + width && y < other.y + other.height && other.y < y + height
    }

    /// Its four corners after a turn about its centre, as x, y, x, y …: upper left, upper right, lower right, lower left of
    /// the box before the turn.
    ///
    /// - Parameter degrees: clockwise as the picture is seen.
    public func corners(rotatedBy degrees: Double) -> [Double] {
        guard degrees != 0 else { return [x, y, x + width, y, x + width, y + height, x, y + height] }
        let centre = (x: x + width / 2, y: y + height / 2)
        let (sine, cosine) = Rotation.sineAndCosine(degrees)
        let (halfWidth, halfHeight) = (width / 2, height / 2)
        let offsets = [(-halfWidth, -halfHeight), (halfWidth, -halfHeight), (halfWidth, halfHeight), (-halfWidth, halfHeight)]
        return offsets.flatMap { dx, dy in [centre.x + dx * cosine - dy * sine, centre.y + dx * sine + dy * cosine] }
    }
}
