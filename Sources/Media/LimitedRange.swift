/// Eight-bit values of the whole range, as JPEG has them, to the range that video has: 16 to 235, and 16 to 240 for
/// colour differences (ITU-R BT.601).
///
/// All arithmetic stays within sixteen bits, so that the compiler makes vector instructions of the loops.
enum LimitedRange {
    /// 16 + value × 219 / 255, rounded.
    @inline(__always) static func luma(_ value: UInt8) -> UInt8 {
        let scaled = UInt16(value) &* 219 &+ 128
        return UInt8(truncatingIfNeeded: dividedBy255(scaled) &+ 16)
    }

    /// 128 + (value − 128) × 224 / 255, rounded.
    @inline(__always) static func chroma(_ value: UInt16) -> UInt8 {
        UInt8(truncatingIfNeeded: dividedBy255(value &* 224 &+ 3968 &+ 128))
    }

    /// A number that has 128 added already, divided and rounded; exact up to 65,280.
    @inline(__always) private static func dividedBy255(_ value: UInt16) -> UInt16 {
        (value &+ (value &>> 8)) &>> 8
    }

    /// One row of luma.
    static func lumaRow(_ source: UnsafePointer<UInt8>, _ target: UnsafeMutablePointer<UInt8>, count: Int) {
        for x in 0..<count { target[x] = luma(source[x]) }
    }

    /// One row of colour differences, as it is.
    static func chromaRow(_ source: UnsafePointer<UInt8>, _ target: UnsafeMutablePointer<UInt8>, count: Int) {
        for x in 0..<count { target[x] = chroma(UInt16(source[x])) }
    }

    /// One row of colour differences, each the mean of two, one below the other.
    static func chromaRow(
        _ upper: UnsafePointer<UInt8>,
        _ lower: UnsafePointer<UInt8>,
        _ target: UnsafeMutablePointer<UInt8>,
        count: Int
    ) {
        for x in 0..<count { target[x] = chroma((UInt16(upper[x]) &+ UInt16(lower[x]) &+ 1) &>> 1) }
    }

    /// One row of colour differences, each the mean of a square of four.
    static func chromaRowOfSquares(
        _ upper: UnsafePointer<UInt8>,
        _ lower: UnsafePointer<UInt8>,
        _ target: UnsafeMutablePointer<UInt8>,
        count: Int
    ) {
        for x in 0..<count {
            let left = UInt16(upper[2 &* x]) &+ UInt16(lower[2 &* x])
            let right = UInt16(upper[2 &* x &+ 1]) &+ UInt16(lower[2 &* x &+ 1])
            target[x] = chroma((left &+ right &+ 2) &>> 2)
        }
    }
}
