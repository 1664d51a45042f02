/// Bytes written as text in base64 (RFC 4648), with either alphabet, with or without padding.
enum Base64 {
    /// The bytes; nil where the text is not base64.
    static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3 + 3)
        var (bits, count): (UInt32, Int) = (0, 0)
        var padding = 0
        for byte in text {
            let value = values[Int(byte)]
            if value < 64, padding == 0 {
                bits = bits << 6 | UInt32(value)
                count += 1
                guard count == 4 else { continue }
                bytes.append(UInt8(truncatingIfNeeded: bits >> 16))
                bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
                bytes.append(UInt8(truncatingIfNeeded: bits))
                (bits, count) = (0, 0)
            } else if byte == UInt8(ascii: "="), padding < 2 {
                padding += 1
            } else if value != blank {
                return nil
            }
        }
        switch count {
        case 0: return bytes
        case 2: bytes.append(UInt8(truncatingIfNeeded: bits >> 4))
        case 3:
            bytes.append(UInt8(truncatingIfNeeded: bits >> 10))
            bytes.append(UInt8(truncatingIfNeeded: bits >> 2))
        default: return nil
        }
        return bytes
    }

    private static let blank: UInt8 = 65

    /// The value of each character: below 64, `blank`, or more where it has none.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 66, count: 256)
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        for (value, character) in alphabet.utf8.enumerated() { values[Int(character)] = UInt8(value) }
        (values[Int(UInt8(ascii: "-"))], values[Int(UInt8(ascii: "_"))]) = (62, 63)
        for character in " \t\r\n".utf8 { values[Int(character)] = blank }
        return values
    }()
}
