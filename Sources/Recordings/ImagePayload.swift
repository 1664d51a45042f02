/// The picture that a message holds: what it is, and where its bytes lie in the payload.
public struct ImagePayload: Hashable, Sendable {
    /// What the bytes are, by their first bytes and not by what the message calls them.
    public enum Encoding: Hashable, Sendable {
        case jpeg
        case png
        case webp
        /// An access unit of H.264 in Annex B form.
        case h264
        /// An access unit of H.265 in Annex B form.
        case h265
        /// Pixels.
        case raw(RawImage)
        /// None of these.
        case unknown
    }

    /// What the bytes are.
    public let encoding: Encoding
    /// Where they lie in the payload.
    public let data: Range<Int>
    /// The message's own word for it (`format` or `encoding`), such as `rgb8; jpeg compressed bgr8`.
    public let format: String

    /// The width and height in pixels where they can be told without decoding: from the header of a JPEG or a PNG, or
    /// from the message.
    ///
    /// - Parameter payload: the payload that this was read from.
    public func size(in payload: Payload) -> (width: Int, height: Int)? {
        guard data.upperBound <= payload.bytes.count else { return nil }
        return size(of: UnsafeRawBufferPointer(rebasing: payload.bytes[data]))
    }

    /// The same, told from the picture's own bytes.
    public func size(of bytes: UnsafeRawBufferPointer) -> (width: Int, height: Int)? {
        switch encoding {
        case .jpeg: return JPEGHeader(bytes).map { ($0.width, $0.height) }
        case .png: return ImageSignature.pngSize(bytes)
        case .raw(let image): return (image.width, image.height)
        case .webp, .h264, .h265, .unknown: return nil
        }
    }
}

/// The pixels of a `sensor_msgs/Image`, whose size was checked against the payload: `step × height` bytes are there.
public struct RawImage: Hashable, Sendable {
    /// Pixels in a row.
    public let width: Int
    /// Rows.
    public let height: Int
    /// The layout of a pixel: `rgb8`, `bgr8`, `mono8`, `16UC1`, `bayer_rggb8` and so on, as in `sensor_msgs/image_encodings`.
    public let encoding: String
    /// Bytes from the start of one row to the start of the next; rows may be padded.
    public let step: Int
    /// Whether samples of more than a byte have their high byte first.
    public let isBigEndian: Bool

    /// Bytes of a pixel, where the layout has whole ones and is known here.
    public var bytesPerPixel: Int? {
        switch encoding {
        case "mono8", "8UC1", "8SC1", "bayer_rggb8", "bayer_bggr8", "bayer_gbrg8", "bayer_grbg8": 1
        case "mono16", "16UC1", "16SC1", "bayer_rggb16", "bayer_bggr16", "bayer_gbrg16", "bayer_grbg16", "uyvy", "yuv422", "yuyv",
            "yuv422_yuy2":
            2
        case "rgb8", "bgr8", "8UC3", "8SC3": 3
        case "rgba8", "bgra8", "8UC4", "8SC4", "32FC1", "32SC1": 4
        case "rgb16", "bgr16", "16UC3", "16SC3": 6
        case "rgba16", "bgra16", "16UC4", "16SC4", "64FC1": 8
        default: nil
        }
    }
}
