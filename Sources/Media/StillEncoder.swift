import CFFmpeg

/// Encodes pictures again as they were encoded before some of their pixels changed.
///
/// A JPEG gets the quantisation and the sampling of the JPEG that it was, a PNG its own layout of pixels without loss, a BMP 24 bits a pixel.
/// A WebP stays without loss where it was. Nothing else of the original is kept but how a JPEG is turned.
///
/// To be used by one thread at a time.
public final class StillEncoder {
    private let packet: UnsafeMutablePointer<AVPacket>

    /// An encoder for any pictures.
    public init() throws(MediaError) {
        av_log_set_level(AV_LOG_QUIET)
        guard let packet = av_packet_alloc() else { throw MediaError("There is no memory for an encoder.") }
        self.packet = packet
    }

    deinit {
        var packet: UnsafeMutablePointer<AVPacket>? = packet
        av_packet_free(&packet)
    }

    /// Encodes a picture as JPEG.
    ///
    /// - Parameters:
    ///   - original: the JPEG that the picture was decoded from.
    ///   - orientation: how it is to be turned, as Exif counts it: 1 where it stands upright.
    public func jpeg(_ picture: Picture, like original: UnsafeRawBufferPointer, orientation: Int) throws(MediaError) -> [UInt8] {
        let tables = JPEGTables(original)
        var source = picture
        let taken: Set = [AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUVJ444P]
        if !taken.contains(AVPixelFormat(picture.frame.pointee.format)) { source = try picture.convert(to: Self.jpegFormat(of: picture)) }
        let made = try encode(source, AV_CODEC_ID_MJPEG) { context in
            context.pointee.color_range = AVCOL_RANGE_JPEG
            context.pointee.flags |= AV_CODEC_FLAG_QSCALE | AV_CODEC_FLAG_BITEXACT
            // At 8 the encoder takes the tables as they are; without tables, 2 is its best quality.
            context.pointee.global_quality = (tables == nil ? 2 : 8) * exportd_qp2lambda()
            if let tables {
                context.pointee.intra_matrix = Self.matrix(tables.luma)
                context.pointee.chroma_intra_matrix = Self.matrix(tables.chroma)
            }
        }
        guard let turned = UInt8(exactly: orientation), (2...8).contains(turned), made.count > 2 else { return made }
        // Right behind the start of the image stands how it is to be turned, and nothing else.
        return Array(made[..<2]) + Self.exif(orientation: turned) + Array(made[2...])
    }

    /// Encodes a picture as PNG.
    public func png(_ picture: Picture) throws(MediaError) -> [UInt8] {
        try encode(picture, AV_CODEC_ID_PNG) { context in context.pointee.compression_level = 3 }
    }

    /// Encodes a picture as BMP.
    public func bmp(_ picture: Picture) throws(MediaError) -> [UInt8] {
        try encode(try picture.convert(to: AV_PIX_FMT_BGR24), AV_CODEC_ID_BMP) { _ in }
    }

    /// Encodes a picture as WebP: without loss where it was decoded as red, green and blue, as decoders give those without loss.
    public func webp(_ picture: Picture) throws(MediaError) -> [UInt8] {
        let flags = av_pix_fmt_desc_get(AVPixelFormat(picture.frame.pointee.format))?.pointee.flags ?? 0
        let isLossless = flags & UInt64(AV_PIX_FMT_FLAG_RGB) != 0
        let source = isLossless ? try picture.convert(to: AV_PIX_FMT_BGRA) : picture
        return try encode(source, AV_CODEC_ID_WEBP) { context in
            if isLossless {
                av_opt_set_int(context.pointee.priv_data, "lossless", 1, 0)
            } else {
                context.pointee.flags |= AV_CODEC_FLAG_QSCALE
                context.pointee.global_quality = 95 * exportd_qp2lambda()
            }
        }
    }

    /// An Exif segment of one entry, in the order of big-endian TIFF (Exif 2.3, 4.6.4).
    private static func exif(orientation: UInt8) -> [UInt8] {
        let entry: [UInt8] = [1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]
        return [0xFF, 0xE1, 0, 34] + Array("Exif".utf8) + [0, 0] + Array("MM".utf8) + [0, 42, 0, 0, 0, 8, 0, 1] + entry + [0, 0, 0, 0]
    }

    private static func jpegFormat(of picture: Picture) -> AVPixelFormat {
        guard let description = av_pix_fmt_desc_get(AVPixelFormat(picture.frame.pointee.format))?.pointee, description.nb_components >= 3
        else { return AV_PIX_FMT_YUVJ420P }
        return description.log2_chroma_w == 0 ? AV_PIX_FMT_YUVJ444P : AV_PIX_FMT_YUVJ422P
    }

