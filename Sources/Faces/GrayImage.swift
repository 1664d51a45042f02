import CFaces

/// A grey picture: one byte a pixel, row after row without gaps.
public struct GrayImage: Hashable, Sendable {
    /// Pixels in a row.
    public let width: Int
    /// Rows.
    public let height: Int
    /// `width × height` bytes.
    public let pixels: [UInt8]

    /// A picture from its pixels.
    ///
    /// - Parameter pixels: `width × height` bytes.
    public init(width: Int, height: Int, pixels: [UInt8]) {
        precondition(width > 0 && height > 0 && pixels.count == width * height, "a picture has as many pixels as its size says")
        self.width = width
        self.height = height
        self.pixels = pixels
    }

    /// Lends the picture, or a part of it, to the library.
    func withView<Result>(_ part: PixelArea? = nil, _ body: (exportd_gray) -> Result) -> Result {
        let part = part ?? PixelArea(x: 0, y: 0, width: width, height: height)
        return pixels.withUnsafeBufferPointer { buffer in
            let start = buffer.baseAddress.map { $0 + part.y * width + part.x }
            return body(exportd_gray(pixels: start, width: Int32(part.width), height: Int32(part.height), stride: width))
        }
    }

    /// The picture, or a part of it, in another size.
    func resized(_ part: PixelArea? = nil, width: Int, height: Int) throws(FaceError) -> GrayImage {
        var failure: FaceError?
        let pixels = [UInt8](unsafeUninitializedCapacity: width * height) { target, count in
            withView(part) { view in
                failure = Library.failure("change the size of a picture") { message in
                    exportd_gray_resize(view, target.baseAddress, Int32(width), Int32(height), message)
                }
            }
            if failure != nil { target.initialize(repeating: 0) }
            count = width * height
        }
        if let failure { throw failure }
        return GrayImage(width: width, height: height, pixels: pixels)
    }

    /// The picture made smaller by a whole factor, sides rounded up.
    ///
    /// - Throws: `FaceError` where there is no memory for it.
    public func smaller(by factor: Int) throws(FaceError) -> GrayImage {
        guard factor > 1 else { return self }
        return try resized(width: (width + factor - 1) / factor, height: (height + factor - 1) / factor)
    }

    /// Brighter where it is so dark that detectors would see little in it.
    func brightened() -> GrayImage {
        var counts = [Int](repeating: 0, count: 256)
        // Every seventh pixel says enough.
        for index in stride(from: 0, to: pixels.count, by: 7) { counts[Int(pixels[index])] += 1 }
        var rest = counts.reduce(0, +) / 50
        var bright = 255
        while bright > 0, rest >= counts[bright] {
            rest -= counts[bright]
            bright -= 1
        }
        guard bright < 140, bright > 0 else { return self }
        let table = (0..<256).map { UInt8(min(255, $0 * 220 / bright)) }
        return GrayImage(width: width, height: height, pixels: pixels.map { table[Int($0)] })
    }

    /// The largest mean difference of a block of 16 × 16 pixels to the same block of another picture of the same size.
    ///
    /// Noise of single pixels goes out in it, a small face that comes or goes does not.
    func largestChange(from other: GrayImage) -> Int {
        guard other.width == width, other.height == height else { return 255 }
        let side = 16
        var largest = 0
        pixels.withUnsafeBufferPointer { own in
            other.pixels.withUnsafeBufferPointer { others in
                for top in stride(from: 0, to: height, by: side) {
                    for left in stride(from: 0, to: width, by: side) {
                        let (bottom, right) = (min(top + side, height), min(left + side, width))
                        var sum = 0
                        for y in top..<bottom {
                            for x in left..<right {
                                sum += abs(Int(own[y * width + x]) - Int(others[y * width + x]))
                            }
                        }
                        largest = max(largest, sum / ((bottom - top) * (right - left)))
                    }
                }
            }
        }
        return largest
    }
}

/// A part of a picture.
struct PixelArea: Hashable {
    var x: Int
    var y: Int
    var width: Int
    var height: Int

    /// The part of a picture that a rectangle covers; nil where that is less than a few pixels.
    init?(_ box: FaceBox, in image: GrayImage) {
        let left = max(0, Int(box.x.rounded()))
        let top = max(0, Int(box.y.rounded()))
        let right = min(image.width, Int((box.x + box.width).rounded()))
        let bottom = min(image.height, Int((box.y + box.height).rounded()))
        guard right - left >= 5, bottom - top >= 5 else { return nil }
        self.init(x: left, y: top, width: right - left, height: bottom - top)
    }

    /// With sides that are multiples of a number.
    func trimmed(to step: Int) -> PixelArea {
        PixelArea(x: x, y: y, width: width - width % step, height: height - height % step)
    }

    init(x: Int, y: Int, width: Int, height: Int) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }
}

extension GrayImage: FacePicture {
    /// Its size.
    public func size() -> (width: Int, height: Int) { (width, height) }

    /// The picture made smaller.
    public func gray(smallerBy factor: Int) throws(FaceError) -> GrayImage { try smaller(by: factor) }

    /// Grey as colours.
    public func bgr() -> [UInt8] { pixels.flatMap { [$0, $0, $0] } }
}
