import CFFmpeg

/// What libavcodec's parser reads from the headers of H.264 pictures; nothing is decoded.
///
/// To be used by one thread at a time.
final class H264Parser {
    /// The headers of one picture.
    struct Headers {
        let width: Int
        let height: Int
        /// Whether it is a whole picture and not every second row of one.
        let isWholeFrame: Bool
        /// The place in the order of showing, counted from the last picture at which counting began anew.
        let order: Int
    }

    private let parser: UnsafeMutablePointer<AVCodecParserContext>
    private let context: UnsafeMutablePointer<AVCodecContext>
    private let packet: UnsafeMutablePointer<AVPacket>

    init() throws(VideoError) {
        av_log_set_level(AV_LOG_QUIET)
        let parser = av_parser_init(Int32(bitPattern: AV_CODEC_ID_H264.rawValue))
        var context = avcodec_alloc_context3(nil)
        var packet = av_packet_alloc()
        guard let parser, let madeContext = context, let madePacket = packet else {
            if let parser { av_parser_close(parser) }
            avcodec_free_context(&context)
            av_packet_free(&packet)
            throw .codec(MediaError("This libavcodec cannot parse H.264."))
        }
        parser.pointee.flags |= PARSER_FLAG_COMPLETE_FRAMES
        (self.parser, self.context, self.packet) = (parser, madeContext, madePacket)
    }

    deinit {
        av_parser_close(parser)
        var context: UnsafeMutablePointer<AVCodecContext>? = context
        avcodec_free_context(&context)
        var packet: UnsafeMutablePointer<AVPacket>? = packet
        av_packet_free(&packet)
    }

    /// Reads the headers of one picture, and lends its bytes as a packet until the body returns.
    func parse<Result>(
        _ picture: UnsafeRawBufferPointer,
        _ body: (Headers, UnsafeMutablePointer<AVPacket>) throws(VideoError) -> Result
    ) throws(VideoError) -> Result {
        guard let source = picture.baseAddress, let count = Int32(exactly: picture.count), av_new_packet(packet, count) >= 0 else {
            throw .codec(MediaError("An H.264 picture is empty or too large."))
        }
        defer { av_packet_unref(packet) }
        packet.pointee.data.update(from: source.assumingMemoryBound(to: UInt8.self), count: picture.count)
        var output: UnsafeMutablePointer<UInt8>?
        var size: Int32 = 0
        let none = exportd_no_timestamp()
        parser.pointee.picture_structure = AV_PICTURE_STRUCTURE_UNKNOWN
        av_parser_parse2(parser, context, &output, &size, packet.pointee.data, count, none, none, -1)
        let headers = Headers(
            width: Int(parser.pointee.width),
            height: Int(parser.pointee.height),
            isWholeFrame: parser.pointee.picture_structure == AV_PICTURE_STRUCTURE_FRAME,
            order: Int(parser.pointee.output_picture_number)
        )
        return try body(headers, packet)
    }
}
