import Geometry
import ImageSets

/// Pieces of JSON as bytes.
enum JSONText {
    /// Appends a text in quotes.
    static func append(text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
            bytes.append(contentsOf: text.utf8)
            return bytes.append(UInt8(ascii: "\""))
        }
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
    static func append(_ numbers: [Double], to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "["))
        numbers.withUnsafeBufferPointer { DecimalText.append($0, to: &bytes) }
        bytes.append(UInt8(ascii: "]"))
    }

    /// Appends a box's corner and extent with commas between them.
    static func append(_ box: PixelBox, to bytes: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: Double.self, capacity: 4) { numbers in
            (numbers[0], numbers[1], numbers[2], numbers[3]) = (box.x, box.y, box.width, box.height)
            DecimalText.append(UnsafeBufferPointer(numbers), to: &bytes)
        }
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
