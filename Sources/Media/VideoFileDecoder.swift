import CFFmpeg

/// Decodes a video file's first video track, picture by picture in the order in which they are shown.
///
/// To be used by one thread at a time.
public final class VideoFileDecoder {
    /// A decoded picture and its place in time.
    public struct Frame {
        /// The picture.
        public let picture: Picture
        /// When it is shown, in nanoseconds, rounded; nil where the file does not say.
        public let nanoseconds: Int64?
    }

    private let input: MediaInput
    private let context: UnsafeMutablePointer<AVCodecContext>
    private var isDraining = false

    /// Opens a file.
    public init(_ path: String) throws(VideoError) {
        input = try MediaInput(path, for: .anyFile)
        let parameters = input.stream.pointee.codecpar
        guard let parameters, let codec = avcodec_find_decoder(parameters.pointee.codec_id),
            let context = avcodec_alloc_context3(codec)
        else { throw .reading(path: path, reason: "this libavcodec cannot decode it") }
        self.context = context
        context.pointee.thread_count = 1
        context.pointee.max_pixels = Int64(Picture.maximumSide) * Int64(Picture.maximumSide)
        context.pointee.err_recognition = AV_EF_EXPLODE
        context.pointee.pkt_timebase = input.stream.pointee.time_base
        var status = avcodec_parameters_to_context(context, parameters)
        if status >= 0 { status = avcodec_open2(context, codec, nil) }
        guard status >= 0 else { throw .reading(path, code: status) }
    }

    deinit {
        var context: UnsafeMutablePointer<AVCodecContext>? = context
        avcodec_free_context(&context)
    }

    /// The next picture, or nil at the end.
    ///
    /// - Throws: `VideoError.codec` where a picture is damaged, and the next call goes on behind it; any other error is the
    ///   end.
    public func next() throws(VideoError) -> Frame? {
        while true {
            guard let frame = av_frame_alloc() else { throw .codec(MediaError("There is no memory for a picture.")) }
            let picture = Picture(owning: frame)
            var status = avcodec_receive_frame(context, frame)
            if status >= 0 {
                let time = VideoFile.nanoseconds(frame.pointee.best_effort_timestamp, input.stream.pointee.time_base)
                return Frame(picture: picture, nanoseconds: time)
            }
            if status == exportd_error_eof() { return nil }
            guard status == exportd_error_again(), !isDraining else { throw damage(status) }
            let packet = try input.next()
            isDraining = packet == nil
            status = avcodec_send_packet(context, packet)
            guard status >= 0 else { throw damage(status) }
        }
    }

    private func damage(_ code: Int32) -> VideoError {
        .codec(MediaError("decode a picture of \(input.path)", code: code))
    }
}
