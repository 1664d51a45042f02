import ImageSets

/// Pieces of JSON as bytes.
enum JSONText {
    /// Appends a text in quotes.
    static func append(text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0x0A: append("\\n", to: &bytes)
            case 0x0D: append("\\r", to: &bytes)
            case 0x09: append("\\t", to: &bytes)
            case 0..<0x20:
                append("\\u00", to: &bytes)
                bytes.append(UInt8(ascii: "0") + (byte >> 4))
                let low = byte & 15
                bytes.append(low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "a") + low - 10)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Appends a piece as it is.
    @inline(__always)
    static func append(_ piece: StaticString, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: piece.utf8Start, count: piece.utf8CodeUnitCount))
    }

    /// Appends a list of numbers.
    static func append(_ numbers: some Sequence<Double>, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "["))
        var isFirst = true
        for number in numbers {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            DecimalText.append(number, to: &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    /// Appends lists of numbers.
    static func append(lists: [[Double]], to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "["))
        for (index, numbers) in lists.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            append(numbers, to: &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
    }
}
