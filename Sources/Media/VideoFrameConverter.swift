import CFFmpeg

/// Makes pictures into what encoders take: planar 4:2:0 of even size, with the matrix of ITU-R BT.601 and video's limited
/// range.
///
/// Limited range is what every reader assumes. A full-range flag is lost on some: torchcodec's software conversion reads
/// AV1 planes as limited whatever the stream says. It is also what the LeRobot library writes.
///
/// Planes of a JPEG go in without an RGB detour. What is not YUV is converted by swscale, once.
final class VideoFrameConverter {
    private let width: Int
    private let height: Int
    private let target: Picture
    private var scaler: OpaquePointer?
    private var scalerSource = (format: AV_PIX_FMT_NONE, isFullRange: false, matrix: AVCOL_SPC_UNSPECIFIED)

    /// A converter to pictures of an even size; larger ones lose their last column or row.
    init(width: Int, height: Int) throws(MediaError) {
        self.width = width
        self.height = height
        target = try Picture(width: width, height: height, format: AV_PIX_FMT_YUV420P)
    }

    deinit {
        sws_freeContext(scaler)
    }

    /// The picture as an encoder takes it, valid until the next call.
    func convert(_ picture: Picture) throws(MediaError) -> Picture {
        let source = picture.frame.pointee
        let isBT601 = Self.isBT601(source.colorspace)
        switch AVPixelFormat(source.format) {
        case AV_PIX_FMT_YUV420P where source.color_range != AVCOL_RANGE_JPEG && isBT601: return try cropped(picture)
        case AV_PIX_FMT_GRAY8 where source.color_range != AVCOL_RANGE_MPEG: return try gray(picture)
        case AV_PIX_FMT_YUVJ420P where isBT601: return try planes(picture, halvedColumns: true, halvedRows: true)
        case AV_PIX_FMT_YUVJ422P where isBT601: return try planes(picture, halvedColumns: true, halvedRows: false)
        case AV_PIX_FMT_YUVJ444P where isBT601: return try planes(picture, halvedColumns: false, halvedRows: false)
        default: return try scaled(picture)
        }
    }

    private static func isBT601(_ matrix: AVColorSpace) -> Bool {
        [AVCOL_SPC_UNSPECIFIED, AVCOL_SPC_BT470BG, AVCOL_SPC_SMPTE170M].contains(matrix)
    }

    /// The encoder may still hold the frame that it was given last.
    private func writableTarget() throws(MediaError) -> AVFrame {
        let status = av_frame_make_writable(target.frame)
        guard status >= 0 else { throw MediaError("make room for a frame", code: status) }
        return target.frame.pointee
    }

    private func planes(_ picture: Picture, halvedColumns: Bool, halvedRows: Bool) throws(MediaError) -> Picture {
        let source = picture.frame.pointee
        let target = try writableTarget()
        try lumaPlane(source, target)
        let pairs = [
            (source.data.1, Int(source.linesize.1), target.data.1, Int(target.linesize.1)),
            (source.data.2, Int(source.linesize.2), target.data.2, Int(target.linesize.2)),
        ]
        for (from, fromStride, to, toStride) in pairs {
            guard let from, let to else { throw MediaError("The picture holds no colours.") }
            for y in 0..<height / 2 {
                let row = to + y * toStride
                if halvedRows {
                    LimitedRange.chromaRow(from + y * fromStride, row, count: width / 2)
                } else {
                    let upper = from + 2 * y * fromStride
                    if halvedColumns {
                        LimitedRange.chromaRow(upper, upper + fromStride, row, count: width / 2)
                    } else {
                        LimitedRange.chromaRowOfSquares(upper, upper + fromStride, row, count: width / 2)
                    }
                }
            }
        }
        return self.target
    }

    private func gray(_ picture: Picture) throws(MediaError) -> Picture {
        let target = try writableTarget()
        try lumaPlane(picture.frame.pointee, target)
        for (plane, stride) in [(target.data.1, target.linesize.1), (target.data.2, target.linesize.2)] {
            plane?.update(repeating: 128, count: Int(stride) * height / 2)
        }
        return self.target
    }

    private func lumaPlane(_ source: AVFrame, _ target: AVFrame) throws(MediaError) {
        guard let from = source.data.0, let to = target.data.0 else { throw MediaError("The picture holds no pixels.") }
        for y in 0..<height {
            LimitedRange.lumaRow(from + y * Int(source.linesize.0), to + y * Int(target.linesize.0), count: width)
        }
    }

    /// The same pixels, without the last column or row where that is one too many.
    private func cropped(_ picture: Picture) throws(MediaError) -> Picture {
        guard let frame = av_frame_clone(picture.frame) else { throw MediaError("There is no memory for a picture.") }
        frame.pointee.width = Int32(width)
        frame.pointee.height = Int32(height)
        return Picture(owning: frame)
    }

    private func scaled(_ picture: Picture) throws(MediaError) -> Picture {
        let format = AVPixelFormat(picture.frame.pointee.format)
        guard let layout = av_pix_fmt_desc_get(format) else { throw MediaError("The picture's layout of pixels is unknown.") }
        // The library's shortcut from a sensor's mosaic to luma and chroma heeds neither range nor matrix.
        if layout.pointee.flags & UInt64(AV_PIX_FMT_FLAG_BAYER) != 0 { return try scaled(picture.convert(to: AV_PIX_FMT_RGB24)) }
        let source = try cropped(picture)
        let range = source.frame.pointee.color_range
        let isFullRange = range == AVCOL_RANGE_JPEG || (range != AVCOL_RANGE_MPEG && Self.isFullRange(format, layout))
        let matrix = source.frame.pointee.colorspace
        let context = try scaler(from: format, isFullRange: isFullRange, matrix: matrix)
        _ = try writableTarget()
        let status = sws_scale_frame(context, target.frame, source.frame)
        guard status >= 0 else { throw MediaError("convert a picture", code: status) }
        return target
    }

    /// What values mean where the picture does not say: RGB, gray and JPEG's own layouts use the whole range.
    private static func isFullRange(_ format: AVPixelFormat, _ layout: UnsafePointer<AVPixFmtDescriptor>) -> Bool {
        if layout.pointee.nb_components < 3 || layout.pointee.flags & UInt64(AV_PIX_FMT_FLAG_RGB) != 0 { return true }
        let jpegFormats = [AV_PIX_FMT_YUVJ411P, AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUVJ440P, AV_PIX_FMT_YUVJ444P]
        return jpegFormats.contains(format)
    }

    private func scaler(
        from format: AVPixelFormat,
        isFullRange: Bool,
        matrix: AVColorSpace
    ) throws(MediaError) -> OpaquePointer {
        if let scaler, scalerSource == (format, isFullRange, matrix) { return scaler }
        sws_freeContext(scaler)
        scaler = nil
        let flags = SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INP | SWS_BITEXACT
        let sides = (Int32(width), Int32(height))
        let fresh = sws_getContext(sides.0, sides.1, format, sides.0, sides.1, AV_PIX_FMT_YUV420P, flags, nil, nil, nil)
        guard let fresh else { throw MediaError("The picture's layout of pixels cannot be converted.") }
        let one: Int32 = 1 << 16
        let sourceMatrix = sws_getCoefficients(Int32(matrix.rawValue))
        sws_setColorspaceDetails(fresh, sourceMatrix, isFullRange ? 1 : 0, sws_getCoefficients(SWS_CS_ITU601), 0, 0, one, one)
        scaler = fresh
        scalerSource = (format, isFullRange, matrix)
        return fresh
    }
}
