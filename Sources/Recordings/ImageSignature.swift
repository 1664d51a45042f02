/// What compressed pictures are, told from their first bytes.
enum ImageSignature {
    /// The encoding of some bytes; `format` is the message's word, used only where the bytes leave two possibilities.
    static func encoding(of bytes: UnsafeRawBufferPointer, format: String) -> ImagePayload.Encoding {
        if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return .jpeg }
        if bytes.starts(with: pngMagic) { return .png }
        if bytes.count >= 12, bytes.starts(with: "RIFF".utf8), bytes[8..<12].elementsEqual("WEBP".utf8) { return .webp }
        if bytes.starts(with: [0, 0, 0, 1]) { return video(bytes.dropFirst(4), format: format) }
        if bytes.starts(with: [0, 0, 1]) { return video(bytes.dropFirst(3), format: format) }
        return .unknown
    }

    static let pngMagic: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    /// H.265 has NAL unit headers of two bytes, the second of which is 1 for the base layer; the first bytes below are the
    /// H.265 types that begin an access unit, and unused or never first in H.264.
    private static func video(_ unit: Slice<UnsafeRawBufferPointer>, format: String) -> ImagePayload.Encoding {
        let name = format.lowercased()
        if name.contains("265") || name.contains("hevc") { return .h265 }
        if name.contains("264") || name.contains("avc") { return .h264 }
        let start = unit.startIndex
        guard unit.count >= 2, unit[start] & 0x80 == 0 else { return .unknown }
        let isH265 = unit[start + 1] == 1 && [0x02, 0x26, 0x28, 0x2A, 0x40, 0x42, 0x44, 0x46, 0x4E].contains(unit[start])
        return isH265 ? .h265 : .h264
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
