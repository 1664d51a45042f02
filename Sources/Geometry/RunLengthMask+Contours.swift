extension RunLengthMask {
    /// The outlines of a mask.
    public struct Contours: Hashable, Sendable {
        /// One polygon, x, y, x, y …, for each part that hangs together.
        ///
        /// It has exactly the part's pixels, and those of its holes. In the order of the parts' leftmost pixels.
        public var outlines: [[Double]] = []
        /// The rims of holes, which the outlines do not show; with these the area is that of the even-odd rule.
        public var holeRims: [[Double]] = []
        /// Outlines and rims.
        public var rims: [[Double]] { outlines + holeRims }
    }

    /// Walks along the edges between pixels inside and outside.
    ///
    /// Pixels that touch at a corner hang together. Vertices stand where the walk turns.
    public func contours() -> Contours {
        var contours = Contours()
        guard let pixels = PixelSet(self) else { return contours }
        // An outline or the rim of a hole always has an upper edge of a pixel, which is walked to the right.
        var walked = PixelSet(over: pixels)
        for x in 0..<pixels.width {
            for y in 0..<pixels.height where pixels.contains(x, y) && !pixels.contains(x, y - 1) && !walked.contains(x, y) {
                let rim = Self.rim(of: pixels, fromX: x, y: y, walked: &walked)
                if rim.isOutline { contours.outlines.append(rim.corners) } else { contours.holeRims.append(rim.corners) }
            }
        }
        return contours
    }

    /// Walks one rim with the inside at its right hand, from the upper left corner of a pixel.
    private static func rim(
        of pixels: PixelSet,
        fromX startX: Int,
        y startY: Int,
        walked: inout PixelSet
    ) -> (corners: [Double], isOutline: Bool) {
        var corners: [Double] = []
        var doubleArea = 0
        var (x, y) = (startX, startY)
        var (dx, dy) = (1, 0)
        repeat {
            // From corner (x, y) along (dx, dy), with the inside at the right hand.
            if dx == 1 { walked.insert(x, y) }
            doubleArea += x * (y + dy) - (x + dx) * y
            x += dx
            y += dy
            // The pixels ahead at the left and the right hand.
            let left = pixels.contains(x + (dx + dy - 1) / 2, y + (dy - dx - 1) / 2)
            let right = pixels.contains(x + (dx - dy - 1) / 2, y + (dy + dx - 1) / 2)
            var turned = (dx, dy)
            // Where both are inside the rim turns left, and also where only the left one is: they touch at the corner.
            if left { turned = (dy, -dx) } else if !right { turned = (-dy, dx) }
            if turned != (dx, dy) {
                corners.append(Double(x + pixels.originX))
                corners.append(Double(y + pixels.originY))
                (dx, dy) = turned
            }
        } while x != startX || y != startY || dx != 1 || dy != 0
        return (corners, doubleArea > 0)
    }
}
