/// The pixels of a mask within their box, a bit each, for walks that ask for neighbours.
struct PixelSet {
    /// The box's first column and row in the mask.
    let originX: Int
    let originY: Int
    let width: Int
    let height: Int
    private var words: [UInt64]

    /// The pixels of a mask; nil where there are none.
    init?(_ mask: RunLengthMask) {
        guard let box = mask.box else { return nil }
        originX = Int(box.x)
        originY = Int(box.y)
        width = Int(box.width)
        height = Int(box.height)
        words = [UInt64](repeating: 0, count: (width * height + 63) / 64)
        let rows = mask.height
        let (left, top, boxHeight) = (originX, originY, height)
        var filled = words
        mask.forEachRun { start, count in
            var position = start
            let end = start + count
            while position < end {
                let column = position / rows
                let stop = min(end, (column + 1) * rows)
                let base = (column - left) * boxHeight - column * rows - top
                for index in (base + position)..<(base + stop) { filled[index >> 6] |= 1 << UInt64(index & 63) }
                position = stop
            }
        }
        words = filled
    }

    /// An empty set over the same box.
    init(over other: PixelSet) {
        (originX, originY, width, height) = (other.originX, other.originY, other.width, other.height)
        words = [UInt64](repeating: 0, count: other.words.count)
    }

    /// Whether the pixel belongs to it; none outside the box does.
    func contains(_ x: Int, _ y: Int) -> Bool {
        guard x >= 0, y >= 0, x < width, y < height else { return false }
        let index = x * height + y
        return words[index >> 6] >> UInt64(index & 63) & 1 != 0
    }

    /// Adds a pixel of the box.
    mutating func insert(_ x: Int, _ y: Int) {
        let index = x * height + y
        words[index >> 6] |= 1 << UInt64(index & 63)
    }
}
