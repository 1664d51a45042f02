import CFFmpeg

/// Encodes pictures as baseline JPEG, 4:2:0, the same bytes for the same picture on every machine.
///
/// To be used by one thread at a time.
///
/// Pictures are encoded at the encoder's best quantiser (2 on libavcodec's scale of 2 to 31), which loses about as little
/// as quality 95 of other encoders.
public final class JPEGEncoder {
    private static let quantiser: Int32 = 2

    private var context: UnsafeMutablePointer<AVCodecContext>?
    private let packet: UnsafeMutablePointer<AVPacket>
    private var size = (width: 0, height: 0)

    /// An encoder that takes the size of its pictures from the first of them, and anew where that changes.
    public init() throws(MediaError) {
        av_log_set_level(AV_LOG_QUIET)
        guard let packet = av_packet_alloc() else { throw MediaError("There is no memory for an encoder.") }
        self.packet = packet
    }

    deinit {
        avcodec_free_context(&context)
        var packet: UnsafeMutablePointer<AVPacket>? = packet
        av_packet_free(&packet)
    }

    /// Encodes one picture.
    public func encode(_ picture: Picture) throws(MediaError) -> [UInt8] {
        let converted = try picture.convert(to: AV_PIX_FMT_YUVJ420P)
        let context = try context(width: picture.width, height: picture.height)
        converted.frame.pointee.quality = Self.quantiser * exportd_qp2lambda()
        converted.frame.pointee.pict_type = AV_PICTURE_TYPE_I
        var status = avcodec_send_frame(context, converted.frame)
        guard status >= 0 else { throw MediaError("encode a picture", code: status) }
        status = avcodec_receive_packet(context, packet)
        guard status >= 0 else { throw MediaError("encode a picture", code: status) }
        defer { av_packet_unref(packet) }
        return Array(UnsafeBufferPointer(start: packet.pointee.data, count: Int(packet.pointee.size)))
    }

    private func context(width: Int, height: Int) throws(MediaError) -> UnsafeMutablePointer<AVCodecContext> {
        if let context, size == (width, height) { return context }
        avcodec_free_context(&context)
        guard let codec = avcodec_find_encoder(AV_CODEC_ID_MJPEG), let fresh = avcodec_alloc_context3(codec) else {
            throw MediaError("This libavcodec cannot encode JPEG.")
        }
        context = fresh
        fresh.pointee.width = Int32(width)
        fresh.pointee.height = Int32(height)
        fresh.pointee.pix_fmt = AV_PIX_FMT_YUVJ420P
        fresh.pointee.color_range = AVCOL_RANGE_JPEG
        fresh.pointee.time_base = AVRational(num: 1, den: 1)
        fresh.pointee.thread_count = 1
        fresh.pointee.flags |= AV_CODEC_FLAG_QSCALE | AV_CODEC_FLAG_BITEXACT
        fresh.pointee.global_quality = Self.quantiser * exportd_qp2lambda()
        let status = avcodec_open2(fresh, codec, nil)
        guard status >= 0 else {
            avcodec_free_context(&context)
            throw MediaError("open a JPEG encoder for \(width)×\(height) pixels", code: status)
        }
        size = (width, height)
        return fresh
    }
}
