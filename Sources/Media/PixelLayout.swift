import CFFmpeg

/// Layouts of pixels that cameras send uncompressed and that can be turned into a picture of 8-bit colours.
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
    /// 16 bits a sample, of which a picture keeps the high 8, as all layouts that end in 16.
    case rgb16
    case bgr16
    case rgba16
    case bgra16
    case gray16
    case bayerRGGB16
    case bayerBGGR16
    case bayerGBRG16
    case bayerGRBG16
    /// Luma and chroma of 4:2:2, packed; as all luma and chroma here in the narrow range of BT.601.
    case uyvy
    case yuyv
    /// A plane of luma and one of pairs of chroma: 4:2:0, 4:2:0 with the pairs swapped, 4:4:4.
    case nv12
    case nv21
    case nv24

    /// The layout that `sensor_msgs/image_encodings` calls so, or nil where it is none of these: depth and other values that
    /// are not said to be brightness are no colours.
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
        case "rgb16": self = .rgb16
        case "bgr16", "16UC3": self = .bgr16
        case "rgba16": self = .rgba16
        case "bgra16", "16UC4": self = .bgra16
        case "mono16": self = .gray16
        case "bayer_rggb16": self = .bayerRGGB16
        case "bayer_bggr16": self = .bayerBGGR16
        case "bayer_gbrg16": self = .bayerGBRG16
        case "bayer_grbg16": self = .bayerGRBG16
        case "uyvy", "yuv422": self = .uyvy
        case "yuyv", "yuv422_yuy2": self = .yuyv
        case "nv12": self = .nv12
        case "nv21": self = .nv21
        case "nv24": self = .nv24
        default: return nil
        }
    }

    /// One plane of a picture of some size.
    fileprivate struct Plane {
        /// Bytes of a row that hold pixels.
        let row: Int
        let rows: Int
        /// Bytes from one row to the next, in steps of the picture.
        let steps: Int
    }

    /// The planes in the order in which they lie behind each other.
    fileprivate func planes(width: Int, height: Int) -> [Plane] {
        let pixels = Plane(row: width * bytesPerPixel, rows: height, steps: 1)
        switch self {
        case .nv12, .nv21: return [pixels, Plane(row: (width + 1) / 2 * 2, rows: (height + 1) / 2, steps: 1)]
        case .nv24: return [pixels, Plane(row: width * 2, rows: height, steps: 2)]
        default: return [pixels]
        }
    }

    /// Bytes of two neighbouring pixels where only both together say a colour, so that a row of an odd width ends with half
    /// a pair; nil where each pixel stands alone.
    fileprivate var pair: Int? {
        switch self {
        case .bayerRGGB, .bayerBGGR, .bayerGBRG, .bayerGRBG: 2
        case .bayerRGGB16, .bayerBGGR16, .bayerGBRG16, .bayerGRBG16, .uyvy, .yuyv: 4
        default: nil
        }
    }

    /// Bytes of a pixel in the first plane.
    private var bytesPerPixel: Int {
        switch self {
        case .gray, .bayerRGGB, .bayerBGGR, .bayerGBRG, .bayerGRBG, .nv12, .nv21, .nv24: 1
        case .uyvy, .yuyv, .gray16, .bayerRGGB16, .bayerBGGR16, .bayerGBRG16, .bayerGRBG16: 2
        case .rgb, .bgr: 3
        case .rgba, .bgra: 4
        case .rgb16, .bgr16: 6
        case .rgba16, .bgra16: 8
        }
    }

    fileprivate func format(isBigEndian: Bool) -> AVPixelFormat {
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
        case .rgb16: isBigEndian ? AV_PIX_FMT_RGB48BE : AV_PIX_FMT_RGB48LE
        case .bgr16: isBigEndian ? AV_PIX_FMT_BGR48BE : AV_PIX_FMT_BGR48LE
        case .rgba16: isBigEndian ? AV_PIX_FMT_RGBA64BE : AV_PIX_FMT_RGBA64LE
        case .bgra16: isBigEndian ? AV_PIX_FMT_BGRA64BE : AV_PIX_FMT_BGRA64LE
        case .gray16: isBigEndian ? AV_PIX_FMT_GRAY16BE : AV_PIX_FMT_GRAY16LE
        case .bayerRGGB16: isBigEndian ? AV_PIX_FMT_BAYER_RGGB16BE : AV_PIX_FMT_BAYER_RGGB16LE
        case .bayerBGGR16: isBigEndian ? AV_PIX_FMT_BAYER_BGGR16BE : AV_PIX_FMT_BAYER_BGGR16LE
        case .bayerGBRG16: isBigEndian ? AV_PIX_FMT_BAYER_GBRG16BE : AV_PIX_FMT_BAYER_GBRG16LE
        case .bayerGRBG16: isBigEndian ? AV_PIX_FMT_BAYER_GRBG16BE : AV_PIX_FMT_BAYER_GRBG16LE
        case .uyvy: AV_PIX_FMT_UYVY422
        case .yuyv: AV_PIX_FMT_YUYV422
        case .nv12: AV_PIX_FMT_NV12
        case .nv21: AV_PIX_FMT_NV21
        case .nv24: AV_PIX_FMT_NV24
        }
    }
}

