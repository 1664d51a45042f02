import CFFmpeg
import ExportCore
import Glibc
import Synchronization

/// Encodes frames of one size, at a constant rate, in the order in which they are shown.
///
/// To be used by one thread at a time.
final class VideoEncoder {
    /// Frames taken so far.
    private(set) var frameCount = 0

    private let context: UnsafeMutablePointer<AVCodecContext>
    private let packet: UnsafeMutablePointer<AVPacket>
    private var isOpen = false

    init(_ settings: VideoSettings, width: Int, height: Int, rate: AVRational) throws(VideoError) {
        try Self.check(settings, width: width, height: height)
        Self.silenceLibraries
        let name =
            switch settings.codec {
            case .av1: "libsvtav1"
            case .h264: "libx264"
            }
        guard let codec = avcodec_find_encoder_by_name(name), let context = avcodec_alloc_context3(codec) else {
            throw .codec(MediaError("This libavcodec has no encoder \(name)."))
        }
        guard let packet = av_packet_alloc() else {
            var context: UnsafeMutablePointer<AVCodecContext>? = context
            avcodec_free_context(&context)
            throw .codec(MediaError("There is no memory for an encoder."))
        }
        self.context = context
        self.packet = packet
        describe(settings, width: width, height: height, rate: rate)
        let status = try open(codec, settings)
        guard status >= 0 else {
            throw .codec(MediaError("open the encoder \(name) for \(width)×\(height) pixels", code: status))
        }
    }

    deinit {
        if isOpen { drain() }
        var packet: UnsafeMutablePointer<AVPacket>? = packet
        av_packet_free(&packet)
        Self.turn.withLock { _ in
            var context: UnsafeMutablePointer<AVCodecContext>? = context
            avcodec_free_context(&context)
        }
    }

    /// Lets `body` see what the encoded stream is, while the encoder lives.
    func withParameters<Result>(
        _ body: (UnsafePointer<AVCodecParameters>) throws(VideoError) -> Result
    ) throws(VideoError) -> Result {
        var parameters = avcodec_parameters_alloc()
        defer { avcodec_parameters_free(&parameters) }
        guard let parameters, avcodec_parameters_from_context(parameters, context) >= 0 else {
            throw .codec(MediaError("There is no memory for an encoder."))
        }
        return try body(parameters)
    }

    /// Encodes the next frame and gives what is ready to the writer.
    func encode(_ picture: Picture, into writer: MP4Writer) throws(VideoError) {
        picture.frame.pointee.pts = Int64(frameCount)
        // What a source says of its pictures is no wish for key frames here.
        picture.frame.pointee.pict_type = AV_PICTURE_TYPE_NONE
        try send(picture.frame, into: writer)
        frameCount += 1
    }

    /// Gives the writer what the encoder still holds.
    ///
    /// The encoder takes no more frames.
    func finish(into writer: MP4Writer) throws(VideoError) {
        try send(nil, into: writer)
    }

    /// Empties the encoder before it is closed.
    ///
    /// SVT-AV1 1.4.1 waits for ever where it is closed with frames inside, and also where it is emptied without having had
    /// any; such a one gets a blank frame.
    private func drain() {
        if frameCount == 0 {
            let (width, height) = (Int(context.pointee.width), Int(context.pointee.height))
            guard let blank = try? Picture(width: width, height: height, format: AV_PIX_FMT_YUV420P) else { return }
            blank.frame.pointee.pts = 0
            avcodec_send_frame(context, blank.frame)
        }
        guard avcodec_send_frame(context, nil) >= 0 else { return }
        while avcodec_receive_packet(context, packet) >= 0 { av_packet_unref(packet) }
    }

    private func send(_ frame: UnsafePointer<AVFrame>?, into writer: MP4Writer) throws(VideoError) {
        var status = avcodec_send_frame(context, frame)
        guard status >= 0 else { throw .codec(MediaError("encode frame \(frameCount)", code: status)) }
        while true {
            status = avcodec_receive_packet(context, packet)
            if status == exportd_error_again() || status == exportd_error_eof() { return }
            guard status >= 0 else { throw .codec(MediaError("encode frame \(frameCount)", code: status)) }
            defer { av_packet_unref(packet) }
            guard packet.pointee.pts == Int64(writer.frameCount) else {
                throw .codec(MediaError("The encoder gave frame \(packet.pointee.pts) where \(writer.frameCount) was due."))
            }
            try writer.append(packet)
        }
    }

