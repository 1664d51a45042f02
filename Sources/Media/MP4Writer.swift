import CFFmpeg

/// Writes one video track of constant rate into an MP4 file: frame k is shown at exactly k ÷ rate, the first at 0.
///
/// The index comes before the frames, for readers over a network. Nothing in the file tells when or by which version of a
/// library it was made: the same frames are the same bytes.
///
/// To be used by one thread at a time.
final class MP4Writer {
    /// Frames written so far.
    private(set) var frameCount = 0

    private let path: String
    private let context: UnsafeMutablePointer<AVFormatContext>
    /// A frame's duration in ticks of the track.
    private let frameTicks: Int64
    private var finishedByteCount: Int?

    /// Creates the file, over any that is there.
    ///
    /// - Parameter rate: frames a second.
    init(_ path: String, parameters: UnsafePointer<AVCodecParameters>, rate: AVRational) throws(VideoError) {
        self.path = path
        var made: UnsafeMutablePointer<AVFormatContext>?
        // A scheme before the path, so that no path is taken for another protocol's.
        var status = avformat_alloc_output_context2(&made, nil, "mp4", "file:" + path)
        guard status >= 0, let context = made else { throw .writing(path, code: status) }
        guard let stream = avformat_new_stream(context, nil), avcodec_parameters_copy(stream.pointee.codecpar, parameters) >= 0 else {
            avformat_free_context(context)
            throw .writing(path: path, reason: "there is no memory for a track", errno: nil)
        }
        stream.pointee.codecpar.pointee.codec_tag = 0
        stream.pointee.time_base = rate.inverse
        stream.pointee.avg_frame_rate = rate
        context.pointee.flags |= AVFMT_FLAG_BITEXACT
        status = avio_open(&context.pointee.pb, context.pointee.url, AVIO_FLAG_WRITE)
        if status >= 0 {
            var options: OpaquePointer?
            av_dict_set(&options, "movflags", "+faststart", 0)
            status = avformat_write_header(context, &options)
            av_dict_free(&options)
            if status < 0 { avio_closep(&context.pointee.pb) }
        }
        guard status >= 0 else {
            avformat_free_context(context)
            throw .writing(path, code: status)
        }
        // The muxer multiplies the time base until it is fine enough, so a frame's duration stays a whole number.
        frameTicks = av_rescale_q(1, rate.inverse, stream.pointee.time_base)
        self.context = context
    }

    deinit {
        if finishedByteCount == nil { avio_closep(&context.pointee.pb) }
        avformat_free_context(context)
    }

    /// The finished file's size in bytes; until then what it would be with the frames so far, or a little more.
    ///
    /// The index takes up to 24 bytes a frame: a size, a place and a number if it is a key frame.
    var byteCount: Int { finishedByteCount ?? Int(avio_seek(context.pointee.pb, 0, SEEK_CUR)) + 4096 + 24 * frameCount }

    /// Writes the next frame.
    ///
    /// The packet's times are replaced by the frame's.
    func append(_ packet: UnsafeMutablePointer<AVPacket>) throws(VideoError) {
        guard finishedByteCount == nil else { throw .unsuitable("The video \(path) is finished and takes no more frames.") }
        packet.pointee.stream_index = 0
        packet.pointee.pts = Int64(frameCount) * frameTicks
        packet.pointee.dts = packet.pointee.pts
        packet.pointee.duration = frameTicks
        packet.pointee.pos = -1
        let status = av_write_frame(context, packet)
        guard status >= 0 else { throw .writing(path, code: status) }
        frameCount += 1
    }

    /// Writes the index and closes the file.
    func finish() throws(VideoError) {
        guard finishedByteCount == nil else { return }
        guard frameCount > 0 else { throw .unsuitable("A video without frames cannot be written to \(path).") }
        var status = av_write_trailer(context)
        finishedByteCount = Int(avio_size(context.pointee.pb))
        let closing = avio_closep(&context.pointee.pb)
        if status >= 0 { status = closing }
        guard status >= 0 else { throw .writing(path, code: status) }
    }
}
