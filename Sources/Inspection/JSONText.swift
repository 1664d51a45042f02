extension TextOutput {
    /// Adds a JSON string.
    func json(_ text: String) throws {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count + 2)
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "\n"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
            case UInt8(ascii: "\t"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "t")]
            case UInt8(ascii: "\r"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "r")]
            case ..<0x20, 0x7F: bytes += [UInt8](#"\u00"#.utf8) + [Self.hexadecimal[Int(byte >> 4)], Self.hexadecimal[Int(byte & 15)]]
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
        try add(bytes)
    }

    /// Adds `name:`, after a comma where it isn't the first.
    func jsonKey(_ name: String, isFirst: Bool) throws {
        if !isFirst { try add(UInt8(ascii: ",")) }
        try json(name)
        try add(UInt8(ascii: ":"))
    }

    private static let hexadecimal = Array("0123456789abcdef".utf8)
}
