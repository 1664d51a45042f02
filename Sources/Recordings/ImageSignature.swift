/// What compressed pictures are, told from their first bytes.
enum ImageSignature {
    /// The encoding of some bytes; `format` is the message's word, used only where the bytes leave several possibilities.
    static func encoding(of bytes: UnsafeRawBufferPointer, format: String) -> ImagePayload.Encoding {
        if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return .jpeg }
        if bytes.starts(with: pngMagic) { return .png }
        if bytes.count >= 12, bytes.starts(with: "RIFF".utf8), bytes[8..<12].elementsEqual("WEBP".utf8) { return .webp }
        if bytes.count >= 12, bytes[4..<8].elementsEqual("ftyp".utf8) { return isAVIF(bytes) ? .avif : .unknown }
        let zeros = bytes.prefix { $0 == 0 }.count
        if zeros >= 2, zeros < bytes.count, bytes[zeros] == 1 { return video(bytes[(zeros + 1)...], format: format) }
        return videoWithoutStartCode(bytes, format: format.lowercased())
    }

    static let pngMagic: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    /// The brands that the file type box lists (AV1 Image File Format, section 6).
    private static func isAVIF(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let size = Int(UInt32(bigEndian: bytes.loadUnaligned(as: UInt32.self)))
        let end = min(size, bytes.count, 256)
        return stride(from: 8, to: end - 3, by: 4).contains { offset in
            offset != 12 && ["avif", "avis"].contains { bytes[offset..<offset + 4].elementsEqual($0.utf8) }
        }
    }

    /// Tells H.264 and H.265 apart by the header of the first NAL unit.
    ///
    /// H.265 has two bytes, of which the base layer leaves the lowest bit of the first 0. An odd byte is therefore H.264: its
    /// slices, sequence parameter sets and delimiters are. Parameter sets, delimiters and IDR pictures of H.265 read as types
    /// that H.264 does not use or not with such a reference count. What is left can be either, and the format says which.
    private static func video(_ unit: Slice<UnsafeRawBufferPointer>, format: String) -> ImagePayload.Encoding {
        let start = unit.startIndex
        guard unit.count >= 2, unit[start] & 0x80 == 0 else { return .unknown }
        if unit[start] & 1 == 1 { return .video(.h264) }
        let isFirstOfH265 = unit[start + 1] == 1
        if isFirstOfH265, [0x26, 0x40, 0x42, 0x44, 0x46].contains(unit[start]) { return .video(.h265) }
        let name = format.lowercased()
        if name.contains("265") || name.contains("hevc") { return .video(.h265) }
        if name.contains("264") || name.contains("avc") { return .video(.h264) }
        return .video(isFirstOfH265 && [0x02, 0x28, 0x2A, 0x4E].contains(unit[start]) ? .h265 : .h264)
    }

    /// VP9 and AV1 have no signature, so that the format must name them and the bytes not contradict.
    private static func videoWithoutStartCode(_ bytes: UnsafeRawBufferPointer, format: String) -> ImagePayload.Encoding {
        for codec in [VideoCodec.vp9, .av1] where format.contains(codec.rawValue) {
            let unit = VideoAccessUnit(bytes, codec: codec)
            if unit.hasPicture || unit.hasParameterSets { return .video(codec) }
        }
        return .unknown
    }

    /// Width and height from a PNG's first chunk (PNG specification 11.2.2).
    static func pngSize(_ bytes: UnsafeRawBufferPointer) -> (width: Int, height: Int)? {
        guard bytes.count >= 24, bytes.starts(with: pngMagic), bytes[12..<16].elementsEqual("IHDR".utf8) else { return nil }
        let width = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt32.self))
        let height = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 20, as: UInt32.self))
        guard width > 0, height > 0, width <= UInt32(Int32.max), height <= UInt32(Int32.max) else { return nil }
        return (Int(width), Int(height))
    }
}
