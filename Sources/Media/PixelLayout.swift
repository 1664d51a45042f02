import CFFmpeg

/// Layouts of pixels that cameras send uncompressed and that a picture of 8-bit colours can hold.
public enum PixelLayout: Hashable, Sendable {
    case rgb
    case bgr
    case rgba
    case bgra
    case gray
    case bayerRGGB
    case bayerBGGR
    case bayerGBRG
    case bayerGRBG
    case uyvy
    case yuyv

    /// The layout that `sensor_msgs/image_encodings` calls so, or nil where it is none of these: depth and other values of
    /// more than 8 bits are no colours.
    public init?(rosEncoding: String) {
        switch rosEncoding {
        case "rgb8": self = .rgb
        case "bgr8", "8UC3": self = .bgr
        case "rgba8": self = .rgba
        case "bgra8", "8UC4": self = .bgra
        case "mono8", "8UC1": self = .gray
        case "bayer_rggb8": self = .bayerRGGB
        case "bayer_bggr8": self = .bayerBGGR
        case "bayer_gbrg8": self = .bayerGBRG
        case "bayer_grbg8": self = .bayerGRBG
        case "uyvy", "yuv422": self = .uyvy
        case "yuyv", "yuv422_yuy2": self = .yuyv
        default: return nil
        }
    }

    /// Bytes of a pixel.
    var bytesPerPixel: Int {
        switch self {
        case .rgb, .bgr: 3
        case .rgba, .bgra: 4
        case .gray, .bayerRGGB, .bayerBGGR, .bayerGBRG, .bayerGRBG: 1
        case .uyvy, .yuyv: 2
        }
    }

    var format: AVPixelFormat {
        switch self {
        case .rgb: AV_PIX_FMT_RGB24
        case .bgr: AV_PIX_FMT_BGR24
        case .rgba: AV_PIX_FMT_RGBA
        case .bgra: AV_PIX_FMT_BGRA
        case .gray: AV_PIX_FMT_GRAY8
        case .bayerRGGB: AV_PIX_FMT_BAYER_RGGB8
        case .bayerBGGR: AV_PIX_FMT_BAYER_BGGR8
        case .bayerGBRG: AV_PIX_FMT_BAYER_GBRG8
        case .bayerGRBG: AV_PIX_FMT_BAYER_GRBG8
        case .uyvy: AV_PIX_FMT_UYVY422
        case .yuyv: AV_PIX_FMT_YUYV422
        }
    }
}

extension Picture {
    /// A picture from pixels as a camera sent them.
    ///
    /// - Parameters:
    ///   - pixels: `step × height` bytes, top row first.
    ///   - step: bytes from the start of one row to the start of the next.
    public convenience init(
        _ pixels: UnsafeRawBufferPointer,
        layout: PixelLayout,
        width: Int,
        height: Int,
        step: Int
    ) throws(MediaError) {
        try self.init(width: width, height: height, format: layout.format)
        let row = width * layout.bytesPerPixel
        guard row <= step, height <= pixels.count / step, let target = frame.pointee.data.0 else {
            throw MediaError("A picture of \(width)×\(height) pixels does not fit the \(pixels.count) bytes that it came in.")
        }
        let stride = Int(frame.pointee.linesize.0)
        for y in 0..<height {
            let line = UnsafeRawBufferPointer(rebasing: pixels[y * step..<y * step + row])
            UnsafeMutableRawBufferPointer(start: target + y * stride, count: row).copyMemory(from: line)
        }
    }
}
