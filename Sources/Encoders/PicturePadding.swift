import Recordings

/// Adds bytes to an encoded picture that decoders pass over, where what follows it in a message is aligned.
enum PicturePadding {
    /// - Parameter count: at most 7, or a few more where the format has nothing so short.
    static func pad(_ bytes: [UInt8], _ encoding: ImagePayload.Encoding, by count: Int) -> [UInt8]? {
        guard count > 0 else { return bytes }
        switch encoding {
        case .jpeg where bytes.suffix(2) == [0xFF, 0xD9]:
            // Any marker may be preceded by fill bytes (ITU-T T.81, B.1.1.2).
            return [UInt8](bytes[..<(bytes.count - 2)]) + [UInt8](repeating: 0xFF, count: count) + [0xFF, 0xD9]
        case .video(.h264), .video(.h265):
            // trailing_zero_8bits (ITU-T H.264 and H.265, annex B).
            return bytes + [UInt8](repeating: 0, count: count)
        case .video(.av1):
            // A padding unit of type 15 with its size; the last bit that is set ends its payload (AV1 specification 5.3 and 5.13).
            let length = count < 3 ? count + 8 : count
            return bytes + [0x7A, UInt8(length - 2), 0x80] + [UInt8](repeating: 0, count: length - 3)
        case .png:
            // Nothing behind the last chunk belongs to the picture.
            return bytes + [UInt8](repeating: 0, count: count)
        default: return nil
        }
    }
}
