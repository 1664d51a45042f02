import Geometry

/// The painted masks of one image: for each pixel its class, and the thing of the image that it belongs to.
struct VOCPainting {
    let width: Int
    let height: Int
    private(set) var classes: [UInt8]
    private(set) var things: [UInt8]
    private var count = 0

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
        classes = [UInt8](repeating: VOCColours.background, count: width * height)
        things = classes
    }

    /// Paints over what lies there.
    ///
    /// - Returns: false where the image holds as many things as there are values.
    mutating func paint(_ mask: RunLengthMask, value: UInt8) -> Bool {
        guard count < VOCColours.mostValues else { return false }
        count += 1
        let thing = UInt8(count)
        let (columns, rows) = (width, height)
        classes.withUnsafeMutableBufferPointer { classes in
            things.withUnsafeMutableBufferPointer { things in
                mask.forEachRun { start, length in
                    var (x, y) = start.quotientAndRemainder(dividingBy: rows)
                    for _ in 0..<length {
                        classes[y * columns + x] = value
                        things[y * columns + x] = thing
                        y += 1
                        if y == rows { (x, y) = (x + 1, 0) }
                    }
                }
            }
        }
        return true
    }

    /// Makes void what lies no farther than so many pixels from the edge of a thing.
    mutating func addBorder(_ pixels: Int) {
        guard pixels > 0 else { return }
        var marked = [Bool](repeating: false, count: things.count)
        for y in 0..<height {
            for x in 0..<width {
                let here = things[y * width + x]
                let isEdge =
                    (x + 1 < width && things[y * width + x + 1] != here) || (y + 1 < height && things[(y + 1) * width + x] != here)
                    || (x > 0 && things[y * width + x - 1] != here) || (y > 0 && things[(y - 1) * width + x] != here)
                marked[y * width + x] = isEdge
            }
        }
        // Each further pixel: what has a marked one beside it.
        for _ in 1..<pixels {
            var grown = marked
            for y in 0..<height {
                for x in 0..<width where marked[y * width + x] {
                    if x > 0 { grown[y * width + x - 1] = true }
                    if x + 1 < width { grown[y * width + x + 1] = true }
                    if y > 0 { grown[(y - 1) * width + x] = true }
                    if y + 1 < height { grown[(y + 1) * width + x] = true }
                }
            }
            marked = grown
        }
        for index in marked.indices where marked[index] {
            classes[index] = VOCColours.void
            things[index] = VOCColours.void
        }
    }
}
