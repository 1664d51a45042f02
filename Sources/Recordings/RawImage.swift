/// The pixels of a `sensor_msgs/Image` or a `foxglove.RawImage`, whose size was checked against the payload: as many rows
/// as the layout needs are there.
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

    /// Bytes of a pixel in its row, where the layout has whole ones and is known here; of layouts with planes, in the
    /// first of them.
    public var bytesPerPixel: Int? {
        switch encoding {
        case "mono8", "8UC1", "8SC1", "bayer_rggb8", "bayer_bggr8", "bayer_gbrg8", "bayer_grbg8", "nv12", "nv21", "nv24": 1
        case "mono16", "16UC1", "16SC1", "bayer_rggb16", "bayer_bggr16", "bayer_gbrg16", "bayer_grbg16", "uyvy", "yuv422", "yuyv",
            "yuv422_yuy2", "8UC2", "8SC2":
            2
        case "rgb8", "bgr8", "8UC3", "8SC3": 3
        case "rgba8", "bgra8", "8UC4", "8SC4", "32FC1", "32SC1", "16UC2", "16SC2": 4
        case "rgb16", "bgr16", "16UC3", "16SC3": 6
        case "rgba16", "bgra16", "16UC4", "16SC4", "64FC1", "32FC2", "32SC2": 8
        default: nil
        }
    }

    /// How many bytes the rows of all planes have together; nil where the numbers contradict each other.
    ///
    /// `nv12` and `nv21` have a second plane of half as many rows, rounded up; `nv24` one of as many rows of twice the
    /// step (the kernel's V4L2 pixel formats, to which `sensor_msgs/image_encodings` refers).
    var byteCount: Int? {
        guard width > 0, height > 0, let row = Self.product(bytesPerPixel ?? 1, width), row <= step else { return nil }
        switch encoding {
        case "nv12", "nv21":
            guard width < .max, (width + 1) / 2 * 2 <= step else { return nil }
            return height < .max / 2 ? Self.product(step, height + (height + 1) / 2) : nil
        case "nv24":
            return height < .max / 3 ? Self.product(step, 3 * height) : nil
        default:
            return Self.product(step, height)
        }
    }

    private static func product(_ left: Int, _ right: Int) -> Int? {
        let (product, overflow) = left.multipliedReportingOverflow(by: right)
        return overflow ? nil : product
    }
}
