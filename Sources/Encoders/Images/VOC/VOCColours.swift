/// The colours of Pascal VOC's painted masks.
enum VOCColours {
    /// The value of pixels that belong to no thing: background.
    static let background: UInt8 = 0
    /// The value of pixels that trainers ignore.
    static let void: UInt8 = 255
    /// Classes, and things of one image, that have a value of their own.
    static let mostValues = 254

    /// The colour of each value, 0xRRGGBB.
    ///
    /// The devkit's rule deals the value's bits out to the highest bits of red, green and blue by turns; void is cream white by
    /// that rule too.
    static let palette: [UInt32] = (0..<256).map { value in
        var (red, green, blue): (UInt32, UInt32, UInt32) = (0, 0, 0)
        var bits = UInt32(value)
        for shift in (0..<8).reversed() {
            red |= (bits & 1) << UInt32(shift)
            green |= (bits >> 1 & 1) << UInt32(shift)
            blue |= (bits >> 2 & 1) << UInt32(shift)
            bits >>= 3
        }
        return red << 16 | green << 8 | blue
    }
}
