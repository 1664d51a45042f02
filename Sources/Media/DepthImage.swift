import CFFmpeg

/// A depth image: one value a pixel, top row first.
public struct DepthImage: Hashable, Sendable {
    /// What there is of each pixel.
    public enum Values: Hashable, Sendable {
        /// Millimetres, 0 where there is no value.
        case millimetres([UInt16])
        /// Metres, not a number where there is no value.
        case metres([Float])
    }

    /// Pixels in a row.
    public let width: Int
    /// Rows.
    public let height: Int
    /// `width × height` values.
    public let values: Values

    /// What a depth camera's samples are.
    public enum Layout: Hashable, Sendable {
        /// 16-bit integers of millimetres, `16UC1`.
        case millimetres
        /// 32-bit floats of metres, `32FC1`.
        case metres
    }

    /// A depth image from samples as a camera sent them.
    ///
    /// - Parameters:
    ///   - pixels: `step × height` bytes.
    ///   - step: bytes from the start of one row to the start of the next.
    public init(
        _ pixels: UnsafeRawBufferPointer,
        layout: Layout,
        width: Int,
        height: Int,
        step: Int,
        isBigEndian: Bool
    ) throws(MediaError) {
        try Self.check(width, height)
        let size = layout == .millimetres ? 2 : 4
        guard (width * size...max(width * size, pixels.count)).contains(step), height <= pixels.count / step else {
            throw MediaError("A depth image of \(width)×\(height) pixels does not fit the \(pixels.count) bytes that it came in.")
        }
        self.width = width
        self.height = height
        let offsets = (0..<height).lazy.flatMap { y in (0..<width).lazy.map { y * step + $0 * size } }
        switch layout {
        case .millimetres:
            values = .millimetres(
                offsets.map { offset in
                    let value = pixels.loadUnaligned(fromByteOffset: offset, as: UInt16.self)
                    return isBigEndian ? UInt16(bigEndian: value) : UInt16(littleEndian: value)
                }
            )
        case .metres:
            values = .metres(
                offsets.map { offset in
                    let value = pixels.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
                    return Float(bitPattern: isBigEndian ? UInt32(bigEndian: value) : UInt32(littleEndian: value))
                }
            )
        }
    }

    /// A depth image in millimetres from a PNG of 16-bit grey values.
    public init(png bytes: UnsafeRawBufferPointer) throws(MediaError) {
        let picture = try ImageDecoder(.png).decode(bytes)
        guard AVPixelFormat(picture.frame.pointee.format) == AV_PIX_FMT_GRAY16BE, let source = picture.frame.pointee.data.0 else {
            throw MediaError("A compressed depth image is not a PNG of 16-bit grey values.")
        }
        let stride = Int(picture.frame.pointee.linesize.0)
        try self.init(
            UnsafeRawBufferPointer(start: source, count: stride * picture.height),
            layout: .millimetres,
            width: picture.width,
            height: picture.height,
            step: stride,
            isBigEndian: true
        )
    }

    /// A depth image in millimetres from RVL.
    ///
    /// Width and height come first as 32-bit little-endian numbers, then runs without values and runs of values, as differences
    /// (Wilson, *Fast Lossless Depth Image Compression*, 2017).
    public init(rvl bytes: UnsafeRawBufferPointer) throws(MediaError) {
        guard bytes.count >= 8 else { throw MediaError("A depth image in RVL ends before its size.") }
        width = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt32.self)))
        height = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self)))
        try Self.check(width, height)
        var decoder = RVLDecoder(UnsafeRawBufferPointer(rebasing: bytes[8...]))
        values = .millimetres(try decoder.values(count: width * height))
    }

    /// The image in metres, where its values are inverse depths: a value v other than 0 stands for a / (v − b) metres.
    public func metres(a: Float, b: Float) -> DepthImage {
        guard case .millimetres(let values) = values else { return self }
        return DepthImage(width: width, height: height, values: .metres(values.map { $0 == 0 ? .nan : a / (Float($0) - b) }))
    }

    private init(width: Int, height: Int, values: Values) {
        self.width = width
        self.height = height
        self.values = values
    }

    /// Runs of pixels without a value take no room, so a few bytes may claim any size: depth is bounded as video is.
    private static func check(_ width: Int, _ height: Int) throws(MediaError) {
        guard (1...Picture.maximumSide).contains(width), (1...Picture.maximumSide).contains(height),
            width * height <= VideoDecoder.maximumPixels
        else { throw MediaError("A depth image of \(width)×\(height) pixels is empty or too large.") }
    }
}

/// Numbers of three bits a nibble, the lowest first, with the nibble's high bit set where more follow; nibbles from the
/// highest to the lowest of 32-bit little-endian words.
private struct RVLDecoder {
    private let bytes: UnsafeRawBufferPointer
    private var nibble = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    mutating func values(count: Int) throws(MediaError) -> [UInt16] {
        var values: [UInt16] = []
        values.reserveCapacity(count)
        var previous: UInt16 = 0
        while values.count < count {
            let empty = try number()
            let filled = try number()
            // Each pair of runs must come to something, or the loop would not.
            guard empty + filled > 0, empty + filled <= count - values.count else {
                throw MediaError("A depth image in RVL holds more or fewer values than its size asks for.")
            }
            values.append(contentsOf: repeatElement(0, count: empty))
            for _ in 0..<filled {
                let coded = try number()
                // The sign is the lowest bit. The reference implementation keeps 16 bits of the sum, too.
                let difference = coded & 1 == 0 ? coded >> 1 : -(coded >> 1) - 1
                previous = UInt16(truncatingIfNeeded: Int(previous) + difference)
                values.append(previous)
            }
        }
        return values
    }

    private mutating func number() throws(MediaError) -> Int {
        var value = 0
        for shift in stride(from: 0, through: 30, by: 3) {
            let word = nibble / 8 * 4
            let byte = word + 3 - nibble % 8 / 2
            guard byte < bytes.count else { throw MediaError("A depth image in RVL ends before its last value.") }
            let four = nibble % 2 == 0 ? bytes[byte] >> 4 : bytes[byte] & 15
            nibble += 1
            value |= Int(four & 7) << shift
            if four & 8 == 0 { return value }
        }
        throw MediaError("A depth image in RVL holds a number that is too large.")
    }
}
