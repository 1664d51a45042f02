/// A rectangle in a picture, in pixels from its upper left corner.
public struct FaceBox: Hashable, Sendable {
    /// The left edge.
    public var x: Float
    /// The upper edge.
    public var y: Float
    /// The width.
    public var width: Float
    /// The height.
    public var height: Float

    /// A rectangle.
    public init(x: Float, y: Float, width: Float, height: Float) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }

    var centre: (x: Float, y: Float) { (x + width / 2, y + height / 2) }
    var side: Float { max(width, height) }

    func scaled(by factor: Float) -> FaceBox {
        FaceBox(x: x * factor, y: y * factor, width: width * factor, height: height * factor)
    }

    func moved(_ dx: Float, _ dy: Float) -> FaceBox {
        FaceBox(x: x + dx, y: y + dy, width: width, height: height)
    }

    /// Larger about the centre.
    func grown(by factor: Float) -> FaceBox {
        FaceBox(x: x - width * (factor - 1) / 2, y: y - height * (factor - 1) / 2, width: width * factor, height: height * factor)
    }

    func union(_ other: FaceBox) -> FaceBox {
        let (left, top) = (min(x, other.x), min(y, other.y))
        let (right, bottom) = (max(x + width, other.x + other.width), max(y + height, other.y + other.height))
        return FaceBox(x: left, y: top, width: right - left, height: bottom - top)
    }

    func contains(_ other: FaceBox) -> Bool {
        x <= other.x && y <= other.y && x + width >= other.x + other.width && y + height >= other.y + other.height
    }

    /// What is covered of a face that a detector marked: detectors mark it from its brows to its chin; hair, ears and neck are covered too.
    var withMargin: FaceBox {
        FaceBox(x: x - width * 0.25, y: y - height * 0.35, width: width * 1.5, height: height * 1.6)
    }

    /// Whether both may well be the same face: their centres are closer than half a face.
    func isNear(_ other: FaceBox) -> Bool {
        let (own, others) = (centre, other.centre)
        let reach = min(side, other.side) * 0.6
        let ratio = side / max(other.side, 1)
        return abs(own.x - others.x) < reach && abs(own.y - others.y) < reach && ratio > 0.4 && ratio < 2.5
    }
}