    private func describe(_ settings: VideoSettings, width: Int, height: Int, rate: AVRational) {
        context.pointee.width = Int32(width)
        context.pointee.height = Int32(height)
        context.pointee.pix_fmt = AV_PIX_FMT_YUV420P
        context.pointee.time_base = rate.inverse
        context.pointee.framerate = rate
        context.pointee.gop_size = Int32(settings.keyFrameInterval)
        context.pointee.max_b_frames = 0
        context.pointee.thread_count = 1
        context.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT
        context.pointee.color_range = AVCOL_RANGE_MPEG
        context.pointee.colorspace = AVCOL_SPC_SMPTE170M
        // JPEG's colour differences lie amid the pixels that they stand for. AV1 has no word for that.
        if case .h264 = settings.codec { context.pointee.chroma_sample_location = AVCHROMA_LOC_CENTER }
    }

    private func open(_ codec: UnsafePointer<AVCodec>, _ settings: VideoSettings) throws(VideoError) -> Int32 {
        var options: OpaquePointer?
        defer { av_dict_free(&options) }
        av_dict_set(&options, "crf", String(settings.rateFactor), 0)
        switch settings.codec {
        case .av1(let preset):
            av_dict_set(&options, "preset", String(preset), 0)
            // One logical processor: the library starts threads for the whole machine otherwise. No temporal filter: a frame is
            // not mixed with its neighbours, and video with a key frame every 2 frames is even smaller so. No look ahead: it
            // gains nothing there and costs 20 MB.
            av_dict_set(&options, "svtav1-params", "lp=1:fast-decode=0:enable-tf=0:lookahead=0", 0)
        case .h264(let preset):
            av_dict_set(&options, "preset", preset.rawValue, 0)
            // Otherwise it estimates with what the processor is quickest at, and the bytes depend on the machine.
            av_dict_set(&options, "x264-params", "cpu-independent=1", 0)
        }
        let status = Self.turn.withLock { _ in avcodec_open2(context, codec, &options) }
        isOpen = status >= 0
        // What is left was not understood: the bytes would not be what was asked for.
        if status >= 0, av_dict_count(options) > 0 {
            throw .codec(MediaError("This version of the encoder \(settings.codec.name) does not know its options."))
        }
        return status
    }

    private static func check(_ settings: VideoSettings, width: Int, height: Int) throws(VideoError) {
        let (codec, factors) = (settings.codec.name, settings.codec.rateFactors)
        guard factors.contains(settings.rateFactor) else {
            throw .unsuitable("\(codec) takes a crf from \(factors.lowerBound) to \(factors.upperBound), not \(settings.rateFactor).")
        }
        guard (1...10_000).contains(settings.keyFrameInterval) else {
            throw .unsuitable("A key frame can come every 1 to 10,000 frames, not every \(settings.keyFrameInterval).")
        }
        switch settings.codec {
        case .av1(let preset):
            guard (0...13).contains(preset) else { throw .unsuitable("AV1 takes a preset from 0 to 13, not \(preset).") }
            // SVT-AV1 1.4.1 at presets 11 and above has coded whole pictures as copies of their neighbours, 8 dB below the rest,
            // where key frames were further apart.
            guard preset <= 10 || settings.keyFrameInterval <= 2 else {
                throw .unsuitable("AV1 presets above 10 take a key frame every 2 frames at most, not every \(settings.keyFrameInterval).")
            }
            guard width >= 64, height >= 64 else {
                throw .unsuitable("Frames of \(width)×\(height) pixels are too small for AV1, which takes 64×64 and more. Ask for H.264.")
            }
        case .h264: break
        }
    }

    /// Held while an encoder is opened or closed: SVT-AV1 1.4.1 notes the machine's processors in memory that all encoders share, and frees
    /// it with any of them.
    private static let turn = Mutex<Void>(())

    /// Done once: libavcodec prints nothing, SVT-AV1 errors only.
    ///
    /// SVT-AV1 takes its wish from the environment alone. Whoever set it keeps what was set.
    private static let silenceLibraries: Void = {
        av_log_set_level(AV_LOG_QUIET)
        setenv("SVT_LOG", "1", 0)
    }()
}
