/// H.264 and H.265 byte streams in the form of their standards' annex B: units, each after a start code.
enum AnnexB {
    /// The places of the units in the bytes, without start codes and the zeros that may follow a unit.
    static func units(_ bytes: UnsafeRawBufferPointer) -> [Range<Int>] {
        var units: [Range<Int>] = []
        var start: Int?
        var position = 0
        while position + 3 <= bytes.count {
            // A start code is 0, 0, 1; most bytes rule out that one begins at any of the next three places.
            if bytes[position + 2] > 1 {
                position += 3
            } else if bytes[position] == 0, bytes[position + 1] == 0, bytes[position + 2] == 1 {
                if let start { units.append(unit(bytes, start, position)) }
                position += 3
                start = position
            } else {
                position += 1
            }
        }
        if let start { units.append(unit(bytes, start, bytes.count)) }
        return units.filter { !$0.isEmpty }
    }

    private static func unit(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> Range<Int> {
        var end = end
        while end > start, bytes[end - 1] == 0 { end -= 1 }
        return start..<end
    }
}
