/// An input that is parts with separators between them.
///
/// A separator rather than lengths, so that the fuzzer may lengthen and cut each part.
public struct InputParts {
    private let parts: [UnsafeRawBufferPointer]

    /// No text and no usual binary form has these bytes in a row.
    private static let separator: [UInt8] = [0xFE, 0xFF, 0xFE, 0xFF]

    /// Takes an input apart into at most so many parts.
    public init(_ data: UnsafePointer<UInt8>?, _ count: Int, atMost limit: Int) {
        let input = UnsafeRawBufferPointer(start: data, count: count)
        var parts: [UnsafeRawBufferPointer] = []
        var start = 0
        var offset = 0
        while parts.count + 1 < limit, offset + Self.separator.count <= input.count {
            if input[offset] == Self.separator[0], input[offset..<offset + Self.separator.count].elementsEqual(Self.separator) {
                parts.append(UnsafeRawBufferPointer(rebasing: input[start..<offset]))
                offset += Self.separator.count
                start = offset
            } else {
                offset += 1
            }
        }
        parts.append(UnsafeRawBufferPointer(rebasing: input[start...]))
        self.parts = parts
    }

    /// A part; empty where there are fewer.
    public subscript(_ index: Int) -> UnsafeRawBufferPointer {
        index < parts.count ? parts[index] : UnsafeRawBufferPointer(start: nil, count: 0)
    }
}
