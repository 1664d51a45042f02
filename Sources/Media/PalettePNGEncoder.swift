import CFFmpeg

/// Encodes pictures of at most 256 colours as palette PNG, the same bytes for the same picture.
///
/// To be used by one thread at a time.
public final class PalettePNGEncoder {
    private let palette: [UInt32]
    private let packet: UnsafeMutablePointer<AVPacket>

    /// An encoder for pictures of these colours, 0xRRGGBB; 256 of them, by the value of the pixel.
    public init(palette: [UInt32]) throws(MediaError) {
        av_log_set_level(AV_LOG_QUIET)
        guard palette.count == 256 else { throw MediaError("A palette has 256 colours, not \(palette.count).") }
        guard let packet = av_packet_alloc() else { throw MediaError("There is no memory for an encoder.") }
        self.palette = palette
        self.packet = packet
    }

    deinit {
        var packet: UnsafeMutablePointer<AVPacket>? = packet
        av_packet_free(&packet)
    }

    /// Encodes one picture.
    ///
    /// - Parameter pixels: a value for each pixel, row after row: height × width.
    public func encode(_ pixels: [UInt8], width: Int, height: Int) throws(MediaError) -> [UInt8] {
        let picture = try Picture(width: width, height: height, format: AV_PIX_FMT_PAL8)
        guard pixels.count == width * height else {
            throw MediaError("A picture of \(width)×\(height) pixels does not have \(pixels.count) of them.")
        }
        guard let rows = picture.frame.pointee.data.0, let colours = picture.frame.pointee.data.1 else {
            throw MediaError("There is no memory for a picture.")
        }
        let stride = Int(picture.frame.pointee.linesize.0)
        pixels.withUnsafeBytes { source in
            for y in 0..<height {
                UnsafeMutableRawBufferPointer(start: rows + y * stride, count: width)
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[y * width..<(y + 1) * width]))
            }
        }
        for (index, colour) in palette.enumerated() {
            UnsafeMutableRawPointer(colours).storeBytes(of: 0xFF00_0000 | colour, toByteOffset: 4 * index, as: UInt32.self)
        }
        guard let codec = avcodec_find_encoder(AV_CODEC_ID_PNG), let fresh = avcodec_alloc_context3(codec) else {
            throw MediaError("This libavcodec cannot encode PNG.")
        }
        var context: UnsafeMutablePointer<AVCodecContext>? = fresh
        defer { avcodec_free_context(&context) }
        fresh.pointee.width = Int32(width)
        fresh.pointee.height = Int32(height)
        fresh.pointee.pix_fmt = AV_PIX_FMT_PAL8
        fresh.pointee.time_base = AVRational(num: 1, den: 1)
        fresh.pointee.thread_count = 1
        fresh.pointee.flags |= AV_CODEC_FLAG_BITEXACT
        var status = avcodec_open2(fresh, codec, nil)
        guard status >= 0 else { throw MediaError("open a PNG encoder for \(width)×\(height) pixels", code: status) }
        status = avcodec_send_frame(fresh, picture.frame)
        guard status >= 0 else { throw MediaError("encode a picture", code: status) }
        status = avcodec_receive_packet(fresh, packet)
        guard status >= 0 else { throw MediaError("encode a picture", code: status) }
        defer { av_packet_unref(packet) }
        return Array(UnsafeBufferPointer(start: packet.pointee.data, count: Int(packet.pointee.size)))
    }
}
