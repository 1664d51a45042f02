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
    private var scalerSource: ScalerSource?

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
        guard picture.ownMatrix == SWS_CS_ITU601 else { return try scaled(picture) }
        switch (AVPixelFormat(picture.frame.pointee.format), picture.usesWholeRange) {
        case (AV_PIX_FMT_YUV420P, false): return try cropped(picture)
        case (AV_PIX_FMT_GRAY8, true): return try gray(picture)
        case (AV_PIX_FMT_YUVJ420P, true), (AV_PIX_FMT_YUV420P, true): return try planes(picture, halvedColumns: true, halvedRows: true)
        case (AV_PIX_FMT_YUVJ422P, true), (AV_PIX_FMT_YUV422P, true): return try planes(picture, halvedColumns: true, halvedRows: false)
        case (AV_PIX_FMT_YUVJ444P, true), (AV_PIX_FMT_YUV444P, true): return try planes(picture, halvedColumns: false, halvedRows: false)
        default: return try scaled(picture)
        }
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
        // The library's shortcut from a sensor's mosaic to luma and chroma heeds neither range nor matrix.
        if picture.isMosaic { return try scaled(picture.convert(to: AV_PIX_FMT_RGB24)) }
        let source = try cropped(picture)
        let context = try scaler(ScalerSource(picture))
        _ = try writableTarget()
        let status = sws_scale_frame(context, target.frame, source.frame)
        guard status >= 0 else { throw MediaError("convert a picture", code: status) }
        return target
    }

    /// What a scaler is made for.
    private struct ScalerSource: Equatable {
        let format: AVPixelFormat
        let usesWholeRange: Bool
        let matrix: Int32

        init(_ picture: Picture) {
            format = AVPixelFormat(picture.frame.pointee.format)
            usesWholeRange = picture.usesWholeRange
            matrix = picture.ownMatrix
        }
    }

    private func scaler(_ source: ScalerSource) throws(MediaError) -> OpaquePointer {
        if let scaler, scalerSource == source { return scaler }
        sws_freeContext(scaler)
        scaler = nil
        let flags = SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INP | SWS_BITEXACT
        let (width, height) = (Int32(width), Int32(height))
        let fresh = sws_getContext(width, height, source.format, width, height, AV_PIX_FMT_YUV420P, flags, nil, nil, nil)
        guard let fresh else { throw MediaError("The picture's layout of pixels cannot be converted.") }
        let (from, to) = (sws_getCoefficients(source.matrix), sws_getCoefficients(SWS_CS_ITU601))
        sws_setColorspaceDetails(fresh, from, source.usesWholeRange ? 1 : 0, to, 0, 0, 1 << 16, 1 << 16)
        scaler = fresh
        scalerSource = source
        return fresh
    }
}