    /// libavcodec frees it with the context, and takes it row after row.
    private static func matrix(_ values: [UInt16]) -> UnsafeMutablePointer<UInt16>? {
        guard let memory = av_malloc(values.count * MemoryLayout<UInt16>.size) else { return nil }
        let matrix = memory.bindMemory(to: UInt16.self, capacity: values.count)
        for (place, value) in values.enumerated() { matrix[place] = value }
        return matrix
    }

    private func encode(
        _ picture: Picture,
        _ codec: AVCodecID,
        _ prepare: (UnsafeMutablePointer<AVCodecContext>) -> Void
    ) throws(MediaError) -> [UInt8] {
        var context = avcodec_alloc_context3(avcodec_find_encoder(codec))
        defer { avcodec_free_context(&context) }
        guard let context else { throw MediaError("This libavcodec cannot encode pictures of that kind.") }
        context.pointee.width = Int32(picture.width)
        context.pointee.height = Int32(picture.height)
        context.pointee.pix_fmt = AVPixelFormat(picture.frame.pointee.format)
        context.pointee.time_base = AVRational(num: 1, den: 1)
        context.pointee.thread_count = 1
        prepare(context)
        var status = avcodec_open2(context, nil, nil)
        guard status >= 0 else { throw MediaError("open an encoder for \(picture.width)×\(picture.height) pixels", code: status) }
        picture.frame.pointee.quality = context.pointee.global_quality
        picture.frame.pointee.pict_type = AV_PICTURE_TYPE_I
        picture.frame.pointee.pts = 0
        status = avcodec_send_frame(context, picture.frame)
        guard status >= 0 else { throw MediaError("encode a picture", code: status) }
        _ = avcodec_send_frame(context, nil)
        status = avcodec_receive_packet(context, packet)
        guard status >= 0 else { throw MediaError("encode a picture", code: status) }
        defer { av_packet_unref(packet) }
        return Array(UnsafeBufferPointer(start: packet.pointee.data, count: Int(packet.pointee.size)))
    }
}

/// How a JPEG was quantised (ITU-T T.81, B.2.4.1).
struct JPEGTables {
    /// 64 divisors of luma, row after row.
    let luma: [UInt16]
    /// 64 divisors of the colour differences.
    let chroma: [UInt16]

    /// - Returns: nil where the bytes hold no tables of 8 bits.
    init?(_ bytes: UnsafeRawBufferPointer) {
        var tables: [Int: [UInt16]] = [:]
        var chosen: [Int] = []
        var place = 2
        while place + 4 <= bytes.count, bytes[place] == 0xFF {
            let marker = bytes[place + 1]
            if marker == 0xFF {
                place += 1
                continue
            }
            if marker == 0xDA || marker == 0xD9 { break }
            let length = Int(bytes[place + 2]) << 8 | Int(bytes[place + 3])
            guard length >= 2, length <= bytes.count - place - 2 else { break }
            let body = UnsafeRawBufferPointer(rebasing: bytes[place + 4..<place + 2 + length])
            switch marker {
            case 0xDB: Self.read(body, into: &tables)
            case 0xC0...0xC2:
                let count = body.count > 5 ? Int(body[5]) : 0
                guard body.count >= 6 + 3 * count else { return nil }
                chosen = (0..<count).map { Int(body[8 + 3 * $0]) }
            default: break
            }
            place += 2 + length
        }
        guard let first = chosen.first, let luma = tables[first] else { return nil }
        self.luma = luma
        chroma = chosen.dropFirst().first.flatMap { tables[$0] } ?? luma
    }

    private static func read(_ body: UnsafeRawBufferPointer, into tables: inout [Int: [UInt16]]) {
        var place = 0
        while place < body.count {
            let isWide = body[place] >> 4 != 0
            let number = Int(body[place] & 15)
            let size = isWide ? 128 : 64
            guard place + 1 + size <= body.count else { return }
            var table = [UInt16](repeating: 1, count: 64)
            for index in 0..<64 {
                let value =
                    isWide
                    ? UInt16(body[place + 1 + 2 * index]) << 8 | UInt16(body[place + 2 + 2 * index]) : UInt16(body[place + 1 + index])
                // The encoder writes tables of 8 bits.
                table[zigzag[index]] = min(max(value, 1), 255)
            }
            tables[number] = table
            place += 1 + size
        }
    }

    /// The order in which coefficients are written.
    private static let zigzag: [Int] = [
        0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28, 35, 42, 49,
        56,
        57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
    ]
}
