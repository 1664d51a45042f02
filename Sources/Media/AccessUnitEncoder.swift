import CFFmpeg

/// Encodes pictures as the messages of a video stream: one access unit for each picture, in the order given, none held back.
///
/// Parameter sets stand in every key frame, so that a player may begin at any. To be used by one thread at a time.
public final class AccessUnitEncoder {
    private let codec: VideoDecoder.Codec
    private let framesPerSecond: Int
    private let packet: UnsafeMutablePointer<AVPacket>
    private var context: UnsafeMutablePointer<AVCodecContext>?
    private var count: Int64 = 0

    /// An encoder that takes size and layout of its pictures from the first.
    ///
    /// - Parameter framesPerSecond: about how many; rate control wants to know.
    public init(_ codec: VideoDecoder.Codec, framesPerSecond: Int) throws(MediaError) {
        av_log_set_level(AV_LOG_QUIET)
        guard let packet = av_packet_alloc() else { throw MediaError("There is no memory for an encoder.") }
        self.packet = packet
        self.codec = codec
        self.framesPerSecond = min(max(framesPerSecond, 1), 1_000)
    }

    deinit {
        avcodec_free_context(&context)
        var packet: UnsafeMutablePointer<AVPacket>? = packet
        av_packet_free(&packet)
    }

    /// Encodes the next picture.
    ///
    /// - Parameter isKeyFrame: whether decoding can begin with it.
    /// - Throws: `MediaError` where the library fails, holds the picture back, or the size changes amid a group of pictures.
    public func encode(_ picture: Picture, isKeyFrame: Bool) throws(MediaError) -> [UInt8] {
        let source = try suitable(picture)
        if let known = context, !fits(known, source) {
            guard isKeyFrame else { throw MediaError("A video's pictures change in size between two key frames.") }
            avcodec_free_context(&context)
        }
        let opened = if let context { context } else { try open(source) }
        guard let frame = av_frame_clone(source.frame) else { throw MediaError("There is no memory for a picture.") }
        let sent = Picture(owning: frame)
        sent.frame.pointee.pts = count
        sent.frame.pointee.pict_type = isKeyFrame ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE
        count += 1
        var status = avcodec_send_frame(opened, sent.frame)
        guard status >= 0 else { throw MediaError("encode a picture of a video", code: status) }
        status = avcodec_receive_packet(opened, packet)
        guard status >= 0 else { throw MediaError("encode a picture of a video", code: status) }
        defer { av_packet_unref(packet) }
        return Array(UnsafeBufferPointer(start: packet.pointee.data, count: Int(packet.pointee.size)))
    }

    private func suitable(_ picture: Picture) throws(MediaError) -> Picture {
        switch AVPixelFormat(picture.frame.pointee.format) {
        case AV_PIX_FMT_YUV420P: return picture
        case AV_PIX_FMT_YUVJ420P where codec == .h264 || codec == .h265: return picture
        default: return try picture.convert(to: AV_PIX_FMT_YUVJ420P).asVideo(codec)
        }
    }

    private func fits(_ context: UnsafeMutablePointer<AVCodecContext>, _ picture: Picture) -> Bool {
        Int(context.pointee.width) == picture.width && Int(context.pointee.height) == picture.height
            && context.pointee.pix_fmt.rawValue == picture.frame.pointee.format
    }

    private func open(_ picture: Picture) throws(MediaError) -> UnsafeMutablePointer<AVCodecContext> {
        let name =
            switch codec {
            case .h264: "libx264"
            case .h265: "libx265"
            case .vp9: "libvpx-vp9"
            case .av1: "libaom-av1"
            }
        guard let library = avcodec_find_encoder_by_name(name), let fresh = avcodec_alloc_context3(library) else {
            throw MediaError("This libavcodec has no encoder \(name).")
        }
        context = fresh
        fresh.pointee.width = Int32(picture.width)
        fresh.pointee.height = Int32(picture.height)
        fresh.pointee.pix_fmt = AVPixelFormat(picture.frame.pointee.format)
        fresh.pointee.time_base = AVRational(num: 1, den: Int32(framesPerSecond))
        fresh.pointee.framerate = AVRational(num: Int32(framesPerSecond), den: 1)
        fresh.pointee.color_range = picture.frame.pointee.color_range
        fresh.pointee.colorspace = picture.frame.pointee.colorspace
        fresh.pointee.color_primaries = picture.frame.pointee.color_primaries
        fresh.pointee.color_trc = picture.frame.pointee.color_trc
        // Key frames stand where the stream had them and nowhere else.
        fresh.pointee.gop_size = 1 << 20
        fresh.pointee.max_b_frames = 0
        fresh.pointee.thread_count = 1
        fresh.pointee.flags |= AV_CODEC_FLAG_BITEXACT
        var options: OpaquePointer?
        defer { av_dict_free(&options) }
        for (key, value) in Self.options(codec) { av_dict_set(&options, key, value, 0) }
        let status = avcodec_open2(fresh, library, &options)
        guard status >= 0 else {
            avcodec_free_context(&context)
            throw MediaError("open the encoder \(name) for \(picture.width)×\(picture.height) pixels", code: status)
        }
        return fresh
    }

    private static func options(_ codec: VideoDecoder.Codec) -> [(String, String)] {
        switch codec {
        // x264 chooses by processor otherwise, and so do the bytes.
        case .h264:
            [("preset", "veryfast"), ("tune", "zerolatency"), ("crf", "18"), ("forced-idr", "1"), ("x264-params", "cpu-independent=1")]
        case .h265:
            [
                ("preset", "superfast"), ("tune", "zerolatency"), ("crf", "20"), ("forced-idr", "1"),
                ("x265-params", "repeat-headers=1:pools=none:frame-threads=1:log-level=none"),
            ]
        case .vp9: [("deadline", "realtime"), ("cpu-used", "6"), ("lag-in-frames", "0"), ("auto-alt-ref", "0"), ("crf", "20"), ("b", "0")]
        case .av1: [("usage", "realtime"), ("cpu-used", "8"), ("lag-in-frames", "0"), ("crf", "22")]
        }
    }
}

extension Picture {
    /// The same planes under the name of a layout that the encoder knows; which values they use stands beside them.
    fileprivate func asVideo(_ codec: VideoDecoder.Codec) throws(MediaError) -> Picture {
        guard codec == .vp9 || codec == .av1 else { return self }
        frame.pointee.format = AV_PIX_FMT_YUV420P.rawValue
        frame.pointee.color_range = AVCOL_RANGE_JPEG
        return self
    }
}
