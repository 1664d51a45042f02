import CFFmpeg

/// Decodes video of which every access unit is one picture.
///
/// Pictures come out under the number that their access unit went in with, so it does not matter whether the library
/// hands a picture out at once, after a few more units or, with B-frames, in another order. To be used by
/// one thread at a time; the library uses no further ones, so that the same bytes give the same pictures on every machine.
public final class VideoDecoder {
    /// Kinds of video.
    public enum Codec: Hashable, Sendable {
        /// H.264 in Annex B form.
        case h264
        /// H.265 in Annex B form.
        case h265
        case vp9
        /// AV1 in the low-overhead format.
        case av1

        fileprivate var identifier: AVCodecID {
            switch self {
            case .h264: AV_CODEC_ID_H264
            case .h265: AV_CODEC_ID_HEVC
            case .vp9: AV_CODEC_ID_VP9
            case .av1: AV_CODEC_ID_AV1
            }
        }

        /// The name that people know.
        fileprivate var name: String {
            switch self {
            case .h264: "H.264"
            case .h265: "H.265"
            case .vp9: "VP9"
            case .av1: "AV1"
            }
        }
    }

    /// A whole picture and the number of its access unit.
    public struct Output {
        /// What the access unit was called by.
        public let number: Int
        /// The picture.
        public let picture: Picture
    }

    /// The most pixels of a picture: what the highest levels of H.264 and H.265 allow (6.2: 8192×4352).
    ///
    /// A stream may claim anything in a few bytes, and a decoder holds up to 17 of its pictures.
    public static let maximumPixels = 8_192 * 4_352

    private let context: UnsafeMutablePointer<AVCodecContext>
    private let packet: UnsafeMutablePointer<AVPacket>
    private let codec: Codec
    /// What the library has missed; it counts itself.
    private let missing: UnsafeMutablePointer<exportd_missing>
    /// Whether the next picture is the first, before which any number of others may have been.
    private var isAtBeginning = true
    /// The library's log is one for the whole process.
    private static let listening: Void = exportd_listen_to_decoders()

    /// A decoder for one stream.
    public init(_ codec: Codec) throws(MediaError) {
        _ = Self.listening
        guard let library = avcodec_find_decoder(codec.identifier), let context = avcodec_alloc_context3(library) else {
            throw MediaError("This libavcodec cannot decode \(codec.name).")
        }
        guard let packet = av_packet_alloc() else {
            var context: UnsafeMutablePointer<AVCodecContext>? = context
            avcodec_free_context(&context)
            throw MediaError("There is no memory for a decoder.")
        }
        self.codec = codec
        self.context = context
        self.packet = packet
        missing = .allocate(capacity: 1)
        missing.initialize(to: exportd_missing())
        context.pointee.opaque = UnsafeMutableRawPointer(missing)
        context.pointee.thread_count = 1
        context.pointee.max_pixels = Int64(Self.maximumPixels)
        // Damage is to be reported. That it is also painted over cannot be turned off: without its table for that, the library takes
        // every whole picture of several slices for a damaged one.
        context.pointee.err_recognition = AV_EF_EXPLODE | AV_EF_CRCCHECK
        // Cropping that the picture's memory is not aligned for is to be exact all the same.
        context.pointee.flags |= AV_CODEC_FLAG_UNALIGNED
        let status = avcodec_open2(context, library, nil)
        guard status >= 0 else { throw MediaError("open a decoder for \(codec.name)", code: status) }
    }

    deinit {
        var packet: UnsafeMutablePointer<AVPacket>? = packet
        av_packet_free(&packet)
        var context: UnsafeMutablePointer<AVCodecContext>? = context
        avcodec_free_context(&context)
        missing.deallocate()
    }

    /// Decodes an access unit and gives the pictures that are complete now: mostly its own, none or several where the
    /// stream's pictures refer to later ones.
    ///
    /// - Parameter number: what the unit's picture will be called by; not negative.
    /// - Throws: `MediaError` where the unit is damaged, claims a picture that is too large, or refers to pictures that the
    ///   decoder has not seen. What follows is of no use then until `reset` and a key frame. VP9 and AV1 do not tell
    ///   whether a picture between two others is missing.
    public func decode(_ unit: UnsafeRawBufferPointer, number: Int) throws(MediaError) -> [Output] {
        guard let source = unit.baseAddress, let count = Int32(exactly: unit.count), count > 0 else {
            throw MediaError("An access unit of \(codec.name) is empty or too large.")
        }
        var status = av_new_packet(packet, count)
        guard status >= 0 else { throw MediaError("hold an access unit of \(codec.name)", code: status) }
        defer { av_packet_unref(packet) }
        packet.pointee.data.update(from: source.assumingMemoryBound(to: UInt8.self), count: unit.count)
        packet.pointee.pts = Int64(number)
        missing.pointee = exportd_missing()
        // All pictures are taken after each unit, so the library always has room for the next.
        status = avcodec_send_packet(context, packet)
        guard status >= 0 else { throw MediaError("decode an access unit of \(codec.name)", code: status) }
        defer { isAtBeginning = false }
        guard missing.pointee.references == 0, missing.pointee.gaps == 0 || isAtBeginning else {
            throw MediaError("An access unit of \(codec.name) needs pictures that are missing before it.")
        }
        return try receive()
    }

    /// Gives the pictures that the library still holds back, at the end of a stream; `reset` before going on.
    public func drain() throws(MediaError) -> [Output] {
        let status = avcodec_send_packet(context, nil)
        guard status >= 0 else { throw MediaError("finish a stream of \(codec.name)", code: status) }
        return try receive()
    }

    /// Forgets all pictures, but not the parameter sets: decoding begins again, at a key frame.
    public func reset() {
        avcodec_flush_buffers(context)
        isAtBeginning = true
    }

    private func receive() throws(MediaError) -> [Output] {
        var outputs: [Output] = []
        while true {
            guard let frame = av_frame_alloc() else { throw MediaError("There is no memory for a picture.") }
            let picture = Picture(owning: frame)
            let status = avcodec_receive_frame(context, frame)
            if status == exportd_error_again() || status == exportd_error_eof() { return outputs }
            guard status >= 0 else { throw MediaError("decode a picture of \(codec.name)", code: status) }
            // Of a picture that is damaged nobody is served, nor of those that refer to it.
            guard frame.pointee.decode_error_flags == 0 else {
                throw MediaError("A picture of \(codec.name) is damaged.")
            }
            guard frame.pointee.flags & AV_FRAME_FLAG_CORRUPT == 0 else { continue }
            guard frame.pointee.pts >= 0, picture.width <= Picture.maximumSide, picture.height <= Picture.maximumSide else { continue }
            outputs.append(Output(number: Int(frame.pointee.pts), picture: picture))
        }
    }
}