extension Picture {
    /// A picture from pixels as a camera sent them.
    ///
    /// - Parameters:
    ///   - pixels: `step × height` bytes, top row first, and those of the second plane behind them.
    ///   - step: bytes from the start of one row to the start of the next.
    ///   - isBigEndian: whether samples of 16 bits have their high byte first.
    public convenience init(
        _ pixels: UnsafeRawBufferPointer,
        layout: PixelLayout,
        width: Int,
        height: Int,
        step: Int,
        isBigEndian: Bool = false
    ) throws(MediaError) {
        try self.init(width: width, height: height, format: layout.format(isBigEndian: isBigEndian))
        let planes = layout.planes(width: width, height: height)
        guard layout.pair == nil || width > 1 && height > 1 else {
            throw MediaError("A picture of \(width)×\(height) pixels is too small for a layout in which neighbours share their colour.")
        }
        // A step within these bounds cannot overflow below.
        let fits = (0...pixels.count).contains(step) && planes.allSatisfy { $0.row <= step * $0.steps }
        guard fits, planes.reduce(0, { $0 + $1.rows * $1.steps }) <= pixels.count / step else {
            throw MediaError("A picture of \(width)×\(height) pixels does not fit the \(pixels.count) bytes that it came in.")
        }
        var offset = 0
        let targets = [(frame.pointee.data.0, frame.pointee.linesize.0), (frame.pointee.data.1, frame.pointee.linesize.1)]
        for (plane, (memory, stride)) in zip(planes, targets) {
            guard let memory else { throw MediaError("There is no memory for a picture.") }
            for y in 0..<plane.rows {
                let line = UnsafeRawBufferPointer(rebasing: pixels[offset..<offset + plane.row])
                let target = memory + y * Int(stride)
                UnsafeMutableRawBufferPointer(start: target, count: plane.row).copyMemory(from: line)
                offset += step * plane.steps
                // The half that a row of an odd width lacks is that of the pair before; rows have room for it.
                if let pair = layout.pair, width % 2 == 1 {
                    for index in plane.row..<plane.row + pair / 2 { target[index] = target[index - pair] }
                }
            }
        }
    }
}

extension Picture {
    /// Writes the pixels back into the bytes that `init(_:layout:width:height:step:isBigEndian:)` took them from; bytes between rows stay.
    ///
    /// - Throws: `MediaError` where the bytes are too few.
    public func write(into pixels: UnsafeMutableRawBufferPointer, layout: PixelLayout, step: Int) throws(MediaError) {
        var offset = 0
        let sources = [(frame.pointee.data.0, frame.pointee.linesize.0), (frame.pointee.data.1, frame.pointee.linesize.1)]
        for (plane, (memory, stride)) in zip(layout.planes(width: width, height: height), sources) {
            guard let memory, step >= 0, plane.row <= step * plane.steps else { throw MediaError("A picture does not fit its bytes.") }
            for y in 0..<plane.rows {
                guard offset + plane.row <= pixels.count else { throw MediaError("A picture does not fit its bytes.") }
                let line = UnsafeRawBufferPointer(start: memory + y * Int(stride), count: plane.row)
                UnsafeMutableRawBufferPointer(rebasing: pixels[offset..<offset + plane.row]).copyMemory(from: line)
                offset += step * plane.steps
            }
        }
    }
}
