import Faces
import Recordings

/// How a picture is turned from how it is stored to how it is looked at.
struct PictureTurn {
    private let orientation: JPEGHeader.Orientation
    private let width: Int
    private let height: Int

    /// - Parameters:
    ///   - width: columns as stored.
    ///   - height: rows as stored.
    init(_ orientation: JPEGHeader.Orientation, width: Int, height: Int) {
        self.orientation = orientation
        self.width = width
        self.height = height
    }

    private var exchangesSides: Bool { orientation.rawValue >= JPEGHeader.Orientation.transposed.rawValue }

    /// Columns as looked at.
    var uprightWidth: Int { exchangesSides ? height : width }
    /// Rows as looked at.
    var uprightHeight: Int { exchangesSides ? width : height }

    /// Pixels as looked at, from pixels as stored.
    func turned(_ pixels: [UInt8], bytesPerPixel: Int) -> [UInt8] {
        guard orientation != .upright else { return pixels }
        var turned = [UInt8](repeating: 0, count: pixels.count)
        for y in 0..<height {
            for x in 0..<width {
                let place = upright(x, y)
                let (from, to) = ((y * width + x) * bytesPerPixel, (place.y * uprightWidth + place.x) * bytesPerPixel)
                for byte in 0..<bytesPerPixel { turned[to + byte] = pixels[from + byte] }
            }
        }
        return turned
    }

    /// A rectangle as stored, from one as looked at.
    func stored(_ box: FaceBox) -> FaceBox {
        let (w, h) = (Float(width), Float(height))
        let (right, bottom) = (box.x + box.width, box.y + box.height)
        switch orientation {
        case .upright: return box
        case .mirrored: return FaceBox(x: w - right, y: box.y, width: box.width, height: box.height)
        case .turnedAround: return FaceBox(x: w - right, y: h - bottom, width: box.width, height: box.height)
        case .upsideDown: return FaceBox(x: box.x, y: h - bottom, width: box.width, height: box.height)
        case .transposed: return FaceBox(x: box.y, y: box.x, width: box.height, height: box.width)
        case .turnedLeft: return FaceBox(x: box.y, y: h - right, width: box.height, height: box.width)
        case .transversed: return FaceBox(x: w - bottom, y: h - right, width: box.height, height: box.width)
        case .turnedRight: return FaceBox(x: w - bottom, y: box.x, width: box.height, height: box.width)
        }
    }

    private func upright(_ x: Int, _ y: Int) -> (x: Int, y: Int) {
        switch orientation {
        case .upright: (x, y)
        case .mirrored: (width - 1 - x, y)
        case .turnedAround: (width - 1 - x, height - 1 - y)
        case .upsideDown: (x, height - 1 - y)
        case .transposed: (y, x)
        case .turnedLeft: (height - 1 - y, x)
        case .transversed: (height - 1 - y, width - 1 - x)
        case .turnedRight: (y, width - 1 - x)
        }
    }
}
