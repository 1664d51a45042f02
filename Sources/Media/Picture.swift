import CFFmpeg

/// A decoded picture, which owns the library's frame.
public final class Picture {
    /// No side of a picture may be longer.
    public static let maximumSide = 16_384

    let frame: UnsafeMutablePointer<AVFrame>

    /// Takes over a frame that the library filled.
    init(owning frame: UnsafeMutablePointer<AVFrame>) {
        self.frame = frame
    }

    /// An unfilled picture.
    init(width: Int, height: Int, format: AVPixelFormat) throws(MediaError) {
        guard (1...Self.maximumSide).contains(width), (1...Self.maximumSide).contains(height) else {
            throw MediaError("A picture of \(width)×\(height) pixels is empty or too large.")
        }
        guard let frame = av_frame_alloc() else { throw MediaError("There is no memory for a picture.") }
        self.frame = frame
        frame.pointee.width = Int32(width)
        frame.pointee.height = Int32(height)
        frame.pointee.format = format.rawValue
        let status = av_frame_get_buffer(frame, 0)
        guard status >= 0 else { throw MediaError("make room for a picture of \(width)×\(height) pixels", code: status) }
    }

    deinit {
        var frame: UnsafeMutablePointer<AVFrame>? = frame
        av_frame_free(&frame)
    }

    /// Pixels in a row.
    public var width: Int { Int(frame.pointee.width) }
    /// Rows.
    public var height: Int { Int(frame.pointee.height) }

    /// The picture as packed RGB bytes, row after row: height × width × 3.
    public func rgb() throws(MediaError) -> [UInt8] {
        let converted = try convert(to: AV_PIX_FMT_RGB24)
        let row = width * 3
        var bytes = [UInt8](repeating: 0, count: height * row)
        guard let source = converted.frame.pointee.data.0 else { throw MediaError("The converted picture holds no pixels.") }
        let stride = Int(converted.frame.pointee.linesize.0)
        bytes.withUnsafeMutableBytes { target in
            for y in 0..<height {
                let line = UnsafeRawBufferPointer(start: source + y * stride, count: row)
                UnsafeMutableRawBufferPointer(rebasing: target[y * row..<(y + 1) * row]).copyMemory(from: line)
            }
        }
        return bytes
    }

    /// The picture in another layout of pixels.
    ///
    /// What comes out uses the whole range of values and the matrix of ITU-R BT.601, as JPEG does. What goes in says
    /// itself what it uses; luma and chroma of which nothing is known are those of BT.601 in its narrow range, as video has
    /// it and cameras send it.
    ///
    /// - Parameter size: of what comes out, which is the picture's own if nil; made smaller, each pixel is the mean of those that
    ///   it stands for.
    func convert(to format: AVPixelFormat, size: (width: Int, height: Int)? = nil) throws(MediaError) -> Picture {
        // The library's shortcut from a sensor's mosaic to luma and chroma heeds neither range nor matrix.
        if isMosaic, format != AV_PIX_FMT_RGB24 { return try convert(to: AV_PIX_FMT_RGB24).convert(to: format, size: size) }
        let target = try Picture(width: size?.width ?? width, height: size?.height ?? height, format: format)
        let filter = size == nil ? SWS_BICUBIC : SWS_AREA
        let flags = filter | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP | SWS_BITEXACT
        let context = sws_getContext(
            frame.pointee.width,
            frame.pointee.height,
            AVPixelFormat(frame.pointee.format),
            target.frame.pointee.width,
            target.frame.pointee.height,
            format,
            flags,
            nil,
            nil,
            nil
        )
        guard let context else { throw MediaError("The picture's layout of pixels cannot be converted.") }
        defer { sws_freeContext(context) }
        let matrix = sws_getCoefficients(SWS_CS_ITU601)
        sws_setColorspaceDetails(context, sws_getCoefficients(ownMatrix), usesWholeRange ? 1 : 0, matrix, 1, 0, 1 << 16, 1 << 16)
        let status = sws_scale_frame(context, target.frame, frame)
        guard status >= 0 else { throw MediaError("convert a picture", code: status) }
        return target
    }

    /// Whether its values run from 0 to the highest, and not from 16 to 235 of 255.
    var usesWholeRange: Bool {
        if frame.pointee.color_range == AVCOL_RANGE_JPEG { return true }
        switch AVPixelFormat(frame.pointee.format) {
        case AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUVJ444P, AV_PIX_FMT_YUVJ440P, AV_PIX_FMT_YUVJ411P: return true
        default: break
        }
        if frame.pointee.color_range == AVCOL_RANGE_MPEG { return false }
        // Luma and chroma have more than one component and no RGB flag.
        guard let description = av_pix_fmt_desc_get(AVPixelFormat(frame.pointee.format)) else { return true }
        return description.pointee.flags & UInt64(AV_PIX_FMT_FLAG_RGB) != 0 || description.pointee.nb_components < 3
    }

    /// How its luma and chroma come from colours, as one of swscale's constants.
    var ownMatrix: Int32 {
        switch frame.pointee.colorspace {
        case AVCOL_SPC_BT709: SWS_CS_ITU709
        case AVCOL_SPC_SMPTE240M: SWS_CS_SMPTE240M
        case AVCOL_SPC_FCC: SWS_CS_FCC
        case AVCOL_SPC_BT2020_NCL, AVCOL_SPC_BT2020_CL: SWS_CS_BT2020
        default: SWS_CS_ITU601
        }
    }

    /// Whether each pixel holds one colour only, as sensors give it.
    var isMosaic: Bool {
        guard let description = av_pix_fmt_desc_get(AVPixelFormat(frame.pointee.format)) else { return false }
        return description.pointee.flags & UInt64(AV_PIX_FMT_FLAG_BAYER) != 0
    }
}
