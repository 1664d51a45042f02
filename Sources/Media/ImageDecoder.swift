import CFFmpeg

/// Decodes single pictures.
///
/// To be used by one thread at a time.
public final class ImageDecoder {
    /// Kinds of compressed pictures.
    public enum Format: Hashable, Sendable {
        case jpeg
        case png
        case webp
        case bmp

        fileprivate var identifier: AVCodecID {
            switch self {
            case .jpeg: AV_CODEC_ID_MJPEG
            case .png: AV_CODEC_ID_PNG
            case .webp: AV_CODEC_ID_WEBP
            case .bmp: AV_CODEC_ID_BMP
            }
        }

        fileprivate var name: String {
            switch self {
            case .jpeg: "JPEG"
            case .png: "PNG"
            case .webp: "WebP"
            case .bmp: "BMP"
            }
        }
    }

    private let context: UnsafeMutablePointer<AVCodecContext>
    private let packet: UnsafeMutablePointer<AVPacket>
    /// The faster way for JPEG; nil for other kinds.
    private let planes: JPEGPlanes?

    /// A decoder for one kind of picture.
    public init(_ format: Format) throws(MediaError) {
        // A damaged picture is reported by its error; what the library would print about it helps nobody.
        av_log_set_level(AV_LOG_QUIET)
        let planes = format == .jpeg ? try JPEGPlanes() : nil
        guard let codec = avcodec_find_decoder(format.identifier),
            let context = avcodec_alloc_context3(codec)
        else { throw MediaError("This libavcodec cannot decode \(format.name).") }
        guard let packet = av_packet_alloc() else {
            var context: UnsafeMutablePointer<AVCodecContext>? = context
            avcodec_free_context(&context)
            throw MediaError("There is no memory for a decoder.")
        }
        self.context = context
        self.packet = packet
        self.planes = planes
        context.pointee.thread_count = 1
        // Headers may claim anything: no picture is made larger than its sides may be.
        context.pointee.max_pixels = Int64(Picture.maximumSide) * Int64(Picture.maximumSide)
        context.pointee.err_recognition = AV_EF_EXPLODE
        let status = avcodec_open2(context, codec, nil)
        guard status >= 0 else { throw MediaError("open a decoder", code: status) }
    }

    deinit {
        var packet: UnsafeMutablePointer<AVPacket>? = packet
        av_packet_free(&packet)
        var context: UnsafeMutablePointer<AVCodecContext>? = context
        avcodec_free_context(&context)
    }

    /// Decodes one whole picture.
    public func decode(_ bytes: UnsafeRawBufferPointer) throws(MediaError) -> Picture {
        guard let source = bytes.baseAddress, let count = Int32(exactly: bytes.count), count > 0 else {
            throw MediaError("A compressed picture is empty or too large.")
        }
        // Where there is doubt about a JPEG, libavcodec has the last word: some cameras write what is not quite one.
        if let picture = try planes?.decode(bytes) { return picture }
        var status = av_new_packet(packet, count)
        guard status >= 0 else { throw MediaError("hold a compressed picture", code: status) }
        defer { av_packet_unref(packet) }
        // Without the mark of a key frame the PNG decoder takes a picture for the difference from the one before.
        packet.pointee.flags = AV_PKT_FLAG_KEY
        packet.pointee.data.update(from: source.assumingMemoryBound(to: UInt8.self), count: bytes.count)
        avcodec_flush_buffers(context)
        status = avcodec_send_packet(context, packet)
        guard status >= 0 else { throw MediaError("decode a picture", code: status) }
        guard let frame = av_frame_alloc() else { throw MediaError("There is no memory for a picture.") }
        let picture = Picture(owning: frame)
        status = avcodec_receive_frame(context, frame)
        guard status >= 0 else { throw MediaError("decode a picture", code: status) }
        return picture
    }

    /// The size of a JPEG, from its header; nil where that is left to decoding it.
    public func size(of bytes: UnsafeRawBufferPointer) -> (width: Int, height: Int)? {
        planes?.size(of: bytes)
    }

    /// The luma of a whole JPEG, made smaller by a factor, sides rounded up; nil where it is to be decoded instead.
    ///
    /// All of its bytes are read, so that damage which decoding meets is met here too.
    public func luma(of bytes: UnsafeRawBufferPointer, smallerBy factor: Int) -> (pixels: [UInt8], width: Int, height: Int)? {
        planes?.luma(of: bytes, smallerBy: factor)
    }
}
